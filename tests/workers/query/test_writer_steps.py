"""Batches that are larger than what is written at once: nothing of them is lost or made twice."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from jobs.knowledge import Label, Link
from jobs.knowledge import Space as Spaces
from stores.documents import Shelf
from stores.graph import Node, Relation
from stores.memory_documents import MemoryDocuments
from stores.vectors import FloatArray, Passage, Space
from tests.workers.query.knowledge import TENANT, all_records, graph_of, memory_services
from workers.query.blocks import BLOCK, graph_records
from workers.query.blocks import graph_of as blocks_of
from workers.query.content import Content, Found
from workers.query.corpus import writing
from workers.query.profiles import DIMENSIONS, MODEL
from workers.query.services import QueryServices
from workers.query.writer import things_of, write
from workers.query.writer_steps import PORTION, TEXTS

MANY = max(PORTION, BLOCK) + 1
THINGS = [f"instruction:{number:06d}" for number in range(MANY)]
RING = [*THINGS[1:], THINGS[0]]


class Counted:
    """An encoder that notes how many texts it is given, and tells each by its number."""

    model = "numbers-1"
    dimensions = 2

    def __init__(self) -> None:
        self.given: list[int] = []

    def encode(self, texts: Sequence[str]) -> FloatArray:
        self.given.append(len(texts))
        turned = np.array([float(text.split()[-1]) for text in texts]) / MANY
        return np.column_stack([np.cos(turned), np.sin(turned)]).astype(np.float32)


def large(batch: str) -> Content:
    """Return a batch of MANY things in a ring, each with a passage and a profile."""
    rng = np.random.default_rng(7)
    return Content(
        batch=batch,
        kind="measurements",
        title=batch,
        created_at=0.0,
        source={},
        nodes=[Node(Label.INSTRUCTION, thing, {"address": number}) for number, thing in enumerate(THINGS)],
        relations=[
            Relation(Link.CORRELATES_WITH, one, following, {"weight": 0.8})
            for one, following in zip(THINGS, RING, strict=True)
        ],
        found=[
            Found(Passage(thing, "instruction", f"instruction {number}"), (thing,))
            for number, thing in enumerate(THINGS)
        ],
        profiles=dict(zip(THINGS, rng.uniform(1, 2, (MANY, DIMENSIONS)).astype(np.float32), strict=True)),
    )


def put(content: Content, services: QueryServices) -> None:
    with writing(TENANT, content.batch, services, check=lambda: None) as lease:
        write(content, digest="", job=content.batch, lease=lease, services=services, report=lambda _: None)


def test_a_batch_of_many_portions_is_there_whole_and_another_of_the_same_texts_encodes_none_again(
    tmp_path: Path,
) -> None:
    encoder = Counted()
    services = memory_services(tmp_path, encoder=encoder)
    content = large("a")

    put(content, services)
    given = list(encoder.given)
    put(large("b"), services)

    assert (sum(given), max(given), encoder.given) == (MANY, TEXTS, given)
    graph = graph_of(services.graph)
    assert set(graph["nodes"]) == set(THINGS)
    assert set(graph["relations"]) == {(each.kind, each.source, each.target) for each in content.relations}
    assert set(services.texts.passages(TENANT, THINGS)) == set(THINGS)
    texts = services.vectors.vectors(TENANT, Space(Spaces.INSTRUCTIONS, encoder.model, encoder.dimensions), THINGS)
    assert np.all(np.diff([texts[thing][1] for thing in THINGS]) > 0)
    profiles = Space(Spaces.MEASUREMENTS, MODEL, DIMENSIONS)
    for batch in ("a", "b"):
        assert len(services.vectors.vectors(TENANT, profiles, [f"{batch}|{thing}" for thing in THINGS])) == MANY
        blocks = list(blocks_of(services.documents, TENANT, batch))
        assert [node for nodes, _ in blocks for node in nodes] == content.nodes
        assert [relation for _, relations in blocks for relation in relations] == content.relations
        assert max(len(nodes) + len(relations) for nodes, relations in blocks) == BLOCK
        assert things_of(batch, TENANT, services) == THINGS
    assert len(all_records(services.documents, Shelf.MEMBERS)) == 2 * MANY


def test_blocks_come_back_in_their_order_however_many_there_are() -> None:
    documents = MemoryDocuments(clock=lambda: 0.0)
    nodes = [Node(Label.INSTRUCTION, str(number)) for number in range(17 * BLOCK + 1)]
    documents.put(TENANT, Shelf.GRAPH, graph_records(replace(large("a"), nodes=nodes, relations=[])))

    blocks = list(blocks_of(documents, TENANT, "a"))

    assert [node for found, _ in blocks for node in found] == nodes
    assert len(blocks) == 18
