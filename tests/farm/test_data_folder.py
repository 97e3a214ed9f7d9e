"""Workers whose data folder is not the one that web serves, and a folder that goes away and comes back."""

from collections.abc import Callable
from pathlib import Path

import pytest

from config.folder_id import drawn_id
from jobs.abilities import FOLDER
from jobs.model import State
from jobs.queue import PING, SIMULATION
from stores.folders_redis import RedisFolders
from tests.farm.conftest import Farm, worker_of
from tests.servers import eventually

TOLD = "data_folder_differs"


@pytest.fixture
def served(farm: Farm) -> str:
    """Let web look into the farm's folder, and return the folder's id."""
    served = drawn_id(farm.folder)
    RedisFolders(farm.redis).tell(served, machine="web")
    return served


def test_a_worker_with_another_folder_leaves_jobs_to_one_that_has_the_farms(farm: Farm, served: str) -> None:
    farm.data = farm.folder / "elsewhere"
    drawn_id(farm.data)
    farm.start("away")
    farm.submit(PING, echo="x")
    eventually(lambda: _left(farm, "away", "job"), what="the message is given back")
    waiting, said = farm.jobs.get("job"), farm.workers.abilities(["away@test"])["away@test"]

    farm.data = farm.folder
    farm.start("home")
    done = farm.until("job", State.SUCCEEDED, State.FAILED, within_s=60)

    assert (waiting.state, waiting.attempts) == (State.QUEUED, 0)
    assert served in (said[FOLDER].absent or "")
    assert (done.state, worker_of(done), done.attempts) == (State.SUCCEEDED, "home", 1)
    assert FOLDER not in farm.workers.abilities(["home@test"]).get("home@test", {})


@pytest.mark.usefixtures("served")
def test_a_worker_whose_share_is_away_waits_for_it_and_leaves_nothing_beside_it(farm: Farm) -> None:
    empty = farm.folder / "mount-point"
    empty.mkdir()
    farm.data = farm.folder / "data"
    mount = _mounting(farm.data)
    mount(farm.folder)
    farm.start("one")
    assert farm.until(farm.submit(PING, "before"), State.SUCCEEDED).attempts == 1
    farm.submit(PING, "meanwhile", duration_s=3)
    farm.running("meanwhile")

    mount(empty)
    farm.until("meanwhile", State.QUEUED, within_s=60)
    farm.submit(PING, "after")
    eventually(lambda: _left(farm, "one", "after"), what="the message is given back")
    left = list(empty.iterdir())
    mount(farm.folder)
    ended = [farm.until(name, State.SUCCEEDED, State.FAILED, within_s=60) for name in ("meanwhile", "after")]

    assert left == []
    assert [(job.state, job.attempts) for job in ended] == [(State.SUCCEEDED, 2), (State.SUCCEEDED, 1)]


def test_a_farm_of_which_no_web_server_has_told_yet_works(farm: Farm) -> None:
    farm.start("one")
    assert farm.until(farm.submit(PING, "first"), State.SUCCEEDED).attempts == 1

    # Web begins on an empty folder while old records are there: what it has now is the farm's.
    RedisFolders(farm.redis).tell("0" * 32, machine="web")
    farm.submit(PING, "second")
    eventually(lambda: _left(farm, "one", "second"), what="the message is given back")
    RedisFolders(farm.redis).tell(drawn_id(farm.folder), machine="web")

    assert farm.until("second", State.SUCCEEDED, State.FAILED, within_s=60).state is State.SUCCEEDED


def _left(farm: Farm, name: str, job_id: str) -> bool:
    """Say whether a worker has told why it leaves a job alone, and put its message back."""
    lines = (farm.folder / f"{name}.log").read_text().splitlines()
    told = any(TOLD in line and job_id in line for line in lines)
    return told and farm.queue.depth(SIMULATION) > 0


def _mounting(place: Path) -> Callable[[Path], None]:
    """Return what puts a folder at a place, as a mount does."""

    def mount(folder: Path) -> None:
        coming = place.with_name("coming")
        coming.symlink_to(folder)
        coming.replace(place)

    return mount
