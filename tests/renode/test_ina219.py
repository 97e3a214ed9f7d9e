"""The INA219 in both languages: one table of what it answers, and what only the library has."""

import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from renode import ina219
from renode.ina219 import Ina219, Mode, configuration_word
from tests.servers import demand

HERE = Path(__file__).parent
CASES = tomllib.loads((HERE / "ina219_vectors.toml").read_text(encoding="utf-8"))["case"]
NAMES = [case["name"] for case in CASES]


@dataclass
class Steps:
    """Inputs that change in steps: the times and levels of each, as far as they are known."""

    shunt: list[tuple[int, int]] = field(default_factory=lambda: [(0, 0)])
    bus: list[tuple[int, int]] = field(default_factory=lambda: [(0, 0)])

    def shunt_uv(self, start_ns: int, end_ns: int) -> float:
        return _mean(self.shunt, start_ns, end_ns)

    def bus_mv(self, start_ns: int, end_ns: int) -> float:
        return _mean(self.bus, start_ns, end_ns)


def _mean(steps: list[tuple[int, int]], start: int, end: int) -> float:
    ends = [at for at, _ in steps[1:]] + [end]
    covered = [max(0, min(until, end) - max(at, start)) for (at, _), until in zip(steps, ends, strict=True)]
    return sum(level * length for (_, level), length in zip(steps, covered, strict=True)) / (end - start)


def _run(case: dict[str, Any]) -> list[str]:
    """Return what the library answers to the reads of a case."""
    signal, now, said = Steps(), 0, []
    device = Ina219(signal)
    for step in case["steps"]:
        match step:
            case {"shunt_uv": level}:
                signal.shunt.append((now, level))
            case {"bus_mv": level}:
                signal.bus.append((now, level))
            case {"at_us": at}:
                now = at * 1000
                device.advance(now)
            case {"write": data}:
                device.write(bytes.fromhex(data), now_ns=now)
            case {"read": register, "is": _}:
                device.write(bytes([register]), now_ns=now)
                said.append(device.read(2, now_ns=now).hex())
            case {"again": _}:
                said.append(device.read(2, now_ns=now).hex())
    return said


def _expected(case: dict[str, Any]) -> list[str]:
    return [step.get("is", step.get("again")) for step in case["steps"] if "is" in step or "again" in step]


def _lines(case: dict[str, Any]) -> Iterator[str]:
    """Yield what the C# harness is told for a case."""
    yield "new"
    for step in case["steps"]:
        match step:
            case {"shunt_uv": level}:
                yield f"shunt {level}"
            case {"bus_mv": level}:
                yield f"bus {level}"
            case {"at_us": at}:
                yield f"at {at * 1000}"
            case {"write": data}:
                yield f"write {data}"
            case {"read": register, "is": _}:
                yield f"write {register:02x}"
                yield "read 2"
            case {"again": _}:
                yield "read 2"


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_the_library_answers_as_the_table_says(case: dict[str, Any]) -> None:
    assert _run(case) == _expected(case)


@pytest.fixture(scope="module")
def peripheral(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Compile the peripheral and return how to run it."""
    compiler, runtime = shutil.which("mcs"), shutil.which("mono")
    demand("mono", present=compiler is not None and runtime is not None)
    assert compiler is not None
    assert runtime is not None
    program = tmp_path_factory.mktemp("csharp") / "ina219.exe"
    sources = [HERE.parents[1] / "renode" / "peripherals" / "INA219.cs", *sorted((HERE / "csharp").glob("*.cs"))]
    built = subprocess.run(
        [compiler, "-langversion:6", "-warnaserror", f"-out:{program}", *map(str, sources)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return [runtime, str(program)]


def test_the_peripheral_for_renode_answers_as_the_table_says(peripheral: list[str]) -> None:
    told = "\n".join(line for case in CASES for line in _lines(case)) + "\n"

    ran = subprocess.run(peripheral, input=told, capture_output=True, text=True, check=False, timeout=60)

    assert ran.returncode == 0, ran.stderr
    said = iter(ran.stdout.split())
    answers = {case["name"]: [next(said) for _ in _expected(case)] for case in CASES}
    assert answers == {case["name"]: _expected(case) for case in CASES}
    assert not list(said)


@pytest.mark.parametrize(
    ("setting", "word"),
    [
        ({"full_mv": 320, "bus_v": 32, "bits": 12, "averaging": 1}, 0x399F),
        ({"full_mv": 40, "bus_v": 16, "bits": 9, "averaging": 1}, 0x0007),
        ({"full_mv": 80, "bus_v": 16, "bits": 12, "averaging": 128, "mode": Mode.SHUNT_ONCE}, 0x0FF9),
    ],
)
def test_a_configuration_is_the_word_of_table_3(setting: dict[str, Any], word: int) -> None:
    assert configuration_word(**setting) == word


@pytest.mark.parametrize(
    "setting",
    [{"full_mv": 50}, {"bus_v": 26}, {"bits": 13}, {"averaging": 3}, {"bits": 9, "averaging": 2}],
)
def test_what_the_device_cannot_be_set_to_is_refused(setting: dict[str, Any]) -> None:
    usual = {"full_mv": 40, "bus_v": 16, "bits": 12, "averaging": 1}

    with pytest.raises(ValueError, match=r"INA219|12 bits"):
        configuration_word(**(usual | setting))


def test_time_does_not_go_back() -> None:
    device = Ina219(Steps())
    device.advance(1000)

    with pytest.raises(ValueError, match="time goes back"):
        device.advance(999)


def test_it_tells_when_the_value_that_it_holds_was_measured() -> None:
    device = Ina219(Steps())
    assert device.updated_ns(ina219.SHUNT) is None

    device.advance(2_000_000)

    assert (device.updated_ns(ina219.SHUNT), device.updated_ns(ina219.BUS)) == (1_596_000, 1_064_000)
