"""C programs as a compiler makes them, for every core and every optimisation."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import NamedTuple

from jobs.target import Core, Target
from renode.lockstep.maker import maker_of
from tests.renode.conftest import compile_program
from tests.renode.lockstep.cases import Inputs
from tests.renode.lockstep.compare import Compared, Making, compare

ENTRIES = {
    "ciphers.c": ("sha256", "chacha20", "crc_bits", "crc_table", "sliced", "stir"),
    "chores.c": (
        "network",
        "insertion",
        "longs",
        "quotients",
        "strings",
        "machine",
        "structures",
        "calls",
    ),
}
FLAGS = ("-O0", "-O1", "-O2", "-O3", "-Os")


class Build(NamedTuple):
    """A function and how it is compiled."""

    source: str
    entry: str
    core: Core
    flag: str

    def target(self) -> Target:
        """Return how it is called."""
        return Target.model_validate(
            {
                "core": self.core,
                "entry": self.entry,
                "inputs": [{"name": "data", "role": "other", "length": 64, "symbol": "buffer"}],
                "output": {"length": 64, "symbol": "result"},
                "max_cycles": 400_000,
            }
        )

    def compared(self, elf: Path, *, lanes: int = 100, seed: int = 7, making: Making = maker_of) -> Compared:
        """Run it on both engines."""
        batches = [Inputs(seed, lanes).rows(), Inputs(seed + 2, 40, fixed=tuple(range(16))).rows()]
        return compare(elf, self.target(), batches, seed=seed, making=making)


def all_builds() -> Iterator[Build]:
    """Yield every function for every core and optimisation."""
    for core, flag, (source, entries) in product(Core, FLAGS, ENTRIES.items()):
        for entry in entries:
            yield Build(source, entry, core, flag)


def compiled(build: Build, folder: Path) -> Path:
    """Return the ELF of a build, which is made where `folder` has none."""
    elf = folder / f"{build.source}{build.core.value}{build.flag}.elf"
    if not elf.exists():
        compile_program(build.source, build.core, (build.flag,), elf)
    return elf
