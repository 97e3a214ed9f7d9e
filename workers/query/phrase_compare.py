"""Sentences of a comparison: whether it helped, what got better, worse, or stayed. Pure."""

from collections.abc import Sequence

from jobs.knowledge import SEVERITY_RANK, Label
from jobs.questions import Claim
from jobs.report import Severity
from workers.query.figures import shown
from workers.query.outcome import Compared, Pair
from workers.query.phrase_book import Phrases
from workers.query.titles import listing, title

NAMED = 100
LEAKING = SEVERITY_RANK[Severity.MEDIUM]
"""The least rank of a finding that is called a leak."""
UNITS = {"energy": "uJ", "power": "a.u."}
SIGNS = {"t": "|t| ", "rho": "|rho| "}
REASONS = {
    "same": "why_same",
    "nothing": "why_nothing",
    "no leak before": "why_no_leak_before",
    "insufficient": "why_insufficient",
}


def compared(outcome: Compared, words: Phrases, *, asked_whether: bool) -> list[Claim]:
    """Say what changed; with `only`, that alone."""
    if outcome.before is None or outcome.after is None:
        missing = outcome.step.before if outcome.before is None else outcome.step.after
        return [Claim(text=words.say("no_campaign", thing=missing), evidence=())]
    if outcome.step.only is not None:
        return [_changed(outcome, outcome.step.only, words)]
    claims = [_verdict(outcome, words, asked_whether=asked_whether)]
    found = {pair.change for pair in outcome.pairs}
    claims += [_changed(outcome, change, words) for change in ("worse", "better") if change in found]
    remaining = [pair for pair in outcome.pairs if pair.change == "unchanged" and pair.rank_after]
    if remaining:
        claims.append(_claim("unchanged", remaining, outcome, words))
    if outcome.new_leaks:
        claims.append(_claim("new_leaks", outcome.new_leaks, outcome, words))
    if outcome.only_before or outcome.only_after:
        text = words.say("unmatched", before=outcome.only_before, after=outcome.only_after)
        claims.append(Claim(text=text, evidence=(outcome.before.id, outcome.after.id)))
    return claims


def verdict(outcome: Compared) -> str:
    """Return helped, partly, mixed, not_helped, not_shown; lesser where no leak was asked about."""
    if outcome.measure not in ("t", "rho"):
        return "lesser"
    better = sum(pair.change == "better" for pair in outcome.pairs) + outcome.gone_leaks
    worse = sum(pair.change == "worse" for pair in outcome.pairs) + len(outcome.new_leaks)
    if outcome.doubt is not None or not (better or worse):
        # Something that leaks as it did is an answer; nothing to compare is none.
        return "not_helped" if outcome.doubt is None and left(outcome) else "not_shown"
    if worse:
        return "mixed" if better else "not_helped"
    return "partly" if left(outcome) else "helped"


def left(outcome: Compared) -> int:
    """Return how many instructions have findings afterwards."""
    return sum(pair.rank_after > 0 for pair in outcome.pairs) + len(outcome.new_leaks)


def _verdict(outcome: Compared, words: Phrases, *, asked_whether: bool) -> Claim:
    before, after = outcome.before, outcome.after
    if before is None or after is None:
        msg = "a verdict needs both sides"
        raise ValueError(msg)
    found = {
        change: sum(pair.change == change for pair in outcome.pairs) for change in ("better", "worse", "unchanged")
    }
    found["unchanged"] += outcome.quiet
    total = len(outcome.pairs) + outcome.quiet
    decided = verdict(outcome)
    text = words.say(
        decided,
        before=title(before),
        after=title(after),
        counts=words.say("counts", pairs=words.noun(Label.INSTRUCTION, total), **found),
        left=left(outcome),
        why=words.say(REASONS.get(outcome.doubt or "", "why_chance")),
        property=words.property({"energy": "avg_energy", "power": "avg_power"}.get(outcome.measure)),
    )
    if asked_whether and decided != "lesser":
        short = {"helped": "yes", "partly": "in_part", "mixed": "in_part", "not_helped": "no", "not_shown": "open"}
        text = f"{words.say(short[decided])} {text}"
    return Claim(text=text, evidence=(before.id, after.id), samples=total)


def _changed(outcome: Compared, change: str, words: Phrases) -> Claim:
    pairs = [pair for pair in outcome.pairs if pair.change == change]
    key = change
    if change == "unchanged" and outcome.measure in ("t", "rho"):
        # What never leaked stays as it was, too, and says nothing.
        key, pairs = "still", [pair for pair in pairs if pair.rank_after >= LEAKING]
    if pairs:
        return _claim(key, pairs, outcome, words)
    ends = tuple(node.id for node in (outcome.before, outcome.after) if node is not None)
    text = words.say(f"no_{key}", pairs=words.noun(Label.INSTRUCTION, len(outcome.pairs) + outcome.quiet))
    return Claim(text=text, evidence=ends, value=0, low=0, high=0)


def _claim(key: str, pairs: Sequence[Pair], outcome: Compared, words: Phrases) -> Claim:
    items = listing([_item(pair, outcome, words) for pair in pairs], len(pairs), words)
    text = words.say(key, what=words.noun(Label.INSTRUCTION, len(pairs)), items=items)
    count = float(len(pairs))
    evidence = tuple(pair.after for pair in pairs)[:NAMED]
    return Claim(text=text, evidence=evidence, value=count, low=count, high=count)


def _item(pair: Pair, outcome: Compared, words: Phrases) -> str:
    unit = UNITS.get(outcome.measure)
    return words.say(
        "changed",
        where=pair.where,
        measure=SIGNS.get(outcome.measure, ""),
        before=_figure(pair.value_before, unit),
        after=_figure(pair.value_after, unit),
        chance="" if pair.sure else words.say("by_chance"),
    )


def _figure(value: float | None, unit: str | None) -> str:
    return "–" if value is None else shown(value, unit)  # noqa: RUF001 - a dash for nothing
