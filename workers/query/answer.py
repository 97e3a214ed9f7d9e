"""The answer to a question, from the evidence alone: read, plan, ask the stores, rank, say; or abstain and say why."""

import re
from collections.abc import Sequence
from dataclasses import replace

from jobs.errors import OutOfBudget, StoreUnavailable
from jobs.questions import Answer, Claim, Mode, QueryRequest
from stores.corpus import Corpus, read_corpus
from stores.graph import Node
from workers.query.abstain import abstention, understood
from workers.query.apart import apart, telling
from workers.query.budget import Budget
from workers.query.catalogue import Catalogue
from workers.query.confidence import of_answer, of_plan
from workers.query.evidence import rank
from workers.query.gather import Gathered, gather, is_answer
from workers.query.names import Names
from workers.query.outcome import Explained, Failed, Figured, Listed, Outcome, Surrounded
from workers.query.phrase import WORDS, phrase
from workers.query.plan import Open, Reading
from workers.query.planner import plan
from workers.query.quote import quotes, related
from workers.query.retrieve import asked_words
from workers.query.services import QueryServices
from workers.query.view import View

__all__ = ["Catalogue", "answer"]

ATTEMPTS = 3
"""Times that a question is answered while the data changes under it."""
WHETHER = re.compile(r"\b(did|does|do|has|have|is|was|ayudo|sirvio|sirve|mejoro|arreglo|funciono|ha)\b")
NO_NAMES = Names(())
AROUND = 0.5
"""How surely what lies around answers, for each unit of what it is worth."""


def answer(request: QueryRequest, *, tenant: str, services: QueryServices, catalogue: Catalogue) -> Answer:
    """Answer a question; what failed is named in `degraded`.

    Raise StoreUnavailable if it cannot be known what may be seen, or if that changes faster than can be answered.
    """
    began = services.timer()
    corpus = read_corpus(services.documents, tenant)
    for _ in range(ATTEMPTS):
        found = _answer(request, tenant, services, catalogue, corpus)
        before, corpus = corpus, read_corpus(services.documents, tenant)
        # Whatever was written meanwhile may have been seen half.
        if corpus == before:
            return found.model_copy(update={"processing_time_s": round(services.timer() - began, 6)})
    raise StoreUnavailable("The data changes faster than the question can be answered.")


def _answer(
    request: QueryRequest, tenant: str, services: QueryServices, catalogue: Catalogue, corpus: Corpus
) -> Answer:
    lost: list[tuple[str, Exception | str]] = []
    names = _names(tenant, services, catalogue, corpus, lost)
    budget = Budget(services.timer, seconds=request.budget_s, nodes=request.max_nodes)
    if not lost and not catalogue.graph.allows(services.timer()):
        lost.append(("graph", StoreUnavailable("The graph did not answer just now.")))
    for part, why in lost:
        if isinstance(why, Exception):
            budget.lost(part, why)
        else:
            budget.note(f"{part}: {why}")
    view = View(tenant, corpus.hidden, services.graph, services.documents, budget)
    reading = _reading(request, names, services)
    gathered = gather(reading, request, view, services, corpus)
    found = _told(request, reading, gathered, view, corpus)
    if not lost and budget.failed("graph"):
        catalogue.graph.failed(services.timer())
    return found


def _names(
    tenant: str,
    services: QueryServices,
    catalogue: Catalogue,
    corpus: Corpus,
    lost: list[tuple[str, Exception | str]],
) -> Names | None:
    """Return the names of this version; of an older one, said so, if the graph is away; None without any."""
    try:
        return catalogue.names(tenant, corpus, services)
    except (StoreUnavailable, OutOfBudget) as error:
        lost.append(("graph", error))
        older = catalogue.older(tenant)
        if older is None:
            return None
        lost.append(("names", f"of data version {older[0]}"))
        return older[1]


def _reading(request: QueryRequest, names: Names | None, services: QueryServices) -> Reading:
    reading = plan(request, names or NO_NAMES, today=services.clock())
    reading = replace(reading, language=request.language or reading.language)
    if names is not None and request.mode != Mode.NAIVE:
        return reading
    # Without names nothing can be linked, and nothing be called unknown; naive looks for the meaning alone.
    return replace(reading, steps=(Open(),), mentions=(), unknown=(), said=(reading.question,), confidence=0.0)


def _told(request: QueryRequest, reading: Reading, gathered: Gathered, view: View, corpus: Corpus) -> Answer:
    words = WORDS[reading.language]
    whether = WHETHER.search(reading.normal) is not None
    lines = {id(step): line for step, line in zip(reading.steps, reading.said, strict=False)}
    marked = apart((*gathered.outcomes, *gathered.groups), view)
    gathered = replace(gathered, outcomes=telling(gathered.outcomes, lines))
    telling_steps = {id(outcome.step) for outcome in (*gathered.outcomes, *gathered.groups)}
    planned = [
        claim
        for outcome in marked
        if id(outcome.step) in telling_steps
        for claim in phrase(outcome, words, said=lines.get(id(outcome.step), ""), asked_whether=whether)
    ]
    answered = [outcome for outcome in (*gathered.outcomes, *gathered.groups) if is_answer(outcome)]
    gathered = _worthy(gathered, reading, planned)
    reading = understood(reading, (passage.text for passage in gathered.passages))
    asked = asked_words(reading)
    quoted = quotes(gathered.passages, asked, words)
    claims = [*planned, *quoted, *(related(gathered.context, words) if not quoted else ())]
    structured = _of_plan(reading, gathered, planned) if planned else None
    found = [passage.score for passage in gathered.passages] + [AROUND * worth for _, worth in gathered.context]
    passed = max(found, default=None)
    ranking = rank(planned, gathered, request, confidence=structured or 0.0, nodes=_nodes(gathered.outcomes))
    cited = ranking.cited(view)
    abstained = not answered and not gathered.passages and not gathered.context
    if abstained:
        claims = [abstention(reading, view, words, version=corpus.version), *planned]
    confidence = 0.0 if abstained else of_answer(structured, passed, degraded=view.budget.degraded)
    budget = view.budget
    sources = sorted({source for item in cited for source in item.sources} - {"graph"})
    by_graph = any({"plan", "graph"} & set(item.found_by) for item in cited)
    return Answer(
        question=request.question,
        answer="\n".join(claim.text for claim in claims),
        claims=tuple(claims),
        evidence=tuple(item.id for item in cited),
        cited=tuple(cited),
        confidence=confidence,
        abstained=abstained,
        looked_for=tuple(dict.fromkeys(reading.said)),
        unknown=reading.unknown,
        sources=(*sources, *(("graph",) if by_graph else ())),
        language=reading.language,
        mode=request.mode,
        # From an answer that rests on nothing nothing is cut, unless the time was too short to look.
        truncated=budget.truncated and bool(cited or budget.degraded),
        degraded=budget.degraded,
        spent=budget.spent,
        data_version=corpus.version,
        timings={part: round(seconds, 6) for part, seconds in budget.timings.items()},
    )


def _worthy(gathered: Gathered, reading: Reading, planned: Sequence[Claim]) -> Gathered:
    """Leave out passages without the name that nobody knows, and what lies around if it is no news or no answer."""
    passages = gathered.passages
    if reading.unknown:
        passages = [passage for passage in passages if any(_has(passage.text, word) for word in reading.unknown)]
    told = {thing for claim in planned for thing in claim.evidence}
    news = [(node, worth) for node, worth in gathered.context if node.id not in told]
    # Beside a plan that found nothing, or a name that nobody knows, what lies around would look like an answer.
    fits = passages or not (reading.unknown or gathered.outcomes) or any(map(is_answer, gathered.outcomes))
    return replace(gathered, passages=passages, context=news if fits else ())


def _has(text: str, word: str) -> bool:
    return word.casefold() in text.casefold()


def _of_plan(reading: Reading, gathered: Gathered, claims: Sequence[Claim]) -> float:
    conflicting = sum(claim.conflicting for claim in claims) / len(claims)
    coverages = [_coverage(outcome) for outcome in (*gathered.outcomes, *gathered.groups)]
    # Figures over the corpus are about the question only as far as its words were understood.
    plan_confidence = reading.confidence if gathered.outcomes else max(reading.confidence, 0.5)
    return of_plan(
        plan=plan_confidence,
        known=len(reading.mentions),
        unknown=len(reading.unknown),
        coverages=coverages,
        conflicting=conflicting,
    )


def _coverage(outcome: Outcome) -> float:
    """Return how far a step was answered, as `confidence` has it."""
    if isinstance(outcome, Failed) or not is_answer(outcome):
        return 0.0
    if getattr(outcome, "checked", None) is not None:
        return 0.9
    if isinstance(outcome, Figured) and outcome.step.function in ("mean", "sd"):
        return 1.0 if sum(group.count for group in outcome.groups) >= 10 else 0.5
    return 1.0


def _nodes(outcomes: Sequence[Outcome]) -> list[Node]:
    """Return the things that a plan has read already."""
    nodes: list[Node] = []
    for outcome in outcomes:
        if isinstance(outcome, Listed | Figured | Surrounded):
            nodes += outcome.nodes
        if isinstance(outcome, Explained):
            nodes += [*outcome.weaknesses, *outcome.neighbours, *((outcome.node,) if outcome.node else ())]
            nodes += [told.campaign for told in outcome.measured]
    return nodes
