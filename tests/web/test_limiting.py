"""How often a caller may do what, over an application whose clock stands still."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from flask import Request
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from jobs.errors import StoreUnavailable
from jobs.identity import Principal, Role
from stores.identity import Tenant
from stores.limits import Bucket, Taken
from tests.web.conftest import Behind, campaign, make_farm
from web.limiting import CLASSES, Limiter, Rates, place
from web.permissions import PERMISSIONS
from web.refusals import Unauthenticated

ANNA = Principal("acme", Role.SUBMITTER, "anna", key="aaaaaaaa")
BERT = Principal("acme", Role.SUBMITTER, "bert", key="bbbbbbbb")
TOKEN = Principal("acme", Role.SUBMITTER, "https://issuer.example/carl")
VIEWER = Principal("acme", Role.VIEWER, "vera", key="vvvvvvvv")
KNOWN = {"anna": ANNA, "bert": BERT, "carl": TOKEN, "vera": VIEWER}
PING = {"kind": "ping", "params": {}}
QUESTION = {"question": "Which instructions leak?"}


def by_key(request: Request) -> Principal:
    try:
        return KNOWN[request.headers.get("X-API-Key", "")]
    except KeyError as error:
        raise Unauthenticated("Nobody we know.") from error


def limited(root: Path, **rates: int) -> Behind:
    farm = make_farm(root, authenticate=by_key, rates=Rates(**rates))
    farm.accounts.tenants.add(Tenant("acme", farm.clock()))
    return farm


def client_of(farm: Behind, name: str, *, address: str = "192.0.2.1") -> FlaskClient:
    client = farm.client
    client.environ_base |= {"HTTP_X_API_KEY": name, "REMOTE_ADDR": address}
    return client


def test_a_key_asks_so_often_and_is_told_when_to_go_on(tmp_path: Path) -> None:
    farm = limited(tmp_path, queries=3)
    anna = client_of(farm, "anna")

    answers = [anna.post("/api/v2/queries", json=QUESTION) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    refused = answers[3].get_json()
    assert (refused["code"], refused["reason"]) == ("rate-limited", "queries")
    assert answers[3].headers["Retry-After"] == "20"
    farm.clock.advance(20)
    assert anna.post("/api/v2/queries", json=QUESTION).status_code == 202


def test_every_charged_answer_says_where_the_caller_stands(tmp_path: Path) -> None:
    farm = limited(tmp_path, queries=3, address=100)
    anna = client_of(farm, "anna")

    answers = [anna.post("/api/v2/queries", json=QUESTION) for _ in range(4)]

    for answer in answers:
        assert answer.headers["RateLimit-Policy"] == '"queries";q=3;w=60, "address";q=100;w=60'
        assert answer.headers["RateLimit-Limit"] == "3"
    assert [answer.headers["RateLimit"] for answer in answers] == [
        '"queries";r=2;t=20, "address";r=99;t=1',
        '"queries";r=1;t=40, "address";r=98;t=2',
        '"queries";r=0;t=60, "address";r=97;t=2',
        '"queries";r=0;t=60, "address";r=97;t=2',
    ]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert [answer.headers["RateLimit-Reset"] for answer in answers] == ["20", "40", "60", "60"]


def test_keys_and_tokens_have_buckets_of_their_own(tmp_path: Path) -> None:
    farm = limited(tmp_path, queries=1)

    first = [client_of(farm, name).post("/api/v2/queries", json=QUESTION).status_code for name in ("anna", "carl")]
    second = [client_of(farm, name).post("/api/v2/queries", json=QUESTION).status_code for name in ("anna", "carl")]

    assert (first, second) == ([202, 202], [429, 429])
    assert client_of(farm, "bert").post("/api/v2/queries", json=QUESTION).status_code == 202


def test_an_address_is_limited_whatever_keys_it_uses(tmp_path: Path) -> None:
    farm = limited(tmp_path, address=2)

    here = [client_of(farm, name).get("/api/v2/jobs") for name in ("anna", "bert", "carl")]
    there = client_of(farm, "anna", address="192.0.2.2").get("/api/v2/jobs")

    assert [answer.status_code for answer in here] == [200, 200, 429]
    assert here[2].get_json()["reason"] == "address"
    assert there.status_code == 200


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        (None, "nonsense", True),
    ],
)
def test_an_address_of_ipv6_is_a_network(one: str | None, other: str, *, same: bool) -> None:
    assert (place(one) == place(other)) is same


def test_each_class_of_calls_has_its_limit(tmp_path: Path) -> None:
    farm = limited(tmp_path, queries=1, campaigns=1, uploads=1, writes=1, reads=1)
    anna, firmware = client_of(farm, "anna"), farm.firmware("acme")

    calls: list[Callable[[], TestResponse]] = [
        lambda: anna.post("/api/v2/queries", json=QUESTION),
        lambda: anna.post("/api/v2/campaigns", json=campaign(firmware)),
        lambda: anna.post("/api/v2/artifacts", data=b"x"),
        lambda: anna.post("/api/v2/jobs", json=PING),
        lambda: anna.get("/api/v2/jobs"),
    ]

    assert [call().status_code for call in calls] == [202, 202, 201, 202, 200]
    assert [call().get_json()["reason"] for call in calls] == ["queries", "campaigns", "uploads", "writes", "reads"]


def test_a_campaign_by_another_door_counts_as_one(tmp_path: Path) -> None:
    farm = limited(tmp_path, campaigns=1, queries=1, writes=100)
    anna, firmware = client_of(farm, "anna"), farm.firmware("acme")
    as_jobs = [{"kind": "campaign", "params": campaign(firmware)}, {"kind": "query", "params": QUESTION}]

    first = [anna.post("/api/v2/jobs", json=job) for job in as_jobs]
    second = [anna.post("/api/v2/jobs", json=job).get_json()["reason"] for job in as_jobs]

    assert [answer.status_code for answer in first] == [202, 202]
    assert first[0].headers["RateLimit"].startswith('"writes";r=99;')
    assert '"campaigns";r=0;' in first[0].headers["RateLimit"]
    assert second == ["campaigns", "queries"]
    assert anna.post("/api/v2/campaigns", json=campaign(firmware)).status_code == 429


def test_a_call_that_is_forbidden_is_charged_all_the_same(tmp_path: Path) -> None:
    vera = client_of(limited(tmp_path, writes=1), "vera")

    answers = [vera.post("/api/v2/jobs", json=PING).status_code for _ in range(2)]

    assert answers == [403, 429]


def test_an_address_fails_so_often_and_a_valid_key_is_served_from_it_all_the_same(tmp_path: Path) -> None:
    farm = limited(tmp_path, failures=2, reads=100)
    nobody, elsewhere = client_of(farm, "wrong"), client_of(farm, "wrong", address="192.0.2.9")

    answers = [nobody.get("/api/v2/jobs") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert answers[2].get_json()["reason"] == "failures"
    assert answers[0].headers["RateLimit"] == '"failures";r=1;t=30'
    assert elsewhere.get("/api/v2/jobs").status_code == 401
    assert client_of(farm, "anna").get("/api/v2/jobs").status_code == 200


def test_what_is_public_is_not_charged(tmp_path: Path) -> None:
    farm = limited(tmp_path, address=1, failures=1)

    answers = [farm.client.get(path) for path in ("/health/live", "/health/ready", "/api/docs", "/api/v2/openapi.json")]

    assert [answer.status_code for answer in answers] == [200] * 4
    assert all("RateLimit" not in answer.headers for answer in answers)


def test_a_farm_without_keys_has_one_limit_for_an_address(tmp_path: Path) -> None:
    farm = make_farm(tmp_path, rates=Rates(queries=1, writes=1, reads=1, address=1, local=3))

    answers = [farm.client.post("/api/v2/queries", json=QUESTION) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    assert answers[0].headers["RateLimit-Policy"] == '"address";q=3;w=60'


def test_without_rates_nothing_is_counted_or_said(client: FlaskClient) -> None:
    answer = client.get("/api/v2/jobs")

    assert not [name for name, _ in answer.headers.items() if name.startswith("RateLimit")]
    assert "dasein_limits_unenforced_total 0.0" in client.get("/metrics").text


class Away:
    """Buckets that do not answer, and how often they were asked."""

    asked = 0

    def take(self, _buckets: Sequence[Bucket], _tokens: int = 1) -> Taken:
        self.asked += 1
        raise StoreUnavailable("redis at 10.0.0.1 is gone")


def test_without_buckets_requests_go_on_are_counted_and_do_not_wait_twice(tmp_path: Path) -> None:
    farm, away, now = limited(tmp_path, reads=1), Away(), 0.0
    counted: list[None] = []
    limiter = Limiter(
        away, Rates(reads=1), refused=lambda _policy: None, unlimited=lambda: counted.append(None), clock=lambda: now
    )
    guarded = limiter.guarding(by_key)

    with farm.app.test_request_context("/api/v2/jobs", headers={"X-API-Key": "anna"}) as context:
        for _ in range(3):
            assert guarded(context.request) == ANNA
        asked_at_first = away.asked
        now = 1.5
        guarded(context.request)

    assert (asked_at_first, away.asked, len(counted)) == (1, 2, 4)


def test_refusals_are_counted_by_their_limit(tmp_path: Path) -> None:
    farm = limited(tmp_path, reads=1)
    anna = client_of(farm, "anna")

    for _ in range(3):
        anna.get("/api/v2/jobs")

    assert 'dasein_limits_refused_total{policy="reads"} 2.0' in farm.metrics.render().decode()


def test_the_table_names_operations_that_there_are() -> None:
    assert set(CLASSES) <= set(PERMISSIONS)
