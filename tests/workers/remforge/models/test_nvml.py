"""What NVML's answers become: recorded from its Python module, whose calls stay in C where there is no driver."""

from types import SimpleNamespace

import pynvml
import pytest

from workers.remforge.models import nvml
from workers.remforge.models.nvml import DriverNvml, NoGpu, NvmlFailed


class RecordedModule:
    """The calls that are made of pynvml, as two GPUs answer them."""

    NVMLError = pynvml.NVMLError
    NVMLError_LibraryNotFound = pynvml.NVMLError_LibraryNotFound

    def __init__(self) -> None:
        self.open = 0

    def nvmlInit(self) -> None:  # noqa: N802 - NVIDIA's name
        self.open += 1

    def nvmlShutdown(self) -> None:  # noqa: N802
        self.open -= 1

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        return 2

    def nvmlDeviceGetHandleByIndex(self, index: int) -> str:  # noqa: N802
        return f"GPU-{index}"

    def nvmlDeviceGetHandleByUUID(self, name: str) -> str:  # noqa: N802
        if name not in {"GPU-0", "GPU-1"}:
            raise pynvml.NVMLError(pynvml.NVML_ERROR_NOT_FOUND)
        return name

    def nvmlDeviceGetName(self, handle: str) -> bytes:  # noqa: N802
        return handle.encode()

    def nvmlDeviceGetMemoryInfo(self, handle: str) -> SimpleNamespace:  # noqa: N802
        return SimpleNamespace(free=100 + int(handle[-1]), total=1000, used=1)

    def nvmlDeviceGetComputeRunningProcesses(self, handle: str) -> list[SimpleNamespace]:  # noqa: N802
        return [SimpleNamespace(pid=41), SimpleNamespace(pid=40 + int(handle[-1]))]


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> RecordedModule:
    one = RecordedModule()
    monkeypatch.setattr(nvml, "pynvml", one)
    return one


def seen(visible: str | None) -> list[tuple[int, str, int]]:
    return [(gpu.index, gpu.name, gpu.free_bytes) for gpu in DriverNvml(visible).gpus()]


def test_gpus_are_counted_as_cuda_counts_those_that_it_may_see(
    module: RecordedModule, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)

    assert seen(None) == [(0, "GPU-0", 100), (1, "GPU-1", 101)]
    assert seen("1, 0") == [(0, "GPU-1", 101), (1, "GPU-0", 100)]
    assert seen("GPU-1") == [(0, "GPU-1", 101)]
    assert module.open == 0


@pytest.mark.parametrize("visible", ["", "-1", "7"])
def test_where_cuda_may_see_none_there_is_none(module: RecordedModule, visible: str) -> None:
    with pytest.raises(NoGpu):
        DriverNvml(visible).gpus()

    assert module.open == 0


@pytest.mark.parametrize("visible", ["GPU-7", "MIG-1"])
def test_what_the_driver_does_not_know_is_a_failure(module: RecordedModule, visible: str) -> None:
    with pytest.raises(NvmlFailed):
        DriverNvml(visible).gpus()

    assert module.open == 0


@pytest.mark.usefixtures("module")
def test_processes_of_all_visible_gpus_are_told_once() -> None:
    assert DriverNvml("0,1").processes() == [40, 41]
    assert DriverNvml("1").processes() == [41]


def test_without_its_module_nobody_can_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nvml, "pynvml", None)

    with pytest.raises(NvmlFailed, match="not installed"):
        DriverNvml().gpus()
