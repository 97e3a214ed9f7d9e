"""Which samples an attack looks at: as asked, a default, or where the t-test of a pilot says that inputs are handled.

The pilot executes a few hundred traces without noise, half of them with one fixed value of what the attack knows, half
with random ones. Masks that the attack knows stay the same, as they would for an attacker who sorts traces by them.
Its inputs are drawn apart from the campaign's, so that no trace is used twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from jobs.attackable import Span, Values, span_of, state_bytes
from jobs.attacking import Cpa
from jobs.payloads import MAX_TRACES, CampaignRequest
from jobs.target import Varies
from renode.trace import Path, Simulator, Stop
from workers.simulation.blocks import spans
from workers.simulation.inputs import FIXED, RANDOM, columns, constant, rows_of
from workers.simulation.moments import PowerSums
from workers.simulation.power import SamplePlan, sample
from workers.simulation.ttest import THRESHOLD, first_order

CPA_WINDOW = 8192
"""Samples attacked unless the request says which, where 16 bytes are: 16 KiB of class sums each."""
STATE_BYTES = CPA_WINDOW * 16 * 1024
"""What the sums of an attack take unless the request says otherwise."""
PILOT_TRACES = 512
PILOT_FEWEST = 32
PILOT_INSTRUCTIONS = 100_000_000
"""Of all executions of a pilot, unless that were fewer than PILOT_FEWEST."""
BATCH_BYTES = 16 * 2**20
FIRST_TRACE = 64 * MAX_TRACES
"""Whose inputs the pilot draws first: far behind those of any campaign."""


@dataclass(frozen=True, slots=True)
class Pilot:
    """What a pilot found, and the window that follows from it."""

    traces: int
    compared: int
    """Samples that all of its executions had in common."""
    flagged: int
    """Of those, outside of declared-public code: |t| over the threshold."""
    window: tuple[int, int]
    """Samples [from, to); empty where none was flagged."""

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """Return the pilot whose fields these are."""
        first, last = told["window"]
        return cls(told["traces"], told["compared"], told["flagged"], (first, last))


def attacked_range(cpa: Cpa | None, values: Values, samples: int, pilot: Pilot | None = None) -> slice:
    """Return the samples that an attack looks at; an empty slice without an attack."""
    if cpa is None:
        return slice(0, 0)
    if cpa.window == "auto":
        return slice(*pilot.window) if pilot is not None else slice(0, 0)
    if cpa.window is not None:
        first, last = cpa.window
        return slice(min(first, samples), min(last, samples))
    most = STATE_BYTES // state_bytes(cpa, values)
    return slice(max(samples - most, 0), samples) if cpa.from_output else slice(0, min(most, samples))


def run_pilot(
    request: CampaignRequest,
    simulator: Simulator,
    path: Path,
    sampled: SamplePlan,
    secret: npt.NDArray[np.bool_],
) -> Pilot:
    """Return the window of an attack; `secret` [samples] leaves declared-public code out."""
    count = min(PILOT_TRACES, max(PILOT_FEWEST, PILOT_INSTRUCTIONS // max(len(path.pcs), 1)))
    rows, sets = pilot_rows(request, count)
    sums = PowerSums(2, sampled.samples)
    common = len(path.pcs)
    step = max(1, BATCH_BYTES // (8 * max(len(path.pcs), 1)))
    for start in range(0, count, step):
        batch = simulator.run(rows[start : start + step], path)
        traces, _ = sample(batch.activity, batch.agreed, sampled, seed=request.seed, first_index=FIRST_TRACE + start)
        good = batch.stop == Stop.DONE
        common = int(batch.agreed[good].min(initial=common))
        sums.update(np.ascontiguousarray(traces[good]), sets[start : start + step][good])
    compared = int(np.searchsorted(sampled.owner, common, side="left"))
    flagged = np.zeros(0, np.int64)
    if (sums.counts > 1).all():
        blocks = (sums.block(span) for span in spans(compared))
        t = np.concatenate([first_order(block.union([FIXED]), block.union([RANDOM])) for block in blocks])
        flagged = np.flatnonzero((np.abs(t) > THRESHOLD) & secret[:compared])
    return Pilot(int(sums.counts.sum()), compared, len(flagged), _window(request, flagged))


def pilot_rows(request: CampaignRequest, count: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Return the pilot's inputs [count, bytes] and the set of each [count]: fixed and random ones by turns."""
    if request.cpa is None:
        raise ValueError("the campaign asks for no attack")
    sets = (np.arange(count) % 2).astype(np.uint8)
    rows = rows_of(request, FIRST_TRACE, np.full(count, RANDOM, np.uint8))
    known, held = _known(request.cpa, request), _held(request.cpa, request)
    for position, item in enumerate(request.target.inputs):
        where = columns(request, item.name)
        if item.name in held:
            rows[:, where] = constant(request, position)
        elif item.name in known:
            rows[sets == FIXED, where] = constant(request, position)
    return rows, sets


def _window(request: CampaignRequest, flagged: npt.NDArray[np.int64]) -> tuple[int, int]:
    if request.cpa is None or not len(flagged):
        return 0, 0
    most = STATE_BYTES // state_bytes(request.cpa, request.target)
    first, last = int(flagged[0]), int(flagged[-1]) + 1
    return (max(first, last - most), last) if request.cpa.from_output else (first, min(last, first + most))


def _known(cpa: Cpa, request: CampaignRequest) -> set[str]:
    """Return the inputs whose values the attack knows and that are to be seen."""
    target = request.target
    spans: list[Span] = []
    if cpa.variables is not None:
        spans = [span_of(text, target) for text in cpa.variables]
    elif cpa.family == "chacha20":
        spans = [span_of(cpa.counter, target), span_of(cpa.nonce, target)]
    names = {span.input for span in spans if span.input is not None and span.varies}
    if cpa.from_output or any(
        span.input is None for span in spans
    ):  # what comes out hangs on all that follows the plan
        names |= {item.name for item in target.inputs if item.variation is Varies.PLAN}
    return names or {cpa.plaintext}


def _held(cpa: Cpa, request: CampaignRequest) -> set[str]:
    span = None if cpa.mask is None else span_of(cpa.mask, request.target)
    return set() if span is None or span.input is None else {span.input}
