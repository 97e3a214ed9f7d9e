"""The attack on measured traces: which of them, which samples, and against which key."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from jobs.errors import InvalidInput
from jobs.measuring import ImportRequest, MeasuredAttack
from workers.simulation.attack import Attack, attack
from workers.simulation.cpa import ClassSums
from workers.simulation.inputs import RANDOM, sets_of
from workers.simulation.leakage import SBOX_HW, SBOX_VALUE
from workers.simulation.measured.quantise import Scale, blocks
from workers.simulation.measured.taken import Taken
from workers.simulation.plan import checkpoints_of
from workers.simulation.run import LEFT_OUT
from workers.simulation.targets import Sums, Targets, numbered
from workers.simulation.totals import MIN_ATTACK
from workers.simulation.window import CPA_WINDOW

KeySource = Literal["file", "request", "varies"]


@dataclass(frozen=True, slots=True)
class Attacked:
    """What the attack found, or why there was none."""

    window: tuple[int, int]
    attack: Attack | None
    classes: Sums | None
    key: tuple[int, ...] | None
    key_from: KeySource | None
    absent: str | None


def targets_of(key: tuple[int, ...] | None) -> Targets:
    """Return what is guessed: the key, by the first round of AES-128."""
    return Targets(
        what="the output of the AES-128 first-round S-box",
        of="key",
        subkeys=numbered("key byte", 16, (SBOX_HW, SBOX_VALUE)),
        known=lambda plaintexts, _outputs: (plaintexts,),
        truth=None if key is None else bytes(key),
        key_of=bytes,
    )


def attacked(taken: Taken, secret: npt.NDArray[np.bool_]) -> Attacked:
    """Attack the traces of the random set; `secret` [samples] are those that count for a peak.

    Raise InvalidInput for what the request names and the file does not have.
    """
    cpa = taken.request.cpa
    first, last = (0, CPA_WINDOW) if cpa is None or cpa.window is None else cpa.window
    window = (min(first, taken.samples), max(min(last, taken.samples), min(first, taken.samples)))
    key, key_from = known_key(taken)
    chosen = np.flatnonzero(varied(taken.sets.labels))
    plaintexts = None if cpa is None else taken.value(cpa.plaintext)
    wanted = secret[slice(*window)]
    absent = _absent(taken.request, plaintexts, key_from, traces=len(chosen), wanted=wanted)
    if absent is not None or plaintexts is None:
        return Attacked((window[0], window[0]), None, None, key, key_from, absent)

    def parts() -> Iterator[tuple[ClassSums, bool]]:
        begin = 0
        for end in checkpoints_of(len(chosen)) if key is not None else (len(chosen),):
            yield _classes(taken, plaintexts, chosen[begin:end], window), True
            begin = end

    found, classes = attack(parts(), targets_of(key), compared=window[1] - window[0], secret=wanted)
    return Attacked(window, found, classes, key, key_from, None)


def varied(labels: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Return which traces are in the random set [traces]."""
    return np.asarray((labels != LEFT_OUT) & (sets_of(labels) == RANDOM))


def _absent(
    request: ImportRequest,
    plaintexts: npt.NDArray[np.uint8] | None,
    key_from: KeySource | None,
    *,
    traces: int,
    wanted: npt.NDArray[np.bool_],
) -> str | None:
    """Say why there is no attack, or None; raise InvalidInput where the request names what is not there."""
    if request.cpa is None:
        return "the import asked for none"
    if plaintexts is None:
        if request.cpa.plaintext != MeasuredAttack.model_fields["plaintext"].default:
            raise InvalidInput(
                f"The file has no {request.cpa.plaintext}.", field="cpa.plaintext", reason="no-such-value"
            )
        return "the file does not tell the plaintexts"
    reasons = (
        (plaintexts.shape[1] != 16, f"the plaintexts have {plaintexts.shape[1]} bytes, not the 16 of AES-128"),
        (key_from == "varies", "the key changes from trace to trace"),
        (traces < MIN_ATTACK, f"fewer than {MIN_ATTACK} traces have random inputs"),
        (not wanted.any(), "no sample of the attack's window is outside declared-public code"),
    )
    return next((why for holds, why in reasons if holds), None)


def _classes(
    taken: Taken, plaintexts: npt.NDArray[np.uint8], chosen: npt.NDArray[np.int64], window: tuple[int, int]
) -> ClassSums:
    sums = ClassSums(window[1] - window[0])
    cut = slice(*window)
    scale = Scale(taken.scale.offset[cut], taken.scale.step[cut], taken.scale.lossless)
    for rows in blocks(taken.traces[:, cut]):
        mine = chosen[(chosen >= rows.start) & (chosen < rows.stop)]
        if len(mine):
            sums.update(scale.integers(taken.traces[mine, cut]), np.ascontiguousarray(plaintexts[mine]))
    return sums


def known_key(taken: Taken) -> tuple[tuple[int, ...] | None, KeySource | None]:
    """Return the key, if somebody tells it, and who."""
    request = taken.request
    if request.key is not None:
        if request.cpa is not None and len(request.key) != 32:
            raise InvalidInput("The key of AES-128 has 16 bytes.", field="key", reason="other-length")
        return tuple(bytes.fromhex(request.key)), "request"
    name = (request.cpa.key or "") if request.cpa is not None else "key"
    keys = taken.value(name)
    if keys is None or keys.shape[1] != 16:
        return None, None
    keys = keys[varied(taken.sets.labels)]
    if len(keys) == 0:
        return None, None
    if (keys != keys[0]).any():
        return None, "varies"
    return tuple(int(value) for value in keys[0]), "file"
