"""What one answer may use, shared by all its parts: seconds, nodes; and the account of what it used and what failed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from jobs.errors import OutOfBudget, StoreUnavailable
from jobs.knowledge import MAX_NODES
from jobs.questions import Spent

FAILED = (StoreUnavailable, OutOfBudget)
"""What a part may fail with while the others go on; `Budget.ask` has taken note of it by then."""

AWAY = "did not answer"


class Budget:
    """The account of one answer. A store that failed once is not asked again."""

    def __init__(self, timer: Callable[[], float], *, seconds: float, nodes: int = MAX_NODES) -> None:
        """Start to count now."""
        self._timer = timer
        self._until = timer() + seconds
        self._seconds = seconds
        self._nodes = nodes
        self._failed: dict[str, str] = {}
        self._notes: dict[str, None] = {}
        self._spent: dict[str, int] = {"hops": 0, "nodes": 0, "statements": 0}
        self.truncated = False
        self.timings: dict[str, float] = {}

    @property
    def left_s(self) -> float:
        """Return the seconds that are left, at least none."""
        return max(0.0, self._until - self._timer())

    @property
    def nodes_left(self) -> int:
        """Return how many more nodes may be visited."""
        return max(0, self._nodes - self._spent["nodes"])

    @property
    def spent(self) -> Spent:
        """Return what was used."""
        return Spent(**self._spent)

    @property
    def degraded(self) -> tuple[str, ...]:
        """Return the parts that did not answer, and why."""
        return (*(f"{part}: {why}" for part, why in self._failed.items()), *self._notes)

    def answers(self, part: str) -> bool:
        """Say whether a part has not failed yet."""
        return part not in self._failed

    def failed(self, part: str) -> bool:
        """Say whether a part did not answer, for another reason than time."""
        return self._failed.get(part) == AWAY

    def note(self, what: str) -> None:
        """Say of the answer that it is less than it could be."""
        self._notes[what] = None

    def lost(self, part: str, error: Exception) -> None:
        """Take note of a store that failed outside of this account."""
        self._failed[part] = "out of time" if isinstance(error, OutOfBudget) else AWAY

    def visited(self, nodes: int, *, hops: int = 0, truncated: bool = False) -> None:
        """Take note of nodes that were read, how far from where they were asked for."""
        self._spent["nodes"] += nodes
        self._spent["hops"] = max(self._spent["hops"], hops)
        self.truncated |= truncated

    @contextmanager
    def ask(self, part: str, *, share: float = 1) -> Iterator[float]:
        """Give a statement to a store its seconds; raise OutOfBudget if none are left.

        What it fails with goes on to the caller, and stands in `degraded`.
        """
        if part in self._failed:
            raise StoreUnavailable(f"{part} has failed before")
        started = self._timer()
        seconds = min(self._until - started, self._seconds * share)
        try:
            _some(seconds, part)
            self._spent["statements"] += 1
            yield seconds
        except StoreUnavailable:
            self._failed[part] = AWAY
            raise
        except OutOfBudget:
            self._failed[part] = "out of time"
            self.truncated = True
            raise
        finally:
            self.timings[part] = self.timings.get(part, 0.0) + self._timer() - started


def _some(seconds: float, part: str) -> None:
    if seconds <= 0:
        raise OutOfBudget(f"no time is left for {part}")
