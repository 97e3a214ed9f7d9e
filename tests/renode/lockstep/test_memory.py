"""Memory of a walker against a plain one: a column of bytes for each lane."""

import random

import numpy as np
import numpy.typing as npt
import pytest

from jobs.target import Core
from renode.lockstep.emit import PLACE_CODE, Emitter
from renode.lockstep.memory import Memory
from renode.lockstep.start import Block, Start
from renode.lockstep.values import Word, given, lanes_of
from renode.target import Place

LANES, ROWS, RAM = 5, 8, 0x20000000
WIDTHS = (0xFF, 0xFFFF, 0xFFFFFFFF)

Words = npt.NDArray[np.uint32]


def start_of(content: npt.NDArray[np.uint8]) -> Start:
    return Start(
        core=Core.M4,
        registers=(0,) * 15,
        status=0,
        stop=0x60000000,
        writable=(Block(RAM, content),),
        readable=(Block(0x08000000, np.arange(64, dtype=np.uint8)),),
        inputs=(Place(0, RAM + 6, 4),),
        output=None,
        output_length=0,
    )


def lanes(word: Word) -> Words:
    return np.full(LANES, word, np.uint32) if isinstance(word, int) else np.broadcast_to(lanes_of(word), LANES)


class Both:
    """The memory, and all of it for every lane."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        draw = np.random.default_rng(seed)
        content = draw.integers(0, 256, 4 * ROWS, dtype=np.uint8)
        inputs = draw.integers(0, 256, (LANES, 4), dtype=np.uint8)
        varying = np.array([True, False, True, True])
        inputs[:, 1] = inputs[0, 1]
        self.memory = Memory(start_of(content), inputs, varying, Emitter())
        columns = np.tile(content, (LANES, 1))
        columns[:, 6:10] = inputs
        self.plain = np.ascontiguousarray(columns).view(np.uint32).T.copy()

    def word(self) -> tuple[Word, Words]:
        if self.rng.random() < 0.5:
            number = self.rng.getrandbits(32)
            return number, np.full(LANES, number, np.uint32)
        values = np.array([self.rng.getrandbits(32) for _ in range(LANES)], np.uint32)
        return given(values), values

    def store(self) -> None:
        mask = self.rng.choice(WIDTHS)
        row, shift = self.rng.randrange(ROWS), self._shift(mask)
        word, values = self.word()
        self.memory.store(row, shift, mask, word, PLACE_CODE)
        self.plain[row] &= np.uint32(~(mask << shift) & 0xFFFFFFFF)
        self.plain[row] |= (values & np.uint32(mask)) << np.uint32(shift)

    def scatter(self) -> None:
        first, count = self._range()
        matrix = self.memory.matrix(first, count)
        rows = [self.rng.randrange(count) for _ in range(LANES)]
        _, values = self.word()
        matrix[rows, range(LANES)] = values
        self.memory.take(first, count)
        self.plain[[first + row for row in rows], range(LANES)] = values

    def load(self) -> tuple[Words, Words]:
        mask = self.rng.choice(WIDTHS)
        row, shift = self.rng.randrange(ROWS), self._shift(mask)
        word = self.memory.load(row, shift, mask, signed=False)
        return lanes(word), self.plain[row] >> np.uint32(shift) & np.uint32(mask)

    def gather(self) -> tuple[Words, Words]:
        first, count = self._range()
        return self.memory.matrix(first, count).copy(), self.plain[first : first + count]

    def _shift(self, mask: int) -> int:
        return 8 * self.rng.randrange(5 - mask.bit_length() // 8)

    def _range(self) -> tuple[int, int]:
        return self.rng.choice([(0, 4), (2, 4), (0, 8)])


@pytest.mark.parametrize("seed", range(12))
def test_what_is_loaded_is_what_was_stored(seed: int) -> None:
    both = Both(seed)

    for _ in range(60):
        both.rng.choice([both.store, both.store, both.scatter])()
        for read in (both.load, both.load, both.gather):
            found, expected = read()
            np.testing.assert_array_equal(found, expected)


def test_only_bytes_of_inputs_that_vary_are_put_in_by_lane() -> None:
    both = Both(1)

    words = both.memory.input_words().tolist()

    first, second = (row[1] for row in words)
    assert [[row, *sources] for row, _, *sources in words] == [[1, -1, -1, 0, -1], [2, 2, 3, -1, -1]]
    assert first == int(both.plain[1, 0]) & 0xFF00FFFF
    assert second == int(both.plain[2, 0]) & 0xFFFF0000
