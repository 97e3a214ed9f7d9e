"""What a worker can do beyond what every worker of its pool can."""

from collections.abc import Mapping
from dataclasses import dataclass

RENODE = "renode"
MONJE = "monje_virtual"
"""The recorder in the kernel; its version is that of its ABI."""
FOLDER = "data_folder"
"""The farm's, which every worker has; only one that sees another folder speaks of it."""


@dataclass(frozen=True, slots=True)
class Ability:
    """A program that a worker has, in a version, or why it has none; one of the two is None."""

    version: str | None
    absent: str | None = None


Abilities = Mapping[str, Ability]
"""By name."""
