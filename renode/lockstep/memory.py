"""Memory as a walker knows it: bytes that all lanes share as they are, words that vary by row.

What varies is known by byte. A row of a program's MEMORY is written when something that varies is; bytes that all
lanes share are put there only when the row is read as a whole (`missing`).
"""

import numpy as np
import numpy.typing as npt

from renode.lockstep.bounds import of_bits
from renode.lockstep.emit import MEMORY_CODE, NUMBER_CODE, Emitter
from renode.lockstep.program import Kernel
from renode.lockstep.start import Start
from renode.lockstep.values import Faults, Lanes, Unsupported, Varying, Word, extracted, given, inserted, lanes_of
from renode.thumb.micro import WORD

_IN_MATRIX = given(np.zeros(0, np.uint32))
"""Stands for a word that lies in the matrix that last took it."""
_MOST_MATRIX_BYTES = 256 * 2**20
"""Of the rows that accesses go over, on the profile lanes."""
_SIGNS = {0xFF: 0x80, 0xFFFF: 0x8000, WORD: 0}

Found = tuple[int, int, int | memoryview]
"""A block: where it begins, where it ends, its first row or, if it is never written, its content."""


class Memory:
    """All memory of a machine."""

    def __init__(
        self, start: Start, rows: npt.NDArray[np.uint8], varying: npt.NDArray[np.bool_], emit: Emitter
    ) -> None:
        """Put the inputs in their places: what does not vary is taken from the first row."""
        self._emit = emit
        self._lanes = len(rows)
        self._readable = [(block.start, block.end, memoryview(block.content.tobytes())) for block in start.readable]
        self._writable: list[tuple[int, int, int]] = []
        content = bytearray()
        for block in start.writable:
            self._writable.append((block.start, block.end, len(content) >> 2))
            content += block.content.tobytes()
        self._bytes = content
        self.words = memoryview(content).cast("I")
        """[rows] the bytes that do not vary."""
        self.varies: dict[int, int] = {}
        """Row -> the bits that vary; no row without."""
        self.missing: dict[int, int] = {}
        """Row -> the bits that lanes share and do not have there yet; all of a row that is not here."""
        self._values: dict[int, Varying] = {}
        """Row that varies -> its word, or _IN_MATRIX."""
        self._matrices: dict[tuple[int, int], Lanes] = {}
        self._matrix_bytes = 0
        self._placed: dict[int, tuple[Lanes, int, Varying]] = {}
        """Row -> the matrix that last took it, where it lies there, and what its word was then."""
        self._sources: dict[int, list[int]] = {}
        self._put_inputs(start, rows, varying)

    def _put_inputs(self, start: Start, rows: npt.NDArray[np.uint8], varying: npt.NDArray[np.bool_]) -> None:
        for place in start.inputs:
            for byte in range(place.length):
                row, shift = self.row_of(place.address + byte)
                source = place.offset + byte
                sources = self._sources.setdefault(row, [-1] * 4)
                sources[shift >> 3] = source if varying[source] else -1
                self._bytes[4 * row + (shift >> 3)] = 0 if varying[source] else int(rows[0, source])
        self._sources = {row: sources for row, sources in sorted(self._sources.items()) if max(sources) >= 0}
        for row, sources in self._sources.items():
            lanes = np.full(len(rows), self.words[row], np.uint32)
            bits = 0
            for byte, source in enumerate(sources):
                if source >= 0:
                    lanes |= rows[:, source].astype(np.uint32) << np.uint32(8 * byte)
                    bits |= 0xFF << 8 * byte
            self._values[row] = given(lanes, of_bits(bits | self.words[row]))
            self.varies[row] = bits
            self.missing[row] = 0

    def input_words(self) -> npt.NDArray[np.int64]:
        """Return `Program.input_words`; before anything is stored."""
        words = [[row, self.words[row], *sources] for row, sources in self._sources.items()]
        return np.array(words, np.int64).reshape(-1, 6)

    def find(self, address: int) -> Found | None:
        """Return the block around an address, if there is one."""
        for start, end, first in self._writable:
            if start <= address < end:
                return start, end, first
        for start, end, content in self._readable:
            if start <= address < end:
                return start, end, content
        return None

    def row_of(self, address: int) -> tuple[int, int]:
        """Return the row of a writable address, and how far its byte is shifted there."""
        for start, end, first in self._writable:
            if start <= address < end:
                return first + (address - start >> 2), (address & 3) << 3
        raise Faults(f"address: 0x{address:08x} is not writable")

    def constant(self, address: int, width: int) -> int | None:
        """Return what lies at an address that is never written; None where it is writable."""
        for start, end, content in self._readable:
            if start <= address and address + width <= end:
                return int.from_bytes(content[address - start : address - start + width], "little")
        return None

    def whole(self, row: int) -> None:
        """Let the row of MEMORY have all bytes of its word."""
        missing = self.missing.get(row, WORD)
        if missing:
            self._emit.add(Kernel.INSERT, MEMORY_CODE | row, NUMBER_CODE | self.words[row] & missing, mask=missing)
            self.missing[row] = 0

    def load(self, row: int, shift: int, mask: int, *, signed: bool) -> Word:
        """Return the bits `mask` << `shift` of a row, none of them beyond the word; of what varies the row has them."""
        bits = mask << shift
        sign = _SIGNS[mask] if signed else 0
        if not self.varies.get(row, 0) & bits:
            part = self.words[row] >> shift & mask
            return ((part ^ sign) - sign) & WORD if sign else part
        if self.missing[row] & bits:
            self.whole(row)
        value = self._value(row)
        if mask == WORD:
            return value
        return Varying(extracted, (value, shift, mask, sign), (0, WORD, WORD) if sign else of_bits(mask))

    def store(self, row: int, shift: int, mask: int, value: Word, code: int) -> None:
        """Store a word, or the low part of one that lies at the operand `code`, to a row."""
        bits = mask << shift
        varies = self.varies.get(row, 0)
        if isinstance(value, int):
            self.words[row] = self.words[row] & ~bits | (value & mask) << shift
            if row in self.missing:
                self.missing[row] |= bits
            if not varies & ~bits:
                if varies:
                    del self.varies[row], self._values[row]
                return
            self.varies[row] = varies & ~bits
            self._values[row] = Varying(inserted, (self._value(row), value, shift, mask))
            return
        self._emit.add(Kernel.INSERT, MEMORY_CODE | row, code, mask=mask, shift=shift)
        self.varies[row] = varies | bits
        self.missing[row] = self.missing.get(row, WORD) & ~bits
        if bits == WORD:
            self._values[row] = value
        else:
            before: Word = self._value(row) if varies else self.words[row]
            self._values[row] = Varying(inserted, (before, value, shift, mask))

    def matrix(self, first: int, count: int) -> Lanes:
        """Return [rows, profile lanes] some rows; it belongs to the memory. Raise Unsupported where that takes too much."""
        matrix = self._matrices.get((first, count))
        if matrix is None:
            self._matrix_bytes += 4 * count * self._lanes
            if self._matrix_bytes > _MOST_MATRIX_BYTES:
                raise Unsupported(f"address: varying ones go over too many ranges, {len(self._matrices) + 1} so far")
            matrix = self._matrices[first, count] = np.empty((count, self._lanes), np.uint32)
        for number, row in enumerate(range(first, first + count)):
            value = self._values.get(row)
            if value is None:
                matrix[number] = self.words[row]
                continue
            placed = self._placed.get(row)
            if placed is None or placed[0] is not matrix or placed[2] is not value:
                matrix[number] = lanes_of(self._value(row))
                self._placed[row] = matrix, number, self._values[row]
        return matrix

    def take(self, first: int, count: int) -> None:
        """Note that some rows vary, all of them, and are there; their words are those of `matrix`, as it is now."""
        matrix = self._matrices[first, count]
        for number, row in enumerate(range(first, first + count)):
            self.varies[row], self.missing[row] = WORD, 0
            self._values[row] = _IN_MATRIX
            self._placed[row] = matrix, number, _IN_MATRIX

    def _value(self, row: int) -> Varying:
        """Return the word of a row that varies."""
        value = self._values[row]
        if value is _IN_MATRIX:
            matrix, number, _ = self._placed[row]
            value = self._values[row] = given(matrix[number].copy())
            self._placed[row] = matrix, number, value
        return value

    def uniform(self, first: int, count: int) -> bool:
        """Return whether lanes share all bytes of some rows."""
        if len(self.varies) < count:
            return not any(first <= row < first + count for row in self.varies)
        return not any(row in self.varies for row in range(first, first + count))

    def snapshot(self, first: int, count: int) -> bytes:
        """Return the bytes of some rows that do not vary."""
        return bytes(self._bytes[4 * first : 4 * (first + count)])
