"""A campaign is followed through the processes of a farm: by its spans, and by the lines of their logs."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jobs import tracing
from jobs.model import NewJob, State
from jobs.queue import PING
from renode.firmware.build import build_all
from tests.collector import Collector, Seen
from tests.deploy.shipping import ALLOY, alloy_fields, filebeat_fields
from tests.farm.conftest import ROOT, Farm, worker_of
from tests.servers import RedisServer, eventually
from tests.web.server import WebServer
from workers.lifecycle import send

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as collector:
        yield collector


def campaign(server: WebServer) -> dict[str, Any]:
    """Upload the unprotected AES and return a small campaign of it."""
    elf = next(path for path in build_all(ROOT / "build" / "firmware") if path.stem == "aes128_m4")
    with server.client() as client:
        artifact = client.post("/api/v2/artifacts", content=elf.read_bytes()).json()
    body = json.loads((ROOT / "renode" / "firmware" / "campaigns" / "aes128_m4.json").read_text(encoding="utf-8"))
    return {**body, "firmware": artifact["artifact_id"], "traces": 2000, "shards": 2, "cpa": None}


def test_one_campaign_is_one_trace_from_the_request_to_the_stores_of_every_part(
    redis_server: RedisServer, tmp_path: Path, collector: Collector
) -> None:
    redis_server.flush()
    settings = {"otlp_url": collector.url, "ingest_campaigns": "false", "otlp_headers": "x-scope=of-a-test"}
    with (
        WebServer(tmp_path, redis_server.url, **settings) as server,
        server.worker(),
        server.client(timeout_s=60) as client,
    ):
        body = campaign(server)

        answer = client.post("/api/v2/campaigns", json=body, headers={"traceparent": PARENT})
        job = client.get(f"/api/v2/jobs/{answer.json()['id']}?wait=60").json()
        while job["state"] in {"queued", "running"}:
            job = client.get(f"/api/v2/jobs/{job['id']}?wait=60").json()

        assert job["state"] == "succeeded", job
        eventually(lambda: collector.named("run simulation.merge"), what="the spans of the last part")
        missing = client.get("/api/v2/jobs/nobody", headers={"traceparent": PARENT}).json()
    # Whoever ends hands over what was recorded.
    spans = {span.span_id: span for span in collector.spans(TRACE)}
    check_tree(spans)
    assert missing["trace_id"] == TRACE
    assert any(span.name == "GET /api/v2/jobs/<job:job_id>" for span in spans.values())
    assert {span.said["dasein.tenant"] for span in spans.values() if span.kind == "consumer"} == {"default"}
    assert collector.headers["x-scope"] == "of-a-test"
    check_lines(server.log, spans, job["id"])


def check_tree(spans: dict[str, Seen]) -> None:
    def the(name: str) -> Seen:
        (found,) = [span for span in spans.values() if span.name == name]
        return found

    def below(span: Seen) -> set[str]:
        return {each.name for each in spans.values() if each.parent_id == span.span_id}

    request, sent, plan = the("POST /api/v2/campaigns"), the("send simulation"), the("run simulation.campaign")
    shards = [span for span in spans.values() if span.name == "run simulation.shard"]
    merge = the("run simulation.merge")
    assert (request.parent_id, request.kind, request.service) == ("00f067aa0ba902b7", "server", "dasein-web")
    assert request.said["http.response.status_code"] == 202
    assert (sent.parent_id, sent.kind, plan.parent_id, plan.kind) == (
        request.span_id,
        "producer",
        sent.span_id,
        "consumer",
    )
    assert "jobs submit" in below(sent)
    assert [shard.parent_id for shard in [*shards, merge]] == [plan.span_id] * 3
    assert {span.service for span in (plan, *shards, merge)} == {"dasein-simulation"}
    assert request.process != plan.process
    assert {"jobs start", "jobs get", "jobs await_children", "artifacts path"} <= below(plan)
    for part in (*shards, merge):
        assert {"jobs start", "jobs finish"} <= below(part)
    assert not any(span.failed for span in spans.values())
    # Nobody but who asked begins the trace, and nothing hangs in the air.
    assert {span.parent_id for span in spans.values()} - spans.keys() == {"00f067aa0ba902b7"}


def check_lines(log: Path, spans: dict[str, Seen], job_id: str) -> None:
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    ours = [line for line in lines if str(line.get("job_id", "")).startswith(job_id)]
    assert {line["event"] for line in ours} >= {"job_submitted", "job_started", "job_split", "job_succeeded"}
    assert {(line["trace_id"], line["tenant"]) for line in ours} == {(TRACE, "default")}
    # What ships logs reads nothing that is not there.
    shipped = filebeat_fields().union(*(alloy_fields(path.read_text(encoding="utf-8")) for path in ALLOY))
    assert shipped - {"exception"} <= {name for line in lines for name in line}
    answered = [line for line in lines if line["event"] == "request_answered"]
    assert all(len(line["trace_id"]) == 32 for line in answered)
    assert {line["status"] for line in answered if line["trace_id"] == TRACE} == {202, 404}
    assert len({span.process for span in spans.values()}) == 2


def test_a_job_whose_worker_died_goes_on_in_its_trace(
    farm: Farm, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASEIN_OTLP_URL", collector.url)
    farm.start("one")
    job, _ = farm.jobs.submit(NewJob("job", PING.name, {"duration_s": 3}, traceparent=PARENT))
    send(job, farm.jobs, farm.queue)
    farm.running()

    farm.kill("one")
    farm.start("two")

    assert worker_of(farm.until("job", State.SUCCEEDED, within_s=60)) == "two"
    # A job has succeeded a moment before its run is recorded.
    eventually(lambda: len(collector.named("run simulation.ping")) == 1, what="the run that ended is recorded")
    (run,) = collector.named("run simulation.ping")
    assert (run.trace_id, run.said["dasein.attempt"]) == (TRACE, 2)
    assert run.parent_id == tracing.read(PARENT).span_id  # type: ignore[union-attr]  # it is one
    lines = [json.loads(line) for line in farm.said("two").splitlines() if line.startswith("{")]
    lapsed = [line for line in lines if line.get("event") == "job_lapsed"]
    assert [(line["trace_id"], line["tenant"], line["job_id"]) for line in lapsed] == [(TRACE, "default", "job")]
