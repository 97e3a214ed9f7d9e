"""Which models are in memory: loaded when first asked for, once however many ask, and within a budget of bytes.

A model that is lent (`leases`) or pinned is never unloaded; of the others the longest unused goes first when another
needs its room. When only lent models are left, whoever needs room waits for them, and they are not lent again before:
otherwise models that are asked for without a pause would keep all others out.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from threading import Condition
from time import monotonic

import structlog

from jobs.errors import DeadlineExceeded, StoreUnavailable
from jobs.forging import ModelState
from workers.remforge.inference import Role
from workers.remforge.models.batcher import WAIT_S, Batcher
from workers.remforge.models.catalogue import Catalogue
from workers.remforge.models.foreign import Raised, attempt
from workers.remforge.models.guard import MIB, Guard
from workers.remforge.models.model import Loader, Spec
from workers.remforge.models.placing import placed
from workers.remforge.models.slot import Slot, to_free

log = structlog.get_logger(__name__)


class Registry:
    """The models of a machine, by role. All methods may be called by many threads."""

    def __init__(
        self,
        loader: Loader,
        specs: Sequence[Spec],
        *,
        budget_bytes: int,
        idle_s: float,
        clock: Callable[[], float],
        guard: Guard,
        wait_s: float = WAIT_S,
    ) -> None:
        """Know `specs`, one for a role; load nothing. `clock`, in seconds, tells idle models and pauses."""
        self._catalogue = Catalogue(loader, specs, clock=clock)
        self._slots = self._catalogue.slots
        self.card = self._catalogue.card
        self.why_not = self._catalogue.why_not
        self._loader = loader
        self._budget = budget_bytes
        self._idle_s = idle_s
        self._clock = clock
        self._guard = guard
        self._wait_s = wait_s
        self._changed = Condition()
        self._turns = count(1)
        self._closed = False
        self.broken = False
        """Whether a model stopped working since: the device may be lost to this process."""
        # One thread loads and unloads: memory that a model gives back is free before the next one takes it.
        self._mover = ThreadPoolExecutor(1, thread_name_prefix="models")

    def degraded(self) -> tuple[str, ...]:
        """Return which loaded models run elsewhere than wished, and why."""
        with self._changed:
            return tuple(f"{role}: {slot.note}" for role, slot in self._slots.items() if slot.batcher and slot.note)

    def state(self) -> tuple[ModelState, ...]:
        """Return how all models are doing."""
        with self._changed:
            return tuple(slot.state() for slot in self._slots.values())

    @property
    def used_bytes(self) -> int:
        """Return how much of the budget is taken."""
        return sum(slot.bytes for slot in self._slots.values())

    @contextmanager
    def lease(self, role: Role, *, deadline: float) -> Iterator[Batcher]:
        """Lend a loaded model, which stays loaded meanwhile. `deadline` is on the monotonic clock.

        Raise StoreUnavailable where it cannot be had or there is no room until then, DeadlineExceeded where its load
        takes longer. Whoever holds one lease must not wait for another.
        """
        if self.card(role) is None:
            raise StoreUnavailable(self.why_not(role))
        slot = self._slots[role]
        batcher = self._acquired(slot, deadline)
        try:
            yield batcher
        finally:
            self._release(slot)

    def preload(self, *, patience_s: float) -> None:
        """Look at all models, and load the pinned ones."""
        for role, slot in self._slots.items():
            if self.card(role) is not None and slot.spec.pinned:
                try:
                    with self.lease(role, deadline=monotonic() + patience_s):
                        log.info("model_preloaded", role=role)
                except (StoreUnavailable, DeadlineExceeded) as error:
                    log.warning("model_not_preloaded", role=role, reason=error.message)

    def sweep(self) -> None:
        """Unload what was not used for as long as models may idle."""
        with self._changed:
            before = self._clock() - self._idle_s
            self._unload([slot for slot in self._slots.values() if slot.idle and slot.idle_since <= before])

    def close(self) -> None:
        """Unload everything."""
        with self._changed:
            self._closed = True
            self._unload([slot for slot in self._slots.values() if slot.batcher is not None])
            self._changed.notify_all()
        self._mover.shutdown()

    def _acquired(self, slot: Slot, deadline: float) -> Batcher:
        with self._changed:
            while not self._lent(slot):
                self._refuse_hopeless(slot)
                wanted = self._wanted_for(slot)
                for other in wanted:
                    other.wanted += 1
                in_time = self._wait(deadline)
                for other in wanted:
                    other.wanted -= 1
                if not in_time:
                    self._changed.notify_all()
                    raise StoreUnavailable("The memory for models is in use.")
            return self._loaded(slot, deadline)

    def _lent(self, slot: Slot) -> bool:
        """Count one more user, if the model is there, or on its way, or there is room to load it."""
        if slot.batcher is not None and (slot.wanted or slot.batcher.broken):
            return False
        if slot.batcher is None and not slot.loading:
            if self._closed or self._catalogue.resting(slot) or not self._make_room(slot.needed):
                return False
            slot.loading = True
            slot.bytes = slot.needed
            self._mover.submit(self._load, slot)
        slot.leases += 1
        slot.turn = next(self._turns)
        return True

    def _refuse_hopeless(self, slot: Slot) -> None:
        if self._closed:
            raise StoreUnavailable("The models are being unloaded.")
        left = self._budget - sum(other.bytes for other in self._slots.values() if other.spec.pinned)
        if slot.batcher is None and slot.needed > left and not self._catalogue.resting(slot):
            self._catalogue.refuse(slot, f"It needs {slot.needed / MIB:.1f} MiB, and {left / MIB:.1f} are left for it.")
        if self._catalogue.resting(slot):
            raise StoreUnavailable(self.why_not(slot.spec.role))

    def _make_room(self, needed: int) -> bool:
        missing = needed - (self._budget - self.used_bytes)
        victims, missing = to_free(self._slots.values(), missing, may=lambda slot: slot.idle)
        if missing:
            return False
        self._unload(victims)
        return True

    def _wanted_for(self, slot: Slot) -> list[Slot]:
        """Return whose memory is waited for."""
        if slot.batcher is not None:
            return []
        missing = slot.needed - (self._budget - self.used_bytes)
        may_go = [other for other in self._slots.values() if other.batcher is not None and not other.spec.pinned]
        return to_free(may_go, missing, may=lambda _: True)[0]

    def _unload(self, slots: Sequence[Slot]) -> None:
        for slot in slots:
            if (batcher := slot.taken_out()) is not None:
                log.info("model_unloaded", role=slot.spec.role)
                self._mover.submit(batcher.close)

    def _loaded(self, slot: Slot, deadline: float) -> Batcher:
        """Wait for a load that is under way."""
        while slot.loading:
            if not self._wait(deadline):
                slot.leases -= 1
                raise DeadlineExceeded("The model was not loaded in time.")
        if slot.batcher is None:
            slot.leases -= 1
            raise StoreUnavailable(self.why_not(slot.spec.role))
        return slot.batcher

    def _wait(self, deadline: float) -> bool:
        left = deadline - monotonic()
        return left > 0 and (self._changed.wait(left) or True)

    def _load(self, slot: Slot) -> None:
        """Load a model, on the mover's thread."""
        loaded = attempt(
            lambda: placed(
                slot.spec,
                loader=self._loader,
                guard=self._guard,
                needed_bytes=slot.needed,
                tally=slot.tally,
                wait_s=self._wait_s,
            )
        )
        with self._changed:
            slot.loading = False
            if isinstance(loaded, Raised):
                slot.bytes = 0
                self._catalogue.failed(slot, loaded.error)
            else:
                slot.batcher, slot.note = loaded
                slot.card, slot.bytes = slot.batcher.model.card, slot.batcher.model.bytes
                slot.idle_since = self._clock()
                slot.failure = None
                log.info("model_loaded", role=slot.spec.role, bytes=slot.bytes, needed=slot.needed, note=slot.note)
            self._changed.notify_all()

    def _release(self, slot: Slot) -> None:
        with self._changed:
            slot.leases -= 1
            slot.idle_since = self._clock()
            if slot.batcher is not None and slot.batcher.broken:
                self.broken = True
                self._catalogue.refuse(slot, f"It stopped working: {slot.batcher.broken}.")
                if not slot.leases:
                    self._unload([slot])
            self._changed.notify_all()
