"""A registry of small models, and what it works with."""

from time import monotonic

from tests.workers.remforge.models.small_models import SmallLoader
from workers.remforge.inference import Output, Role
from workers.remforge.models.guard import Placement
from workers.remforge.models.model import Spec
from workers.remforge.models.registry import Registry

IDLE_S = 100.0


class Hand:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class On:
    """Puts all models onto one device."""

    def __init__(self, device: str = "cpu", reason: str | None = None) -> None:
        self.placement = Placement(device, reason)

    def place(self, needed_bytes: int) -> Placement:
        assert needed_bytes > 0
        return self.placement


class House:
    """A registry with what it works with."""

    def __init__(self, *specs: Spec, budget_bytes: int = 2500, guard: On | None = None) -> None:
        self.loader = SmallLoader()
        self.clock = Hand()
        self.registry = Registry(
            self.loader,
            specs,
            budget_bytes=budget_bytes,
            idle_s=IDLE_S,
            clock=self.clock,
            guard=guard or On(),
            wait_s=0.0,
        )

    def use(self, role: Role, *, within_s: float = 20.0) -> None:
        with self.registry.lease(role, deadline=monotonic() + within_s) as batcher:
            [output] = batcher.submit(["a text"], deadline=monotonic() + 20)
            assert isinstance(output, Output)

    def states(self) -> dict[str, str]:
        return {state.role: state.state for state in self.registry.state()}

    def loads(self) -> list[Role]:
        return [role for role, _ in self.loader.loaded]
