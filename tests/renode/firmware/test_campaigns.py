from collections.abc import Callable
from pathlib import Path

import pytest

from jobs.payloads import CampaignRequest, Plan
from jobs.target import Varies
from renode.firmware import build
from tests.renode.firmware.conftest import CAMPAIGNS, body_of, campaign_of, sizes_and_values

NAMES = [program.elf.removesuffix(".elf") for program in build.PROGRAMS]


def test_every_program_has_its_campaign_and_no_campaign_lacks_its_program() -> None:
    assert {path.stem for path in CAMPAIGNS.iterdir()} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_body_lacks_nothing_but_the_firmware(name: str) -> None:
    body = body_of(name)

    request = campaign_of(body)

    assert "firmware" not in body
    # A campaign that asks for constant time alone compares no power.
    assert request.plan is (Plan.FIXED if request.constant_time is not None else Plan.FIXED_VS_RANDOM)
    assert request.power.model == "hw"


@pytest.mark.parametrize("program", build.PROGRAMS, ids=NAMES)
def test_a_campaign_names_symbols_that_its_elf_has(
    firmware: Path, campaign: Callable[[str], CampaignRequest], program: build.Program
) -> None:
    request = campaign(program.elf.removesuffix(".elf"))
    sizes = {name: size for name, (size, _) in sizes_and_values(firmware / program.elf).items()}

    target = request.target
    assert target.core == program.board.core
    assert target.output is not None
    assert {item.symbol: item.length for item in target.inputs}.items() <= sizes.items()
    assert target.output.length == sizes[target.output.symbol or ""]
    assert sizes[target.entry] > 0
    assert all(sizes[item.symbol or ""] > 0 for item in target.public)


@pytest.mark.parametrize("name", NAMES)
def test_only_the_attacker_s_input_follows_the_plan(campaign: Callable[[str], CampaignRequest], name: str) -> None:
    variations = {item.name: item.variation for item in campaign(name).target.inputs}

    expected = {"key": Varies.CONSTANT, "plaintext": Varies.PLAN, "masks": Varies.RANDOM}
    expected |= {"secret": Varies.CONSTANT} | dict.fromkeys(("guess", "modulus", "length", "divisor"), Varies.PLAN)
    assert variations == {item: expected[item] for item in variations}


@pytest.mark.parametrize("name", ["aes128_masked_m4", "aes128_masked_m0", "compare_ct_m4", "compare_ct_m0"])
def test_a_campaign_that_should_come_out_clean_has_the_traces_to_say_so(
    campaign: Callable[[str], CampaignRequest], name: str
) -> None:
    request = campaign(name)

    # 4.5 + 1.645: the threshold, and the quantile of 95 % power; two sets of half the traces each.
    smallest = (4.5 + 1.645) * (4 / request.traces) ** 0.5
    assert smallest <= request.minimum_effect
