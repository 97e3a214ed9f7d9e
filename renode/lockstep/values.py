"""Words that differ between lanes, known on the profile lanes: how they come about, and their values when asked for."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from renode.lockstep.bounds import ANY, Bounds

Lanes = npt.NDArray[np.uint32]


class Unsupported(Exception):
    """The path does something that lanes cannot follow; the first word says what."""


class Faults(Unsupported):
    """The access lies in no memory that takes it: whoever executes it ends there."""


class Varying:
    """A word that lanes need not share: `function` of `operands`, words themselves or numbers.

    It is computed when somebody asks for it; most are never asked for. It keeps its operands until then.
    """

    __slots__ = ("bounds", "function", "lanes", "operands")

    def __init__(self, function: Callable[..., Any], operands: tuple[Any, ...], bounds: Bounds = ANY) -> None:
        """Remember how to compute it."""
        self.function = function
        self.operands = operands
        self.bounds = bounds
        self.lanes: Lanes | None = None


Word = int | Varying


def given(lanes: Lanes, bounds: Bounds = ANY) -> Varying:
    """Return a word whose values are known."""
    word = Varying(_nothing, (), bounds)
    word.lanes = lanes
    return word


def lanes_of(word: Varying) -> Lanes:
    """Return [profile lanes] the values of a word."""
    if word.lanes is None:
        _compute(word)
    return word.lanes  # type: ignore[return-value]


def _nothing() -> Lanes:
    raise AssertionError("this word has its values")


def _compute(word: Varying) -> None:
    """Compute a word and what it depends on, without recursion: chains are as long as paths."""
    waiting = [word]
    while waiting:
        top = waiting[-1]
        if top.lanes is not None:
            waiting.pop()
            continue
        missing = [item for item in top.operands if isinstance(item, Varying) and item.lanes is None]
        if missing:
            waiting.extend(missing)
            continue
        top.lanes = top.function(*[item.lanes if isinstance(item, Varying) else item for item in top.operands])
        top.operands = ()
        waiting.pop()


def extracted(word: Any, shift: Any, mask: int, sign: int) -> Lanes:
    """Return (word >> shift) & mask, sign-extended from bit `sign` where that is not 0."""
    part = word >> (np.uint32(shift) if isinstance(shift, int) else shift) & np.uint32(mask)
    return (part ^ np.uint32(sign)) - np.uint32(sign) if sign else part


def inserted(word: Any, part: Any, shift: int, mask: int) -> Lanes:
    """Return `word` with the bits `mask` << `shift` taken from `part`; one of both has lanes."""
    kept = np.uint32(~(mask << shift) & 0xFFFFFFFF)
    if isinstance(part, int):
        return word & kept | np.uint32((part & mask) << shift)
    return np.bitwise_or(
        (part & np.uint32(mask)) << np.uint32(shift), word & int(kept) if isinstance(word, int) else word & kept
    )
