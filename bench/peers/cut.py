"""Scoring what only ranks: every prefix of the ranking is an answer, and the best one counts.

The cut is chosen with the gold at hand, for each question anew. Nobody who asks could do so: what a ranking scores here
is the most that any rule for cutting it could reach. `at10` is what the first ten score.
"""

from collections.abc import Sequence

from bench.questions.score import kind
from bench.questions.templates import Question

FIRST = 10


def scores(question: Question, ranked: Sequence[str]) -> tuple[float, float]:
    """Return F1 at the best cut, and of the first ten; only ids of the kinds that are asked for count."""
    kinds = {kind(id_) for id_ in question.gold_ids}
    named = [id_ for id_ in dict.fromkeys(ranked) if kind(id_) in kinds]
    if question.aside is not None:
        named = [id_ for id_ in named if not id_.startswith(question.aside)]
    f1, hits = [], 0
    for length, id_ in enumerate(named, 1):
        hits += id_ in question.gold_ids
        f1.append(2 * hits / (length + len(question.gold_ids)))
    if not f1:
        return 0.0, 0.0
    return max(f1), f1[min(FIRST, len(f1)) - 1]


def abstention(answerable: Sequence[float], unanswerable: Sequence[float]) -> float:
    """Return the share of unanswerable questions below the best score that keeps 95 % of the answerable ones."""
    ordered = sorted(answerable)
    least = ordered[len(ordered) // 20]
    return sum(score < least for score in unanswerable) / len(unanswerable)
