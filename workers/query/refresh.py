"""Things that several batches speak of: what each of them says, and what follows from all that are seen.

An instruction may come from a campaign and from measurement files, an entity from many documents. What each batch says
is kept (shelf PROFILES for instructions, shelf GRAPH for the rest, `group` is the thing's id), so that a thing's
properties are always what the visible batches say, and nothing remains of a batch that is gone:

- figures of measurements: `avg_energy` and `avg_temperature` weighted by samples; `energy_sd` pooled, over all samples
  (Chan et al. 1979); the largest `max_latency`; the sum of `sample_count`;
- figures of campaigns: all of the newest one that ran the instruction;
- everything else: of the newest batch that says it, where a campaign goes before others.
"""

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jobs.knowledge import PROPERTIES, Label
from stores.documents import Documents, Record, Shelf
from stores.graph import Graph, Node, Relation, Value
from workers.query.content import Content

PORTION = 1000
"""Things that are counted again at once."""
PAGE = 5000
SHARED = frozenset({Label.FIRMWARE, Label.FUNCTION, Label.INSTRUCTION, Label.MITIGATION, Label.ENTITY})
"""Labels whose ids do not belong to one batch."""
ALONE = frozenset({"rem"})
"""Kinds of batches that say nothing of things that others may speak of, and only relate their own to them: of the entities
that thousands of them share, name and description follow from the words alone."""
MEASURED = frozenset({"avg_energy", "energy_sd", "avg_temperature", "max_latency", "sample_count"})
RAN = frozenset({"avg_power", "max_abs_t", "max_abs_rho", "executions"})

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Said:
    """What one batch says of one thing."""

    batch: str
    campaign: bool
    at: float
    label: str | None
    """None: the thing is not its own, it only relates something to it."""
    properties: Mapping[str, Value]
    relations: Sequence[Relation]

    @property
    def order(self) -> tuple[bool, float, str]:
        """Return what decides between two batches that say different things: the greater one holds."""
        return self.campaign, self.at, self.batch


def records_of(content: Content) -> tuple[list[Record], list[Record]]:
    """Return what a batch says, to be kept: records for PROFILES and for GRAPH."""
    about: dict[str, Any] = {"kind": content.kind, "created_at": content.created_at}
    labels = {node.id: node.label for node in content.nodes}
    spoken = _relations_of(content, labels)
    profiles, others = [], []
    for node in content.nodes:
        if node.label not in SHARED or content.kind in ALONE:
            continue
        key = f"{content.batch}|{node.id}"
        relations = [[each.kind, each.source, each.target, each.properties] for each in spoken.pop(node.id, [])]
        if node.label == Label.INSTRUCTION:
            vector = content.profiles.get(node.id)
            blob = b"" if vector is None else vector.astype("<f4").tobytes()
            profiles.append(Record(key, {**node.properties, **about}, content.batch, node.id, blob=blob))
        told = {} if node.label == Label.INSTRUCTION else {"label": node.label, "properties": node.properties}
        if told or relations:
            others.append(Record(key, {**about, **told, "relations": relations}, content.batch, node.id))
    for thing, all_of_it in spoken.items():
        relations = [[each.kind, each.source, each.target, each.properties] for each in all_of_it]
        body = {**about, "relations": relations}
        others.append(Record(f"{content.batch}|{thing}", body, content.batch, thing))
    return profiles, others


def _relations_of(content: Content, labels: Mapping[str, str]) -> dict[str, list[Relation]]:
    """Return the relations that other batches may make, too, or that end in a thing that is not of this batch."""
    spoken: dict[str, list[Relation]] = {}
    for relation in content.relations:
        source, target = labels.get(relation.source), labels.get(relation.target)
        ends = {end for end, label in ((relation.source, source), (relation.target, target)) if label is None}
        if relation.properties and (source is None or source in SHARED) and (target is None or target in SHARED):
            ends.add(relation.source)
        for end in ends:
            spoken.setdefault(end, []).append(relation)
    return spoken


def said_of(documents: Documents, tenant: str, ids: Sequence[str]) -> dict[str, list[Said]]:
    """Return what all batches say of things, by thing."""
    found: dict[str, list[Said]] = {}
    for shelf in (Shelf.PROFILES, Shelf.GRAPH):
        for record in _all(documents, tenant, shelf, ids):
            found.setdefault(record.group, []).append(_said(record, shelf))
    return found


def _all(documents: Documents, tenant: str, shelf: Shelf, ids: Sequence[str]) -> Iterator[Record]:
    after = None
    while True:
        page = documents.find(tenant, shelf, groups=ids, after=after, limit=PAGE)
        yield from page
        if len(page) < PAGE:
            return
        after = (page[-1].at, page[-1].id)


def _said(record: Record, shelf: Shelf) -> Said:
    body = dict(record.body)
    kind, at = body.pop("kind"), float(body.pop("created_at"))
    if shelf is Shelf.PROFILES:
        return Said(record.batch, kind == "campaign", at, Label.INSTRUCTION, body, ())
    relations = [Relation(name, source, target, told) for name, source, target, told in body["relations"]]
    return Said(record.batch, kind == "campaign", at, body.get("label"), body.get("properties", {}), relations)


def refresh(
    documents: Documents,
    graph: Graph,
    tenant: str,
    ids: Sequence[str],
    *,
    hidden: Collection[str],
    hold: Callable[[], None],
    alone: Collection[str] = (),
) -> int:
    """Give things the properties that visible batches say, and the relations between them theirs; return how many.

    Things that one batch of `alone` speaks of, and nobody else, have all that already.
    """
    counted = 0
    for start in range(0, len(ids), PORTION):
        hold()
        said = said_of(documents, tenant, ids[start : start + PORTION])
        shared = {thing: each for thing, each in said.items() if not _by_one_of(alone, each)}
        visible = {thing: [one for one in each if one.batch not in hidden] for thing, each in shared.items()}
        nodes = [node for thing in sorted(visible) if (node := combined(thing, visible[thing])) is not None]
        if nodes:
            graph.revise(tenant, nodes)
        for batch, relations in sorted(deciding(visible).items()):
            graph.merge(tenant, [], relations, batch=batch)
        counted += len(visible)
    return counted


def _by_one_of(batches: Collection[str], said: Sequence[Said]) -> bool:
    return len({one.batch for one in said}) == 1 and said[0].batch in batches


def combined(thing: str, said: Sequence[Said]) -> Node | None:
    """Return a thing with what follows from all that is said of it, None for what nobody says; None if nobody knows it."""
    known = sorted((one for one in said if one.label is not None), key=lambda one: one.order)
    if not known:
        return None
    label = str(known[-1].label)
    told: dict[str, Value] = dict.fromkeys(PROPERTIES.get(Label(label), {}))
    for one in known:
        told |= one.properties
    if label == Label.INSTRUCTION:
        told |= _measured([one.properties for one in known]) | _ran(known)
    return Node(label, thing, told)


def deciding(said: Mapping[str, Sequence[Said]]) -> dict[str, list[Relation]]:
    """Return, by batch, the relations whose properties it decides: of several that say one, the newest."""
    newest: dict[Key, tuple[tuple[bool, float, str], Relation]] = {}
    for one in (one for each in said.values() for one in each):
        for relation in one.relations:
            key = key_of(relation)
            if key not in newest or newest[key][0] < one.order:
                newest[key] = (one.order, relation)
    by_batch: dict[str, list[Relation]] = {}
    for key in sorted(newest):
        (_, _, batch), relation = newest[key]
        by_batch.setdefault(batch, []).append(relation)
    return by_batch


def key_of(relation: Relation) -> Key:
    """Return what makes a relation that relation."""
    return relation.kind, relation.source, relation.target


def _measured(said: Sequence[Mapping[str, Value]]) -> dict[str, Value]:
    told: dict[str, Value] = dict.fromkeys(MEASURED)
    parts = [one for one in said if one.get("sample_count")]
    if not parts:
        return told
    if len(parts) == 1:
        return {name: parts[0].get(name) for name in MEASURED}
    told["sample_count"] = sum(int(one["sample_count"] or 0) for one in parts)
    told["avg_temperature"] = _weighted(parts, "avg_temperature")
    latencies = [float(latency) for one in parts if (latency := one.get("max_latency")) is not None]
    told["max_latency"] = max(latencies, default=None)
    mean = told["avg_energy"] = _weighted(parts, "avg_energy")
    spread = [_spread(one, mean) for one in parts if mean is not None and one.get("avg_energy") is not None]
    count = sum(n for n, _ in spread)
    told["energy_sd"] = math.sqrt(sum(square for _, square in spread) / (count - 1)) if count > 1 else None
    return told


def _weighted(parts: Sequence[Mapping[str, Value]], name: str) -> float | None:
    pairs = [(int(one["sample_count"] or 0), float(value)) for one in parts if (value := one.get(name)) is not None]
    total = sum(count for count, _ in pairs)
    return math.fsum(count * value for count, value in pairs) / total if total else None


def _spread(part: Mapping[str, Value], mean: float) -> tuple[int, float]:
    """Return samples and the sum of their squared distances from the mean of all."""
    count, own, sd = int(part["sample_count"] or 0), float(part["avg_energy"] or 0), float(part.get("energy_sd") or 0)
    return count, (count - 1) * sd**2 + count * (own - mean) ** 2


def _ran(known: Sequence[Said]) -> dict[str, Value]:
    newest = next((one for one in reversed(known) if one.campaign and "executions" in one.properties), None)
    return {name: newest.properties.get(name) if newest else None for name in RAN}
