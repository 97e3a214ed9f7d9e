"""What clients of the WebSocket say, and which changes concern a subscription."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError, model_validator

from jobs.forms import Request
from jobs.model import Job
from jobs.queue import CAMPAIGN
from web.refusals import FieldError, InvalidFields

Topic = Literal["jobs", "campaigns", "vulnerabilities"]
Label = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]
JobName = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z._-]{1,100}$")]
Credential = Annotated[str, StringConstraints(min_length=1, max_length=8000, pattern=r"^[!-~]+$")]


class Auth(Request):
    """The first message, unless the upgrade request named its caller."""

    type: Literal["auth"]
    key: Credential | None = Field(None, repr=False)
    token: Credential | None = Field(None, repr=False)


class Subscribe(Request):
    """From now on, tell what happens; the answer is a snapshot of how things are."""

    type: Literal["subscribe"]
    id: Label
    topic: Topic
    job: JobName | None = None
    """This job alone, also where it is a part of another; of vulnerabilities: those of this campaign."""
    kind: Label | None = None
    tag: Label | None = None

    @model_validator(mode="after")
    def _findings_have_neither(self) -> "Subscribe":
        if self.topic == "vulnerabilities" and (self.kind or self.tag):
            msg = "vulnerabilities are chosen by job alone"
            raise ValueError(msg)
        return self


class Unsubscribe(Request):
    """Tell no more."""

    type: Literal["unsubscribe"]
    id: Label


class Ping(Request):
    """Ask for a `pong`: pages cannot send the protocol's own pings."""

    type: Literal["ping"]


Said = Auth | Subscribe | Unsubscribe | Ping
SAID: TypeAdapter[Said] = TypeAdapter(Annotated[Said, Field(discriminator="type")])


def understood(text: str) -> Said:
    """Return what a client says; raise InvalidFields."""
    try:
        return SAID.validate_json(text)
    except ValidationError as error:
        # What was given may be a key: it is not repeated.
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = ".".join(str(step) for step in first["loc"][1:]) or "type"
        raise InvalidFields([FieldError(field, first["msg"].removeprefix("Value error, ")[:200])]) from None


@dataclass(frozen=True, slots=True)
class Subscription:
    """What one client wants to be told."""

    tenant: str
    id: str
    topic: Topic
    job: str | None = None
    kind: str | None = None
    tag: str | None = None

    def concerns(self, job: Job) -> bool:
        """Say whether a change of a job is to be told; parts of jobs are told to those alone who name them."""
        if job.tenant != self.tenant or self.topic == "vulnerabilities":
            return False
        if self.job is None and job.parent is not None:
            return False
        return (
            self.job in {None, job.id}
            and (self.topic != "campaigns" or job.kind == CAMPAIGN.name)
            and self.kind in {None, job.kind}
            and (self.tag is None or self.tag in job.tags)
        )

    def concerns_batch(self, tenant: str, batch: str) -> bool:
        """Say whether what was found in a batch is to be told."""
        wanted = {None, batch.removeprefix(f"{CAMPAIGN.name}:")}
        return self.topic == "vulnerabilities" and tenant == self.tenant and self.job in wanted
