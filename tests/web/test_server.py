"""The web server as it runs: gunicorn, gevent and Redis, spoken to over sockets."""

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from redis import Redis

from jobs.model import Progress
from stores.artifacts import JobFiles
from stores.jobs_redis import RedisJobs
from stores.redis_client import connect
from tests.servers import RedisServer, eventually, free_port
from tests.web.conftest import campaign
from tests.web.server import PATIENCE_S, WebServer, answer_of

PING = {"kind": "ping", "params": {}}
POLLS = 200


@pytest.fixture(scope="module")
def server(redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    """One server of one process for this module; uploads of at most 1 MiB."""
    redis_server.flush()
    with WebServer(tmp_path_factory.mktemp("web"), redis_server.url, upload_limit_bytes=2**20) as server:
        yield server


@pytest.fixture
def client(server: WebServer) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


@pytest.fixture
def redis(redis_server: RedisServer) -> Iterator[Redis]:
    with connect(redis_server.url, patience_s=5) as redis:
        yield redis


@pytest.fixture
def jobs(redis: Redis) -> RedisJobs:
    """Open the job records, to do what a worker would."""
    return RedisJobs(redis, lease_s=15, retention_s=3600, tombstone_s=7200)


def submitted(client: httpx.Client) -> str:
    answer = client.post("/api/v2/jobs", json=PING)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def head(path: str, *lines: str) -> bytes:
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: localhost", *lines, "", ""]).encode()


def test_a_job_goes_through_redis_and_its_message_into_the_queue(client: httpx.Client, jobs: RedisJobs) -> None:
    before = client.get("/api/v2/pools").json()["pools"][0]["queue_depth"]

    job_id = submitted(client)

    assert jobs.get(job_id).kind == "ping"
    assert client.get("/api/v2/pools").json()["pools"][0]["queue_depth"] == before + 1
    assert job_id in [job.id for job in jobs.waiting("ping", limit=1000)]


def test_the_graph_finds_no_job_behind_an_id_that_is_none(client: httpx.Client, jobs: RedisJobs) -> None:
    job_id = submitted(client)
    jobs.cancel(job_id)
    query = f'{{ known: job(id: "{job_id}") {{ kind }} events: job(id: "{job_id}:events") {{ kind }} }}'

    answer = client.post("/graphql", json={"query": query})

    assert (answer.status_code, answer.json()) == (200, {"data": {"known": {"kind": "ping"}, "events": None}})


def test_an_upload_of_announced_length_that_is_cut_leaves_nothing(server: WebServer) -> None:
    before = server.stored()
    with server.connect() as connection:
        connection.sendall(head("/api/v2/artifacts", "Content-Length: 500000") + b"x" * 300_000)
        connection.shutdown(socket.SHUT_WR)

        answer = answer_of(connection)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"incomplete-body" in answer
    assert server.stored() == before


def test_an_upload_in_chunks_that_is_cut_leaves_nothing(server: WebServer) -> None:
    before = server.stored()
    with server.connect() as connection:
        connection.sendall(head("/api/v2/artifacts", "Transfer-Encoding: chunked") + b"10000\r\n" + b"x" * 65536)
        connection.shutdown(socket.SHUT_WR)

        answer = answer_of(connection)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert server.stored() == before


@pytest.mark.parametrize("rest", [b"zz\r\nabc", b"3\r\nabcd\r\n0\r\n\r\n", b"3\r\nabc\r\n0\r\nno header\r\n\r\n"])
def test_chunks_that_are_none_are_a_400_and_leave_nothing(server: WebServer, rest: bytes) -> None:
    before = server.stored()
    with server.connect() as connection:
        connection.sendall(head("/api/v2/artifacts", "Transfer-Encoding: chunked") + rest)
        connection.shutdown(socket.SHUT_WR)

        answer = answer_of(connection)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert server.stored() == before


def test_a_client_that_vanishes_in_the_middle_leaves_nothing(server: WebServer) -> None:
    before = server.stored()
    with server.connect() as connection:
        connection.sendall(head("/api/v2/artifacts", "Content-Length: 500000") + b"x" * 300_000)
        eventually(lambda: server.stored() != before, what="the upload is on its way")

    eventually(lambda: server.stored() == before, what="nothing is left")


def test_an_upload_in_chunks_arrives_whole(client: httpx.Client) -> None:
    content = bytes(range(256)) * 2000

    answer = client.post("/api/v2/artifacts", content=(content[at : at + 1000] for at in range(0, len(content), 1000)))

    assert answer.status_code == 201
    assert answer.json()["artifact_id"] == f"sha256:{sha256(content).hexdigest()}"
    assert client.get(answer.headers["Location"]).content == content


def test_an_upload_announced_too_large_is_refused_before_it_is_sent(server: WebServer) -> None:
    with server.connect() as connection:
        connection.sendall(head("/api/v2/artifacts", f"Content-Length: {2**20 + 1}", "Connection: close"))

        answer = connection.recv(65536)

    assert answer.startswith(b"HTTP/1.1 413 ")


def test_an_upload_in_chunks_that_grows_too_large_is_refused_and_leaves_nothing(
    server: WebServer, client: httpx.Client
) -> None:
    before = server.stored()

    answer = client.post("/api/v2/artifacts", content=(b"x" * 65536 for _ in range(20)))

    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")
    assert server.stored() == before


def test_a_json_body_that_is_cut_records_nothing(server: WebServer, jobs: RedisJobs) -> None:
    before = dict(jobs.counts())
    with server.connect() as connection:
        body = json.dumps(PING).encode()
        length = f"Content-Length: {len(body) + 10}"
        connection.sendall(head("/api/v2/jobs", "Content-Type: application/json", length) + body)
        connection.shutdown(socket.SHUT_WR)

        answer = answer_of(connection)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert dict(jobs.counts()) == before


def test_two_hundred_long_polls_wake_with_two_looks_each_over_few_connections(
    server: WebServer, client: httpx.Client, jobs: RedisJobs, redis: Redis
) -> None:
    job_ids = [submitted(client) for _ in range(4)]
    polls = [server.connect() for _ in range(POLLS)]
    for index, poll in enumerate(polls):
        poll.sendall(
            f"GET /api/v2/jobs/{job_ids[index % 4]}?wait=60 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        )
    eventually(lambda: server.waiters() == POLLS, what="all of them wait")
    looks_before = looks(redis)
    connections = redis.info("clients")["connected_clients"]

    for job_id in job_ids:
        jobs.finish(job_id, {"echo": ""})
    answers = [answer_of(poll) for poll in polls]

    for poll in polls:
        poll.close()
    assert all(b'"state":"succeeded"' in answer for answer in answers)
    # One look each after the change; finishing four jobs reads some records too.
    assert POLLS <= looks(redis) - looks_before <= POLLS + 40
    assert connections <= 60
    assert server.waiters() == 0


def looks(redis: Any) -> int:
    """Return how many records were read so far."""
    return int(redis.info("commandstats")["cmdstat_hgetall"]["calls"])


def test_long_polls_survive_a_restart_of_redis(
    server: WebServer, client: httpx.Client, jobs: RedisJobs, redis_server: RedisServer
) -> None:
    job_id = submitted(client)
    with ThreadPoolExecutor(1) as pool:
        poll = pool.submit(client.get, f"/api/v2/jobs/{job_id}?wait=60")
        eventually(lambda: server.waiters() == 1, what="it waits")

        redis_server.kill()
        redis_server.start()
        jobs.finish(job_id, {"echo": ""})
        answer = poll.result(PATIENCE_S)

    assert (answer.status_code, answer.json()["state"]) == (200, "succeeded")


def test_without_redis_the_server_says_so_and_comes_back(client: httpx.Client, redis_server: RedisServer) -> None:
    job_id = submitted(client)
    redis_server.kill()

    refused = client.post("/api/v2/jobs", json=PING)
    ready, live = client.get("/health/ready"), client.get("/health/live")
    redis_server.start()

    assert (refused.status_code, refused.json()["code"]) == (503, "store-unavailable")
    assert (ready.status_code, live.status_code) == (503, 200)
    eventually(lambda: client.get("/health/ready").status_code == 200, what="ready again")
    assert client.get(f"/api/v2/jobs/{job_id}").status_code == 200


def events(lines: Iterator[str]) -> Iterator[tuple[str, str]]:
    event_id = ""
    for line in lines:
        if line.startswith("id: "):
            event_id = line.removeprefix("id: ")
        if line.startswith("event: "):
            yield event_id, line.removeprefix("event: ")


def test_events_stream_as_they_happen_and_go_on_where_the_client_left(client: httpx.Client, jobs: RedisJobs) -> None:
    job_id = submitted(client)
    path = f"/api/v2/jobs/{job_id}/events"
    with client.stream("GET", path) as stream:
        seen = events(stream.iter_lines())
        first = next(seen)
        jobs.start(job_id, worker="one@here:1", lease_s=60)
        # It could not be read before it happened: nothing on the way held it back.
        second = next(seen)

    jobs.progress(job_id, Progress(1, 2, "half"))
    jobs.publish(job_id, {"max_abs_t": 5.5})
    jobs.finish(job_id, {})
    with client.stream("GET", path, headers={"Last-Event-ID": second[0]}) as stream:
        rest = list(events(stream.iter_lines()))

    assert [first[1], second[1]] == ["state", "state"]
    assert [name for _, name in rest] == ["progress", "partial", "progress", "state", "done"]
    assert client.get(path, headers={"Last-Event-ID": rest[-1][0]}).status_code == 204


def test_stored_traces_are_sent_whole_and_in_part(server: WebServer, client: httpx.Client, jobs: RedisJobs) -> None:
    firmware = client.post("/api/v2/artifacts", content=b"\x7fELF").json()["artifact_id"]
    campaign_id = client.post("/api/v2/campaigns", json=campaign(firmware, keep_traces=True)).json()["id"]
    content = bytes(range(256)) * 4096
    JobFiles(server.data, "campaigns").write(campaign_id, "traces.npy", [content])
    jobs.finish(campaign_id, {"verdict": "clean"})
    path = f"/api/v2/campaigns/{campaign_id}/traces"

    whole, part = client.get(path), client.get(path, headers={"Range": "bytes=1000000-1000255"})

    assert whole.content == content
    assert (part.status_code, part.content) == (206, content[1000000:1000256])


def test_no_header_of_a_client_moves_its_request_to_another_path(client: httpx.Client) -> None:
    answer = client.get("/health/live", headers={"SCRIPT_NAME": "/health", "X-Forwarded-Host": "evil.example"})

    assert answer.json() == {"status": "up"}


def test_a_rebound_name_is_misdirected(client: httpx.Client) -> None:
    assert client.get("/api/v2/jobs", headers={"Host": "evil.example"}).status_code == 421


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "dasein.example"])
def test_the_server_refuses_to_start_where_others_could_reach_it(
    redis_server: RedisServer, tmp_path: Path, host: str
) -> None:
    server = WebServer(tmp_path, redis_server.url, host=host)

    status = server.spawn().wait(PATIENCE_S)

    assert status != 0
    assert f"Refusing to listen on {host}" in server.log.read_text()


def test_a_server_that_is_asked_to_stop_answers_who_waits(redis_server: RedisServer, tmp_path: Path) -> None:
    with (
        WebServer(tmp_path, redis_server.url) as server,
        server.client() as client,
        ThreadPoolExecutor(1) as pool,
    ):
        job_id = submitted(client)
        poll = pool.submit(client.get, f"/api/v2/jobs/{job_id}?wait=60", headers={"Connection": "close"})
        eventually(lambda: server.waiters() == 1, what="it waits")

        status = server.terminate()

        assert (poll.result(PATIENCE_S).status_code, status) == (200, 0)


def test_two_processes_add_up_their_numbers(redis_server: RedisServer, tmp_path: Path) -> None:
    with WebServer(tmp_path, redis_server.url, web_processes=2) as server:
        for _ in range(12):
            with server.client() as client:
                client.get("/api/v2/status")

        with server.client() as client:
            text = client.get("/metrics").text

    line = 'dasein_http_requests_total{method="GET",route="/api/v2/status",status="200"} 12.0'
    assert line in text.splitlines()


def test_what_is_known_is_read_by_many_at_once_before_anything_is_known(server: WebServer) -> None:
    with server.client() as client, ThreadPoolExecutor(20) as pool:
        read = list(pool.map(client.get, ["/api/v2/documents", "/api/v2/chat/no-such-session/history"] * 20))

    assert [answer.status_code for answer in read] == [200, 404] * 20, read[0].text
    assert read[0].json() == {"documents": [], "cursor": None, "data_version": 0}


def test_without_the_graph_only_what_needs_it_fails(redis_server: RedisServer, tmp_path: Path) -> None:
    nobody = f"redis://127.0.0.1:{free_port()}/0"
    with WebServer(tmp_path, redis_server.url, graph_url=nobody) as server, server.client() as client:
        failed = [client.get(f"/api/v2/{path}") for path in ("instructions", "entities", "graph/a", "instructions/a")]
        served = [client.get(f"/api/v2/{path}") for path in ("documents", "jobs", "status")]

    assert [(answer.status_code, answer.json()["code"]) for answer in failed] == [(503, "store-unavailable")] * 4
    assert all("127.0.0.1" not in answer.text for answer in failed)
    assert [answer.status_code for answer in served] == [200] * 3


def test_a_turn_is_streamed_as_it_is_said(server: WebServer, client: httpx.Client, jobs: RedisJobs) -> None:
    accept = {"Accept": "text/event-stream"}
    with client.stream("POST", "/api/v2/chat", json={"message": "Why?"}, headers=accept) as answer:
        told = (line.partition(": ")[2] for line in answer.iter_lines() if line.startswith("data: "))
        job_id = json.loads(next(told))["job"]
        jobs.start(job_id, worker="hands@here:1", lease_s=60)
        jobs.publish(job_id, {"token": "first"})
        first = json.loads(next(told))
        eventually(lambda: server.waiters() == 1)

    assert first == {"text": "first"}

    def let_go() -> bool:
        # Who went away is noticed by whoever writes to them.
        jobs.publish(job_id, {"token": "unheard"})
        return server.waiters() == 0

    eventually(let_go, what="the client that went away is let go")


def test_a_ping_comes_back_through_a_real_worker(redis_server: RedisServer, tmp_path: Path) -> None:
    redis_server.flush()
    request = {"kind": "ping", "params": {"echo": "hello"}}
    with WebServer(tmp_path, redis_server.url) as server, server.worker(), server.client(timeout_s=90) as client:
        answer = client.post("/api/v2/jobs", json=request, headers={"Prefer": "wait=60"})
        pool, *_ = client.get("/api/v2/pools").json()["pools"]

    assert answer.status_code == 200, answer.text
    assert (answer.json()["state"], answer.json()["result"]["echo"]) == ("succeeded", "hello")
    assert answer.headers["Preference-Applied"] == "wait=60"
    assert len(pool["workers"]) == 1
