"""Which data folders web looks into, as workers find it in a real Redis."""

import pytest
from redis import Redis

from jobs.errors import StoreUnavailable
from stores.folders_redis import RedisFolders
from stores.records_redis import RedisRecords
from stores.redis_client import connect
from tests.servers import free_port


@pytest.fixture
def folders(redis_client: Redis) -> RedisFolders:
    return RedisFolders(redis_client)


def test_nobody_has_told_of_a_folder_at_first(folders: RedisFolders) -> None:
    assert list(folders.told()) == []


def test_a_folder_that_is_told_of_again_is_the_same(folders: RedisFolders) -> None:
    for machine in ("one", "one", "two"):
        folders.tell("a", machine=machine)

    assert list(folders.told()) == ["a"]


def test_a_machines_new_folder_takes_the_place_of_the_one_before(folders: RedisFolders) -> None:
    folders.tell("wiped", machine="one")

    folders.tell("new", machine="one")

    assert list(folders.told()) == ["new"]


def test_machines_that_share_no_folder_each_have_theirs(folders: RedisFolders) -> None:
    folders.tell("a", machine="one")
    folders.tell("b", machine="two")

    folders.tell("c", machine="two")

    assert sorted(folders.told()) == ["a", "c"]


def test_what_was_told_is_of_no_backup_and_goes_with_the_records(folders: RedisFolders, redis_client: Redis) -> None:
    folders.tell("a", machine="one")
    records = RedisRecords(redis_client)

    copied, unknown, kept = list(records.copy(lambda _job: None)), records.left_out(), records.anything()
    records.erase()

    assert (copied, unknown, kept) == ([], {}, [])
    assert list(folders.told()) == []


def test_a_redis_that_is_away_is_told_as_such() -> None:
    with connect(f"redis://127.0.0.1:{free_port()}/0", patience_s=0) as redis, pytest.raises(StoreUnavailable):
        RedisFolders(redis).told()
