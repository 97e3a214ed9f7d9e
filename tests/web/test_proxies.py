"""What is believed of who stands before us."""

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from jobs.identity import LOCAL, Principal
from tests.web.conftest import make_farm
from web.proxies import Family, Proxies, parsed

PROXY, OUTER, CLIENT = "10.0.0.1", "10.0.0.2", "203.0.113.9"
Seen = tuple[str, str | None, str | None] | None
TRUSTED = ["10.0.0.0/8", "fd00::/8"]


def seen(family: Family = "x-forwarded", *, peer: str = PROXY, **headers: str) -> Seen:
    environ: dict[str, Any] = {"REMOTE_ADDR": peer} | {f"HTTP_{name}": value for name, value in headers.items()}
    hop = Proxies(TRUSTED, family=family).seen(environ)
    return None if hop is None else (str(hop.address), hop.scheme, hop.host)


def test_nobody_but_a_trusted_proxy_is_believed() -> None:
    def told(peer: str) -> Seen:
        return seen(peer=peer, X_FORWARDED_FOR="1.2.3.4", X_FORWARDED_PROTO="https", X_FORWARDED_HOST="a.example")

    assert told(CLIENT) is None
    assert told("") is None
    assert told(PROXY) == ("1.2.3.4", "https", "a.example")


@pytest.mark.parametrize(
    ("chain", "client"),
    [
        (CLIENT, CLIENT),
        # What the client itself wrote stands to the left of what the proxy added.
        (f"1.1.1.1, {CLIENT}", CLIENT),
        (f"{PROXY}, {CLIENT}", CLIENT),
        (f"{CLIENT}, {OUTER}", CLIENT),
        (f"1.1.1.1, {CLIENT}, {OUTER}, {OUTER}", CLIENT),
        (f"{OUTER}", OUTER),
        (f"{CLIENT}:4711", CLIENT),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        (f"::ffff:{CLIENT}", CLIENT),
        ("nonsense", PROXY),
        (f"1.1.1.1, nonsense, {OUTER}", OUTER),
        ("", PROXY),
        (" , ", PROXY),
        ("1.2.3.4.5", PROXY),
        ("999.1.1.1", PROXY),
    ],
)
def test_the_client_is_the_rightmost_hop_that_is_no_proxy_of_ours(chain: str, client: str) -> None:
    found = seen(X_FORWARDED_FOR=chain)

    assert found is not None
    assert found[0] == client


def test_scheme_and_host_are_those_of_the_last_proxy_and_only_if_they_are_such() -> None:
    assert seen(X_FORWARDED_FOR=CLIENT, X_FORWARDED_PROTO="http, https") == (CLIENT, "https", None)
    assert seen(X_FORWARDED_FOR=CLIENT, X_FORWARDED_PROTO="javascript") == (CLIENT, None, None)
    assert seen(X_FORWARDED_FOR=CLIENT, X_FORWARDED_HOST="a b\r\nX: y") == (CLIENT, None, None)
    assert seen(X_FORWARDED_FOR=CLIENT, X_FORWARDED_HOST="[2001:db8::1]:8443") == (CLIENT, None, "[2001:db8::1]:8443")


def test_the_standard_header_names_each_hop_with_what_it_was_asked_for() -> None:
    header = f'for=1.1.1.1;proto=http;host=evil.example, for="{CLIENT}:99";proto=https;host=dasein.example, for={OUTER};proto=http'

    assert seen("forwarded", FORWARDED=header) == (CLIENT, "https", "dasein.example")
    assert seen("forwarded", FORWARDED='For="[2001:db8::1]"; Proto=HTTPS') == ("2001:db8::1", "https", None)
    assert seen("forwarded", FORWARDED="for=_hidden;proto=https") == (PROXY, "https", None)
    assert seen("forwarded", FORWARDED='for="') == (PROXY, None, None)


def test_headers_that_the_proxies_do_not_set_are_the_clients_own_and_ignored() -> None:
    assert seen("x-forwarded", FORWARDED=f"for={CLIENT}") == (PROXY, None, None)
    assert seen("forwarded", X_FORWARDED_FOR=CLIENT) == (PROXY, None, None)


@pytest.mark.parametrize("text", ["", "unknown", "fe80::1%eth0", "1.2.3", "::g", None, 7, "[::1", "_secret"])
def test_what_is_no_address_is_none(text: object) -> None:
    assert parsed(text) is None


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    """Come by a proxy at 10.0.0.1; who makes a request is named by their address."""
    farm = make_farm(
        tmp_path,
        proxies=TRUSTED,
        authenticate=lambda request: Principal("default", LOCAL.role, request.remote_addr or ""),
    )
    client = farm.client
    client.environ_base["REMOTE_ADDR"] = PROXY
    return client


def test_the_application_sees_the_client_the_scheme_and_the_host(client: FlaskClient) -> None:
    headers = {"X-Forwarded-For": CLIENT, "X-Forwarded-Proto": "https", "X-Forwarded-Host": "localhost:8443"}

    answer = client.get("/api/v2/me", headers=headers)
    written = client.post(
        "/api/v2/jobs", json={"kind": "ping", "params": {}}, headers=headers | {"Origin": "https://localhost:8443"}
    )

    assert answer.get_json()["name"] == CLIENT
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert written.status_code == 202


def test_what_came_without_tls_is_not_told_to_come_with_it(client: FlaskClient) -> None:
    answer = client.get("/api/v2/me", headers={"X-Forwarded-For": CLIENT, "X-Forwarded-Proto": "http"})

    assert "Strict-Transport-Security" not in answer.headers


def test_a_host_that_is_not_ours_is_misdirected_also_by_a_proxy(client: FlaskClient) -> None:
    answer = client.get("/api/v2/me", headers={"X-Forwarded-For": CLIENT, "X-Forwarded-Host": "evil.example"})

    assert answer.status_code == 421
