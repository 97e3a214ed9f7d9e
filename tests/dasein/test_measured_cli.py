"""Measured traces on the command line: what is sent, what is shown, what is saved."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from dasein.cli import app
from tests.dasein.conftest import CAMPAIGN, Served
from tests.dasein.reports import report

MEASURED = {
    "form": "npz",
    "sha256": "5e" * 32,
    "traces": 1000,
    "samples": 400,
    "unit": "mV",
    "mapped": None,
    "groups_why": "The sets are those of the file.",
}
PLACE = {
    "address": 0x08000010,
    "mnemonic": "ldrb",
    "operands": "r0, [r1]",
    "function": None,
    "file": None,
    "line": None,
}
ROW = {"place": PLACE, "rho_measured": 0.5, "rho_simulated": 0.2, "rho_difference": 0.3, "p_measured": 1e-12}
CALIBRATED = {
    "verdict": {"calibration": "calibrated", "why": "held-out R2 is 0.69; 12 of 13 instructions agree"},
    "model": {"name": "bench", "artifact": f"sha256:{'ab' * 32}"},
    "traces": 512,
    "instructions_total": 13,
    "noise_sigma": 2.0,
    "unit": "mV",
    "rho_of": "the input of the last S-box of AES-128",
    "rho_absent": None,
    "classes": [{"kind": "load", "instructions": 4, "r2": 0.38, "absent": None}],
    "rows": [ROW | {"p_simulated": 0.4, "agrees": False}],
}


def run(url: str, *arguments: object) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments), "--url", url])


def sent(served: Served, number: int = 0) -> dict[str, Any]:
    """Return the parameters of a job that was submitted."""
    return dict(served.behind.jobs.get(served.behind.queue.sent[number][1]).params)


def test_a_file_is_taken_in_with_what_is_said_of_it(served: Served, tmp_path: Path) -> None:
    (tmp_path / "t.npz").write_bytes(b"traces")
    (tmp_path / "bench.toml").write_text('unit = "mV"\n[clock]\nsamples_per_cycle = 4\n')
    (tmp_path / "target.json").write_text(json.dumps({"target": CAMPAIGN["target"]}))
    (tmp_path / "aes.elf").write_bytes(b"\x7fELF")
    target = json.dumps(CAMPAIGN["target"])

    result = run(
        served.url,
        *("import", tmp_path / "t.npz", "-d", tmp_path / "bench.toml", "--firmware", tmp_path / "aes.elf"),
        *("--key", "00" * 16, "--set", "values.plaintext=texts", "--set", f"target={target}"),
    )

    assert result.exit_code == 0, result.output
    params = sent(served)
    assert (params["unit"], params["clock"]["samples_per_cycle"], params["key"]) == ("mV", 4, "00" * 16)
    assert params["values"] == {"plaintext": "texts"}
    assert params["target"]["entry"] == "encrypt"
    stored = [served.behind.artifacts.path("default", params[name]).read_bytes() for name in ("artifact", "firmware")]
    assert stored == [b"traces", b"\x7fELF"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--attack", "aes256-last-round"), {"intermediate": "aes256-last-round"}),
        (("--attack", "none"), None),
        (
            ("--attack", "aes128-masked-sbox-output", "--set", "cpa.mask=masks[0:16]"),
            {"intermediate": "aes128-masked-sbox-output", "mask": "masks[0:16]"},
        ),
    ],
)
def test_an_import_says_what_it_is_attacked_by(
    served: Served, tmp_path: Path, arguments: tuple[str, ...], expected: dict[str, str] | None
) -> None:
    (tmp_path / "t.npz").write_bytes(b"traces")

    result = run(served.url, "import", tmp_path / "t.npz", *arguments)

    assert result.exit_code == 0, result.output
    asked = sent(served)["cpa"]
    assert (asked if asked is None else {name: asked[name] for name in expected or {}}) == expected


def test_an_intermediate_that_there_is_not_is_refused_with_the_field(served: Served, tmp_path: Path) -> None:
    (tmp_path / "t.npz").write_bytes(b"traces")

    result = run(served.url, "import", tmp_path / "t.npz", "--attack", "des")

    assert result.exit_code == 2
    assert "cpa.intermediate" in result.stderr


def test_a_project_is_packed_with_the_arrays_of_its_folder(served: Served, tmp_path: Path) -> None:
    folder = tmp_path / "p_data" / "traces"
    folder.mkdir(parents=True)
    (tmp_path / "p.cwp").write_text("[Trace Management]\n")
    np.save(folder / "a_traces.npy", np.ones((3, 4)))
    (folder / "notes.txt").write_text("private")

    first, again = (run(served.url, "import", tmp_path / "p.cwp") for _ in range(2))

    assert (first.exit_code, again.exit_code) == (0, 0), first.output + again.output
    assert sent(served, 0)["artifact"] == sent(served, 1)["artifact"]
    packed = served.behind.artifacts.path("default", sent(served)["artifact"]).read_bytes()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.namelist() == ["p.cwp", "p_data/traces/a_traces.npy"]


def test_a_project_without_its_folder_is_told_so(served: Served, tmp_path: Path) -> None:
    (tmp_path / "p.cwp").write_text("")

    result = run(served.url, "import", tmp_path / "p.cwp")

    assert result.exit_code == 2
    assert "p_data" in result.stderr
    assert served.behind.queue.sent == []


def test_the_summary_says_that_traces_were_measured_and_what_is_not_known(served: Served, tmp_path: Path) -> None:
    (tmp_path / "t.npz").write_bytes(b"traces")

    def work(served: Served, job_id: str) -> None:
        document = report(campaign=job_id) | {"firmware": None, "measured": MEASURED, "request": {"assess_order": 2}}
        served.behind.files.write(job_id, "report.json", [json.dumps(document).encode()])
        served.behind.jobs.finish(job_id, {"verdict": "leaks", "headline": "Leaks: one finding."})

    served.work(work)

    ended = run(served.url, "import", tmp_path / "t.npz", "--wait")
    shown = run(served.url, "report", served.behind.queue.sent[0][1])

    assert (ended.exit_code, shown.exit_code) == (0, 0), ended.output + shown.output
    assert "Leaks: one finding." in ended.stdout
    assert "1,000 measured, npz" in shown.stdout
    assert "not known, no firmware was given" in shown.stdout


def test_a_calibration_shows_what_fits_and_what_differs_most(served: Served) -> None:
    params = {"artifact": served.behind.firmware(), "firmware": served.behind.firmware(), "target": CAMPAIGN["target"]}
    clock = {"clock": {"samples_per_cycle": 1}}
    answer = served.behind.client.post("/api/v2/jobs", json={"kind": "simulation.import", "params": params | clock})
    served.behind.jobs.finish(answer.get_json()["id"], {})

    def work(served: Served, job_id: str) -> None:
        if served.behind.jobs.get(job_id).kind == "simulation.calibrate":
            served.behind.files.write(job_id, "calibration.json", [json.dumps(CALIBRATED).encode()])
            served.behind.jobs.finish(job_id, {})

    served.work(work)

    result = run(served.url, "calibrate", answer.get_json()["id"], "--name", "bench")

    assert result.exit_code == 0, result.output
    assert "calibrated: held-out R2 is 0.69" in result.stdout
    assert "0x08000010 ldrb r0, [r1]" in result.stdout
    assert "the input of the last S-box of AES-128" in result.stdout
    assert sent(served, 1)["name"] == "bench"


@pytest.mark.parametrize(
    ("name", "form"), [("t.h5", "hdf5"), ("t.ets", "ets"), ("t.parquet", "parquet"), ("t.npz", "npz")]
)
def test_traces_are_saved_in_the_form_that_the_name_says(served: Served, tmp_path: Path, name: str, form: str) -> None:
    campaign = served.behind.client.post(
        "/api/v2/campaigns", json={**CAMPAIGN, "firmware": served.behind.firmware(), "keep_traces": True}
    ).get_json()["id"]
    folder = served.behind.files.folder(campaign)
    np.save(folder / "traces.npy", np.ones((2, 3), np.float32))
    (folder / f"export.{form}").write_bytes(form.encode())
    served.behind.jobs.finish(campaign, {})

    result = run(served.url, "export", campaign, "-o", tmp_path / name)

    assert result.exit_code == 0, result.output
    assert (tmp_path / name).read_bytes() == form.encode()


def test_a_name_that_tells_no_form_is_a_usage_error(served: Served, tmp_path: Path) -> None:
    assert run(served.url, "export", "x", "-o", tmp_path / "t.bin").exit_code == 2
