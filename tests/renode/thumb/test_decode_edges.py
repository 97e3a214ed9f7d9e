"""Products, saturation and parallel arithmetic against Unicorn, with operands at which they overflow."""

import random
from collections.abc import Iterator
from itertools import product

from jobs.target import Core
from renode.thumb import table_data, table_dsp, table_multiply, table_parallel
from renode.thumb.micro import ALWAYS, Coded
from renode.thumb.row import Row
from tests.renode.thumb.against_unicorn import Bench
from tests.renode.thumb.agreement import ours
from tests.renode.thumb.drawing import CODE, RAM, Case

EDGES = (0, 1, 0x7FFF7FFF, 0x7FFFFFFF, 0x80000000, 0x80007FFF, 0x80008000, 0xFFFFFFFF)
REGISTERS = {"d": 0, "n": 1, "m": 2, "a": 3, "b": 4, "t": 5}
VARIANTS = 3


def words(row: Row, rng: random.Random) -> Iterator[int]:
    """Yield words of the row with registers of their own and other fields by chance."""
    for _ in range(VARIANTS):
        word = row.value | row.should_value
        for letter, places in row.letters:
            register = len(places) == 4 and letter in REGISTERS
            field = REGISTERS[letter] if register else rng.randrange(1 << len(places))
            word |= sum((field >> k & 1) << place for k, place in enumerate(reversed(places)))
        yield word


def cases(row: Row, rng: random.Random) -> Iterator[Case]:
    """Yield cases of the row: two operands at every pair of edges, the others at any."""
    for word, n, m in product(words(row, rng), EDGES, EDGES):
        coded = ours(word >> 16, word & 0xFFFF, Core.M4)
        if not isinstance(coded, Coded):
            continue  # asr #0 is none
        registers = (0, n, m, *(rng.choice(EDGES) for _ in range(10)), RAM, 0)
        flags = (0, 0, 0, 0, rng.getrandbits(4))
        yield Case((word >> 16, word & 0xFFFF), CODE, ((coded, ALWAYS),), (*registers, *flags))


def test_what_overflows_does_what_unicorn_does() -> None:
    rng = random.Random(7)
    bench = Bench(Core.M4, rng)
    saturating = [row for row in table_data.ROWS if row.name in {"SSAT T1", "USAT T1"}]
    chosen = [*table_multiply.ROWS, *table_parallel.ROWS, *table_dsp.ROWS, *saturating]

    wrong = [
        (row.name, [f"{half:04x}" for half in case.halves], found)
        for row in chosen
        for case in cases(row, rng)
        if (found := bench.differences(case, *bench.interpret(case)))
    ]

    assert wrong == []
