"""Where a sequential campaign is looked at, and how what lies between is shared among workers."""

from itertools import pairwise

from jobs.payloads import CampaignRequest
from workers.simulation.inputs import GROUPS


def look_cuts(request: CampaignRequest) -> tuple[int, ...]:
    """Return the traces at which is looked, ascending to all of them; empty for a campaign that is no sequential one.

    They are evenly spaced, with as many traces of each group before each.
    """
    if request.sequential is None:
        return ()
    looks, traces = request.sequential.looks, request.traces
    cuts = {GROUPS * round(traces * look / looks / GROUPS) for look in range(1, looks)}
    return (*sorted(cut for cut in cuts if 0 < cut < traces), traces)


def between_looks(looks: tuple[int, ...], pieces: int) -> tuple[tuple[int, int], ...]:
    """Cut what lies before each look into `pieces`, so that all workers are at one look before they are at the next."""
    made: list[tuple[int, int]] = []
    for first, last in pairwise([0, *looks]):
        count = min(pieces, last - first)
        made += pairwise([first + (last - first) * index // count for index in range(count + 1)])
    return tuple(made)
