"""How a job comes along, on standard error: a moving bar on a terminal, a line now and then elsewhere."""

import time
from collections import deque
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from dasein.answers import Progress, State
from dasein.shown import plain

WINDOW_S = 10.0
BURST_S = 0.05
"""What comes closer together is one piece of news: events of the past arrive all at once."""
LEAST_S = 0.5
"""Over a shorter time nothing is said about the rate."""
LINE_EVERY_S = 5.0


class Rate:
    """Units per second over the last ten seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Measure time with `clock`, in seconds."""
        self._clock = clock
        self._seen: deque[tuple[float, int]] = deque()

    def note(self, done: int) -> None:
        """Note that `done` units are done by now."""
        now = self._clock()
        if self._seen and done < self._seen[-1][1]:
            self._seen.clear()  # a part of the job was lost and runs again
        if self._seen and now - self._seen[-1][0] < BURST_S:
            now = self._seen.pop()[0]
        self._seen.append((now, done))
        while len(self._seen) > 2 and now - self._seen[1][0] > WINDOW_S:
            self._seen.popleft()

    @property
    def per_s(self) -> float | None:
        """Return the rate, None while nothing can be said."""
        if len(self._seen) < 2:
            return None
        (began, first), (ended, last) = self._seen[0], self._seen[-1]
        return (last - first) / (ended - began) if ended - began >= LEAST_S else None


class Watch(Protocol):
    """Where a job's way is shown; used in a `with`."""

    def __enter__(self) -> Self:
        """Begin to show."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the terminal as it was."""

    def state(self, state: State) -> None:
        """Show where the job stands."""

    def progress(self, progress: Progress) -> None:
        """Show how far it is."""

    def partial(self, found: Mapping[str, Any]) -> None:
        """Show what is known so far."""


def watch(console: Console, name: str) -> Watch:
    """Return the watch that suits the console."""
    if console.is_terminal and not console.is_dumb_terminal:
        return BarWatch(console, name)
    return LineWatch(console, name)


class BarWatch:
    """A bar that moves."""

    def __init__(self, console: Console, name: str) -> None:
        """Show the job called `name`."""
        self._rate = Rate()
        self._bar = Bar(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None),
            TextColumn("{task.fields[told]}", markup=False),
            TimeElapsedColumn(),
            console=console,
            expand=True,
            transient=True,
        )
        self._task: TaskID = self._bar.add_task(plain(name), total=None, told="")
        self._words = ["queued", ""]

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def state(self, state: State) -> None:
        """Show the state while there is no progress."""
        self._words[0] = state.value
        self._tell()

    def progress(self, progress: Progress) -> None:
        """Move the bar."""
        self._rate.note(progress.done)
        self._words[0] = told(progress, self._rate.per_s)
        self._bar.update(self._task, completed=progress.done, total=progress.total or None)
        self._tell()

    def partial(self, found: Mapping[str, Any]) -> None:
        """Show the verdict so far."""
        self._words[1] = so_far(found)
        self._tell()

    def _tell(self) -> None:
        self._bar.update(self._task, told="  ".join(filter(None, self._words)))


class LineWatch:
    """Lines for logs: at every change of state, and every few seconds while the job moves."""

    def __init__(self, console: Console, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Show the job called `name`."""
        self._console = console
        self._name = plain(name)
        self._clock = clock
        self._rate = Rate(clock)
        self._found = ""
        self._state: State | None = None
        self._said_at: float | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave nothing behind: lines are lines."""

    def state(self, state: State) -> None:
        """Say a new state."""
        if state is not self._state:
            self._state = state
            self._say(state.value)

    def progress(self, progress: Progress) -> None:
        """Say how far it is, if the last line is old enough or this is the end."""
        self._rate.note(progress.done)
        now = self._clock()
        ended = progress.total > 0 and progress.done >= progress.total
        if not ended and self._said_at is not None and now - self._said_at < LINE_EVERY_S:
            return
        self._said_at = now
        self._say("  ".join(filter(None, [told(progress, self._rate.per_s), self._found])))

    def partial(self, found: Mapping[str, Any]) -> None:
        """Keep the verdict so far for the next line."""
        self._found = so_far(found)

    def _say(self, text: str) -> None:
        self._console.print(f"{self._name}: {text}", markup=False, highlight=False, soft_wrap=True)


def told(progress: Progress, per_s: float | None) -> str:
    """Write progress and rate."""
    what = f" {plain(progress.message)}" if progress.message else ""
    rate = "" if per_s is None or round(per_s) == 0 else f", {per_s:,.0f}/s"
    if not progress.total:
        return f"{progress.done:,}{what}{rate}" if progress.done else "running"
    return f"{progress.done:,}/{progress.total:,}{what}{rate}"


def so_far(found: Mapping[str, Any]) -> str:
    """Write a campaign's partial verdict; nothing for events that say nothing of the kind."""
    words = []
    if "max_abs_t" in found:
        largest = found["max_abs_t"]
        words.append("max |t| infinite" if largest is None else f"max |t| {float(largest):.1f}")
    words += [f"{found[name]:,} {name}" for name in ("diverged", "faulted") if found.get(name)]
    return ", ".join(words)
