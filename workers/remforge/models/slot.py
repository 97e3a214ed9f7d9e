"""What the registry knows of one role."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from threading import Lock

from jobs.forging import ModelState
from workers.remforge.inference import Card
from workers.remforge.models.batcher import Batcher, Tally
from workers.remforge.models.model import Spec


@dataclass(slots=True, eq=False)
class Slot:
    """A model that is set up, loaded or not."""

    spec: Spec
    card: Card | None = None
    """What the loader said of it, and after the first load what it is."""
    batcher: Batcher | None = None
    loading: bool = False
    needed: int = 0
    """What the loader says that it will take."""
    bytes: int = 0
    """Of the budget: what it needs while it loads, then what it takes."""
    leases: int = 0
    """Who uses it, or waits for its load."""
    wanted: int = 0
    """Who waits for its memory: it is not lent any more until they have it."""
    turn: int = 0
    """When it was lent last, in leases."""
    idle_since: float = 0.0
    failure: str | None = None
    failed_at: float = 0.0
    note: str | None = None
    """Why it is on another device than wished."""
    tally: Tally = field(default_factory=Tally)
    looking: Lock = field(default_factory=Lock)

    @property
    def idle(self) -> bool:
        """Say whether it could be unloaded."""
        return self.batcher is not None and not self.leases and not self.spec.pinned

    def taken_out(self) -> Batcher | None:
        """Give up the model; whoever gets it closes it."""
        batcher, self.batcher, self.bytes = self.batcher, None, 0
        return batcher

    def state(self) -> ModelState:
        """Return how it is doing."""
        state = "loading" if self.loading else "loaded" if self.batcher else "unavailable" if self.failure else "known"
        return ModelState(
            role=self.spec.role,
            source=self.spec.source,
            model=None if self.card is None else self.card.model,
            state=state,
            pinned=self.spec.pinned,
            bytes=self.bytes,
            leases=self.leases,
            safe_batch=min(list(self.tally.safe.values()), default=None),
            batches=self.tally.batches,
            items=self.tally.items,
            reason=self.failure or self.note,
        )


def to_free(slots: Iterable[Slot], missing: int, *, may: Callable[[Slot], bool]) -> tuple[list[Slot], int]:
    """Return which models to unload for `missing` bytes, the longest unused first, and what is missing even so."""
    chosen = []
    for slot in sorted(slots, key=lambda slot: slot.turn):
        if missing > 0 and may(slot):
            chosen.append(slot)
            missing -= slot.bytes
    return chosen, max(0, missing)
