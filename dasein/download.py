"""Files that are too large for memory, saved whole or not at all."""

import os
from collections.abc import Callable
from pathlib import Path

import httpx

from dasein.errors import BadAnswer
from dasein.transport import Transport

PIECE = 256 * 1024


def download(http: Transport, path: str, target: Path, *, whole: Callable[[Path], bool] = lambda _path: True) -> Path:
    """Save the answer to GET `path` as `target`, replacing a file of that name once it is whole; return it.

    A download that is cut begins again; raise Unreachable when that does not help, and whatever the farm refuses.
    `whole` tells of files that say by themselves whether they are; raise BadAnswer for one that is not.
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
            if not whole(part):
                raise BadAnswer(f"{path} ended before its end; {target} was not written.")
            part.replace(target)
            return target
    finally:
        part.unlink(missing_ok=True)
