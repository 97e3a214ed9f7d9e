import io
from typing import Any

import pytest
from rich.console import Console

from dasein import BadAnswer, Event, Progress, State
from dasein.following import show
from dasein.progress import BarWatch, LineWatch, Rate, so_far, told, watch


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def console(**how: Any) -> Console:
    return Console(file=io.StringIO(), width=120, **how)


def text(of: Console) -> str:
    assert isinstance(of.file, io.StringIO)
    return of.file.getvalue()


def test_the_rate_covers_the_last_ten_seconds() -> None:
    clock = Clock()
    rate = Rate(clock)
    assert rate.per_s is None

    for second, done in ((0, 0), (10, 1000), (20, 5000), (25, 8000)):
        clock.now = second
        rate.note(done)

    assert rate.per_s == pytest.approx(7000 / 15)


def test_the_rate_begins_anew_where_work_was_lost() -> None:
    clock = Clock()
    rate = Rate(clock)
    for second, done in ((0, 0), (1, 1000), (2, 200)):
        clock.now = second
        rate.note(done)

    assert rate.per_s is None


def test_news_that_arrive_at_once_say_nothing_about_the_rate() -> None:
    clock = Clock()
    rate = Rate(clock)
    for second, done in ((0, 0), (0.001, 5000), (0.3, 5000)):
        clock.now = second
        rate.note(done)
    assert rate.per_s is None

    clock.now = 2
    rate.note(6000)

    assert rate.per_s == pytest.approx(500)


@pytest.mark.parametrize(
    ("progress", "per_s", "words"),
    [
        (Progress(0, 0, ""), None, "running"),
        (Progress(1500, 20000, "traces"), 512.4, "1,500/20,000 traces, 512/s"),
        (Progress(3, 0, "parts"), None, "3 parts"),
    ],
)
def test_progress_is_written_for_a_person(progress: Progress, per_s: float | None, words: str) -> None:
    assert told(progress, per_s) == words


def test_the_verdict_so_far_is_written_for_a_person() -> None:
    assert so_far({"traces": 10, "max_abs_t": 17.25, "diverged": 0}) == "max |t| 17.2"
    assert so_far({"max_abs_t": None, "faulted": 3}) == "max |t| infinite, 3 faulted"
    assert so_far({}) == ""


def test_lines_come_at_changes_of_state_and_every_few_seconds() -> None:
    clock = Clock()
    out = console()
    lines = LineWatch(out, "job", clock)

    lines.state(State.RUNNING)
    lines.state(State.RUNNING)
    for second in range(12):
        clock.now = second
        lines.progress(Progress(second, 100, "traces"))
        lines.partial({"max_abs_t": float(second)})
    lines.progress(Progress(100, 100, "traces"))

    assert text(out).splitlines() == [
        "job: running",
        "job: 0/100 traces",
        "job: 5/100 traces, 1/s  max |t| 4.0",
        "job: 10/100 traces, 1/s  max |t| 9.0",
        "job: 100/100 traces, 9/s  max |t| 11.0",
    ]


def test_a_bar_moves_on_a_terminal_and_leaves_nothing_behind() -> None:
    out = console(force_terminal=True)

    with watch(out, "campaign") as bar:
        assert isinstance(bar, BarWatch)
        bar.state(State.RUNNING)
        bar.progress(Progress(50, 100, "traces"))
        bar.partial({"max_abs_t": 8.5})

    assert "50/100 traces" in text(out)
    assert "max |t| 8.5" in text(out)


@pytest.mark.parametrize("how", [{}, {"force_terminal": True, "_environ": {"TERM": "dumb"}}])
def test_lines_are_written_where_nothing_can_move(how: dict[str, Any]) -> None:
    assert isinstance(watch(console(**how), "job"), LineWatch)


def test_an_event_of_another_shape_is_a_bad_answer() -> None:
    with pytest.raises(BadAnswer, match="7-0"):
        show(Event("7-0", "progress", {"done": "many"}), LineWatch(console(), "job"))


def test_events_of_other_names_say_nothing() -> None:
    out = console()

    show(Event("1-0", "weather", {}), LineWatch(out, "job"))

    assert text(out) == ""


def test_a_campaign_whose_parts_have_not_all_begun_is_measured_against_all_its_traces() -> None:
    out = console()

    show(Event("1-0", "progress", {"done": 500, "total": 500, "message": "traces"}), LineWatch(out, "j"), expected=2000)

    assert text(out) == "j: 500/2,000 traces\n"
