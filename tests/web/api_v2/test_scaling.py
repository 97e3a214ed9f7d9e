"""Pools grow and shrink over HTTP."""

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from jobs.identity import Principal, Role
from tests.web.conftest import Behind, make_farm

SCALE = "/api/v2/pools/simulation/scale"


@pytest.mark.parametrize(
    ("body", "sizes"),
    [
        ({"delta": 1}, {"one@here": 2, "two@here": 1}),
        ({"concurrency": 5}, {"one@here": 3, "two@here": 2}),
        ({"concurrency": 2}, {"one@here": 1, "two@here": 1}),
        ({"delta": 1.0}, {"one@here": 2, "two@here": 1}),
        ({"delta": 0}, {"one@here": 1, "two@here": 1}),
    ],
)
def test_a_pool_is_scaled_evenly_over_its_workers(
    farm: Behind, client: FlaskClient, body: dict[str, int], sizes: dict[str, int]
) -> None:
    answer = client.post(SCALE, json=body)

    assert answer.status_code == 200, answer.text
    assert answer.get_json() == {
        "name": "simulation",
        "concurrency": sum(sizes.values()),
        "workers": [{"name": name, "concurrency": size} for name, size in sizes.items()],
    }
    assert farm.pools.sizes == sizes


def test_the_answer_says_what_the_workers_say(farm: Behind, client: FlaskClient) -> None:
    del farm.pools.sizes["two@here"]

    answer = client.post(SCALE, json={"concurrency": 6})

    assert answer.get_json()["workers"] == [
        {"name": "one@here", "concurrency": 3},
        {"name": "two@here", "concurrency": 1},
    ]


def test_workers_that_do_not_answer_are_unavailable(farm: Behind, client: FlaskClient) -> None:
    farm.pools.sizes.clear()

    answer = client.post(SCALE, json={"delta": 1})

    assert (answer.status_code, answer.get_json(force=True)["code"]) == (503, "store-unavailable")


def test_busy_processes_are_not_taken_away(farm: Behind, client: FlaskClient) -> None:
    farm.workers.beat("one@here", queue="simulation", ttl_s=60, processes=3)
    farm.pools.busy["one@here"] = 3

    answer = client.post(SCALE, json={"concurrency": 2})

    assert (answer.status_code, answer.get_json(force=True)["code"]) == (409, "pool-busy")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, ""),
        ({"delta": 1, "concurrency": 2}, ""),
        ({"concurrency": 0}, "concurrency"),
        ({"concurrency": 1}, "concurrency"),
        ({"concurrency": 65}, "concurrency"),
        ({"delta": -1}, "delta"),
        ({"delta": 63}, "delta"),
        ({"delta": 10**30}, "delta"),
        ({"delta": True}, "delta"),
        ({"delta": 1.5}, "delta"),
    ],
)
def test_a_size_out_of_bounds_is_refused(farm: Behind, client: FlaskClient, body: dict[str, Any], field: str) -> None:
    answer = client.post(SCALE, json=body)

    assert (answer.status_code, answer.get_json(force=True).get("field", "")) == (422, field)
    assert set(farm.pools.sizes.values()) == {1}


def test_a_pool_without_workers_cannot_be_scaled(client: FlaskClient) -> None:
    answer = client.post("/api/v2/pools/query/scale", json={"delta": 1})

    assert (answer.status_code, answer.get_json(force=True)["code"]) == (409, "no-workers")


def test_an_unknown_pool_is_not_found(client: FlaskClient) -> None:
    assert client.post("/api/v2/pools/nothing/scale", json={"delta": 1}).status_code == 404


@pytest.mark.parametrize(
    "principal", [Principal("default", Role.OPERATOR, "ana"), Principal("acme", Role.ADMIN, "eve")]
)
def test_only_admins_of_the_farm_scale_pools(tmp_path: Path, principal: Principal) -> None:
    farm = make_farm(tmp_path, authenticate=lambda _request: principal)

    answer = farm.client.post(SCALE, json={"delta": 1})

    farm.hub.stop()
    assert (answer.status_code, answer.get_json(force=True)["code"]) == (403, "forbidden")
