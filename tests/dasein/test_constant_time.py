"""`dasein consttime`: what it is told, and what it says of a whole farm's answer."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Protocol

import pytest

from dasein.constant_time import Call, described
from dasein.constant_time_view import shown
from dasein.errors import BadCampaign
from jobs.payloads import CampaignRequest
from renode.firmware.build import build_all

ROOT = Path(__file__).parents[2]
WITHIN_S = 120.0
SECRET, GUESS = "secret:16@cmp_secret", "guess:16@cmp_input"


class Farm(Protocol):
    """What these tests need of the farm."""

    url: str


@pytest.fixture(scope="module")
def elves(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the example firmware."""
    return build_all(tmp_path_factory.mktemp("firmware"))[0].parent


def consttime(farm: Farm, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dasein.cli", "consttime", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "DASEIN_URL": farm.url},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=WITHIN_S,
    )


def request_of(call: Call, **more: Any) -> CampaignRequest:
    return CampaignRequest.model_validate({**described(call, **more), "firmware": f"sha256:{'0' * 64}"})


def test_a_description_is_a_campaign_that_asks_for_nothing_else() -> None:
    call = Call(
        "cortex-m4",
        "aes",
        secrets=["key:16=" + "ab" * 16],
        public=["block:16", "rounds:1=0a"],
        masks=["fresh:18@masks"],
        arguments=["key", "block", "rounds", "output"],
        output="16",
    )

    request = request_of(call, executions=64, cache="16x8x2+7", seed=3)

    inputs = {item.name: (item.role.value, item.length, item.symbol, item.value) for item in request.target.inputs}
    assert inputs == {
        "key": ("key", 16, None, "ab" * 16),
        "block": ("other", 16, None, None),
        "rounds": ("other", 1, None, "0a"),
        "fresh": ("mask", 18, "masks", None),
    }
    varies = {item.name: item.variation.value for item in request.target.inputs}
    assert varies == {"key": "constant", "block": "plan", "rounds": "constant", "fresh": "random"}
    check = request.constant_time
    assert check is not None
    assert check.cache is not None
    assert (check.secrets, check.executions, request.seed, request.plan.value) == (("key",), 64, 3, "fixed")
    assert check.cache.model_dump() == {"line_bytes": 16, "sets": 8, "ways": 2, "miss_cycles": 7}


def test_an_argument_may_be_a_number() -> None:
    call = Call("cortex-m0", "f", secrets=["key:4"], arguments=["key", "0x20", "7"])

    arguments = described(call)["target"]["arguments"]

    assert arguments == [{"input": "key"}, {"value": 32}, {"value": 7}]


@pytest.mark.parametrize(
    ("call", "more", "complaint"),
    [
        (Call("cortex-m4", "f", secrets=["key"]), {}, "--secret 'key' is not NAME:BYTES"),
        (Call("cortex-m4", "f", secrets=["key:16=abc"]), {}, "--secret"),
        (Call("cortex-m4", "f", secrets=["k:1"], public=["p:x"]), {}, "--public"),
        (Call("cortex-m4", "f", secrets=["k:1"], arguments=["other"]), {}, "--arg 'other'"),
        (Call("cortex-m4", "f", secrets=["k:1"], output="r0"), {}, "--output"),
        (Call("cortex-m4", "f", secrets=["k:1"]), {"cache": "32x64"}, "--cache"),
    ],
)
def test_what_is_misspelt_is_refused_with_the_form(call: Call, more: dict[str, Any], complaint: str) -> None:
    with pytest.raises(BadCampaign, match=complaint):
        described(call, **more)


def test_a_leaky_compare_fails_with_the_lines_of_both_ways(farm: Farm, elves: Path) -> None:
    value = "=48616d6d696e67206973206e6f742061"

    ran = consttime(
        farm, elves / "compare_leaky_m0.elf", "--entry", "compare_leaky", "--secret", SECRET + value, "--public", GUESS
    )

    assert ran.returncode == 1, ran.stderr
    assert "leaks: 1 instruction parts executions that differ in secrets alone" in ran.stdout
    assert "compare_leaky.c:16" in ran.stdout
    assert "compare_leaky.c:19" in ran.stdout


def test_executions_that_ended_badly_are_told_before_the_cycles() -> None:
    nothing: dict[str, Any] = dict.fromkeys(("ways", "addresses", "operands", "cycles"), ())
    check = nothing | {"verdict": "leaks", "why": "so", "executions": 1040, "failed": 236, "proven": True}

    lines = [str(line) for line in shown(check)]
    without = [str(line) for line in shown(check | {"failed": 0})]

    assert lines == [
        "leaks: so",
        "236 of 1,040 executions did not end well: compared up to there, and not among the cycles.",
    ]
    assert without == ["leaks: so"]


def test_a_constant_time_reduction_passes_and_says_so_to_a_program(farm: Farm, elves: Path) -> None:
    ran = consttime(
        farm,
        elves / "reduce_ct_m4.elf",
        *("--entry", "reduce_ct", "--secret", "value:16@red_value", "--public", "modulus:16@red_modulus"),
        *("--core", "cortex-m4", "--executions", 64, "--cache", "32x4x1", "--json"),
    )

    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert (told["verdict"], told["secrets"]["verdict"], told["secrets"]["proven"]) == ("clean", "constant-time", True)
    assert told["findings"] == []


def test_a_buffer_that_is_not_there_ends_with_2(farm: Farm, elves: Path) -> None:
    ran = consttime(farm, elves / "reduce_ct_m4.elf", "--entry", "reduce_ct", "--secret", "value:16@nowhere")

    assert ran.returncode == 2
    assert "target.inputs" in ran.stdout + ran.stderr
