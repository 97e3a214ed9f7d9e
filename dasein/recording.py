"""Recordings as Python sees them: `Client.recordings`."""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, Protocol

from dasein.answers import Job, result_of, understood
from dasein.download import download
from dasein.firmware import Firmware
from dasein.paths import API, part
from dasein.transport import Transport

Form = Literal["binary", "csv", "parquet"]
SUFFIXES: Mapping[str, Form] = {".bin": "binary", ".csv": "csv", ".parquet": "parquet"}
"""What names of files say of the form in them."""
_UNITS = {"ns": 1, "us": 1000, "µs": 1000, "ms": 10**6, "s": 10**9}
_TIME = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ns|us|µs|ms|s)")


class Farm(Protocol):
    """What recordings need of the client."""

    @property
    def firmware(self) -> Firmware:
        """Return what looks at firmware."""

    def submit(self, kind: str, params: Mapping[str, Any]) -> Job:
        """Submit a job."""

    def wait(
        self, job_id: str, *, on_change: Callable[[Job], object] | None = None, timeout_s: float | None = None
    ) -> Job:
        """Wait for its end."""


class Recordings:
    """Runs firmware under the 72-dimension recorder, or captures what a real one says. Documents are the farm's own."""

    def __init__(self, farm: Farm, http: Transport) -> None:
        """Have `farm` record."""
        self._farm = farm
        self._http = http

    def submit(self, firmware: str | os.PathLike[str], description: Mapping[str, Any]) -> Job:
        """Submit a recording: `firmware` is an artifact id or a file to upload, `description` all the rest of the request.

        A target that names no core gets the one that the firmware was built for.
        """
        artifact = self._farm.firmware.artifact(firmware)
        target = dict(description["target"])
        if "core" not in target:
            offer = self._farm.firmware.inspect(artifact, contains=target.get("entry"))
            with understood("inspection"):
                target["core"], memory = offer["core"], offer["memory"]
            if memory:
                target.setdefault("memory", memory)
        return self._farm.submit("simulation.record", {**description, "target": target, "firmware": artifact})

    def record(
        self, firmware: str | os.PathLike[str], description: Mapping[str, Any], *, timeout_s: float | None = None
    ) -> dict[str, Any]:
        """Submit a recording and return its result once it has ended; raise JobFailed, WaitTimeout."""
        job = self.submit(firmware, description)
        return result_of(self._farm.wait(job.id, timeout_s=timeout_s))

    def capture(self, description: Mapping[str, Any] = MappingProxyType({})) -> Job:
        """Submit a capture: records of the recorder in the kernel of the worker that has it (docs/kernel.md).

        Its records are saved as those of a recording. Raise ApiError with the code `device-unavailable` where no worker
        has one.
        """
        return self._farm.submit("simulation.capture", dict(description))

    def save(self, recording: str, path: str | os.PathLike[str], *, form: Form | None = None) -> Path:
        """Save the records of a recording in the form that is given, else that the file's name ends with.

        Raise ValueError for a name that tells no form.
        """
        target = Path(path)
        wanted = form or SUFFIXES.get(target.suffix)
        if wanted is None:
            raise ValueError(f"{target.name} does not end with one of {', '.join(SUFFIXES)}")
        return download(self._http, f"{API}/recordings/{part(recording)}/records?form={wanted}", target)


def nanoseconds(text: str) -> int:
    """Return a time such as `50us` in nanoseconds; raise ValueError for what is none, or no whole number of them."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no time such as 50us, 1ms or 0.5s")
    whole, _, fraction = found[1].partition(".")
    scale: int = 10 ** len(fraction)
    scaled = int(whole + fraction) * _UNITS[found[2]]
    if scaled % scale:
        raise ValueError(f"{text!r} is no whole number of nanoseconds")
    return scaled // scale
