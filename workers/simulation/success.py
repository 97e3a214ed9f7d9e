"""How often attacks succeed: success rates and guessing entropy (Standaert, Malkin, Yung 2009) with intervals.

Attacks at one number of traces share no trace, so they are independent, and the interval of a success rate is that of
Clopper and Pearson (1934). Attacks that share traces would look alike and make intervals too narrow.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from jobs.report_profile import Estimate
from workers.simulation.draws import random_bytes

CHECKPOINTS = 20
CONFIDENCE = 0.95
ROWS = 4096
"""Traces whose scores are gathered together: 8 MiB."""
ORDER_PURPOSE = 512
"""The purpose of the stream that orders traces in `draws`; one more for each number of traces."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Design:
    """Which attacks there are with one number of traces."""

    traces: int
    attacks: int
    rows: npt.NDArray[np.intp]
    """[attacks, traces]"""


def shuffled(count: int, seed: int, purpose: int) -> npt.NDArray[np.intp]:
    """Return 0 .. count - 1 in an order that depends on (seed, purpose) alone."""
    keys = random_bytes(seed, 0, count, 8, purpose).view("<u8")[:, 0]
    return np.argsort(keys, kind="stable")


def designs(count: int, *, repetitions: int, seed: int) -> list[Design]:
    """Return the attacks on `count` traces: from one trace to all of them, evenly spaced on a logarithmic scale."""
    wanted = sorted({round(count ** (step / (CHECKPOINTS - 1))) for step in range(CHECKPOINTS)})
    made = []
    for number, traces in enumerate(wanted):
        attacks = min(repetitions, count // traces)
        order = shuffled(count, seed, ORDER_PURPOSE + number)
        made.append(Design(traces, attacks, order[: attacks * traces].reshape(attacks, traces)))
    return made


def ranks(scores: Floats, design: Design, *, check: Callable[[], None]) -> npt.NDArray[np.int64]:
    """Return the rank of guess 0 in each attack [attacks], given the log-likelihoods of one byte's guesses [n, 256].

    Guesses that are as likely as the true one count as better.
    """
    out = np.empty(design.attacks, np.int64)
    at_once = max(1, ROWS // design.traces)
    for first in range(0, design.attacks, at_once):
        check()
        summed = scores[design.rows[first : first + at_once]].sum(axis=1)
        out[first : first + at_once] = np.count_nonzero(summed >= summed[:, :1], axis=1) - 1
    return out


def share(hits: npt.NDArray[np.bool_]) -> Estimate:
    """Return the share of successes with its Clopper-Pearson interval."""
    n, k = len(hits), int(hits.sum())
    tail = (1 - CONFIDENCE) / 2
    low = float(special.betaincinv(k, n - k + 1, tail)) if k else 0.0
    high = float(special.betaincinv(k + 1, n - k, 1 - tail)) if k < n else 1.0
    return Estimate(value=k / n, low=low, high=high)


def mean(values: Floats, *, least: float = -math.inf, most: float = math.inf) -> Estimate:
    """Return the mean of independent values with Student's interval, as far as that lies between `least` and `most`."""
    n, value = len(values), float(values.mean())
    if n < 2:
        return Estimate(value=value, low=None, high=None)
    reach = float(special.stdtrit(n - 1, (1 + CONFIDENCE) / 2)) * float(values.std(ddof=1)) / math.sqrt(n)
    return Estimate(value=value, low=max(value - reach, least), high=min(value + reach, most))


def information(scores: Floats) -> Estimate:
    """Return the perceived information on a uniform byte (Renauld et al. 2011), bits per trace: 8 + mean log2 p(0).

    `scores` are the log-likelihoods [n, 256] of values relative to the true one, which is at 0.
    """
    true = scores[:, 0] - special.logsumexp(scores, axis=1)
    return mean(8.0 + true / math.log(2))


def steady(traces: Sequence[int], good: Sequence[bool]) -> int | None:
    """Return the first number of traces from which on all are good."""
    stays = None
    for count, well in zip(traces, good, strict=True):
        if not well:
            stays = None
        elif stays is None:
            stays = count
    return stays
