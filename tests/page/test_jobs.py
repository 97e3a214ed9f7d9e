"""Jobs, as somebody sees them: what workers do is done here, on the records."""

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Locator, expect

from jobs.model import Failure, Job, NewJob, Progress
from stores.jobs_redis import RedisJobs
from tests.page.conftest import Visit
from tests.page.visitor import NARROW, WIDE, Visitor
from tests.web.server import WebServer
from web.ids import new_job_id

HOSTILE = """<img src=x onerror="window.taken=1"><script>window.taken=1</script>'"--${{7*7}}"""
MANY, BATCH = 10_000, 1000
MOST_ROWS = 80
"""In the document at one time, however many jobs there are."""

Submit = Callable[..., Job]


@pytest.fixture
def submit(jobs: RedisJobs) -> Submit:
    """Record a job; `running` and `failed` take it further."""

    def record(
        kind: str = "ping", *, running: bool = False, failed: str | None = None, tags: tuple[str, ...] = ()
    ) -> Job:
        job_id = new_job_id(datetime.now(UTC), os.urandom)
        job, _ = jobs.submit(NewJob(job_id, kind, {"echo": "hello"}, tags=tags))
        if running or failed:
            jobs.start(job.id, worker="simulation1@here:7", lease_s=600)
        if failed:
            jobs.fail(job.id, Failure("invalid-input", failed, field="target.entry"))
        return jobs.get(job.id)

    return record


def row(visitor: Visitor, job: Job) -> Locator:
    """Return a job's row in the list."""
    return visitor.tab.get_by_role("row").filter(has_text=job.id[-8:])


def rows(visitor: Visitor) -> Locator:
    return visitor.tab.locator(".rows-body [role=row]")


def test_without_jobs_the_list_says_what_to_do_next(jobs: RedisJobs, visit: Visit) -> None:
    assert jobs.counts() == {}

    visitor = visit("/jobs")

    visitor.sees("Nothing has run here yet")
    assert visitor.serious() == []


def test_a_job_appears_moves_and_ends_without_anybody_loading_the_page_again(
    jobs: RedisJobs, submit: Submit, visit: Visit
) -> None:
    submit()
    visitor = visit("/jobs")
    visitor.sees("Ping")

    job = submit("campaign", running=True)
    expect(row(visitor, job)).to_contain_text("Running")
    jobs.progress(job.id, Progress(250, 1000, "tracing"))
    expect(row(visitor, job)).to_contain_text("250/1,000")
    expect(row(visitor, job).get_by_role("progressbar")).to_have_attribute("aria-valuenow", "25")
    jobs.finish(job.id, {"headline": "Leaks: 268 findings"})

    expect(row(visitor, job)).to_contain_text("Succeeded")
    expect(row(visitor, job)).to_contain_text("Leaks: 268 findings")


def test_filters_live_in_the_address(submit: Submit, visit: Visit) -> None:
    failed, queued = submit(failed="no symbol", tags=("nightly",)), submit(tags=("nightly",))
    other = submit("campaign", failed="no core")
    visitor = visit("/jobs")
    expect(rows(visitor)).to_have_count(3)

    visitor.tab.get_by_role("button", name="Failed").click()
    expect(row(visitor, queued)).to_have_count(0)
    visitor.tab.get_by_role("combobox", name="Kind").select_option("ping")
    expect(row(visitor, other)).to_have_count(0)
    row(visitor, failed).get_by_role("button", name="nightly", exact=True).click()
    visitor.tab.reload()

    expect(rows(visitor)).to_have_count(1)
    assert visitor.tab.url.endswith("/app/jobs?state=failed&kind=ping&tag=nightly")
    visitor.tab.get_by_role("button", name="Clear the filters").click()
    expect(rows(visitor)).to_have_count(3)


def test_a_job_that_no_longer_fits_the_filter_leaves_the_list(jobs: RedisJobs, submit: Submit, visit: Visit) -> None:
    stays, ends = submit(running=True), submit(running=True)
    visitor = visit("/jobs?state=running")
    expect(rows(visitor)).to_have_count(2)

    jobs.finish(ends.id, {})

    expect(row(visitor, ends)).to_have_count(0)
    expect(row(visitor, stays)).to_have_count(1)


def test_a_filter_that_nothing_fits_says_so(submit: Submit, visit: Visit) -> None:
    submit()

    visit("/jobs?tag=nobody").sees("No job fits these filters")


def test_a_queued_job_is_cancelled_at_once_and_a_running_one_after_a_question(
    jobs: RedisJobs, submit: Submit, visit: Visit
) -> None:
    queued, running = submit(), submit(running=True)
    visitor = visit("/jobs")

    row(visitor, queued).get_by_role("button", name="Cancel").click()
    expect(row(visitor, queued)).to_contain_text("Cancelled")
    row(visitor, running).get_by_role("button", name="Cancel").click()
    visitor.tab.get_by_role("dialog", name="Cancel a running job?").get_by_role("button", name="Cancel").click()

    expect(row(visitor, running)).to_contain_text("Stopping")
    assert jobs.get(running.id).cancel_requested


def test_the_question_before_a_cancellation_can_be_left_by_keyboard(
    jobs: RedisJobs, submit: Submit, visit: Visit
) -> None:
    running = submit(running=True)
    visitor = visit("/jobs")
    row(visitor, running).get_by_role("button", name="Cancel").click()
    dialog = visitor.tab.get_by_role("dialog")
    dialog.wait_for()
    assert visitor.serious() == []

    visitor.tab.keyboard.press("Escape")

    expect(dialog).to_have_count(0)
    assert not jobs.get(running.id).cancel_requested


def test_a_failed_job_is_run_again_as_a_new_one_that_names_it(submit: Submit, visit: Visit) -> None:
    failed = submit(failed="no symbol")
    visitor = visit("/jobs")

    row(visitor, failed).get_by_role("button", name="again").click()

    expect(rows(visitor)).to_have_count(2)
    rows(visitor).first.get_by_role("link").click()
    visitor.tab.get_by_role("link", name=failed.id[-8:]).click()
    expect(visitor.tab.get_by_role("main")).to_contain_text("no symbol")


def test_one_job_shows_its_timings_what_was_asked_what_came_of_it_and_what_happens(
    jobs: RedisJobs, submit: Submit, visit: Visit
) -> None:
    job = submit("campaign", running=True, tags=("nightly",))
    visitor = visit(f"/jobs/{job.id}")
    main = visitor.tab.get_by_role("main")
    expect(main.get_by_role("region", name="Parameters")).to_contain_text('"echo": "hello"')
    expect(main).to_contain_text("simulation1@here:7")
    expect(main).to_contain_text("nightly")

    jobs.progress(job.id, Progress(1, 2, "tracing"))
    expect(main.get_by_role("region", name="Events")).to_contain_text("1/2")
    jobs.finish(job.id, {"verdict": "leaks"})

    expect(main.get_by_role("region", name="Result")).to_contain_text('"verdict": "leaks"')
    expect(main.get_by_role("link", name="Open the report")).to_have_attribute("href", f"/app/campaigns/{job.id}")
    expect(main.get_by_role("region", name="Events").get_by_text("Succeeded")).to_have_count(1)
    assert visitor.serious() == []


def test_a_job_that_is_not_there_says_so(jobs: RedisJobs, visit: Visit) -> None:
    assert jobs.counts() == {}
    visitor = visit()
    visitor.answers_may_fail = True

    visitor.go("/jobs/nobody")

    visitor.sees("Not found")


def test_the_list_is_used_without_a_mouse(submit: Submit, visit: Visit) -> None:
    job = submit()
    visitor = visit("/jobs")
    row(visitor, job).get_by_role("link").focus()

    visitor.tab.keyboard.press("Enter")

    visitor.sees(job.id)
    visitor.tab.go_back()
    row(visitor, job).wait_for()


def test_hostile_strings_are_only_strings(jobs: RedisJobs, submit: Submit, visit: Visit) -> None:
    job = submit(tags=(HOSTILE[:64],), running=True)
    jobs.publish(job.id, {HOSTILE: HOSTILE})
    jobs.progress(job.id, Progress(1, 2, HOSTILE))
    jobs.fail(job.id, Failure(HOSTILE, HOSTILE, field=HOSTILE, reason=HOSTILE))
    ended = submit(running=True)
    jobs.finish(ended.id, {"headline": HOSTILE, HOSTILE: [HOSTILE]})
    visitor = visit("/jobs")

    expect(row(visitor, job)).to_contain_text(HOSTILE)
    expect(row(visitor, ended)).to_contain_text(HOSTILE)
    for one in (job, ended):
        visitor.go(f"/jobs/{one.id}")
        expect(visitor.tab.get_by_role("main")).to_contain_text("onerror=")
    visitor.go(f"/jobs?tag={HOSTILE[:20].replace('<', '%3C').replace(' ', '%20')}")
    visitor.sees("No job fits these filters")

    assert visitor.tab.evaluate("window.taken") is None
    assert visitor.tab.locator("main img").count() == 0


def test_a_lost_connection_is_told_and_comes_back_by_itself(server: WebServer, submit: Submit, visit: Visit) -> None:
    first = submit()
    visitor = visit("/jobs")
    visitor.answers_may_fail = True
    row(visitor, first).wait_for()

    server.stop()
    visitor.tab.get_by_role("banner").get_by_text("No connection").wait_for()
    expect(row(visitor, first)).to_have_count(1)
    second = submit()
    server.start()

    expect(row(visitor, second)).to_have_count(1)
    expect(visitor.tab.get_by_role("banner").get_by_text("No connection")).to_have_count(0)


def test_the_events_of_a_job_are_resumed_after_a_lost_connection(
    server: WebServer, jobs: RedisJobs, submit: Submit, visit: Visit
) -> None:
    job = submit(running=True)
    jobs.publish(job.id, {"seen": "before"})
    visitor = visit(f"/jobs/{job.id}")
    visitor.answers_may_fail = True
    events = visitor.tab.get_by_role("region", name="Events")
    expect(events).to_contain_text("before")

    server.stop()
    jobs.publish(job.id, {"seen": "meanwhile"})
    server.start()

    expect(events).to_contain_text("meanwhile")
    expect(events.get_by_text("before")).to_have_count(1)


def test_of_ten_thousand_jobs_only_those_in_sight_are_in_the_document(
    jobs: RedisJobs, submit: Submit, visit: Visit
) -> None:
    oldest = submit(tags=("the-oldest",))
    moment = datetime.now(UTC)
    for size in (*(BATCH,) * (MANY // BATCH - 1), BATCH - 1):
        new = [NewJob(new_job_id(moment, os.urandom), "ping", {}) for _ in range(size)]
        jobs.submit_batch(new_job_id(moment, os.urandom), new)
    visitor = visit("/jobs")
    scroller = visitor.tab.get_by_role("region", name="Jobs, newest first")
    expect(rows(visitor).first).to_be_visible()
    scroller.focus()
    most = 0
    end = row(visitor, oldest)

    while not end.count():
        visitor.tab.keyboard.press("End")
        visitor.tab.wait_for_function("document.querySelector('.rows-body').getBoundingClientRect().bottom > 0")
        most = max(most, rows(visitor).count())

    expect(end).to_contain_text("the-oldest")
    assert most <= MOST_ROWS
    expect(visitor.tab.locator(".jobs-count")).to_have_text("10,000 in all")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [NARROW, WIDE], ids=["narrow", "wide"])
def test_the_list_and_a_job_are_for_everybody(
    jobs: RedisJobs, submit: Submit, visit: Visit, theme: str, viewport: dict[str, int]
) -> None:
    running = submit(running=True, tags=("nightly", "aes"))
    jobs.progress(running.id, Progress(1, 3))
    failed = submit(failed="the firmware has no symbol encrypt")
    jobs.cancel(submit().id)
    visitor = visit("/jobs", theme=theme, viewport=viewport)
    expect(rows(visitor)).to_have_count(3)
    listed = visitor.serious()

    visitor.go(f"/jobs/{failed.id}")

    expect(visitor.tab.get_by_role("main")).to_contain_text("invalid-input")
    assert listed + visitor.serious() == []
    assert not visitor.overflows()


def test_the_page_speaks_spanish(submit: Submit, visit: Visit) -> None:
    submit(running=True)
    visitor = visit("/jobs", locale="es")

    visitor.sees("En curso")

    assert visitor.tab.locator("html").get_attribute("lang") == "es"
    assert not re.search(r"\b(Running|Queued|Jobs|Settings)\b", visitor.tab.inner_text("body"))
