"""Reading in the test's own process, where what is read is not hostile."""

import io

from jobs.errors import InvalidInput
from workers.remforge.decoding import Decoded, View, Wanted
from workers.remforge.media.read import read

VIEW = View(64, 64)
WANTED = Wanted((VIEW,), samples=True)


def outcome(data: bytes) -> str:
    """Return the modality that is read, or the reason why none is."""
    try:
        return read_bytes(data).modality.value
    except InvalidInput as error:
        return error.reason or ""


def read_bytes(data: bytes, *, name: str = "", media_type: str = "", wanted: Wanted = WANTED) -> Decoded:
    return read(io.BytesIO(data), name=name, media_type=media_type, wanted=wanted)
