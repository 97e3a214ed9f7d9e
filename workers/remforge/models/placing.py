"""A model is loaded where there is room for it, and begins to serve."""

from workers.remforge.models import warm_up
from workers.remforge.models.batcher import Batcher, Tally
from workers.remforge.models.foreign import Raised, attempt
from workers.remforge.models.guard import CPU, Guard, Placement
from workers.remforge.models.model import Loader, OutOfMemory, Spec


def placed(
    spec: Spec, *, loader: Loader, guard: Guard, needed_bytes: int, tally: Tally, wait_s: float
) -> tuple[Batcher, str | None]:
    """Return a model that serves, and why it is on another device than wished.

    One that does not fit onto the GPU after all goes onto the CPU. Raise what the loader raises.
    """
    placement = guard.place(needed_bytes)
    model = attempt(lambda: loader.load(spec, device=placement.device))
    if isinstance(model, Raised) and isinstance(model.error, OutOfMemory) and placement.device != CPU:
        placement = Placement(CPU, f"on the CPU: it did not fit onto {placement.device}")
        model = attempt(lambda: loader.load(spec, device=CPU))
    if isinstance(model, Raised):
        raise model.error
    return Batcher(model, tally, warm_up=warm_up.items(model), wait_s=wait_s), placement.reason
