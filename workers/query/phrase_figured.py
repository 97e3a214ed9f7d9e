"""Sentences of figures over things: counts, shares, means with their intervals, groups. Pure."""

from jobs.knowledge import PROPERTIES, SEVERITY_RANK, Label
from jobs.questions import Claim
from stores.graph import Summary
from workers.query.figures import Interval, of_mean, of_share, shown
from workers.query.outcome import Figured, figure_of
from workers.query.phrase_book import Phrases
from workers.query.phrase_explain import conflicts
from workers.query.phrase_nothing import ids, nothing
from workers.query.plan import Aggregate
from workers.query.titles import listing, title


def figured(outcome: Figured, words: Phrases, said: str) -> list[Claim]:
    """Say a figure with its interval, or a figure for each group; `said`: the step in one line."""
    step = outcome.step
    if not outcome.groups or (step.by is None and not outcome.groups[0].count):
        return nothing(outcome, outcome.checked, words, said)
    claims = conflicts(outcome.disputes, {node.id: title(node) for node in outcome.nodes}, words)
    if step.by is not None:
        return [_grouped(outcome, words), *claims]
    group = outcome.groups[0]
    label = _label(step)
    evidence = ids(outcome.nodes)
    if step.function == "count":
        text = words.say("count", what=words.noun(label, group.count))
        count = float(group.count)
        return [Claim(text=text, evidence=evidence, value=count, low=count, high=count), *_share(outcome, words)]
    value, unit, interval = _measure(group, step)
    if value is None:
        return []
    whose = f", {title(outcome.nodes[0])}" if step.function in ("minimum", "maximum") and outcome.nodes else ""
    text = words.say(
        "figure",
        function=words.functions[step.function],
        property=words.property(step.of),
        what=words.noun(label, group.count),
        value=shown(value, unit, interval) + whose,
    )
    figure_claim = Claim(
        text=text,
        evidence=evidence,
        value=value,
        unit=unit,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        samples=group.count,
        conflicting=bool(outcome.disputes),
    )
    return [figure_claim, *claims]


def _label(step: Aggregate) -> str:
    chain = (step.selection.label, *(hop.label for hop in step.selection.hops))
    return chain[step.selection.take]


def _measure(group: Summary, step: Aggregate) -> tuple[float | None, str | None, Interval | None]:
    known = PROPERTIES[Label(_label(step))].get(step.of or "")
    unit = known.unit if known and step.function != "count" else None
    value = figure_of(group, step.function)
    if value is None or step.function != "mean":
        return value, unit, None
    return value, unit, of_mean(value, group.sd, group.count)


def _share(outcome: Figured, words: Phrases) -> list[Claim]:
    count, total = outcome.groups[0].count, outcome.out_of
    interval = of_share(count, total) if total else None
    if not total or interval is None or count > total:
        return []
    percent = Interval(100 * interval.low, 100 * interval.high)
    share = 100 * count / total
    label = outcome.step.selection.label
    key = "at_least" if count == total else "between_both" if count else "at_most"
    digits = 0 if percent.high - percent.low > 10 else 1
    value, low, high = (shown(float(round(one, digits))) for one in (share, percent.low, percent.high))
    told = words.say(key, value=value, low=low, high=high)
    text = words.say("share", value=told, total=words.noun(label, total))
    return [
        Claim(
            text=text,
            evidence=ids(outcome.nodes),
            value=share,
            unit="%",
            low=percent.low,
            high=percent.high,
            samples=total,
        )
    ]


def _grouped(outcome: Figured, words: Phrases) -> Claim:
    step = outcome.step
    items = []
    for group in outcome.groups:
        value, unit, interval = _measure(group, step)
        if value is None:
            continue
        items.append(f"{_key(group, outcome, words)}: {_ranked(value, step, words) or shown(value, unit, interval)}")
    key = "grouped" if step.of is None or step.function == "count" else "grouped_of"
    function = words.nouns[_label(step)].many.capitalize() if key == "grouped" else words.functions[step.function]
    text = words.say(
        key,
        function=function,
        property=words.property(step.of),
        by=words.property(step.by),
        items=listing(items, len(items), words),
    )
    figures = {figure_of(group, step.function) for group in outcome.groups}
    value, unit, interval = _measure(outcome.groups[0], step) if len(figures) == 1 else (None, None, None)
    exact = value if step.function == "count" else None
    return Claim(
        text=text,
        evidence=tuple(dict.fromkeys((*ids(outcome.things), *ids(outcome.nodes)))),
        value=value,
        unit=unit,
        low=interval.low if interval else exact,
        high=interval.high if interval else exact,
        samples=sum(group.count for group in outcome.groups),
        conflicting=bool(outcome.disputes),
    )


def _ranked(value: float, step: Aggregate, words: Phrases) -> str | None:
    """Name the severity that a rank stands for, and say of how much a mean lies beside it; None of other figures."""
    named = {rank: severity for severity, rank in SEVERITY_RANK.items()}.get(round(value))
    if step.of != "severity_rank" or step.function not in ("mean", "minimum", "maximum") or named is None:
        return None
    return words.severities[named] if value == round(value) else f"{words.severities[named]} ({value:.1f} / 4)"


def _key(group: Summary, outcome: Figured, words: Phrases) -> str:
    if group.key is None or group.key == "":
        return words.say("no_key")
    if outcome.step.by == "severity_rank":
        named = {rank: severity for severity, rank in SEVERITY_RANK.items()}
        severity = named.get(int(group.key)) if isinstance(group.key, int | float) else None
        return words.severities[severity] if severity else str(group.key)
    if outcome.step.by == "severity":
        return words.severities.get(str(group.key), str(group.key))
    return outcome.names.get(str(group.key), str(group.key))
