"""No log of a farm tells a secret, whoever brought it and wherever it was put."""

import json
from base64 import b64encode
from pathlib import Path

import httpx
import jwt

from tests.collector import Collector
from tests.servers import RedisServer, eventually, free_port
from tests.web.realtime.sockets import connected
from tests.web.server import WebServer

SIGNING = "a-signing-secret-of-forty-bytes-or-so-01"
WELL_MEANT = "pasted-by-mistake-7Qx9"


def farm_secrets() -> dict[str, str]:
    """Return settings with a secret in each that takes one; what they lead to is not there."""
    port = free_port()
    return {
        "documents_url": f"mongodb://reader:documents-pw-1@127.0.0.1:{port}/d?serverSelectionTimeoutMS=200",
        "graph_url": f"redis://:graph-pw-2@127.0.0.1:{port}/0",
        "graph_password": "graph-pw-3",
        "cache_url": f"redis://:cache-pw-4@127.0.0.1:{port}/0",
        "vectors_token": "vectors-token-5",
        "embeddings_key": "embeddings-key-6",
        "model_key": "model-key-7",
        "secret": "a-server-secret-of-forty-bytes-or-so-008",
        "jwt_secret": SIGNING,
        "flower_password": "flower-pw-9",
        "otlp_headers": "authorization=Bearer otlp-token-10",
    }


PASSWORDS = (
    *("documents-pw-1", "graph-pw-2", "graph-pw-3", "cache-pw-4", "vectors-token-5", "embeddings-key-6", "model-key-7"),
    *("a-server-secret-of-forty-bytes-or-so-008", SIGNING, "flower-pw-9", "otlp-token-10", WELL_MEANT),
)


def test_keys_tokens_and_passwords_are_in_no_log_of_a_farm(redis_server: RedisServer, tmp_path: Path) -> None:
    redis_server.flush()
    known: set[str] = set(PASSWORDS)
    with Collector(status=401) as collector:
        settings = farm_secrets() | {
            "otlp_url": collector.url,
            "log_level": "DEBUG",
            "callback_networks": "127.0.0.1",
            "jwt_issuer": "here",
            "jwt_audience": "dasein",
            "limits__failures": "0",
        }
        with WebServer(tmp_path, redis_server.url, **settings) as server, server.worker():
            first = server.command("web.first_key").stdout.strip()
            known |= {first, secret_of(first)}
            known |= call_with_all_kinds_of_secrets(server, first)
            eventually(lambda: "delivery_tried" in server.log.read_text(), what="a callback was tried")
            eventually(lambda: "spans_lost" in server.log.read_text(), what="the collector refused")
    redis_server.flush()

    logs = {
        path: path.read_text(errors="replace")
        for path in (*tmp_path.rglob("*.log"), *redis_server.folder.glob("*.log"))
    }
    told = {(secret, path.name) for path, text in logs.items() for secret in known if secret in text}
    assert told == set()
    lines = [json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{")]
    paths = {line["path"] for line in lines if line["event"] == "request_answered"}
    assert {
        f"/api/v2/keys/{first.removesuffix(secret_of(first))}***",
        "/api/v2/documents",
        "/api/v2/webhooks/secret",
    } <= paths
    assert {"job_succeeded", "token_refused", "store_unavailable", "request_malformed"} <= {
        line["event"] for line in lines
    }


def secret_of(key: str) -> str:
    """Return what is secret of a key."""
    return key.split("_", 2)[2]


def call_with_all_kinds_of_secrets(server: WebServer, key: str) -> set[str]:
    """Use, misuse and misplace secrets; return those that came up on the way."""
    claims = {"iss": "here", "aud": "dasein", "exp": 4_000_000_000, "sub": "me", "tenant": "default", "role": "admin"}
    token, wrong = jwt.encode(claims, SIGNING), jwt.encode(claims, SIGNING[::-1])
    stray = f"dsn_zzzzzzzz_{'Q' * 43}"
    with server.client() as client:
        as_admin = {"X-API-Key": key}
        made = client.post("/api/v2/keys", json={"name": "n", "role": "submitter"}, headers=as_admin).json()["key"]
        hook = client.get("/api/v2/webhooks/secret", headers=as_admin).json()["secret"]
        hooks = {hook, client.post("/api/v2/webhooks/secret", headers=as_admin).json()["secret"]}
        ping = {"kind": "ping", "params": {"echo": WELL_MEANT}}
        called = f"http://127.0.0.1:{free_port()}/{WELL_MEANT}?token={WELL_MEANT}"
        job = client.post(
            "/api/v2/jobs", json=ping | {"callback_url": called}, headers={"Authorization": f"Bearer {made}"}
        )
        assert job.status_code == 202, job.text
        by_token = {"Authorization": f"Bearer {token}"}
        place = f"/api/v2/jobs/{job.json()['id']}"
        eventually(lambda: client.get(place, headers=by_token).json()["state"] == "succeeded", what="the job is done")
        refused = [
            client.get("/api/v2/jobs", headers={"X-API-Key": stray}),
            client.get("/api/v2/jobs", headers={"Authorization": f"Bearer {wrong}"}),
            client.get(
                "/api/v2/jobs", headers={"Authorization": f"Basic {b64encode(f'u:{WELL_MEANT}'.encode()).decode()}"}
            ),
            client.get(f"/api/v2/jobs?api_key={key}&token={token}"),
            client.delete(f"/api/v2/keys/{key}", headers=as_admin),
            client.delete(f"/api/v2/keys/{stray}", headers={"Referer": f"http://u:{WELL_MEANT}@h/"}),
            client.post("/api/v2/jobs", content=f'{{"kind": "{made}"', headers=as_admin),
            client.post("/graphql", json={"query": f'{{ job(id: "{key}") {{ id }} }}'}, headers=as_admin),
            client.get("/api/v2/documents", headers=as_admin),
            client.get("/api/v2/instructions", headers=as_admin),
            client.post("/api/v2/jobs", json=ping, headers=as_admin | {"Idempotency-Key": "x" * 500}),
        ]
    assert {answer.status_code for answer in refused} >= {401, 404, 415, 503}
    for given in (made, stray):
        with connected(server.url.replace("http:", "ws:") + "/api/v2/events") as socket:
            socket.say(type="auth", key=given)
            socket.hear()
    with server.connect() as raw:
        raw.sendall(f"GET /{key} HTTP/1.1\r\nX-API-Key {key}\r\n\r\n".encode())
        assert b"400" in raw.recv(1000)
    assert httpx.get(server.url + "/api/v2/jobs", auth=("u", made)).status_code == 401
    secrets = {made, stray, token, wrong, *hooks}
    return secrets | {secret_of(each) for each in (made, stray)} | {wrong.rpartition(".")[2], token.rpartition(".")[2]}
