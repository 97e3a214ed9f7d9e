"""What an uploaded ELF offers to a campaign, as a result that a form can be filled in from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pydantic_core import to_json

from jobs.errors import InvalidInput, NotFound
from jobs.payloads import InspectRequest
from renode.offer import Offer
from workers.simulation.services import SimulationServices

LISTED_BYTES = 100_000
"""Of functions, and of objects, as JSON: both and the rest stay below a result's limit."""


def inspect_firmware(tenant: str, request: InspectRequest, services: SimulationServices) -> dict[str, Any]:
    """Return cores, functions and objects of an ELF; raise InvalidFirmware with the reason a campaign would give."""
    try:
        offer = services.offer(tenant, request.firmware)
    except NotFound as error:
        raise InvalidInput("There is no such artifact; upload it first.", field="firmware") from error
    functions = [asdict(function) for function in offer.functions if _wanted(function.name, request.contains)]
    objects = [asdict(buffer) for buffer in offer.buffers if _wanted(buffer.name, request.contains)]
    shown_functions, shown_objects = _within(functions), _within(objects)
    return {
        "firmware": request.firmware,
        "bytes": offer.size,
        "code_bytes": offer.code_bytes,
        **_cores(offer),
        "has_lines": offer.has_lines,
        "memory": [region.model_dump(mode="json") for region in offer.memory],
        "functions": shown_functions,
        "functions_total": len(functions),
        "objects": shown_objects,
        "objects_total": len(objects),
        "truncated": len(shown_functions) < len(functions) or len(shown_objects) < len(objects),
    }


def _cores(offer: Offer) -> dict[str, Any]:
    """Say which core to take: the least that the code was built for, else the one that runs most."""
    known = offer.architecture is not None
    return {
        "core": offer.cores[0 if known else -1].value,
        "cores": [core.value for core in offer.cores],
        "architecture": offer.architecture,
        "core_known_by": "attributes" if known else "nothing",
    }


def _wanted(name: str, contains: str | None) -> bool:
    return contains is None or contains.casefold() in name.casefold()


def _within(rows: Iterable[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Return the first rows that fit LISTED_BYTES."""
    kept: list[Mapping[str, Any]] = []
    left = LISTED_BYTES
    for row in rows:
        left -= len(to_json(row)) + 1
        if left < 0:
            break
        kept.append(row)
    return kept
