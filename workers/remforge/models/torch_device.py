"""Torch, set up once in the process of the models; what does not fit into a device's memory ends in OutOfMemory."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import torch

from workers.remforge.models.model import ModelUnavailable, OutOfMemory

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a model's numbers are, and in which form."""

    device: torch.device
    dtype: torch.dtype

    @property
    def on_gpu(self) -> bool:
        """Return whether it is a GPU."""
        return self.device.type == "cuda"

    @property
    def dtype_name(self) -> str:
        """Return the form's name, as records have it."""
        return str(self.dtype).removeprefix("torch.")


def places(device: str, *, threads: int) -> list[Place]:
    """Return where a model may go, best first; raise ModelUnavailable for a device that is not there.

    On the CPU float32: bfloat16 takes half the time, but moves numbers by 0.0015 of a vector's length. On a GPU float16,
    which is 8 times as exact as bfloat16; bfloat16 for a model whose numbers float16 cannot hold.
    """
    torch.set_num_threads(threads)
    if device == "cpu":
        return [Place(torch.device("cpu"), torch.float32)]
    try:
        found = torch.device(device)
    except RuntimeError as error:
        message = f"{device!r} is no device."
        raise ModelUnavailable(message) from error
    if found.type != "cuda" or not torch.cuda.is_available() or (found.index or 0) >= torch.cuda.device_count():
        message = f"There is no device {device} that this torch can use."
        raise ModelUnavailable(message)
    return [Place(found, torch.float16), Place(found, torch.bfloat16)]


def within_memory(work: Callable[[], Result]) -> Result:
    """Return what `work` returns; raise OutOfMemory, the device's memory being free again by then."""
    try:
        return work()
    except torch.OutOfMemoryError as error:
        reason = str(error).partition("\n")[0]
    # Only here, where the exception and the frames that it holds are gone, can what they held be given back.
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    raise OutOfMemory(reason)
