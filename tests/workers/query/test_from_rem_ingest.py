"""Records of a job of REMForge taken into all stores, replaced, taken up again, and taken away without a trace."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jobs.errors import Cancelled, InvalidInput, StoreUnavailable, TooLarge
from jobs.ingestion import RebuildRequest
from jobs.knowledge import Space
from jobs.rem import Modality
from stores.corpus import read_corpus
from stores.documents import Record, Shelf
from stores.memory_documents import MemoryDocuments
from stores.memory_graph import MemoryGraph
from stores.vectors import Space as VectorSpace
from stores.vectors_exact import ExactVectors
from tests.workers.query.knowledge import (
    NOW,
    TENANT,
    Running,
    WordEncoder,
    all_records,
    everything,
    graph_of,
    graph_server,
    keep_report,
    memory_services,
    real_services,
)
from tests.workers.query.rems import DIM, axis, lab, leave, take_in
from tests.workers.query.test_ingest import take_in as ingested
from tests.workers.query.test_writer import REPORT, Count, fragile
from tests.workers.remforge.given_records import CLIP, record
from workers.query.rebuild import rebuild
from workers.query.remove import remove
from workers.query.services import QueryServices

OTHER = CLIP.model_copy(update={"sha256": "ab" * 32})
CLIP_SPACE = VectorSpace(Space.REMS.value, f"{CLIP.name}@{CLIP.sha256[:16]}", DIM)
OTHER_SPACE = VectorSpace(Space.REMS.value, f"{CLIP.name}@{'ab' * 8}", DIM)


@pytest.fixture
def services(tmp_path: Path) -> QueryServices:
    return memory_services(tmp_path)


@pytest.fixture
def real(tmp_path: Path) -> Iterator[QueryServices]:
    with graph_server(tmp_path) as graph:
        yield real_services(tmp_path, graph)


def away(services: QueryServices, batch: str) -> None:
    remove(batch, tenant=TENANT, job_id="r", attempt=Running("r"), services=services)


def nearest(services: QueryServices, space: VectorSpace = CLIP_SPACE, at: int = 0) -> list[str]:
    return [hit.id for hit in services.vectors.nearest(TENANT, space, axis(at), limit=10)]


def test_records_are_in_every_store_and_each_is_a_batch(services: QueryServices) -> None:
    rems, vectors = lab()
    leave(services, "j", rems, vectors)

    result = take_in(services, "j", tags=["lab"])

    assert (result.records, result.unchanged, result.replaced, result.version) == (4, 0, 0, 1)
    ids = [rem.header.rem_id for rem in rems]
    batches = {one.id: one.body for one in all_records(services.documents, Shelf.BATCHES)}
    assert {key: (body["kind"], body["title"], body["state"], body["version"]) for key, body in batches.items()} == {
        rem.header.rem_id: ("rem", rem.header.source.name, "visible", 1) for rem in rems
    }
    assert [one.id for one in all_records(services.documents, Shelf.REMS)] == sorted(ids)
    assert nearest(services) == ids[:2]
    assert services.graph.counts(TENANT)["Rem"] == 4
    [best, *_] = services.texts.best(TENANT, "oscilloscope", limit=1, kinds={"rem"})
    assert best.id == f"{ids[0]}:0"
    corpus = read_corpus(services.documents, TENANT)
    assert corpus.hidden == frozenset()
    assert Space.REMS.value not in corpus.spaces
    assert corpus.dimensions[CLIP_SPACE.key] == DIM


def test_the_same_again_changes_nothing_and_other_words_about_it_replace_it(services: QueryServices) -> None:
    rems, vectors = lab()
    leave(services, "j", rems, vectors)
    first = take_in(services, "j")
    before = everything(services)

    again = take_in(services, "j")
    same = everything(services)
    tagged = take_in(services, "j", tags=["lab"])

    assert (again.records, again.unchanged, again.version) == (4, 4, first.version)
    assert same == before
    assert (tagged.records, tagged.unchanged, tagged.replaced) == (4, 0, 4)
    assert {
        node.properties["tags"] for node in services.graph.nodes(TENANT, [r.header.rem_id for r in rems]).values()
    } == {",lab,"}


def test_the_same_file_forged_again_replaces_its_record_alone(services: QueryServices) -> None:
    rems, vectors = lab()
    leave(services, "j", rems, vectors)
    take_in(services, "j")
    renamed = record("renamed.png", content=b"scope.png", labels=[("keyboard", 0.7)], embedded_by=OTHER, dim=DIM)
    leave(services, "k", [renamed], {"renamed.png": axis(3)})

    result = take_in(services, "k")

    assert (result.records, result.replaced) == (1, 1)
    assert renamed.header.rem_id == rems[0].header.rem_id
    assert nearest(services) == [rems[1].header.rem_id]
    assert nearest(services, OTHER_SPACE) == [renamed.header.rem_id]
    assert services.texts.best(TENANT, "oscilloscope", limit=5) == []
    depicted = {end for kind, start, end in graph_of(services.graph)["relations"] if start == renamed.header.rem_id}
    assert depicted == {"entity:depicted:keyboard"}


def test_files_with_the_same_bytes_are_one_record_the_first(services: QueryServices) -> None:
    leave(services, "j", [record("a.png", content=b"x"), record("b.png", content=b"x"), record("c.png")])

    first, again = take_in(services, "j"), take_in(services, "j")

    assert (first.records, again.unchanged) == (2, 2)
    assert first.warnings == ("1 files have the same bytes as others of the job: each is one record.",)
    names = {one.body["title"] for one in all_records(services.documents, Shelf.BATCHES)}
    assert names == {"a.png", "c.png"}


def test_many_records_are_written_a_group_at_a_time_with_the_same_end(services: QueryServices, tmp_path: Path) -> None:
    rems, vectors = lab()
    alone = memory_services(tmp_path / "alone")
    for place in (services, alone):
        leave(place, "j", rems, vectors)
    attempt = Running("j.ingest")

    together = take_in(services, "j", attempt)
    one_by_one = take_in(alone, "j", Running("j.ingest"), at_once=1)

    assert [progress.done for progress in attempt.progress] == [0, 4]
    assert (together.version, one_by_one.version) == (1, 4)
    left, right = everything(services), everything(alone)
    assert left["graph"] == right["graph"]
    assert left["texts"] == right["texts"]
    for shelf in set(Shelf) - {Shelf.BATCHES, Shelf.HEADS, Shelf.CORPUS}:
        assert left["documents"][shelf] == right["documents"][shelf], shelf


def test_broken_off_anywhere_and_taken_up_it_leaves_what_one_run_leaves(tmp_path: Path) -> None:
    rems, vectors = lab()
    old = record("scope.png", labels=[("keyboard", 0.7)])

    def known(number: str) -> QueryServices:
        services = memory_services(tmp_path / number)
        leave(services, "old", [old])
        leave(services, "j", rems, vectors)
        take_in(services, "old", at_once=2)
        return services

    straight, count = known("straight"), Count()
    take_in(fragile(straight, count), "j", at_once=2)
    expected = everything(straight)
    assert count.calls > 40

    for call in range(1, count.calls + 1):
        services = known(str(call))
        with pytest.raises(StoreUnavailable):
            take_in(fragile(services, Count(call)), "j", at_once=2)
        result = take_in(services, "j", at_once=2)

        assert result.records == 4
        left = everything(services)
        for store in ("graph", "texts"):
            assert left[store] == expected[store], call
        for shelf in set(Shelf) - {Shelf.BATCHES, Shelf.HEADS, Shelf.CORPUS}:
            assert left["documents"][shelf] == expected["documents"][shelf], (call, shelf)
        assert left["corpus"][1] == []


def test_until_a_group_is_whole_nobody_sees_anything_of_it(services: QueryServices) -> None:
    rems, vectors = lab()
    leave(services, "j", rems, vectors)
    states: list[tuple[int, int, int]] = []
    count = Count()

    def look() -> None:
        corpus = read_corpus(services.documents, TENANT)
        nodes = graph_of(services.graph, hidden=corpus.hidden)["nodes"]
        states.append((corpus.version, len(nodes), len(corpus.hidden)))

    count.seen = look
    take_in(fragile(services, count), "j")

    assert {nodes for version, nodes, _ in states if version == 0} == {0}
    assert {hidden for version, _, hidden in states if version == 0} >= {4}
    assert len({nodes for version, nodes, _ in states if version}) == 1


def test_of_a_record_that_is_removed_nothing_is_left_in_any_store(tmp_path: Path) -> None:
    rems, vectors = lab()
    services, without = memory_services(tmp_path / "a"), memory_services(tmp_path / "b")
    for place in (services, without):
        ingested(place, name="note", text="The oscilloscope was calibrated. The AES leaked.")
    leave(services, "j", rems, vectors)
    leave(without, "j", rems[:1] + rems[2:], {"scope.png": axis(0)})
    for place in (services, without):
        take_in(place, "j")

    away(services, rems[1].header.rem_id)

    left, expected = everything(services), everything(without)
    for store in ("texts", "graph"):
        assert left[store] == expected[store]
    for shelf, records in expected["documents"].items():
        assert left["documents"][shelf].keys() == records.keys(), shelf
    assert nearest(services) == [rems[0].header.rem_id]
    assert left["corpus"][1] == []
    for rem in (rems[0], *rems[2:]):
        away(services, rem.header.rem_id)
    away(services, "document:note")
    assert not any(map(len, everything(services)["documents"].values()))
    assert not any(services.graph.counts(TENANT).values())


def test_real_stores_end_as_those_in_memory_do_and_are_empty_after_all_is_removed(
    real: QueryServices, tmp_path: Path
) -> None:
    rems, vectors = lab()
    expected = memory_services(tmp_path / "memory")
    for services in (real, expected):
        leave(
            services,
            "old",
            [record("scope.png", labels=[("keyboard", 0.7)], embedded_by=OTHER, dim=DIM)],
            {"scope.png": axis(1)},
        )
        leave(services, "j", rems, vectors)
        ingested(services, name="note", text="The oscilloscope was calibrated. The AES leaked.")
        take_in(services, "old")
        take_in(services, "j")

    assert graph_of(real.graph) == graph_of(expected.graph)
    one, other = everything(real), everything(expected)
    assert one["texts"] == other["texts"]
    for shelf in set(Shelf) - {Shelf.PASSAGES, Shelf.BATCHES, Shelf.HEADS, Shelf.CORPUS}:
        assert one["documents"][shelf] == other["documents"][shelf]
    assert nearest(real) == nearest(expected) == [rem.header.rem_id for rem in rems[:2]]
    for batch in list(one["documents"][Shelf.BATCHES]):
        away(real, batch)
    left = everything(real)
    assert left["graph"] == {"nodes": {}, "relations": {}}
    assert left["texts"] == {}
    assert not any(left["documents"].values())
    assert real.vectors.count(TENANT, CLIP_SPACE) == real.vectors.count(TENANT, OTHER_SPACE) == 0


def test_a_rebuild_takes_vectors_from_the_documents_and_never_mixes_models(services: QueryServices) -> None:
    rems, vectors = lab()
    by_other = record("other.png", embedded_by=OTHER, dim=DIM)
    leave(services, "j", [*rems, by_other], {**vectors, "other.png": axis(0)})
    take_in(services, "j")
    before = everything(services)
    held = {one.id: one.blob for one in all_records(services.documents, Shelf.VECTORS) if "rem_embeddings" in one.group}
    services.vectors.erase(TENANT)

    rebuild(RebuildRequest(), tenant=TENANT, job_id="b", attempt=Running("b"), services=services)

    after = everything(services)
    assert after["graph"] == before["graph"]
    assert after["texts"] == before["texts"]
    again = {
        one.id: one.blob for one in all_records(services.documents, Shelf.VECTORS) if "rem_embeddings" in one.group
    }
    assert again == held
    assert nearest(services, OTHER_SPACE) == [by_other.header.rem_id]
    assert set(nearest(services)) == {rem.header.rem_id for rem in rems[:2]}


def test_a_rebuild_for_another_text_encoder_leaves_the_image_models_vectors_and_drops_empty_spaces(
    services: QueryServices,
) -> None:
    rems, vectors = lab()
    leave(services, "j", [*rems, record("other.png", embedded_by=OTHER, dim=DIM)], {**vectors, "other.png": axis(0)})
    take_in(services, "j")
    away(services, record("other.png").header.rem_id)
    changed = services._replace(encoder=WordEncoder("words-2", 32))

    rebuild(RebuildRequest(what=("vectors",)), tenant=TENANT, job_id="b", attempt=Running("b"), services=changed)

    corpus = read_corpus(services.documents, TENANT)
    assert corpus.spaces[Space.CHUNKS] == "words-2"
    assert set(nearest(services)) == {rem.header.rem_id for rem in rems[:2]}
    assert CLIP_SPACE.key in corpus.dimensions
    assert OTHER_SPACE.key not in corpus.dimensions


def test_a_record_that_came_before_what_it_names_is_linked_by_the_next_rebuild(tmp_path: Path) -> None:
    name = REPORT.rows[0].place.function
    rem = record(f"{name}-burst.png")
    first, second = memory_services(tmp_path / "a"), memory_services(tmp_path / "b")
    for services in (first, second):
        leave(services, "j", [rem])
    ingested(first, campaign=keep_report(first, REPORT))
    take_in(first, "j")
    take_in(second, "j")
    ingested(second, campaign=keep_report(second, REPORT))

    def mentioned(services: QueryServices) -> set[str]:
        relations = graph_of(services.graph)["relations"]
        return {end for kind, start, end in relations if (kind, start) == ("MENTIONS", rem.header.rem_id)}

    before = mentioned(second)
    rebuild(RebuildRequest(what=("graph",)), tenant=TENANT, job_id="b", attempt=Running("b"), services=second)

    assert before == set()
    assert mentioned(first) == mentioned(second) != set()
    away(second, rem.header.rem_id)
    away(second, f"campaign:{REPORT.campaign}")
    assert not any(map(len, everything(second)["documents"].values()))


def test_a_relation_to_a_thing_that_comes_back_comes_back(services: QueryServices) -> None:
    ingested(services, campaign=keep_report(services, REPORT))
    rem = record(f"{REPORT.rows[0].place.function}.png")
    leave(services, "j", [rem])
    take_in(services, "j")
    before = graph_of(services.graph)["relations"]

    away(services, f"campaign:{REPORT.campaign}")
    without = graph_of(services.graph)["relations"]
    ingested(services, campaign=keep_report(services, REPORT))

    assert any(start == rem.header.rem_id for _, start, _ in before)
    assert without == {}
    assert graph_of(services.graph)["relations"] == before


def test_a_record_that_a_store_refuses_is_left_out_and_told_and_its_neighbours_come_in(tmp_path: Path) -> None:
    class Narrow(MemoryDocuments):
        def put(self, tenant: str, shelf: Shelf, records: Any) -> int:
            kept: list[Record] = list(records)
            if any(shelf is Shelf.REMS and one.body["header"]["source"]["name"] == "talk.wav" for one in kept):
                raise TooLarge("The record is too large.")
            return super().put(tenant, shelf, kept)

    documents = Narrow(clock=lambda: NOW)
    services = memory_services(tmp_path, documents=documents, vectors=ExactVectors(documents))
    rems, vectors = lab()
    leave(services, "j", rems, vectors)

    result = take_in(services, "j")

    assert result.records == 3
    assert result.warnings == ("talk.wav was not taken in: The record is too large.",)
    assert rems[3].header.rem_id not in {one.id for one in all_records(documents, Shelf.BATCHES)}
    assert services.graph.counts(TENANT)["Rem"] == 3
    assert read_corpus(documents, TENANT).hidden == frozenset()


def test_a_job_none_of_whose_records_can_be_kept_fails(tmp_path: Path) -> None:
    class Refusing(MemoryGraph):
        def merge(self, *_: Any, **__: Any) -> None:
            raise InvalidInput("This graph keeps nothing.")

    services = memory_services(tmp_path, graph=Refusing())
    leave(services, "j", lab()[0])

    with pytest.raises(InvalidInput, match="keeps nothing"):
        take_in(services, "j")

    assert not any(map(len, everything(services)["documents"].values()))


def test_a_job_that_is_told_to_stop_leaves_whole_records_and_nothing_half_done(services: QueryServices) -> None:
    rems, vectors = lab()
    leave(services, "j", rems, vectors)

    class Stopped(Running):
        def check(self) -> None:
            corpus = read_corpus(services.documents, TENANT)
            if corpus.version and corpus.hidden:
                raise Cancelled("It was cancelled.")

    with pytest.raises(Cancelled):
        take_in(services, "j", Stopped("job"), at_once=2)

    assert [one.body["title"] for one in all_records(services.documents, Shelf.BATCHES)] == ["scope.png", "dog.png"]
    assert services.graph.counts(TENANT)["Rem"] == 2
    assert read_corpus(services.documents, TENANT).hidden == frozenset()
    assert take_in(services, "j", at_once=2).records == 4


def test_what_is_no_job_of_remforge_is_refused(services: QueryServices) -> None:
    services.rems.write("broken", "records.jsonl", [b'{"header": 1}\n'])
    leave(services, "odd", [record()])
    services.rems.write("odd", "vectors.npz", [b"no arrays"])

    with pytest.raises(InvalidInput, match="no such job"):
        take_in(services, "missing")
    with pytest.raises(InvalidInput, match=r"Line 1 of records\.jsonl"):
        take_in(services, "broken")
    with pytest.raises(InvalidInput, match=r"vectors\.npz"):
        take_in(services, "odd")

    assert not any(map(len, everything(services)["documents"].values()))


def test_arrays_that_hold_objects_are_never_unpacked(services: QueryServices, tmp_path: Path) -> None:
    np.savez(tmp_path / "v.npz", ids=np.array([{"a": 1}], object), vectors=np.zeros((1, 4)))
    leave(services, "j", [record(modality=Modality.TEXT, name="a.txt", text="One.")])
    services.rems.write("j", "vectors.npz", [(tmp_path / "v.npz").read_bytes()])

    with pytest.raises(InvalidInput, match=r"vectors\.npz"):
        take_in(services, "j")
