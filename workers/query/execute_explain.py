"""An explanation against the stores: why a thing is as it is, from its findings, its measurements and its neighbours."""

from collections.abc import Sequence
from dataclasses import replace

from jobs.knowledge import Label, Link
from stores.documents import Record
from stores.graph import Condition, Hop, Node, Selection
from workers.query.disputes import disputed, samples_of
from workers.query.outcome import Countered, Explained, Measured
from workers.query.plan import Explain
from workers.query.uncounted import uncounted
from workers.query.view import View

MOST = 10
"""Findings, neighbours and mitigations that an explanation goes through."""
WORST = {"order_by": "severity_rank", "descending": True, "limit": MOST}
FINDINGS_OF = {
    Label.FUNCTION: (Hop(Link.PART_OF, Label.INSTRUCTION, forward=False), Hop(Link.LEAKS, Label.VULNERABILITY)),
    Label.INSTRUCTION: (Hop(Link.LEAKS, Label.VULNERABILITY),),
    Label.CAMPAIGN: (Hop(Link.MEASURED_IN, Label.VULNERABILITY, forward=False),),
}


def explain(step: Explain, view: View) -> Explained:
    """Gather what explains a thing."""
    node = view.nodes([step.id]).get(step.id)
    if node is None:
        return Explained(step, None)
    weaknesses = _weaknesses(node, view)
    leaking = len({weak.properties.get("instruction") for weak in weaknesses})
    mitigations = _mitigations(weaknesses, view)
    told = Explained(step, node, weaknesses, leaking, mitigations=mitigations)
    if node.label != Label.INSTRUCTION:
        return told
    profiles = view.profiles([node.id])
    return replace(
        told,
        measured=_measured(profiles.get(node.id, ()), view),
        neighbours=_neighbours(node, view),
        correlated=_correlated(node, view),
        samples=samples_of(profiles.get(node.id, ())),
        disputes=disputed(profiles),
        uncounted=uncounted([node], ("max_abs_t",), view),
    )


def _weaknesses(node: Node, view: View) -> list[Node]:
    """Return findings, worst first."""
    if node.label == Label.VULNERABILITY:
        return [node]
    if node.label == Label.FIRMWARE:
        chosen = Selection(
            Label.VULNERABILITY,
            (Condition("firmware", "=", node.id),),
            order_by="severity_rank",
            descending=True,
            limit=MOST,
        )
        return view.select(chosen)
    hops = FINDINGS_OF.get(Label(node.label))
    if hops is None:
        return []
    return view.select(
        Selection(
            node.label,
            (Condition("id", "=", node.id),),
            hops,
            take=len(hops),
            order_by="severity_rank",
            descending=True,
            limit=MOST,
        )
    )


def _mitigations(weaknesses: Sequence[Node], view: View) -> list[Countered]:
    if not weaknesses:
        return []
    around = view.neighbourhood([weak.id for weak in weaknesses], hops=1, limit=200)
    nodes = {node.id: node for node in around.nodes}
    return [
        Countered(nodes[relation.target], relation.source, relation)
        for relation in around.relations
        if relation.kind == Link.MITIGATED_BY and relation.target in nodes
    ][:MOST]


def _measured(profiles: Sequence[Record], view: View) -> list[Measured]:
    """Return what campaigns say, the newest first."""
    told = {record.batch: record for record in profiles if record.batch.startswith("campaign:")}
    campaigns = view.nodes(told)
    ordered = sorted(campaigns.values(), key=lambda node: (-float(node.properties.get("created_at") or 0), node.id))
    return [
        Measured(node, told[node.id].body.get("max_abs_t"), told[node.id].body.get("max_abs_rho")) for node in ordered
    ][:MOST]


def _neighbours(node: Node, view: View) -> list[Node]:
    here = (Condition("id", "=", node.id),)
    ways = (Hop(Link.PRECEDES, Label.INSTRUCTION, forward=False), Hop(Link.PRECEDES, Label.INSTRUCTION))
    return [found for way in ways for found in view.select(Selection(node.label, here, (way,), take=1, limit=1))]


def _correlated(node: Node, view: View) -> list[tuple[Node, float, int | None]]:
    around = view.neighbourhood([node.id], hops=1, limit=200)
    nodes = {found.id: found for found in around.nodes}
    found = []
    for relation in around.relations:
        other = relation.target if relation.source == node.id else relation.source
        weight, overlap = relation.properties.get("weight"), relation.properties.get("overlap")
        if relation.kind == Link.CORRELATES_WITH and other in nodes and isinstance(weight, int | float):
            found.append((nodes[other], float(weight), int(overlap) if isinstance(overlap, int | float) else None))
    return sorted(found, key=lambda item: (-item[1], item[0].id))[:MOST]
