"""Into which shards a campaign is cut: for its workers, for its looks, and for the disk that its parts lie on."""

from itertools import pairwise

from jobs.payloads import CampaignRequest
from workers.simulation.look_cuts import between_looks, look_cuts

INSTRUCTIONS_PER_SHARD = 250_000_000
"""A few seconds of the embedded simulator: long beside the queue's overhead, short beside a lost worker."""
TRACES_PER_SHARD = 250
LOOK_SHARDS = 2
"""Before each look of a sequential campaign, at least: two workers take them together."""
MAX_SHARDS = 256
PARTS_BYTES = 8 * 2**30
"""Class sums and counts that the parts of one campaign may take on disk."""


def shards_of(
    request: CampaignRequest, path_length: int, of_part: int, *, checkpoints: int
) -> tuple[tuple[int, int], ...]:
    """Return the traces [first, last) of each shard; each part takes `of_part` bytes on disk besides its sums."""
    wanted = request.shards
    if wanted is None:
        by_work = -(-request.traces * max(path_length, 1) // INSTRUCTIONS_PER_SHARD)
        few = LOOK_SHARDS * request.sequential.looks if request.sequential else 4
        wanted = max(by_work, min(few, request.traces // TRACES_PER_SHARD), 1)
    looks = look_cuts(request)
    by_disk = max(PARTS_BYTES // of_part - checkpoints - len(looks), 1) if of_part else MAX_SHARDS
    count = min(wanted, MAX_SHARDS, request.traces, by_disk)
    if looks:
        return between_looks(
            looks, max(1, min(-(-count // len(looks)), MAX_SHARDS // len(looks), by_disk // len(looks)))
        )
    cuts = [request.traces * index // count for index in range(count + 1)]
    return tuple(pairwise(cuts))
