"""All that a tenant has, as one zip that is made while it is sent: its size is known to nobody before, and its bytes are
never together in memory. Only the list of members grows with their number.

tenant.json  keys.jsonl  audit.jsonl  jobs.jsonl (with their events, parts too)  documents/<shelf>.jsonl
graph/nodes.jsonl  graph/relations.jsonl  artifacts.jsonl  artifacts/<sha256>  files/<folder>/<job>/<name>
manifest.json, last: what there is of each, and the size and SHA-256 of every member
"""

import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import Enum
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED

from zipstream.ng import ZipStream

from jobs.errors import Gone, NotFound
from stores.documents import Documents, Record, Shelf
from stores.graph import Graph
from stores.holdings import Holdings
from stores.ports import Artifacts, Files, Jobs
from web.accounts import Accounts

PIECE_BYTES = 64 * 1024
RECORDS_AT_ONCE = 200
"""A record may have megabytes."""
NODES_AT_ONCE = 1000
EVENTS_AT_ONCE = 500
LEVEL = 1
"""Of compression: text becomes a fifth, and no other request of the process waits for long."""
FORMAT = "dasein-export/1"


@dataclass(frozen=True, slots=True)
class Exporter:
    """Reads all stores. `files` are those of jobs, by the name of their folder."""

    accounts: Accounts
    jobs: Jobs
    holdings: Holdings
    documents: Documents
    graph: Graph
    artifacts: Artifacts
    files: Mapping[str, Files]
    clock: Callable[[], datetime]

    def export(self, tenant: str) -> Iterator[bytes]:
        """Yield the zip; what comes or goes meanwhile may be in it or not. A store that fails ends it unfinished."""
        archive = Archive()
        job_ids: list[str] = []
        yield from archive.text("tenant.json", [_line(self.accounts.tenants.get(tenant))])
        yield from archive.lines("keys.jsonl", map(_told, self.accounts.keys.of(tenant)))
        yield from archive.lines("audit.jsonl", self._audit(tenant))
        yield from archive.lines("jobs.jsonl", self._jobs(tenant, job_ids))
        for shelf in Shelf:
            yield from archive.lines(f"documents/{shelf.value}.jsonl", self._documents(tenant, shelf))
        yield from archive.lines("graph/nodes.jsonl", self._nodes(tenant))
        yield from archive.lines("graph/relations.jsonl", self._relations(tenant))
        yield from self._artifacts(archive, tenant)
        for folder, files in self.files.items():
            for job_id in job_ids:
                for name in files.names(job_id):
                    yield from archive.file(f"files/{folder}/{job_id}/{name}", lambda: files.path(job_id, name))  # noqa: B023  # called at once
        yield from archive.end(tenant, self.clock())

    def _audit(self, tenant: str) -> Iterator[Any]:
        cursor: str | None = None
        while True:
            page, cursor = self.accounts.audit.page(tenant, outcome=None, cursor=cursor, limit=NODES_AT_ONCE)
            yield from map(_told, page)
            if cursor is None:
                return

    def _jobs(self, tenant: str, ids: list[str]) -> Iterator[Any]:
        for job in self.holdings.every(tenant):
            ids.append(job.id)
            yield _told(job) | {"events": [_told(event) for event in self._events(job.id)]}

    def _events(self, job_id: str) -> Iterator[Any]:
        after: str | None = None
        while True:
            try:
                events = self.jobs.events(job_id, after=after, limit=EVENTS_AT_ONCE)
            except (NotFound, Gone):
                return
            yield from events
            if len(events) < EVENTS_AT_ONCE:
                return
            after = events[-1].id

    def _documents(self, tenant: str, shelf: Shelf) -> Iterator[Any]:
        after: tuple[float, str] | None = None
        while True:
            records = self.documents.find(tenant, shelf, after=after, limit=RECORDS_AT_ONCE)
            yield from map(_record, records)
            if len(records) < RECORDS_AT_ONCE:
                return
            after = records[-1].at, records[-1].id

    def _pages(self, tenant: str) -> Iterator[Any]:
        after = -1
        while page := self.graph.page(tenant, after=after, limit=NODES_AT_ONCE):
            yield [node for _, node in page]
            after = page[-1][0]

    def _nodes(self, tenant: str) -> Iterator[Any]:
        for page in self._pages(tenant):
            yield from map(_told, page)

    def _relations(self, tenant: str) -> Iterator[Any]:
        for page in self._pages(tenant):
            yield from map(_told, self.graph.relations(tenant, [node.id for node in page]))

    def _artifacts(self, archive: "Archive", tenant: str) -> Iterator[bytes]:
        yield from archive.lines("artifacts.jsonl", map(_told, self.artifacts.every(tenant)))
        for artifact in self.artifacts.every(tenant):
            name = artifact.id.removeprefix("sha256:")
            yield from archive.file(f"artifacts/{name}", lambda: self.artifacts.path(tenant, artifact.id))  # noqa: B023  # called at once


class Archive:
    """A zip that grows member by member, and remembers what it has."""

    def __init__(self) -> None:
        """Begin without members."""
        self._zip = ZipStream(compress_type=ZIP_DEFLATED, compress_level=LEVEL)
        self._members: list[dict[str, Any]] = []
        self._counts: dict[str, int] = {}

    def text(self, name: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Add a member of text."""
        self._zip.add(self._measured(name, pieces), name)
        yield from self._zip.all_files()

    def lines(self, name: str, values: Iterable[Any]) -> Iterator[bytes]:
        """Add a member with a line for each value, and count them."""

        def pieces() -> Iterator[bytes]:
            piece, count = bytearray(), 0
            for value in values:
                piece += _line(value)
                count += 1
                if len(piece) >= PIECE_BYTES:
                    yield bytes(piece)
                    piece.clear()
            yield bytes(piece)
            self._counts[name] = count

        yield from self.text(name, pieces())

    def file(self, name: str, find: Callable[[], Path]) -> Iterator[bytes]:
        """Add a file as it is, unless it went meanwhile."""
        try:
            file = find().open("rb")
        except (NotFound, FileNotFoundError):
            return
        with file:
            pieces = iter(lambda: file.read(PIECE_BYTES), b"")
            self._zip.add(self._measured(name, pieces), name, compress_type=ZIP_STORED)
            yield from self._zip.all_files()
        top = name.split("/", 1)[0]
        self._counts[top] = self._counts.get(top, 0) + 1

    def end(self, tenant: str, now: datetime) -> Iterator[bytes]:
        """Add the manifest, and end."""
        manifest = {
            "format": FORMAT,
            "tenant": tenant,
            "made_at": now.isoformat(),
            "counts": self._counts,
            "members": self._members,
        }
        self._zip.add(json.dumps(manifest, indent=1).encode(), "manifest.json")
        yield from self._zip.finalize()

    def _measured(self, name: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
        digest, size = sha256(), 0
        for piece in pieces:
            digest.update(piece)
            size += len(piece)
            yield piece
        self._members.append({"name": name, "bytes": size, "sha256": digest.hexdigest()})


def _record(record: Record) -> dict[str, Any]:
    return asdict(record) | {"body": dict(record.body), "blob": b64encode(record.blob).decode()}


def _told(value: Any) -> dict[str, Any]:
    found: dict[str, Any] = asdict(value)
    return found


def _line(value: Any) -> bytes:
    """Return a value as a line of JSON."""
    told = value if isinstance(value, Mapping) else _told(value)
    return json.dumps(told, default=_plain).encode() + b"\n"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(type(value).__name__)
