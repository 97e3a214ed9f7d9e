"""What a guess predicts of one byte: a table over the byte that is known, moved by the guess.

Two ways to move it cover the intermediates that are attacked: `xor`, M[v, g] = of[v ^ g], and `add`,
M[v, g] = of[(v + g) mod 256]. Where the prediction depends on a second known byte w as well, it is the weight of
of[v ^ g] ^ w, and no sums by the value of one byte hold it (`prediction.py`).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from workers.simulation.aes import INVERSE_SBOX, LEAKAGE, SBOX, VALUES

Name = Literal["hw", "value", "hd"]
_VALUE = np.arange(VALUES)
_WEIGHT = np.bitwise_count(_VALUE).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Leakage:
    """A model of the leakage of one byte under every guess. Instances are few, and compared by identity."""

    name: Name
    how: Literal["xor", "add"]
    of: npt.NDArray[np.int64]
    """[256]"""
    mirrored: bool = False
    """Whether the complement of a guess predicts the opposite: then only positive correlations tell them apart."""
    trivial: tuple[int, ...] = ()
    """Guesses that predict what is known itself. Where one of them is the best, a sample shows that the known value is
    handled there, which it is anyway, and tells nothing of the secret."""

    def table(self) -> npt.NDArray[np.int64]:
        """Return the predictions [256 known values, 256 guesses]."""
        known, guess = _VALUE[:, None], _VALUE[None, :]
        return self.of[known ^ guess if self.how == "xor" else (known + guess) % VALUES]

    def height(self, rho: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
        """Return how much correlations speak for their guesses."""
        return rho if self.mirrored else np.abs(rho)


@dataclass(frozen=True, slots=True, eq=False)
class Pairing(Leakage):
    """The weight of of[v ^ g] ^ w: of a byte under a known mask w, or its distance from a known byte."""

    def predictions(self, known: npt.NDArray[np.uint8], partner: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """Return the predictions of each trace [n, 256 guesses]."""
        moved = self.of.astype(np.uint8)[known[:, None] ^ _VALUE.astype(np.uint8)[None, :]]
        return np.asarray(np.bitwise_count(moved ^ partner[:, None]), np.uint8)


SBOX_HW = Leakage("hw", "xor", LEAKAGE["hw"])
SBOX_VALUE = Leakage("value", "xor", LEAKAGE["value"])
INVERSE_HW = Leakage("hw", "xor", np.bitwise_count(INVERSE_SBOX).astype(np.int64))
INVERSE_VALUE = Leakage("value", "xor", INVERSE_SBOX.astype(np.int64))
XOR_HW = Leakage("hw", "xor", _WEIGHT, mirrored=True, trivial=(0,))
XOR_HD = Leakage("hd", "xor", _WEIGHT, mirrored=True, trivial=(0,))
ADD_HW = Leakage("hw", "add", _WEIGHT, trivial=(0,))
CARRIED_HW = Leakage("hw", "add", _WEIGHT, trivial=(0, 255))
"""Of a byte and the carry into it, which without a carry is the byte, and with one the byte less 255."""
JOINED_HW = Leakage("hw", "xor", _WEIGHT, mirrored=True)
JOINED_HD = Leakage("hd", "xor", _WEIGHT, mirrored=True)
ADDED_HW = Leakage("hw", "add", _WEIGHT)
"""Of what is known altogether: the guess is an offset, and 0 means that the two meet as they are."""
MASKED_SBOX = Pairing("hw", "xor", SBOX.astype(np.int64))
OVERWRITTEN = Pairing("hd", "xor", INVERSE_SBOX.astype(np.int64))
