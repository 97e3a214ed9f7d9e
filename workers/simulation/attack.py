"""The attack on the merged class sums: ranks at checkpoints, and the evidence for each key byte."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.report import CpaReport, KeyByte, Place
from workers.simulation.aes import LEAKAGE, Model
from workers.simulation.cpa import ClassSums, guessing_entropy, interval, noise_floor, rank

MODELS: tuple[Model, ...] = tuple(LEAKAGE)
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scores:
    """The attack after some traces: per byte the model that shows most, and all guesses' peaks under it."""

    traces: int
    models: tuple[Model, ...]
    """[16]"""
    rho: npt.NDArray[np.float32]
    """[16, 256] signed correlation at each guess's peak."""
    sample: npt.NDArray[np.int32]
    """[16, 256] where the peak is, within the window."""

    @property
    def best(self) -> npt.NDArray[np.intp]:
        """Return [16] the best guesses."""
        return np.argmax(np.abs(self.rho), axis=1)

    def ranks(self, key: Sequence[int] | None) -> tuple[int | None, ...]:
        """Return [16] the rank of each true key byte; None without a key."""
        if key is None:
            return (None,) * len(self.rho)
        return tuple(rank(np.abs(scores), true) for scores, true in zip(self.rho, key, strict=True))


@dataclass(frozen=True, slots=True)
class Attack:
    """The whole attack."""

    final: Scores
    checkpoints: tuple[tuple[int, tuple[int | None, ...]], ...]
    """(traces, ranks [16]) at each checkpoint."""
    rho: Floats
    """[window] largest |correlation| over the bytes, of the true guess where it is known, else of the best."""
    rho_byte: npt.NDArray[np.intp]
    """[window] the byte it belongs to."""


def score(classes: ClassSums, secret: npt.NDArray[np.bool_]) -> Scores:
    """Attack all bytes at the samples `secret` under both models; keep, per byte, the model with the higher peak."""
    peaks = [classes.peaks(model, among=secret) for model in MODELS]
    heights = np.stack([np.abs(rho).max(axis=1) for rho, _ in peaks])
    chosen = np.argmax(heights, axis=0)
    bytes_ = np.arange(heights.shape[1])
    return Scores(
        traces=classes.count,
        models=tuple(MODELS[index] for index in chosen),
        rho=np.stack([rho for rho, _ in peaks])[chosen, bytes_],
        sample=np.stack([sample for _, sample in peaks])[chosen, bytes_],
    )


def attack(
    parts: Iterator[tuple[ClassSums, bool]],
    key: Sequence[int] | None,
    *,
    compared: int,
    secret: npt.NDArray[np.bool_],
) -> tuple[Attack, ClassSums]:
    """Add parts up in order, attack at each checkpoint and at the end, and return the sums too.

    Parts come with whether a checkpoint lies at their end; ranks need the true `key`. Only the first `compared` samples
    are common to all executions, and only those that are true in `secret` [samples] count for a peak: what is public
    by design gives nothing away.
    """
    total: ClassSums | None = None
    checkpoints: list[tuple[int, tuple[int | None, ...]]] = []
    latest: Scores | None = None
    for classes, at_checkpoint in parts:
        if total is None:
            total = classes
        else:
            total.merge(classes)
        latest = score(total, secret) if at_checkpoint and key is not None else None
        if latest is not None and latest.traces > (checkpoints[-1][0] if checkpoints else 0):
            checkpoints.append((latest.traces, latest.ranks(key)))
    if total is None:
        raise ValueError("an attack needs at least one part")
    final = latest or score(total, secret)
    guesses = final.best if key is None else key
    rho = np.stack(
        [
            np.abs(total.correlations(byte, final.models[byte])[int(guesses[byte]), :compared])
            for byte in range(len(final.rho))
        ]
    )
    return Attack(final, tuple(checkpoints), rho.max(axis=0).astype(np.float64), rho.argmax(axis=0)), total


def confident(scores: Scores) -> npt.NDArray[np.bool_]:
    """Return [16]: whether the best guess stands clear of the noise floor and, by its 95 % interval, of the second."""
    heights = np.sort(np.abs(scores.rho), axis=1)
    low = np.array([interval(float(height), scores.traces)[0] for height in heights[:, -1]])
    return np.asarray((heights[:, -1] > noise_floor(scores.traces)) & (low > heights[:, -2]))


def describe(
    found: Attack,
    *,
    intermediate: str,
    window: tuple[int, int],
    key: Sequence[int] | None,
    places: Sequence[Place],
) -> CpaReport:
    """Write the attack down; `places` are the instructions of the window's samples."""
    scores = found.final
    ranks = scores.ranks(key)
    sure = confident(scores)
    curves = [taken for _, taken in found.checkpoints]
    return CpaReport(
        intermediate=intermediate,
        traces=scores.traces,
        window=window,
        noise_floor=noise_floor(scores.traces),
        key_known=key is not None,
        recovered=None if key is None else sum(place == 0 for place in ranks),
        confident=int(sure.sum()),
        key=bytes(int(guess) for guess in scores.best).hex(),
        bytes=tuple(_key_byte(found, byte, window[0], key, places) for byte in range(len(scores.rho))),
        checkpoints=tuple(traces for traces, _ in found.checkpoints),
        guessing_entropy=None
        if key is None
        else tuple(guessing_entropy(np.array([place for place in taken if place is not None])) for taken in curves),
    )


def _key_byte(found: Attack, byte: int, offset: int, key: Sequence[int] | None, places: Sequence[Place]) -> KeyByte:
    scores, checkpoints = found.final, found.checkpoints
    best = int(scores.best[byte])
    rho, sample = float(scores.rho[byte, best]), int(scores.sample[byte, best])
    low, high = interval(rho, scores.traces)
    ranks = tuple(taken[byte] for _, taken in checkpoints)
    return KeyByte(
        index=byte,
        confident=bool(confident(scores)[byte]),
        best_guess=best,
        true_value=None if key is None else int(key[byte]),
        rank=scores.ranks(key)[byte],
        model=scores.models[byte],
        rho=rho,
        rho_low=low,
        rho_high=high,
        sample=offset + sample,
        place=places[sample],
        second_rho=float(np.sort(np.abs(scores.rho[byte]))[-2]),
        ranks=ranks,
        traces_to_recover=_recovered_at(ranks, [traces for traces, _ in checkpoints]),
    )


def _recovered_at(ranks: Sequence[int | None], traces: Sequence[int]) -> int | None:
    """Return the first checkpoint from which the rank stays 0."""
    stays = None
    for place, count in zip(ranks, traces, strict=True):
        if place != 0:
            stays = None
        elif stays is None:
            stays = count
    return stays
