"""Which inputs are secret, which are masks, which are public."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.payloads import CampaignRequest
from jobs.target import Input, InputRole


@dataclass(frozen=True, slots=True)
class Roles:
    """Positions of inputs in the target, ascending."""

    secrets: tuple[int, ...]
    masks: tuple[int, ...]
    """Drawn for each execution: neither secret nor public."""
    public: tuple[int, ...]
    """The same among executions that are compared."""


def roles_of(request: CampaignRequest) -> Roles:
    """Sort the inputs: secret are those that the check names, else keys; of the others masks are masks."""
    asked = request.constant_time
    named = asked.secrets if asked is not None else None
    inputs = request.target.inputs
    secrets = tuple(place for place, item in enumerate(inputs) if _is_secret(item, named))
    others = [place for place in range(len(inputs)) if place not in secrets]
    masks = tuple(place for place in others if inputs[place].role is InputRole.MASK)
    return Roles(secrets, masks, tuple(place for place in others if place not in masks))


def columns_of(request: CampaignRequest, positions: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Return [input bytes]: which bytes of a row belong to the inputs at `positions`."""
    return np.concatenate(
        [np.full(item.length, place in positions, np.bool_) for place, item in enumerate(request.target.inputs)]
    )


def _is_secret(item: Input, named: tuple[str, ...] | None) -> bool:
    return item.role is InputRole.KEY if named is None else item.name in named
