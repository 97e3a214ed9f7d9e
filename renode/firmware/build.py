"""Build the firmware: `python -m renode.firmware.build [--out build/firmware] [--compiler auto|zig|gcc]`.

The same sources and compiler give the same bytes, wherever and whenever they are built: paths are mapped to those of
the repository and nothing stamps a date. The default compiler, zig, comes with the locked dependencies.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from renode.firmware.sbox import header

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SOURCES = HERE.relative_to(ROOT)

FLAGS = (
    "-std=c11",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-mthumb",
    "-g",
    "-ffreestanding",
    "-fno-builtin",
    "-fno-common",
    "-fno-stack-protector",
    "-fno-asynchronous-unwind-tables",
    "-fno-unwind-tables",
    "-fomit-frame-pointer",
    "-ffunction-sections",
    "-fdata-sections",
    "-nostdlib",
    "-static",
    "-Wl,--gc-sections",
    "-Wl,--build-id=none",
    "-Wl,--entry=reset_handler",
    "-Wl,-z,max-page-size=256",
)


class BuildFailed(Exception):
    """The compiler is absent or refused a source; the message is what to show."""


@dataclass(frozen=True, slots=True)
class Board:
    """A core and how firmware for it is usually optimised."""

    name: str
    core: str
    optimisation: str


@dataclass(frozen=True, slots=True)
class Program:
    """One ELF: `<name>_<board>.elf` from `<source>`."""

    name: str
    source: str
    board: Board
    macros: tuple[str, ...] = ()

    @property
    def elf(self) -> str:
        """Return the file's name."""
        return f"{self.name}_{self.board.name}.elf"


M0 = Board("m0", "cortex-m0", "-Os")
M4 = Board("m4", "cortex-m4", "-O2")

PROGRAMS = (
    Program("aes128", "aes128.c", M4),
    Program("aes128", "aes128.c", M0),
    Program("aes128_masked", "aes128_masked.c", M4),
    Program("aes128_masked", "aes128_masked.c", M0),
    Program("aes128_masked_unsafe", "aes128_masked.c", M4, ("-DTRUST_THE_OPTIMISER",)),
    Program("compare_leaky", "compare_leaky.c", M4),
    Program("compare_leaky", "compare_leaky.c", M0),
    Program("compare_ct", "compare_ct.c", M4),
    Program("compare_ct", "compare_ct.c", M0),
    Program("reduce_leaky", "reduce_leaky.c", M4),
    Program("reduce_leaky", "reduce_leaky.c", M0),
    Program("reduce_ct", "reduce_ct.c", M4),
    Program("reduce_ct", "reduce_ct.c", M0),
    Program("checksum", "checksum.c", M4),
    Program("quotient_leaky", "quotient_leaky.c", M4),
    Program("quotient_ct", "quotient_ct.c", M4),
    Program("aes128_ct", "aes128_ct.c", M4),
)
WHOLE_PROGRAMS = (Program("station", "station.c", M4),)
"""Programs that use a board's peripherals: they run on Renode alone, as renode/examples shows."""


@dataclass(frozen=True, slots=True)
class Compiler:
    """A command that compiles and links, what identifies it, and where its own headers lie."""

    name: str
    command: tuple[str, ...]
    version: str
    headers: Path

    def core(self, board: Board) -> tuple[str, ...]:
        """Return the flags that select the board's core."""
        if self.name == "zig":
            return ("-target", "thumb-freestanding-eabi", f"-mcpu={board.core.replace('-', '_')}")
        return (f"-mcpu={board.core}", "-mfloat-abi=soft")


def find_compiler(name: str) -> Compiler:
    """Return zig, gcc, or with `auto` zig where it is installed and else gcc; raise BuildFailed with how to get it."""
    zig = find_spec("ziglang")
    gcc = shutil.which("arm-none-eabi-gcc")
    if name in ("auto", "zig") and zig is not None and zig.origin is not None:
        command = (sys.executable, "-m", "ziglang")
        return Compiler("zig", (*command, "cc"), _output_of([*command, "version"]), Path(zig.origin).parent)
    if name in ("auto", "gcc") and gcc is not None:
        headers = Path(_output_of([gcc, "-print-file-name=include"])).resolve()
        return Compiler("gcc", (gcc,), _output_of([gcc, "-dumpfullversion"]), headers)
    if name == "gcc":
        raise BuildFailed(
            "arm-none-eabi-gcc is not on the PATH; --compiler zig needs no more than `pip install ziglang`"
        )
    raise BuildFailed("no compiler: `pip install ziglang`, or put arm-none-eabi-gcc on the PATH")


def _output_of(command: Sequence[str]) -> str:
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        raise BuildFailed(f"{' '.join(command)} failed: {ran.stderr.strip()}")
    return ran.stdout.strip()


def build(program: Program, compiler: Compiler, out: Path) -> Path:
    """Build `program` into `out` unless it is there and nothing it is made from changed; return the ELF."""
    elf = out / program.elf
    stamp = out / ".inputs" / program.elf
    inputs = _digest(program, compiler)
    if elf.is_file() and stamp.is_file() and stamp.read_text() == inputs:
        return elf
    fresh = out / f".{program.elf}.{os.getpid()}"
    sources = (str(SOURCES / program.source), str(SOURCES / "startup.c"))
    command = [*compiler.command, *_flags(program, compiler), *_places(compiler, out), *sources, "-o", str(fresh)]
    try:
        ran = subprocess.run(command, cwd=ROOT, env=_environment(out), capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            raise BuildFailed(f"{program.elf}: {compiler.name} ended with {ran.returncode}\n{ran.stderr.strip()}")
        fresh.replace(elf)
    finally:
        fresh.unlink(missing_ok=True)
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(inputs)
    return elf


def _flags(program: Program, compiler: Compiler) -> tuple[str, ...]:
    return (*compiler.core(program.board), program.board.optimisation, *FLAGS, *program.macros)


def _places(compiler: Compiler, out: Path) -> tuple[str, ...]:
    """Return where things lie on this machine, and by which names the ELF shall know them; the last match wins."""
    # zig names its headers from the current folder.
    names = {ROOT: ".", out: "build/firmware", compiler.headers: compiler.name}
    names[Path(os.path.relpath(compiler.headers, ROOT))] = compiler.name
    maps = (f"-ffile-prefix-map={place}={name}" for place, name in names.items())
    return (*maps, "-I", str(out / "include"), f"-Wl,-T,{SOURCES / 'link.ld'}")


def _digest(program: Program, compiler: Compiler) -> str:
    digest = hashlib.sha256(repr((compiler.name, compiler.version, _flags(program, compiler))).encode())
    for path in (
        HERE / program.source,
        *(() if program in PROGRAMS else (HERE / "aes128.c",)),
        HERE / "startup.c",
        HERE / "link.ld",
        *sorted(HERE.glob("*.h")),
        Path(__file__),
    ):
        digest.update(path.read_bytes())
    digest.update(header().encode())
    return digest.hexdigest()


def _environment(out: Path) -> Mapping[str, str]:
    cache = str(out / ".cache")
    return {**os.environ, "ZIG_GLOBAL_CACHE_DIR": cache, "ZIG_LOCAL_CACHE_DIR": cache, "SOURCE_DATE_EPOCH": "0"}


def build_all(out: Path, *, compiler: str = "auto") -> list[Path]:
    """Build every program into `out`, as many at a time as there are cores; return the ELFs in order, whole programs last."""
    out = out.resolve()
    _write_header(out / "include" / "sbox.h")
    found = find_compiler(compiler)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(lambda program: build(program, found, out), (*PROGRAMS, *WHOLE_PROGRAMS)))


def _write_header(path: Path) -> None:
    """Write the S-box's header unless it is there already: another build may be reading it."""
    if path.is_file() and path.read_text() == header():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.write_text(header())
    fresh.replace(path)


def main(arguments: Sequence[str] | None = None) -> int:
    """Build all, print one line per ELF: name, bytes, first digits of its sha256."""
    parser = argparse.ArgumentParser(description="Build the firmware that comes with the farm.")
    parser.add_argument("--out", type=Path, default=Path("build/firmware"), help="folder of the ELFs (%(default)s)")
    parser.add_argument(
        "--compiler", choices=("auto", "zig", "gcc"), default="auto", help="auto: zig from PyPI, else Arm's GCC"
    )
    options = parser.parse_args(arguments)
    try:
        elves = build_all(options.out, compiler=options.compiler)
    except BuildFailed as error:
        print(error, file=sys.stderr)  # noqa: T201 -- a command line's output
        return 1
    for elf in elves:
        content = elf.read_bytes()
        print(f"{elf.name:28} {len(content):6} {hashlib.sha256(content).hexdigest()[:12]}")  # noqa: T201 -- the same
    return 0


if __name__ == "__main__":
    sys.exit(main())
