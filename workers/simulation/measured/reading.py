"""Read a file of traces in a confined child, and keep what it says: nothing of a stranger's file is parsed in here.

<campaign>/traces.npy   float32 [traces, samples]
<campaign>/inputs.npy   uint8 [traces, bytes], values beside each other
<campaign>/layout.json  where each value lies in a row of inputs
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from math import inf
from pathlib import Path
from typing import IO, Any

import numpy as np

from jobs.attempt import Attempt
from jobs.errors import InvalidInput
from jobs.model import Progress
from stores.ports import Files
from workers.simulation.measured.child_process import Frame, frames_of
from workers.simulation.measured.frames import Nonsense
from workers.simulation.measured.names import GROUP
from workers.simulation.measured.source import MAX_COLUMN_BYTES, Wanted

TRACES, INPUTS, GROUPS, LAYOUT = "traces.npy", "inputs.npy", "groups.npy", "layout.json"
SAMPLE, BYTE = "<f4", "|u1"


@dataclass(frozen=True, slots=True)
class Layout:
    """What was read, and where each value lies in a row of the inputs."""

    form: str
    traces: int
    samples: int
    """Stored of each trace."""
    first_sample: int
    """The first one stored, in the file's trace."""
    values: Mapping[str, tuple[int, int]]
    """Name -> [from, to) in a row of inputs; the group is among them."""
    notes: tuple[str, ...]
    narrowed: float = 0.0
    """Of `Narrowing.added_variance`."""

    def columns(self, name: str) -> slice:
        """Return where a value lies; raise KeyError."""
        return slice(*self.values[name])


def read_traces(source: Path, form: str | None, wanted: Wanted, *, job: str, files: Files, attempt: Attempt) -> Layout:
    """Read `source` into the job's files; raise InvalidInput for whatever is wrong with it."""
    with source.open("rb") as stream, frames_of(stream, form, wanted, check=attempt.check) as frames:
        head = next(frames, None)
        if head is None or head[0]["frame"] != "head":
            raise Nonsense("no head")
        return _kept(head[0], frames, wanted, job=job, files=files, attempt=attempt)


def stored_layout(files: Files, job: str) -> Layout:
    """Return the layout of traces that were taken in; raise NotFound."""
    told = json.loads(files.path(job, LAYOUT).read_bytes())
    values = {name: (first, last) for name, (first, last) in told["values"].items()}
    return Layout(**told | {"values": values, "notes": tuple(told["notes"])})


def _kept(
    head: Mapping[str, Any],
    frames: Iterator[Frame],
    wanted: Wanted,
    *,
    job: str,
    files: Files,
    attempt: Attempt,
) -> Layout:
    widths: dict[str, int] = head["values"]
    first, last = wanted.window or (0, head["samples"])
    samples = min(last, head["samples"]) - first
    if samples < 1:
        raise InvalidInput(f"A trace has {head['samples']} samples.", field="samples", reason="no-samples")
    if any(width > MAX_COLUMN_BYTES for width in widths.values()):
        raise InvalidInput(f"A value has at most {MAX_COLUMN_BYTES} bytes.", field="values", reason="too-large")
    if empty := next((name for name, width in widths.items() if width < 1), None):
        raise InvalidInput(f"{empty} has no bytes.", field="values", reason="not-bytes")
    if widths.get(GROUP, 1) != 1:
        raise InvalidInput("The set of a trace is one number.", field="values.group", reason="bad-groups")
    beside = sum(widths.values())
    row_bytes = 4 * samples + beside
    folder = files.folder(job)
    traces, narrowed = 0, 0.0
    with (folder / f"{TRACES}.part").open("wb") as out, (folder / f"{INPUTS}.part").open("wb") as inputs:
        starts_at = _head(out, (0, samples), SAMPLE), _head(inputs, (0, beside), BYTE)
        for told, data in frames:
            attempt.check()
            if told["frame"] == "end":
                narrowed = _share(told["narrowed"])
                break
            count = told["count"]
            if told["frame"] != "rows" or told["samples"] != samples or len(data) != count * row_bytes:
                raise Nonsense("rows of another size than announced")
            traces += count
            if traces * row_bytes > wanted.limits.stored_bytes:
                raise InvalidInput(
                    f"The traces take more than {wanted.limits.stored_bytes} bytes.",
                    field="artifact",
                    reason="too-large",
                )
            out.write(memoryview(data)[: 4 * count * samples])
            inputs.write(_beside(data[4 * count * samples :], count, list(widths.values())))
            attempt.report(Progress(traces, head["traces"] or 0, "traces"))
        else:
            raise Nonsense("no end")
        if traces == 0:
            raise InvalidInput("The file has no traces.", field="artifact", reason="empty")
        _finish(out, folder / TRACES, (traces, samples), SAMPLE, rows_from=starts_at[0])
        _finish(inputs, folder / INPUTS, (traces, beside), BYTE, rows_from=starts_at[1])
    starts = np.concatenate([[0], np.cumsum(list(widths.values()))]).astype(int).tolist() if widths else [0]
    values = {name: (starts[index], starts[index + 1]) for index, name in enumerate(widths)}
    layout = Layout(head["form"], traces, samples, first, values, tuple(head["notes"]), narrowed)
    files.write(job, LAYOUT, [json.dumps(asdict(layout)).encode()])
    return layout


def _share(told: float) -> float:
    if not 0 <= told < inf:
        raise Nonsense("a variance that is none")
    return told


def _beside(data: bytes, count: int, widths: list[int]) -> bytes:
    """Return values, which come one after the other, beside each other by row."""
    if not widths:
        return b""
    parts, start = [], 0
    for width in widths:
        parts.append(np.frombuffer(data, np.uint8, count * width, start).reshape(count, width))
        start += count * width
    return np.concatenate(parts, axis=1).tobytes()


def _head(file: IO[bytes], shape: tuple[int, int], kind: str) -> int:
    """Write the head of a NumPy file, which is as long for any number of rows; return where the rows begin."""
    head = {"shape": shape, "fortran_order": False, "descr": kind}
    np.lib.format.write_array_header_1_0(file, head)
    return file.tell()


def _finish(file: IO[bytes], path: Path, shape: tuple[int, int], kind: str, *, rows_from: int) -> None:
    """Say in its head how many rows were written, and give the file its name: it is there whole or not at all."""
    file.seek(0)
    if _head(file, shape, kind) != rows_from:
        raise ValueError(f"the head of {path.name} has another length")
    file.flush()
    Path(file.name).replace(path)
