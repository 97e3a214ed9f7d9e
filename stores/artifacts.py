"""Artifacts and files of jobs in a folder that all processes of the farm share.

<root>/artifacts/<tenant>/ab/abcd...      the bytes whose SHA-256 is abcd..., read-only
<root>/artifacts/<tenant>/ab/abcd....type their media type, written first
<root>/campaigns/<job id>/...    files of one campaign
<root>/rems/<job id>/...         files of one job of REMForge
<root>/incoming/                 what is being written; renamed into place when whole
"""

import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from jobs.errors import InvalidInput, NotFound, TooLarge
from jobs.identity import HOME, TENANT
from stores.ports import Artifact
from stores.writing import writing

PIECE_BYTES = 1 << 20
ABANDONED_S = 86_400
_TYPE = ".type"
DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}(/[A-Za-z0-9_][A-Za-z0-9._-]{0,127})*")


class FileArtifacts:
    """Artifacts in a folder."""

    def __init__(self, root: Path) -> None:
        """Store below `root`, and clear away what writers that died left there more than a day ago."""
        self._root = root / "artifacts"
        self._incoming = root / "incoming"
        _sweep(self._incoming)
        self._adopt()

    def put(self, tenant: str, chunks: Iterable[bytes], *, media_type: str, limit_bytes: int) -> tuple[Artifact, bool]:
        """Store bytes; return the artifact and whether it is new; raise TooLarge, leaving nothing."""
        digest = sha256()
        size = 0
        with _arriving(self._incoming) as file:
            for chunk in chunks:
                size += len(chunk)
                if size > limit_bytes:
                    raise TooLarge(f"An upload has at most {limit_bytes} bytes.")
                digest.update(chunk)
                file.write(chunk)
            path = self._place(tenant, digest.hexdigest())
            if path.exists():
                # Wanted again: its age begins anew.
                with suppress(FileNotFoundError):
                    os.utime(path)
                return self.stat(tenant, f"sha256:{digest.hexdigest()}"), False
            with _arriving(self._incoming) as label:
                label.write(media_type.encode())
                _settle(label, _type_of(path))
            _settle(file, path)
        return Artifact(f"sha256:{digest.hexdigest()}", size, media_type), True

    def stat(self, tenant: str, artifact_id: str) -> Artifact:
        """Return what is known of an artifact; raise NotFound."""
        path = self.path(tenant, artifact_id)
        with _found("There is no such artifact."):
            told = path.stat()
            return Artifact(artifact_id, told.st_size, _type_of(path).read_text(), told.st_mtime)

    def read(self, tenant: str, artifact_id: str) -> Iterator[bytes]:
        """Yield an artifact's bytes in pieces; raise NotFound."""
        with _found("There is no such artifact."):
            file = self.path(tenant, artifact_id).open("rb")
        return _pieces(file)

    def path(self, tenant: str, artifact_id: str) -> Path:
        """Return where an artifact's bytes lie on this machine, read-only; raise NotFound."""
        match = DIGEST.fullmatch(artifact_id)
        if match is None or not (path := self._place(tenant, match[1])).is_file():
            raise NotFound("There is no such artifact.")
        return path

    def delete(self, tenant: str, artifact_id: str) -> None:
        """Remove an artifact; raise NotFound."""
        path = self.path(tenant, artifact_id)
        with _found("There is no such artifact."):
            path.unlink()
        _type_of(path).unlink(missing_ok=True)

    def every(self, tenant: str) -> Iterator[Artifact]:
        """Yield the tenant's artifacts, by id."""
        for path in sorted(self._folder(tenant).glob("??/*")):
            if DIGEST.fullmatch(f"sha256:{path.name}"):
                # It may be removed meanwhile.
                with suppress(NotFound):
                    yield self.stat(tenant, f"sha256:{path.name}")

    def usage(self, tenant: str) -> int:
        """Return the bytes that the tenant's artifacts take."""
        return _size(self._folder(tenant), without=_TYPE)

    def erase(self, tenant: str) -> None:
        """Remove all artifacts of the tenant."""
        folder = self._folder(tenant)
        if folder.is_dir():
            with writing():
                shutil.rmtree(folder)

    def _place(self, tenant: str, digest: str) -> Path:
        return self._folder(tenant) / digest[:2] / digest

    def _folder(self, tenant: str) -> Path:
        if not TENANT.fullmatch(tenant):
            raise InvalidInput(f"{tenant!r} cannot name a tenant.", field="tenant")
        return self._root / tenant

    def _adopt(self) -> None:
        """Give the home tenant what was stored before there were tenants; another process may be at it, too."""
        for folder in self._root.glob("[0-9a-f][0-9a-f]"):
            if not any(folder.glob(f"{folder.name}*")):
                continue
            for path in folder.iterdir():
                place = self._root / HOME / folder.name
                with suppress(FileNotFoundError):
                    place.mkdir(parents=True, exist_ok=True)
                    path.replace(place / path.name)
            with suppress(OSError):
                folder.rmdir()


class JobFiles:
    """Files of jobs in a folder of their own: `campaigns`, or `rems`."""

    def __init__(self, root: Path, folder: str) -> None:
        """Store in `folder` below `root`."""
        self._root = root / folder
        self._incoming = root / "incoming"

    def write(self, job: str, name: str, chunks: Iterable[bytes]) -> None:
        """Store a file, replacing one of that name."""
        path = self.folder(job) / _checked(name)
        with _arriving(self._incoming) as file:
            for chunk in chunks:
                file.write(chunk)
            _settle(file, path)

    def path(self, job: str, name: str) -> Path:
        """Return where a file lies; raise NotFound."""
        path = self._root / _checked(job) / _checked(name)
        if not path.is_file():
            raise NotFound(f"There is no file {name} of this job.")
        return path

    def names(self, job: str) -> Sequence[str]:
        """Return the names of a job's files, sorted."""
        folder = self._root / _checked(job)
        return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())

    def folder(self, job: str) -> Path:
        """Return the job's folder, made if need be: for files too large to pass through memory."""
        folder = self._root / _checked(job)
        with writing():
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    def delete(self, job: str, name: str) -> None:
        """Remove a file, if it is there."""
        with writing():
            (self._root / _checked(job) / _checked(name)).unlink(missing_ok=True)

    def remove(self, job: str) -> None:
        """Remove all of a job's files, if there are any."""
        folder = self._root / _checked(job)
        if folder.is_dir():
            with writing():
                shutil.rmtree(folder)

    def sizes(self) -> Mapping[str, int]:
        """Return the bytes that the files of each job take."""
        return {folder.name: _size(folder) for folder in self._root.glob("*") if folder.is_dir()}


@contextmanager
def _arriving(folder: Path) -> Iterator[IO[bytes]]:
    """Open a file that is gone at the end unless it was settled; raise StoreUnavailable when the disk is full."""
    with writing():
        folder.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=folder, delete=False) as file:
            try:
                yield file
            finally:
                Path(file.name).unlink(missing_ok=True)


def _settle(file: IO[bytes], path: Path) -> None:
    """Make a file whole on disk and visible at `path`, in this order."""
    file.flush()
    os.fsync(file.fileno())
    Path(file.name).chmod(0o644)
    path.parent.mkdir(parents=True, exist_ok=True)
    Path(file.name).replace(path)


@contextmanager
def _found(message: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound(message) from error


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE_BYTES):
            yield piece


def _size(folder: Path, *, without: str = "") -> int:
    """Return the bytes of the files in a folder, but of those that end `without`; some may go meanwhile."""
    size = 0
    for place, _, names in os.walk(folder):
        for name in names:
            if without and name.endswith(without):
                continue
            with suppress(FileNotFoundError):
                size += Path(place, name).stat().st_size
    return size


def _type_of(path: Path) -> Path:
    return path.with_name(f"{path.name}{_TYPE}")


def _checked(name: str) -> str:
    """Refuse names that could lead out of the folder."""
    if not NAME.fullmatch(name) or ".." in name:
        raise InvalidInput(f"{name!r} cannot name a file.")
    return name


def _sweep(folder: Path) -> None:
    before = time.time() - ABANDONED_S
    for path in folder.glob("*"):
        # Another process may be quicker.
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                path.unlink()
