"""Writes traces as Renode does: for peers that stand in for it, and for what is kept to be read again."""

import gzip
from itertools import pairwise

import numpy as np

from renode.execution_trace.model import PC_BYTES, SIGNATURE, VERSION, ExecutionTrace

_MEMORY, _REGISTERS, _END = b"\x01", b"\x04", b"\x00"


def write_trace(trace: ExecutionTrace, *, compress: bool = False) -> bytes:
    """Return the file of a trace; raise ValueError for what the format cannot hold.

    `offsets` is not looked at. With several triples a block ends where the instruction set changes, where the next pc
    is not the following one, and at a cut, where its number says one more than there are.
    """
    opcodes = trace.has_opcodes
    header = SIGNATURE + bytes((VERSION, PC_BYTES, int(opcodes)))
    if opcodes:
        header += bytes((len(trace.triples),)) + b"".join(_text(triple) for triple in trace.triples)
    count = len(trace)
    entries = [_entry(trace, index) for index in range(count)] if count else []
    extras = _extras(trace)
    body = bytearray()
    for first, last, claimed in _blocks(trace):
        if len(trace.triples) > 1:
            body += bytes((int(trace.triple[first]) if first < count else 0,)) + claimed.to_bytes(8, "little")
        for index in range(first, last):
            body += entries[index] + extras.get(index, b"") + _END
    data = header + bytes(body)
    return gzip.compress(data, compresslevel=1, mtime=0) if compress else data


def _entry(trace: ExecutionTrace, index: int) -> bytes:
    entry = int(trace.pcs[index]).to_bytes(PC_BYTES, "little")
    if not trace.has_opcodes:
        return entry
    size, opcode = int(trace.sizes[index]), int(trace.opcodes[index])
    if size not in {2, 4} or opcode >> 8 * size:
        raise ValueError(f"instruction {index}: an opcode 0x{opcode:x} of {size} bytes")
    halves = (opcode,) if size == 2 else (opcode >> 16, opcode & 0xFFFF)
    return entry + bytes((size,)) + b"".join(half.to_bytes(2, "little") for half in halves)


def _extras(trace: ExecutionTrace) -> dict[int, bytes]:
    """Return what follows each instruction: registers before it, accesses, registers after it."""
    found: dict[int, tuple[bytearray, bytearray, bytearray]] = {}
    accesses, registers = trace.accesses, trace.registers
    for k, index in enumerate(accesses.index.tolist()):
        numbers = (int(column[k]) for column in (accesses.address, accesses.value, accesses.physical))
        part = found.setdefault(index, (bytearray(), bytearray(), bytearray()))[1]
        part += _MEMORY + bytes((int(accesses.kind[k]),)) + b"".join(n.to_bytes(8, "little") for n in numbers)
    keys = np.stack([registers.index, registers.before.astype(np.int64)], axis=1)
    starts = [0, *(np.flatnonzero((keys[1:] != keys[:-1]).any(axis=1)) + 1).tolist(), len(keys)] if len(keys) else [0]
    for start, end in pairwise(starts):
        index, before = keys[start].tolist()
        part = found.setdefault(index, (bytearray(), bytearray(), bytearray()))[0 if before else 2]
        part += _REGISTERS + bytes((before, end - start))
        for k in range(start, end):
            width = int(registers.width[k])
            part += _text(registers.names[int(registers.name[k])]) + bytes((width,))
            part += int(registers.value[k]).to_bytes(width, "little")
    return {index: b"".join(parts) for index, parts in found.items()}


def _blocks(trace: ExecutionTrace) -> list[tuple[int, int, int]]:
    """Return [first, last) of each block and how many instructions it says that it has."""
    count = len(trace)
    if len(trace.triples) < 2:
        return [(0, count, count)] if count else []
    following = trace.pcs[:-1] + trace.sizes[:-1]
    jumped = np.flatnonzero((trace.pcs[1:] != following) | (trace.triple[1:] != trace.triple[:-1])) + 1
    cuts = set(trace.cuts)
    bounds = sorted({0, count, *jumped.tolist(), *cuts})
    return [(first, last, last - first + (last in cuts)) for first, last in pairwise(bounds)]


def _text(text: str) -> bytes:
    """Return a text behind its length."""
    encoded = text.encode("ascii")
    if len(encoded) > 255:
        raise ValueError(f"{text[:20]}...: at most 255 bytes")
    return bytes((len(encoded),)) + encoded
