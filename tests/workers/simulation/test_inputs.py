"""Inputs are a function of the seed and the trace index."""

from itertools import pairwise

import numpy as np
import pytest

from jobs.payloads import CampaignRequest
from workers.simulation.inputs import columns, constant, groups, input_rows, reference_row

FIRMWARE = "sha256:" + "0" * 64


def request(**changes: object) -> CampaignRequest:
    body = {
        "firmware": FIRMWARE,
        "target": {
            "core": "cortex-m4",
            "entry": "f",
            "inputs": [
                {"name": "key", "role": "key", "length": 16, "symbol": "k", "value": "00" * 15 + "07"},
                {"name": "plaintext", "role": "plaintext", "length": 16, "symbol": "p"},
                {"name": "masks", "role": "mask", "length": 4, "symbol": "m"},
            ],
        },
        "traces": 1000,
        **changes,
    }
    return CampaignRequest.model_validate(body)


def test_a_range_cut_anywhere_gives_the_same_inputs_and_groups() -> None:
    asked = request()
    cuts = [0, 1, 2, 7, 500, 501, 1000]

    rows = np.concatenate([input_rows(asked, a, b - a) for a, b in pairwise(cuts)])
    labels = np.concatenate([groups(asked, a, b - a) for a, b in pairwise(cuts)])

    np.testing.assert_array_equal(rows, input_rows(asked, 0, 1000))
    np.testing.assert_array_equal(labels, groups(asked, 0, 1000))


def test_sets_are_of_equal_size_in_each_half_and_interleaved_at_random() -> None:
    labels = groups(request(), 0, 1000)

    assert np.bincount(labels).tolist() == [250, 250, 250, 250]
    pairs = (labels & 1).reshape(-1, 2)
    assert (pairs.sum(axis=1) == 1).all()
    assert 200 < pairs[:, 0].sum() < 300


def test_a_fixed_set_has_fixed_plaintexts_and_fresh_masks() -> None:
    asked = request()
    rows, sets = input_rows(asked, 0, 400), groups(asked, 0, 400) & 1

    plaintexts, masks = rows[:, columns(asked, "plaintext")], rows[:, columns(asked, "masks")]

    assert len(np.unique(plaintexts[sets == 0], axis=0)) == 1
    assert len(np.unique(plaintexts[sets == 1], axis=0)) == (sets == 1).sum()
    assert len(np.unique(masks, axis=0)) == 400
    assert (rows[:, columns(asked, "key")] == constant(asked, 0)).all()


def test_another_seed_gives_other_plaintexts() -> None:
    one, other = input_rows(request(seed=1), 0, 8), input_rows(request(seed=2), 0, 8)

    assert not np.array_equal(one, other)


def test_a_random_plan_has_one_set_and_a_fixed_plan_the_other() -> None:
    assert set(groups(request(plan="random"), 0, 16).tolist()) == {1, 3}
    assert set(groups(request(plan="fixed"), 0, 16).tolist()) == {0, 2}


def test_the_reference_uses_the_fixed_value() -> None:
    asked = request()

    row = reference_row(asked)

    np.testing.assert_array_equal(row[columns(asked, "plaintext")], constant(asked, 1))


def test_an_unknown_input_has_no_columns() -> None:
    with pytest.raises(KeyError):
        columns(request(), "nonce")
