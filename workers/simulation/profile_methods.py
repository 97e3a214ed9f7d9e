"""One key byte under one method: what is learnt of it, and what attacks with that achieve."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from jobs.profiling import Method, ProfileRequest
from jobs.report_profile import AttackPoint, ByteAttack, Estimate, MethodReport
from workers.simulation.known_bytes import Known
from workers.simulation.profiled import Gaussian, stochastic, templates
from workers.simulation.success import Design, information, mean, ranks, share, steady

OFTEN = 0.9
"""Of the attacks, from which on a number of traces is called enough."""

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Learnt:
    """What a byte is learnt from."""

    x: Floats
    """[n, points]"""
    value: Bytes
    """[n] plaintext ^ key."""


@dataclass(frozen=True, slots=True)
class Victim:
    """What is attacked of a byte."""

    x: Floats
    """[n, points]"""
    value: Bytes
    """[n] plaintext ^ key, or the plaintext where the key is unknown."""
    known: bool


@dataclass(frozen=True, slots=True)
class Attacked:
    """One byte under one method."""

    best: int
    """The best guess with all traces, relative to the true one where that is known."""
    rank: int
    """Of guess 0 with all traces."""
    margin: float
    information: Estimate
    ranks: tuple[npt.NDArray[np.int64], ...]
    """[attacks] of guess 0, per number of traces."""
    bits: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """How bytes are learnt and attacked."""

    request: ProfileRequest
    bytes: tuple[int, ...]
    intermediate: Bytes
    """[256] by plaintext ^ key."""
    classes: Literal["value", "hw"]
    rare: tuple[int, ...]
    """Bytes of which a Hamming weight was never seen, where those are the classes."""

    @property
    def class_of(self) -> Bytes:
        """Return the class of each value of plaintext ^ key [256]."""
        return self.intermediate if self.classes == "value" else np.bitwise_count(self.intermediate)

    def classes_of(self, value: Bytes) -> Bytes:
        """Return the classes [n] of values of plaintext ^ key."""
        return self.class_of[value]

    def learn(self, method: Method, learnt: Learnt) -> tuple[Gaussian, tuple[float, ...]]:
        """Return a model of a byte, and the weights of its bits where it has such."""
        if method is Method.TEMPLATES:
            dimensions = self.request.dimensions
            made = templates(learnt.x, self.classes_of(learnt.value), self.class_of, dimensions=dimensions)
            return made, ()
        made, coefficients = stochastic(learnt.x, learnt.value, self.intermediate, self.request.basis)
        return made, tuple(float(weight) for weight in coefficients[1:9, 0]) if coefficients.shape[1] else ()

    def described(
        self, method: Method, found: Sequence[Attacked], target: Known, attacks: Sequence[Design]
    ) -> MethodReport:
        """Write down what one method achieved with all bytes."""
        known, one_key = target.key is not None, target.one_key
        guesses = (
            None
            if known and one_key is None
            else [one.best ^ (0 if one_key is None else int(one_key[number])) for number, one in enumerate(found)]
        )
        curve = _curve(found, attacks, self.request.order) if known else ()
        return MethodReport(
            method=method,
            model=self._model(method),
            classes=len(np.unique(self.class_of)) if method is Method.TEMPLATES else None,
            key=None if guesses is None else bytes(guesses).hex(),
            recovered=sum(one.rank == 0 for one in found) if known else None,
            curve=curve,
            curve_absent=None if known else "the key of the attacked traces is unknown",
            traces_to_success=steady(
                [point.traces for point in curve], [point.success.value >= OFTEN for point in curve]
            ),
            bytes=tuple(
                ByteAttack(
                    index=index,
                    best_guess=None if guesses is None else guesses[number],
                    true_value=None if one_key is None else int(one_key[number]),
                    rank=found[number].rank if known else None,
                    margin=found[number].margin,
                    information=found[number].information if known else None,
                    bits=found[number].bits,
                    success=tuple(share(of_count == 0) for of_count in found[number].ranks) if known else (),
                    mean_rank=tuple(float(of_count.mean()) for of_count in found[number].ranks) if known else (),
                )
                for number, index in enumerate(self.bytes)
            ),
        )

    def _model(self, method: Method) -> str:
        if method is Method.STOCHASTIC:
            more = " and 28 products of two" if self.request.basis == "pairs" else ""
            return f"regression on 8 bits{more}, one covariance"
        space = "all points" if self.request.dimensions is None else f"at most {self.request.dimensions} discriminants"
        return f"one Gaussian per {'value' if self.classes == 'value' else 'Hamming weight'}, one covariance, {space}"


def attacked(
    method: Method, task: Task, learnt: Learnt, victim: Victim, attacks: Sequence[Design], *, check: Callable[[], None]
) -> Attacked:
    """Learn a byte and attack it.

    Guesses are relative to the true key where it is known, so that traces with a key each can be attacked as one.
    """
    check()
    model, bits = task.learn(method, learnt)
    values = victim.value[:, np.newaxis] ^ np.arange(256, dtype=np.uint8)
    scores = np.take_along_axis(model.scores(victim.x), values.astype(np.intp), axis=1)
    summed = scores.sum(axis=0)
    second, first = np.sort(summed)[-2:]
    return Attacked(
        best=int(summed.argmax()),
        rank=int(np.count_nonzero(summed >= summed[0])) - 1,
        margin=float(first - second) / math.log(10),
        information=information(scores),
        ranks=tuple(ranks(scores, design, check=check) for design in attacks) if victim.known else (),
        bits=bits,
    )


def _curve(found: Sequence[Attacked], attacks: Sequence[Design], order: int) -> tuple[AttackPoint, ...]:
    points = []
    for number, design in enumerate(attacks):
        of_all = np.stack([one.ranks[number] for one in found], axis=1)
        points.append(
            AttackPoint(
                traces=design.traces,
                attacks=design.attacks,
                success=share(np.asarray((of_all == 0).all(axis=1))),
                success_order=share(np.asarray((of_all < order).all(axis=1))),
                bytes_right=mean((of_all == 0).mean(axis=1), least=0, most=1),
                guessing_entropy=mean(np.log2(of_all + 1.0).mean(axis=1), least=0, most=8),
                mean_rank=float(of_all.mean()),
            )
        )
    return tuple(points)
