"""What may be sent to `/api/v2/rems`: one file, many files, or a sequence, told apart by their shape."""

from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Discriminator, Field, RootModel, Tag

from jobs.forging import BatchRequest, ForgeRequest, Options, SearchRequest, SequenceRequest
from jobs.forms import Request
from jobs.queue import FORGE, FORGE_BATCH, FORGE_SEQUENCE, Kind

EXAMPLE = {
    "files": [
        {"artifact": f"sha256:{'5e' * 32}", "name": "diary.txt"},
        {"artifact": f"sha256:{'7f' * 32}", "name": "photo.jpg"},
    ],
    "level": "lite",
    "tags": ["lab"],
}
SEARCH_EXAMPLE = {"query": "oscilloscope screenshot with two bursts", "modality": "image", "limit": 5}
ONE, MANY, SEQUENCE = "FileSubmission", "BatchSubmission", "SequenceSubmission"


class Queueing(Request):
    """How a job is to be queued."""

    priority: int = Field(5, ge=0, le=9)
    deadline_s: float | None = Field(None, gt=0, le=86_400)


class FileSubmission(ForgeRequest, Queueing):
    """One file."""


class BatchSubmission(BatchRequest, Queueing):
    """Many files, each on its own."""

    sequence: Literal[False] = False


class SequenceSubmission(SequenceRequest, Queueing):
    """Files that belong together, in their order."""

    sequence: Literal[True]


class Forging(NamedTuple):
    """A kind of job, its parameters, and how to queue it."""

    kind: Kind
    params: Options
    how: Queueing


def _shape(body: Any) -> str:
    given = body if isinstance(body, dict) else {}
    if "files" not in given and "sequence" not in given:
        return ONE
    return SEQUENCE if given.get("sequence", False) is not False else MANY


class RemSubmission(
    RootModel[
        Annotated[
            Annotated[FileSubmission, Tag(ONE)]
            | Annotated[BatchSubmission, Tag(MANY)]
            | Annotated[SequenceSubmission, Tag(SEQUENCE)],
            Discriminator(_shape),
        ]
    ]
):
    """One file (`artifact`), many (`files`), or a sequence (`files` with `sequence`), and how to look at them."""

    @property
    def forging(self) -> Forging:
        """Return the job that was asked for."""
        asked = self.root
        said = asked.model_dump(exclude={"priority", "deadline_s", "sequence"})
        if isinstance(asked, FileSubmission):
            return Forging(FORGE, ForgeRequest.model_validate(said), asked)
        if isinstance(asked, BatchSubmission):
            return Forging(FORGE_BATCH, BatchRequest.model_validate(said), asked)
        return Forging(FORGE_SEQUENCE, SequenceRequest.model_validate(said), asked)


class SearchSubmission(SearchRequest):
    """The body of POST /api/v2/rems/search: what is looked for, and how to queue it."""

    priority: int = Field(7, ge=0, le=9, description="Somebody waits for an answer: above that of forging.")
