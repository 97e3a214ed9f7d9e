"""Measured traces: reading each form in the confined child, the statistics, a calibration, and each form of export.

python -m bench.interchange [--traces 2000] [--samples 5000]
"""

import argparse
import io
import json
import tempfile
import time
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.campaign import CAMPAIGNS, FIRMWARE, Unwatched
from bench.rows import emit
from jobs.measuring import ImportRequest
from jobs.target import Target
from renode.unicorn_core import UnicornCore
from stores.artifacts import JobFiles
from stores.trace_export.forms import FORMS
from stores.trace_export.kept import Kept
from workers.simulation.measured.aligned import aligned, features
from workers.simulation.measured.assessing import Code, report_of
from workers.simulation.measured.fitting import fit
from workers.simulation.measured.gathering import gathered
from workers.simulation.measured.mapping import by_number
from workers.simulation.measured.reading import read_traces
from workers.simulation.measured.source import Limits, Wanted
from workers.simulation.measured.taken import taken_in
from workers.simulation.measured.told import Source

LIMITS = Limits(samples=2_000_000, stored_bytes=2**32)
FITTED = 512
COLUMNS = {"plaintext": (0, 16), "key": (16, 32)}


def main() -> None:
    """Print one row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--traces", type=int, default=2000)
    parser.add_argument("--samples", type=int, default=5000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dasein-bench-") as folder:
        found = measured(Path(folder), chosen.traces, chosen.samples)
    emit("interchange", "measured traces", traces=chosen.traces, samples=chosen.samples, **found)


def measured(folder: Path, traces: int, samples: int) -> dict[str, float]:
    """Return seconds and rates by name."""
    rng = np.random.default_rng(7)
    data = rng.normal(size=(traces, samples)).astype(np.float32)
    values = {"plaintext": rng.integers(0, 256, (traces, 16), dtype=np.uint8), "key": np.zeros(16, np.uint8)}
    values["group"] = (np.arange(traces) % 2).astype(np.uint8)
    found: dict[str, float] = {}
    files = JobFiles(folder, "campaigns")
    for form, write in _writers().items():
        source = folder / f"source.{form}"
        write(source, data, values)
        began = time.perf_counter()
        layout = read_traces(source, None, Wanted({}, None, LIMITS), job=form, files=files, attempt=Unwatched())
        took = time.perf_counter() - began
        found[f"read_{form}_mb_per_s"] = 4 * traces * samples / 1e6 / took
    began = time.perf_counter()
    taken = taken_in("npz", ImportRequest(artifact=f"sha256:{'0' * 64}"), layout, files)
    code = Code(by_number(samples, 0), (), None)
    report_of("npz", taken, Source("0" * 64, 0), code, files=files, attempt=Unwatched(), now=datetime.now(UTC))
    found["statistics_s"] = time.perf_counter() - began
    np.save(files.folder("npz") / "groups.npy", taken.sets.labels)
    for form, export in FORMS.items():
        began = time.perf_counter()
        export(Kept.of(files.folder("npz"), COLUMNS), folder / f"export.{form}")
        found[f"write_{form}_mb_per_s"] = 4 * traces * samples / 1e6 / (time.perf_counter() - began)
    return found | _calibration(folder, files)


def _calibration(folder: Path, files: JobFiles) -> dict[str, float]:
    """Time the regression on traces of our AES, a sample a cycle."""
    body = json.loads((CAMPAIGNS / "aes128_m4.json").read_text(encoding="utf-8"))
    target = Target.model_validate(body["target"])
    core = UnicornCore(FIRMWARE / "aes128_m4.elf", target)
    inputs = np.random.default_rng(7).integers(0, 256, (FITTED, 32), dtype=np.uint8)
    inputs[:, :16] = 7
    path = core.path(inputs[0])
    traces = np.random.default_rng(8).normal(size=(FITTED, path.cycles)).astype(np.float32)
    traces[:, np.append(path.begins[1:], path.cycles) - 1] += features(core.run(inputs, path).activity)[..., 1]
    source = folder / "measured.npz"
    np.savez(source, traces=traces, key=inputs[:, :16], plaintext=inputs[:, 16:])
    layout = read_traces(source, None, Wanted({}, None, LIMITS), job="fit", files=files, attempt=Unwatched())
    request = ImportRequest.model_validate(
        {
            "artifact": f"sha256:{'0' * 64}",
            "firmware": f"sha256:{'0' * 64}",
            "target": body["target"],
            "clock": {"samples_per_cycle": 1},
        }
    )
    lines = aligned(taken_in("fit", request, layout, files), core, traces=FITTED)
    began = time.perf_counter()
    gathering = gathered(lines, 5, Unwatched())
    between = time.perf_counter()
    fit(gathering.sums, gathering.kinds)
    return {"gather_s": between - began, "fit_s": time.perf_counter() - between, "fitted_traces": FITTED}


Write = Callable[[Path, npt.NDArray[np.float32], Mapping[str, npt.NDArray[np.uint8]]], None]


def _writers() -> dict[str, Write]:
    """Return what writes each form; the forms of exports by our own writers."""

    def exported(form: str) -> Write:
        def write(path: Path, data: npt.NDArray[np.float32], values: Mapping[str, npt.NDArray[np.uint8]]) -> None:
            each = {
                name: np.broadcast_to(value, (len(data), value.shape[-1]))
                for name, value in values.items()
                if name != "group"
            }
            FORMS[form](Kept(data, each, values["group"], None), path)

        return write

    def cwp(path: Path, data: npt.NDArray[np.float32], values: Mapping[str, npt.NDArray[Any]]) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            for name, array in {"traces": data, "textin": values["plaintext"], "knownkey": values["key"]}.items():
                out = io.BytesIO()
                np.save(out, array)
                archive.writestr(f"p_data/traces/a_{name}.npy", out.getvalue())

    def csv(path: Path, data: npt.NDArray[np.float32], values: Mapping[str, npt.NDArray[np.uint8]]) -> None:
        with path.open("w") as out:
            out.write(",".join(["plaintext", *(f"s{index}" for index in range(data.shape[1]))]) + "\n")
            for row, plain in zip(data, values["plaintext"], strict=True):
                out.write(f"{plain.tobytes().hex()},{','.join(map(repr, row.tolist()))}\n")

    return {"chipwhisperer": cwp, "csv": csv, **{form: exported(form) for form in ("hdf5", "ets", "parquet", "npz")}}


if __name__ == "__main__":
    main()
