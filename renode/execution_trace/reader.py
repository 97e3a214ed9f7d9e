"""Reads traces, as Renode writes them or compressed by gzip. Nothing in a file is believed: it may come from anybody."""

import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from renode.execution_trace import parsing
from renode.execution_trace.errors import InvalidTrace
from renode.execution_trace.model import (
    DEFAULT_LIMIT,
    PC_BYTES,
    SIGNATURE,
    VERSION,
    Accesses,
    ExecutionTrace,
    Registers,
)

_GZIP = b"\x1f\x8b"
_GZIP_FORMAT = 31
"""zlib's: with a header and a checksum of gzip."""

ENTRY = np.dtype([("pc", "u4"), ("opcode", "u4"), ("size", "u1"), ("triple", "u1"), ("offset", "i8")])
ACCESS = np.dtype([("index", "i8"), ("kind", "u1"), ("address", "u8"), ("value", "u8"), ("physical", "u8")])
REGISTER = np.dtype([("index", "i8"), ("before", "?"), ("name", "u1"), ("width", "u1"), ("value", "u8")])

_WRONG = {
    parsing.TRUNCATED: ("truncated", "the file ends within the entry or the block that begins here"),
    parsing.LENGTH: ("undecodable", "an opcode has neither 2 nor 4 bytes, so it is no instruction of Thumb"),
    parsing.EXTRA: ("unknown-extra", "what follows the instruction is neither an access to memory nor registers"),
    parsing.KIND: ("unknown-access", "an access to memory is of no kind that there is"),
    parsing.WIDTH: ("register-width", "a register has neither 1, 2, 4 nor 8 bytes"),
    parsing.NAMES: ("too-many-registers", f"more than {parsing.MOST_NAMES} registers have names of their own"),
    parsing.BLOCK: ("bad-block", "a block is of an instruction set that is not listed, or of no length that there is"),
    parsing.BEFORE: ("bad-registers", "registers were read neither before the instruction nor after it"),
}


def read_trace(source: Path | bytes, *, limit_bytes: int = DEFAULT_LIMIT) -> ExecutionTrace:
    """Read a trace; raise InvalidTrace for what is none, is cut short, or has more than `limit_bytes` uncompressed.

    Memory: the file as it is without compression, and at most `ARRAY_FACTOR` times as much for the arrays.
    """
    data = _plain(_bytes(source, limit_bytes), limit_bytes)
    start, has_opcodes, triples = _header(data)
    array = np.frombuffer(data, np.uint8)
    nothing = np.zeros(0, ENTRY), np.zeros(0, ACCESS), np.zeros(0, REGISTER)
    names = np.zeros(parsing.MOST_NAMES, np.int64)
    shape = array, start, int(has_opcodes), max(len(triples), 1)
    status, at, *counts = parsing.parse(*shape, 0, *nothing, names, np.zeros(0, np.int64))
    if status != parsing.DONE:
        reason, what = _WRONG[status]
        raise InvalidTrace(what, reason=reason, offset=at)
    entries, accesses, registers = (
        np.zeros(count, kind) for count, kind in zip(counts, (ENTRY, ACCESS, REGISTER), strict=False)
    )
    cuts = np.zeros(counts[4], np.int64)
    parsing.parse(*shape, 1, entries, accesses, registers, names, cuts)
    return ExecutionTrace(
        pcs=_column(entries, "pc"),
        opcodes=_column(entries, "opcode"),
        sizes=_column(entries, "size"),
        offsets=_column(entries, "offset"),
        accesses=Accesses(**{name: _column(accesses, name) for name in ACCESS.names or ()}),
        registers=Registers(
            **{name: _column(registers, name) for name in REGISTER.names or ()},
            names=tuple(_name(data, int(at)) for at in names[: counts[3]]),
        ),
        triple=_column(entries, "triple"),
        triples=triples,
        cuts=tuple(cuts.tolist()),
    )


def _bytes(source: Path | bytes, limit: int) -> bytes:
    if isinstance(source, bytes):
        return source
    with source.open("rb") as file:
        return file.read(limit + 1)


def _plain(data: bytes, limit: int) -> bytes:
    """Return the trace without compression."""
    if data[:2] == _GZIP:
        data = _inflated(data, limit)
    if len(data) > limit:
        raise InvalidTrace(f"there are more than {limit} bytes", reason="too-large", offset=limit)
    return data


def _inflated(data: bytes, limit: int) -> bytes:
    """Return what gzip's members hold, and a byte more than the limit where that is more."""
    found = bytearray()
    while data and len(found) <= limit:
        member = zlib.decompressobj(_GZIP_FORMAT)
        try:
            found += member.decompress(data, limit + 1 - len(found))
        except zlib.error as error:
            raise InvalidTrace("the compressed data is damaged", reason="bad-gzip", offset=len(found)) from error
        if not member.eof and len(found) <= limit:
            raise InvalidTrace("the compressed data ends here", reason="truncated", offset=len(found))
        data = member.unused_data
    return bytes(found)


def _header(data: bytes) -> tuple[int, bool, tuple[str, ...]]:
    """Return where entries begin, whether they have opcodes, and of which instruction sets."""
    if data[:7] != SIGNATURE:
        raise InvalidTrace("it does not begin as a trace of Renode does", reason="not-a-trace", offset=0)
    at = 10
    if len(data) < at:
        raise InvalidTrace("the file ends within its header", reason="truncated", offset=len(data))
    version, width, opcodes = data[7:at]
    if version != VERSION:
        raise InvalidTrace(f"it is of version {version}, not {VERSION}", reason="version", offset=7)
    if width != PC_BYTES:
        what = "it has no program counters" if width == 0 else f"its program counters have {width} bytes, not 4"
        raise InvalidTrace(what, reason="pc-width", offset=8)
    if opcodes > 1:
        raise InvalidTrace("it says neither that it has opcodes nor that it has none", reason="opcodes", offset=9)
    if not opcodes:
        return at, False, ()
    triples = []
    count, at = data[at : at + 1], at + 1
    for _ in range(count[0] if count else 1):
        size = data[at] if at < len(data) else len(data)
        if at + 1 + size > len(data):
            raise InvalidTrace("the file ends within its header", reason="truncated", offset=len(data))
        triples.append(_name(data, at))
        at += 1 + size
    if not triples:
        raise InvalidTrace("it names no instruction set for its opcodes", reason="no-triple", offset=10)
    return at, True, tuple(triples)


def _name(data: bytes, at: int) -> str:
    """Return the text at `at`, behind its length; what is not ASCII is replaced."""
    return data[at + 1 : at + 1 + data[at]].decode("ascii", "replace")


def _column(table: npt.NDArray[np.void], name: str) -> Any:
    return np.ascontiguousarray(table[name])
