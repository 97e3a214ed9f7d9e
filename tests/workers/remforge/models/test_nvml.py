"""What NVML's answers become. It is a library in C, of the driver: where there is none, two_gpus.c is built in its place."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.servers import demand

ROOT = Path(__file__).parents[4]
ASKED = """
import ctypes, json, sys
from workers.remforge.models.nvml import DriverNvml, NoGpu, NvmlFailed

def answer(visible):
    try:
        nvml = DriverNvml(visible)
        return [[gpu.index, gpu.name, gpu.free_bytes, gpu.total_bytes] for gpu in nvml.gpus()], nvml.processes()
    except (NoGpu, NvmlFailed) as error:
        return type(error).__name__

answers = [answer(visible) for visible in json.loads(sys.argv[1])]
print(json.dumps([answers, ctypes.c_int.in_dll(ctypes.CDLL("libnvidia-ml.so.1"), "held").value]))
"""
FIRST, SECOND = ("GPU-0", 100, 1000), ("GPU-1", 101, 1000)


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the library; return the folder that it is in."""
    demand("zig", present=sys.platform == "linux" and find_spec("ziglang") is not None)
    folder = tmp_path_factory.mktemp("driver")
    source = str(Path(__file__).parent / "two_gpus.c")
    command = ["-m", "ziglang", "cc", "-shared", "-fPIC", "-O1", source, "-o", str(folder / "libnvidia-ml.so.1")]
    subprocess.run([sys.executable, *command], check=True)
    return folder


def told(driver: Path, *visible: str | None, **environment: str) -> list[Any]:
    """Return the GPUs and processes, or the error, of each list of what is visible; the library is closed by then."""
    inherited = {name: value for name, value in os.environ.items() if name != "CUDA_VISIBLE_DEVICES"}
    ran = subprocess.run(
        [sys.executable, "-c", ASKED, json.dumps(visible)],
        env=inherited | {"LD_LIBRARY_PATH": str(driver), "PYTHONPATH": str(ROOT)} | environment,
        stdout=subprocess.PIPE,
        check=True,
    )
    answers, held = json.loads(ran.stdout)
    assert held == 0
    return list(answers)


def test_gpus_are_counted_as_cuda_counts_those_that_it_may_see_and_processes_of_all_told_once(driver: Path) -> None:
    both = [[[0, *FIRST], [1, *SECOND]], [40, 41]]
    second = [[[0, *SECOND]], [41]]

    assert told(driver, None, "0,1", "1, 0", "GPU-1", "1") == [
        both,
        both,
        [[[0, *SECOND], [1, *FIRST]], [40, 41]],
        second,
        second,
    ]
    assert told(driver, None, CUDA_VISIBLE_DEVICES="1") == [second]


def test_where_cuda_may_see_none_there_is_none(driver: Path) -> None:
    assert told(driver, "", "-1", "7") == ["NoGpu"] * 3


def test_what_the_driver_does_not_know_is_a_failure(driver: Path) -> None:
    assert told(driver, "GPU-7", "MIG-1") == ["NvmlFailed"] * 2


def test_without_its_module_nobody_can_say() -> None:
    asked = (
        "import sys; sys.modules['pynvml'] = None; from workers.remforge.models.nvml import DriverNvml as N; N().gpus()"
    )

    ran = subprocess.run(
        [sys.executable, "-c", asked], env={"PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE, text=True, check=False
    )

    assert ran.stderr.rstrip().endswith("NvmlFailed: nvidia-ml-py is not installed")
