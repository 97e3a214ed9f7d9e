"""The models of the machines over HTTP, and in the numbers for Prometheus."""

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import Behind
from tests.web.rems import machine
from tests.web.test_metrics import samples


def test_models_are_listed_machine_by_machine(farm: Behind, client: FlaskClient) -> None:
    now = farm.clock().timestamp()
    for node in ("two", "one"):
        farm.models.write(machine(node, at=now))

    machines = client.get("/api/v2/models").get_json()["machines"]

    assert [told["node"] for told in machines] == ["one", "two"]
    assert (machines[0]["device"], machines[0]["cache_hits"], machines[0]["budget_bytes"]) == ("cuda:0", 30, 8 * 2**30)
    loaded, absent = machines[0]["models"]
    assert (loaded["role"], loaded["state"], loaded["model"]["licence"]) == ("image", "loaded", "MIT")
    assert (absent["state"], absent["reason"]) == ("unavailable", "There is no such folder.")


@pytest.mark.parametrize(("silent_s", "shown"), [(0, True), (10, True), (60, False), (3600, False)])
def test_a_machine_that_has_fallen_silent_is_left_out(
    farm: Behind, client: FlaskClient, silent_s: float, *, shown: bool
) -> None:
    farm.models.write(machine("one", at=farm.clock().timestamp()))

    farm.clock.advance(silent_s)

    assert bool(client.get("/api/v2/models").get_json()["machines"]) is shown
    assert any(name == "dasein_model_bytes" for name, _ in samples(client.get("/metrics").text)) is shown


def test_a_farm_without_models_has_none(client: FlaskClient) -> None:
    assert client.get("/api/v2/models").get_json() == {"machines": []}


def test_the_memory_of_models_and_the_cache_of_embeddings_are_numbers(farm: Behind, client: FlaskClient) -> None:
    now = farm.clock().timestamp()
    farm.models.write(machine("one", at=now))
    farm.models.write(machine("two", at=now, cache_hits=5, models=machine("two", at=now).models[:1] * 2))

    seen = samples(client.get("/metrics").text)

    def of(name: str, **labels: str) -> float:
        return seen[name, tuple(sorted(labels.items()))]

    assert of("dasein_embedding_cache_requests_total", node="one", outcome="hit") == 30
    assert of("dasein_embedding_cache_requests_total", node="one", outcome="miss") == 10
    assert of("dasein_embedding_cache_requests_total", node="two", outcome="hit") == 5
    assert of("dasein_model_bytes", node="one", role="image") == 600_000_000
    assert of("dasein_model_bytes", node="one", role="speech") == 0
    assert of("dasein_model_bytes", node="two", role="image") == 1_200_000_000
    assert of("dasein_model_budget_bytes", node="two") == 8 * 2**30
    assert of("dasein_model_batch_size", node="one", role="image") == 40 / 3
