"""Files that are too large for memory, saved whole or not at all."""

import os
from pathlib import Path

import httpx

from dasein.transport import Transport

PIECE = 256 * 1024


def download(http: Transport, path: str, target: Path) -> Path:
    """Save the answer to GET `path` as `target`, replacing a file of that name once it is whole; return it.

    A download that is cut begins again; raise Unreachable when that does not help, and whatever the farm refuses.
    """
    part = target.with_name(f".{target.name}.{os.getpid()}")
    patience = http.patience()
    try:
        while True:
            try:
                with http.stream("GET", path, headers={"Accept": "*/*"}) as answer, part.open("wb") as file:
                    for piece in answer.iter_bytes(PIECE):
                        file.write(piece)
            except httpx.TransportError as error:
                if not patience.pause():
                    raise http.lost(error) from error
                continue
            part.replace(target)
            return target
    finally:
        part.unlink(missing_ok=True)
