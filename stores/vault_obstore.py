"""Backups in a folder or in a bucket of S3's protocol, by obstore: `/mnt/backup`, `file:///mnt/backup`, `s3://bucket/prefix`.

What a bucket needs beyond the settings (region, roles of a cloud's machines) obstore finds in the environment (`AWS_*`).
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError, PreconditionError
from obstore.store import LocalStore, S3Store

from jobs.errors import InvalidInput, NotFound, StoreUnavailable

PIECE_BYTES = 4 * 1024 * 1024
DELETED_AT_ONCE = 500


class ObjectVault:
    """Objects in a folder or in a bucket."""

    def __init__(
        self,
        url: str,
        *,
        endpoint: str | None = None,
        region: str | None = None,
        key_id: str | None = None,
        key: str | None = None,
    ) -> None:
        """Look at nothing yet, but make a folder that is not there; raise InvalidInput for another kind of URL."""
        parts = urlsplit(url)
        self._local = parts.scheme in {"", "file"}
        self._store: LocalStore | S3Store
        with translated():
            if self._local:
                folder = Path(unquote(parts.path) if parts.scheme else url)
                if not folder.is_absolute():
                    raise InvalidInput("A folder for backups is an absolute path.", field="backup_url")
                # What lies in it may be the farm's secrets: a folder that we make is its owner's alone.
                folder.parent.mkdir(parents=True, exist_ok=True)
                folder.mkdir(mode=0o700, exist_ok=True)
                self._store = LocalStore(folder, automatic_cleanup=True)
            elif parts.scheme == "s3" and parts.netloc:
                given: dict[str, Any] = {
                    "endpoint": endpoint,
                    "region": region,
                    "access_key_id": key_id,
                    "secret_access_key": key,
                }
                config = {name: value for name, value in given.items() if value is not None}
                if (endpoint or "").startswith("http://"):
                    config["client_options"] = {"allow_http": True}
                self._store = S3Store(parts.netloc, prefix=parts.path.strip("/") or None, **config)
            else:
                raise InvalidInput("Backups go to an absolute path, file:// or s3://bucket.", field="backup_url")

    def put(self, name: str, source: IO[bytes]) -> None:
        """Write an object."""
        with translated():
            obstore.put(self._store, name, source)
        source.seek(0, os.SEEK_END)

    def claim(self, name: str, data: bytes) -> bool:
        """Write an object unless it is there."""
        try:
            with translated():
                obstore.put(self._store, name, data, mode="create")
        except (AlreadyExistsError, PreconditionError):
            return False
        return True

    def get(self, name: str) -> Iterator[bytes]:
        """Yield an object's bytes."""
        with translated():
            for piece in obstore.get(self._store, name).stream(min_chunk_size=PIECE_BYTES):
                yield bytes(piece)

    def names(self, prefix: str) -> Mapping[str, int]:
        """Return objects with their sizes."""
        with translated():
            pages = obstore.list(self._store, prefix)
            return {one["path"]: one["size"] for page in pages for one in page}

    def folders(self, prefix: str) -> list[str]:
        """Return folders."""
        with translated():
            found = obstore.list_with_delimiter(self._store, prefix)["common_prefixes"]
        return sorted(one.rstrip("/").rpartition("/")[2] for one in found)

    def delete(self, names: Sequence[str]) -> None:
        """Remove objects."""
        with translated():
            for first in range(0, len(names), DELETED_AT_ONCE):
                obstore.delete(self._store, list(names[first : first + DELETED_AT_ONCE]))

    def settle(self) -> None:
        """Have the disk keep what was written; a bucket has done so already."""
        if self._local:
            os.sync()


@contextmanager
def translated() -> Iterator[None]:
    """Turn what the driver says into our errors; it writes a page about each."""
    try:
        yield
    except (FileNotFoundError, NotFoundError) as error:
        raise NotFound(f"The backup lacks an object: {_brief(error)}") from error
    except (AlreadyExistsError, PreconditionError):
        raise
    except (BaseError, OSError) as error:
        raise StoreUnavailable(f"Backups: {_brief(error)}") from error
    except ValueError as error:
        # Of a name that leads out of the vault, before anything is opened.
        raise InvalidInput(f"Backups: {_brief(error)}") from error


def _brief(error: Exception) -> str:
    return str(error).partition("\n")[0][:300]
