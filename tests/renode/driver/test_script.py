from pathlib import Path

import pytest

from jobs.assessing import Platform
from jobs.errors import InvalidInput, SimulatorUnavailable
from jobs.target import Core, Input, InputRole, Memory, Target
from renode.driver.boards import BOARDS, placed, platform_of
from renode.driver.script import PLATFORMS, SCRIPT, Setup, description, parameters, path, write
from renode.elf import read_firmware
from renode.target import bind

KEY = Input(name="key", role=InputRole.KEY, length=16, symbol="aes_key")
TARGET = Target(core=Core.M4, entry="aes128_encrypt", inputs=(KEY,))

RUN = """\
$elf=@{elf}
$platform=@/srv/run/board.repl
$mips=100
$seed=7
$quantum="0.001"
include @/srv/run/twin.resc
"""
BARE = """\
using "./platform.repl"

region0: Memory.MappedMemory @ sysbus 0x08000000
    size: 0x100000

region1: Memory.MappedMemory @ sysbus 0x20000000
    size: 0x10000

region2: Memory.MappedMemory @ sysbus 0x60000000
    size: 0x100000
"""
NRF = """\
using "./platform.repl"

region0: Memory.MappedMemory @ sysbus 0x60000000
    size: 0x100000
"""
TWIN = """\
:name: A Cortex-M under measurement
:description: Loads a program on a platform and stops, for others to let it run. All that differs is a variable.

$platform?=@platforms/cpus/stm32f4.repl
$mips?=100
$seed?=1
$quantum?="0.001"

using sysbus
mach create "twin"
machine LoadPlatformDescription $platform
cpu PerformanceInMips $mips
sysbus LoadELF $elf
emulation SetSeed $seed
emulation SetGlobalQuantum $quantum
emulation SetGlobalSerialExecution true
emulation SetGlobalAdvanceImmediately true
logLevel 3
"""


def setup_of(elf: Path, platform: Platform, target: Target = TARGET) -> Setup:
    return Setup(elf, platform, bind(read_firmware(elf), placed(target, platform)), seed=7)


def test_a_run_is_a_list_of_variables_and_one_script(elfs: dict[str, Path]) -> None:
    setup = setup_of(elfs["aes128_m4"], Platform.CORTEX_M4)

    assert parameters(setup, Path("/srv/run")) == RUN.format(elf=elfs["aes128_m4"])
    assert SCRIPT.read_text() == TWIN


def test_a_bare_core_gets_the_target_s_memory_and_ours(elfs: dict[str, Path]) -> None:
    assert description(Platform.CORTEX_M4, setup_of(elfs["aes128_m4"], Platform.CORTEX_M4).binding) == BARE


def test_a_board_gets_what_it_lacks_and_nothing_twice(elfs: dict[str, Path]) -> None:
    nrf = TARGET.model_copy(
        update={
            "memory": (
                Memory(name="flash", start=0, size=0x100000, access="rx"),
                Memory(name="ram", start=0x20000000, size=0x40000, access="rw"),
            )
        }
    )
    stm = setup_of(elfs["aes128_m4"], Platform.STM32F4)

    # Renode's STM32F4 has RAM behind its memory controller, where our own page lies.
    assert description(Platform.STM32F4, stm.binding) == 'using "./platform.repl"\n'
    assert description(Platform.NRF52840, setup_of(elfs["aes128_m4"], Platform.CORTEX_M4).binding) == NRF
    assert placed(nrf, Platform.NRF52840) == nrf


def test_everything_that_is_read_lies_in_the_run_s_folder(elfs: dict[str, Path], tmp_path: Path) -> None:
    run = write(setup_of(elfs["aes128_m4"], Platform.CORTEX_M4), tmp_path)

    assert run == tmp_path / "run.resc"
    assert {file.name for file in tmp_path.iterdir()} == {"run.resc", "twin.resc", "board.repl", "platform.repl"}
    assert (tmp_path / "platform.repl").read_text() == (PLATFORMS / "cortex-m4.repl").read_text()


@pytest.mark.parametrize("platform", list(Platform))
def test_every_platform_has_a_description_with_its_core(platform: Platform) -> None:
    text = (PLATFORMS / f"{platform.value}.repl").read_text()

    assert ('cpuType: "cortex-' in text) == BOARDS[platform].is_bare
    assert (f'using "platforms/cpus/{platform.value}.repl"' in text) != BOARDS[platform].is_bare


def test_paths_are_written_so_that_the_monitor_reads_them() -> None:
    assert path(Path("/a b/c")) == "@/a\\ b/c"
    for bad in ("relative", "/a;quit", "/a\nquit", "/a\\b"):
        with pytest.raises(SimulatorUnavailable, match="cannot be told the path"):
            path(Path(bad))


def test_a_platform_of_another_core_is_refused() -> None:
    assert platform_of(TARGET, None) is Platform.CORTEX_M4
    with pytest.raises(InvalidInput, match="stm32f103 has a cortex-m3, the target a cortex-m4") as refusal:
        platform_of(TARGET, Platform.STM32F103)
    assert refusal.value.field == "simulator.platform"


def test_a_target_s_memory_lies_where_the_board_has_some() -> None:
    regions = placed(TARGET, Platform.STM32F4).memory
    wrong = TARGET.model_copy(update={"memory": (Memory(name="more", start=0x20040000, size=4096, access="rw"),)})

    assert [(region.start, region.size) for region in regions] == [(0x08000000, 0x100000), (0x20000000, 0x40000)]
    with pytest.raises(InvalidInput, match="stm32f4 has no memory at 0x20040000 to 0x20041000") as refusal:
        placed(wrong, Platform.STM32F4)
    assert refusal.value.field == "target.memory.more"
