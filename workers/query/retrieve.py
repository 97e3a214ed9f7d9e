"""Passages by words and by meaning, and things around what a question names: what an open question is answered from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from jobs.questions import QueryRequest
from stores.corpus import Corpus
from stores.documents import Record, Shelf
from stores.graph import Node, Subgraph
from stores.vectors import FloatArray, Hit
from stores.vectors import Space as VectorSpace
from stores.words import question_terms
from workers.query.allowed import Allowed
from workers.query.budget import FAILED
from workers.query.confidence import of_passage
from workers.query.plan import Reading
from workers.query.rank import Asked, Candidate, context, fuse, roots
from workers.query.services import QueryServices
from workers.query.spaces import TEXTUAL, space_of
from workers.query.view import View

WIDER = 4
"""Candidates for each passage wanted, as some are hidden or not allowed."""
LEAST = 40
CLEARLY = 0.15
"""Of cosine, above the threshold: without any common word a passage must be so near."""
ALSO = 0.1
"""Of cosine, below the threshold: with common words it may be so far."""
SPOKEN = 5
"""Things that one passage brings into the evidence."""
AROUND = 300
"""Things around the seeds that are looked at."""


@dataclass(frozen=True, slots=True)
class Passed:
    """A passage that may answer the question."""

    id: str
    kind: str
    text: str
    nodes: Sequence[Node]
    """The visible things that it speaks of."""
    ids: tuple[str, ...]
    """Theirs; as documents have them, where the graph did not answer."""
    sources: tuple[str, ...]
    """The visible batches that brought it."""
    score: float
    """0 to 1: how surely it speaks of what was asked."""
    cosine: float | None
    overlap: float
    by_words: bool
    by_meaning: bool

    def weak(self, threshold: float) -> bool:
        """Say whether it shares neither the meaning of the question nor its words.

        Among many passages one is always a little near: without any common word it must be clearly so, with some of them
        a little is enough.
        """
        near = self.cosine if self.cosine is not None else -1.0
        return self.overlap < 0.5 and near < threshold + (-ALSO if self.overlap else CLEARLY)


def asked_words(reading: Reading) -> Asked:
    """Return what a question is about: its own words; of a Spanish one what they are in English, too."""
    content = frozenset(question_terms(reading.words or reading.normal))
    own = (content & roots(reading.normal)) or content
    return Asked(content if reading.language == "es" else own, len(own))


def passages(
    reading: Reading,
    request: QueryRequest,
    view: View,
    services: QueryServices,
    corpus: Corpus,
    *,
    by_words: bool,
    by_meaning: bool,
) -> list[Passed]:
    """Return the passages that are allowed, neither hidden nor weak, best first, at most `top_k`."""
    limit = max(LEAST, WIDER * request.top_k)
    lexical = _by_words(reading, view, services, limit) if by_words else []
    also = [hit.id for hit in lexical]
    empty: list[str] = []
    cosines: dict[str, float] = {}
    if by_meaning:
        cosines = _by_meaning(reading.question, also, view, services, corpus, empty=empty, limit=limit)
    of_words = {hit.id: hit.score for hit in lexical}
    ids = [*of_words, *(key for key in cosines if key not in of_words)]
    if not ids:
        return []
    ranked = fuse(Candidate(key, of_words.get(key), cosines.get(key)) for key in ids)
    chosen = _chosen([key for key, _ in ranked], of_words, cosines, reading, request, view=view)
    held = {space_of(one.kind).value for one in chosen}
    for space in sorted(held & set(empty)):
        # The nearest are there however far they are: a space without any has lost what these passages gave it.
        view.budget.note(f"vector: {space} is empty")
    return chosen


def around(
    seeds: Sequence[str], reading: Reading, view: View, *, hops: int
) -> tuple[list[tuple[Node, float]], Subgraph | None]:
    """Return the things around the seeds that are worth telling, best first."""
    if not seeds:
        return [], None
    try:
        found = view.neighbourhood(seeds, hops=hops, limit=AROUND, sampled=True)
    except FAILED:
        return [], None
    return context(found, frozenset(seeds), asked_words(reading)), found


def _by_words(reading: Reading, view: View, services: QueryServices, limit: int) -> list[Hit]:
    try:
        with view.budget.ask("words"):
            return services.texts.best(view.tenant, reading.words or reading.question, limit=limit)
    except FAILED:
        return []


def _by_meaning(
    question: str,
    also: Sequence[str],
    view: View,
    services: QueryServices,
    corpus: Corpus,
    *,
    empty: list[str],
    limit: int,
) -> dict[str, float]:
    """Return cosines of the nearest passages, and of those in `also`; put into `empty` which spaces hold nothing."""
    spaces = _spaces(services, corpus, view)
    if not spaces:
        return {}
    cosines: dict[str, float] = {}
    try:
        with view.budget.ask("embed"):
            vector = services.encoder.encode([question])[0]
        for space in spaces:
            with view.budget.ask("vector"):
                hits = services.vectors.nearest(view.tenant, space, vector, limit=limit)
            cosines |= {hit.id: hit.score for hit in hits}
            if not hits:
                empty.append(space.name)
        cosines |= _missing(vector, spaces, [key for key in also if key not in cosines], view, services)
    except FAILED:
        return cosines
    return cosines


def _missing(
    vector: FloatArray, spaces: Sequence[VectorSpace], ids: Sequence[str], view: View, services: QueryServices
) -> dict[str, float]:
    cosines: dict[str, float] = {}
    for space in spaces if ids else ():
        with view.budget.ask("vector"):
            vectors = services.vectors.vectors(view.tenant, space, ids)
        cosines |= {key: float(vector @ other) for key, other in vectors.items()}
    return cosines


def _spaces(services: QueryServices, corpus: Corpus, view: View) -> list[VectorSpace]:
    """Return the spaces that serve and that this encoder made."""
    served = [(name.value, corpus.spaces[name.value]) for name in TEXTUAL if name.value in corpus.spaces]
    mine = [name for name, model in served if model == services.encoder.model]
    if len(mine) < len(served):
        view.budget.note("vector: made by another model than the encoder's")
    return [VectorSpace(name, services.encoder.model, services.encoder.dimensions) for name in mine]


def _chosen(
    ranked: Sequence[str],
    of_words: Mapping[str, float],
    cosines: Mapping[str, float],
    reading: Reading,
    request: QueryRequest,
    *,
    view: View,
) -> list[Passed]:
    """Return the first `top_k` that are neither weak nor hidden nor left out by a filter."""
    asked, threshold = asked_words(reading), request.similarity_threshold
    try:
        texts = view.records(Shelf.PASSAGES, ranked)
    except FAILED:
        return []
    near: list[Passed] = []
    for key in ranked:
        if key not in texts:
            continue
        text, cosine = str(texts[key].body.get("text", "")), cosines.get(key)
        shared = asked.share(text)
        one = Passed(
            id=key,
            kind=str(texts[key].body.get("kind", "")),
            text=text,
            nodes=(),
            ids=(),
            sources=(),
            score=of_passage(cosine=cosine, overlap=shared, threshold=threshold),
            cosine=cosine,
            overlap=shared,
            by_words=key in of_words,
            by_meaning=cosine is not None and cosine >= threshold,
        )
        if not one.weak(threshold):
            near.append(one)
    allowed = Allowed.of(request.filters, view)
    found: list[Passed] = []
    for start in range(0, len(near), request.top_k):
        if len(found) < request.top_k:
            # What they speak of can be much, and is read only as far as passages are wanted.
            found += _seen(near[start : start + request.top_k], allowed, view)
    # What is ranked better is at least as sure: one order, one scale.
    found = found[: request.top_k]
    best = list(accumulate((one.score for one in reversed(found)), max))[::-1]
    return [replace(one, score=score) for one, score in zip(found, best, strict=True)]


def _seen(passed: Sequence[Passed], allowed: Allowed, view: View) -> list[Passed]:
    """Return the passages that visible batches brought and that may be spoken of, with what they speak of."""
    try:
        members = view.members([one.id for one in passed])
    except FAILED:
        return []
    by_thing = bool(allowed.filters.severity or allowed.filters.firmware)
    most = WIDER * SPOKEN if by_thing else SPOKEN
    spoken = {key: _spoken(records)[:most] for key, records in members.items()}
    nodes = _nodes([thing for ids in spoken.values() for thing in ids], view)
    found = []
    for one in passed:
        batches = tuple(sorted({record.batch for record in members.get(one.id, ())}))
        things = [nodes[thing] for thing in spoken.get(one.id, ()) if thing in nodes]
        if not batches or not allowed.passage(things, batches):
            continue
        of = [node for node in things if allowed.node(node)][:SPOKEN]
        ids = tuple(node.id for node in of) if view.budget.answers("graph") else tuple(spoken[one.id][:SPOKEN])
        found.append(replace(one, nodes=of, ids=ids, sources=batches))
    return found


def _spoken(records: Sequence[Record]) -> list[str]:
    """Return the things that visible batches say a passage speaks of, in a fixed order."""
    return sorted({str(thing) for record in records for thing in record.body.get("ids", ())})


def _nodes(ids: Sequence[str], view: View) -> Mapping[str, Node]:
    try:
        return view.nodes(ids)
    except FAILED:
        return {}
