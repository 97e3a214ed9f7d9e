"""Names that show by their form what they are: symbols of code, places in it, addresses, registers, parts, standards."""

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Named:
    """A name where it stands. Without a type it is no entity by itself: an id, a figure, an address of the web."""

    start: int
    end: int
    name: str
    type: str
    description: str


_FILE = r"[\w][\w./-]{0,80}\.(?:c|h|cc|cpp|hpp|s|S|py|rs|ld|elf|bin|hex|repl|resc|toml|csv|parquet|v|sv|vhd)"
_UNIT = (
    r"(?:[pnuµμmkMG]?(?:J|s|A|V|W|Hz|Ω|F|H)|[kMG]i?B|B|dB|%|°C|degC|K|ppm|bits?|bytes?|cycles?|ciclos|samples?|muestras|"
    r"seconds?|segundos|[MkG]?S/s|(?:micro|nano|mili|milli|pico)?(?:joules?|julios?|watts?|vatios?|volts?|voltios?))"
)
FIGURE = re.compile(rf"(?<![\w.,])[-+±]?\d{{1,18}}(?:[.,]\d{{1,18}}){{0,4}}(?:e-?\d{{1,3}})?[ \u00a0]?{_UNIT}(?!\w)")
"""A number with its unit."""
# Earlier ones win: a figure or an address of the web is nothing else.
_RULES: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    ("", "", re.compile(r"(?:https?|ftp)://[^\s<>`]{1,2000}|[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{1,64}")),
    (
        "",
        "",
        re.compile(
            r"\bfunction:[0-9a-f]{12}:\w{1,80}|\bcampaign:[\w-]{8,64}|\b[0-9a-f]{12}:[0-9a-f]{8}\b|"
            r"\b(?:sha256:|firmware:)?[0-9a-f]{64}\b|\b(?=[0-9a-f]{0,40}\d)[0-9a-f]{12,40}\b"
        ),
    ),
    ("vulnerability", "Published vulnerability.", re.compile(r"\bCVE-\d{4}-\d{4,7}\b")),
    ("weakness", "Class of weaknesses of software.", re.compile(r"\bCWE-\d{1,5}\b")),
    (
        "standard",
        "Published standard.",
        re.compile(
            r"\b(?:FIPS(?: PUB)?[ -]?\d{2,3}(?:-\d)?|(?:ISO|IEC|EN|ETSI|ANSI|IEEE|SAE)(?:/(?:IEC|SAE|IEEE))?(?: TS| TR)?"
            r"[ -]?\d{3,6}(?:[.-]\d{1,4})*(?::(?:19|20)\d\d)?|(?:NIST )?SP[ -]?800-\d{1,3}[A-Z]?|RFC[ -]?\d{3,5}|BSI[ -]AIS[ -]?\d{2}|"
            r"MISRA C(?::20\d\d)?)\b"
        ),
    ),
    ("location", "Line of a source file.", re.compile(rf"(?<![\w/.]){_FILE}:\d{{1,6}}\b")),
    ("file", "File named in documents.", re.compile(rf"(?<![\w/.]){_FILE}\b(?!\()")),
    ("address", "Address of a device's memory.", re.compile(r"\b0x[0-9A-Fa-f]{4,16}\b")),
    ("", "", FIGURE),
    (
        "register",
        "Register of ARM cores.",
        re.compile(r"\b(?:[rR](?:1[0-5]|\d)|xPSR|APSR|PRIMASK|FAULTMASK|BASEPRI)\b"),
    ),
    ("symbol", "Symbol of a program.", re.compile(r"`([A-Za-z_]\w{2,79})(?:\(\))?`")),
    (
        "symbol",
        "Symbol of a program.",
        re.compile(r"\b(?=\w*[A-Za-z])_*[A-Za-z][A-Za-z0-9]*(?:_+[A-Za-z0-9]+)+_*\b(?:\(\))?"),
    ),
    ("symbol", "Symbol of a program.", re.compile(r"\b[A-Za-z]\w{2,79}(?=\(\))")),
    ("symbol", "Symbol of a program.", re.compile(r"\b[a-z]{2,}(?:[A-Z][a-z0-9]+)+\b")),
    (
        "part",
        "Part or board named by its number.",
        re.compile(r"\b[A-Z]{2,6}\d{2,5}[A-Z0-9]{0,8}(?:-[A-Z0-9]{1,8})?\b"),
    ),
)
# Forms that the lexicon knows better.
_LEFT = re.compile(
    r"(?:AES|SHA|DES|ECC|RSA)-?\d{1,4}|INA219|CURVE25519|X25519|subBytes|shiftRows|mixColumns|addRoundKey"
)
_LONGEST, _LONGEST_ID = 80, 120
_DIGEST = re.compile(r"(?:sha256:|firmware:)?([0-9a-f]{64})")


def by_rules(text: str) -> Iterator[Named]:
    """Yield names rule by rule; places of different rules may overlap, and the first is right."""
    for kind, description, rule in _RULES:
        for match in rule.finditer(text):
            name = (match[1] if match.lastindex else match[0]).removesuffix("()")
            if _LEFT.fullmatch(name) or len(name) > (_LONGEST if kind else _LONGEST_ID):
                continue
            yield Named(match.start(), match.end(), _written(name, kind), kind, description)


def _written(name: str, kind: str) -> str:
    """Return the one way in which a name is written."""
    match kind:
        case "standard":
            return re.sub(r"^(FIPS|ISO|IEC|EN|SP|RFC|NIST SP)[ -](?=\d)", r"\1 ", name)
        case "" if digest := _DIGEST.fullmatch(name):
            return f"firmware:{digest[1]}"
        case "address" | "register":
            return name.lower()
        case _:
            return name
