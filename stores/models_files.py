"""How the model hosts of a farm are doing, in the folder that its processes share.

<root>/run/models-<node>.json   NodeModels, replaced every few seconds while the host runs
"""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from pydantic import ValidationError

from jobs.errors import StoreUnavailable
from jobs.forging import NodeModels

STALE_S = 15.0
"""A state that is older is of a host that is gone."""


class ModelFiles:
    """States of model hosts, in files."""

    def __init__(self, root: Path) -> None:
        """Keep them below `root`."""
        self._folder = root / "run"

    def write(self, state: NodeModels) -> None:
        """Replace a node's state; raise StoreUnavailable."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile("w", dir=self._folder, prefix=".models-", delete=False) as file:
                try:
                    file.write(state.model_dump_json())
                    file.flush()
                    os.chmod(file.name, 0o644)  # noqa: PTH101 - by name, as the file is open
                    Path(file.name).replace(self._path(state.node))
                finally:
                    Path(file.name).unlink(missing_ok=True)
        except OSError as error:
            raise StoreUnavailable(f"The data folder cannot be written: {error.strerror}.") from error

    def read(self, now: float) -> Sequence[NodeModels]:
        """Return the states of hosts that run, by node; `now` is in seconds since the epoch."""
        found = []
        for path in sorted(self._folder.glob("models-*.json")):
            # A host that ends removes its file; one of another version may write what is not understood.
            with suppress(FileNotFoundError, ValidationError):
                state = NodeModels.model_validate_json(path.read_bytes())
                if now - state.at <= STALE_S:
                    found.append(state)
        return found

    def remove(self, node: str) -> None:
        """Forget a node's state, if it is there."""
        self._path(node).unlink(missing_ok=True)

    def _path(self, node: str) -> Path:
        return self._folder / f"models-{node}.json"
