"""The attack on the merged sums: ranks at checkpoints, and the evidence for each byte that is guessed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.report import CpaReport, KeyByte, Place, WindowChosen
from workers.simulation.leakage import Leakage
from workers.simulation.ranks import guessing_entropy, interval, noise_floor, rank
from workers.simulation.targets import Sums, Targets

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scores:
    """The attack after some traces: per byte the model that shows most, and all guesses' peaks under it."""

    traces: int
    models: tuple[Leakage, ...]
    """[bytes]"""
    rho: npt.NDArray[np.float32]
    """[bytes, 256] signed correlation at each guess's peak."""
    sample: npt.NDArray[np.int32]
    """[bytes, 256] where the peak is, within the window."""

    @property
    def heights(self) -> Floats:
        """Return [bytes, 256] how much each guess's peak speaks for it: |rho|, or rho where signs tell guesses apart."""
        return np.stack([model.height(rho) for model, rho in zip(self.models, self.rho, strict=True)]).astype(
            np.float64
        )

    @property
    def best(self) -> npt.NDArray[np.intp]:
        """Return [bytes] the best guesses."""
        return np.argmax(self.heights, axis=1)

    def ranks(self, key: Sequence[int] | None) -> tuple[int | None, ...]:
        """Return [bytes] the rank of each true value; None without a key."""
        if key is None:
            return (None,) * len(self.rho)
        return tuple(rank(heights, true) for heights, true in zip(self.heights, key, strict=True))


@dataclass(frozen=True, slots=True)
class Attack:
    """The whole attack."""

    final: Scores
    checkpoints: tuple[tuple[int, tuple[int | None, ...]], ...]
    """(traces, ranks [bytes]) at each checkpoint."""
    rho: Floats
    """[window] largest |correlation| over the bytes, of the true guess where it is known, else of the best."""
    rho_byte: npt.NDArray[np.intp]
    """[window] the byte it belongs to."""


def score(sums: Sums, secret: npt.NDArray[np.bool_], targets: Targets) -> Scores:
    """Attack all bytes at the samples `secret` under each of their models; keep, per byte, the one with the highest peak."""
    count = len(targets.subkeys)
    rho, sample = np.zeros((count, 256), np.float32), np.zeros((count, 256), np.int32)
    models = [subkey.models[0] for subkey in targets.subkeys]
    for of_group, bytes_ in targets.groups():
        peaks = [sums.peaks(model, among=secret, bytes_=bytes_) for model in of_group]
        heights = np.stack([model.height(found).max(axis=1) for model, (found, _) in zip(of_group, peaks, strict=True)])
        for at, chosen in enumerate(np.argmax(heights, axis=0)):
            byte = bytes_[at]
            models[byte] = of_group[chosen]
            rho[byte], sample[byte] = peaks[chosen][0][at], peaks[chosen][1][at]
    return Scores(sums.count, tuple(models), rho, sample)


def attack(
    growing: Iterator[tuple[Sums, bool]],
    targets: Targets,
    *,
    compared: int,
    secret: npt.NDArray[np.bool_],
) -> tuple[Attack, Sums]:
    """Attack growing sums at each checkpoint and at the end, and return what they have become.

    They come with whether a checkpoint lies there; ranks need the truth of the `targets`. Only the first `compared` samples
    are common to all executions, and only those that are true in `secret` [samples] count for a peak: what is public
    by design gives nothing away.
    """
    key = targets.truth
    total: Sums | None = None
    checkpoints: list[tuple[int, tuple[int | None, ...]]] = []
    latest: Scores | None = None
    for sums, at_checkpoint in growing:
        total = sums
        latest = score(total, secret, targets) if at_checkpoint and key is not None else None
        if latest is not None and latest.traces > (checkpoints[-1][0] if checkpoints else 0):
            checkpoints.append((latest.traces, latest.ranks(key)))
    if total is None:
        raise ValueError("an attack needs at least one part")
    final = latest or score(total, secret, targets)
    guesses = final.best if key is None else key
    rho = np.stack(
        [
            np.abs(total.correlations_of(int(guesses[byte]), byte, final.models[byte])[:compared])
            for byte in range(len(final.rho))
        ]
    )
    return Attack(final, tuple(checkpoints), rho.max(axis=0).astype(np.float64), rho.argmax(axis=0)), total


def confident(scores: Scores) -> npt.NDArray[np.bool_]:
    """Return [bytes]: whether the best guess stands clear of the noise floor and, by its 95 % interval, of the second."""
    heights = np.sort(scores.heights, axis=1)
    low = np.array([interval(float(height), scores.traces)[0] for height in heights[:, -1]])
    return np.asarray((heights[:, -1] > noise_floor(scores.traces)) & (low > heights[:, -2]))


def describe(
    found: Attack,
    *,
    targets: Targets,
    intermediate: str,
    window: tuple[int, int],
    chosen: WindowChosen | None,
    snr_absent: str | None,
    places: Sequence[Place],
) -> CpaReport:
    """Write the attack down; `places` are the instructions of the window's samples."""
    scores, key = found.final, targets.truth
    ranks = scores.ranks(key)
    sure = confident(scores)
    curves = [taken for _, taken in found.checkpoints]
    best = bytes(int(guess) for guess in scores.best)
    return CpaReport(
        intermediate=intermediate,
        traces=scores.traces,
        window=window,
        noise_floor=noise_floor(scores.traces),
        key_known=key is not None,
        recovered=None if key is None else sum(place == 0 for place in ranks),
        confident=int(sure.sum()),
        key=best.hex(),
        bytes=tuple(_key_byte(found, targets, byte, window[0], places) for byte in range(len(scores.rho))),
        checkpoints=tuple(traces for traces, _ in found.checkpoints),
        guessing_entropy=None
        if key is None
        else tuple(guessing_entropy(np.array([place for place in taken if place is not None])) for taken in curves),
        what=targets.what,
        of=targets.of,
        assumes=targets.assumes,
        conditional=targets.conditional,
        master_key=targets.key_of(best).hex() if targets.key_of is not None and sure.all() else None,
        chosen=chosen,
        snr_absent=snr_absent,
    )


def _key_byte(found: Attack, targets: Targets, byte: int, offset: int, places: Sequence[Place]) -> KeyByte:
    scores, checkpoints, key = found.final, found.checkpoints, targets.truth
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
        name=targets.subkeys[byte].name,
        model=scores.models[byte].name,
        rho=rho,
        rho_low=low,
        rho_high=high,
        sample=offset + sample,
        place=places[sample],
        second_rho=max(float(np.sort(scores.heights[byte])[-2]), 0.0),
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
