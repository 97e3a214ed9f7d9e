"""The attacked intermediate: the S-box output of the first round of AES-128, and the models of its leakage."""

from typing import Literal

import numpy as np
import numpy.typing as npt

VALUES = 256
"""Values of a byte, and guesses of a key byte."""
Model = Literal["hw", "value"]


def _sbox() -> npt.NDArray[np.uint8]:
    """Return the AES S-box from its definition (FIPS 197, 5.1.1): the inverse in GF(2^8), then an affine map."""
    exponential, logarithm, element = [0] * 255, [0] * 256, 1
    for power in range(255):
        exponential[power], logarithm[element] = element, power
        element ^= (element << 1) ^ (0x11B if element & 0x80 else 0)  # times 3, a generator
        element &= 0xFF
    out = []
    for value in range(256):
        inverse = exponential[-logarithm[value] % 255] if value else 0
        doubled = inverse | inverse << 8
        turned = inverse ^ (doubled >> 7) ^ (doubled >> 6) ^ (doubled >> 5) ^ (doubled >> 4)
        out.append((turned ^ 0x63) & 0xFF)
    return np.array(out, np.uint8)


SBOX = _sbox()
"""[256]"""
INVERSE_SBOX = np.argsort(SBOX).astype(np.uint8)
"""[256] the value whose S-box output each is."""
LEAKAGE: dict[Model, npt.NDArray[np.int64]] = {
    "hw": np.bitwise_count(SBOX).astype(np.int64),
    "value": SBOX.astype(np.int64),
}
"""What each model says of S(x), for x = plaintext ^ key [256]."""


def hypotheses(model: Model) -> npt.NDArray[np.float32]:
    """Return the model of S(p ^ k): [256 values of p, 256 guesses of k]."""
    value = np.arange(VALUES)
    return LEAKAGE[model][value[:, None] ^ value[None, :]].astype(np.float32)
