"""The last step of writing batches before they are seen: their part of the graph. It may happen twice."""

from collections.abc import Sequence

from stores.graph import Node, Relation
from workers.query.content import Content
from workers.query.corpus import Writing
from workers.query.refresh import ALONE, SHARED, combined, key_of, said_of
from workers.query.services import QueryServices
from workers.query.writer_steps import portions


def write_graph(contents: Sequence[Content], lease: Writing, services: QueryServices) -> None:
    """Merge nodes and relations; what visible batches know already keeps its properties until the batches are seen."""
    for content in contents:
        if content.kind not in ALONE:
            _write_one(content, lease, services)
    _write_alone([content for content in contents if content.kind in ALONE], lease, services)


def _write_one(content: Content, lease: Writing, services: QueryServices) -> None:
    hidden, tenant = lease.corpus.hidden, lease.tenant
    for portion in portions(content.nodes):
        lease.hold()
        said = said_of(services.documents, tenant, [node.id for node in portion if node.label in SHARED])
        nodes, unseen = [], []
        for node in portion:
            others = [one for one in said.get(node.id, []) if one.batch != content.batch and one.label is not None]
            if any(one.batch not in hidden for one in others):
                nodes.append(Node(node.label, node.id))
            else:
                nodes.append(node)
                if others:
                    # What a batch left that broke off must not be taken for this one's.
                    own = [one for one in said[node.id] if one.batch == content.batch]
                    unseen += [made for made in [combined(node.id, own)] if made is not None]
        services.graph.merge(tenant, nodes, [], batch=content.batch)
        if unseen:
            services.graph.revise(tenant, unseen)
    for few in portions(content.relations):
        lease.hold()
        known = _known_relations(few, content.batch, lease, services)
        bare = [Relation(each.kind, each.source, each.target) if key_of(each) in known else each for each in few]
        services.graph.merge(tenant, [], bare, batch=content.batch)


def _write_alone(contents: Sequence[Content], lease: Writing, services: QueryServices) -> None:
    """Merge batches that say nothing of what they share: what is there already stays as it is."""
    shared = sorted({node.id for content in contents for node in content.nodes if node.label in SHARED})
    there = services.graph.nodes(lease.tenant, shared) if shared else {}
    parts = {
        content.batch: (
            [Node(node.label, node.id) if node.id in there else node for node in content.nodes],
            content.relations,
        )
        for content in contents
    }
    if parts:
        lease.hold()
        services.graph.merge_all(lease.tenant, parts)


def _known_relations(
    relations: Sequence[Relation], batch: str, lease: Writing, services: QueryServices
) -> set[tuple[str, str, str]]:
    """Return which relations with properties visible batches make, too."""
    sources = sorted({relation.source for relation in relations if relation.properties})
    said = said_of(services.documents, lease.tenant, sources) if sources else {}
    seen = {batch} | lease.corpus.hidden
    return {key_of(each) for all_ in said.values() for one in all_ if one.batch not in seen for each in one.relations}
