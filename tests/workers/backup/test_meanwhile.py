"""Backups that are made while others write: what the cut is, and that what is half copied is never seen."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from redis import Redis

from jobs.ingestion import RebuildRequest
from jobs.model import NewJob, State
from stores.corpus import read_corpus
from stores.documents import Record, Shelf
from stores.documents_sqlite import SqliteDocuments
from stores.graph import Selection
from stores.vault_obstore import ObjectVault
from tests.workers.backup.conftest import TENANT, SmallFarm, fill, small_farm
from tests.workers.query.knowledge import Running
from workers.backup.restore import restore
from workers.backup.take import take
from workers.query.rebuild import rebuild


class Watched(SqliteDocuments):
    """Documents that call somebody when the chunks of the home tenant are copied."""

    meanwhile: Callable[[], None] | None = None

    def find(self, tenant: str, shelf: Shelf, **asked: Any) -> list[Record]:
        found = super().find(tenant, shelf, **asked)
        if shelf is Shelf.CHUNKS and tenant == TENANT and "batch" not in asked and self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()
        return found


def watched_farm(redis: Redis, folder: Path, vault: ObjectVault) -> tuple[SmallFarm, Watched]:
    """Return a filled farm whose documents tell when they are copied."""
    documents = Watched(folder / "documents.sqlite", patience_s=5)
    farm = small_farm(redis, folder, vault=vault, documents=documents)
    fill(farm)
    return farm, documents


def shown(farm: SmallFarm) -> Sequence[str]:
    """Return the batches that readers see."""
    hidden = read_corpus(farm.documents, TENANT).hidden
    return sorted(one.id for one in farm.documents.find(TENANT, Shelf.BATCHES) if one.id not in hidden)


def test_knowledge_that_changed_once_is_copied_once_more(
    redis_client: Redis, tmp_path: Path, vault: ObjectVault
) -> None:
    farm, documents = watched_farm(redis_client, tmp_path / "data", vault)
    documents.meanwhile = lambda: farm.take_in("late", "The probe was moved by a millimetre.")

    taken = take(farm.backup)
    seen = shown(farm)
    other = farm.moved_to(tmp_path / "other")
    restore(other.backup, taken.id)

    assert taken.cut.unsettled == {}
    assert shown(other) == seen
    assert "document:late" in seen
    farm.close()


def test_what_changes_all_the_time_is_hidden_until_its_job_or_the_next_writer_comes(
    redis_client: Redis, tmp_path: Path, vault: ObjectVault
) -> None:
    farm, documents = watched_farm(redis_client, tmp_path / "data", vault)
    before = shown(farm)

    def again() -> None:
        farm.take_in("late", f"The probe was moved {len(farm.moved)} times.", job_id=f"late-{len(moves)}")
        moves.append(1)
        if len(moves) == 1:
            documents.meanwhile = lambda: farm.take_in("later", "And once more, by two.")

    moves: list[int] = []
    documents.meanwhile = again
    taken = take(farm.backup)
    other = farm.moved_to(tmp_path / "other")
    done = restore(other.backup, taken.id)
    hidden = shown(other)
    attempt = Running(job_id="rebuild-1")
    rebuild(RebuildRequest(what=("graph",)), tenant=TENANT, job_id="rebuild-1", attempt=attempt, services=other.query)

    assert taken.cut.unsettled == {TENANT: ("document:later",)}
    assert hidden == sorted([*before, "document:late"])
    assert done.rebuilds == (f"rebuild-{taken.id}-{TENANT}",)
    # The job that the restore has recorded takes away what was half copied.
    assert other.documents.find(TENANT, Shelf.CHUNKS, batch="document:later") == []
    assert read_corpus(other.documents, TENANT).hidden == frozenset()
    other.take_in("later", "And once more, by two.")
    assert "document:later" in shown(other)
    farm.close()


def test_a_graph_that_is_being_made_again_is_made_again_after_the_restore(
    redis_client: Redis, tmp_path: Path, vault: ObjectVault
) -> None:
    farm, documents = watched_farm(redis_client, tmp_path / "data", vault)
    names = shown(farm)

    def broken_off() -> None:
        # As a rebuild leaves it that was killed in the middle: all hidden, the graph empty.
        found = farm.documents.get(TENANT, Shelf.CORPUS, ["corpus"])["corpus"]
        body = dict(found.body) | {"hidden": list(names)}
        farm.documents.put(TENANT, Shelf.CORPUS, [Record("corpus", body, version=found.version)])
        farm.graph.erase(TENANT)

    documents.meanwhile = broken_off
    taken = take(farm.backup)
    other = farm.moved_to(tmp_path / "other")
    restore(other.backup, taken.id)
    job = other.jobs.get(f"rebuild-{taken.id}-{TENANT}")
    request = RebuildRequest.model_validate(job.params)
    rebuild(request, tenant=TENANT, job_id=job.id, attempt=Running(job_id=job.id), services=other.query)

    assert (job.state, request.what) == (State.QUEUED, ("graph",))
    assert shown(other) == names
    assert other.graph.select(TENANT, Selection("Document", limit=9)) != []
    farm.close()


def test_jobs_that_come_while_it_is_made_are_left_out_with_their_keys(
    redis_client: Redis, tmp_path: Path, vault: ObjectVault
) -> None:
    farm, documents = watched_farm(redis_client, tmp_path / "data", vault)
    documents.meanwhile = lambda: farm.jobs.submit(NewJob("late", "query", {}), idempotency_key="late") and None

    taken = take(farm.backup)
    other = farm.moved_to(tmp_path / "other")
    restore(other.backup, taken.id)

    assert other.jobs.many(["late", "done"]).keys() == {"done"}
    assert other.jobs.repeated("late", tenant=TENANT, fingerprint="") is None
    assert other.jobs.submit(NewJob("late", "query", {}), idempotency_key="late")[1]
    farm.close()


def test_nothing_on_the_server_of_records_is_unknown_to_backups(farm: SmallFarm) -> None:
    farm.redis.set("simulation", "a queue's list is known")
    farm.redis.set("somebody:elses", "1")

    taken = take(farm.backup)

    assert taken.left_out == {"somebody": 1}
