"""Findings of executions as they went: those that took another path, and those that did not end well."""

from collections.abc import Callable

from jobs.report import Finding, Kind, Parting, Place, Severity
from renode.trace import Instruction, Path, Stop
from workers.simulation.attribution import Public, place_of, reason_of
from workers.simulation.behaviour import Behaviour
from workers.simulation.findings import where

Parted = Callable[[int], tuple[Parting, ...]]
"""Say how the inputs of a trace differ from those of the reference."""
FAULTS = {
    Stop.READ: "read outside its memory",
    Stop.WRITE: "wrote outside its memory",
    Stop.FETCH: "ran into something that is not code",
    Stop.UNDEFINED: "met an undefined instruction",
    Stop.EXCEPTION: "trapped",
}


def divergences(
    behaviour: Behaviour, path: Path, public: Public, describe: Callable[[int], Instruction], parted: Parted
) -> list[Finding]:
    """Return where executions took another path than the reference: control flow that depends on the inputs."""
    by_address: dict[int, int] = {}
    first: dict[int, int] = {}
    for (_, agreed, left_to), count in behaviour.diverged.items():
        if agreed == len(path.pcs) and path.stop is not Stop.DONE:
            continue  # the reference ended there, not they: its fault is the finding
        address = int(path.pcs[max(agreed - 1, 0)])
        by_address[address] = by_address.get(address, 0) + count
        trace = behaviour.left_first[agreed, left_to]
        first[address] = min(first.get(address, trace), trace)
    total = sum(behaviour.traces.values())
    fewest = min((ends[0] for ends in behaviour.cycles.values()), default=0)
    most = max((ends[1] for ends in behaviour.cycles.values()), default=0)
    made = []
    for address, count in by_address.items():
        if reason_of(address, public) is not None:
            continue
        place = place_of(describe(address))
        title = (
            f"{where(place)} decides by the inputs: {count} of {total} executions left the reference path "
            f"here ({fewest} to {most} cycles in all)"
        )
        made.append(
            _of_executions(Kind.CONTROL_FLOW, place, title, count=count, total=total, parting=parted(first[address]))
        )
    return made


def faults(behaviour: Behaviour, describe: Callable[[int], Instruction], parted: Parted) -> list[Finding]:
    """Return the executions that did not end well, by instruction."""
    by_place: dict[tuple[int, int], int] = {}
    for (_, stop, address), count in behaviour.faulted.items():
        by_place[stop, address] = by_place.get((stop, address), 0) + count
    total = sum(behaviour.traces.values())
    made = []
    for (stop, address), count in by_place.items():
        instruction = describe(address)
        place, what = place_of(instruction), FAULTS.get(Stop(stop), "used up its cycle budget")
        if stop == Stop.UNDEFINED and instruction.mnemonic.startswith("v"):
            what += " (floating point is not simulated: build with -mfloat-abi=soft)"
        title = f"{where(place)} {what} in {count} of {total} executions"
        kind = Kind.BUDGET if stop == Stop.BUDGET else Kind.FAULT
        first = parted(behaviour.faulted_first[stop, address])
        made.append(_of_executions(kind, place, title, count=count, total=total, parting=first))
    return made


def _of_executions(
    kind: Kind, place: Place, title: str, *, count: int, total: int, parting: tuple[Parting, ...]
) -> Finding:
    """Return a finding that some of the executions show as they are: no statistic stands between."""
    return Finding(
        kind=kind,
        severity=Severity.HIGH,
        place=place,
        title=title,
        secret=None,
        statistic="executions",
        value=count / total,
        p_log10=None,
        sample=None,
        samples=0,
        traces=total,
        sufficient=True,
        traces_needed=None,
        parting=parting,
    )
