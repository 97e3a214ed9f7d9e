"""Jobs that need Renode, by what workers say that they have; and who has another data folder."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from jobs.abilities import FOLDER, Ability
from tests.web.conftest import Behind, campaign

HAS, HAS_NOT = Ability("1.16.1"), Ability(None, "there is no program renode")
POOL = "simulation"


def told(farm: Behind, **workers: Ability) -> None:
    for name, ability in workers.items():
        farm.workers.beat(f"{name}@here", queue=POOL, ttl_s=3600, processes=1, abilities={"renode": ability})


def asked(farm: Behind) -> dict[str, Any]:
    return campaign(farm.firmware(), simulator={"engine": "renode", "platform": "cortex-m4"})


def test_a_campaign_on_renode_is_taken_where_every_worker_has_it(farm: Behind, client: FlaskClient) -> None:
    told(farm, one=HAS, two=HAS)

    answer = client.post("/api/v2/campaigns", json=asked(farm))

    assert answer.status_code == 202, answer.text
    assert answer.get_json()["params"]["simulator"] == {"engine": "renode", "platform": "cortex-m4"}


@pytest.mark.parametrize(
    ("second", "why"),
    [
        (HAS_NOT, "1 of 2 workers of the pool simulation have no Renode: there is no program renode."),
        (None, "1 of 2 workers of the pool simulation have no Renode: it has not said so yet."),
    ],
)
def test_one_worker_without_it_is_enough_to_refuse(
    farm: Behind, client: FlaskClient, second: Ability | None, why: str
) -> None:
    told(farm, one=HAS, **({} if second is None else {"two": second}))

    answer = client.post("/api/v2/campaigns", json=asked(farm))

    problem = answer.get_json(force=True)
    assert (answer.status_code, problem["code"], problem["field"]) == (422, "simulator-unavailable", "simulator.engine")
    assert problem["detail"] == why
    assert farm.queue.sent == []


def test_while_no_worker_is_alive_nobody_has_it(farm: Behind, client: FlaskClient) -> None:
    for name in ("one@here", "two@here"):
        farm.workers.leave(name, queue=POOL)

    answer = client.post("/api/v2/campaigns", json=asked(farm))

    assert answer.status_code == 422
    assert answer.get_json(force=True)["detail"].startswith("No worker of the pool simulation is alive")


@pytest.mark.parametrize("kind", ["estimate", "campaign", "simulation.crosscheck"])
def test_jobs_that_need_it_are_refused_by_their_place_in_the_request(
    farm: Behind, client: FlaskClient, kind: str
) -> None:
    params = asked(farm)
    if kind == "simulation.crosscheck":
        params = {name: params[name] for name in ("firmware", "target")}
    jobs = [{"kind": kind, "params": params}, {"kind": "ping", "params": {}}]

    alone = client.post("/api/v2/jobs", json=jobs[0])
    together = client.post("/api/v2/batches", json={"jobs": jobs})

    assert (alone.status_code, alone.get_json(force=True)["field"]) == (422, "params.simulator.engine")
    assert together.status_code == 422
    assert together.get_json(force=True)["errors"][0]["field"] == "jobs.0.params.simulator.engine"
    assert farm.queue.sent == []


def test_the_embedded_simulator_needs_nobody_s_word(farm: Behind, client: FlaskClient) -> None:
    told(farm, one=HAS_NOT)

    answer = client.post("/api/v2/campaigns", json=campaign(farm.firmware(), simulator={"engine": "embedded"}))

    assert answer.status_code == 202, answer.text


def test_pools_show_who_has_it_and_why_others_have_not(farm: Behind, client: FlaskClient) -> None:
    told(farm, one=HAS, two=HAS_NOT)

    pools = {pool["name"]: pool for pool in client.get("/api/v2/pools").get_json()["pools"]}

    assert pools["query"]["abilities"] == []
    assert pools[POOL]["abilities"] == [
        {"name": "renode", "workers": 1, "versions": ["1.16.1"], "absent": ["there is no program renode"]}
    ]


def test_a_worker_with_another_data_folder_is_not_among_those_that_have_the_farms(
    farm: Behind, client: FlaskClient
) -> None:
    told(farm, one=HAS, two=HAS)
    why = "Its data folder has no id (is it mounted?), and web looks into a."
    farm.workers.beat("three@here", queue=POOL, ttl_s=3600, processes=1, abilities={FOLDER: Ability(None, why)})

    pools = client.get("/api/v2/pools").get_json()["pools"]

    [pool] = [pool for pool in pools if pool["name"] == POOL]
    others = len(pool["workers"]) - 1
    assert pool["abilities"][0] == {"name": FOLDER, "workers": others, "versions": [], "absent": [why]}
    assert others >= 2
