"""Rows of the decoding table: an encoding as the manual prints it, and what is done with its fields."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from jobs.target import Core

BASE = frozenset({Core.M0, Core.M3, Core.M4})
"""ARMv6-M has the instruction, too."""
MAIN = frozenset({Core.M3, Core.M4})
"""ARMv7-M."""
DSP = frozenset({Core.M4})
"""ARMv7E-M: with the DSP extension."""

Does = Callable[..., None]
"""Called with the `Steps` and, by their letters, the fields."""

_BIT = re.compile(r"\(([01])\)|([01a-zA-Z])")


@dataclass(frozen=True, slots=True)
class Row:
    """An encoding. Of the rows that a word matches, the one with the most fixed bits is meant: the manual's SEE."""

    name: str
    """As the manual has it: `ADC (register) T1`."""
    section: str
    """Of DDI 0403E: `A7.7.2`."""
    pattern: str
    """`0100000101 mmm ddd`, the first halfword's bit 15 first. A letter is a bit of the field of that name; a field in
    capitals is not all ones. (0) and (1) are bits that should be so: the instruction is UNPREDICTABLE where they are
    not (A5.1.1)."""
    cores: frozenset[Core]
    does: Does
    size: int
    mask: int
    value: int
    should_mask: int
    should_value: int
    letters: tuple[tuple[str, tuple[int, ...]], ...]
    """Fields, in lower case, and where their bits are, the highest first."""
    excluded: tuple[int, ...]
    """Masks of the fields that are not all ones."""

    @property
    def fixed(self) -> int:
        """Return how many bits are fixed."""
        return self.mask.bit_count()

    def matches(self, word: int) -> bool:
        """Return whether `word` is of this row."""
        return word & self.mask == self.value and all(word & field != field for field in self.excluded)

    def fields(self, word: int) -> dict[str, int]:
        """Return the fields of `word`."""
        found = {}
        for letter, places in self.letters:
            value = 0
            for place in places:
                value = value << 1 | (word >> place & 1)
            found[letter] = value
        return found

    def overlaps(self, other: "Row") -> bool:
        """Return whether there is a word that both match."""
        if self.size != other.size or (self.value ^ other.value) & self.mask & other.mask:
            return False
        ones = self.value | other.value
        return all(ones & field != field for field in self.excluded + other.excluded)


def rows(cores: frozenset[Core], *lines: tuple[str, str, str, Does]) -> tuple[Row, ...]:
    """Return the rows of `lines`: name, section, pattern, function."""
    return tuple(_row(cores, *line) for line in lines)


def _row(cores: frozenset[Core], name: str, section: str, pattern: str, does: Does) -> Row:
    bits = _BIT.findall(pattern)
    if len(bits) not in {16, 32} or _BIT.sub("", pattern).strip():
        raise ValueError(f"{name}: {len(bits)} bits in {pattern}")
    places: dict[str, list[int]] = {}
    for place, (_, bit) in zip(range(len(bits) - 1, -1, -1), bits, strict=True):
        if bit not in {"", "0", "1"}:
            places.setdefault(bit, []).append(place)
    should, fixed = [bit for bit, _ in bits], [bit for _, bit in bits]
    return Row(
        name=name,
        section=section,
        pattern=pattern,
        cores=cores,
        does=does,
        size=len(bits) // 8,
        mask=_number("1" if bit in {"0", "1"} else "0" for bit in fixed),
        value=_number("1" if bit == "1" else "0" for bit in fixed),
        should_mask=_number("1" if bit else "0" for bit in should),
        should_value=_number(bit or "0" for bit in should),
        letters=tuple((letter.lower(), tuple(found)) for letter, found in places.items()),
        excluded=tuple(sum(1 << place for place in found) for letter, found in places.items() if letter.isupper()),
    )


def _number(bits: Iterable[str]) -> int:
    return int("".join(bits), 2)
