"""Many more instructions than could be taken in within minutes: merged into what a question meets, and nothing else.

Nodes and relations are those that ingestion makes of the campaigns' reports, with the figures of the measurement tables
as properties; the graph gets them in ingestion's portions, and the texts get every passage that is new. Their vectors are
drawn at random, as what they mean is not what is measured. Profiles, raw records and the record of what is shared are
left out: a question about other builds does not meet them.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from bench.query_world import TENANT
from bench.questions import gold
from bench.questions.corpus import BenchCorpus, Build, make_corpus
from jobs.knowledge import Label
from jobs.knowledge import Space as Spaces
from stores.documents import Record, Shelf
from stores.graph import Node
from stores.vectors import Passage, Row, Space
from workers.query.content import Found
from workers.query.from_campaign import from_campaign
from workers.query.services import QueryServices

PORTION = 5000


def add_more(services: QueryServices, corpus: BenchCorpus, instructions: int) -> dict[str, float]:
    """Add builds up to so many instructions; return what was added and how long the stores took."""
    known: set[str] = set()
    nodes, took_s = 0, 0.0
    found: list[Passage] = []
    for build in make_corpus(instructions, corpus.seed, samples=1).builds[len(corpus.builds) :]:
        content = from_campaign(build.report, job="bench")
        measured = list(_measured(build, content.nodes))
        passages = [each for each in content.found if each.passage.id not in known]
        known |= {each.passage.id for each in passages}
        found += [each.passage for each in passages]
        began = time.perf_counter()
        for start in range(0, len(measured), PORTION):
            services.graph.merge(TENANT, measured[start : start + PORTION], [], batch=content.batch)
        for start in range(0, len(content.relations), PORTION):
            services.graph.merge(TENANT, [], content.relations[start : start + PORTION], batch=content.batch)
        services.documents.put(TENANT, Shelf.MEMBERS, _members(content.batch, passages))
        took_s += time.perf_counter() - began
        nodes += len(measured)
    began = time.perf_counter()
    _find(services, found)
    took_s += time.perf_counter() - began
    return {"nodes_added": nodes, "passages_added": len(found), "took_s": round(took_s, 1)}


def _measured(build: Build, nodes: Sequence[Node]) -> Iterator[Node]:
    """Give instructions the figures of the build's table."""
    columns = (gold.energy(build), gold.temperature(build), gold.latency(build))
    figures = dict(zip(build.ids, np.stack(columns, axis=1).tolist(), strict=True))
    for node in nodes:
        if node.label == Label.INSTRUCTION:
            energy, temperature, latency = figures[node.id]
            told = {"avg_energy": energy, "avg_temperature": temperature, "max_latency": latency, "sample_count": 1}
            yield replace(node, properties={**node.properties, **told})
        else:
            yield node


def _members(batch: str, passages: list[Found]) -> Iterator[Record]:
    for each in passages:
        yield Record(f"{batch}|{each.passage.id}", {"ids": list(each.ids)}, batch, each.passage.id)


def _find(services: QueryServices, passages: list[Passage]) -> None:
    rng = np.random.default_rng(7)
    space = Space(Spaces.INSTRUCTIONS.value, services.encoder.model, services.encoder.dimensions)
    for start in range(0, len(passages), PORTION):
        portion = passages[start : start + PORTION]
        services.texts.add(TENANT, portion)
        drawn = rng.standard_normal((len(portion), space.dimensions)).astype(np.float32)
        drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
        rows = [Row(passage.id, vector) for passage, vector in zip(portion, drawn, strict=True)]
        services.vectors.upsert(TENANT, space, rows)
