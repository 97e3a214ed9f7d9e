"""What the driver says of GPUs. It is asked through NVML, which creates no context: torch.cuda would, and then a fork
of the process could not use the GPU.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

try:
    import pynvml
except ImportError:
    pynvml = None


class NoGpu(Exception):
    """This machine has no GPU that the process may use."""


class NvmlFailed(Exception):
    """There may be a GPU, but nobody can say."""


@dataclass(frozen=True, slots=True)
class Gpu:
    """A GPU as CUDA counts them: `cuda:<index>`."""

    index: int
    name: str
    free_bytes: int
    total_bytes: int


class Nvml(Protocol):
    """Asks about GPUs; raises NoGpu or NvmlFailed."""

    def gpus(self) -> Sequence[Gpu]:
        """Return those that this process may use, in the order of CUDA."""

    def processes(self) -> Sequence[int]:
        """Return the ids of all processes that compute on any of them."""


class DriverNvml:
    """NVML of the installed driver. Indices are CUDA's where CUDA_DEVICE_ORDER is PCI_BUS_ID."""

    def __init__(self, visible: str | None = None) -> None:
        """Look at what `visible` lists, as CUDA_VISIBLE_DEVICES does; that variable is the default."""
        self._visible = os.environ.get("CUDA_VISIBLE_DEVICES") if visible is None else visible

    def gpus(self) -> Sequence[Gpu]:
        """Return those that this process may use, in the order of CUDA."""
        with _asked() as nvml:
            return [_gpu(nvml, index, handle) for index, handle in enumerate(self._handles(nvml))]

    def processes(self) -> Sequence[int]:
        """Return the ids of all processes that compute on any of them."""
        with _asked() as nvml:
            found = {
                int(process.pid)
                for handle in self._handles(nvml)
                for process in nvml.nvmlDeviceGetComputeRunningProcesses(handle)
            }
        return sorted(found)

    def _handles(self, nvml: Any) -> list[Any]:
        count = nvml.nvmlDeviceGetCount()
        if self._visible is None:
            handles = [nvml.nvmlDeviceGetHandleByIndex(index) for index in range(count)]
        else:
            handles = [_handle(nvml, name.strip(), count) for name in self._visible.split(",") if name.strip()]
        if not handles:
            raise NoGpu("no GPU is visible to this process")
        return handles


def _handle(nvml: Any, name: str, count: int) -> Any:
    if name.isdecimal() and int(name) < count:
        return nvml.nvmlDeviceGetHandleByIndex(int(name))
    if name.startswith("GPU-"):
        return nvml.nvmlDeviceGetHandleByUUID(name)
    if name in {"-1", "NoDevFiles"} or name.isdecimal():
        raise NoGpu("no GPU is visible to this process")
    raise NvmlFailed(f"CUDA_VISIBLE_DEVICES names {name!r}, which cannot be told apart here")


def _gpu(nvml: Any, index: int, handle: Any) -> Gpu:
    memory = nvml.nvmlDeviceGetMemoryInfo(handle)
    return Gpu(index, str(nvml.nvmlDeviceGetName(handle)), int(memory.free), int(memory.total))


@contextmanager
def _asked() -> Iterator[Any]:
    if pynvml is None:
        raise NvmlFailed("nvidia-ml-py is not installed")
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError_LibraryNotFound as error:
        raise NoGpu("there is no NVIDIA driver") from error
    except pynvml.NVMLError as error:
        raise NvmlFailed(str(error)) from error
    try:
        yield pynvml
    except pynvml.NVMLError as error:
        raise NvmlFailed(str(error)) from error
    finally:
        pynvml.nvmlShutdown()
