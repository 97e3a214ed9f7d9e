"""Graph, texts and vectors made again from the documents."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from jobs.errors import StoreUnavailable
from jobs.ingestion import RebuildRequest
from jobs.knowledge import Space as Spaces
from stores.corpus import read_corpus
from stores.documents import Shelf
from stores.memory_graph import MemoryGraph
from stores.vectors import Space
from tests.workers.query.knowledge import (
    TENANT,
    Running,
    WordEncoder,
    all_records,
    everything,
    graph_of,
    keep_report,
    memory_services,
)
from tests.workers.query.test_writer import CHANGES, REPORT, Count, baseline, fragile, take_in
from workers.query.profiles import DIMENSIONS, MODEL
from workers.query.rebuild import rebuild
from workers.query.remove import remove
from workers.query.services import QueryServices

NEW = WordEncoder("words-2", 32)


def again(services: QueryServices, *what: Any) -> dict[str, Any]:
    request = RebuildRequest(what=what) if what else RebuildRequest()
    return rebuild(request, tenant=TENANT, job_id="rebuild", attempt=Running("rebuild"), services=services)


def full(folder: Path) -> QueryServices:
    services = baseline(folder)
    for name in ("campaign", "measurements", "document"):
        take_in(services, f"job-{name}", **CHANGES[name](services))
    return services


def test_a_graph_that_was_lost_is_made_again_as_it_was(tmp_path: Path) -> None:
    services = full(tmp_path)
    before = graph_of(services.graph)
    lost = services._replace(graph=MemoryGraph())

    told = again(lost, "graph")

    assert graph_of(lost.graph) == before
    assert told["graph"] == 5
    assert read_corpus(lost.documents, TENANT).hidden == frozenset()


def test_while_the_graph_is_made_again_nothing_half_made_is_seen(tmp_path: Path) -> None:
    services = full(tmp_path)
    before = graph_of(services.graph)
    states = []
    count = Count()
    count.seen = lambda: states.append(
        graph_of(services.graph, hidden=read_corpus(services.documents, TENANT).hidden)["nodes"]
    )

    again(fragile(services, count), "graph")

    assert {} in states
    assert all(state in ({}, before["nodes"]) for state in states)


def test_a_rebuild_that_breaks_off_anywhere_can_be_taken_up(tmp_path: Path) -> None:
    services = full(tmp_path)
    before = everything(services)
    count = Count()
    again(fragile(services, count))

    for call in range(1, count.calls + 1, 3):
        # Vectors that cannot be counted are taken for damaged, and made again at once.
        with suppress(StoreUnavailable):
            again(fragile(services, Count(call)))
    again(services)

    after = everything(services)
    for store in ("graph", "texts"):
        assert after[store] == before[store]
    for shelf in set(Shelf) - {Shelf.HEADS, Shelf.CORPUS}:
        assert after["documents"][shelf] == before["documents"][shelf]


def test_vectors_that_were_lost_are_made_again(tmp_path: Path) -> None:
    services = full(tmp_path)
    before = {record.id: record.blob for record in all_records(services.documents, Shelf.VECTORS)}
    services.vectors.erase(TENANT)

    again(services, "vectors")

    assert {record.id: record.blob for record in all_records(services.documents, Shelf.VECTORS)} == before


def test_the_vectors_of_another_encoder_serve_from_one_swap_on_and_never_mix(tmp_path: Path) -> None:
    services = full(tmp_path)
    old = {name: Space(name.value, "words-1", 64) for name in (Spaces.INSTRUCTIONS, Spaces.CHUNKS)}
    counts = {name: services.vectors.count(TENANT, space) for name, space in old.items()}
    states: list[tuple[str, int]] = []
    count = Count()
    count.seen = lambda: states.append(
        (
            read_corpus(services.documents, TENANT).spaces[Spaces.INSTRUCTIONS],
            services.vectors.count(TENANT, old[Spaces.INSTRUCTIONS]),
        )
    )
    changed = services._replace(encoder=NEW)

    again(fragile(changed, count), "vectors")

    assert all(there == counts[Spaces.INSTRUCTIONS] for model, there in states if model == "words-1")
    assert {model for model, _ in states} == {"words-1", "words-2"}
    corpus = read_corpus(services.documents, TENANT)
    assert corpus.spaces == {
        Spaces.INSTRUCTIONS: "words-2",
        Spaces.CHUNKS: "words-2",
        Spaces.MEASUREMENTS: MODEL,
    }
    for name, space in old.items():
        assert services.vectors.count(TENANT, space) == 0
        assert services.vectors.count(TENANT, Space(name.value, NEW.model, NEW.dimensions)) == counts[name] > 0
    assert services.vectors.count(TENANT, Space(Spaces.MEASUREMENTS.value, MODEL, DIMENSIONS)) > 0


def test_what_is_written_between_a_new_encoder_and_the_rebuild_is_in_the_space_that_will_serve(tmp_path: Path) -> None:
    services = full(tmp_path)
    changed = services._replace(encoder=NEW)

    take_in(changed, "late", name="late", text="Another note, after the change.")

    assert read_corpus(services.documents, TENANT).spaces[Spaces.CHUNKS] == "words-1"
    assert changed.vectors.count(TENANT, Space(Spaces.CHUNKS.value, NEW.model, NEW.dimensions)) == 1
    again(changed, "vectors")
    assert read_corpus(services.documents, TENANT).spaces[Spaces.CHUNKS] == "words-2"


def test_what_a_job_left_that_never_came_back_is_removed(tmp_path: Path) -> None:
    services = full(tmp_path)
    before = everything(services)
    with pytest.raises(StoreUnavailable):
        take_in(fragile(services, Count(25)), "rebuild", name="broken", text="Half a Batch of Text.")
    assert read_corpus(services.documents, TENANT).hidden

    told = again(services, "graph")

    assert told["removed"] == ["document:broken"]
    after = everything(services)
    assert after["graph"] == before["graph"]
    assert after["documents"][Shelf.BATCHES] == before["documents"][Shelf.BATCHES]
    assert after["documents"][Shelf.MEMBERS] == before["documents"][Shelf.MEMBERS]


def test_a_document_that_came_before_its_campaign_is_linked_by_the_next_rebuild(tmp_path: Path) -> None:
    first, second = memory_services(tmp_path), memory_services(tmp_path)
    name = REPORT.rows[0].place.function
    note = {"name": "note", "text": f"See `{name}` of firmware:{REPORT.code.sha256} in campaign:{REPORT.campaign}."}
    campaign = {"campaign": keep_report(first, REPORT)}
    take_in(first, "a", **campaign)
    take_in(first, "b", **note)
    take_in(second, "b", **note)
    take_in(second, "a", **campaign)

    def mentioned(services: QueryServices) -> set[str]:
        return {end for kind, _, end in graph_of(services.graph)["relations"] if kind == "MENTIONS"}

    before = mentioned(second)
    again(second, "graph")
    linked = everything(second)
    again(second, "graph")

    assert mentioned(first) - before == mentioned(second) - before
    assert len(mentioned(second) - before) == 3
    assert everything(second)["documents"] == linked["documents"]
    assert everything(second)["graph"] == linked["graph"]
    for batch in ("document:note", f"campaign:{REPORT.campaign}"):
        remove(batch, tenant=TENANT, job_id=batch, attempt=Running(batch), services=second)
    assert not any(map(len, everything(second)["documents"].values()))
    assert not any(second.graph.counts(TENANT).values())
