"""Sentences of paths and surroundings. Pure."""

from jobs.questions import Claim
from stores.graph import Node, Relation, Way
from workers.query.outcome import Connected, Surrounded
from workers.query.phrase_book import Phrases
from workers.query.phrase_nothing import ids
from workers.query.titles import listing, title, worst_first


def connected(outcome: Connected, words: Phrases) -> list[Claim]:
    """Say how two things relate, or that they do not."""
    source, target = outcome.ends
    if source is None or target is None:
        return []
    if not outcome.ways:
        text = words.say("no_way", source=title(source), target=title(target), hops=outcome.step.hops)
        return [Claim(text=text, evidence=(source.id, target.id))]
    return [
        Claim(
            text=words.say("way", source=title(source), target=title(target), path=_path(way, words)),
            evidence=ids(way.nodes),
        )
        for way in outcome.ways[:3]
    ]


def _path(way: Way, words: Phrases) -> str:
    told = title(way.nodes[0])
    for node, relation in zip(way.nodes[1:], way.relations, strict=True):
        told += f" {_arrow(relation, node, words)} {title(node)}"
    return told


def _arrow(relation: Relation, to: Node, words: Phrases) -> str:
    name = words.relations.get(relation.kind, relation.kind)
    return f"—{name}→" if relation.target == to.id else f"←{name}—"


def surrounded(outcome: Surrounded, words: Phrases) -> list[Claim]:
    """Say what lies around a thing, kind by kind."""
    centre = outcome.centre
    if centre is None:
        return []
    if not outcome.nodes:
        text = words.say("nothing_around", thing=title(centre), hops=outcome.step.hops)
        return [Claim(text=text, evidence=(centre.id,), value=0, low=0, high=0)]
    by_label: dict[str, list[Node]] = {}
    for node in outcome.nodes:
        by_label.setdefault(node.label, []).append(node)
    claims = []
    for label, nodes in by_label.items():
        items = listing([title(node) for node in worst_first(nodes)], len(nodes), words)
        text = words.say("around", thing=title(centre), what=words.noun(label, len(nodes)), items=items)
        claims.append(Claim(text=text, evidence=ids(nodes), value=float(len(nodes))))
    return claims
