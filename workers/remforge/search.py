"""Records found by words, or by a picture: by the image model where one is set up, and by the words of their passages.

What both found is put into one order by reciprocal ranks (Cormack et al. 2009). A record's score is

    sum over the lists that were searched of 1 / (60 + its rank in the list), divided by that of a record first in all of them

so 1 is the best that could be, and a record that one of two lists does not have scores at most a half. Ties by id.
"""

from collections.abc import Sequence

from jobs.errors import StoreUnavailable
from jobs.forging import FoundRecord, SearchAnswer, SearchRequest
from stores.corpus import Corpus, read_corpus
from stores.rem_space import rem_spaces
from stores.vectors import Vectors
from workers.remforge.probe import Probe, probe_of
from workers.remforge.seen import Candidate, Seen
from workers.remforge.services import ForgeServices

RANKS = 60
"""The constant of reciprocal ranks, as in the paper."""
DEADLINE_S = 30.0
WORDS, MODEL = "words", "image model"


def search(
    request: SearchRequest, *, tenant: str, services: ForgeServices, deadline_s: float = DEADLINE_S
) -> SearchAnswer:
    """Return the records that fit best; what could not be searched is named in `degraded`.

    `deadline_s` is the image model's. Raise InvalidInput for a picture that cannot be read, DeadlineExceeded where only
    the model could have answered, StoreUnavailable where nothing could.
    """
    probe = probe_of(
        request,
        models=services.models,
        decoder=services.decoder,
        picture=lambda artifact: (
            services.artifacts.stat(tenant, artifact),
            services.artifacts.path(tenant, artifact),
        ),
        deadline_s=deadline_s,
    )
    corpus = read_corpus(services.documents, tenant)
    answer = _searched(request, probe, corpus, tenant, services)
    if (now := read_corpus(services.documents, tenant)) != corpus:
        # What was written or removed meanwhile may have been half there.
        answer = _searched(request, probe, now, tenant, services)
    return answer


def fused(lists: Sequence[Sequence[str]]) -> list[tuple[str, float]]:
    """Return ids with their score of 0 to 1 in several lists, best first; ties by id."""
    scores: dict[str, float] = {}
    for ids in lists:
        for rank, key in enumerate(ids, 1):
            scores[key] = scores.get(key, 0.0) + (RANKS + 1) / (RANKS + rank) / len(lists)
    return sorted(scores.items(), key=lambda item: (-round(item[1], 9), item[0]))


def _searched(
    request: SearchRequest, probe: Probe | str, corpus: Corpus, tenant: str, services: ForgeServices
) -> SearchAnswer:
    seen = Seen(services.documents, tenant, corpus.hidden, request.modality)
    degraded: list[str] = []
    by: dict[str, list[Candidate]] = {}
    away: StoreUnavailable | None = None
    if request.query is not None:
        try:
            by[WORDS] = seen.by_words(request.query, services.texts, limit=request.limit)
        except StoreUnavailable as error:
            away = error
            degraded.append(f"{WORDS}: {error.message}")
    cosines: dict[str, float] = {}
    if isinstance(probe, str):
        degraded.append(f"{MODEL}: {probe}")
    else:
        try:
            near = seen.by_vector(probe, services.vectors, limit=request.limit)
            found = {one.id for one in [*near, *by.get(WORDS, ())]}
            cosines = _cosines(probe, sorted(found), tenant, services.vectors)
            degraded += _elsewhere(probe, corpus, tenant, services.vectors)
            by[MODEL] = near
        except StoreUnavailable as error:
            away = error
            degraded.append(f"{MODEL}: {error.message}")
    if away is not None and not by:
        raise away
    ranked = fused([[one.id for one in candidates] for candidates in by.values()])[: request.limit]
    ways = {key: tuple(way for way in by if any(one.id == key for one in by[way])) for key, _ in ranked}
    return SearchAnswer(
        found=tuple(_found(seen, key, score, cosines.get(key), ways[key]) for key, score in ranked),
        degraded=tuple(degraded),
        data_version=corpus.version,
    )


def _cosines(probe: Probe, ids: Sequence[str], tenant: str, vectors: Vectors) -> dict[str, float]:
    """Return the cosine of each record that has a vector of this model, whoever found it."""
    held = vectors.vectors(tenant, probe.space, ids) if ids else {}
    return {key: round(float(vector @ probe.vector), 6) for key, vector in held.items()}


def _elsewhere(probe: Probe, corpus: Corpus, tenant: str, vectors: Vectors) -> list[str]:
    """Say which records the image model cannot find, since another one embedded them."""
    spaces = {space: vectors.count(tenant, space) for space in rem_spaces(corpus.dimensions)}
    mine = spaces.pop(probe.space, 0)
    told = [
        f"{MODEL}: {count} records were embedded by {space.model}, not by {probe.space.model}"
        for space, count in spaces.items()
        if count
    ]
    return told if mine else [*told, f"{MODEL}: no record was embedded by {probe.space.model}"]


def _found(seen: Seen, key: str, score: float, cosine: float | None, ways: tuple[str, ...]) -> FoundRecord:
    body = seen.record(key).body
    return FoundRecord(
        rem_id=key,
        name=body["header"]["source"]["name"],
        modality=body["header"]["modality"],
        headline=body["scales"]["coarse"],
        score=round(score, 6),
        cosine=cosine,
        found_by=ways,
    )
