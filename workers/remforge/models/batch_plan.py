"""Which of the items that wait become the next batch. Plain data: no thread, no device."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is known of an item that waits: what it may be batched with, and what it costs."""

    bucket: int
    cost: int


def next_batch(queue: Sequence[Waiting], *, budget: int, most: int | None = None) -> list[int]:
    """Return which of a queue, oldest first, make the next batch: indices, the dearest first.

    The oldest decides the bucket, so that nothing waits forever. Items of the bucket are sorted by cost and cut
    where padding all of a batch to its dearest would cost more than `budget`, or where it has `most` items; the
    part with the oldest is the batch. An item dearer than the budget goes alone.
    """
    if not queue:
        return []
    same = [index for index, item in enumerate(queue) if item.bucket == queue[0].bucket]
    same.sort(key=lambda index: (-queue[index].cost, index))
    batch: list[int] = []
    for index in same:
        full = bool(batch) and (len(batch) + 1) * queue[batch[0]].cost > budget
        if full or (most is not None and len(batch) >= most):
            if 0 in batch:
                break
            batch = []
        batch.append(index)
    return batch


def fills(queue: Sequence[Waiting], *, budget: int, most: int | None = None) -> bool:
    """Say whether the next batch is as large as it may be: waiting for more would win nothing."""
    batch = next_batch(queue, budget=budget, most=most)
    if not batch:
        return False
    return (len(batch) + 1) * queue[batch[0]].cost > budget or (most is not None and len(batch) >= most)
