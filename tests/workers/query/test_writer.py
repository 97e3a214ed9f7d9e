"""Writing a batch: whole or not seen, however often it breaks off."""

import itertools
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from jobs.errors import StoreUnavailable
from jobs.ingestion import IngestRequest, IngestResult
from jobs.knowledge import Label
from jobs.report import Report
from stores.corpus import read_corpus
from stores.documents import Shelf
from tests.workers.query.knowledge import (
    FIRMWARE,
    TENANT,
    Running,
    all_records,
    csv_of,
    everything,
    graph_of,
    keep_artifact,
    keep_report,
    measured,
    memory_services,
)
from tests.workers.simulation import reports
from tests.workers.simulation.reports import synthetic
from workers.query.ingest import ingest
from workers.query.remove import remove
from workers.query.services import QueryServices

STORES = ("documents", "graph", "vectors", "texts")


class Fragile:
    """A store that stops answering at one call, of all calls to all stores that share the count."""

    def __init__(self, store: Any, count: "Count") -> None:
        self._store = store
        self._count = count

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        if not callable(method):
            return method

        def call(*args: Any, **kwargs: Any) -> Any:
            return self._count.call(lambda: method(*args, **kwargs))

        return call


class Count:
    """Counts calls, and fails one instead of making it."""

    def __init__(self, fail_at: int | None = None) -> None:
        self.calls = 0
        self.fail_at = fail_at
        self.seen: Callable[[], None] = lambda: None

    def call(self, work: Callable[[], Any]) -> Any:
        self.calls += 1
        if self.calls == self.fail_at:
            raise StoreUnavailable("It is away.")
        result = work()
        self.seen()
        return result


def fragile(services: QueryServices, count: Count) -> QueryServices:
    stores: dict[str, Any] = {name: Fragile(getattr(services, name), count) for name in STORES}
    return services._replace(**stores)


def take_in(services: QueryServices, job_id: str = "job-1", **told: Any) -> IngestResult:
    return ingest(IngestRequest(**told), tenant=TENANT, job_id=job_id, attempt=Running(job_id), services=services)


def baseline(folder: Path) -> QueryServices:
    """Return services that know a campaign and a measurement file of the same instructions."""
    services = memory_services(folder)
    take_in(services, "first", campaign=keep_report(services, REPORT))
    take_in(services, "second", **old(services))
    return services


def old(services: QueryServices) -> dict[str, Any]:
    """Return what is asked for to take in the measurements that are there from the beginning."""
    artifact = keep_artifact(services, file_of(1), "text/csv")
    return {"name": "old", "artifact": artifact, "firmware": f"sha256:{reports.FIRMWARE}"}


def small(report: Report) -> Report:
    """Return a report with few instructions."""
    rows = report.rows[:4]
    pcs = tuple(row.place.address for row in rows)
    series = report.series.model_copy(update={"pcs": pcs, "mean": (1.0, 2.0, 3.0, 9.0), "t1": (), "t2": (), "rho": ()})
    return report.model_copy(update={"rows": rows, "findings": report.findings[:3], "series": series, "cpa": None})


@cache
def file_of(seed: int) -> bytes:
    """Return measurements of instructions that the campaign ran."""
    return csv_of(measured(300, 4, seed=seed, firmware=reports.FIRMWARE, first=REPORT.rows[0].place.address))


def newer(report: Report) -> Report:
    """Return another campaign on the same firmware that found other figures."""
    rows = tuple(row.model_copy(update={"executions": row.executions + 1}) for row in report.rows[2:])
    request = report.request.model_copy(update={"name": "again"})
    return report.model_copy(update={"campaign": "c2", "rows": rows, "request": request, "digest": "0" * 64})


REPORT = small(synthetic())
CHANGES: dict[str, Callable[[QueryServices], dict[str, Any]]] = {
    "campaign": lambda services: {"campaign": keep_report(services, newer(REPORT))},
    "measurements": lambda services: {
        "name": "new",
        "artifact": keep_artifact(services, file_of(2), "text/csv"),
        "firmware": f"sha256:{reports.FIRMWARE}",
    },
    "replaced": lambda services: old(services) | {"artifact": keep_artifact(services, file_of(3), "text/csv")},
    "document": lambda _: {"name": "note", "text": f"The function expand_key of {FIRMWARE[:12]} Leaks Power."},
}


# To break off after a call leaves what breaking off before the next one leaves.
@pytest.mark.parametrize("change", ["campaign", "replaced", "document"])
def test_broken_off_anywhere_and_resumed_it_leaves_what_one_run_leaves(change: str, tmp_path: Path) -> None:
    straight = baseline(tmp_path)
    count = Count()
    whole = take_in(fragile(straight, count), "job", **CHANGES[change](straight))
    expected = everything(straight)
    assert count.calls > 20

    for call in range(1, count.calls + 1):
        services = baseline(tmp_path)
        request = CHANGES[change](services)
        with pytest.raises(StoreUnavailable):
            take_in(fragile(services, Count(call)), "job", **request)
        result = take_in(services, "job", **request)

        assert everything(services) == expected, call
        assert replace_unchanged(result) == replace_unchanged(whole), call


def replace_unchanged(result: IngestResult) -> IngestResult:
    """Return a result whose job may have ended just before it could say so."""
    return result.model_copy(update={"unchanged": False})


@pytest.mark.parametrize("change", ["campaign", "measurements", "document"])
def test_until_it_is_whole_a_reader_sees_nothing_of_it(change: str, tmp_path: Path) -> None:
    services = baseline(tmp_path)
    before = graph_of(services.graph)
    version = read_corpus(services.documents, TENANT).version
    seen: list[int] = []

    def look() -> None:
        corpus = read_corpus(services.documents, TENANT)
        if corpus.version == version:
            assert graph_of(services.graph, hidden=corpus.hidden) == before
            seen.append(len(corpus.hidden))

    count = Count()
    count.seen = look
    take_in(fragile(services, count), "job", **CHANGES[change](services))

    assert seen.count(1) > 10
    assert graph_of(services.graph) != before


def test_while_it_is_replaced_a_reader_sees_the_old_one_or_none_or_the_new_one(tmp_path: Path) -> None:
    services = baseline(tmp_path)

    def seen() -> frozenset[tuple[Any, Any]]:
        hidden = read_corpus(services.documents, TENANT).hidden
        nodes = graph_of(services.graph, hidden=hidden)["nodes"].items()
        own = [(key, told[1]["energy_mean"]) for key, told in nodes if key.startswith("measurement:measurements:old|")]
        return frozenset(own)

    states = [seen()]
    count = Count()
    count.seen = lambda: states.append(seen())
    take_in(fragile(services, count), "job", **CHANGES["replaced"](services))

    distinct = [state for state, _ in itertools.groupby(states)]
    assert len(distinct) == 3
    assert distinct[1] == frozenset()
    assert len(distinct[0]) == len(distinct[2]) > 0


def test_the_same_bytes_again_change_nothing(tmp_path: Path) -> None:
    services = baseline(tmp_path)
    before = everything(services)

    result = take_in(services, "again", **old(services))

    assert result.unchanged
    assert everything(services) == before


def test_other_words_about_the_same_bytes_are_another_content(tmp_path: Path) -> None:
    services = baseline(tmp_path)

    result = take_in(services, "again", **old(services), tags=("night",))

    assert not result.unchanged


def test_what_follows_is_owed_by_the_next_writer_if_the_job_never_comes_back(tmp_path: Path) -> None:
    straight, lost = baseline(tmp_path), baseline(tmp_path)
    take_in(straight, "job", **CHANGES["measurements"](straight))
    count = Count()
    version = read_corpus(lost.documents, TENANT).version

    def fail_once_seen() -> None:
        if read_corpus(lost.documents, TENANT).version > version:
            count.fail_at = count.calls + 1

    count.seen = fail_once_seen
    with pytest.raises(StoreUnavailable):
        take_in(fragile(lost, count), "job", **CHANGES["measurements"](lost))
    for services in (straight, lost):
        # Once the lease of the lost job has lapsed.
        later = services._replace(clock=lambda: services.clock() + 1000)  # noqa: B023
        take_in(later, "another", name="other", text="nothing of all this")

    assert graph_of(lost.graph) == graph_of(straight.graph)


def test_two_jobs_with_the_same_batch_write_it_once(tmp_path: Path) -> None:
    services = baseline(tmp_path)
    request = CHANGES["measurements"](services)

    first, second = take_in(services, "a", **request), take_in(services, "b", **request)

    assert (first.unchanged, second.unchanged) == (False, True)
    assert first.version == second.version


def test_shared_figures_follow_from_all_batches_that_are_seen(tmp_path: Path) -> None:
    services = baseline(tmp_path)
    take_in(services, "job", **CHANGES["measurements"](services))
    take_in(services, "job", **CHANGES["campaign"](services))

    alone = [record for record in all_records(services.documents, Shelf.PROFILES) if record.body.get("sample_count")]
    shared = {record.group for record in alone if record.batch == "measurements:new"}
    nodes = services.graph.nodes(TENANT, sorted(shared))
    assert len(nodes) == 4
    for name, node in nodes.items():
        mine = [record.body for record in alone if record.group == name]
        total = sum(body["sample_count"] for body in mine)
        mean = sum(body["sample_count"] * body["avg_energy"] for body in mine) / total
        assert len(mine) == 2
        assert node.properties["sample_count"] == total
        assert node.properties["avg_energy"] == pytest.approx(mean)
        assert node.properties["max_latency"] == max(body["max_latency"] for body in mine)
    again = newer(REPORT)
    for row in again.rows:
        node = nodes[f"{reports.FIRMWARE[:12]}:{row.place.address:08x}"]
        assert node.properties["executions"] == row.executions
        assert node.properties["mnemonic"] == row.place.mnemonic


@pytest.mark.parametrize("taken", ["measurements:old", "campaign:" + REPORT.campaign])
def test_of_a_batch_that_was_removed_nothing_is_left_in_any_store(taken: str, tmp_path: Path) -> None:
    without, services = memory_services(tmp_path), baseline(tmp_path)
    kept = {"measurements:old": {"campaign": keep_report(without, REPORT)}}.get(taken, old(without))
    take_in(without, "first" if "campaign" in kept else "second", **kept)

    remove(taken, tenant=TENANT, job_id="job", attempt=Running("job"), services=services)

    left, expected = everything(services), everything(without)
    for store in ("texts", "graph"):
        assert left[store] == expected[store]
    for shelf, records in expected["documents"].items():
        assert left["documents"][shelf].keys() == records.keys(), shelf
    assert left["corpus"][1] == []


def test_removing_all_leaves_stores_as_they_were_at_first(tmp_path: Path) -> None:
    services = memory_services(tmp_path)
    empty = everything(services)
    for job, change in enumerate(CHANGES.values()):
        take_in(services, f"job-{job}", **change(services))

    for record in all_records(services.documents, Shelf.BATCHES):
        remove(record.id, tenant=TENANT, job_id=record.id, attempt=Running(record.id), services=services)

    left = everything(services)
    for store in ("texts", "graph", "documents"):
        assert left[store] == empty[store]
    assert all(count == 0 for count in services.graph.counts(TENANT).values())


def test_a_removal_that_breaks_off_anywhere_can_be_taken_up(tmp_path: Path) -> None:
    def taken(services: QueryServices) -> Any:
        return remove("measurements:old", tenant=TENANT, job_id="job", attempt=Running("job"), services=services)

    straight = baseline(tmp_path)
    count = Count()
    taken(fragile(straight, count))
    expected = everything(straight)

    for call in range(1, count.calls + 1):
        services = baseline(tmp_path)
        with pytest.raises(StoreUnavailable):
            taken(fragile(services, Count(call)))
        taken(services)

        assert everything(services) == expected, call


def test_a_relation_to_a_thing_that_comes_back_comes_back(tmp_path: Path) -> None:
    services = baseline(tmp_path)
    take_in(services, "note", name="note", text=f"See {REPORT.rows[0].place.function}.")
    before = graph_of(services.graph)["relations"]
    campaign = f"campaign:{REPORT.campaign}"
    assert any(kind == "MENTIONS" for kind, _, _ in before)

    remove(campaign, tenant=TENANT, job_id="r", attempt=Running("r"), services=services)
    without = graph_of(services.graph)["relations"]
    take_in(services, "back", campaign=keep_report(services, REPORT))

    assert len(without) < len(before)
    assert graph_of(services.graph)["relations"] == before


def test_tenants_do_not_see_each_other(tmp_path: Path) -> None:
    services = baseline(tmp_path)

    assert read_corpus(services.documents, "t2").version == 0
    assert graph_of(services.graph, tenant="t2")["nodes"] == {}
    assert not [node for node in graph_of(services.graph)["nodes"].values() if node[0] == Label.DOCUMENT]
