"""What is refused before anything runs, and with which code."""

import io
import struct
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from elftools.elf.elffile import ELFFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.errors import InvalidFirmware, InvalidInput
from jobs.target import Core, Memory
from renode.elf import MAX_FILE_BYTES, parse_firmware, read_firmware
from renode.target import bind
from tests.renode.conftest import Program
from tests.renode.targets import buffer_target

TYPE, MACHINE, PHOFF, SHOFF, PHNUM, SHNUM = 16, 18, 28, 32, 44, 48
OFFSET, ADDRESS, FILE_BYTES, MEMORY_BYTES = 4, 8, 16, 20


def changed(file: bytes, at: int, value: int, size: int = 2) -> bytes:
    return file[:at] + value.to_bytes(size, "little") + file[at + size :]


def in_segment(file: bytes, field: int, value: int, number: int = 0) -> bytes:
    start = int.from_bytes(file[PHOFF : PHOFF + 4], "little") + 32 * number
    return changed(file, start + field, value, 4)


def reason_of(file: bytes) -> str | None:
    with pytest.raises(InvalidFirmware) as refused:
        parse_firmware(file)
    assert refused.value.field == "firmware"
    return refused.value.reason


@pytest.fixture(scope="module")
def good(program: Program) -> bytes:
    return program("calls.c").read_bytes()


def test_symbols_functions_and_lines_are_those_that_pyelftools_reads(program: Program) -> None:
    elf = program("mix.c", Core.M4, "-O2")
    firmware = read_firmware(elf)

    with elf.open("rb") as file:
        other: Any = ELFFile(file)
        table = other.get_section_by_name(".symtab")
        named = {s.name: s for s in table.iter_symbols() if s["st_info"]["type"] in {"STT_FUNC", "STT_OBJECT"}}
        for name, symbol in named.items():
            ours = firmware.symbols[name]
            assert (ours.address, ours.size) == (symbol["st_value"] & ~ours.function, symbol["st_size"])
        dwarf = other.get_dwarf_info()
        checked = 0
        for unit in dwarf.iter_CUs():
            lines = dwarf.line_program_for_CU(unit)
            states = [entry.state for entry in lines.get_entries() if entry.state is not None]
            for state, following in pairwise(states):
                if state.end_sequence or state.address == following.address:
                    continue
                found = firmware.lines.at(state.address)
                assert (found[1] if found else 0) == state.line
                checked += 1
    assert checked > 100
    assert firmware.has_lines


def test_dwarf_5_is_read_like_dwarf_4(program: Program) -> None:
    four = read_firmware(program("calls.c", Core.M4, "-gdwarf-4"))
    five = read_firmware(program("calls.c", Core.M4, "-gdwarf-5"))

    addresses = range(*four.code[0], 2)

    assert [four.lines.at(address) for address in addresses] == [five.lines.at(address) for address in addresses]
    assert four.lines.at(four.symbols["invert"].address)


@pytest.mark.parametrize(
    ("reason", "spoil"),
    [
        ("not-elf", lambda file: file[:0]),
        ("not-elf", lambda file: b"MZ" + file),
        ("truncated", lambda file: file[:40]),
        ("truncated", lambda file: file[:60]),
        ("truncated", lambda file: file[:-1000]),
        ("not-32-bit", lambda file: file[:4] + b"\2" + file[5:]),
        ("not-little-endian", lambda file: file[:5] + b"\2" + file[6:]),
        ("not-arm", lambda file: changed(file, MACHINE, 3)),
        ("not-arm", lambda file: changed(file, MACHINE, 62)),
        ("not-executable", lambda file: changed(file, TYPE, 1)),
        ("not-executable", lambda file: changed(file, TYPE, 3)),
        ("not-executable", lambda file: changed(file, TYPE, 4)),
        ("no-segments", lambda file: changed(file, PHNUM, 0)),
        ("too-large", lambda file: changed(file, PHNUM, 65)),
        ("too-large", lambda file: changed(file, SHNUM, 5000)),
        ("truncated", lambda file: changed(file, SHOFF, len(file), 4)),
        ("truncated", lambda file: in_segment(file, OFFSET, len(file))),
        ("bad-segment", lambda file: in_segment(file, MEMORY_BYTES, 1)),
        ("bad-segment", lambda file: in_segment(file, MEMORY_BYTES, 0xFFFFFFFF)),
        ("overlapping-segments", lambda file: in_segment(file, ADDRESS, 0x08000000, 1)),
        ("no-symbols", lambda file: changed(changed(file, SHNUM, 0), 50, 0)),
        ("too-large", lambda file: file + bytes(MAX_FILE_BYTES)),
    ],
)
def test_a_spoilt_file_is_refused_with_the_rule_that_it_breaks(good: bytes, reason: str, spoil: Any) -> None:
    assert reason_of(spoil(good)) == reason


def test_a_64_bit_elf_of_this_machine_is_refused() -> None:
    file = Path("/proc/self/exe").resolve().read_bytes()[:MAX_FILE_BYTES]

    assert reason_of(file) == "not-32-bit"


def test_a_stripped_elf_is_refused_for_its_symbols(program: Program) -> None:
    assert reason_of(program("calls.c", Core.M4, "-s").read_bytes()) == "no-symbols"


def test_an_elf_without_code_is_refused(good: bytes) -> None:
    assert reason_of(in_segment(good, 24, 4)) == "no-code"


def refusal(elf: Path, **target: Any) -> tuple[str | None, str | None]:
    entry = target.pop("entry", "scribble")
    with pytest.raises(InvalidInput) as refused:
        bind(read_firmware(elf), buffer_target(entry, **target))
    return refused.value.field, refused.value.reason


def test_code_for_more_than_the_core_is_refused(program: Program) -> None:
    assert refusal(program("calls.c", Core.M4), core=Core.M0) == ("firmware", "wrong-core")
    assert refusal(program("calls.c", Core.M4), core=Core.M3) == ("firmware", "wrong-core")
    assert refusal(program("calls.c", Core.M3), core=Core.M0) == ("firmware", "wrong-core")
    assert bind(read_firmware(program("calls.c", Core.M0)), buffer_target("scribble", Core.M4)).setup is None


def test_a_segment_outside_the_memory_map_is_refused(program: Program) -> None:
    memory = [
        Memory(name="flash", start=0, size=4096, access="rx"),
        Memory(name="ram", start=0x20000000, size=65536, access="rw"),
    ]

    assert refusal(program("calls.c"), memory=memory) == ("firmware", "outside-memory")
    # Whoever has code of another core is told that, and not to describe its memory first.
    assert refusal(program("calls.c"), memory=memory, core=Core.M0) == ("firmware", "wrong-core")


@pytest.mark.parametrize(
    ("field", "reason", "target"),
    [
        ("target.entry", "missing-symbol", {"entry": "nowhere"}),
        ("target.entry", "not-code", {"entry": "buffer"}),
        ("target.setup", "missing-symbol", {"setup": "nowhere"}),
        (
            "target.inputs.key.symbol",
            "missing-symbol",
            {"inputs": [{"name": "key", "role": "key", "length": 4, "symbol": "nowhere"}]},
        ),
        (
            "target.inputs.key.symbol",
            "length-mismatch",
            {"inputs": [{"name": "key", "role": "key", "length": 17, "symbol": "buffer"}]},
        ),
        (
            "target.inputs.key.symbol",
            "not-writable",
            {"inputs": [{"name": "key", "role": "key", "length": 4, "symbol": "table"}]},
        ),
        (
            "target.inputs.text.symbol",
            "overlapping-inputs",
            {
                "inputs": [
                    {"name": "key", "role": "key", "length": 16, "symbol": "buffer"},
                    {"name": "text", "role": "plaintext", "length": 1, "symbol": "buffer"},
                ]
            },
        ),
        ("target.output.symbol", "length-mismatch", {"output": {"length": 17, "symbol": "buffer"}}),
        ("target.output.length", "length-mismatch", {"output": {"length": 5}}),
        ("target.arguments.0", "no-output", {"arguments": [{"output": True}]}),
    ],
)
def test_a_target_that_does_not_fit_names_its_field(
    program: Program, field: str, reason: str, target: dict[str, Any]
) -> None:
    assert refusal(program("calls.c"), **target) == (field, reason)


@pytest.mark.parametrize(
    ("name", "reason", "region"),
    [
        ("odd", "unaligned-region", {"start": 0x30000100, "size": 4096, "access": "rw"}),
        ("twice", "overlapping-regions", {"start": 0x2000F000, "size": 8192, "access": "rw"}),
        ("device", "execute-never", {"start": 0x40000000, "size": 4096, "access": "rx"}),
        ("system", "system-space", {"start": 0xE000E000, "size": 4096, "access": "rw"}),
    ],
)
def test_a_memory_map_that_no_core_has_is_refused(
    program: Program, name: str, reason: str, region: dict[str, Any]
) -> None:
    memory = [
        Memory(name="flash", start=0x08000000, size=2**20, access="rx"),
        Memory(name="ram", start=0x20000000, size=2**16, access="rw"),
        Memory.model_validate({"name": name, **region}),
    ]

    assert refusal(program("calls.c"), memory=memory) == (f"target.memory.{name}", reason)


def test_malformed_lines_are_unknown_lines(good: bytes) -> None:
    section: Any = ELFFile(io.BytesIO(good)).get_section_by_name(".debug_line")
    start = section["sh_offset"]

    firmware = parse_firmware(good[: start + 4] + b"\x63" + good[start + 5 :])

    assert not firmware.has_lines
    assert firmware.lines.at(firmware.symbols["invert"].address) is None


SHAPES = st.one_of(
    st.tuples(st.just("cut"), st.integers(0, 2**14), st.just(0)),
    st.tuples(st.just("word"), st.integers(0, 2**14), st.sampled_from([0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 0x80000000])),
    st.tuples(st.just("byte"), st.integers(0, 2**14), st.integers(0, 255)),
)


@settings(
    max_examples=600, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(changes=st.lists(SHAPES, min_size=1, max_size=4))
def test_a_mutated_elf_is_refused_or_usable_and_never_breaks_the_reader(
    good: bytes, changes: list[tuple[str, int, int]]
) -> None:
    file = good
    for shape, at, value in changes:
        where = at % max(len(file), 1)
        if shape == "cut":
            file = file[:where]
        elif shape == "word":
            file = file[:where] + struct.pack("<I", value) + file[where + 4 :]
        else:
            file = file[:where] + bytes([value]) + file[where + 1 :]

    try:
        firmware = parse_firmware(file)
        bind(firmware, buffer_target("scribble", Core.M4, output={"length": 4}))
    except InvalidInput as refused:
        assert refused.reason  # noqa: PT017 -- either outcome is right, an error without a code is not
    else:
        assert isinstance(firmware.has_lines, bool)
        for function in firmware.functions:
            firmware.lines.at(function.address)
            firmware.function_at(function.address)
