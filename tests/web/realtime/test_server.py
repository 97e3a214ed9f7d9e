"""WebSockets as they are served: gunicorn, gevent and Redis."""

import json
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from redis import Redis

from dasein.webhooks import verify
from jobs.model import NewJob, Progress
from stores.jobs_redis import RedisJobs
from stores.redis_client import connect
from tests.servers import RedisServer, eventually
from tests.web.realtime.receivers import receiving
from tests.web.realtime.sockets import Socket, connected
from tests.web.server import WebServer

MANY = 100


@pytest.fixture(scope="module")
def server(redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    redis_server.flush()
    with WebServer(tmp_path_factory.mktemp("web"), redis_server.url, callback_networks="127.0.0.1") as server:
        yield server


@pytest.fixture
def jobs(redis_server: RedisServer) -> Iterator[RedisJobs]:
    with connect(redis_server.url, patience_s=5) as redis:
        yield RedisJobs(redis, lease_s=15, retention_s=3600, tombstone_s=7200)


def address(server: WebServer) -> str:
    return server.url.replace("http:", "ws:") + "/api/v2/events"


def lived(jobs: RedisJobs, job_id: str) -> None:
    jobs.submit(NewJob(job_id, "ping", {}))
    jobs.start(job_id, worker="one@here:1", lease_s=60)
    jobs.progress(job_id, Progress(1, 2, "half"))
    jobs.publish(job_id, {"max_abs_t": 5.5})
    jobs.finish(job_id, {"echo": "x"})


def enter(socket: Socket) -> None:
    socket.say(type="auth")
    assert socket.hear() == {"type": "ready", "tenant": "default"}
    assert socket.subscribe("a")["type"] == "snapshot"


def test_many_clients_hear_of_a_jobs_life_over_one_reading(
    server: WebServer, jobs: RedisJobs, redis_server: RedisServer
) -> None:
    with ExitStack() as held, Redis.from_url(redis_server.url, decode_responses=True) as redis:
        clients = [held.enter_context(connected(address(server))) for _ in range(MANY)]
        for client in clients:
            enter(client)
        assert server.waiters() == MANY
        before = redis.info("commandstats")

        lived(jobs, "heard-by-many")
        heard = [client.hear_until(name="done") for client in clients]

        after = redis.info("commandstats")

    assert {tuple(event["name"] for event in events) for events in heard} == {
        ("state", "state", "progress", "partial", "progress", "state", "done")
    }
    read = after["cmdstat_hgetall"]["calls"] - before["cmdstat_hgetall"]["calls"]
    # Whoever writes reads the job, too; a hundred clients do not.
    assert read <= 12
    eventually(lambda: server.waiters() == 0, what="all have left")


def test_listening_survives_a_restart_of_redis(server: WebServer, jobs: RedisJobs, redis_server: RedisServer) -> None:
    with connected(address(server)) as client:
        enter(client)

        redis_server.kill()
        redis_server.start()
        lived(jobs, "after-the-restart")

        # Whatever was missed while nobody could look is in the snapshot, whatever came later is told.
        heard = [client.hear()]
        while "after-the-restart" not in json.dumps(heard[-1]) or "succeeded" not in json.dumps(heard[-1]):
            heard.append(client.hear())
    assert heard[0]["type"] in {"lagged", "event"}


def test_the_end_of_a_job_is_told_to_its_receiver(server: WebServer, jobs: RedisJobs) -> None:
    with receiving(500, 204) as receiver, server.client() as client:
        ping = {"kind": "ping", "params": {}, "callback_url": f"http://127.0.0.1:{receiver.port}/hook"}
        job_id = client.post("/api/v2/jobs", json=ping).json()["id"]
        jobs.start(job_id, worker="one@here:1", lease_s=60)
        jobs.finish(job_id, {"echo": "x"})
        receiver.wait_for(1)
        secret = client.get("/api/v2/webhooks/secret").json()["secret"]
        told = verify(receiver.heard[0].body, receiver.heard[0].headers["X-Dasein-Signature"], secret)
        eventually(lambda: client.get("/api/v2/webhooks").json()["webhooks"][0]["problem"], what="it is noted")

    assert (told["id"], told["state"]) == (job_id, "succeeded")


def test_a_stop_of_the_server_says_good_bye(
    redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with (
        WebServer(tmp_path_factory.mktemp("stopped"), redis_server.url) as server,
        connected(address(server)) as client,
    ):
        enter(client)

        status = server.terminate()

        assert (client.closed(), status) == (1001, 0)
        assert "graceful timeout" not in server.log.read_text()
