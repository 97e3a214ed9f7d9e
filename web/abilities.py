"""What jobs need that not every worker has: refused at the door unless all workers that may get the job have it."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from jobs.abilities import RENODE, Ability
from jobs.assessing import SimulatorChoice
from jobs.crosschecking import CrosscheckRequest
from jobs.errors import SimulatorUnavailable
from jobs.queue import SIMULATION
from stores.ports import Workers

FIELD = "simulator.engine"


@dataclass(frozen=True, slots=True)
class Standing:
    """How many workers of a pool have something, and why the others do not."""

    name: str
    having: int
    versions: tuple[str, ...]
    absent: tuple[str, ...]


def standings(workers: Workers, names: Sequence[str]) -> tuple[Standing, ...]:
    """Return the abilities that any of these workers speaks of, by name."""
    said = list(workers.abilities(names).values())
    found = []
    for name in sorted({name for abilities in said for name in abilities}):
        each = [abilities[name] for abilities in said if name in abilities]
        versions = [ability.version for ability in each if ability.version is not None]
        reasons = {ability.absent for ability in each if ability.absent is not None}
        found.append(Standing(name, len(versions), tuple(sorted(set(versions))), tuple(sorted(reasons))))
    return tuple(found)


def admit(params: BaseModel, workers: Workers, *, within: str = "") -> None:
    """Return if every worker that may get the job can run it; raise SimulatorUnavailable.

    A job may go to any worker of its pool, so one that lacks what it needs is enough to refuse it. `within` is where
    the parameters lie in the request.
    """
    if not _needs_renode(params):
        return
    alive = workers.alive().get(SIMULATION, ())
    if not alive:
        raise SimulatorUnavailable(
            "No worker of the pool simulation is alive to say that it has Renode.",
            field=f"{within}{FIELD}",
            reason="no-workers",
        )
    said = workers.abilities(alive)
    found = [said.get(worker, {}).get(RENODE, Ability(None)) for worker in alive]
    lacking = [ability for ability in found if ability.version is None]
    if lacking:
        why = "; ".join(sorted({ability.absent or "it has not said so yet" for ability in lacking}))
        raise SimulatorUnavailable(
            f"{len(lacking)} of {len(alive)} workers of the pool simulation have no Renode: {why}.",
            field=f"{within}{FIELD}",
            reason="absent",
        )


def _needs_renode(params: BaseModel) -> bool:
    if isinstance(params, CrosscheckRequest):
        return True
    choice = getattr(params, "simulator", None)
    return isinstance(choice, SimulatorChoice) and choice.engine == RENODE
