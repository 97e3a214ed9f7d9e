"""Follow a job to its end while it is shown."""

from dasein.answers import Event, Job, Progress, State
from dasein.client import Client
from dasein.errors import BadAnswer
from dasein.progress import Watch


def follow(client: Client, job: Job, watch: Watch, *, timeout_s: float | None = None) -> Job:
    """Return the job once it has ended; raise WaitTimeout after `timeout_s`."""
    expected = _traces(job)
    with watch:
        for event in client.events(job.id, timeout_s=timeout_s):
            show(event, watch, expected=expected)
        # The stream ends with the job; this reads how.
        return client.wait(job.id, timeout_s=timeout_s)


def show(event: Event, watch: Watch, *, expected: int = 0) -> None:
    """Tell a watch what an event says; raise BadAnswer for an event that cannot be read.

    A job whose parts have not all begun knows no total but theirs; `expected` is what it will be at least.
    """
    said = event.data
    try:
        if event.name in {"state", "done"}:
            watch.state(State(said["state"]))
        elif event.name == "progress":
            watch.progress(Progress(int(said["done"]), max(int(said["total"]), expected), str(said["message"])))
        elif event.name == "partial":
            watch.partial(said)
    except (KeyError, TypeError, ValueError) as error:
        raise BadAnswer(f"The event {event.id} ({event.name}) is not one that this client knows: {error!r}") from error


def _traces(job: Job) -> int:
    """Return how many traces a campaign runs, 0 for other jobs."""
    params = job.raw.get("params")
    traces = params.get("traces") if job.kind == "campaign" and isinstance(params, dict) else None
    return traces if isinstance(traces, int) else 0
