"""Where the files of a model are: a folder, or the copy of a hub's repository that the hub's own client keeps.

The client honours HF_ENDPOINT (a mirror), HF_HOME and HF_TOKEN. Only what is needed is fetched: no pickles, no code.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from workers.remforge.models.model import ModelUnavailable
from workers.remforge.models.model_folder import first_line

REPOSITORY = re.compile(r"(?P<id>[A-Za-z0-9][\w.-]*(?:/[A-Za-z0-9][\w.-]*)?)(?:@(?P<revision>[\w./-]+))?")
WANTED = ["*.safetensors", "*.json", "*.txt", "*.model", "README.md", "LICENSE*"]
UNWANTED = ["*/*"]
"""Folders within the repository hold other forms of the same weights."""


@dataclass(frozen=True, slots=True)
class Located:
    """A model's files."""

    path: Path
    name: str
    revision: str | None = None


def locate(source: str, *, offline: bool) -> Located:
    """Return where a source's files are, fetched if need be; raise ModelUnavailable.

    A source that begins with `/`, `./`, `../` or `~` is a folder; any other one is a hub id with an optional `@<revision>`.
    """
    if source.startswith(("/", "./", "../", "~")):
        path = Path(source).expanduser().resolve()
        return Located(path, path.name)
    match = REPOSITORY.fullmatch(source)
    if not match:
        message = f"{source!r} is neither a folder nor the id of a model on a hub."
        raise ModelUnavailable(message)
    path = _fetched(match["id"], match["revision"], offline=offline)
    return Located(path, match["id"], path.name)


def _fetched(repository: str, revision: str | None, *, offline: bool) -> Path:
    # Imported here because level lite works without it, and folders do too.
    import huggingface_hub  # noqa: PLC0415
    from huggingface_hub.errors import LocalEntryNotFoundError, OfflineModeIsEnabled  # noqa: PLC0415

    try:
        path = huggingface_hub.snapshot_download(
            repository,
            revision=revision,
            local_files_only=offline,
            allow_patterns=WANTED,
            ignore_patterns=UNWANTED,
        )
    except (LocalEntryNotFoundError, OfflineModeIsEnabled) as error:
        why = (
            "and nothing is fetched (offline)"
            if offline
            else f"and cannot be fetched: {first_line(error.__cause__ or error)}"
        )
        message = f"{repository} is not on this machine, {why}."
        raise ModelUnavailable(message) from error
    except (OSError, ValueError, RuntimeError) as error:
        message = f"{repository} cannot be fetched: {first_line(error)}"
        raise ModelUnavailable(message) from error
    return Path(path)
