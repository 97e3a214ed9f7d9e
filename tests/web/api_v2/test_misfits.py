"""Fields of a request that are right alone and do not fit together: the one to change is named."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import Behind, campaign

KEY = {"name": "key", "role": "key", "length": 16, "symbol": "key"}
TEXT = {"name": "plaintext", "role": "plaintext", "length": 16, "symbol": "block"}


def target(*inputs: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"target": {"core": "cortex-m4", "entry": "encrypt", "inputs": list(inputs), **more}}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        (target(KEY, {**TEXT, "varies": "constant"}), "target.inputs"),
        (target(KEY, {**TEXT, "name": "key"}), "target.inputs"),
        (target(KEY, {**TEXT, "symbol": None}), "target.inputs"),
        (target(KEY, {**TEXT, "value": "00"}), "target.inputs.1.value"),
        (target(KEY, TEXT, arguments=[{"input": "nonce"}]), "target.arguments"),
        (target(KEY, TEXT, public=[{"start": 8, "end": 8, "reason": "a table"}]), "target.public.0.start"),
        ({"plan": "fixed", "cpa": {}}, "plan"),
        ({"plan": "random", "sequential": {}}, "plan"),
        ({"traces": 2, "sequential": {}}, "traces"),
        ({"bivariate": {"window": [5, 5]}}, "bivariate.window"),
        ({"simulator": {"platform": "stm32f4"}}, "simulator.platform"),
        ({"constant_time": {"secrets": ["nonce"]}}, "constant_time.secrets"),
        ({"cpa": {"plaintext": "nonce"}}, "cpa.plaintext"),
        ({"cpa": {"window": [5, 4]}}, "cpa.window"),
    ],
)
def test_of_fields_that_do_not_fit_one_is_named(
    farm: Behind, client: FlaskClient, changes: dict[str, Any], field: str
) -> None:
    answer = client.post("/api/v2/campaigns", json=campaign(farm.firmware(), **changes))

    problem = answer.get_json(force=True)
    assert (answer.status_code, [error["field"] for error in problem["errors"]]) == (422, [field]), problem
    assert farm.queue.sent == []


def test_where_any_of_several_fields_may_be_meant_the_whole_is_named(farm: Behind, client: FlaskClient) -> None:
    nowhere = target(KEY, TEXT, public=[{"start": 8, "reason": "a table"}])

    answer = client.post("/api/v2/campaigns", json=campaign(farm.firmware(), **nowhere))

    assert [error["field"] for error in answer.get_json(force=True)["errors"]] == ["target.public.0"]
