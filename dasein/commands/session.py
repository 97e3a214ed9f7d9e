"""What surrounds a command: the client, where its words go, and how an expected error ends it."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import RenderableType

from dasein.answers import Job, State
from dasein.client import Client
from dasein.commands.consoles import Consoles, how_to_go_on
from dasein.commands.farm_command import sign_in
from dasein.errors import DaseinError
from dasein.following import follow
from dasein.progress import watch
from dasein.record_view import forged
from dasein.shown import STATE_STYLES, VERDICT_STYLES, plain, styled

FAILED = 1
ERROR = 2
INTERRUPTED = 130
CAMPAIGNS = frozenset({"campaign", "simulation.import"})
PROFILE = "simulation.profile"
SEQUENCE = "remforge.sequence"
FORGING = frozenset({"remforge.forge", "remforge.batch", SEQUENCE})


class Session(Consoles):
    """One command's client, and what it says."""

    def __init__(self, client: Client, *, as_json: bool) -> None:
        """Speak to the farm of `client`."""
        super().__init__(as_json=as_json)
        self.client = client
        self.job_id: str | None = None
        """What goes on if this command is interrupted."""

    def follow(self, job: Job, *, timeout_s: float | None) -> Job:
        """Return the job once it has ended, showing its progress."""
        self.job_id = job.id
        ended = follow(self.client, job, watch(self.err, f"{job.kind} {job.id[:8]}"), timeout_s=timeout_s)
        self.job_id = None
        return ended

    def ended(self, job: Job) -> None:
        """Answer with a job that has ended; leave with 1 unless it ended well."""
        lines: list[RenderableType] = [job_line(job)]
        if job.result is not None and job.kind in CAMPAIGNS:
            verdict = str(job.result.get("verdict"))
            lines.append(styled(job.result.get("headline", verdict), VERDICT_STYLES.get(verdict, "")))
            lines.append(styled(f"Read it: dasein report {job.id}", "dim"))
        if job.result is not None and job.kind == PROFILE:
            lines.append(styled(job.result.get("headline", "")))
            lines.append(styled(f"Read it: dasein report {job.id} -o profile.html", "dim"))
        if job.result is not None and job.kind in FORGING and not self.as_json:
            lines += forged(self.client.remforge.result(job))
            if job.kind == SEQUENCE:
                lines.append(styled(f"Read it: dasein report {job.id} -o report.html", "dim"))
        self.answer(job.raw, *lines)
        if job.state is not State.SUCCEEDED:
            raise typer.Exit(FAILED)


@contextmanager
def session(url: str | None, *, as_json: bool) -> Iterator[Session]:
    """Yield a session. Expected errors end the command with 2, Ctrl-C ends it with 130."""
    said = sign_in()
    try:
        client = Client(url, api_key_file=said.api_key_file, ca_file=said.ca_file)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    except DaseinError as error:
        Consoles(as_json=as_json).refused(error)
        raise typer.Exit(ERROR) from error
    with client:
        here = Session(client, as_json=as_json)
        try:
            yield here
        except DaseinError as error:
            here.refused(error)
            raise typer.Exit(ERROR) from error
        except BrokenPipeError:
            raise
        except OSError as error:
            here.refused(error)
            raise typer.Exit(ERROR) from error
        except KeyboardInterrupt as error:
            going_on = f"Interrupted. {how_to_go_on(here.job_id)}" if here.job_id else "Interrupted."
            here.note(going_on)
            raise typer.Exit(INTERRUPTED) from error


def job_line(job: Job) -> RenderableType:
    """Say in one line where a job stands."""
    told = styled(f"Job {job.id} ")
    told.append_text(styled(job.state.value, STATE_STYLES[job.state.value]))
    if job.error is not None:
        where = f"{job.error.field}: " if job.error.field else ""
        told.append(plain(f": {where}{job.error.message} [{job.error.reason or job.error.code}]"))
    elif job.cancel_requested and not job.state.final:
        told.append(" (will stop within seconds)")
    return told
