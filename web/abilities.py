"""What jobs need that not every worker has: refused at the door unless all workers that may get the job have it."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from jobs.abilities import FOLDER, MONJE, RENODE, Ability
from jobs.assessing import SimulatorChoice
from jobs.capturing import CaptureRequest
from jobs.crosschecking import CrosscheckRequest
from jobs.errors import DeviceUnavailable, InvalidInput, SimulatorUnavailable
from jobs.queue import CAPTURE, SIMULATION
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
        # Of the folder those alone speak who have another one.
        having = len(names) - len(each) if name == FOLDER else len(versions)
        found.append(Standing(name, having, tuple(sorted(set(versions))), tuple(sorted(reasons))))
    return tuple(found)


def admit(params: BaseModel, workers: Workers, *, within: str = "") -> None:
    """Return if every worker that may get the job can run it; raise SimulatorUnavailable or DeviceUnavailable.

    A job may go to any worker of its pool, so one that lacks what it needs is enough to refuse it. `within` is where
    the parameters lie in the request.
    """
    need = _need(params)
    if need is None:
        return
    alive = workers.alive().get(need.pool, ())
    if not alive:
        raise need.error(
            f"No worker of the pool {need.pool} is alive to say that it has {need.what}.",
            field=f"{within}{need.field}",
            reason="no-workers",
        )
    said = workers.abilities(alive)
    found = [said.get(worker, {}).get(need.ability, Ability(None)) for worker in alive]
    lacking = [ability for ability in found if ability.version is None]
    if lacking:
        why = "; ".join(sorted({ability.absent or "it has not said so yet" for ability in lacking}))
        raise need.error(
            f"{len(lacking)} of {len(alive)} workers of the pool {need.pool} have no {need.lacked}: {why}.",
            field=f"{within}{need.field}",
            reason="absent",
        )


@dataclass(frozen=True, slots=True)
class _Need:
    ability: str
    pool: str
    field: str
    error: type[InvalidInput]
    what: str
    lacked: str


_RENODE = _Need(RENODE, SIMULATION, FIELD, SimulatorUnavailable, "Renode", "Renode")
_RECORDER = _Need(MONJE, CAPTURE, "device", DeviceUnavailable, "a recorder", "recorder")


def _need(params: BaseModel) -> _Need | None:
    if isinstance(params, CaptureRequest):
        return _RECORDER
    if isinstance(params, CrosscheckRequest):
        return _RENODE
    choice = getattr(params, "simulator", None)
    return _RENODE if isinstance(choice, SimulatorChoice) and choice.engine == RENODE else None
