"""Whether a backup is whole: every object is read, and every line and every byte counted."""

from collections.abc import Callable, Iterator
from hashlib import sha256

from jobs.errors import DaseinError, InvalidInput
from stores.copying import Line
from workers.backup.manifest import Manifest, Part, Sum
from workers.backup.pack import Damaged, texts_of
from workers.backup.services import BackupServices
from workers.backup.store import BackupStore, copy
from workers.backup.takable import look_of, looked_at, strays

TOLD = 5
"""Of what is wrong, in one message."""


def verify(services: BackupServices, backup: str, *, check: Callable[[], None] = lambda: None) -> Manifest:
    """Return the manifest of a backup that is whole; raise Damaged saying what is not, NotFound, and what a key lacks."""
    store = BackupStore(services.vault, services.seal)
    try:
        manifest = store.manifest(backup)
    except InvalidInput as error:
        if error.field is not None:
            raise
        raise Damaged(error.message) from error
    wrong = list(_wrong(services, store, manifest, check))
    if wrong:
        more = f" and {len(wrong) - TOLD} more" if len(wrong) > TOLD else ""
        raise Damaged(f"{'; '.join(wrong[:TOLD])}{more}")
    return manifest


def parts_of(manifest: Manifest, component: str, group: str) -> list[Part]:
    """Return the objects of a group, in order."""
    return [part for part in manifest.parts if (part.component, part.group) == (component, group)]


def _wrong(
    services: BackupServices, store: BackupStore, manifest: Manifest, check: Callable[[], None]
) -> Iterator[str]:
    yield from (f"{name}: it belongs to no group" for name in strays(manifest))
    seen: set[str] = set()
    for group in manifest.groups:
        found = Sum()
        try:
            look = look_of(services, group)
            for text in texts_of(store, manifest.id, parts_of(manifest, group.component, group.name)):
                found.add_text(text)
                line = looked_at(text, look, group, found.lines)
                if group.component == "files":
                    check()
                    yield from _wrong_file(store, manifest, line, seen)
        except Damaged as error:
            yield error.message
            continue
        if (found.lines, found.content) != (group.lines, group.content):
            yield f"{group.component}/{group.name}: its lines do not come to what its manifest says"


def _wrong_file(store: BackupStore, manifest: Manifest, line: Line, seen: set[str]) -> Iterator[str]:
    if line["sha256"] in seen:
        return
    seen.add(line["sha256"])
    digest = sha256()
    try:
        with store.read_file(line["sha256"], manifest.files_under) as file:
            copy(file, digest.update)
    except DaseinError as error:
        if isinstance(error, InvalidInput) and error.field is not None:
            raise
        yield f"the contents of {line['place']}: {error.message}"
        return
    if digest.hexdigest() != line["sha256"]:
        yield f"the contents of {line['place']} are damaged"
