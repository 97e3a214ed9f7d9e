"""Objectives by this farm's own counters, where there is no Prometheus to ask: what they tell, and no more."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal

from jobs.errors import StoreUnavailable
from jobs.model import State
from stores.ports import Jobs
from web.slo.measured import NOTHING_YET, Measured, Sample, Standing, counted
from web.slo.objectives import Objective, Objectives

SOURCE: Literal["farm"] = "farm"
ENDED = "dasein_jobs_ended_total"
HERE = frozenset({"dasein_http_requests_total", "dasein_http_request_seconds"})
"""What the web server counts itself, of what objectives are made of."""
UNKNOWN = "Workers count this, and only a Prometheus reads them: set DASEIN_PROMETHEUS_URL."
NO_STORE = "The store of jobs does not answer."


class Counters:
    """The counters of the web server since its start, and the records of jobs for as long as they are kept."""

    def __init__(
        self,
        samples: Callable[[], Sequence[Sample]],
        jobs: Jobs,
        *,
        since: datetime,
        kept: timedelta,
        clock: Callable[[], datetime],
    ) -> None:
        """Read `samples`, which count from `since` on, and `jobs`, which are `kept` for so long after their end."""
        self._samples = samples
        self._jobs = jobs
        self._since = since
        self._kept = kept
        self._clock = clock

    def stand(self, objectives: Objectives) -> Standing:
        """Return what is known; the rest says why it is not."""
        samples = self._samples()
        return Standing(SOURCE, {each.name: self._measured(each, samples) for each in objectives.objectives})

    def _measured(self, objective: Objective, samples: Sequence[Sample]) -> Measured:
        now = self._clock()
        since = self._since
        if objective.metric == ENDED:
            # What is older may still be there, and may not.
            since = now - self._kept
            try:
                samples = list(self._ended())
            except StoreUnavailable:
                return Measured(reason=NO_STORE)
        elif objective.metric not in HERE:
            return Measured(reason=UNKNOWN)
        bad, total = counted(objective, samples)
        window_s = max(0.0, (now - since).total_seconds())
        return Measured(bad, total, since, window_s, reason=None if total else NOTHING_YET)

    def _ended(self) -> Iterator[Sample]:
        """Yield the records of ended jobs as the counter would have them."""
        for (kind, state), number in self._jobs.counts().items():
            if state.final:
                yield Sample(ENDED, {"kind": kind, "outcome": State(state).value}, number)
