"""The engine never decides what a campaign finds."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from tests.workers.simulation.conftest import Lab, Loader

CPA = {"intermediate": "aes128-sbox-output", "plaintext": "plaintext", "key": "key", "window": [0, 500]}


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("aes128_m0", {"cpa": None, "keep_traces": True}),
        ("aes128_m4", {"power": {"model": "hw+hd", "sampling": "cycle", "noise_sigma": 2.0}, "cpa": None}),
        ("aes128_m4", {"plan": "random", "traces": 64, "cpa": CPA}),
        ("aes128_masked_m4", {"assess_order": 1, "cpa": None}),
        ("compare_leaky_m4", {}),
        ("compare_ct_m4", {"power": {"model": "elmo-like-linear", "noise_sigma": 1.0}}),
    ],
)
def test_both_engines_give_one_digest_and_one_report(
    lab: Lab, unicorn: Loader, name: str, changes: Mapping[str, Any]
) -> None:
    request = lab.request(name, **{"traces": 200, "shards": 2, **changes})
    by_unicorn = Lab(lab.services._replace(simulator=unicorn, witness=None), lab.elfs)

    alone, here = by_unicorn.run("alone", request), lab.run("here", request)

    engines = {"campaign", "timings", "engine", "execution", "constant_time", "constant_time_absent"}
    assert here.model_dump(exclude=engines) == alone.model_dump(exclude=engines)
    assert here.execution is not None
    assert here.execution.lanes > 0
    assert here.engine["name"] == "lockstep"
    assert alone.engine["name"] == "unicorn"
    for kept in ("traces", "inputs", "groups") if request.keep_traces else ():
        here_, alone_ = (np.load(lab.services.files.path(campaign, f"{kept}.npy")) for campaign in ("here", "alone"))
        np.testing.assert_array_equal(here_, alone_, err_msg=kept)
