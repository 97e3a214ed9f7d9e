"""Profiled attacks and sweeps of noise by the command line, against a whole farm."""

import json
from pathlib import Path
from typing import Protocol

from typer.testing import CliRunner

from dasein import Client
from dasein.campaign_file import merged, read_campaign
from dasein.cli import app
from renode.firmware.build import build_all

ROOT = Path(__file__).parents[2]
CAMPAIGN = ROOT / "renode" / "firmware" / "campaigns" / "aes128_m4.json"
SHORT = {"start": "sub_bytes", "stop": "mix_columns"}
WITHIN_S = 120


class Farm(Protocol):
    """What these tests need of the farm."""

    url: str


def test_a_key_is_learnt_and_drowns_in_noise(farm: Farm, tmp_path: Path) -> None:
    elf = next(path for path in build_all(tmp_path) if path.stem == "aes128_m4")
    description = merged(read_campaign(CAMPAIGN), {"target": {"trigger": SHORT}, "traces": 600, "keep_traces": True})
    with Client(farm.url) as client:
        job = client.submit_campaign(elf, description)
        client.wait(job.id, timeout_s=WITHIN_S)
    run = CliRunner().invoke

    profiled = run(app, ["profile", job.id, "-o", str(tmp_path / "p.html"), "--json", "--url", farm.url])
    swept = run(
        app,
        [
            "sweep",
            str(elf),
            "-c",
            str(CAMPAIGN),
            "--sigma",
            "0.5,64",
            "--set",
            "traces=400",
            "--json",
            "--url",
            farm.url,
        ],
    )

    assert profiled.exit_code == 0, profiled.output
    report = json.loads(profiled.stdout)
    assert report["methods"][1]["key"] == "2b7e151628aed2a6abf7158809cf4f3c"
    assert report["same_key"] is True
    assert b"profiled attack" in (tmp_path / "p.html").read_bytes()
    assert swept.exit_code == 0, swept.output
    quiet, loud = json.loads(swept.stdout)["levels"]
    assert (quiet["verdict"], quiet["key_bytes_recovered"]) == ("leaks", 16)
    assert loud["key_bytes_recovered"] < 8
    assert quiet["max_abs_t1"] > 3 * loud["max_abs_t1"]
