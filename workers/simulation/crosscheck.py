"""The same executions on the embedded simulator and on Renode, and where they differ first."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from jobs.attempt import Attempt
from jobs.crosschecking import CrosscheckRequest
from jobs.errors import EngineMismatch, InvalidInput
from jobs.model import Job
from jobs.payloads import CampaignRequest
from renode.driver.boards import placed, platform_of
from renode.trace import Path, Simulator, Stop
from workers.simulation.engine import renode_of
from workers.simulation.inputs import input_rows
from workers.simulation.services import SimulationServices

FEWEST_TRACES = 8
"""Of a campaign."""
SHOWN_BYTES = 256
"""Of inputs and of outputs."""
MOST_INSTRUCTIONS = 2**24
"""Of all executions together: 200 MiB on either side."""
Words = npt.NDArray[np.uint64]


def crosscheck(job: Job, attempt: Attempt, services: SimulationServices) -> dict[str, Any]:
    """Run both and return the first difference of each execution that differs; raise as a campaign would."""
    request = CrosscheckRequest.model_validate(job.params)
    platform = platform_of(request.target, request.platform)
    target = placed(request.target, platform)
    rows = input_rows(_campaign(request), 0, request.executions)
    embedded = (services.witness or services.simulator)(job.tenant, request.firmware, target)
    renode = renode_of(job.tenant, request.firmware, target, platform, services)
    mine: list[tuple[Path, Words]] = []
    for row in rows:
        attempt.check()
        mine.append(_executed(embedded, row))
        if sum(len(path.pcs) for path, _ in mine) > MOST_INSTRUCTIONS:
            raise InvalidInput(
                f"{len(mine)} executions have more than {MOST_INSTRUCTIONS:,} instructions, which is all that is compared.",
                field="executions",
                reason="too-long",
            )
    attempt.check()
    refused: dict[str, Any] | None = None
    differences: list[dict[str, Any]] = []
    try:
        for number, (one, other) in enumerate(zip(mine, renode.executions(rows), strict=True)):
            found = first_difference(one, other, embedded)
            if found is not None:
                differences.append({"execution": number, "inputs": _hex(rows[number].tobytes()), **found})
    except EngineMismatch as error:  # what Renode wrote down contradicts itself: nothing to lay beside it
        refused = {
            "message": error.message,
            **{name: error.case[name] for name in ("reason", "pc") if name in error.case},
        }
    return {
        "platform": platform.value,
        "engines": [dict(embedded.engine), dict(renode.engine)],
        "executions": request.executions,
        "instructions": len(mine[0][0].pcs),
        "equal": 0 if refused else request.executions - len(differences),
        "agree": refused is None and not differences,
        "refused": refused,
        "differences": differences,
    }


def first_difference(mine: tuple[Path, Words], theirs: tuple[Path, Words], listing: Simulator) -> dict[str, Any] | None:
    """Return the first place at which two executions differ, and how; None where they are the same.

    `way` is an instruction that only one of them came to; `activity` one that did something else; `end` how it ended,
    after how many cycles, or with which output.
    """
    (path, words), (other, other_words) = mine, theirs
    common = min(len(path.pcs), len(other.pcs))
    parted = np.flatnonzero(path.pcs[:common] != other.pcs[:common])
    way = int(parted[0]) if len(parted) else common
    unlike = np.flatnonzero(words[:way] != other_words[:way])
    if len(unlike):
        at = int(unlike[0])
        sides = ({"activity": f"{int(each[at]):#018x}"} for each in (words, other_words))
        return _told("activity", at, path, other, sides=tuple(sides), listing=listing)
    if way < max(len(path.pcs), len(other.pcs)):
        return _told("way", way, path, other, sides=({}, {}), listing=listing)
    ends = tuple(
        {"stop": Stop(each.stop).name.lower(), "cycles": int(each.cycles), "output": _hex(each.output)}
        for each in (path, other)
    )
    if ends[0] == ends[1] and path.output == other.output:
        return None
    return _told("end", max(common - 1, 0), path, other, sides=ends, listing=listing)


def _executed(simulator: Simulator, row: npt.NDArray[np.uint8]) -> tuple[Path, Words]:
    path = simulator.path(row)
    return path, simulator.run(row[np.newaxis, :], path).activity[0]


def _campaign(request: CrosscheckRequest) -> CampaignRequest:
    return CampaignRequest(
        firmware=request.firmware,
        target=request.target,
        plan=request.plan,
        seed=request.seed,
        traces=max(request.executions, FEWEST_TRACES),
    )


def _told(
    kind: str,
    at: int,
    path: Path,
    other: Path,
    *,
    sides: tuple[Mapping[str, Any], ...],
    listing: Simulator,
) -> dict[str, Any]:
    before = int(path.pcs[at - 1]) if at else None
    return {
        "kind": kind,
        "instruction": at,
        "after": None if before is None else _place(before, listing),
        "embedded": {**_at(path, at, listing), **sides[0]},
        "renode": {**_at(other, at, listing), **sides[1]},
    }


def _hex(data: bytes) -> str:
    """Return bytes in hexadecimal digits, the first ones of many: a job's result has room for 64 executions."""
    return data[:SHOWN_BYTES].hex() + ("..." if len(data) > SHOWN_BYTES else "")


def _at(path: Path, at: int, listing: Simulator) -> dict[str, Any]:
    """Return where an execution was; how it ended where it was nowhere any more."""
    if at < len(path.pcs):
        return _place(int(path.pcs[at]), listing)
    return {"pc": None, "ended": Stop(path.stop).name.lower()}


def _place(pc: int, listing: Simulator) -> dict[str, Any]:
    try:
        step = listing.instruction(pc)
    except InvalidInput:
        return {"pc": pc, "text": None, "function": None, "file": None, "line": None}
    text = f"{step.mnemonic} {step.operands}".strip()
    return {"pc": pc, "text": text, "function": step.function, "file": step.file, "line": step.line}
