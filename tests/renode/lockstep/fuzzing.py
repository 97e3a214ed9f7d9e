"""Hunt for differences between the engines: `python -m tests.renode.lockstep.fuzzing SECONDS` (or `make fuzz-lockstep`).

Programs of every shape for every core, each from a seed, until the time is over or the engines differ. Then the program
is cut down, kept in the corpus with what was wrong, and the exit status is 1. Every fourth program is a compiler's; one of
those is named with its seed.
"""

import random
import re
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import count
from pathlib import Path

from jobs.target import Core
from renode.lockstep.maker import maker_of
from tests.renode.lockstep.assemble import OutOfReach
from tests.renode.lockstep.cases import CORPUS, Case, Inputs
from tests.renode.lockstep.compare import Compared, Making
from tests.renode.lockstep.compiled import Build, all_builds, compiled
from tests.renode.lockstep.emit import code_of
from tests.renode.lockstep.encodings import Rows, executed
from tests.renode.lockstep.generate import Generator
from tests.renode.lockstep.image import INPUT_BYTES, Image
from tests.renode.lockstep.shapes import SHAPES, Shape
from tests.renode.lockstep.shrink import shrink
from tests.renode.lockstep.tree import Function

LANES = (64, 16, 17, 100, 300, 511, 513, 600)
"""How many executions, most often the first: kernels take 512 at a time, and fewer than 16 are Unicorn's."""
AGAIN, ELSEWHERE, SHORT = 0.4, 0.2, 0.1
"""How often there is a second batch, the reference is none of the rows, and the budget is hardly enough."""


@dataclass(slots=True)
class Tally:
    """What was run, so far."""

    programs: int = 0
    lanes: int = 0
    """Executions"""
    instructions: int = 0
    """Of those"""
    refused: Counter[str] = field(default_factory=Counter)
    """Programs that were Unicorn's, by why."""
    rows: dict[Core, Counter[str]] = field(default_factory=lambda: {core: Counter() for core in Core})
    """Rows of the table that lanes went through."""

    def add(self, compared: Compared, *, image: Image | None = None) -> None:
        """Count a program, and the rows that a made one goes through."""
        self.programs += 1
        if not compared.work.lanes:
            self.refused[re.sub(r"0x[0-9a-f]+", "an address", compared.why or "no reason")] += 1
            return
        self.lanes += compared.work.lanes
        self.instructions += compared.work.lanes * len(compared.path.pcs)
        if image is not None:
            self.rows[image.core].update(executed(image, compared.path.pcs))

    def never(self, core: Core) -> list[str]:
        """Return the rows of a core that lanes never went through."""
        return [name for name in rows_of_core(core).names if name not in self.rows[core]]


@cache
def rows_of_core(core: Core) -> Rows:
    """Return the rows of a core; they are tried once."""
    return Rows(core)


def function_of(seed: int, *, core: Core | None = None, shape: Shape | None = None) -> Function:
    """Return the program of a seed."""
    rng = random.Random(seed)
    chosen_core, chosen_shape = rng.choice(list(Core)), rng.choice(list(SHAPES.values()))
    return Generator(rows_of_core(core or chosen_core), rng, shape or chosen_shape).function()


def case_of(seed: int, function: Function) -> Case:
    """Return a program with its surroundings and inputs; raise OutOfReach."""
    rng = random.Random(f"inputs {seed}")
    image = Image(function.core, code_of(function), rng.randrange(3), rng.randrange(3), function.passed)
    first = rng.choice((LANES[0], *LANES))
    inputs = [Inputs(seed, first, _fixed(rng))]
    if rng.random() < AGAIN:
        inputs.append(Inputs(seed + 1_000_003, rng.choice(LANES), rng.choice((inputs[0].fixed, _fixed(rng)))))
    reference = seed + 2_000_003 if rng.random() < ELSEWHERE else None
    case = Case(image, tuple(inputs), reference)
    return replace(case, max_cycles=case.cycles() + rng.randrange(200)) if rng.random() < SHORT else case


def _fixed(rng: random.Random) -> tuple[int, ...]:
    """Return which input bytes are the same in all rows: none, most often."""
    some = tuple(sorted(rng.sample(range(INPUT_BYTES), rng.randrange(INPUT_BYTES - 1))))
    return rng.choice(((), (), tuple(range(INPUT_BYTES // 2)), some))


def smallest(seed: int, function: Function, found: str) -> Case:
    """Return what is left of a program that differs as `found` says."""
    return case_of(seed, shrink(function, lambda candidate: _kind(differs(seed, candidate)) == _kind(found)))


def differs(seed: int, function: Function) -> str:
    """Return the first difference of the engines on a program, or nothing."""
    try:
        case = case_of(seed, function)
    except OutOfReach:
        return ""
    return next(iter(differences(case)[0]), "")


def _kind(difference: str) -> str:
    """Return what differs, without where and how."""
    return " ".join(re.findall(r"[a-z_]{2,}", difference)[:3])


def differences(case: Case, making: Making = maker_of) -> tuple[tuple[str, ...], Compared | None]:
    """Return what differs; an exception is a difference."""
    try:
        compared = case.compared(making)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
        return (f"{type(error).__name__}: {error}",), None
    return compared.differences, compared


def hunt(seconds: float, first: int, tally: Tally) -> bool:
    """Run random programs, and every fourth time a compiler-made one; return whether none differs."""
    until = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        builds = list(all_builds())
        random.Random(first).shuffle(builds)
        for seed in count(first):
            if time.monotonic() > until:
                return True
            if seed % 4:
                right = _random(seed, tally)
            else:
                build = builds[seed // 4 % len(builds)]
                right = _compiled(build, Path(folder), seed, tally)
            if not right:
                return False
    return True


def _random(seed: int, tally: Tally) -> bool:
    """Run a random program; keep one that differs."""
    function = function_of(seed)
    try:
        case = case_of(seed, function)
    except OutOfReach:
        return True
    found, compared = differences(case)
    if compared is not None and not found:
        tally.add(compared, image=case.image)
        return True
    say(f"seed {seed} differs: {found[0]}")
    small = smallest(seed, function, found[0])
    small = replace(small, what="; ".join(differences(small)[0][:2]))
    path = CORPUS / f"{small.image.core.value}-{seed}.json"
    small.write(path)
    say(f"{path}: {len(small.image.code)} bytes, {small.what}")
    return False


def _compiled(build: Build, folder: Path, seed: int, tally: Tally) -> bool:
    """Run a compiler-made program."""
    compared = build.compared(compiled(build, folder), lanes=random.Random(seed).choice(LANES), seed=seed)
    if not compared.differences:
        tally.add(compared)
        return True
    say(f"{build} with seed {seed} differs: {compared.differences[0]}")
    return False


def main(seconds: float, first: int) -> int:
    """Hunt, and say what was covered."""
    tally = Tally()
    try:
        return 0 if hunt(seconds, first, tally) else 1
    finally:
        report(tally)


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def report(tally: Tally) -> None:
    """Print what was covered."""
    say(f"{tally.programs} programs, {tally.lanes} executions in lanes, {tally.instructions:,} instructions")
    for why, programs in tally.refused.most_common():
        say(f"  {programs} programs were Unicorn's: {why}")
    for core in Core:
        covered, never = tally.rows[core], tally.never(core)
        say(f"{core.value}: {len(covered)} rows covered; never: {', '.join(never) or 'none'}")


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else time.time_ns() // 10**6))
