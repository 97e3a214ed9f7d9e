"""Cases: a program, the inputs of its lanes, and what was wrong with it once. Small files that nothing else can change."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from jobs.target import Core, Target
from renode.lockstep.maker import maker_of
from renode.unicorn_core import UnicornCore
from tests.renode.lockstep.compare import Compared, Making, compare
from tests.renode.lockstep.image import INPUT_BYTES, Image, filler

CORPUS = Path(__file__).parent / "corpus"
WORDS = INPUT_BYTES // 4
EDGES = np.array([0, 1, 0x1F, 0x20, 0xFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF], np.uint32)


@dataclass(frozen=True, slots=True)
class Inputs:
    """Rows of inputs: random words, some of them edge values, some the same in all rows."""

    seed: int
    count: int
    fixed: tuple[int, ...] = ()
    """Bytes that are the same in all rows."""

    def rows(self) -> npt.NDArray[np.uint8]:
        """Return [count, INPUT_BYTES]."""
        rows = np.frombuffer(filler(self.seed, self.count * INPUT_BYTES), np.uint8).reshape(self.count, INPUT_BYTES)
        words = rows.view(np.uint32).copy()
        chances = np.frombuffer(filler(self.seed + 1, words.size), np.uint8).reshape(words.shape)
        words[chances < 64] = EDGES[chances[chances < 64] % len(EDGES)]
        made = words.view(np.uint8)
        made[:, list(self.fixed)] = made[0, list(self.fixed)]
        return np.asarray(made, np.uint8)


@dataclass(frozen=True, slots=True)
class Case:
    """A program and its inputs."""

    image: Image
    inputs: tuple[Inputs, ...]
    """Of batches, one after the other."""
    reference: int | None = None
    """Seed of the inputs of the reference; without it, it is the first row of all."""
    max_cycles: int = 20_000
    what: str = ""
    """What was wrong once."""

    def compared(self, making: Making = maker_of) -> Compared:
        """Run it on both engines."""
        with self._elf() as elf:
            batches = [inputs.rows() for inputs in self.inputs]
            seed = self.inputs[0].seed
            return compare(elf, self._target, batches, seed=seed, reference=self._reference, making=making)

    def cycles(self) -> int:
        """Return how long the reference takes."""
        with self._elf() as elf:
            return UnicornCore(elf, self._target).path(self._reference).cycles

    @property
    def _target(self) -> Target:
        return self.image.target(max_cycles=self.max_cycles)

    @property
    def _reference(self) -> npt.NDArray[np.uint8]:
        inputs = self.inputs[0] if self.reference is None else Inputs(self.reference, 1)
        row: npt.NDArray[np.uint8] = inputs.rows()[0]
        return row

    @contextmanager
    def _elf(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory() as folder:
            elf = Path(folder) / "program.elf"
            elf.write_bytes(self.image.elf())
            yield elf

    def write(self, path: Path) -> None:
        """Keep it as a file."""
        image = self.image
        kept = {
            "what": self.what,
            "core": image.core.value,
            "code": image.code.hex(),
            "flash": image.flash_seed,
            "ram": image.ram_seed,
            "passed": image.passed,
            "inputs": [asdict(inputs) for inputs in self.inputs],
            "reference": self.reference,
            "max_cycles": self.max_cycles,
        }
        path.write_text(json.dumps(kept) + "\n")


def read_case(path: Path) -> Case:
    """Read a file of the corpus."""
    kept = json.loads(path.read_text())
    image = Image(Core(kept["core"]), bytes.fromhex(kept["code"]), kept["flash"], kept["ram"], kept["passed"])
    inputs = tuple(Inputs(each["seed"], each["count"], tuple(each["fixed"])) for each in kept["inputs"])
    return Case(image, inputs, kept["reference"], kept["max_cycles"], kept["what"])
