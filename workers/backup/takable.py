"""Whether lines are what a restore can write: asked before it writes any, as a digest vouches for bytes and not for sense."""

import json
import re
from collections.abc import Callable

from jobs.errors import DaseinError, InvalidInput
from jobs.identity import TENANT
from stores.copying import DataFiles, Line
from stores.documents import Shelf
from stores.graph_rules import check_additions
from workers.backup.knowledge import node_of, record_of, relation_of
from workers.backup.manifest import Group, Manifest
from workers.backup.pack import Damaged
from workers.backup.services import BackupServices

DIGEST = re.compile(r"[0-9a-f]{64}")
LATEST_NS = 2**63
"""Beyond it no file system tells a time."""

Look = Callable[[Line], object]


def look_of(services: BackupServices, group: Group) -> Look:
    """Return what raises for a line that cannot be written; raise Damaged for a group that there is not."""
    tenant, _, what = group.name.partition("/")
    looks: dict[str, dict[str, Look]] = {
        "documents": dict.fromkeys(Shelf, _document),
        "graph": {"nodes": _node, "relations": _relation},
    }
    if (group.component, group.name) == ("records", "keys"):
        return services.records.check
    if (group.component, group.name) == ("files", "list"):
        return lambda line: _file(services.files, line)
    if TENANT.fullmatch(tenant) and (look := looks.get(group.component, {}).get(what)) is not None:
        return look
    raise Damaged(f"{group.component}/{group.name[:100]}: there is no such group.")


def looked_at(text: bytes, look: Look, group: Group, number: int) -> Line:
    """Return a line that can be written; raise Damaged."""
    try:
        line: Line = json.loads(text)
        look(line)
    except DaseinError as error:
        raise Damaged(f"{group.component}/{group.name}: line {number}: {error.message}") from error
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise Damaged(f"{group.component}/{group.name}: line {number} cannot be read.") from error
    return line


def strays(manifest: Manifest) -> list[str]:
    """Return the names of objects that belong to no group: nothing has counted what is in them."""
    groups = {(group.component, group.name) for group in manifest.groups}
    return [part.name for part in manifest.parts if (part.component, part.group) not in groups]


def _document(line: Line) -> None:
    record = record_of(line)
    if not isinstance(record.id, str) or not isinstance(record.body, dict):
        raise InvalidInput("it is no document")


def _node(line: Line) -> None:
    node, batches = node_of(line)
    for batch in batches:
        check_additions([node], [], batch=batch)


def _relation(line: Line) -> None:
    relation, batches = relation_of(line)
    for batch in batches:
        check_additions([], [relation], batch=batch)


def _file(files: DataFiles, line: Line) -> None:
    files.path(line["place"])
    numbers = line["bytes"], line["changed_ns"], line["mode"]
    if not DIGEST.fullmatch(line["sha256"]) or not all(
        isinstance(one, int) and 0 <= one < LATEST_NS for one in numbers
    ):
        raise InvalidInput("it is no file")
