"""What each machine says of its models: `<root>/run/models-<machine>.json`, one NodeModels, replaced whole.

The file lies beside the notes of the embedded servers, which have other fields and are not read here.
"""

import os
import re
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from jobs.errors import StoreUnavailable
from jobs.forging import NodeModels
from stores.ports import MODELS_STALE_S

UNSAFE = re.compile(r"[^A-Za-z0-9._-]")


class ModelFiles:
    """The states of models in a folder that the machines share."""

    def __init__(self, root: Path) -> None:
        """Keep them below `root`, the data folder."""
        self._folder = root / "run"

    def write(self, state: NodeModels) -> None:
        """Replace what a machine has said; raise StoreUnavailable."""
        name = f"models-{UNSAFE.sub('_', state.node)[:100]}.json"
        part = self._folder / f".{name}.{os.getpid()}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            part.write_text(state.model_dump_json())
            part.replace(self._folder / name)
        except OSError as error:
            raise StoreUnavailable(f"The state of the models cannot be written: {error.strerror}.") from error
        finally:
            with suppress(OSError):
                part.unlink()

    def read(self, now: float) -> list[NodeModels]:
        """Return what the machines have said, by their names; what is older than MODELS_STALE_S at `now` is left out."""
        found: list[NodeModels] = []
        for path in self._folder.glob("models-*.json"):
            # It may be gone by now; and another version of the farm may have written what is not understood here.
            with suppress(OSError, ValidationError):
                found.append(NodeModels.model_validate_json(path.read_bytes()))
        return sorted((state for state in found if now - state.at <= MODELS_STALE_S), key=lambda state: state.node)
