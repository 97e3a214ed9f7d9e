"""How many processes each worker of a pool is to have. Pure."""

from collections.abc import Mapping
from heapq import heapify, heappop, heappush


def scaled(now: Mapping[str, int], wanted: int) -> dict[str, int]:
    """Return sizes whose sum is `wanted`: the smallest workers grow first, the largest shrink first, by name among equals.

    `wanted` is at least the number of workers.
    """
    sizes = dict(now)
    step = 1 if wanted > sum(sizes.values()) else -1
    heap = [(step * size, worker) for worker, size in sizes.items()]
    heapify(heap)
    for _ in range(abs(wanted - sum(sizes.values()))):
        _, worker = heappop(heap)
        sizes[worker] += step
        heappush(heap, (step * sizes[worker], worker))
    return sizes
