"""Statements of the graph in Cypher, for every server that speaks it.

A node has two labels, its own and `Knowledge`, and the properties `uid` (`<tenant>|<id>`, unique), `id`, `tenant` and
`batches` (the batches that brought it) beside its own; a relation has `tenant` and `batches`. Names are checked
before they enter a statement (`graph_rules`); values are parameters. What reads ends in one column, `row`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from stores.graph import Node, Relation
from stores.graph_rules import KEPT, is_key, named

SCHEMA_VERSION = 2
BASE = "Knowledge"
INDEXES: Mapping[str, tuple[str, ...]] = {
    "Instruction": ("id", "firmware", "function", "mnemonic", "avg_energy"),
    "EnergyPattern": ("pattern_type",),
    "SecurityVulnerability": ("severity", "firmware", "campaign", "instruction"),
    "Measurement": ("timestamp",),
    "Entity": ("name",),
    "Rem": ("name", "modality"),
}
"""By label, what nodes are looked up by."""
SCAN = 1000
"""At least as many neighbours of one node are looked at; of more, those that the server comes upon first."""
WIDE = 100
"""A node with more outgoing relations than this is asked for those to given nodes, not for all of them."""

_JOINED = "{0}.batches + [one IN {1} WHERE NOT one IN {0}.batches]"


Item = TypeVar("Item")
Brought = tuple[Item, Sequence[str]]
"""A node or a relation, and the batches that bring it."""


class Statement(NamedTuple):
    """Text and its parameters."""

    text: str
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Dialect:
    """Where servers differ."""

    shared: bool
    """Whether tenants share a graph, so that every statement has to name its tenant."""
    sure_text: bool
    """Whether indexes find text as it is written, and in its order."""
    out_degree: str
    """The number of relations that leave `n`."""


def uid(tenant: str, node_id: object) -> str:
    """Return what is unique over all tenants."""
    return f"{tenant}|{node_id}"


def uids(tenant: str, ids: Iterable[object]) -> list[str]:
    """Return the uid of each id that can be one."""
    return [uid(tenant, one) for one in ids if isinstance(one, str) and is_key(one)]


def merge_nodes(tenant: str, label: str, nodes: Iterable[Brought[Node]]) -> Statement:
    """Add nodes of one label, each given once."""
    rows = [
        {"uid": uid(tenant, node.id), "id": node.id, "own": dict(node.properties), "batches": batches}
        for node, batches in nodes
    ]
    joined, more = _batches_of(rows)
    return Statement(
        f"UNWIND $rows AS row MERGE (n:{BASE}:{named(label)} {{uid: row.uid}}) "
        f"ON CREATE SET n.id = row.id, n.tenant = $tenant, n.batches = {joined} "
        f"ON MATCH SET n.batches = {_JOINED.format('n', joined)} SET n += row.own",
        {"rows": rows, "tenant": tenant, **more},
    )


def mislabelled(tenant: str, label: str, ids: Iterable[str]) -> Statement:
    """Rows: id, of those that are there with another label."""
    return Statement(
        f"UNWIND $uids AS uid MATCH (n:{BASE} {{uid: uid}}) WHERE NOT n:{named(label)} WITH n.id AS row LIMIT 1",
        {"uids": uids(tenant, ids)},
    )


def merge_relations(tenant: str, kind: str, relations: Iterable[Brought[Relation]]) -> Statement:
    """Add relations of one kind, each given once, between nodes that are there."""
    rows = [
        {"source": uid(tenant, one.source), "target": uid(tenant, one.target), "own": dict(one.properties)}
        | {"batches": batches}
        for one, batches in relations
    ]
    joined, more = _batches_of(rows)
    return Statement(
        f"UNWIND $rows AS row MATCH (a:{BASE} {{uid: row.source}}) MATCH (b:{BASE} {{uid: row.target}}) "
        f"MERGE (a)-[r:{named(kind)}]->(b) ON CREATE SET r.tenant = $tenant, r.batches = {joined} "
        f"ON MATCH SET r.batches = {_JOINED.format('r', joined)} SET r += row.own",
        {"rows": rows, "tenant": tenant, **more},
    )


def _batches_of(rows: Sequence[dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    """Return where a row's batches stand, and a parameter for it: once for all rows, where all have the same."""
    if rows and all(row["batches"] == rows[0]["batches"] for row in rows):
        same = rows[0]["batches"]
        for row in rows:
            del row["batches"]
        return "$batches", {"batches": same}
    return "row.batches", {}


def revise(tenant: str, nodes: Iterable[Node]) -> Statement:
    """Replace properties."""
    rows = [{"uid": uid(tenant, node.id), "own": dict(node.properties)} for node in nodes]
    return Statement(f"UNWIND $rows AS row MATCH (n:{BASE} {{uid: row.uid}}) SET n += row.own", {"rows": rows})


def nodes(tenant: str, ids: Iterable[str], *, hidden: Collection[str], dialect: Dialect) -> Statement:
    """Rows: labels, properties, whether it is WIDE."""
    return Statement(
        f"UNWIND $uids AS uid MATCH (n:{BASE} {{uid: uid}}) {where(visible('n', hidden))}"
        f"WITH [labels(n), properties(n), {dialect.out_degree} > {WIDE}] AS row",
        {"uids": uids(tenant, ids), **hidden_of(hidden)},
    )


def present(tenant: str, ids: Iterable[str], *, hidden: Collection[str]) -> Statement:
    """Rows: id, of those that are there."""
    return Statement(
        f"UNWIND $uids AS uid MATCH (n:{BASE} {{uid: uid}}) {where(visible('n', hidden))}WITH n.id AS row",
        {"uids": uids(tenant, ids), **hidden_of(hidden)},
    )


def neighbours(tenant: str, ids: Iterable[str], *, limit: int, hidden: Collection[str]) -> Statement:
    """Rows: id, in its order, each once. What is looked at is more than the limit and as many that are known already."""
    return Statement(
        f"UNWIND $uids AS uid MATCH (a:{BASE} {{uid: uid}}) CALL {{ WITH a MATCH (a)-[r]-(b) "
        f"{where(visible('r', hidden), visible('b', hidden))}WITH DISTINCT b LIMIT $scan RETURN b }} "
        "WITH DISTINCT b.id AS row ORDER BY row LIMIT $limit WITH row",
        {"uids": uids(tenant, ids), "limit": limit, "scan": max(SCAN, 2 * limit), **hidden_of(hidden)},
    )


def steps(tenant: str, ids: Iterable[str], *, limit: int, hidden: Collection[str]) -> Statement:
    """Rows: id, id of a neighbour."""
    return Statement(
        f"UNWIND $uids AS uid MATCH (a:{BASE} {{uid: uid}}) MATCH (a)-[r]-(b) "
        f"{where(visible('r', hidden), visible('b', hidden))}"
        "WITH DISTINCT a.id AS one, b.id AS other LIMIT $limit WITH [one, other] AS row",
        {"uids": uids(tenant, ids), "limit": limit, **hidden_of(hidden)},
    )


def relations_from(tenant: str, ids: Iterable[str], *, hidden: Collection[str]) -> Statement:
    """Rows: kind, source, target, properties; all that leave the nodes."""
    return Statement(
        f"UNWIND $uids AS uid MATCH (a:{BASE} {{uid: uid}}) MATCH (a)-[r]->(b) {where(visible('r', hidden))}"
        "WITH [type(r), a.id, b.id, properties(r)] AS row",
        {"uids": uids(tenant, ids), **hidden_of(hidden)},
    )


def relations_between(
    tenant: str, sources: Iterable[str], targets: Iterable[str], *, hidden: Collection[str]
) -> Statement:
    """Rows: kind, source, target, properties; all from `sources` to `targets`, pair by pair."""
    return Statement(
        f"UNWIND $sources AS source MATCH (a:{BASE} {{uid: source}}) UNWIND $targets AS target "
        f"MATCH (b:{BASE} {{uid: target}}) MATCH (a)-[r]->(b) {where(visible('r', hidden))}"
        "WITH [type(r), a.id, b.id, properties(r)] AS row",
        {"sources": uids(tenant, sources), "targets": uids(tenant, targets), **hidden_of(hidden)},
    )


def counts(tenant: str, *, dialect: Dialect) -> Statement:
    """Rows: labels, count."""
    return Statement(
        f"MATCH (n:{BASE}) {where(*tenant_of('n', dialect))}WITH labels(n) AS names, count(n) AS many "
        "WITH [names, many] AS row",
        {"tenant": tenant},
    )


def page(tenant: str, *, after: int, limit: int, dialect: Dialect) -> Statement:
    """Rows: place, labels, properties; in the order of places, which servers find without a look at all nodes."""
    return Statement(
        f"MATCH (n:{BASE}) {where('ID(n) > $after', *tenant_of('n', dialect))}WITH n ORDER BY ID(n) LIMIT $limit "
        "WITH [ID(n), labels(n), properties(n)] AS row",
        {"tenant": tenant, "after": after, "limit": limit},
    )


def node_of(names: Sequence[str], properties: Mapping[str, Any]) -> Node:
    """Return a node as it was given."""
    own = {name: value for name, value in properties.items() if name not in KEPT}
    return Node(next(name for name in names if name != BASE), str(properties["id"]), own)


def relation_of(kind: str, source: str, target: str, properties: Mapping[str, Any]) -> Relation:
    """Return a relation as it was given."""
    return Relation(kind, source, target, {name: value for name, value in properties.items() if name not in KEPT})


def visible(name: str, hidden: Collection[str]) -> str:
    """Return the condition that something is seen; empty where nothing is hidden."""
    return f"any(batch IN {name}.batches WHERE NOT batch IN $hidden)" if hidden else ""


def hidden_of(hidden: Collection[str]) -> dict[str, Any]:
    """Return the parameter of `visible`."""
    return {"hidden": sorted(hidden)} if hidden else {}


def where(*conditions: str) -> str:
    """Return a clause of the conditions that are not empty."""
    met = [condition for condition in conditions if condition]
    return f"WHERE {' AND '.join(met)} " if met else ""


def tenant_of(name: str, dialect: Dialect) -> list[str]:
    """Return the condition that something is the tenant's, where tenants share a graph."""
    return [f"{name}.tenant = $tenant"] if dialect.shared else []
