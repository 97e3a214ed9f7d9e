"""The header and its Python side say the same."""

import subprocess
from pathlib import Path

import numpy as np
import pytest

from kernel import abi

ROOT = Path(__file__).parents[2]
STATUS_OFFSETS = (0, 4, 8, 16, 24, 32, 40)


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory, compiler: list[str]) -> dict[str, int]:
    """Compile a program that prints what the header says, and read it."""
    lines = [f'printf("{name} %zu\\n", sizeof(struct monje_{name}));' for name in ("header", "record", "status")]
    for struct, fields in (("header", abi.HEADER.names), ("record", abi.RECORD.names), ("status", abi.STATUS_FIELDS)):
        lines += [
            f'printf("{struct}.{field} %zu\\n", offsetof(struct monje_{struct}, {field}));' for field in fields or ()
        ]
    constants: tuple[str, ...] = (
        "MAGIC",
        "VERSION",
        "CHANNELS",
        "LAGS",
        "DIMS",
        "FRACTION_BITS",
        "MIN_PERIOD_NS",
        "MAX_PERIOD_NS",
    )
    constants += ("IOC_START", "IOC_STOP", "IOC_STATUS", "IOC_PERIOD", "IOC_WAKEUP", "IOC_ACK")
    constants += tuple(channel.name for channel in abi.Channel) + tuple(flag.name or "" for flag in abi.Flag)
    constants += tuple(state.name for state in abi.State)
    lines += [f'printf("{name} %llu\\n", (unsigned long long)MONJE_{name});' for name in constants]
    folder = tmp_path_factory.mktemp("abi")
    source = folder / "abi.c"
    source.write_text(
        '#include <stddef.h>\n#include <stdio.h>\n#include "monje_virtual.h"\nint main(void) {\n'
        + "\n".join(lines)
        + "\nreturn 0; }\n"
    )
    subprocess.run(
        [*compiler, "-Wall", "-Werror", f"-I{ROOT / 'kernel'}", str(source), "-o", str(folder / "abi")], check=True
    )
    out = subprocess.run([str(folder / "abi")], capture_output=True, text=True, check=True).stdout
    return {line.split()[0]: int(line.split()[1]) for line in out.splitlines()}


@pytest.mark.parametrize(("struct", "dtype"), [("header", abi.HEADER), ("record", abi.RECORD)])
def test_every_field_lies_where_the_header_says(said: dict[str, int], struct: str, dtype: np.dtype[np.void]) -> None:
    assert said[struct] == dtype.itemsize
    assert {name: said[f"{struct}.{name}"] for name in dtype.names or ()} == {
        name: dtype.fields[name][1] for name in dtype.names or () if dtype.fields is not None
    }


def test_the_status_is_unpacked_as_it_is_laid_out(said: dict[str, int]) -> None:
    assert said["status"] == abi.STATUS.size
    assert tuple(said[f"status.{field}"] for field in abi.STATUS_FIELDS) == STATUS_OFFSETS


def test_numbers_are_the_same(said: dict[str, int]) -> None:
    for name in ("MAGIC", "VERSION", "CHANNELS", "LAGS", "DIMS", "FRACTION_BITS", "MIN_PERIOD_NS", "MAX_PERIOD_NS"):
        assert said[name] == getattr(abi, name), name
    for kind in (abi.Channel, abi.Flag, abi.State):
        for member in kind:
            assert said[str(member.name)] == member, member


def test_requests_are_the_same(said: dict[str, int]) -> None:
    requests = {
        "START": abi.START,
        "STOP": abi.STOP,
        "STATUS": abi.GET_STATUS,
        "PERIOD": abi.SET_PERIOD,
        "WAKEUP": abi.SET_WAKEUP,
        "ACK": abi.ACKNOWLEDGE,
    }

    assert {name: said[f"IOC_{name}"] for name in requests} == requests
