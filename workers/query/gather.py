"""Everything that the stores have to say to a question, part by part, as its mode wants it and its budget allows."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from jobs.knowledge import Label
from jobs.questions import Mode, QueryRequest
from stores.corpus import Corpus
from stores.graph import Condition, Node, Selection
from workers.query.execute import execute
from workers.query.execute_checked import base_of, is_narrower
from workers.query.outcome import Explained, Figured, Listed, Outcome
from workers.query.plan import Aggregate, Explain, Lookup, Mention, Reading, Select, Step
from workers.query.rank import Asked, roots
from workers.query.retrieve import CLEARLY, Passed, around, asked_words, passages
from workers.query.services import QueryServices
from workers.query.spaces import BROUGHT
from workers.query.view import View

LEAST = 0.7
"""Confidence of a plan below which it is not carried out: it leaves so much of the question aside that it would answer
another one. When this was chosen: of 158 questions in other people's words that can be answered three were read less
surely; of 55 that nothing here can answer a plan was made for eleven, five of them less surely."""
LEAST_OF_ALL = 0.8
"""The same where a plan asks nothing of the things but which ones are meant, which fits any question about them: the other
plans for questions without an answer were such, but for one, and read with 0.75 at most."""
CONTEXT_HOPS = 2
SEEDS = 5
GROUPED = ("severity", "function", "firmware")
TOP_GROUPS = 5
ABOUT_GROUPS = roots(
    "leak leaks leakage vulnerability vulnerabilities weakness finding findings severity overview summary overall security "
    "fuga fugas filtra vulnerabilidad vulnerabilidades debilidad hallazgo hallazgos gravedad resumen general seguridad"
)
"""Words of questions that figures over all findings may answer."""
ENOUGH = {Mode.GLOBAL: 0.3, Mode.HYBRID: 0.6, Mode.MIX: 0.6}
"""The share of a question's words that must be such, where nothing else but figures is looked for, and where it is."""
HALF = 0.5
"""Of what is asked: a passage that shares more of it is about it, however far its meaning seems."""
LOCAL = frozenset({Mode.LOCAL, Mode.HYBRID, Mode.MIX})
GLOBAL = frozenset({Mode.GLOBAL, Mode.HYBRID, Mode.MIX})


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was found."""

    outcomes: Sequence[Outcome] = ()
    """Of the plan, in the order of its steps."""
    groups: Sequence[Figured] = ()
    """Of the corpus as a whole."""
    passages: Sequence[Passed] = ()
    context: Sequence[tuple[Node, float]] = field(default=())
    """Things around, best first, with what they are worth."""


def gather(reading: Reading, request: QueryRequest, view: View, services: QueryServices, corpus: Corpus) -> Gathered:
    """Ask the stores."""
    if request.mode == Mode.NAIVE:
        found = passages(reading, request, view, services, corpus, by_words=False, by_meaning=True)
        return Gathered(passages=found)
    outcomes = execute(_steps(reading), view, hops=request.max_hops)
    if not _is_open(outcomes) or any(map(_is_of_nothing, outcomes)):
        return Gathered(outcomes)
    groups = (
        _groups(reading, view, request.mode) if request.mode in GLOBAL and not outcomes and not reading.unknown else []
    )
    passed: list[Passed] = []
    if request.mode == Mode.MIX or (request.mode in LOCAL and not reading.mentions):
        passed = passages(reading, request, view, services, corpus, by_words=True, by_meaning=True)
    if not _speak(passed, reading, request):
        passed = []
    if request.mode != Mode.MIX:
        passed = [passage for passage in passed if passage.kind != "chunk"]
    # An explanation has told what lies around already, and all that is known of the thing but what documents say.
    explained = any(isinstance(outcome, Explained) and is_answer(outcome) for outcome in outcomes)
    if explained:
        passed = [passage for passage in passed if passage.kind in BROUGHT]
    context = _context(reading, request, passed, view) if request.mode in LOCAL and not explained else []
    if request.mode == Mode.MIX and not passed:
        # What lies around is no answer where passages were looked for, and none speaks of the question.
        context = []
    return Gathered(outcomes, groups, passed, context)


def _steps(reading: Reading) -> list[Step]:
    """Return the steps that may be carried out: none that would answer more, or something else, than was meant."""
    # Which of several steps an unknown name belongs to a reading does not say.
    if reading.unknown:
        return []
    return [step for step in reading.steps if reading.confidence >= (LEAST_OF_ALL if _is_of_all(step) else LEAST)]


def _is_of_all(step: Step) -> bool:
    """Say whether a step asks no more than which things are meant: with half a question unread, all of them answer it."""
    match step:
        case Select(selection, (), None) | Aggregate(selection, "count", None, None):
            return not is_narrower(selection, base_of(selection)) and not selection.take
        case Lookup(_, ()) | Explain():
            return True
    return False


def _speak(passed: Sequence[Passed], reading: Reading, request: QueryRequest) -> bool:
    """Say whether any passage speaks of what is asked, not only of something that the question names.

    Of a thing that is named some passage has the name; and of any two texts in one language some are a little near.
    """
    names = frozenset(term for mention in reading.mentions for term in roots(mention.words))
    asked = asked_words(reading)
    rest = Asked(asked.words - names, max(0, asked.count - len(asked.words & names)))
    near = request.similarity_threshold + CLEARLY
    for passage in passed:
        cosine, shared = passage.cosine or 0.0, rest.share(passage.text)
        if shared > HALF or cosine >= (near if shared else near + CLEARLY):
            return True
    return False


def _is_open(outcomes: Sequence[Outcome]) -> bool:
    """Say whether the plan leaves something to passages and to what lies around: an answer of its own stands alone."""
    return not any(map(is_answer, outcomes)) or any(isinstance(outcome, Explained) for outcome in outcomes)


def _is_of_nothing(outcome: Outcome) -> bool:
    """Say whether it is known that what is asked was never measured, or is not there: no passage can speak of it."""
    checked = getattr(outcome, "checked", None)
    if checked is None and isinstance(outcome, Listed) and outcome.properties:
        return bool(outcome.nodes) and not is_answer(outcome) and outcome.nodes[0].label == Label.INSTRUCTION
    return checked is not None and (checked.unmeasured is not None or checked.absent is not None)


def is_answer(outcome: Outcome) -> bool:
    """Say whether a step found something, or found that there is nothing."""
    checked = getattr(outcome, "checked", None)
    if checked is not None:
        return bool(checked.decides)
    if isinstance(outcome, Explained):
        return outcome.node is not None
    if isinstance(outcome, Listed) and outcome.total and not outcome.nodes:
        return True
    if isinstance(outcome, Listed) and outcome.properties:
        return any(node.properties.get(name) is not None for node in outcome.nodes for name in outcome.properties)
    found = [getattr(outcome, name, None) for name in ("nodes", "groups", "pairs", "centre", "ways")]
    return any(bool(part) for part in found) or bool(all(getattr(outcome, "ends", (None,))))


def _groups(reading: Reading, view: View, mode: Mode) -> list[Figured]:
    """Return figures over the findings of the corpus, where the question is about such."""
    about = ABOUT_GROUPS & roots(reading.normal)
    if not about or len(about) < ENOUGH[mode] * asked_words(reading).count:
        return []
    where = tuple(filter(None, (_within(mention) for mention in reading.mentions)))
    chosen = Selection(Label.VULNERABILITY, where)
    steps = [Aggregate(chosen, "count", by=by, top=TOP_GROUPS) for by in GROUPED]
    found = execute(steps, view, hops=1)
    return [outcome for outcome in found if isinstance(outcome, Figured) and is_answer(outcome)]


def _within(mention: Mention) -> Condition | None:
    """Return what keeps findings to a thing that is named."""
    if mention.label == Label.FIRMWARE:
        return Condition("firmware", "=", mention.id)
    if mention.label == Label.CAMPAIGN:
        return Condition("campaign", "=", mention.id)
    if mention.label == Label.FUNCTION:
        return Condition("function", "=", mention.id.split(":", 2)[-1])
    return None


def _context(
    reading: Reading, request: QueryRequest, passed: Sequence[Passed], view: View
) -> Sequence[tuple[Node, float]]:
    seeds = list(dict.fromkeys(mention.id for mention in reading.mentions))
    if not seeds:
        seeds = list(dict.fromkeys(node.id for passage in passed for node in passage.nodes))
    found, _ = around(seeds[:SEEDS], reading, view, hops=min(CONTEXT_HOPS, request.max_hops))
    return found[: request.top_k]
