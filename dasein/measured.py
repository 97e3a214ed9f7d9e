"""Measured traces, as Python sees them: `Client.measured` takes files in, fits power models to them, and gives traces back."""

import os
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from dasein.answers import Job
from dasein.download import download
from dasein.errors import BadCampaign
from dasein.knowledge import Farm
from dasein.paths import API, campaign_path, part
from dasein.transport import Transport, document

TraceForm = Literal["npz", "hdf5", "ets", "parquet"]
PROJECT = ".cwp"


class Measured:
    """Measured traces. Documents are the farm's own."""

    def __init__(self, farm: Farm, http: Transport) -> None:
        """Speak to `farm`."""
        self._farm = farm
        self._http = http

    def take_in(
        self,
        file: str | os.PathLike[str],
        description: Mapping[str, Any] | None = None,
        *,
        firmware: str | os.PathLike[str] | None = None,
    ) -> Job:
        """Submit a file of traces as a campaign, and return the job; its report is `Client.report`.

        `file` is a path or an artifact id; of a ChipWhisperer project it is the .cwp, whose data folder lies beside it.
        With `firmware` (a file or an artifact id) `description` must hold its target and clock. Raise BadCampaign.
        """
        wanted = {**(description or {}), "artifact": self._artifact(file)}
        if firmware is not None:
            wanted["firmware"] = self._artifact(firmware)
        return self._farm.submit("simulation.import", wanted)

    def calibrate(self, campaign: str, **fields: Any) -> Job:
        """Fit a power model to the traces of an import, and return the job; fields are those of the farm's request."""
        return self._farm.submit("simulation.calibrate", {"campaign": campaign, **fields})

    def calibration(self, job_id: str) -> dict[str, Any]:
        """Return what a calibration found, instruction by instruction."""
        return document(self._http.send("GET", f"{API}/calibrations/{part(job_id)}"))

    def export(self, campaign: str, path: str | os.PathLike[str], form: TraceForm) -> Path:
        """Save the kept traces of a campaign, with what belongs to each, in the form of another tool."""
        return download(self._http, f"{campaign_path(campaign)}/traces?format={form}", Path(path))

    def _artifact(self, file: str | os.PathLike[str]) -> str:
        if isinstance(file, str) and file.startswith("sha256:"):
            return file
        path = Path(file)
        if path.suffix != PROJECT:
            return self._farm.upload(path)
        with _packed(path) as archive:
            return self._farm.upload(archive)


@contextmanager
def _packed(project: Path) -> Iterator[Path]:
    """Pack a ChipWhisperer project: its file, and the arrays of its data folder."""
    folder = project.with_name(f"{project.stem}_data")
    arrays = sorted(folder.rglob("*.npy")) if folder.is_dir() else []
    if not arrays:
        raise BadCampaign(f"{project} has no traces: there is no array in {folder}.")
    with tempfile.TemporaryDirectory(prefix="dasein-") as scratch:
        archive = Path(scratch) / "project.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
            for path in (project, *arrays):
                # Always the same bytes for the same project, so that it is uploaded once.
                entry = zipfile.ZipInfo(path.relative_to(project.parent).as_posix())
                entry.compress_type = zipfile.ZIP_DEFLATED
                with path.open("rb") as source, out.open(entry, "w", force_zip64=True) as target:
                    while piece := source.read(2**20):
                        target.write(piece)
        yield archive
