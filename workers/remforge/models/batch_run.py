"""One batch through a model: halved where it does not fit, bisected until the item that breaks it is alone."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import structlog

from jobs.errors import DaseinError
from workers.remforge.inference import Item, Output, Refused
from workers.remforge.models.foreign import Raised, attempt
from workers.remforge.models.model import LoadedModel, OutOfMemory

Prepare = Callable[[Sequence[Item]], Any]
INTERNAL = "internal"
"""The reason of an item that a model failed on in a way that nobody expected."""

log = structlog.get_logger(__name__)


def run_batch(
    model: LoadedModel,
    items: Sequence[Item],
    *,
    prepare: Prepare,
    bucket: int,
    safe: dict[int, int],
    prepared: Any = None,
) -> list[Output | Refused]:
    """Return a result for each item, in their order; an item that fails alone is refused, its neighbours are not.

    `prepare` calls the model's, one thread at a time; `prepared` is what it made of the items, if it was called
    already. `safe` gets the largest batch of the bucket that may still be tried, after one that did not fit. Of n
    items one that fails costs about 2 log2(n) more calls.
    """
    outcome = attempt(lambda: _through(model, prepare(items) if prepared is None else prepared, len(items)))
    if not isinstance(outcome, Raised):
        return [_whole(output) for output in outcome]
    if len(items) == 1:
        return [refusal(model, outcome.error)]
    size = len(items) // 2
    if isinstance(outcome.error, OutOfMemory):
        safe[bucket] = min(size, safe.get(bucket, size))
        log.warning("batch_too_large", model=model.card.model.name, bucket=bucket, items=len(items), safe=safe[bucket])
        parts = [items[start : start + size] for start in range(0, len(items), size)]
    else:
        parts = [items[:size], items[size:]]
    # The error's frames hold on to what the batch took.
    del outcome
    return [result for part in parts for result in run_batch(model, part, prepare=prepare, bucket=bucket, safe=safe)]


def refusal(model: LoadedModel, error: Exception) -> Refused:
    """Return what is told of an item that a model raised an error on; what was not expected is logged."""
    if isinstance(error, DaseinError):
        return Refused(error.reason or error.code, error.message)
    if isinstance(error, OutOfMemory):
        return Refused("out-of-memory", "It does not fit into the device's memory, not even alone.")
    log.error("model_failed", model=model.card.model.name, exc_info=error)
    return Refused(INTERNAL, "The model failed on it; the fault is ours and has been logged.")


def _through(model: LoadedModel, prepared: Any, count: int) -> list[Output]:
    outputs = model.finish(model.encode(prepared))
    if len(outputs) != count:
        msg = f"{len(outputs)} outputs of {count} items"
        raise RuntimeError(msg)
    return outputs


def _whole(output: Output) -> Output | Refused:
    """Refuse what is not made of numbers: it would spread to all that is computed from it."""
    finite = output.vector is None or bool(np.isfinite(output.vector).all())
    if finite and all(np.isfinite(score) for _, score in output.scores):
        return output
    return Refused("not-finite", "The model's result for it holds what is no number.")
