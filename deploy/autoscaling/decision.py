"""How many jobs a pool is to run at once, from what was seen of it. Pure.

A pool grows while a job waits for too long: by as many as wait, to twice its size at most. It shrinks when nothing has waited
for so long all through a window: to the most jobs that it ran at once in that window, so never below what it needs. The two
never meet: one looks at what waits, the other at what runs, and after a change the pool is left alone for a while.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Bounds:
    """The floor and the ceiling of a pool."""

    least: int
    most: int

    def __post_init__(self) -> None:
        """Refuse bounds that cross."""
        if not 1 <= self.least <= self.most:
            msg = f"a pool has at least 1 and no more at least than at most, not {self.least}-{self.most}"
            raise ValueError(msg)

    def within(self, least: int, most: int) -> "Bounds":
        """Return bounds that workers can keep, which run `least` to `most` jobs together."""
        low = min(max(self.least, least), most)
        return Bounds(low, max(low, min(self.most, most)))


@dataclass(frozen=True, slots=True)
class Rules:
    """When a pool changes."""

    grow_wait_s: float
    settle_s: float
    idle_s: float


@dataclass(frozen=True, slots=True)
class Seen:
    """A pool at one moment, in seconds of any clock that only goes forward."""

    at_s: float
    waiting: int
    oldest_wait_s: float
    processes: int
    busy: int


@dataclass(frozen=True, slots=True)
class Past:
    """What is remembered of a pool."""

    began_s: float | None = None
    """Since when it has been watched without a job that waited for too long."""
    changed_s: float | None = None
    ran: tuple[tuple[float, int], ...] = field(default=())
    """How many jobs ran at once, when: of these only what later ones do not exceed."""

    def rests(self, at_s: float, rules: Rules) -> bool:
        """Say whether the pool was changed, or asked to, so lately that it is left alone."""
        return self.changed_s is not None and at_s - self.changed_s < rules.settle_s


def decide(seen: Seen, past: Past, bounds: Bounds, rules: Rules) -> tuple[int, Past]:
    """Return how many processes the pool is to have, and what to remember for the next look."""
    pressed = seen.waiting > 0 and seen.oldest_wait_s >= rules.grow_wait_s
    began = seen.at_s if pressed or past.began_s is None else past.began_s
    # The largest first: one that is older and no larger can never be the most of a window again.
    ran = (*(one for one in past.ran if one[1] > seen.busy), (seen.at_s, seen.busy))
    ran = tuple(one for one in ran if one[0] >= seen.at_s - rules.idle_s)
    wanted = _wanted(seen, bounds, rules, pressed=pressed, past=past, quiet_s=seen.at_s - began, peak=ran[0][1])
    changed = past.changed_s if wanted == seen.processes else seen.at_s
    return wanted, Past(began, changed, ran)


def _wanted(seen: Seen, bounds: Bounds, rules: Rules, *, pressed: bool, past: Past, quiet_s: float, peak: int) -> int:
    if past.rests(seen.at_s, rules):
        return seen.processes
    if not bounds.least <= seen.processes <= bounds.most:
        return min(max(seen.processes, bounds.least), bounds.most)
    if pressed:
        return min(seen.processes + min(seen.waiting, seen.processes), bounds.most)
    if quiet_s >= rules.idle_s:
        return min(max(peak, bounds.least), seen.processes)
    return seen.processes
