"""Sweeps of noise in the graph: a real one read back, what is none, and what reading many of them costs."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from flask.testing import FlaskClient

from jobs.identity import HOME, Principal, Role
from jobs.model import NewJob
from jobs.queue import CAMPAIGN
from tests.documents import document
from tests.web.conftest import Behind
from tests.web.graphql.test_graph import ask, refused
from web.graphql.limits import MOST_LEVELS


def submitted(
    farm: Behind, batch: str, wanted: Sequence[Any], *, tenant: str = HOME, kind: str = CAMPAIGN.name
) -> None:
    """Let a batch have been submitted, a job for each of `wanted`; they are called by their position."""
    jobs = [NewJob(f"{batch}-{number}", kind, params, tenant, batch=batch) for number, params in enumerate(wanted)]
    farm.jobs.submit_batch(batch, jobs)


def levels(*sigmas: float | None, **changes: Any) -> list[dict[str, Any]]:
    """Return what the campaigns of a sweep ask for."""
    return [{"traces": 1000, "power": {"model": "hw", "noise_sigma": sigma}} | changes for sigma in sigmas]


def test_a_real_sweep_is_read_by_its_noise_with_what_was_found_at_each_level(farm: Behind, client: FlaskClient) -> None:
    whole = document("sweep")
    submitted(farm, "s", [level["params"] for level in reversed(whole)])
    for number, level in enumerate(reversed(whole)):
        farm.start(f"s-{number}")
        farm.jobs.finish(f"s-{number}", level["result"])
    level = "noiseSigma verdict headline maxAbsT findingsCount keyBytesRecovered"

    told = ask(client, f'{{ sweep(id: "s") {{ id levels {{ nodes {{ {level} measured job {{ batch }} }} }} }} }}')[
        "sweep"
    ]

    assert told["id"] == "s"
    assert told["levels"]["nodes"] == [
        {
            "noiseSigma": one["params"]["power"]["noise_sigma"],
            "verdict": one["result"]["verdict"],
            "headline": one["result"]["headline"],
            "maxAbsT": one["result"]["max_abs_t"],
            "findingsCount": one["result"]["findings"],
            "keyBytesRecovered": one["result"]["key_bytes_recovered"],
            "measured": False,
            "job": {"batch": "s"},
        }
        for one in whole
    ]


def test_levels_come_in_pages_and_lead_back_to_their_sweep(farm: Behind, client: FlaskClient) -> None:
    submitted(farm, "s", levels(4, 0.5, 2))
    query = """query ($after: String) { campaign(id: "s-1") { noiseSigma sweep { levels(first: 2, after: $after) {
        nodes { id verdict job { state } sweep { id } } pageInfo { hasNextPage endCursor } } } } }"""

    first = ask(client, query)["campaign"]
    rest = ask(client, query, after=first["sweep"]["levels"]["pageInfo"]["endCursor"])["campaign"]["sweep"]["levels"]

    assert first["noiseSigma"] == 0.5
    assert first["sweep"]["levels"]["nodes"] == [
        {"id": name, "verdict": None, "job": {"state": "QUEUED"}, "sweep": {"id": "s"}} for name in ("s-1", "s-2")
    ]
    assert [one["id"] for one in rest["nodes"]] == ["s-0"]
    assert not rest["pageInfo"]["hasNextPage"]


@pytest.mark.parametrize(
    "wanted",
    [
        levels(1),
        levels(1, 2, 1),
        levels(1, None),
        [*levels(1), *levels(2, traces=2000)],
        [*levels(1), {"traces": 1000, "power": {"model": "hd", "noise_sigma": 2}}],
        levels(1, 2, power=None),
        levels(*range(1, MOST_LEVELS + 2)),
    ],
    ids=["alone", "twice", "unsaid", "other traces", "other model", "no power", "too many"],
)
def test_a_batch_that_differs_in_more_than_its_noise_is_no_sweep(
    farm: Behind, client: FlaskClient, wanted: list[dict[str, Any]]
) -> None:
    submitted(farm, "s", wanted)

    told = ask(client, '{ sweep(id: "s") { id } sweeps { nodes { id } } campaign(id: "s-0") { sweep { id } } }')

    assert told == {"sweep": None, "sweeps": {"nodes": []}, "campaign": {"sweep": None}}


def test_as_many_levels_as_are_read_are_a_sweep(farm: Behind, client: FlaskClient) -> None:
    submitted(farm, "s", levels(*range(1, MOST_LEVELS + 1)))

    told = ask(client, '{ sweep(id: "s") { levels(first: 100) { nodes { noiseSigma } } } }')["sweep"]

    assert [one["noiseSigma"] for one in told["levels"]["nodes"]] == list(range(1, MOST_LEVELS + 1))


def test_jobs_of_other_kinds_and_unknown_ids_are_no_sweeps(farm: Behind, client: FlaskClient) -> None:
    submitted(farm, "s", levels(1, 2), kind="simulation.import")
    farm.jobs.submit(NewJob("j", CAMPAIGN.name, {}))

    told = ask(client, '{ a: sweep(id: "s") { id } b: sweep(id: "nobody") { id } c: sweep(id: "j") { id } }')

    assert told == {"a": None, "b": None, "c": None}


def test_sweeps_are_listed_newest_first_a_page_of_batches_at_a_time(farm: Behind, client: FlaskClient) -> None:
    for name in ("oldest", "old"):
        submitted(farm, name, levels(1, 2))
    submitted(farm, "pings", [{}, {}], kind="ping")
    submitted(farm, "newest", levels(1, 2))
    query = (
        "query ($after: String) { sweeps(first: 2, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }"
    )

    first = ask(client, query)["sweeps"]
    rest = ask(client, query, after=first["pageInfo"]["endCursor"])["sweeps"]

    assert first["nodes"] == [{"id": "newest"}]
    assert first["pageInfo"]["hasNextPage"]
    assert rest["nodes"] == [{"id": "old"}, {"id": "oldest"}]
    assert rest["pageInfo"] == {"hasNextPage": False, "endCursor": None}


def test_a_tenant_sees_its_own_sweeps_alone(two: tuple[Behind, dict[str, Principal]]) -> None:
    farm, who = two
    submitted(farm, "home", levels(1, 2))
    submitted(farm, "acme", levels(3, 4), tenant="acme")
    query = '{ sweep(id: "home") { id levels { nodes { id } } } campaign(id: "home-0") { id } sweeps { nodes { id } } }'

    theirs = ask(farm.client, query)
    who["now"] = Principal(HOME, Role.VIEWER, "viewer", "k")
    ours = ask(farm.client, query)

    assert theirs == {"sweep": None, "campaign": None, "sweeps": {"nodes": [{"id": "acme"}]}}
    assert ours["sweep"]["levels"]["nodes"] == [{"id": "home-0"}, {"id": "home-1"}]
    assert ours["sweeps"]["nodes"] == [{"id": "home"}]


def test_a_sweep_of_which_a_level_has_expired_is_none(farm: Behind, client: FlaskClient) -> None:
    submitted(farm, "s", levels(1, 2))
    farm.jobs.finish("s-0", {})
    farm.clock.advance(10**9)
    farm.jobs.prune(limit=9)

    told = ask(client, '{ sweep(id: "s") { id } campaign(id: "s-1") { id sweep { id } } }')

    assert told == {"sweep": None, "campaign": {"id": "s-1", "sweep": None}}


def test_many_sweeps_are_read_by_as_many_calls_as_one(watched: tuple[Behind, Counter[str]]) -> None:
    farm, calls = watched
    for number in range(12):
        submitted(farm, f"s{number}", levels(1, 2, 4))
    query = """query ($first: Int!) { sweeps(first: $first) { nodes { levels { nodes { id } } } }
        campaigns(first: $first) { nodes { sweep { id } } } }"""

    def cost(first: int) -> Counter[str]:
        calls.clear()
        data = ask(farm.client, query, first=first)
        assert len(data["sweeps"]["nodes"]) == first
        return Counter(calls)

    few, many = cost(2), cost(12)

    assert few == many
    assert many == {f"WatchedJobs.{name}": 1 for name in ("find", "batches", "members", "many")}


@pytest.mark.parametrize(
    "query",
    [
        "{ sweeps(first: 100) { nodes { id } } }",
        "{ sweeps(first: 100) { pageInfo { endCursor } } }",
        "{ campaigns(first: 100) { nodes { sweep { id } } } }",
        "{ campaigns(first: 40) { nodes { sweep { id } report { verdict } } } }",
    ],
)
def test_sweeps_are_weighed_as_the_records_that_they_are(client: FlaskClient, query: str) -> None:
    assert refused(client, query)["code"] == "query-too-costly"
