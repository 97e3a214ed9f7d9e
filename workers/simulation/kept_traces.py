"""Traces that a campaign kept, simulated or measured, as whoever learns from them needs them."""

import json
import math
import mmap
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from jobs.errors import Gone, InvalidInput, NotFound
from jobs.model import Job, State
from jobs.queue import CAMPAIGN, MEASURED
from jobs.report import Place, Row
from stores import curves
from stores.ports import Files, Jobs
from workers.simulation.inputs import RANDOM, sets_of
from workers.simulation.run import LEFT_OUT

TRACED = frozenset({CAMPAIGN.name, MEASURED.name})
"""Kinds of jobs that leave traces."""
LAYOUT = "layout.json"
"""Of measured traces: where each value lies in a row of inputs."""
CHUNK_BYTES = 16 * 2**20
"""Of traces that are looked at together."""


class _Told(BaseModel):
    """What is needed of a campaign's report."""

    model_config = ConfigDict(extra="ignore")

    digest: str
    request: dict[str, Any]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class KeptTraces:
    """The traces of one campaign."""

    campaign: str
    digest: str
    """Of the campaign's report."""
    traces: npt.NDArray[np.float32]
    """[campaign traces, samples], a file mapped into memory."""
    mapped: mmap.mmap
    """That file."""
    inputs: npt.NDArray[np.uint8]
    """[campaign traces, input bytes], mapped too"""
    columns: Mapping[str, tuple[int, int]]
    """Input -> [from, to) in a row of `inputs`."""
    constants: Mapping[str, bytes]
    """Inputs that are the same for all traces and in none of the columns."""
    rows: npt.NDArray[np.int64]
    """Traces that ended well, of the random set where there is one; ascending."""
    usable: npt.NDArray[np.bool_]
    """[samples] common to all of them, and not of code that is declared public."""
    pcs: npt.NDArray[np.uint32]
    """[samples that were compared]"""
    places: Mapping[int, Place]
    """By address."""

    def width(self, name: str) -> int | None:
        """Return how many bytes an input has; None if there is none of that name."""
        if name in self.columns:
            first, last = self.columns[name]
            return last - first
        return len(self.constants[name]) if name in self.constants else None

    def values(self, name: str, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
        """Return an input of some traces [rows, bytes]; raise KeyError."""
        if name in self.columns:
            return np.asarray(self.inputs[rows, slice(*self.columns[name])])
        same = np.frombuffer(self.constants[name], np.uint8)
        return np.broadcast_to(same, (len(rows), len(same)))

    def power(self, rows: npt.NDArray[np.int64], samples: npt.NDArray[np.intp]) -> npt.NDArray[np.float32]:
        """Return some samples of some traces [rows, samples], rows ascending."""
        out = np.empty((len(rows), len(samples)), np.float32)
        first = 0
        for chunk in self.chunks(rows):
            out[first : first + len(chunk)] = chunk[:, samples]
            first += len(chunk)
        return out

    def chunks(self, rows: npt.NDArray[np.int64]) -> Iterator[npt.NDArray[np.float32]]:
        """Yield some traces [some of the rows, samples] after each other, rows ascending.

        A part of the file that was read leaves memory again: it may be larger than that.
        """
        yield from _chunks(self.traces, rows, self.mapped)


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


def load_traces(files: Files, campaign: str, *, field: str, check: Callable[[], None] = lambda: None) -> KeptTraces:
    """Open a campaign's traces; raise InvalidInput, about `field`, where they are not there or none is of use."""
    try:
        paths = [files.path(campaign, name) for name in ("traces.npy", "inputs.npy", "groups.npy")]
        told = _Told.model_validate_json(files.path(campaign, "report.json").read_bytes())
        pcs = np.ascontiguousarray(curves.load(files, campaign)["pc"])
    except NotFound as error:
        raise InvalidInput(
            "The campaign kept no traces, or they were removed: submit it with keep_traces.",
            field=field,
            reason="traces-not-kept",
        ) from error
    traces, mapped = _mapped(paths[0])
    inputs, groups = np.load(paths[1], mmap_mode="r", allow_pickle=False), np.load(paths[2], allow_pickle=False)
    good = groups != LEFT_OUT
    random = good & (sets_of(groups) == RANDOM)
    rows = np.flatnonzero(random if random.any() else good)
    if not rows.size:
        raise InvalidInput("No execution of the campaign ended well.", field=field, reason="no-traces")
    public = np.array([row.place.address for row in told.rows if row.public is not None], np.uint32)
    usable = np.zeros(traces.shape[1], bool)
    usable[: len(pcs)] = ~np.isin(pcs, public)
    for chunk in _chunks(traces, rows, mapped):
        check()
        usable &= np.isfinite(chunk.sum(axis=0, dtype=np.float64))
    columns, constants = _inputs(files, campaign, told.request)
    return KeptTraces(
        campaign=campaign,
        digest=told.digest,
        traces=traces,
        mapped=mapped,
        inputs=inputs,
        columns=columns,
        constants=constants,
        rows=rows,
        usable=usable,
        pcs=pcs,
        places={row.place.address: row.place for row in told.rows},
    )


def _inputs(
    files: Files, campaign: str, request: Mapping[str, Any]
) -> tuple[dict[str, tuple[int, int]], dict[str, bytes]]:
    """Return where inputs lie in a row, and those that lie in none."""
    if LAYOUT in files.names(campaign):
        values = json.loads(files.path(campaign, LAYOUT).read_bytes())["values"]
        columns = {name: (first, last) for name, (first, last) in values.items()}
        given = request.get("key")
        return columns, {} if given is None or "key" in columns else {"key": bytes.fromhex(given)}
    columns, start = {}, 0
    for item in request["target"]["inputs"]:
        columns[item["name"]] = (start, start + item["length"])
        start += item["length"]
    return columns, {}


def _mapped(path: Path) -> tuple[npt.NDArray[np.float32], mmap.mmap]:
    """Return a file of traces as an array, and the map that it lies in."""
    head = np.load(path, mmap_mode="r", allow_pickle=False)
    with path.open("rb") as file:
        whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    flat = np.frombuffer(whole, head.dtype, count=math.prod(head.shape), offset=head.offset)
    return flat.reshape(head.shape), whole


def _chunks(
    traces: npt.NDArray[np.float32], rows: npt.NDArray[np.int64], mapped: mmap.mmap
) -> Iterator[npt.NDArray[np.float32]]:
    step = max(1, CHUNK_BYTES // max(traces.shape[1] * traces.itemsize, 1))
    for first in range(0, len(rows), step):
        yield traces[rows[first : first + step]]
        mapped.madvise(mmap.MADV_DONTNEED)
