from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from structlog.testing import capture_logs

from workers.remforge.models.guard import MIB, ROOM_BYTES, GpuGuard, Placement
from workers.remforge.models.nvml import DriverNvml, Gpu, NoGpu, NvmlFailed


@dataclass(frozen=True)
class Recorded:
    """What a driver said once."""

    seen: Sequence[Gpu] | Exception

    def gpus(self) -> Sequence[Gpu]:
        if isinstance(self.seen, Exception):
            raise self.seen
        return self.seen

    def processes(self) -> Sequence[int]:
        return []


def gpu(index: int, free_mib: int) -> Gpu:
    return Gpu(index, "NVIDIA H200", free_mib * MIB, 143_771 * MIB)


TWO = Recorded([gpu(0, 2000), gpu(1, 90_000)])


def place(wish: str, nvml: Recorded, needed_mib: int = 1000) -> Placement:
    return GpuGuard(wish, nvml).place(needed_mib * MIB)


def test_the_gpu_with_the_most_free_memory_is_taken_and_that_is_logged() -> None:
    with capture_logs() as logs:
        placement = place("auto", TWO)

    assert placement == Placement("cuda:1")
    assert [(line["event"], line["device"]) for line in logs] == [("model_placed", "cuda:1")]


def test_equally_free_gpus_are_taken_in_their_order() -> None:
    assert place("auto", Recorded([gpu(0, 9000), gpu(1, 9000)])) == Placement("cuda:0")


def test_a_gpu_that_was_named_is_the_only_one() -> None:
    assert place("cuda:0", TWO) == Placement("cuda:0")
    assert place("cuda:0", TWO, needed_mib=1500).device == "cpu"
    assert place("cuda:2", TWO) == Placement("cpu", "on the CPU: there is no cuda:2")


def test_a_model_needs_room_beside_its_weights() -> None:
    room = ROOM_BYTES // MIB

    assert place("auto", Recorded([gpu(0, 1000 + room)])).device == "cuda:0"
    assert place("auto", Recorded([gpu(0, 1000 + room - 1)])).reason == (
        f"on the CPU: cuda:0 has {1000 + room - 1} of 143771 MiB free, and {1000 + room} MiB are needed"
    )


@pytest.mark.parametrize(
    ("wish", "fault", "reason"),
    [
        ("auto", NoGpu("there is no NVIDIA driver"), None),
        ("cuda:0", NoGpu("there is no NVIDIA driver"), "on the CPU: there is no NVIDIA driver"),
        ("auto", NvmlFailed("version mismatch"), "on the CPU: the GPUs cannot be asked about (version mismatch)"),
        ("cpu", NvmlFailed("version mismatch"), None),
    ],
)
def test_without_a_gpu_the_cpu_is_a_fallback_only_where_a_gpu_was_wished_or_may_be_there(
    wish: str, fault: Exception, reason: str | None
) -> None:
    assert place(wish, Recorded(fault)) == Placement("cpu", reason)


def test_the_cpu_is_taken_without_asking_the_driver_where_it_is_wished() -> None:
    assert place("cpu", TWO) == Placement("cpu")


def test_the_driver_of_this_machine_tells_its_gpus() -> None:
    nvml = DriverNvml()
    try:
        gpus = nvml.gpus()
    except (NoGpu, NvmlFailed) as error:
        pytest.skip(f"no GPU here: {error}")

    assert [one.index for one in gpus] == list(range(len(gpus)))
    assert all(0 < one.free_bytes <= one.total_bytes for one in gpus)
    assert all(pid > 0 for pid in nvml.processes())
    assert place("auto", Recorded(gpus), needed_mib=1).device.startswith(("cuda:", "cpu"))


def test_a_machine_without_a_driver_says_so() -> None:
    try:
        DriverNvml().gpus()
    except NoGpu as error:
        assert str(error) in {"there is no NVIDIA driver", "no GPU is visible to this process"}  # noqa: PT017 - where there is one
    except NvmlFailed as error:
        pytest.skip(f"a driver that fails: {error}")
    else:
        pytest.skip("this machine has a GPU")
