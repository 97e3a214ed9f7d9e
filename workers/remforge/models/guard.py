"""Where a model may go: onto a GPU that has room for it, or else onto the processor, and why."""

from dataclasses import dataclass
from typing import Protocol

import structlog

from workers.remforge.models.nvml import Gpu, NoGpu, Nvml, NvmlFailed

MIB = 1 << 20
ROOM_BYTES = 768 * MIB
"""Beside a model's weights: a CUDA context (300 to 500 MiB) and what a small batch takes. A choice, not a measurement."""
CPU = "cpu"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Placement:
    """A device, and why it is not the one that was wished."""

    device: str
    reason: str | None = None


class Guard(Protocol):
    """Decides where models go."""

    def place(self, needed_bytes: int) -> Placement:
        """Return the device for a model of so many bytes; never raises."""


class GpuGuard:
    """Asks the driver before every load. `wish` is `auto`, `cpu` or `cuda:<n>`.

    With `auto` a machine without a GPU is as it should be; one whose GPUs are full, or cannot be asked about, is not.
    """

    def __init__(self, wish: str, nvml: Nvml) -> None:
        """Place models as wished, where `nvml` says that there is room."""
        self._wish = wish
        self._nvml = nvml

    def place(self, needed_bytes: int) -> Placement:
        """Return the device for a model of so many bytes; never raises."""
        placement = self._placed(needed_bytes + ROOM_BYTES)
        log.info("model_placed", device=placement.device, reason=placement.reason, needed_bytes=needed_bytes)
        return placement

    def _placed(self, wanted: int) -> Placement:
        if self._wish == CPU:
            return Placement(CPU)
        try:
            gpus = [gpu for gpu in self._nvml.gpus() if self._wish in {"auto", f"cuda:{gpu.index}"}]
        except NoGpu as error:
            return Placement(CPU, None if self._wish == "auto" else f"on the CPU: {error}")
        except NvmlFailed as error:
            return Placement(CPU, f"on the CPU: the GPUs cannot be asked about ({error})")
        if not gpus:
            return Placement(CPU, f"on the CPU: there is no {self._wish}")
        best = max(gpus, key=lambda gpu: (gpu.free_bytes, -gpu.index))
        if best.free_bytes < wanted:
            return Placement(CPU, f"on the CPU: {_free(best)}, and {wanted // MIB} MiB are needed")
        return Placement(f"cuda:{best.index}")


def _free(gpu: Gpu) -> str:
    return f"cuda:{gpu.index} has {gpu.free_bytes // MIB} of {gpu.total_bytes // MIB} MiB free"
