import struct
import sys
from pathlib import Path
from typing import Any

import pytest
import unicorn
from elftools.elf.elffile import ELFFile
from unicorn import arm_const

from renode.firmware import build
from tests.renode.firmware.conftest import sizes_and_values

FLASH, RAM, RAM_BYTES = 0x08000000, 0x20000000, 0x10000
STARTS = {
    *("aes128_encrypt", "aes128_masked_encrypt", "aes128_ct_encrypt", "compare_leaky", "compare_ct"),
    *("reduce_leaky", "reduce_ct", "checksum", "quotient_leaky", "quotient_ct"),
    *("aes192_encrypt", "aes256_encrypt", "chacha20_block"),
}
NAMES = [program.elf for program in build.PROGRAMS]


def test_two_builds_in_different_folders_are_byte_identical(firmware: Path, tmp_path: Path) -> None:
    again = build.build_all(tmp_path / "somewhere" / "else", compiler="zig")

    assert [elf.name for elf in again] == [*NAMES, *(program.elf for program in build.WHOLE_PROGRAMS)]
    for elf in again:
        assert elf.read_bytes() == (firmware / elf.name).read_bytes(), elf.name


def test_what_is_up_to_date_is_not_built_again(tmp_path: Path) -> None:
    first = build.build_all(tmp_path, compiler="zig")
    built_at = [elf.stat().st_mtime_ns for elf in first]

    (tmp_path / ".inputs" / NAMES[0]).write_text("other sources")
    first[1].unlink()
    second = build.build_all(tmp_path, compiler="zig")

    changed = [elf.name for elf, before in zip(second, built_at, strict=True) if elf.stat().st_mtime_ns != before]
    assert changed == NAMES[:2]


@pytest.mark.parametrize("name", NAMES)
def test_no_path_of_this_machine_is_in_an_elf(firmware: Path, name: str) -> None:
    content = (firmware / name).read_bytes()

    for place in (build.ROOT, firmware, Path(sys.prefix), Path.home()):
        assert f"{place}/".encode() not in content


@pytest.mark.parametrize("program", build.PROGRAMS, ids=NAMES)
def test_an_image_would_boot(firmware: Path, program: build.Program) -> None:
    with (firmware / program.elf).open("rb") as stream:
        elf = ELFFile(stream)
        loaded = [part for part in elf.iter_segments() if part["p_type"] == "PT_LOAD"]
        images = [(part["p_paddr"], part.data()) for part in loaded]
        machine, entry = elf["e_machine"], elf["e_entry"]
    named = {name: value for name, (_, value) in sizes_and_values(firmware / program.elf).items()}
    (start,) = STARTS & named.keys()

    models = {"cortex-m0": arm_const.UC_CPU_ARM_CORTEX_M0, "cortex-m4": arm_const.UC_CPU_ARM_CORTEX_M4}
    engine: Any = unicorn  # has no types
    core = engine.Uc(engine.UC_ARCH_ARM, engine.UC_MODE_THUMB | engine.UC_MODE_MCLASS)
    core.ctl_set_cpu_model(models[program.board.core])
    core.mem_map(FLASH, 2**20)
    core.mem_map(RAM, RAM_BYTES)
    core.mem_write(RAM, b"\xa5" * RAM_BYTES)
    for address, image in images:
        core.mem_write(address, image)
    stack, reset = struct.unpack("<II", core.mem_read(FLASH, 8))
    core.reg_write(arm_const.UC_ARM_REG_SP, stack)
    core.emu_start(reset, named[start] & ~1, count=10_000)

    assert (machine, entry) == ("EM_ARM", reset)
    assert (stack, reset) == (RAM + RAM_BYTES, named["reset_handler"])
    assert core.reg_read(arm_const.UC_ARM_REG_PC) == named[start] & ~1
    zeroed = named["bss_end"] - named["bss_start"]
    assert bytes(core.mem_read(named["bss_start"], zeroed)) == bytes(zeroed)


@pytest.mark.parametrize("program", build.PROGRAMS, ids=NAMES)
def test_lines_name_the_sources_by_their_place_in_the_repository(firmware: Path, program: build.Program) -> None:
    with (firmware / program.elf).open("rb") as stream:
        units = [unit.get_top_DIE() for unit in ELFFile(stream).get_dwarf_info().iter_CUs()]
        names = {unit.attributes["DW_AT_name"].value.decode() for unit in units}

    assert names == {f"renode/firmware/{program.source}", "renode/firmware/startup.c"}


def test_an_absent_gcc_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    code = build.main(["--out", str(tmp_path), "--compiler", "gcc"])

    shown = capsys.readouterr()
    assert code == 1
    assert shown.out == ""
    assert shown.err.startswith("arm-none-eabi-gcc is not on the PATH")
    assert shown.err.count("\n") == 1


def test_what_the_compiler_says_about_a_bad_source_is_passed_on(firmware: Path) -> None:
    bad = build.Program("bad", "compare_ct.c", build.M4, ("-Duint32_t=",))

    with pytest.raises(build.BuildFailed, match=r"(?s)bad_m4\.elf: zig ended with .*renode/firmware/compare_ct\.c:\d+"):
        build.build(bad, build.find_compiler("zig"), firmware)

    assert not (firmware / bad.elf).exists()
    assert [path.name for path in firmware.iterdir() if path.name.startswith(".bad")] == []
