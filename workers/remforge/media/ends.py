"""Whether a file that could not be read ends before its own structure says that it should."""

import os
from typing import BinaryIO

TAIL = 64


def ends_early(file: BinaryIO, form: str) -> bool:
    """Return whether a file of a form of `kinds` is cut; False where its form does not tell."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - TAIL))
    tail = file.read(TAIL)
    file.seek(0)
    head = file.read(32)
    match form:
        case "JPEG":
            return not tail.rstrip(b"\0").endswith(b"\xff\xd9")
        case "PNG":
            return b"IEND" not in tail
        case "GIF":
            return not tail.rstrip(b"\0").endswith(b";")
        case "AVIF" | "JPEG2000" | "mov":
            return _box_beyond(file, size)
    return _said(form, head) > size


def _said(form: str, head: bytes) -> int:
    """Return how many bytes a file says at its beginning that it has, or must have."""
    match form:
        case "WEBP" | "wav" | "avi":
            said = int.from_bytes(head[4:8], "little")
            # What is written to a pipe does not know its length.
            return 12 if said in {0, 0xFFFF_FFFF} else max(12, said + 8)
        case "BMP":
            return max(26, int.from_bytes(head[2:6], "little"))
        case "TIFF":
            return max(8, _directory(head) + 2)
    return 0


def _directory(head: bytes) -> int:
    """Return where a TIFF's first directory is."""
    wide = head[2:4] in {b"+\0", b"\0+"}
    return int.from_bytes(head[8:16] if wide else head[4:8], "little" if head[:2] == b"II" else "big")


def _box_beyond(file: BinaryIO, size: int) -> bool:
    """Walk the outermost boxes of ISO 14496-12."""
    at = 0
    while at + 8 <= size:
        file.seek(at)
        head = file.read(16)
        length = int.from_bytes(head[:4], "big")
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        elif length == 0:
            return False
        if length < 8:
            return False
        at += length
    return at != size
