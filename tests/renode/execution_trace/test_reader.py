"""The format byte by byte, built by hand, and files that nobody should believe."""

import gzip
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest

from renode.execution_trace.errors import InvalidTrace
from renode.execution_trace.model import ARRAY_FACTOR, Access, ExecutionTrace
from renode.execution_trace.reader import read_trace
from renode.execution_trace.writer import write_trace

MAGIC = b"ReTrace\x05"
PLAIN = MAGIC + b"\x04\x00"
WITH_OPCODES = MAGIC + b"\x04\x01\x01\x0fthumb cortex-m4"
START = len(WITH_OPCODES)
ADDS = bytes.fromhex("00010008 02 4018 00")  # 08000100: adds r0, r0, r1
LDR_WIDE = bytes.fromhex("02010008 04 d1f80400")  # 08000102: ldr.w r0, [r1, #4], two halfwords, each little-endian
LOADED = bytes.fromhex("01 02 0400002000000000 efbeadde00000000 0400002000000000")
BEFORE = bytes.fromhex("04 01 01 02 5230 04 04030201")  # R0 was 01020304
AFTER = bytes.fromhex("04 00 02 02 5230 04 efbeadde 08") + b"SP / R13" + bytes.fromhex("04 00100020")
WHOLE = WITH_OPCODES + ADDS + LDR_WIDE + BEFORE + LOADED + AFTER + b"\x00"
TWO_SETS = MAGIC + b"\x04\x01\x02\x09armv7a m4\x08thumb m4"


def block(triple: int, count: int) -> bytes:
    return bytes((triple,)) + count.to_bytes(8, "little")


def entry(pc: int) -> bytes:
    return pc.to_bytes(4, "little") + bytes.fromhex("02 00bf 00")


def assert_equal(one: ExecutionTrace, other: ExecutionTrace) -> None:
    for name in ("pcs", "opcodes", "sizes", "offsets", "triple"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    for part, names in (
        ("accesses", ("index", "kind", "address", "value", "physical")),
        ("registers", ("index", "before", "name", "width", "value")),
    ):
        for name in names:
            ours, theirs = (getattr(getattr(trace, part), name) for trace in (one, other))
            assert ours.dtype == theirs.dtype
            np.testing.assert_array_equal(ours, theirs)
    assert (one.triples, one.cuts, one.registers.names) == (other.triples, other.cuts, other.registers.names)


def test_every_byte_of_a_trace_is_where_the_format_has_it() -> None:
    trace = read_trace(WHOLE)

    assert trace.triples == ("thumb cortex-m4",)
    assert trace.pcs.tolist() == [0x08000100, 0x08000102]
    assert trace.opcodes.tolist() == [0x1840, 0xF8D10004]
    assert trace.sizes.tolist() == [2, 4]
    assert trace.offsets.tolist() == [len(WITH_OPCODES), len(WITH_OPCODES + ADDS)]
    accesses, registers = trace.accesses, trace.registers
    assert (accesses.index.tolist(), accesses.kind.tolist()) == ([1], [Access.READ])
    assert (accesses.address.tolist(), accesses.value.tolist()) == ([0x20000004], [0xDEADBEEF])
    assert accesses.physical.tolist() == [0x20000004]
    assert registers.names == ("R0", "SP / R13")
    assert registers.before.tolist() == [True, False, False]
    assert registers.name.tolist() == [0, 0, 1]
    assert registers.value.tolist() == [0x01020304, 0xDEADBEEF, 0x20001000]


def test_what_is_read_is_written_byte_for_byte() -> None:
    assert write_trace(read_trace(WHOLE)) == WHOLE
    assert write_trace(read_trace(PLAIN + bytes.fromhex("00010008 00 02010008 00"))) == (
        PLAIN + bytes.fromhex("00010008 00 02010008 00")
    )
    assert write_trace(read_trace(PLAIN)) == PLAIN
    blocks = TWO_SETS + block(1, 2) + entry(0x100) + entry(0x102) + block(1, 1) + entry(0x200)
    assert write_trace(read_trace(blocks)) == blocks


def test_program_counters_alone_are_a_trace_too() -> None:
    trace = read_trace(PLAIN + bytes.fromhex("00010008") + LOADED + b"\x00" + bytes.fromhex("02010008 00"))

    assert not trace.has_opcodes
    assert trace.pcs.tolist() == [0x08000100, 0x08000102]
    assert trace.accesses.index.tolist() == [0]


def test_a_compressed_trace_is_the_same_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "trace.bin.gz"
    file.write_bytes(write_trace(read_trace(WHOLE), compress=True))
    parts = tmp_path / "parts.gz"
    parts.write_bytes(gzip.compress(WHOLE[:40]) + gzip.compress(WHOLE[40:]))

    assert_equal(read_trace(file), read_trace(WHOLE))
    assert_equal(read_trace(parts), read_trace(WHOLE))


def test_an_empty_trace_has_no_instructions() -> None:
    assert len(read_trace(WITH_OPCODES)) == 0


def test_blocks_say_which_instruction_set_and_a_block_that_was_cut_shows() -> None:
    data = TWO_SETS + block(1, 2) + entry(0x100) + entry(0x102)
    data += block(1, 3) + entry(0x200)  # two are missing
    data += block(1, 4)  # all are
    data += block(0, 1) + entry(0x300)
    data += block(1, 2) + entry(0x400)  # the file ends with a block that was cut

    trace = read_trace(data)

    assert trace.pcs.tolist() == [0x100, 0x102, 0x200, 0x300, 0x400]
    assert trace.triple.tolist() == [1, 1, 1, 0, 1]
    assert trace.cuts == (3, 3, 5)


def test_every_file_that_ends_too_early_is_refused_at_the_entry_that_it_ends_in() -> None:
    begins = [len(WITH_OPCODES), len(WITH_OPCODES + ADDS)]
    for length in range(len(WHOLE)):
        if length in begins:
            continue
        with pytest.raises(InvalidTrace) as caught:
            read_trace(WHOLE[:length])
        expected = "not-a-trace" if length < 7 else "truncated"
        assert caught.value.reason == expected, length
        if length > begins[0]:
            assert caught.value.offset == max(begin for begin in begins if begin < length)
            assert f"byte {caught.value.offset} of the trace" in str(caught.value)


@pytest.mark.parametrize(
    ("data", "reason", "offset"),
    [
        (b"", "not-a-trace", 0),
        (b"\x7fELF" + bytes(60), "not-a-trace", 0),
        (b"ReTrace\x04\x04\x00", "version", 7),
        (MAGIC + b"\x08\x00", "pc-width", 8),
        (MAGIC + b"\x00\x01\x01\x01t", "pc-width", 8),
        (MAGIC + b"\x04\x02", "opcodes", 9),
        (MAGIC + b"\x04\x01\x00", "no-triple", 10),
        (WITH_OPCODES + bytes.fromhex("00010008 00 00"), "undecodable", START),
        (WITH_OPCODES + bytes.fromhex("00010008 03 404040 00"), "undecodable", START),
        (WITH_OPCODES + ADDS + ADDS[:-1] + b"\x02" + bytes(17), "unknown-extra", START + 8 + 7),
        (WITH_OPCODES + ADDS[:-1] + b"\x01\x05" + bytes(25), "unknown-access", START + 8),
        (WITH_OPCODES + ADDS[:-1] + b"\x04\x02\x00\x00", "bad-registers", START + 8),
        (WITH_OPCODES + ADDS[:-1] + b"\x04\x00\x01\x01R\x10" + bytes(17), "register-width", START + 12),
        (TWO_SETS + block(2, 1) + entry(0), "bad-block", 30),
        (TWO_SETS + block(1, 0) + entry(0), "bad-block", 30),
        (TWO_SETS + block(1, 2**63) + entry(0), "bad-block", 30),
        (b"\x1f\x8b" + bytes(30), "bad-gzip", 0),
        (gzip.compress(WHOLE, mtime=0)[:-9], "truncated", None),
    ],
)
def test_what_is_no_trace_is_refused_with_the_byte(data: bytes, reason: str, offset: int | None) -> None:
    with pytest.raises(InvalidTrace) as caught:
        read_trace(data)

    assert caught.value.reason == reason
    assert offset is None or caught.value.offset == offset


def test_more_names_of_registers_than_there_are_registers_are_refused() -> None:
    names = b"".join(b"\x02" + f"{n:02x}".encode() + b"\x01\x00" for n in range(65))

    with pytest.raises(InvalidTrace, match="more than 64 registers"):
        read_trace(WITH_OPCODES + ADDS[:-1] + b"\x04\x00\x41" + names + b"\x00")


def test_a_bomb_is_stopped_at_the_limit() -> None:
    bomb = gzip.compress(PLAIN + bytes(50_000_000), compresslevel=9)
    assert len(bomb) < 100_000

    tracemalloc.start()
    with pytest.raises(InvalidTrace) as caught:
        read_trace(bomb, limit_bytes=100_000)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (caught.value.reason, caught.value.offset) == ("too-large", 100_000)
    assert most < 1_000_000
    with pytest.raises(InvalidTrace, match="more than 30 bytes"):
        read_trace(WHOLE, limit_bytes=30)


@pytest.mark.parametrize(
    "filler",
    [
        bytes(5),  # program counters alone
        bytes.fromhex("00000000 0400ff") + bytes.fromhex("000100") * 255 + b"\x00",  # registers without names
        bytes(4) + LOADED * 40 + b"\x00",
    ],
)
def test_arrays_take_no_more_than_they_are_said_to(filler: bytes) -> None:
    data = PLAIN + filler * (1_000_000 // len(filler))

    trace = read_trace(data)

    arrays = [getattr(trace, name) for name in ("pcs", "opcodes", "sizes", "offsets", "triple")]
    arrays += [getattr(trace.accesses, name) for name in ("index", "kind", "address", "value", "physical")]
    arrays += [getattr(trace.registers, name) for name in ("index", "before", "name", "width", "value")]
    assert sum(array.nbytes for array in arrays) <= ARRAY_FACTOR * len(data)


def test_bytes_at_random_are_read_or_refused_and_nothing_else() -> None:
    rng = np.random.default_rng(7)
    whole = np.frombuffer(WHOLE, np.uint8)
    ends: set[int | str | None] = set()
    for _ in range(3000):
        data = np.concatenate([whole, whole[len(WITH_OPCODES) :]])
        where = rng.integers(len(WITH_OPCODES), len(data), rng.integers(1, 4))
        data[where] = rng.integers(0, 256, len(where))
        try:
            ends.add(len(read_trace(data.tobytes())))
        except InvalidTrace as error:
            ends.add(error.reason if error.offset <= len(data) else "beyond the end")

    assert "beyond the end" not in ends
    assert {4, "truncated", "undecodable", "unknown-extra"} <= ends


def test_what_the_format_cannot_hold_is_not_written() -> None:
    trace = read_trace(WHOLE)
    trace.opcodes[0] = 0x12345

    with pytest.raises(ValueError, match="instruction 0: an opcode 0x12345 of 2 bytes"):
        write_trace(trace)


def test_a_damaged_checksum_is_found() -> None:
    packed = bytearray(gzip.compress(WHOLE))
    packed[-8] ^= 1
    assert zlib.crc32(WHOLE)

    with pytest.raises(InvalidTrace, match="damaged"):
        read_trace(bytes(packed))
