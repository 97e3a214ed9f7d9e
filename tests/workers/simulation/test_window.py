"""Where an attack looks: as asked, by default, or where a pilot sees inputs handled."""

import io

import numpy as np
import pytest

from renode.trace import Simulator
from tests.workers.simulation.conftest import Lab
from workers.simulation.campaign import measured_plan
from workers.simulation.inputs import columns, input_rows
from workers.simulation.plan import CampaignPlan, attacked_samples, sample_plan
from workers.simulation.plan_file import read, written
from workers.simulation.window import STATE_BYTES, attacked_range, pilot_rows

LAST = {"intermediate": "aes128-last-round", "window": "auto"}
MASKED = {"intermediate": "aes128-masked-sbox-output", "mask": "masks[0:16]", "window": "auto"}


def planned(lab: Lab, name: str, **changes: object) -> CampaignPlan:
    return measured_plan("default", lab.request(name, **changes), lab.services)


def function_at(lab: Lab, plan: CampaignPlan, sample: int) -> str | None:
    simulator: Simulator = lab.services.simulator("", plan.request.firmware, plan.request.target)
    return simulator.instruction(int(plan.path.pcs[sample_plan(plan).owner[sample]])).function


def test_the_window_begins_where_the_plaintext_is_first_handled_outside_of_public_code(lab: Lab) -> None:
    plan = planned(lab, "aes128_m4", cpa={"window": "auto"})

    assert plan.pilot is not None
    first, last = plan.pilot.window
    assert function_at(lab, plan, first) == "add_round_key"  # the key schedule and the load are before it
    assert first > 600
    assert attacked_samples(plan, sample_plan(plan)) == slice(first, last)
    assert plan.pilot.flagged > 1000
    assert plan.pilot.compared == sample_plan(plan).samples


def test_more_than_may_be_kept_is_cut_from_the_far_end(lab: Lab) -> None:
    """Two samples of each cycle-sampled AES-256 fit; a first round keeps the first, a last round the last."""
    first = planned(
        lab, "aes256_m0", power={"sampling": "cycle"}, cpa={"intermediate": "aes256-sbox-output"} | {"window": "auto"}
    )
    last = planned(
        lab, "aes256_m0", power={"sampling": "cycle"}, cpa={"intermediate": "aes256-last-round-hd"} | {"window": "auto"}
    )

    assert first.pilot is not None
    assert last.pilot is not None
    (begin, end), (late, finish) = first.pilot.window, last.pilot.window
    assert end - begin == finish - late == STATE_BYTES // (32 * 1024)
    assert begin < late
    assert end < finish


def test_masks_that_are_known_stay_the_same_in_the_pilot(lab: Lab) -> None:
    known = planned(lab, "aes128_masked_m4", cpa=MASKED)
    unknown = planned(lab, "aes128_masked_m4", cpa=MASKED | {"mask": None})

    assert known.pilot is not None
    assert unknown.pilot is not None
    assert known.pilot.flagged > 1000
    assert unknown.pilot.flagged == 0  # a masked AES shows nothing at first order
    assert unknown.pilot.window == (0, 0)
    assert attacked_samples(unknown, sample_plan(unknown)) == slice(0, 0)


def test_a_campaign_whose_pilot_sees_nothing_says_so_instead_of_attacking(lab: Lab) -> None:
    report = lab.run("c", lab.request("aes128_masked_m4", traces=64, cpa=MASKED | {"mask": None}))

    assert report.cpa is None
    assert "a pilot of 512 traces" in (report.cpa_absent or "")
    assert "set cpa.window" in (report.cpa_absent or "")


def test_a_pilot_whose_executions_do_not_end_well_sees_nothing(lab: Lab) -> None:
    target = lab.request("aes128_m4").target.model_dump(mode="json") | {"max_cycles": 900}

    plan = planned(lab, "aes128_m4", target=target, cpa={"window": "auto"})

    assert plan.pilot is not None
    assert (plan.pilot.traces, plan.pilot.flagged, plan.pilot.window) == (0, 0, (0, 0))


def test_a_plan_with_a_pilot_survives_its_file_and_is_the_same_again(lab: Lab) -> None:
    one, other = (planned(lab, "chacha20_m4") for _ in range(2))

    assert one.pilot == other.pilot == read(io.BytesIO(b"".join(written(one)))).pilot


def test_a_pilot_draws_inputs_of_its_own_and_moves_only_what_the_attack_knows(lab: Lab) -> None:
    request = lab.request("aes128_masked_m4", cpa=MASKED)
    rows, sets = pilot_rows(request, 64)
    campaign = input_rows(request, 0, 2000)
    text, masks, key = (columns(request, name) for name in ("plaintext", "masks", "key"))

    assert len(np.unique(rows[sets == 0, text], axis=0)) == 1
    assert len(np.unique(rows[sets == 1, text], axis=0)) == 32
    assert len(np.unique(rows[:, masks], axis=0)) == len(np.unique(rows[:, key], axis=0)) == 1
    ours = {row.tobytes() for row in rows[sets == 1, text]}
    assert not ours & {row.tobytes() for row in campaign[:, text]}


@pytest.mark.parametrize(
    ("cpa", "samples", "expected"),
    [
        ({}, 5000, slice(0, 5000)),
        ({}, 20_000, slice(0, 8192)),
        ({"window": (100, 300)}, 5000, slice(100, 300)),
        ({"window": (100, 300)}, 200, slice(100, 200)),
        ({"intermediate": "aes128-last-round"}, 20_000, slice(20_000 - 8192, 20_000)),
        ({"intermediate": "aes128-last-round-hd"}, 20_000, slice(20_000 - 4096, 20_000)),
    ],
)
def test_without_a_pilot_the_window_is_the_one_asked_for_or_a_default(
    lab: Lab, cpa: dict[str, object], samples: int, expected: slice
) -> None:
    asked = lab.request("aes128_m4", cpa=cpa)

    assert attacked_range(asked.cpa, asked.target, samples) == expected


def test_without_an_attack_there_is_no_window(lab: Lab) -> None:
    assert attacked_range(None, lab.request("aes128_m4", cpa=None).target, 5000) == slice(0, 0)


def test_an_instruction_outside_the_window_has_no_correlation_rather_than_none_to_speak_of(lab: Lab) -> None:
    report = lab.run("c", lab.request("aes128_m4", traces=64, cpa={"window": [700, 900]}))
    inside = set(report.series.pcs[700:900])

    assert report.cpa is not None
    assert report.cpa.window == (700, 900)
    assert {row.place.address for row in report.rows if row.max_abs_rho is not None} == inside
    assert {row.place.address for row in report.rows if row.rho_byte is not None} == inside
    assert len(inside) < len(report.rows)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"plan": "fixed", "cpa": None}, "neither a t-test nor an attack"),
        ({"plan": "random", "cpa": {"window": [3000, 3100]}}, "they lie outside the attack's window"),
    ],
)
def test_what_was_not_looked_at_says_why(lab: Lab, changes: dict[str, object], why: str) -> None:
    report = lab.run("c", lab.request("aes128_m4", traces=16, power={"noise_sigma": 50.0}, **changes))

    assert not report.sufficiency.sufficient
    assert report.sufficiency.why.endswith(why)
