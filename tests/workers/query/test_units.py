"""Numbers with units: what they are in the unit of a property, and what is refused."""

from typing import Literal

import pytest

from jobs.knowledge import PROPERTIES, Label
from workers.query.normal import normal
from workers.query.units import UnitMismatch, converted, quantities

ENERGY = PROPERTIES[Label.INSTRUCTION]["avg_energy"]
HEAT = PROPERTIES[Label.INSTRUCTION]["avg_temperature"]
LATENCY = PROPERTIES[Label.INSTRUCTION]["max_latency"]
RHO = PROPERTIES[Label.VULNERABILITY]["cpa_value"]
POWER = PROPERTIES[Label.INSTRUCTION]["avg_power"]


def values(text: str, language: Literal["en", "es"] = "en") -> list[tuple[float, str | None]]:
    return [(one.value, one.unit) for one in quantities(normal(text), language)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5 uJ", 5.0),
        ("5µJ", 5.0),
        ("5000 nJ", 5.0),
        ("0.005 mJ", 5.0),
        ("5e-6 J", 5.0),
        ("5000000 pJ", 5.0),
        ("5", 5.0),
        ("3 microjulios", 3.0),
        ("3 microjoules", 3.0),
    ],
)
def test_energies_become_microjoules_without_a_rounding_error(text: str, expected: float) -> None:
    (quantity,) = quantities(normal(text), "en")

    assert converted(quantity, ENERGY) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("60 °C", 60.0),
        ("60 ºC", 60.0),
        ("60C", 60.0),
        ("333.15 K", 60.0),
        ("140 °F", 60.0),
        ("60 grados", 60.0),
        ("60 degrees Celsius", 60.0),
        ("-5 degC", -5.0),
    ],
)
def test_temperatures_become_degrees_celsius(text: str, expected: float) -> None:
    (quantity,) = quantities(normal(text), "en")

    assert converted(quantity, HEAT) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("20 us", 20.0), ("0.5 ms", 500.0), ("1500 ns", 1.5), ("2 s", 2e6), ("20 microsegundos", 20.0)],
)
def test_times_become_microseconds(text: str, expected: float) -> None:
    (quantity,) = quantities(normal(text), "en")

    assert converted(quantity, LATENCY) == expected


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("3,5", "es", 3.5),
        ("3,5", "en", 3.5),
        ("1,500", "en", 1500.0),
        ("1.500 muestras", "es", 1500.0),
        ("4.512 uJ", "es", 4.512),
        ("0.001", "es", 0.001),
        ("10k", "en", 10_000.0),
        ("1e-4", "en", 1e-4),
        ("10^-4", "en", 1e-4),
        ("10⁻⁴", "es", 1e-4),
        ("2×10^-8", "en", 2e-8),  # noqa: RUF001 - on purpose
        ("twelve", "en", 12.0),
        ("una docena", "es", 12.0),
        ("twenty-five", "en", 25.0),
        ("two hundred", "en", 200.0),
        ("cinco mil", "es", 5000.0),
    ],
)
def test_figures_and_words_are_read(text: str, language: Literal["en", "es"], expected: float) -> None:
    assert [value for value, _ in values(text, language)] == [expected]


def test_a_percentage_is_a_part_of_one() -> None:
    (quantity,) = quantities(normal("90 %"), "en")

    assert converted(quantity, RHO) == 0.9


@pytest.mark.parametrize(
    ("text", "name"),
    [("5 ms", "avg_energy"), ("5 uJ", "avg_temperature"), ("10 mW", "avg_power"), ("12 cycles", "max_latency")],
)
def test_a_unit_that_does_not_fit_is_refused(text: str, name: str) -> None:
    (quantity,) = quantities(normal(text), "en")

    with pytest.raises(UnitMismatch, match=text):
        converted(quantity, PROPERTIES[Label.INSTRUCTION][name])


def test_names_and_places_hold_no_quantities() -> None:
    assert values("aes128 sub_bytes2 aes.c:42 v2x") == []


def test_numbers_beyond_all_measure_are_no_quantities() -> None:
    assert values("1e999 10^9999") == []
