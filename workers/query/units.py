"""Numbers in words, figures and units, and what they are in the unit of a property."""

import re
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import process
from rapidfuzz.distance import OSA

from jobs.knowledge import Property
from workers.query.normal import Normal

Dimension = Literal["energy", "time", "temperature", "power", "cycles", "percent", "bytes", "voltage", "frequency"]


class UnitMismatch(ValueError):
    """A quantity has a unit that its property cannot have."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of the question. `start` and `end` are places in its normal form."""

    value: float
    unit: str | None
    start: int
    end: int
    figure: str
    """The number as written."""


# For each unit its dimension and the power of ten of its base unit: joule, second, watt, byte.
_UNITS: dict[str, tuple[Dimension, int]] = {
    **dict.fromkeys(("j", "joule", "joules", "julio", "julios"), ("energy", 0)),
    **dict.fromkeys(("mj", "millijoule", "millijoules", "milijulio", "milijulios"), ("energy", -3)),
    **dict.fromkeys(("uj", "microjoule", "microjoules", "microjulio", "microjulios"), ("energy", -6)),
    **dict.fromkeys(("nj", "nanojoule", "nanojoules", "nanojulio", "nanojulios"), ("energy", -9)),
    **dict.fromkeys(("pj", "picojoule", "picojoules", "picojulio", "picojulios"), ("energy", -12)),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds", "seg", "segundo", "segundos"), ("time", 0)),
    **dict.fromkeys(("ms", "millisecond", "milliseconds", "milisegundo", "milisegundos"), ("time", -3)),
    **dict.fromkeys(("us", "usec", "microsecond", "microseconds", "microsegundo", "microsegundos"), ("time", -6)),
    **dict.fromkeys(("ns", "nanosecond", "nanoseconds", "nanosegundo", "nanosegundos"), ("time", -9)),
    **dict.fromkeys(("w", "watt", "watts", "vatio", "vatios"), ("power", 0)),
    **dict.fromkeys(("mw", "milliwatt", "milliwatts", "milivatio", "milivatios"), ("power", -3)),
    **dict.fromkeys(("uw", "microwatt", "microwatts", "microvatio", "microvatios"), ("power", -6)),
    **dict.fromkeys(("b", "bytes"), ("bytes", 0)),
    "kb": ("bytes", 3),
    "mb": ("bytes", 6),
    **dict.fromkeys(("v", "volt", "volts", "voltio", "voltios"), ("voltage", 0)),
    "mv": ("voltage", -3),
    **dict.fromkeys(("hz", "hertz", "hercios"), ("frequency", 0)),
    "khz": ("frequency", 3),
    "mhz": ("frequency", 6),
    "ghz": ("frequency", 9),
    **dict.fromkeys(("cycle", "cycles", "ciclo", "ciclos"), ("cycles", 0)),
    **dict.fromkeys(("%", "percent", "per cent", "por ciento", "porciento"), ("percent", 0)),
    **dict.fromkeys(
        ("degc", "°c", "° c", "c", "celsius", "degrees celsius", "grados celsius", "grados centigrados", "centigrados"),
        ("temperature", 0),
    ),
    **dict.fromkeys(("degrees", "degree", "deg", "grados", "grado", "°", "degrees c", "grados c"), ("temperature", 0)),
    **dict.fromkeys(
        ("°f", "° f", "f", "degf", "fahrenheit", "degrees fahrenheit", "grados fahrenheit"), ("temperature", 1)
    ),
    **dict.fromkeys(("k", "kelvin", "kelvins", "degk"), ("temperature", 2)),
}
_OF_PROPERTY: dict[str, tuple[Dimension, int]] = {
    "uJ": ("energy", -6),
    "us": ("time", -6),
    "s": ("time", 0),
    "degC": ("temperature", 0),
    "B": ("bytes", 0),
}
_NUMBER = r"[+-]?(?:\d+(?:[.,]\d+)*|\.\d+)(?:e[+-]?\d+)?"
_UNIT = "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))
_FIGURES = re.compile(
    rf"(?<![\w.,:/])(?:(?P<mantissa>{_NUMBER})\s*[x*·\u00d7]\s*)?(?:10\s*\^\s*(?P<power>[+-]?\d+)|(?P<number>{_NUMBER}))"
    rf"(?:\s*(?P<unit>{_UNIT})(?![\w(]))?(?P<thousand>k(?!\w))?(?![\w:])"
)
_WORDS = {
    word: value
    for value, words in {
        0: "zero cero",
        1: "one uno",
        2: "two dos",
        3: "three tres",
        4: "four cuatro",
        5: "five cinco",
        6: "six seis",
        7: "seven siete",
        8: "eight ocho",
        9: "nine nueve",
        10: "ten diez",
        11: "eleven once",
        12: "twelve doce dozen docena",
        13: "thirteen trece",
        14: "fourteen catorce",
        15: "fifteen quince",
        16: "sixteen dieciseis",
        17: "seventeen diecisiete",
        18: "eighteen dieciocho",
        19: "nineteen diecinueve",
        20: "twenty veinte",
        25: "veinticinco",
        30: "thirty treinta",
        40: "forty cuarenta",
        50: "fifty cincuenta",
        60: "sixty sesenta",
        70: "seventy setenta",
        80: "eighty ochenta",
        90: "ninety noventa",
    }.items()
    for word in words.split()
}
_SCALES = {"hundred": 100, "cien": 100, "ciento": 100, "cientos": 100, "thousand": 1000, "mil": 1000}
_SCALES |= {"million": 1_000_000, "millon": 1_000_000, "millones": 1_000_000}
_NUMBERS = "|".join(sorted((*_WORDS, *_SCALES), key=len, reverse=True))
_SPELLED = re.compile(
    rf"(?<![\w-])(?:(?:a|una|un) )?(?P<words>(?:{_NUMBERS})(?:(?: y |-| )(?:{_NUMBERS}))*)"
    rf"(?:\s+(?P<unit>{_UNIT})(?![\w(]))?(?![\w-])"
)
_THOUSANDS = {
    "en": re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?"),
    "es": re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+(,\d+)?"),
}


def _figure(text: str, language: Literal["en", "es"], *, measured: bool) -> float:
    """Read a figure. A point before three digits parts thousands in Spanish, unless a unit says that it is measured."""
    grouped = _THOUSANDS[language].fullmatch(text)
    if grouped and not (measured and language == "es" and text.count(".") == 1):
        return float(text.replace(",", "")) if language == "en" else float(text.replace(".", "").replace(",", "."))
    if text.count(",") == 1 and "." not in text:
        return float(text.replace(",", "."))
    if text.count(".") > 1:
        return float(text.replace(".", "").replace(",", "."))
    return float(text.replace(",", ""))


def _spelled(words: str) -> float:
    total = current = 0
    for word in re.split(r" y |-| ", words):
        if word in _SCALES:
            scale = _SCALES[word]
            current = max(current, 1) * scale
            if scale >= 1000:
                total, current = total + current, 0
        else:
            current += _WORDS[word]
    return float(total + current)


def quantities(text: Normal, language: Literal["en", "es"]) -> list[Quantity]:
    """Return the numbers of a question in order, each with the unit that stands behind it."""
    found = []
    for match in _FIGURES.finditer(text.text):
        unit, figure = match["unit"], match["number"]
        if unit == "k" and text.raw(match.end("unit") - 1, match.end("unit")) == "k" and match["thousand"] is None:
            unit, thousand = None, True  # 10k samples; Kelvin has a capital letter
        else:
            thousand = match["thousand"] is not None
        factor = _figure(match["mantissa"], language, measured=True) if match["mantissa"] else 1.0
        if match["power"] is not None:
            exponent = int(match["power"])
            value = (
                float(f"{factor!r}e{exponent}") if abs(exponent) <= 300 and "e" not in repr(factor) else float("inf")
            )
        else:
            value = factor * _figure(figure, language, measured=unit is not None)
        value = value * 1000 if thousand else value
        if abs(value) < 1e300:
            found.append(Quantity(value, unit, match.start(), match.end(), text.raw(*match.span()).strip()))
    found += [
        Quantity(_spelled(match["words"]), match["unit"], *match.span(), text.raw(*match.span()))
        for match in _SPELLED.finditer(text.text)
    ]
    return sorted(found, key=lambda quantity: quantity.start)


_LONG = sorted(unit for unit in _UNITS if len(unit) >= 6 and unit.isalpha())
_BEHIND = re.compile(r"\s+([a-z]{6,20})(?![\w(])")


def with_unit(text: Normal, quantity: Quantity) -> Quantity:
    """Return a quantity with the unit behind it, if that is one misspelt."""
    behind = _BEHIND.match(text.text, quantity.end)
    if quantity.unit is not None or behind is None:
        return quantity
    word = behind[1]
    best = process.extractOne(word, _LONG, scorer=OSA.distance, score_cutoff=1 if len(word) < 9 else 2)
    if best is None or best[0][0] != word[0]:
        return quantity
    return Quantity(quantity.value, str(best[0]), quantity.start, behind.end(), quantity.figure)


def dimension(unit: str) -> Dimension:
    """Return what a unit measures."""
    return _UNITS[unit][0]


def converted(quantity: Quantity, to: Property) -> float:
    """Return a quantity in the unit of a property; without a unit it is taken to have it. Raise UnitMismatch."""
    if quantity.unit is None:
        return quantity.value
    source, exponent = _UNITS[quantity.unit]
    if source == "percent" and to.unit is None and to.kind == "number":
        return quantity.value / 100
    if to.unit not in _OF_PROPERTY or _OF_PROPERTY[to.unit][0] != source:
        raise UnitMismatch(f"{quantity.figure} is no {to.unit or 'plain number'}")
    if source == "temperature":
        celsius = {0: quantity.value, 1: (quantity.value - 32) * 5 / 9, 2: quantity.value - 273.15}[exponent]
        return round(celsius, 9)
    shift = exponent - _OF_PROPERTY[to.unit][1]
    # Dividing by a power of ten is exact where multiplying by its inverse is not.
    return quantity.value * float(10**shift) if shift >= 0 else quantity.value / float(10**-shift)
