"""Which models are set up, what is known of each, and why one cannot be had."""

from collections.abc import Callable, Sequence

import structlog

from workers.remforge.inference import Card, Role
from workers.remforge.models.foreign import Raised, attempt
from workers.remforge.models.model import Loader, ModelUnavailable, OutOfMemory, Spec
from workers.remforge.models.slot import Slot

PAUSE_S = 60.0
"""How long a model that could not be had is not tried again."""

log = structlog.get_logger(__name__)


class Catalogue:
    """The slots, by role. All methods may be called by many threads."""

    def __init__(self, loader: Loader, specs: Sequence[Spec], *, clock: Callable[[], float]) -> None:
        """Know `specs`, one for a role; `clock` is in seconds."""
        self.slots = {spec.role: Slot(spec) for spec in specs}
        if len(self.slots) < len(specs):
            msg = "two models are set up for one role"
            raise ValueError(msg)
        self._loader = loader
        self._clock = clock

    def card(self, role: Role) -> Card | None:
        """Return what the model of a role is, or None where none is set up or it cannot be had for now."""
        slot = self.slots.get(role)
        if slot is None:
            return None
        with slot.looking:
            if slot.card is None and not self.resting(slot):
                self._look(slot)
            return None if self.resting(slot) else slot.card

    def why_not(self, role: Role) -> str:
        """Return why a role has no model, for people."""
        slot = self.slots.get(role)
        if slot is None:
            return f"No model is set up for {role}."
        return slot.failure or f"The model for {role} was not needed yet."

    def resting(self, slot: Slot) -> bool:
        """Say whether a model could not be had a short while ago."""
        if slot.failure is not None and self._clock() - slot.failed_at >= PAUSE_S:
            slot.failure = None
        return slot.failure is not None

    def failed(self, slot: Slot, error: Exception) -> None:
        """Remember why a model cannot be had; what was not expected is logged."""
        if isinstance(error, ModelUnavailable | OutOfMemory):
            self.refuse(slot, str(error))
        else:
            log.error("model_not_loaded", role=slot.spec.role, source=slot.spec.source, exc_info=error)
            self.refuse(slot, "It could not be loaded; the fault has been logged.")

    def refuse(self, slot: Slot, reason: str) -> None:
        """Remember why a model cannot be had, for a while."""
        log.warning("model_unavailable", role=slot.spec.role, source=slot.spec.source, reason=reason)
        slot.failed_at = self._clock()
        slot.failure = reason

    def _look(self, slot: Slot) -> None:
        found = attempt(lambda: (self._loader.card(slot.spec), self._loader.needed_bytes(slot.spec)))
        if isinstance(found, Raised):
            self.failed(slot, found.error)
        else:
            slot.card, slot.needed = found
