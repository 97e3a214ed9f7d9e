"""Traces whose leak is known: one sample for each byte of an intermediate, its weight and some noise."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from jobs.measuring import ImportRequest
from workers.simulation.aes import INVERSE_SBOX, SBOX
from workers.simulation.aes_rounds import before_second_key
from workers.simulation.measured.quantise import scale_of
from workers.simulation.measured.reading import Layout
from workers.simulation.measured.sets import sets_of_traces
from workers.simulation.measured.taken import Taken

Bytes = npt.NDArray[np.uint8]
TRACES = 500
KEYS = {
    "aes128": ("2b7e151628aed2a6abf7158809cf4f3c", "d014f9a8c9ee2589e13f0cc8b6630ca6"),
    "aes192": ("8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b", "e98ba06f448c773c8ecc720401002202"),
    "aes256": (
        "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
        "fe4890d1e6188d0b046df344706c631e",
    ),
}
"""FIPS 197, A.1 to A.3: the key and the last round key."""


@dataclass(frozen=True)
class Leaking:
    """What a bench measured of a device that computes one intermediate."""

    cpa: dict[str, Any]
    values: Mapping[str, Bytes]
    """By name: [traces, bytes], or [1, bytes] for all."""
    leak: Bytes
    """[traces, bytes] the bytes whose weight leaks"""
    truth: bytes
    """What is to be found."""
    key: bytes | None = None
    """What follows from it."""

    def traces(self, *, seed: int = 7, leaks: bool = True) -> npt.NDArray[np.float32]:
        """Return traces: ten samples of noise, one for each byte, and ten of noise."""
        noise = np.random.default_rng(seed).normal(3.0, 1.0, (TRACES, self.leak.shape[1] + 20))
        if leaks:
            noise[:, 10:-10] += np.bitwise_count(self.leak)
        return noise.astype(np.float32)


def drawn(seed: int, length: int) -> Bytes:
    """Return a value of every trace."""
    return np.random.default_rng(seed).integers(0, 256, (TRACES, length), dtype=np.uint8)


def secret(digits: str) -> Bytes:
    """Return a value of all traces."""
    return np.frombuffer(bytes.fromhex(digits), np.uint8)[np.newaxis]


def taken(traces: npt.NDArray[np.float32], values: Mapping[str, Bytes], /, **fields: Any) -> Taken:
    """Return traces with these values, as an import has them that was read."""
    request = ImportRequest.model_validate({"artifact": f"sha256:{'0' * 64}", **fields})
    rows = [np.broadcast_to(value, (TRACES, value.shape[1])) for value in values.values()]
    ends = np.cumsum([0, *(row.shape[1] for row in rows)]).tolist()
    at = {name: (ends[number], ends[number + 1]) for number, name in enumerate(values)}
    inputs = np.concatenate(rows, axis=1) if rows else np.zeros((TRACES, 0), np.uint8)
    layout = Layout("npz", TRACES, traces.shape[1], 0, at, ())
    sets = sets_of_traces("none", None, None, traces=TRACES)
    return Taken(request, layout, traces, inputs, sets, scale_of(traces))


def first_round(family: str) -> Leaking:
    """Leak the S-boxes of the first round, and of the second as far as the key goes on there."""
    key, text = secret(KEYS[family][0]), drawn(1, 16)
    state = np.concatenate([text, before_second_key(text, key[0, :16].tobytes())], axis=1)[:, : key.shape[1]]
    values = {"plaintext": text, "key": key}
    return Leaking({"intermediate": f"{family}-sbox-output"}, values, SBOX[state ^ key], key.tobytes(), key.tobytes())


def last_round(family: str, *, overwritten: bool = False) -> Leaking:
    """Leak the inputs of the last S-boxes; or what a register shows whose bytes the ciphertext replaces."""
    (key, last), out = (secret(digits) for digits in KEYS[family]), drawn(2, 16)
    leak = INVERSE_SBOX[out ^ last]
    if overwritten:
        # FIPS 197, 5.1.2: row r is shifted by r; byte r + 4c of the state is row r of column c.
        replaced = [row + 4 * ((column + row) % 4) for column in range(4) for row in range(4)]
        leak ^= out[:, replaced]
    intermediate = f"{family}-last-round{'-hd' if overwritten else ''}"
    follows = key.tobytes() if family == "aes128" else None
    return Leaking({"intermediate": intermediate}, {"ciphertext": out, "key": key}, leak, last.tobytes(), follows)


def masked(mask: str, length: int) -> Leaking:
    """Leak S-boxes under a mask: one for each byte, or one for all."""
    key, text, masks = secret(KEYS["aes128"][0]), drawn(1, 16), drawn(3, length)
    values = {"plaintext": text, "key": key, "mask": masks}
    leak = SBOX[text ^ key] ^ masks[:, :16]
    cpa = {"intermediate": "aes128-masked-sbox-output", "mask": mask}
    return Leaking(cpa, values, leak, key.tobytes(), key.tobytes())


def chacha20() -> Leaking:
    """Leak the first column round of ChaCha20 (RFC 8439, 2.1): d ^= a + b, then the sum of c and d, rotated."""
    key = secret(bytes(range(1, 64, 2)).hex())
    counter, nonce = drawn(4, 4), drawn(5, 12)
    words = key.view("<u4").astype(np.uint64)
    constants = np.frombuffer(b"expand 32-byte k", "<u4").astype(np.uint64)
    sums = ((constants + words[0, :4]) % 2**32).astype("<u4")
    d = np.concatenate([counter, nonce], axis=1).view("<u4") ^ sums
    turned = (d << np.uint32(16)) | (d >> np.uint32(16))
    c = ((turned + words[:, 4:]) % 2**32).astype("<u4")
    leak = np.concatenate([np.ascontiguousarray(part).view(np.uint8) for part in (d.astype("<u4"), c)], axis=1)
    truth = sums.tobytes() + key[0, 16:].tobytes()
    values = {"counter": counter, "nonce": nonce, "key": key}
    return Leaking({"intermediate": "chacha20-quarter-round"}, values, leak, truth, key.tobytes())


def combined(how: str, variables: tuple[str, str], **more: Any) -> Leaking:
    """Leak what two values of a file make, by its names for them."""
    pad, text = secret("00112233445566778899aabbccddeeff"), drawn(6, 16)
    pad = pad ^ np.uint8(0x5A)
    leak = text ^ pad
    if how == "add":
        total = text.view("<u4").astype(np.uint64) + pad.view("<u4")
        leak = np.ascontiguousarray((total % 2**32).astype("<u4")).view(np.uint8)
    cpa = {"intermediate": how, "variables": variables, **more}
    return Leaking(cpa, {"challenge": text, "pad": pad}, leak, pad.tobytes())


INTERMEDIATES: dict[str, Callable[[], Leaking]] = {
    "aes128-sbox-output": lambda: first_round("aes128"),
    "aes192-sbox-output": lambda: first_round("aes192"),
    "aes256-sbox-output": lambda: first_round("aes256"),
    "aes128-masked-sbox-output": lambda: masked("mask[0:16]", 18),
    "aes128-masked-sbox-output, one mask": lambda: masked("mask", 1),
    "aes128-last-round": lambda: last_round("aes128"),
    "aes192-last-round": lambda: last_round("aes192"),
    "aes256-last-round": lambda: last_round("aes256"),
    "aes128-last-round-hd": lambda: last_round("aes128", overwritten=True),
    "aes192-last-round-hd": lambda: last_round("aes192", overwritten=True),
    "aes256-last-round-hd": lambda: last_round("aes256", overwritten=True),
    "chacha20-quarter-round": chacha20,
    "xor": lambda: combined("xor", ("challenge", "pad")),
    "hd": lambda: combined("hd", ("pad", "challenge")),
    "add": lambda: combined("add", ("challenge", "pad"), word_bytes=4),
}
