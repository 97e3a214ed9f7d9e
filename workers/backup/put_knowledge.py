"""Documents and graphs of a backup into their stores, whichever these are; read back and compared when they are there."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from jobs.errors import Conflict
from stores.copying import Line
from stores.documents import Record, Shelf
from stores.graph import Addition, Node, Relation
from workers.backup.knowledge import copy_graph, every, line_of, node_of, record_of, relation_of
from workers.backup.manifest import Manifest, Sum
from workers.backup.pack import lines_of
from workers.backup.services import BackupServices
from workers.backup.store import BackupStore
from workers.backup.verify import parts_of

RECORDS_AT_ONCE = 1000
THINGS_AT_ONCE = 5000
EXPIRING_S = 3600.0
"""What expires so soon may be gone before it is read back."""

Item = TypeVar("Item")


class ReadBack(Conflict):
    """What a store gives back is not what was put into it; what was restored cannot be relied on."""

    code = "read-back"


def tenants_of(manifest: Manifest) -> list[str]:
    """Return the tenants whose knowledge a backup has."""
    named = {group.name.partition("/")[0] for group in manifest.groups if group.component in {"documents", "graph"}}
    return sorted(named)


def put_documents(
    services: BackupServices,
    store: BackupStore,
    manifest: Manifest,
    *,
    skipped: Collection[str],
    check: Callable[[], None],
) -> int:
    """Write all documents but of `skipped` shelves and expired ones; return how many; raise ReadBack."""
    now, count = services.clock().timestamp(), 0
    for group in manifest.groups:
        tenant, _, shelf = group.name.partition("/")
        if group.component != "documents" or shelf in skipped:
            continue
        lines = lines_of(store, manifest.id, parts_of(manifest, "documents", group.name))
        wanted = Sum()
        for some in pieces(lines, RECORDS_AT_ONCE):
            check()
            records = [record for record in map(record_of, some) if _lasts(record, now)]
            services.documents.put(tenant, Shelf(shelf), records)
            _add(wanted, records, now)
            count += len(records)
        found = Sum()
        _add(found, every(services.documents, tenant, Shelf(shelf)), now)
        _compare(f"documents/{group.name}", wanted, found)
    return count


def put_graph(services: BackupServices, store: BackupStore, manifest: Manifest, *, check: Callable[[], None]) -> int:
    """Write all graphs, nodes before relations; return how many things there are; raise ReadBack."""
    count = 0
    for tenant in tenants_of(manifest):
        wanted, found = Sum(), Sum()
        for what in ("nodes", "relations"):
            lines = lines_of(store, manifest.id, parts_of(manifest, "graph", f"{tenant}/{what}"))
            for some in pieces(lines, THINGS_AT_ONCE):
                check()
                services.graph.merge_all(tenant, _by_batch(some, nodes=what == "nodes"))
                for line in some:
                    wanted.add(line)
        copy_graph(services.graph, tenant, nodes=found.add, relations=found.add, check=check)
        _compare(f"graph/{tenant}", wanted, found)
        count += wanted.lines
    return count


def pieces(items: Iterable[Item], size: int) -> Iterator[Sequence[Item]]:
    """Yield items, at most `size` at once."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


def _by_batch(lines: Iterable[Line], *, nodes: bool) -> dict[str, Addition]:
    found: defaultdict[str, tuple[list[Node], list[Relation]]] = defaultdict(lambda: ([], []))
    for line in lines:
        thing: Any
        thing, batches = node_of(line) if nodes else relation_of(line)
        for batch in batches:
            found[batch][0 if nodes else 1].append(thing)
    return dict(found)


def _lasts(record: Record, now: float) -> bool:
    return record.expires_at is None or record.expires_at > now


def _add(into: Sum, records: Iterable[Record], now: float) -> None:
    for record in records:
        if _lasts(record, now + EXPIRING_S):
            into.add(line_of(record))


def _compare(name: str, wanted: Sum, found: Sum) -> None:
    if (wanted.lines, wanted.content) != (found.lines, found.content):
        raise ReadBack(f"{name} was read back differently: {found.lines} things, {wanted.lines} were written.")
