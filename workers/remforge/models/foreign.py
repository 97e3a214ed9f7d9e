"""Where code of models is called: whatever it raises becomes a value here, and ends nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from workers.remforge.models.model import OutOfMemory

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Raised:
    """What a call raised instead of returning."""

    error: Exception


def attempt(call: Callable[[], T]) -> T | Raised:
    """Return what a call returns, or what it raised.

    Of OutOfMemory only the message is kept: its traceback holds on to the frames, and with them to the memory of the
    batch that did not fit.
    """
    try:
        return call()
    except OutOfMemory as error:
        message = str(error)
    except Exception as error:  # noqa: BLE001 - models are code of others, and every caller tells the two ends apart
        return Raised(error)
    return Raised(OutOfMemory(message))
