"""Tokens: who is let in by one, and that nothing else is; keys from a real server that rotates them and goes away."""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from jobs.errors import StoreUnavailable
from jobs.identity import Role
from tests.web.identity import Closed
from web.jwks import Jwks, from_file, from_url, read
from web.refusals import Unauthenticated
from web.tokens import Claims, Named, Tokens

SECRET = b"a secret of at least 32 bytes length"
ISSUER, AUDIENCE = "https://login.example", "dasein"
ROLES = {role.value: role for role in Role}
RSA = rsa.generate_private_key(65537, 2048)
NEXT_RSA = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP256R1())
REFETCH_S, REFRESH_S = 30, 600


class Issuer:
    """A server of keys, on loopback."""

    def __init__(self) -> None:
        self.keys: list[dict[str, Any]] = []
        self.asked = 0
        self.hang: Event | None = None
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked += 1
                if issuer.hang is not None:
                    issuer.hang.wait(20)
                body = json.dumps({"keys": issuer.keys}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with suppress(BrokenPipeError, ConnectionResetError):
                    self.wfile.write(body)

            def log_message(self, *_args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/jwks.json"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Ticks:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def standing() -> Iterator[Issuer]:
    issuer = Issuer()
    try:
        yield issuer
    finally:
        issuer.stop()


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with standing() as issuer:
        issuer.keys = [public(RSA, "one")]
        yield issuer


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


def public(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, name: str | None, **changes: object) -> dict[str, Any]:
    if isinstance(key, rsa.RSAPrivateKey):
        made = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    else:
        made = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return made | ({} if name is None else {"kid": name}) | changes


def claims(**changes: object) -> dict[str, object]:
    now = int(time.time())
    given = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ana", "exp": now + 600, "tenant": "acme", "role": "submitter"}
    return {name: value for name, value in (given | changes).items() if value is not None}


def signed(key: Any = SECRET, algorithm: str = "HS256", *, kid: str | None = None, **changes: Any) -> str:
    return jwt.encode(claims(**changes), key, algorithm, headers=None if kid is None else {"kid": kid})


def tokens(
    jwks: Jwks | None = None,
    *,
    algorithms: tuple[str, ...] | None = None,
    secret: bytes | None = SECRET,
    where: Claims | None = None,
) -> Tokens:
    chosen = algorithms or (("HS256",) if jwks is None else ("HS256", "RS256", "ES256"))
    where = where or Claims(tenant="tenant", role="role", name="sub", roles=ROLES)
    return Tokens(chosen, ISSUER, AUDIENCE, leeway_s=30, claims=where, secret=secret, jwks=jwks)


def published(issuer: Issuer, ticks: Ticks, *, timeout_s: float = 5) -> Jwks:
    load = from_url(issuer.url, timeout_s=timeout_s)
    return Jwks(load, refetch_s=REFETCH_S, refresh_s=REFRESH_S, clock=ticks)


def refusal(reader: Tokens, token: str) -> tuple[str, str | None]:
    with pytest.raises(Unauthenticated) as refused:
        reader.read(token)
    return refused.value.message, refused.value.reason


def test_a_token_names_a_tenant_a_role_and_somebody() -> None:
    assert tokens().read(signed()) == Named("acme", Role.SUBMITTER, "ana")


def test_tokens_of_all_algorithms_are_read_with_the_key_that_they_name(issuer: Issuer, ticks: Ticks) -> None:
    issuer.keys = [public(NEXT_RSA, "other"), public(RSA, "one"), public(EC, "two")]
    reader = tokens(published(issuer, ticks))

    for token in (signed(RSA, "RS256", kid="one"), signed(EC, "ES256", kid="two"), signed(EC, "ES256"), signed()):
        assert reader.read(token).name == "ana"
    assert issuer.asked == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"exp": int(time.time()) - 60}, "expired"),
        ({"exp": None}, "invalid"),
        ({"exp": "soon"}, "invalid"),
        # Far enough ahead that it still is when a long run of tests comes to it.
        ({"nbf": int(time.time()) + 86_400}, "invalid"),
        ({"iat": int(time.time()) + 86_400}, "invalid"),
        ({"iss": "https://evil.example"}, "invalid"),
        ({"iss": None}, "invalid"),
        ({"aud": "another service"}, "invalid"),
        ({"aud": None}, "invalid"),
        ({"tenant": None}, "invalid"),
        ({"tenant": "../x"}, "invalid"),
        ({"tenant": ["acme"]}, "invalid"),
        ({"role": None}, "invalid"),
        ({"role": "root"}, "invalid"),
        ({"role": 4}, "invalid"),
        ({"role": [["admin"]]}, "invalid"),
        ({"sub": None}, "invalid"),
    ],
)
def test_a_token_whose_claims_are_not_ours_is_refused_without_saying_which(
    changes: dict[str, Any], reason: str
) -> None:
    message, told = refusal(tokens(), signed(**changes))

    assert told == reason
    assert message == ("The token has expired." if reason == "expired" else "The token is not valid here.")


def test_clocks_may_differ_by_the_leeway() -> None:
    now = int(time.time())

    assert tokens().read(signed(exp=now - 10, nbf=now + 10, iat=now + 10)).name == "ana"


def test_a_token_without_a_signature_or_with_the_wrong_one_is_refused(issuer: Issuer, ticks: Ticks) -> None:
    reader = tokens(published(issuer, ticks))
    whole = signed(RSA, "RS256", kid="one")
    head, body, signature = whole.split(".")
    wrong = {
        "none": jwt.encode(claims(), "", "none"),
        "an empty signature": f"{head}.{body}.",
        "another body": f"{head}.{signed(RSA, 'RS256', kid='one', role='admin').split('.')[1]}.{signature}",
        "another key": signed(NEXT_RSA, "RS256", kid="one"),
        "another secret": signed(b"x" * 32),
        "no token": "abc",
        "no JSON": "a.b.c",
        "another algorithm": jwt.encode(claims(), SECRET * 2, "HS512", headers={"kid": "one"}),
    }

    assert {name: refusal(reader, token) for name, token in wrong.items()} == dict.fromkeys(
        wrong, ("The token is not valid here.", "invalid")
    )


def test_a_public_key_is_never_taken_for_a_shared_secret(issuer: Issuer, ticks: Ticks) -> None:
    pem = RSA.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)

    def packed(value: object) -> bytes:
        return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")

    signing = packed({"alg": "HS256", "typ": "JWT", "kid": "one"}) + b"." + packed(claims(role="admin"))
    forged = signing + b"." + urlsafe_b64encode(hmac.digest(pem, signing, sha256)).rstrip(b"=")

    for secret, algorithms in ((None, ("RS256",)), (SECRET, ("HS256", "RS256"))):
        reader = tokens(published(issuer, ticks), algorithms=algorithms, secret=secret)
        assert refusal(reader, forged.decode())[1] == "invalid"


def test_a_key_serves_its_own_algorithm_alone(issuer: Issuer, ticks: Ticks) -> None:
    issuer.keys = [public(RSA, "one"), public(EC, "two")]
    reader = tokens(published(issuer, ticks), algorithms=("ES256",))

    assert refusal(reader, signed(RSA, "RS256", kid="one"))[1] == "invalid"
    assert refusal(reader, signed(EC, "ES256", kid="one"))[1] == "invalid"
    assert reader.read(signed(EC, "ES256", kid="two")).name == "ana"


def test_a_key_that_was_published_since_is_fetched_but_not_more_often_than_allowed(
    issuer: Issuer, ticks: Ticks
) -> None:
    reader = tokens(published(issuer, ticks))
    reader.read(signed(RSA, "RS256", kid="one"))
    issuer.keys.append(public(NEXT_RSA, "next"))

    too_soon = refusal(reader, signed(NEXT_RSA, "RS256", kid="next"))
    asked = issuer.asked
    ticks.now += REFETCH_S
    found = reader.read(signed(NEXT_RSA, "RS256", kid="next"))
    for number in range(5):
        refusal(reader, signed(NEXT_RSA, "RS256", kid=f"made-up-{number}"))

    assert too_soon[1] == "invalid"
    assert asked == 1
    assert found.name == "ana"
    assert issuer.asked == 2


def test_a_key_that_is_published_no_more_is_refused_after_the_next_refresh(issuer: Issuer, ticks: Ticks) -> None:
    reader = tokens(published(issuer, ticks))
    token = signed(RSA, "RS256", kid="one")
    reader.read(token)
    issuer.keys = [public(NEXT_RSA, "next")]

    ticks.now += REFRESH_S

    assert refusal(reader, token)[1] == "invalid"


def test_an_issuer_that_goes_away_leaves_the_known_keys_good(ticks: Ticks) -> None:
    with standing() as issuer:
        issuer.keys = [public(RSA, "one")]
        reader = tokens(published(issuer, ticks, timeout_s=5))
        reader.read(signed(RSA, "RS256", kid="one"))

    ticks.now += REFRESH_S

    assert reader.read(signed(RSA, "RS256", kid="one")).name == "ana"
    assert refusal(reader, signed(NEXT_RSA, "RS256", kid="next"))[1] == "invalid"


def test_an_issuer_that_never_answered_is_a_fault_of_the_farm_and_not_of_the_token(ticks: Ticks) -> None:
    documents: Iterator[bytes | httpx.ReadTimeout] = iter(
        [httpx.ReadTimeout("too slow"), json.dumps({"keys": [public(RSA, "one")]}).encode()]
    )

    def load() -> bytes:
        document = next(documents)
        if isinstance(document, httpx.ReadTimeout):
            raise document
        return document

    reader = tokens(Jwks(load, refetch_s=REFETCH_S, refresh_s=REFRESH_S, clock=ticks))

    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            reader.read(signed(RSA, "RS256", kid="one"))
    ticks.now += REFETCH_S

    assert reader.read(signed(RSA, "RS256", kid="one")).name == "ana"


def test_an_issuer_that_does_not_answer_is_not_waited_for(issuer: Issuer) -> None:
    issuer.hang = Event()

    with pytest.raises(httpx.TimeoutException):
        from_url(issuer.url, timeout_s=0.1)()

    issuer.hang.set()


def test_keys_in_a_file_are_read_again_when_an_unknown_one_is_named(tmp_path: Path, ticks: Ticks) -> None:
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [public(RSA, "one")]}))
    reader = tokens(Jwks(from_file(path), refetch_s=REFETCH_S, refresh_s=REFRESH_S, clock=ticks))
    reader.read(signed(RSA, "RS256", kid="one"))

    path.write_text(json.dumps({"keys": [public(NEXT_RSA, "next")]}))
    ticks.now += REFETCH_S

    assert reader.read(signed(NEXT_RSA, "RS256", kid="next")).name == "ana"


def test_only_public_keys_for_signatures_that_are_strong_are_taken_of_a_set() -> None:
    weak = rsa.generate_private_key(65537, 1024)  # noqa: S505  # so that it is refused
    private = json.loads(RSAAlgorithm.to_jwk(RSA))
    given = [
        public(RSA, "good"),
        public(RSA, "for encryption", use="enc"),
        public(RSA, "another algorithm", alg="PS256"),
        public(ec.generate_private_key(ec.SECP384R1()), "another curve"),
        public(weak, "weak"),
        private | {"kid": "private"},
        {"kty": "oct", "k": "c2VjcmV0", "kid": "shared"},
        {"kty": "RSA", "n": "nonsense", "kid": "broken"},
        {"kty": "RSA", "kid": 5},
        "nonsense",
    ]

    assert [key.id for key in read(json.dumps({"keys": given}).encode())] == ["good"]


@pytest.mark.parametrize("document", [b"", b"[]", b'{"keys": {}}', b"\xff", b"{}"])
def test_what_is_no_set_of_keys_is_refused(document: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # whatever it says, it is logged alone
        read(document)


def test_claims_may_lie_deeper_and_bear_the_issuers_names() -> None:
    where = Claims(
        tenant="https://example/tenant",
        role="realm.roles",
        name="email",
        roles={"staff": Role.SUBMITTER, "boss": Role.ADMIN},
        default_tenant="acme",
    )
    reader = tokens(where=where)
    given: dict[str, Any] = {
        "email": "a@b.c",
        "realm": {"roles": ["other", "staff", "boss"]},
        "role": None,
        "tenant": None,
    }

    assert reader.read(signed(**given)) == Named("acme", Role.ADMIN, "a@b.c")
    assert reader.read(signed(**given, **{"https://example/tenant": "umbra"})).tenant == "umbra"
    assert refusal(reader, signed(**given | {"realm": {"roles": ["admin"]}}))[1] == "invalid"


def test_a_token_opens_the_api_for_a_tenant_that_is_there(tmp_path: Path) -> None:
    closed = Closed(tmp_path, tokens=tokens())
    client = closed.client()

    def asked(token: str) -> Any:
        return client.get("/api/v2/me", headers={"Authorization": f"Bearer {token}"})

    known, unknown, wrong = asked(signed()), asked(signed(tenant="nobody")), asked(signed(role="root"))

    assert known.get_json()["authentication"] == "jwt"
    assert (known.get_json()["tenant"], known.get_json()["name"], known.get_json()["key"]) == ("acme", "ana", None)
    assert {answer.status_code for answer in (unknown, wrong)} == {401}
    assert unknown.get_json()["detail"] == wrong.get_json()["detail"]
    assert unknown.get_json()["reason"] == wrong.get_json()["reason"] == "invalid"
    assert "Bearer" in unknown.headers["WWW-Authenticate"]
