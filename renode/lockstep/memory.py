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
from renode.lockstep.values import Unsupported, Varying, Word, extracted, given, inserted
from renode.thumb.micro import WORD

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
        self._readable = [(block.start, block.end, memoryview(block.content)) for block in start.readable]
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
        self.values: dict[int, Varying] = {}
        """Row that varies -> its word."""
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
            self.values[row] = given(lanes, of_bits(bits | self.words[row]))
            self.varies[row] = bits
            self.missing[row] = 0

    def input_words(self) -> npt.NDArray[np.int64]:
        """Return `Program.input_words`; before anything is stored."""
        words = [[row, self.words[row], *sources] for row, sources in self._sources.items()]
        return np.array(words, np.int64).reshape(-1, 6)

    def find(self, address: int) -> Found:
        """Return the block around an address."""
        for start, end, first in self._writable:
            if start <= address < end:
                return start, end, first
        for start, end, content in self._readable:
            if start <= address < end:
                return start, end, content
        raise Unsupported(f"address: 0x{address:08x} lies in no memory")

    def row_of(self, address: int) -> tuple[int, int]:
        """Return the row of a writable address, and how far its byte is shifted there."""
        for start, end, first in self._writable:
            if start <= address < end:
                return first + (address - start >> 2), (address & 3) << 3
        raise Unsupported(f"address: 0x{address:08x} is not writable")

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
        value = self.values[row]
        if mask == WORD:
            return value
        return Varying(extracted, (value, shift, mask, sign), (0, WORD, WORD) if sign else of_bits(mask))

    def store(self, row: int, shift: int, mask: int, value: Word, code: int) -> None:
        """Store a word, or the low part of one that lies at the operand `code`, to a row."""
        bits = mask << shift
        varies = self.varies.get(row, 0)
        if type(value) is int:
            self.words[row] = self.words[row] & ~bits | (value & mask) << shift
            if row in self.missing:
                self.missing[row] |= bits
            if not varies & ~bits:
                if varies:
                    del self.varies[row], self.values[row]
                return
            self.varies[row] = varies & ~bits
            self.values[row] = Varying(inserted, (self.values[row], value, shift, mask))
            return
        self._emit.add(Kernel.INSERT, MEMORY_CODE | row, code, mask=mask, shift=shift)
        self.varies[row] = varies | bits
        self.missing[row] = self.missing.get(row, WORD) & ~bits
        if bits == WORD:
            self.values[row] = value  # type: ignore[assignment]
        else:
            self.values[row] = Varying(inserted, (self.values.get(row, self.words[row]), value, shift, mask))

    def take(self, row: int, value: Varying) -> None:
        """Note that all of a row varies, and is there."""
        self.varies[row], self.missing[row], self.values[row] = WORD, 0, value

    def uniform(self, first: int, count: int) -> bool:
        """Return whether lanes share all bytes of some rows."""
        if len(self.varies) < count:
            return not any(first <= row < first + count for row in self.varies)
        return not any(row in self.varies for row in range(first, first + count))

    def snapshot(self, first: int, count: int) -> bytes:
        """Return the bytes of some rows that do not vary."""
        return bytes(self._bytes[4 * first : 4 * (first + count)])
