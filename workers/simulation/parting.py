"""Where the inputs of two executions differ, by name, for a person to run both again."""

import numpy as np
import numpy.typing as npt

from jobs.payloads import CampaignRequest
from jobs.report import Parting

SHOWN_BYTES = 64
"""Of an input; a longer one is shown from the first byte that differs."""


def parting(request: CampaignRequest, one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8]) -> tuple[Parting, ...]:
    """Return the inputs that differ between two rows [input bytes], in the request's order."""
    found = []
    start = 0
    for item in request.target.inputs:
        mine, theirs = one[start : start + item.length], other[start : start + item.length]
        start += item.length
        different = np.flatnonzero(mine != theirs)
        if different.size:
            offset = 0 if item.length <= SHOWN_BYTES else int(different[0])
            shown = slice(offset, offset + SHOWN_BYTES)
            found.append(
                Parting(
                    input=item.name, offset=offset, one=mine[shown].tobytes().hex(), other=theirs[shown].tobytes().hex()
                )
            )
    return tuple(found)
