"""Measured traces: simulated ones stand in for a bench, so that what is in them is known."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from jobs.measuring import ImportRequest
from jobs.model import Job, State
from jobs.report import Report
from tests.workers.simulation.conftest import NOW, Lab, Watched
from workers.simulation.measured.importing import import_traces

TRACES = 1200


@dataclass(frozen=True, slots=True)
class Bench:
    """Takes files in."""

    lab: Lab

    def put(self, data: bytes) -> str:
        """Upload a file and return its id."""
        artifact, _ = self.lab.services.artifacts.put(
            "default", [data], media_type="application/octet-stream", limit_bytes=2**28
        )
        return artifact.id

    def take_in(self, data: bytes, job: str = "m", **fields: Any) -> Report:
        """Import a file, by a request as it is recorded: with all defaults; return its report."""
        params = ImportRequest.model_validate({"artifact": self.put(data), **fields}).model_dump(mode="json")
        import_traces(
            Job(job, "simulation.import", State.RUNNING, params, "default", 5, NOW),
            Watched(job),
            self.lab.services,
            now=NOW,
        )
        return self.lab.report(job)


@pytest.fixture
def bench(lab: Lab) -> Bench:
    """Return what takes files in."""
    return Bench(lab)


@dataclass(frozen=True, slots=True)
class Kept:
    """A simulated campaign on the AES, with its traces."""

    report: Report
    traces: npt.NDArray[np.float32]
    plaintext: npt.NDArray[np.uint8]
    key: npt.NDArray[np.uint8]
    groups: npt.NDArray[np.uint8]

    def npz(self, **others: npt.NDArray[Any]) -> bytes:
        """Return them as an archive."""
        arrays: dict[str, npt.NDArray[Any]] = {
            "traces": self.traces,
            "plaintext": self.plaintext,
            "key": self.key,
            "groups": self.groups,
        }
        return npz(arrays | others)


def npz(arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """Return an archive of arrays."""
    out = io.BytesIO()
    np.savez(out, **arrays)  # type: ignore[arg-type]  # names are ours
    return out.getvalue()


def npy(array: npt.NDArray[Any], *, allow_pickle: bool = False) -> bytes:
    """Return an array as a file."""
    out = io.BytesIO()
    np.save(out, array, allow_pickle=allow_pickle)
    return out.getvalue()


@pytest.fixture(scope="session")
def kept_of() -> Callable[[Lab], Kept]:
    """Return how to get a simulated campaign with its traces; it is run once."""
    made: list[Kept] = []

    def get(lab: Lab) -> Kept:
        if not made:
            request = lab.request("aes128_m4", traces=TRACES, keep_traces=True, shards=1)
            report = lab.run("kept", request)
            folder = lab.services.files.folder("kept")
            traces, inputs, groups = (np.load(folder / f"{name}.npy") for name in ("traces", "inputs", "groups"))
            at = {item.name: number for number, item in enumerate(request.target.inputs)}
            columns = {name: slice(16 * number, 16 * number + 16) for name, number in at.items()}
            made.append(Kept(report, traces, inputs[:, columns["plaintext"]], inputs[:, columns["key"]], groups))
        return made[0]

    return get


@pytest.fixture
def kept(lab: Lab, kept_of: Callable[[Lab], Kept]) -> Kept:
    """Return a simulated campaign with its traces."""
    return kept_of(lab)
