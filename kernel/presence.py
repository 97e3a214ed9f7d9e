"""Whether the recorder is there, and whether this process may use it."""

from pathlib import Path

from jobs.abilities import Ability
from jobs.errors import InvalidInput
from kernel.abi import VERSION
from kernel.reader import Reader


def presence(device: Path) -> Ability:
    """Return the version of the ABI that `device` speaks, or why it cannot be recorded with."""
    try:
        Reader(device, control=True).close()
    except FileNotFoundError:
        return Ability(None, f"there is no {device}")
    except PermissionError:
        return Ability(None, f"{device} may not be opened for writing: is this user in the device's group?")
    except InvalidInput as error:
        return Ability(None, error.message)
    except (OSError, ValueError) as error:
        # What is no device of ours cannot be mapped, or is too short for it.
        return Ability(None, f"{device} is no recorder: {error}")
    return Ability(str(VERSION))
