"""What a batch brought to the graph, as the documents keep it: compressed blocks of nodes and relations, in order."""

import json
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

from stores.documents import Documents, Record, Shelf
from stores.graph import Node, Relation
from workers.query.content import Content

BLOCK = 5000
"""Nodes, or relations, in a block: some 100 KB of it."""
GROUP = "blocks"
"""Ids of things contain a colon: no thing is called so."""
LARGEST = 64 * 1024 * 1024
"""No block that was written here is larger when it is unpacked."""


def graph_records(content: Content) -> Iterator[Record]:
    """Yield a batch's nodes, then its relations, as records for the shelf GRAPH."""
    number = 0
    nodes = [(node.label, node.id, node.properties) for node in content.nodes]
    relations = [(each.kind, each.source, each.target, each.properties) for each in content.relations]
    rows: Sequence[Sequence[Any]]
    for name, rows in (("nodes", nodes), ("relations", relations)):
        for start in range(0, len(rows), BLOCK):
            piece = rows[start : start + BLOCK]
            blob = zlib.compress(json.dumps(piece, separators=(",", ":")).encode(), 1)
            key = f"{content.batch}|{GROUP}|{number:06d}"
            yield Record(key, {name: len(piece)}, content.batch, GROUP, float(number), blob)
            number += 1


def graph_of(documents: Documents, tenant: str, batch: str) -> Iterator[tuple[Sequence[Node], Sequence[Relation]]]:
    """Yield what a batch brought, block by block: nodes first."""
    after = None
    while page := documents.find(tenant, Shelf.GRAPH, batch=batch, groups=[GROUP], after=after, limit=16):
        for record in page:
            rows = json.loads(zlib.decompressobj().decompress(record.blob, LARGEST))
            if "nodes" in record.body:
                yield [Node(*row) for row in rows], []
            else:
                yield [], [Relation(*row) for row in rows]
        after = (page[-1].at, page[-1].id)
