"""Instructions with similar 72-dimension profiles."""

from collections.abc import Mapping

from jobs.errors import NotFound
from jobs.knowledge import Space
from jobs.questions import Similar, SimilarAnswer, SimilarRequest
from stores.corpus import Corpus, read_corpus
from stores.documents import Shelf
from stores.vectors import FloatArray
from stores.vectors import Space as VectorSpace
from workers.query.profiles import DIMENSIONS, MODEL
from workers.query.services import QueryServices
from workers.query.titles import title

SPACE = VectorSpace(Space.MEASUREMENTS.value, MODEL, DIMENSIONS)
OWN = 8
"""Profiles of one instruction that are looked with: one a batch, those of the first batches by name."""
BATCHES = 1000
AT_ONCE = 4
"""Profiles that are asked for at first for each instruction that is wanted; then four times as many, and so on."""
MOST = 20_000

Found = dict[str, tuple[float, list[str]]]
"""By instruction: the best score, and the batches that it was found in."""


def similar(request: SimilarRequest, *, tenant: str, services: QueryServices) -> SimilarAnswer:
    """Return the instructions whose profiles are nearest; raise NotFound for one that nothing was measured of.

    An instruction has a profile in every batch that measured it: the best pair of profiles counts.
    """
    corpus = read_corpus(services.documents, tenant)
    records = services.documents.find(tenant, Shelf.PROFILES, groups=[request.instruction], limit=BATCHES)
    batches = sorted({record.batch for record in records} - corpus.hidden)
    mine = services.vectors.vectors(tenant, SPACE, [f"{batch}|{request.instruction}" for batch in batches])
    if not mine:
        raise NotFound("Nothing was measured of this instruction.", field="instruction")
    best: Found = {}
    for _, vector in sorted(mine.items())[:OWN]:
        for instruction, (score, sources) in _nearest(vector, request, tenant, corpus, services).items():
            known, before = best.get(instruction, (score, []))
            best[instruction] = max(known, score), sorted({*before, *sources})
    return SimilarAnswer(
        instruction=request.instruction,
        similar=_shown(best, request.limit, tenant, corpus, services),
        data_version=corpus.version,
    )


def _nearest(
    vector: FloatArray, request: SimilarRequest, tenant: str, corpus: Corpus, services: QueryServices
) -> Found:
    """Return the instructions nearest to one profile, as many as are wanted unless there are fewer.

    How many profiles that takes is not known before: an instruction may come once a batch, hidden ones come in between.
    """
    wanted = AT_ONCE * (request.limit + 1)
    while True:
        hits = services.vectors.nearest(tenant, SPACE, vector, limit=wanted)
        found: Found = {}
        for hit in hits:
            batch, _, instruction = hit.id.partition("|")
            if instruction != request.instruction and batch not in corpus.hidden:
                found.setdefault(instruction, (hit.score, []))[1].append(batch)
        if len(found) >= request.limit or len(hits) < wanted or wanted >= MOST:
            return found
        wanted *= AT_ONCE


def _shown(
    best: Mapping[str, tuple[float, list[str]]], limit: int, tenant: str, corpus: Corpus, services: QueryServices
) -> tuple[Similar, ...]:
    nodes = services.graph.nodes(tenant, list(best), hidden=corpus.hidden)
    ordered = sorted((name for name in best if name in nodes), key=lambda name: (-best[name][0], name))
    return tuple(
        Similar(id=name, score=round(best[name][0], 6), title=title(nodes[name]), sources=tuple(best[name][1]))
        for name in ordered[:limit]
    )
