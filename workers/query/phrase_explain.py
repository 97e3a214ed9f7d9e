"""Sentences of an explanation, and of measurements that contradict each other. Pure."""

import re
from collections.abc import Mapping, Sequence

from jobs.questions import Claim
from stores.graph import Node
from workers.query.figures import Interval, Sample, of_correlation, of_mean, shown
from workers.query.outcome import Countered, Disputes, Explained, Measured
from workers.query.phrase_book import Phrases
from workers.query.titles import figure, listing, reach, title

SIZE = re.compile(r": \|t\| \d+(\.\d+)?")
WORST = 5
"""Findings, campaigns, contradictions that are told one by one."""


def conflicts(disputes: Disputes, titles: Mapping[str, str], words: Phrases) -> list[Claim]:
    """List what each batch measured, where batches contradict each other."""
    return [
        Claim(
            text=words.say(
                "conflict",
                thing=titles.get(thing, thing),
                items="; ".join(_sample(sample, words) for sample in samples),
            ),
            evidence=(thing, *(f"measurement:{sample.batch}|{thing}" for sample in samples)),
            unit="uJ",
            samples=sum(sample.n for sample in samples),
            conflicting=True,
        )
        for thing, samples in list(disputes.items())[:WORST]
    ]


def not_counted(uncounted: Mapping[str, Node], nodes: Sequence[Node], words: Phrases) -> list[Claim]:
    """Say which of the things a campaign declared public: what they give away is by design, and no finding."""
    by_campaign: dict[str, list[Node]] = {}
    for node in nodes:
        if node.id in uncounted:
            by_campaign.setdefault(uncounted[node.id].id, []).append(node)
    claims = []
    for things in by_campaign.values():
        campaign = uncounted[things[0].id]
        text = words.say(
            "uncounted",
            items=listing([title(thing) for thing in things], len(things), words),
            campaign=title(campaign),
            value=shown(float(campaign.properties["max_abs_t"] or 0)),
        )
        claims.append(Claim(text=text, evidence=(*(thing.id for thing in things), campaign.id)))
    return claims


def _sample(sample: Sample, words: Phrases) -> str:
    value = shown(sample.mean, "uJ", of_mean(sample.mean, sample.sd, sample.n))
    return words.say("sample", batch=sample.batch, value=value, count=sample.n)


def explained(outcome: Explained, words: Phrases) -> list[Claim]:
    """Say what explains a thing: findings worst first, figures, what counters them, and what lies beside it."""
    node = outcome.node
    if node is None:
        return []
    thing = title(node)
    claims = [_weakness(weak, node, words) for weak in outcome.weaknesses[:WORST]]
    if not claims:
        claims = [Claim(text=words.say("no_weakness", thing=thing), evidence=(node.id,), value=0, low=0, high=0)]
    headline = node.properties.get("headline")
    if headline:
        claims.insert(0, Claim(text=words.say("headline", thing=thing, headline=headline), evidence=(node.id,)))
    claims += [_measured(told, node, words) for told in outcome.measured[:WORST]]
    claims += not_counted(outcome.uncounted, [node], words)
    claims += [_countered(countered, words) for countered in outcome.mitigations[:WORST]]
    claims += _energy(outcome, node, words)
    claims += _beside(outcome, node, words)
    return claims


def _weakness(weak: Node, node: Node, words: Phrases) -> Claim:
    name = "tvla_t" if "tvla_t" in weak.properties else "cpa_value"
    found, text = reach(weak, name), figure(weak, name, words)
    over = words.say("over_traces", count=found.samples) if found and found.samples else ""
    thing = title(node) if node.id != weak.id else str(weak.properties.get("function") or weak.id)
    known = str(weak.properties.get("severity") or "")
    return Claim(
        text=words.say(
            "weakness",
            thing=thing,
            name=_unmeasured_name(weak) if text else _name(weak),
            statistic=f" ({words.property(name)} = {text}{over})" if text else "",
            severity=words.severities.get(known, known),
        ),
        evidence=tuple(dict.fromkeys((weak.id, node.id))),
        value=found.value if found else None,
        low=found.interval.low if found and found.interval else None,
        high=found.interval.high if found and found.interval else None,
        samples=found.samples if found else None,
    )


def _name(weak: Node) -> str:
    return str(weak.properties.get("name") or weak.id).rstrip(".")


def _unmeasured_name(weak: Node) -> str:
    """Return what a finding is called without the statistic, which the sentence tells with its interval."""
    return SIZE.sub("", _name(weak), count=1)


def _measured(told: Measured, node: Node, words: Phrases) -> Claim:
    pairs = (("max_abs_t", told.max_abs_t), ("max_abs_rho", told.max_abs_rho))
    figures = [f"{words.property(name)} {shown(value)}" for name, value in pairs if value is not None]
    traces = told.campaign.properties.get("traces")
    if traces is not None:
        figures.append(f"{words.property('traces')} {traces}")
    value = told.max_abs_t if told.max_abs_t is not None else told.max_abs_rho
    return Claim(
        text=words.say("measured", campaign=title(told.campaign), thing=title(node), items=", ".join(figures) or "–"),  # noqa: RUF001
        evidence=(told.campaign.id, node.id),
        value=value,
        samples=int(traces) if isinstance(traces, int | float) else None,
    )


def _countered(told: Countered, words: Phrases) -> Claim:
    before, after = told.relation.properties.get("before"), told.relation.properties.get("after")
    name = title(told.mitigation)
    if isinstance(before, int | float) and isinstance(after, int | float):
        text = words.say("countered", mitigation=name, before=shown(float(before)), after=shown(float(after)))
    else:
        text = words.say("counter", mitigation=name)
    return Claim(text=text, evidence=(told.mitigation.id, told.weakness))


def _energy(outcome: Explained, node: Node, words: Phrases) -> Sequence[Claim]:
    if outcome.disputes:
        return conflicts(outcome.disputes, {node.id: title(node)}, words)
    found, text = reach(node, "avg_energy"), figure(node, "avg_energy", words)
    if found is None or text is None:
        return ()
    basis = words.say("basis", count=found.samples) if found.samples else ""
    name = words.property("avg_energy")
    return (
        Claim(
            text=words.say("value", thing=title(node), property=name, value=text, basis=basis),
            evidence=(node.id,),
            value=found.value,
            unit=found.unit,
            low=found.interval.low if found.interval else None,
            high=found.interval.high if found.interval else None,
            samples=found.samples,
        ),
    )


def _beside(outcome: Explained, node: Node, words: Phrases) -> list[Claim]:
    claims = []
    before = [other for other in outcome.neighbours if other.id < node.id]
    after = [other for other in outcome.neighbours if other.id > node.id]
    if before or after:
        key = "between" if before and after else ("runs_after" if before else "runs_before")
        told = {"first": title(before[0]) if before else "", "last": title(after[0]) if after else ""}
        ids = tuple(other.id for other in (*before, *after))
        claims.append(Claim(text=words.say(key, **told), evidence=(node.id, *ids)))
    if outcome.correlated:
        items = [f"{title(other)} (r = {_rho(r, pairs)})" for other, r, pairs in outcome.correlated]
        text = words.say("correlated", items=listing(items, len(items), words))
        claims.append(Claim(text=text, evidence=(node.id, *(other.id for other, _, _ in outcome.correlated))))
    return claims


def _rho(value: float, pairs: int | None) -> str:
    interval: Interval | None = of_correlation(value, pairs) if pairs else None
    return shown(round(value, 4), None, interval)
