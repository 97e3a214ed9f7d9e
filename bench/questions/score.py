"""How good an answer is.

What counts: the ids of `answer.evidence` of the kinds that the gold names (instruction, function, vulnerability ...);
evidence of other kinds neither helps nor harms, nor does the build that a comparison starts from. A figure counts when
the first claim with a value of the right dimension is within half a percent of it, a count when it is equal. A lookup
needs its thing and its figure; an aggregate is its figure; all others are their set. Abstaining from a question that has
an answer scores nothing; an unanswerable question scores by abstaining alone.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.questions.templates import Question
from jobs.questions import Answer

TOLERANCE = 0.005
UNITS = {
    "pJ": ("uJ", 1e-6),
    "nJ": ("uJ", 1e-3),
    "uJ": ("uJ", 1.0),
    "µJ": ("uJ", 1.0),
    "mJ": ("uJ", 1e3),
    "J": ("uJ", 1e6),
    "ns": ("us", 1e-3),
    "us": ("us", 1.0),
    "µs": ("us", 1.0),
    "ms": ("us", 1e3),
    "s": ("us", 1e6),
    "degC": ("degC", 1.0),
    "°C": ("degC", 1.0),
}
INSTRUCTION = re.compile(r"[0-9a-f]{12}:[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class Score:
    """Of one question; `precision`, `recall` and `f1` are of the set, `points` is what counts."""

    id: str
    type: str
    language: str
    precision: float
    recall: float
    f1: float
    value: bool | None
    """Whether the figure, or the text, is right; None where none is asked for."""
    abstention: bool
    """Whether it abstained when it should, and only then."""
    points: float


@dataclass(frozen=True, slots=True)
class Mean:
    """Of a group of questions."""

    questions: int
    f1: float
    points: float
    value: float | None
    """Share of right figures among the questions that ask for one."""
    abstention: float


def kind(id_: str) -> str:
    """Return what an id stands for: `instruction`, or what comes before its first colon."""
    return "instruction" if INSTRUCTION.fullmatch(id_) else id_.partition(":")[0]


def score(question: Question, answer: Answer) -> Score:
    """Score an answer."""
    abstention = answer.abstained != question.answerable
    if not question.answerable or answer.abstained:
        right = float(abstention)
        return Score(question.id, question.type, question.language, right, right, right, None, abstention, right)
    kinds = {kind(id_) for id_ in question.gold_ids}
    named = {id_ for id_ in answer.evidence if kind(id_) in kinds}
    if question.aside is not None:
        named = {id_ for id_ in named if not id_.startswith(question.aside)}
    hits = len(named & question.gold_ids)
    precision = hits / len(named) if named else 0.0
    recall = hits / len(question.gold_ids)
    f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
    value = _value(question, answer)
    points = float(bool(value)) if question.type == "aggregate" else f1 * float(value is not False)
    return Score(question.id, question.type, question.language, precision, recall, f1, value, abstention, points)


def means(scores: Sequence[Score], by: Callable[[Score], str]) -> dict[str, Mean]:
    """Return the mean of each group, by `lambda score: score.type` for example."""
    groups: dict[str, list[Score]] = defaultdict(list)
    for one in scores:
        groups[by(one)].append(one)
    return {name: _mean(group) for name, group in sorted(groups.items())}


def macro(groups: dict[str, Mean]) -> float:
    """Return the mean points over groups, each weighing the same."""
    return sum(group.points for group in groups.values()) / len(groups)


def _mean(group: Sequence[Score]) -> Mean:
    figures = [one.value for one in group if one.value is not None]
    count = len(group)
    return Mean(
        questions=count,
        f1=sum(one.f1 for one in group) / count,
        points=sum(one.points for one in group) / count,
        value=sum(figures) / len(figures) if figures else None,
        abstention=sum(one.abstention for one in group) / count,
    )


def _value(question: Question, answer: Answer) -> bool | None:
    if question.gold_text is not None:
        said = " ".join([answer.answer, *(claim.text for claim in answer.claims)])
        return re.search(rf"(?<![\w/.]){re.escape(question.gold_text)}(?!\d)", said) is not None
    if question.gold_value is None:
        return None
    for claim in answer.claims:
        if claim.value is None:
            continue
        dimension, factor = UNITS.get(claim.unit or "", (None, 1.0))
        if dimension != question.unit:
            continue
        if question.unit is None and question.gold_value.is_integer():
            return claim.value == question.gold_value
        return abs(claim.value * factor - question.gold_value) <= TOLERANCE * abs(question.gold_value)
    return False
