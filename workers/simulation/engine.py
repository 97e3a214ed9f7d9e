"""Which simulator executes what a campaign asks for."""

from jobs.assessing import Platform, SimulatorChoice
from jobs.errors import SimulatorUnavailable
from jobs.payloads import CampaignRequest
from jobs.recording import RecordRequest
from jobs.target import Target
from renode.observing import Observer, TracedObserver
from renode.trace import Simulator, Tracer
from workers.simulation.services import SimulationServices

FIELD = "simulator.engine"


def simulator_of(tenant: str, request: CampaignRequest, services: SimulationServices) -> Simulator:
    """Load the campaign's firmware on the simulator that it chooses.

    Raise SimulatorUnavailable where this worker has none, InvalidFirmware, InvalidInput or NotFound.
    """
    if is_embedded(request.simulator):
        return services.simulator(tenant, request.firmware, request.target)
    return renode_of(tenant, request.firmware, request.target, request.simulator.platform, services)


def renode_of(
    tenant: str, firmware: str, target: Target, platform: Platform | None, services: SimulationServices
) -> Tracer:
    """Load a firmware on Renode; raise as `simulator_of`."""
    if services.renode is None:
        raise SimulatorUnavailable("this worker has no Renode", field=FIELD, reason="absent")
    return services.renode(tenant, firmware, target, platform)


def observer_of(tenant: str, request: RecordRequest, services: SimulationServices) -> Observer:
    """Load a recording's firmware where every word on the memory bus is seen; raise as `simulator_of`."""
    if is_embedded(request.simulator):
        return services.observer(tenant, request.firmware, request.target)
    traced = renode_of(tenant, request.firmware, request.target, request.simulator.platform, services)
    return TracedObserver(traced, input_bytes=sum(item.length for item in request.target.inputs))


def witness_of(tenant: str, request: CampaignRequest, services: SimulationServices) -> Simulator | None:
    """Load the same on the engine that repeats some executions; None where nothing is to be repeated."""
    if services.witness is None or not is_embedded(request.simulator):
        return None
    return services.witness(tenant, request.firmware, request.target)


def is_embedded(choice: SimulatorChoice) -> bool:
    """Return whether the embedded simulator is chosen, which may be asked for a little at a time."""
    return choice.engine == "embedded"
