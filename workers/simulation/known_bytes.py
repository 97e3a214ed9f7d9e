"""The byte that decides an intermediate, plaintext ^ key, of traces that are learnt from and of traces that are attacked."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.errors import InvalidInput
from jobs.profiling import BLOCK_BYTES, ProfileRequest
from workers.simulation.aes import SBOX
from workers.simulation.kept_traces import KeptTraces

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the inputs of some traces."""

    plaintext: Bytes
    """[n, bytes attacked]"""
    key: Bytes | None
    """[n, bytes attacked]; None where nobody says it."""

    @property
    def value(self) -> Bytes:
        """Return plaintext ^ key [n, bytes attacked], or the plaintext where the key is unknown."""
        return self.plaintext if self.key is None else self.plaintext ^ self.key

    @property
    def one_key(self) -> Bytes | None:
        """Return the key [bytes attacked] that all traces share; None where they do not, or it is unknown."""
        return self.key[0] if self.key is not None and (self.key == self.key[0]).all() else None


def intermediate(request: ProfileRequest) -> Bytes:
    """Return what leaks, by the value of plaintext ^ key [256]."""
    return SBOX if request.intermediate == "aes128-sbox-output" else np.arange(256, dtype=np.uint8)


def attacked_bytes(request: ProfileRequest, kept: KeptTraces) -> tuple[int, ...]:
    """Return the key bytes to attack; raise InvalidInput for those that inputs do not have."""
    plaintext, key = kept.width(request.plaintext), kept.width(request.key)
    if plaintext is None:
        raise InvalidInput(f"The campaign has no input {request.plaintext}.", field="plaintext", reason="no-such-input")
    if key is None:
        raise InvalidInput(
            f"The campaign has no input {request.key}: without a known key there is nothing to learn.",
            field="key",
            reason="no-such-input",
        )
    common = min(plaintext, key, BLOCK_BYTES)
    wanted = tuple(range(common)) if request.bytes is None else request.bytes
    if wanted[-1] >= common:
        raise InvalidInput(f"Plaintext and key have {common} bytes in common.", field="bytes", reason="no-such-byte")
    return wanted


def known(
    request: ProfileRequest, kept: KeptTraces, rows: npt.NDArray[np.int64], bytes_: tuple[int, ...], *, field: str
) -> Known:
    """Return what is known of the traces `rows`; raise InvalidInput, about `field`, for a plaintext that is none."""
    if (kept.width(request.plaintext) or 0) <= bytes_[-1]:
        raise InvalidInput(
            f"The campaign has no input {request.plaintext} of {bytes_[-1] + 1} bytes.",
            field=field,
            reason="no-such-input",
        )
    chosen = list(bytes_)
    has_key = (kept.width(request.key) or 0) > bytes_[-1]
    return Known(
        kept.values(request.plaintext, rows)[:, chosen],
        kept.values(request.key, rows)[:, chosen] if has_key else None,
    )
