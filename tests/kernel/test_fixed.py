"""The module's arithmetic, compiled here, against exact fractions."""

import ctypes
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

KERNEL = Path(__file__).parents[2] / "kernel"
S64, U64, U32, U16 = ctypes.c_int64, ctypes.c_uint64, ctypes.c_uint32, ctypes.c_uint16
MOST = 2**62 - 1
FUNCTIONS = {
    "fixed": (S64, S64),
    "fixed_ratio": (S64, S64, S64),
    "ina219_shunt_nv": (S64, U16),
    "ina219_bus_uv": (S64, U16),
    "ina219_ready": (ctypes.c_bool, U16),
    "ina219_overflow": (ctypes.c_bool, U16),
    "ina219_current_na": (S64, S64, U32),
    "ina219_power_nw": (S64, S64, S64),
    "ina219_calibration": (U16, U32, U32),
    "ina219_shunt_at_end": (ctypes.c_bool, U16),
    "ina219_lsb_na": (U32, U32),
    "energy_uj": (S64, S64, U64),
    "moving_mean": (S64, S64, S64),
}
C = {S64: "s64", U64: "u64", U32: "u32", U16: "u16", ctypes.c_bool: "bool"}


@pytest.fixture(scope="module")
def fixed(tmp_path_factory: pytest.TempPathFactory, compiler: list[str]) -> ctypes.CDLL:
    """Compile the header, with every overflow trapped."""
    folder = tmp_path_factory.mktemp("fixed")
    source = '#include "fixed.h"\n'
    for name, (result, *arguments) in FUNCTIONS.items():
        given_ = ", ".join(f"{C[kind]} a{index}" for index, kind in enumerate(arguments))
        passed = ", ".join(f"a{index}" for index in range(len(arguments)))
        source += f"{C[result]} call_{name}({given_}) {{ return {name}({passed}); }}\n"
    (folder / "fixed.c").write_text(source)
    options = ["-O2", "-Wall", "-Wextra", "-Werror", "-ftrapv", "-shared", "-fPIC", f"-I{KERNEL}"]
    subprocess.run([*compiler, *options, str(folder / "fixed.c"), "-o", str(folder / "fixed.so")], check=True)
    library = ctypes.CDLL(str(folder / "fixed.so"))
    for name, (result, *arguments) in FUNCTIONS.items():
        function = getattr(library, f"call_{name}")
        function.restype, function.argtypes = result, arguments
    return library


@given(st.integers(-(2**63), 2**63 - 1))
@example(2**46 - 1)
@example(-(2**46))
def test_an_integer_is_shifted_or_clamped(fixed: ctypes.CDLL, value: int) -> None:
    assert fixed.call_fixed(value) == max(-MOST, min(MOST, value << 16)) or abs(value) == MOST >> 16


@given(st.integers(-(2**62), 2**62), st.integers(1, 2**46))
def test_a_ratio_is_exact_to_the_last_bit(fixed: ctypes.CDLL, value: int, divisor: int) -> None:
    exact = Fraction(value * 2**16, divisor)

    got = fixed.call_fixed_ratio(value, divisor)

    assert abs(exact) >= MOST - 2**17 or abs(got - exact) < 1


@given(st.integers(0, 0xFFFF))
def test_registers_are_read_as_the_datasheet_says(fixed: ctypes.CDLL, word: int) -> None:
    signed = word - 0x10000 if word & 0x8000 else word

    assert fixed.call_ina219_shunt_nv(word) == signed * 10_000
    assert fixed.call_ina219_bus_uv(word) == (word >> 3) * 4000
    assert fixed.call_ina219_ready(word) == bool(word & 2)
    assert fixed.call_ina219_overflow(word) == bool(word & 1)


@given(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF), st.integers(1000, 10_000_000))
@example(0x8000, 0xFFF8, 1000)
def test_power_is_voltage_times_current_to_a_millionth(fixed: ctypes.CDLL, shunt: int, bus: int, uohm: int) -> None:
    shunt_nv, bus_uv = fixed.call_ina219_shunt_nv(shunt), fixed.call_ina219_bus_uv(bus)
    current = Fraction(shunt_nv * 10**6, uohm)

    got = fixed.call_ina219_current_na(shunt_nv, uohm)

    assert abs(got - current) < 1
    exact = Fraction(bus_uv, 10**6) * got  # V * nA = nW
    assert abs(fixed.call_ina219_power_nw(bus_uv, got) - exact) < 1


@given(st.integers(-(10**14), 10**14), st.integers(0, 2**32))
@example(1_200_000_000, 50_000)
def test_energy_is_power_times_time(fixed: ctypes.CDLL, power_nw: int, ns: int) -> None:
    clamped = max(-4_200_000_000_000, min(4_200_000_000_000, power_nw))
    exact = Fraction(clamped * min(ns, 2**30), 10**12) * 2**16

    assert abs(fixed.call_energy_uj(power_nw, ns) - exact) < 2


def test_a_watt_and_a_fifth_over_fifty_microseconds_are_sixty_microjoules(fixed: ctypes.CDLL) -> None:
    power = fixed.call_ina219_power_nw(12_000_000, fixed.call_ina219_current_na(10_000_000, 100_000))

    assert power == 1_200_000_000
    assert fixed.call_energy_uj(power, 50_000) == 60 << 16


@pytest.mark.parametrize(
    ("lsb_na", "uohm", "register"), [(100_000, 100_000, 4096), (1_000_000, 2000, 20480), (10, 1000, 0), (0, 100_000, 0)]
)
def test_the_calibration_register_is_the_datasheets(fixed: ctypes.CDLL, lsb_na: int, uohm: int, register: int) -> None:
    assert fixed.call_ina219_calibration(lsb_na, uohm) == register


@given(st.integers(1000, 10_000_000))
@example(1000)
@example(10_000_000)
@example(9_999_999)
def test_no_shunt_that_is_in_range_overflows_the_chip(fixed: ctypes.CDLL, uohm: int) -> None:
    register = fixed.call_ina219_calibration(fixed.call_ina219_lsb_na(uohm), uohm)

    current = 32_000 * register // 4096
    assert 0 < current <= 0x7FFF
    assert current * 8000 // 5000 <= 0xFFFF


@pytest.mark.parametrize(
    ("counts", "at_end"),
    [(0, False), (31_999, False), (32_000, True), (-31_999, False), (-32_000, True), (-32_768, True)],
)
def test_a_shunt_at_an_end_of_its_range_is_told(fixed: ctypes.CDLL, counts: int, at_end: bool) -> None:
    assert fixed.call_ina219_shunt_at_end(counts & 0xFFFF) == at_end


@given(st.lists(st.integers(-(2**40), 2**40), min_size=1, max_size=200))
def test_the_moving_mean_stays_between_what_it_saw(fixed: ctypes.CDLL, values: list[int]) -> None:
    mean = values[0]
    for value in values:
        mean = fixed.call_moving_mean(mean, value)
        assert min(values) <= mean <= max(values)
