"""Spans on their way to a collector, and what becomes of them without one."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from structlog.testing import capture_logs

from deploy.procfile import ROOT
from jobs import tracing
from jobs.errors import NotFound, StoreUnavailable
from jobs.tracing import Kind, Place
from stores.memory import MemoryJobs
from stores.span_recorder import span_recorder
from stores.spans_otlp import OtlpRecorder
from stores.traced import traced
from stores.watched import watched
from tests.collector import Collector
from tests.servers import eventually, free_port

PARENT = Place("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", sampled=True)
HIGH = Place("4bf92f3577b34da6ffffffffffffffff", "00f067aa0ba902b7", sampled=True)


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with Collector() as collector:
        yield collector


@contextmanager
def recording(url: str, *, ratio: float = 1) -> Iterator[OtlpRecorder]:
    recorder = span_recorder(
        f"{url}/v1/traces", headers={"authorization": "Bearer of-a-test"}, ratio=ratio, service="tests", version="1.2.3"
    )
    assert isinstance(recorder, OtlpRecorder)
    tracing.record_with(recorder)
    try:
        yield recorder
    finally:
        tracing.record_with(None)
        recorder.close()


def test_spans_come_with_their_parents_times_and_what_was_said(collector: Collector) -> None:
    with (
        recording(collector.url),
        tracing.span("run", Kind.CONSUMER, {"dasein.job_id": "a"}, parent=PARENT) as outer,
    ):
        outer.note({"dasein.attempt": 2})
        with pytest.raises(StoreUnavailable), tracing.span("get", Kind.CLIENT, {}):
            raise StoreUnavailable("gone")

    run, get = (collector.named(name)[-1] for name in ("run", "get"))
    assert (run.trace_id, run.parent_id, run.kind, run.service) == (
        PARENT.trace_id,
        PARENT.span_id,
        "consumer",
        "tests",
    )
    assert run.said == {"dasein.job_id": "a", "dasein.attempt": 2}
    assert (get.parent_id, get.trace_id, get.failed, run.failed) == (run.span_id, run.trace_id, True, False)
    assert get.said["error.type"] == "store-unavailable"
    assert run.took_ns >= get.took_ns > 0
    assert collector.headers["authorization"] == "Bearer of-a-test"
    assert collector.headers["content-encoding"] == "gzip"


def test_of_a_part_of_all_traces_whole_ones_are_recorded_and_ids_go_on_in_the_others(collector: Collector) -> None:
    traces: dict[str, bool] = {}
    with recording(collector.url, ratio=0.3):
        for _ in range(400):
            with tracing.span("root", Kind.SERVER, {}) as root, tracing.span("inner", Kind.CLIENT, {}) as inner:
                assert inner.place.trace_id == root.place.trace_id
                assert inner.place.sampled is root.place.sampled
                traces[root.place.trace_id] = root.place.sampled

    recorded = {trace for trace, sampled in traces.items() if sampled}
    assert 60 < len(recorded) < 180
    for name in ("root", "inner"):
        assert {span.trace_id for span in collector.named(name)} & traces.keys() == recorded


@pytest.mark.parametrize(
    ("kind", "parent", "sampled"),
    [
        (Kind.SERVER, HIGH, False),
        (Kind.SERVER, PARENT, True),
        (Kind.SERVER, Place(PARENT.trace_id, PARENT.span_id, sampled=False), False),
        (Kind.CONSUMER, HIGH, True),
    ],
)
def test_who_calls_from_outside_does_not_choose_to_be_recorded(
    collector: Collector, kind: Kind, parent: Place, *, sampled: bool
) -> None:
    with recording(collector.url, ratio=0.99999), tracing.span("asked", kind, {}, parent=parent) as span:
        place = span.place

    assert (place.sampled, place.trace_id) == (sampled, parent.trace_id)


def test_calls_of_stores_are_spans_inside_of_a_trace_alone(collector: Collector) -> None:
    jobs = watched(MemoryJobs(), "jobs", traced)
    before = len(collector.spans())

    with recording(collector.url):
        jobs.counts()
        jobs.renew("a", worker="w", lease_s=1)
        with tracing.span("run", Kind.CONSUMER, {}) as run:
            jobs.counts()
            jobs.renew("a", worker="w", lease_s=1)
            with pytest.raises(NotFound):
                jobs.get("a")

    seen = {span.name: span for span in collector.spans()[before:]}
    assert set(seen) == {"run", "jobs counts", "jobs get"}
    assert {seen[name].parent_id for name in ("jobs counts", "jobs get")} == {run.place.span_id}
    assert seen["jobs get"].said == {"dasein.store": "jobs", "db.operation.name": "get", "error.type": "not-found"}
    assert not seen["jobs get"].failed


@pytest.mark.parametrize("status", [None, 500])
def test_a_collector_that_takes_nothing_costs_no_time_and_one_line(status: int | None) -> None:
    with Collector(status=status or 200) as there, capture_logs() as logged:
        url = f"http://127.0.0.1:{free_port()}" if status is None else there.url
        with recording(url):
            began = time.perf_counter()
            for _ in range(10_000):
                with tracing.span("busy", Kind.CLIENT, {}):
                    pass
            took_s = time.perf_counter() - began
            eventually(lambda: logged, what="what was lost is told")
            closing = time.perf_counter()
        closed_s = time.perf_counter() - closing

    # Far from what any answer would have taken; machines may be busy.
    assert took_s < 10
    assert closed_s < 4
    assert [line["event"] for line in logged] == ["spans_lost"]


def test_nothing_of_opentelemetry_is_loaded_where_no_spans_are_wanted() -> None:
    program = (
        "import sys; import web.wiring, workers.app; "
        # What redis-py loads for itself where it is installed is not ours.
        "sys.exit(bool({'opentelemetry.sdk.trace', 'opentelemetry.exporter', 'stores.spans_otlp'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False, timeout=60)

    assert done.returncode == 0


def test_without_a_url_nobody_records() -> None:
    assert span_recorder(None, headers={}, ratio=1, service="tests", version="1") is None
