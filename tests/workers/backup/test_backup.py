"""A whole farm into a backup and back: what is as it was, what begins anew, and what is refused."""

from pathlib import Path

import pytest

from config.folder_id import drawn_id, found_id
from jobs.errors import Conflict, NotFound
from jobs.model import NewJob, State
from jobs.queue import Envelope
from stores.artifacts import FileArtifacts, JobFiles
from stores.audit_redis import RedisAudit
from stores.corpus import read_corpus
from stores.folders_redis import RedisFolders
from stores.identity_redis import RedisKeys, RedisTenants
from stores.jobs_redis import RedisJobs
from stores.webhooks_redis import RedisDeliveries
from stores.workers_redis import RedisWorkers
from tests.servers import eventually
from tests.workers.backup.conftest import TENANT, SmallFarm
from workers.backup.manifest import Manifest
from workers.backup.restore import restore
from workers.backup.take import take


def contents(manifest: Manifest, *components: str) -> dict[str, str]:
    """Return what each group of components comes to."""
    return {f"{one.component}/{one.name}": one.content for one in manifest.groups if one.component in components}


def listed(farm: SmallFarm, **wanted: str) -> list[str]:
    """Return the ids of listed jobs, newest first."""
    choice = {"kind": None, "state": None, "tag": None} | wanted
    page = farm.jobs.find(tenant=TENANT, cursor=None, limit=100, **choice)  # type: ignore[arg-type]  # as the test says
    return [job.id for job in page.jobs]


def test_documents_graph_and_files_come_back_to_the_same_digests(farm: SmallFarm, tmp_path: Path) -> None:
    taken = take(farm.backup)
    other = farm.moved_to(tmp_path / "other")

    restore(other.backup, taken.id)
    again = take(other.backup)

    wanted = contents(taken, "documents", "graph", "files")
    assert {name.partition("/")[0] for name in wanted} == {"documents", "graph", "files"}
    assert contents(again, "documents", "graph", "files") == wanted
    assert taken.left_out == {}


def test_what_had_ended_is_as_it_was(farm: SmallFarm, tmp_path: Path) -> None:
    ended = ("done", "told", "poison", "many-0")
    before = {job_id: farm.jobs.get(job_id) for job_id in ended}
    events = {job_id: list(farm.jobs.events(job_id, after=None)) for job_id in ended}
    taken = take(farm.backup)
    other = farm.moved_to(tmp_path / "other")

    done = restore(other.backup, taken.id)

    assert {job_id: other.jobs.get(job_id) for job_id in ended} == before
    assert {job_id: list(other.jobs.events(job_id, after=None)) for job_id in ended} == events
    assert done.jobs.ended == len(ended)
    assert [letter.job_id for letter in other.jobs.dead_letters(tenant=TENANT, limit=9)] == ["poison"]
    assert other.jobs.repeated("one", tenant=TENANT, fingerprint="") == before["done"]
    assert listed(other, tag="night") == ["done"]
    assert b"".join(FileArtifacts(other.folder).read(TENANT, before["done"].params["firmware"])) == b"\x7fELF firmware"
    assert JobFiles(other.folder, "campaigns").path("done", "report.json").read_text() == '{"campaign": "done"}'


def test_what_was_in_flight_begins_anew_and_is_found_by_a_sweeper(farm: SmallFarm, tmp_path: Path) -> None:
    taken = take(farm.backup)
    other = farm.moved_to(tmp_path / "other")

    done = restore(other.backup, taken.id)
    due = {job.id for job in other.jobs.lapsed(limit=100)}

    assert due == {"split", "waits", "many-1", "many-2"}
    assert {other.jobs.get(job_id).state for job_id in due} == {State.QUEUED}
    assert (done.jobs.queued, done.jobs.dropped) == (4, 4)
    # Its parts were dropped, and it can split again.
    assert other.jobs.many(["split.0", "split.1", "split.2", "split.merge"]) == {}
    assert JobFiles(other.folder, "campaigns").names("split") == []
    assert other.jobs.start("split", worker="new:1", lease_s=9).name == "STARTED"
    assert other.jobs.get("split").attempts == 2


def test_lists_and_counts_are_those_of_the_records(farm: SmallFarm, tmp_path: Path) -> None:
    everything = listed(farm)
    taken = take(farm.backup)
    other = farm.moved_to(tmp_path / "other")

    restore(other.backup, taken.id)

    assert listed(other) == everything
    assert listed(other, state="running") == []
    assert other.jobs.counts() == {
        ("campaign", State.SUCCEEDED): 1,
        ("campaign", State.FAILED): 1,
        ("campaign", State.QUEUED): 1,
        ("query", State.SUCCEEDED): 2,
        ("query", State.QUEUED): 3,
    }
    assert other.jobs.counts(tenant=TENANT) == other.jobs.counts()
    batch = other.jobs.batch("many")
    assert (batch.states[State.SUCCEEDED], batch.states[State.QUEUED], batch.finished_at) == (1, 2, None)


def test_accounts_come_back_with_their_keys_trails_and_the_secret(farm: SmallFarm, tmp_path: Path) -> None:
    trail = RedisAudit(farm.redis).page("acme", outcome=None, cursor=None, limit=9)
    deliveries = RedisDeliveries(farm.redis).find(TENANT, state=None, cursor=None, limit=9)
    taken = take(farm.backup)
    other = farm.moved_to(tmp_path / "other")

    restore(other.backup, taken.id)

    known = RedisKeys(other.redis).find("k1")
    assert known is not None
    assert (known.digest, [key.prefix for key in RedisKeys(other.redis).of("acme")]) == ("digest", ["k1"])
    assert [tenant.id for tenant in RedisTenants(other.redis).every()] == ["default", "acme"]
    assert RedisAudit(other.redis).page("acme", outcome=None, cursor=None, limit=9) == trail
    assert RedisDeliveries(other.redis).find(TENANT, state=None, cursor=None, limit=9) == deliveries
    secret = other.folder / "secret"
    assert (secret.read_text(), secret.stat().st_mode & 0o777) == ("s" * 64, 0o600)
    assert (other.folder / "closed").exists()


def test_knowledge_of_every_tenant_is_found_again_by_words_and_meaning(farm: SmallFarm, tmp_path: Path) -> None:
    taken = take(farm.backup)
    other = farm.moved_to(tmp_path / "other")

    restore(other.backup, taken.id)

    found = other.query.texts.best(TENANT, "oscilloscope", limit=1)
    assert found == farm.query.texts.best(TENANT, "oscilloscope", limit=1) != []
    assert other.query.vectors.held(TENANT) == farm.query.vectors.held(TENANT) > 0
    assert other.graph.counts("acme") == farm.graph.counts("acme") != {}
    assert read_corpus(other.documents, TENANT) == read_corpus(farm.documents, TENANT)


def test_a_store_that_holds_something_is_left_alone_unless_force_empties_it(farm: SmallFarm, tmp_path: Path) -> None:
    taken = take(farm.backup)
    other = farm.moved_to(tmp_path / "other")
    other.take_in("newer", "This came after the backup.")
    with pytest.raises(Conflict, match="documents is not empty"):
        restore(other.backup, taken.id)
    kept = other.documents.tenants(), other.backup.records.anything()

    restore(other.backup, taken.id, force=True)

    assert kept == ([TENANT], [])
    assert contents(take(other.backup), "documents", "graph") == contents(taken, "documents", "graph")


def test_a_folder_keeps_its_id_and_what_is_restored_elsewhere_is_another(farm: SmallFarm, tmp_path: Path) -> None:
    drawn, folders = drawn_id(farm.folder), RedisFolders(farm.redis)
    folders.tell(drawn, machine="one")
    taken = take(farm.backup)

    restore(farm.backup, taken.id, force=True)
    same, told = found_id(farm.folder), list(folders.told())
    other = farm.moved_to(tmp_path / "other")
    restore(other.backup, taken.id)

    # Web tells of it when it starts; until then nobody compares.
    assert (same, told) == (drawn, [])
    assert (found_id(other.folder), list(folders.told())) == (None, [])
    assert drawn_id(other.folder) != drawn


def test_nothing_is_restored_while_workers_are_alive(farm: SmallFarm, tmp_path: Path) -> None:
    taken = take(farm.backup)
    other = farm.moved_to(tmp_path / "other")
    RedisWorkers(other.redis).beat("simulation1@here", queue="simulation", ttl_s=60)

    with pytest.raises(Conflict, match="simulation1@here is alive"):
        restore(other.backup, taken.id, force=True)

    assert other.documents.tenants() == []


def test_a_component_can_be_put_back_alone(farm: SmallFarm) -> None:
    taken = take(farm.backup)
    for tenant in farm.graph.tenants():
        farm.graph.erase(tenant)
    jobs = listed(farm)

    done = restore(farm.backup, taken.id, only=["graph"])

    assert (done.documents, done.files) == (0, 0)
    assert contents(take(farm.backup), "graph") == contents(taken, "graph")
    assert listed(farm) == jobs


def test_a_restored_backup_job_does_not_run_again(farm: SmallFarm, tmp_path: Path) -> None:
    farm.jobs.submit(NewJob("backup-2026-03-04", "backup", {}))
    farm.jobs.start("backup-2026-03-04", worker="w:1", lease_s=9)
    taken = take(farm.backup)
    other = farm.moved_to(tmp_path / "other")

    restore(other.backup, taken.id)

    assert "backup-2026-03-04" not in listed(other)


def test_jobs_that_were_held_or_out_are_each_run_once_and_charged_anew(farm: SmallFarm, tmp_path: Path) -> None:
    posted = [f"held-{number}" for number in range(5)]
    for job_id in posted:
        farm.jobs.submit(NewJob(job_id, "shard", {}), envelope=Envelope("simulation", job_id))
    out, held = farm.redis.lrange("simulation", 0, -1), farm.jobs.held("simulation")
    taken = take(farm.backup)
    other = farm.moved_to(tmp_path / "other")

    restore(other.backup, taken.id)
    for job in other.jobs.lapsed(limit=100):
        if job.kind == "shard":
            other.jobs.post(job.id, Envelope("simulation", job.id))
    ran: list[str] = []
    while message := other.redis.rpop("simulation"):
        ran.append(str(message))
        other.jobs.start(ran[-1], worker="new:1", lease_s=9)
        other.jobs.finish(ran[-1], {})
    account = other.redis.hget(f"jobs:share:{TENANT}", "account:simulation")

    assert (len(out), held) == (2, {TENANT: 3})
    assert sorted(ran) == posted
    assert {job.state for job in other.jobs.many(posted).values()} == {State.SUCCEEDED}
    assert other.jobs.held("simulation") == {}
    assert not other.redis.hlen("jobs:messages")
    assert isinstance(account, str)
    assert 0 <= float(account) < 5


def test_what_has_expired_since_the_backup_does_not_come_back(farm: SmallFarm, tmp_path: Path) -> None:
    brief = RedisJobs(farm.redis, lease_s=15, retention_s=0.1, tombstone_s=0.1)
    brief.submit_batch("brief", [NewJob("brief-0", "query", {}, batch="brief")], idempotency_key="brief")
    brief.start("brief-0", worker="w:1", lease_s=9)
    brief.finish("brief-0", {})
    taken = take(farm.backup)
    eventually(lambda: not farm.redis.exists("batch:brief"))
    other = farm.moved_to(tmp_path / "other")

    restore(other.backup, taken.id)

    with pytest.raises(NotFound):
        other.jobs.batch("brief")
    assert other.jobs.repeated_batch("brief", tenant=TENANT, fingerprint="") is None
    assert other.jobs.batch("many").states[State.SUCCEEDED] == 1


def test_a_batch_whose_last_job_ended_while_it_was_copied_has_ended(farm: SmallFarm, tmp_path: Path) -> None:
    for job_id in ("many-1", "many-2"):
        farm.jobs.start(job_id, worker="w:1", lease_s=9)
        farm.jobs.finish(job_id, {})
    # As a scan finds it that comes by the batch first, and by its last job when that has ended.
    farm.redis.hdel("batch:many", "finished", "expires")
    farm.redis.hset("batch:many", mapping={"left": 1, "succeeded": 2, "running": 1})
    farm.redis.persist("batch:many")
    taken = take(farm.backup)
    other = farm.moved_to(tmp_path / "other")

    restore(other.backup, taken.id)

    batch = other.jobs.batch("many")
    assert batch.states[State.SUCCEEDED] == 3
    assert batch.finished_at == other.jobs.get("many-2").finished_at
    assert 0 < other.redis.ttl("batch:many") <= 3602


def test_what_was_given_up_while_the_backup_was_made_is_no_dead_letter(farm: SmallFarm, tmp_path: Path) -> None:
    # As a scan finds them that comes by the list after one job was copied, and does not copy the other one.
    farm.redis.zadd(f"jobs:dead:{TENANT}", {"many-1": 1.0, "came-later": 2.0})
    taken = take(farm.backup)
    other = farm.moved_to(tmp_path / "other")

    restore(other.backup, taken.id)

    assert [letter.job_id for letter in other.jobs.dead_letters(tenant=TENANT, limit=9)] == ["poison"]
    assert other.jobs.dead_count() == 1


def test_deliveries_that_came_while_the_backup_was_made_keep_numbers_of_their_own(
    farm: SmallFarm, tmp_path: Path
) -> None:
    # As a scan finds it that comes by the counter first.
    farm.redis.set("webhooks:seq", 0)
    taken = take(farm.backup)
    other = farm.moved_to(tmp_path / "other")

    restore(other.backup, taken.id)
    other.jobs.start("waits", worker="w:1", lease_s=9)
    other.jobs.finish("waits", {})

    found = other.redis.zrange(f"webhooks:list:{TENANT}", 0, -1, withscores=True)
    assert found == [("told", 1.0), ("waits", 2.0)]
