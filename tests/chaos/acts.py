"""What is done to a farm, and when: drawn once from a seed, so that a run can be had again."""

import random
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """Something that happens to a farm."""

    KILL = "kill"
    """SIGKILL to a process and not to its children; it is started again after a while."""
    KILL_CHILD = "kill-child"
    """SIGKILL to a child: the process that runs a job, or that answers requests."""
    TERMINATE = "terminate"
    """SIGTERM, as a deployment does; it is started again."""
    PAUSE = "pause"
    """SIGSTOP to a process and its children, and SIGCONT after a while."""
    PAUSE_CHILD = "pause-child"
    """The same of a child alone: a job stands still while its worker does not."""
    CUT = "cut"
    """All connections of a process to a store are reset, and new ones until a while has passed."""
    TEAR = "tear"
    """A connection breaks in the middle of a message."""
    DELAY = "delay"
    """What goes to a store and comes from it takes longer."""
    HOLD = "hold"
    """Nothing goes through, and no connection breaks."""
    SKEW = "skew"
    """A worker's clock jumps, ahead or back."""
    FILL = "fill"
    """The disk is full for a while."""


@dataclass(frozen=True, slots=True)
class Act:
    """One fault, at its time."""

    at_s: float
    fault: Fault
    target: str
    """A process; for CUT, TEAR, DELAY and HOLD a way, `<process>-<store>`."""
    lasts_s: float
    amount: float = 0
    """Seconds by which a clock is wrong or an answer late."""


@dataclass(frozen=True, slots=True)
class Targets:
    """What there is to be harmed."""

    workers: Sequence[str]
    web: Sequence[str]
    stores: Sequence[str]
    ways: Sequence[str]
    skewed: Sequence[str]
    """Workers whose clock can be set."""
    disk: Sequence[str]
    """Disks that can be filled; none where no small one could be mounted."""

    def of(self, fault: Fault) -> Sequence[str]:
        """Return what a fault can befall."""
        return {
            Fault.KILL: (*self.workers, *self.web, *self.stores),
            Fault.KILL_CHILD: (*self.workers, *self.web),
            Fault.TERMINATE: (*self.workers, *self.web),
            Fault.PAUSE: (*self.workers, *self.web, *self.stores),
            Fault.PAUSE_CHILD: self.workers,
            Fault.CUT: self.ways,
            Fault.TEAR: self.ways,
            Fault.DELAY: self.ways,
            Fault.HOLD: self.ways,
            Fault.SKEW: self.skewed,
            Fault.FILL: self.disk,
        }[fault]


LASTS_S = {
    Fault.KILL: (0.2, 8.0),
    Fault.KILL_CHILD: (0.0, 0.0),
    Fault.TERMINATE: (0.2, 3.0),
    Fault.PAUSE: (0.5, 8.0),
    Fault.PAUSE_CHILD: (2.0, 10.0),
    Fault.CUT: (0.1, 8.0),
    Fault.TEAR: (1.0, 3.0),
    Fault.DELAY: (3.0, 12.0),
    Fault.HOLD: (1.0, 10.0),
    Fault.SKEW: (5.0, 20.0),
    Fault.FILL: (2.0, 8.0),
}
SHARE = 4
"""Of a run, no fault lasts longer than a fourth."""
DELAYS_S = (0.005, 0.25)
SKEWS_S = (5.0, 25.0)
"""Ahead or back. Writers of knowledge may differ by half a lease of theirs, 30 s (`workers/query/corpus.py`)."""


def plan(
    seed: int, *, seconds: float, every_s: float, targets: Targets, faults: Collection[Fault] = tuple(Fault)
) -> list[Act]:
    """Return what happens within `seconds`, about every `every_s`: every fault to everything once, as far as there is time.

    What comes after that is drawn, each fault as often as any other.
    """
    rng = random.Random(seed)
    possible = [(fault, target) for fault in Fault if fault in faults for target in targets.of(fault)]
    if not possible:
        return []
    first = list(possible)
    rng.shuffle(first)
    drawn = _drawn(rng, possible)
    acts = []
    at_s = every_s * rng.uniform(0.2, 0.8)
    while at_s < seconds:
        fault, target = first.pop() if first else next(drawn)
        lasts_s = min(rng.uniform(*LASTS_S[fault]), seconds / SHARE)
        acts.append(Act(round(at_s, 3), fault, target, round(lasts_s, 3), _amount(rng, fault)))
        at_s += rng.uniform(0.4, 1.6) * every_s
    return acts


def _drawn(rng: random.Random, possible: Sequence[tuple[Fault, str]]) -> Iterator[tuple[Fault, str]]:
    faults = sorted({fault for fault, _ in possible})
    while True:
        fault = rng.choice(faults)
        yield rng.choice([one for one in possible if one[0] == fault])


def _amount(rng: random.Random, fault: Fault) -> float:
    if fault is Fault.DELAY:
        return round(rng.uniform(*DELAYS_S), 3)
    if fault is Fault.SKEW:
        return round(rng.choice((-1, 1)) * rng.uniform(*SKEWS_S), 3)
    return 0.0
