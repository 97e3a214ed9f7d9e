"""What goes into the executions that are compared."""

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from jobs.payloads import CampaignRequest
from tests.renode.firmware.conftest import body_of, campaign_of
from workers.simulation.consttime.roles import columns_of, roles_of
from workers.simulation.consttime.trials import CHOSEN, FIXED, MOST_CHOSEN, RANDOM, VALUES, Trial, trials

GUESS = bytes.fromhex("48616d6d696e67206973206e6f742061")


def request_of(name: str, check: dict[str, Any] | None = None, **changes: Any) -> CampaignRequest:
    return campaign_of({**body_of(name), "constant_time": check or {}, **changes})


def trials_of(request: CampaignRequest, executions: int = 80) -> list[Trial]:
    return list(trials(request, roles_of(request), executions))


def test_keys_are_secret_masks_are_neither_and_the_rest_is_public() -> None:
    roles = roles_of(request_of("aes128_masked_m4"))

    names = [item.name for item in request_of("aes128_masked_m4").target.inputs]
    assert [names[place] for place in roles.secrets] == ["key"]
    assert [names[place] for place in roles.masks] == ["masks"]
    assert [names[place] for place in roles.public] == ["plaintext"]


def test_what_is_secret_can_be_said() -> None:
    request = request_of("compare_ct_m4", {"secrets": ["guess"]})

    roles = roles_of(request)

    assert (roles.secrets, roles.public) == ((1,), (0,))


def test_in_a_trial_nothing_but_secrets_differs() -> None:
    request = request_of("compare_leaky_m4")
    public = ~columns_of(request, roles_of(request).secrets)

    for trial in trials_of(request):
        assert (trial.rows[:, public] == trial.rows[0, public]).all()
        assert (trial.rows[trial.sets == FIXED] == trial.rows[0]).all()
        assert len(np.unique(trial.rows[trial.sets == RANDOM], axis=0)) == (trial.sets == RANDOM).sum()


def test_public_inputs_take_the_campaign_s_value_first_and_others_then() -> None:
    guesses = [trial.rows[0, 16:].tobytes() for trial in trials_of(request_of("compare_leaky_m4"))]

    assert guesses[0] == GUESS
    assert len(set(guesses)) == VALUES


def test_a_public_input_that_the_campaign_never_varies_keeps_its_value() -> None:
    body = body_of("checksum_m4")
    body["target"]["inputs"][1]["varies"] = "constant"

    (only,) = trials_of(campaign_of({**body, "constant_time": {}}))

    assert only.rows[0, 32] == 0x10


def test_masks_are_drawn_for_every_execution_and_no_secret_is_chosen_then() -> None:
    request = request_of("aes128_masked_m4")
    masks = columns_of(request, roles_of(request).masks)

    for trial in trials_of(request):
        assert len(np.unique(trial.rows[:, masks], axis=0)) == len(trial.rows)
        assert not (trial.sets == CHOSEN).any()


def test_chosen_secrets_come_near_the_public_inputs() -> None:
    first = trials_of(request_of("reduce_leaky_m4"))[1]
    modulus = int.from_bytes(first.rows[0, 16:].tobytes(), "little")

    chosen = {int.from_bytes(row[:16].tobytes(), "little") for row in first.rows[first.sets == CHOSEN]}

    assert {0, 2**128 - 1, modulus, modulus - 1, modulus + 1, modulus ^ 1} <= chosen
    assert len(chosen) <= MOST_CHOSEN


def test_secrets_are_chosen_near_each_other() -> None:
    request = request_of("compare_ct_m4", {"secrets": ["secret", "guess"]}, seed=3)
    body = request.model_dump(mode="json")
    for item in body["target"]["inputs"]:
        item["value"] = None

    (only,) = trials_of(CampaignRequest.model_validate(body))

    pairs = [(row[:16].tobytes(), row[16:].tobytes()) for row in only.rows[only.sets == CHOSEN]]
    one, other = only.rows[0, :16].tobytes(), only.rows[0, 16:].tobytes()
    assert one != other
    assert {(one, one), (other, other)} <= set(pairs)


def test_every_secret_has_its_turn_where_there_is_no_room_for_all_that_are_chosen() -> None:
    body = body_of("compare_ct_m4")
    more = [{"name": f"s{n}", "role": "key", "length": 16, "symbol": "cmp_secret"} for n in range(4)]
    body["target"]["inputs"] = [*body["target"]["inputs"], *more]
    request = campaign_of({**body, "constant_time": {}})
    (first, *_) = trials_of(request)

    chosen = first.rows[first.sets == CHOSEN]

    assert len(chosen) == MOST_CHOSEN
    for place in roles_of(request).secrets:
        column = columns_of(request, (place,))
        differing = {row.tobytes() for row in chosen[2:, column]} - {first.rows[0, column].tobytes()}
        assert len(differing) >= 4


def test_trials_are_a_function_of_the_seed() -> None:
    one, same, other = (trials_of(request_of("compare_leaky_m4", seed=seed)) for seed in (1, 1, 2))

    for mine, theirs in zip(one, same, strict=True):
        np.testing.assert_array_equal(mine.rows, theirs.rows)
    assert any((mine.rows != theirs.rows).any() for mine, theirs in zip(one, other, strict=True))


@pytest.mark.parametrize(
    ("name", "check", "complaint"),
    [
        ("compare_ct_m4", {"secrets": ["key"]}, "constant_time.secrets name no input: key"),
        ("compare_ct_m4", {"executions": 15}, "executions"),
    ],
)
def test_a_check_of_what_is_not_there_is_refused(name: str, check: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        request_of(name, check)


def test_without_a_key_it_has_to_be_said_what_is_secret() -> None:
    body = body_of("compare_ct_m4")
    body["target"]["inputs"][0]["role"] = "other"

    with pytest.raises(ValidationError, match="constant_time needs an input whose role is key"):
        campaign_of({**body, "constant_time": {}})
    assert campaign_of({**body, "constant_time": {"secrets": ["secret"]}}).constant_time is not None
