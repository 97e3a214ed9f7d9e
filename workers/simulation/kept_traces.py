"""Traces that a campaign kept, as whoever learns from them needs them: which are of use, and what went into each."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from jobs.errors import Gone, InvalidInput, NotFound
from jobs.model import Job, State
from jobs.payloads import CampaignRequest, Plan
from jobs.queue import CAMPAIGN, MEASURED
from jobs.report import Place, Row
from stores.ports import Files, Jobs
from workers.simulation.attribution import reason_of
from workers.simulation.inputs import RANDOM, columns, sets_of
from workers.simulation.plan import from_bytes, sample_plan
from workers.simulation.run import LEFT_OUT

TRACED = frozenset({CAMPAIGN.name, MEASURED.name})
"""Kinds of jobs that leave traces."""
CHUNK_BYTES = 16 * 2**20
"""Of traces that are looked at together."""


class _Told(BaseModel):
    """What is needed of a campaign's report."""

    model_config = ConfigDict(extra="ignore")

    digest: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class KeptTraces:
    """The traces of one campaign."""

    campaign: str
    request: CampaignRequest
    digest: str
    """Of the campaign's report."""
    traces: npt.NDArray[np.float32]
    """[campaign traces, samples], a file mapped into memory."""
    inputs: npt.NDArray[np.uint8]
    """[campaign traces, input bytes]"""
    rows: npt.NDArray[np.int64]
    """Traces that ended well and whose inputs are random, ascending."""
    usable: npt.NDArray[np.bool_]
    """[samples] common to all of them, and not of code that is declared public."""
    pcs: npt.NDArray[np.uint32]
    """[samples]"""
    places: Mapping[int, Place]
    """By address."""

    def column(self, name: str) -> slice | None:
        """Return where an input lies in a row of `inputs`; None if there is none of that name."""
        try:
            return columns(self.request, name)
        except KeyError:
            return None

    def power(self, rows: npt.NDArray[np.int64], samples: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
        """Return some samples of some traces [rows, samples]."""
        out = np.empty((len(rows), len(samples)))
        step = max(1, CHUNK_BYTES // (8 * max(len(samples), 1)))
        for first in range(0, len(rows), step):
            chosen = rows[first : first + step]
            out[first : first + len(chosen)] = self.traces[chosen[:, np.newaxis], samples[np.newaxis, :]]
        return out


def of_tenant(job: Job, jobs: Jobs, fields: Iterable[str]) -> None:
    """Return if the campaigns that `fields` of a job's parameters name are its tenant's, and have succeeded.

    Raise InvalidInput for one that is not: files know no tenants.
    """
    for field in fields:
        campaign = job.params.get(field)
        if campaign is None:
            continue
        try:
            found = jobs.get(campaign, tenant=job.tenant)
        except (NotFound, Gone) as error:
            raise InvalidInput("There is no such campaign.", field=field, reason="no-such-campaign") from error
        if found.kind not in TRACED:
            raise InvalidInput("This job is no campaign.", field=field, reason="no-such-campaign")
        if found.state is not State.SUCCEEDED:
            raise InvalidInput(f"The campaign is {found.state}.", field=field, reason="not-succeeded")


def load_traces(files: Files, campaign: str, *, field: str) -> KeptTraces:
    """Open a campaign's traces; raise InvalidInput, about `field`, where they are not there or none is of use."""
    try:
        paths = [files.path(campaign, name) for name in ("traces.npy", "inputs.npy", "groups.npy")]
        plan = from_bytes(files.path(campaign, "plan.npz").read_bytes())
        told = _Told.model_validate_json(files.path(campaign, "report.json").read_bytes())
    except NotFound as error:
        raise InvalidInput(
            "The campaign kept no traces, or they were removed: submit it with keep_traces.",
            field=field,
            reason="traces-not-kept",
        ) from error
    traces, inputs, groups = (np.load(path, mmap_mode="r", allow_pickle=False) for path in paths)
    good = groups != LEFT_OUT
    if plan.request.plan is Plan.FIXED_VS_RANDOM:
        good &= sets_of(groups) == RANDOM
    rows = np.flatnonzero(good)
    if not rows.size:
        raise InvalidInput(
            "No execution of the campaign ended well with random inputs.", field=field, reason="no-traces"
        )
    pcs = plan.path.pcs[sample_plan(plan).owner]
    public = {int(pc): reason_of(int(pc), plan.public) is not None for pc in np.unique(pcs)}
    usable = np.array([not public[int(pc)] for pc in pcs], bool)
    for chunk in _chunks(traces, rows):
        usable &= np.isfinite(chunk.sum(axis=0, dtype=np.float64))
    return KeptTraces(
        campaign=campaign,
        request=plan.request,
        digest=told.digest,
        traces=traces,
        inputs=np.asarray(inputs),
        rows=rows,
        usable=usable,
        pcs=pcs,
        places={row.place.address: row.place for row in told.rows},
    )


def _chunks(traces: npt.NDArray[np.float32], rows: npt.NDArray[np.int64]) -> Iterator[npt.NDArray[np.float32]]:
    step = max(1, CHUNK_BYTES // max(traces.shape[1] * traces.itemsize, 1))
    for first in range(0, len(rows), step):
        yield traces[rows[first : first + step]]
