"""How sure an answer is: computed from what it rests on, between 0 and 1, monotone in each of its parts. Pure.

structured = plan x linking x coverage x agreement
    plan       how much of the question its steps account for (the planner's confidence)
    linking    names that are known / names in the question
    coverage   mean over the steps: 1 with results, 0.9 for "none" among things that were checked, 0.5 for a figure
               from fewer than ten values, 0 for a step that failed or found nothing to check
    agreement  1 - half the share of claims that contradict each other
passages   = (1 - (1 - meaning) (1 - words)) x 0.95 of the best passage
    meaning    (cosine - threshold) / (0.9 - threshold), between 0 and 1
    words      share of the question's content words in it, squared: one word in common says little
answer     = structured, or of passages and what lies around theirs; with both, the more sure of the two, raised by a tenth of the
             other's part of what is missing to 1
Every part that did not answer takes a tenth of it away.
"""

from collections.abc import Collection, Sequence

SURE_COSINE = 0.9
CEILING = 0.95


def of_plan(*, plan: float, known: int, unknown: int, coverages: Sequence[float], conflicting: float) -> float:
    """Return the confidence of what steps of a plan found; `conflicting` is the share of contradicting claims."""
    if not coverages:
        return 0.0
    linking = known / (known + unknown) if unknown else 1.0
    return plan * linking * (sum(coverages) / len(coverages)) * (1 - conflicting / 2)


def of_passage(*, cosine: float | None, overlap: float, threshold: float) -> float:
    """Return how surely a passage speaks of what was asked."""
    room = max(SURE_COSINE - threshold, 0.05)
    meaning = min(1.0, max(0.0, ((cosine or 0.0) - threshold) / room)) if cosine is not None else 0.0
    return CEILING * (1 - (1 - meaning) * (1 - overlap**2))


def of_answer(structured: float | None, passages: float | None, *, degraded: Collection[str]) -> float:
    """Return the confidence of an answer."""
    parts = sorted((part for part in (structured, passages) if part is not None), reverse=True)
    if not parts:
        return 0.0
    best = parts[0] + (1 - parts[0]) * parts[1] / 10 if len(parts) > 1 else parts[0]
    return round(max(0.0, min(1.0, best * 0.9 ** len(degraded))), 4)
