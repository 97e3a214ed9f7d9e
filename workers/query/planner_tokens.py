"""A question cut into words, numbers, dates, places of code and ids. Places are those of the normal form."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from workers.query.lexicon import ATOM
from workers.query.normal import Normal
from workers.query.units import Quantity, quantities, with_unit

MAX_TOKENS = 300
Kind = Literal["word", "number", "instruction", "address", "place", "id", "date", "break", "comma"]

_SPECIAL = re.compile(
    r"(?P<instruction>(?<![\w:])[0-9a-f]{12}:(?:0x)?[0-9a-f]{1,8}(?![\w:]))"
    r"|(?P<id>(?<![\w:])(?:firmware|function|campaign|measurements?|document|vulnerability|pattern|mitigation|chunk|entity):"
    r"[^\s\"'`,;?!)]*[^\s\"'`,;?!).:]|(?<![\w-])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![\w-]))"
    r"|(?P<place>(?<![\w])[\w./+-]{0,120}\w\.(?:c|h|s|cc|cpp|cxx|hpp|rs|asm|inc|py)(?::(?P<line>\d{1,7}))?(?![\w.]*\w))"
    r"|(?P<address>(?<!\w)0x[0-9a-f]{1,16}(?!\w))"
    r"|(?P<date>(?<![\w-])\d{4}-\d{2}-\d{2}(?![\w-]))"
    r"|(?P<break>[?!;]|(?<!\bno)(?<!\bnr)(?<!\bnum)(?<!\bmax)(?<!\bmin)(?<!\bavg)(?<!\btemp)(?<!\bvs)(?<!\bapprox)"
    r"(?<!\baprox)(?<!\bi\.e)(?<!\be\.g)(?<!\bi)(?<!\be)\.(?=\s|$))|(?P<comma>,(?!\d))"
)
_QUOTED = re.compile(r"`([^`]{1,200})`|\"([^\"]{1,200})\"|(?<!\w)'([^']{1,200})'(?!\w)")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the question."""

    kind: Kind
    text: str
    start: int
    end: int
    raw: str
    quantity: Quantity | None = None
    seconds: float = 0.0
    """Of a date: its first moment, since the epoch."""
    quote: int = 0
    """Which quotation it stands in, from 1; 0 outside."""


def _date(text: str) -> float | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


def tokens(text: Normal, language: Literal["en", "es"]) -> list[Token]:
    """Return the pieces in order, at most MAX_TOKENS."""
    quotes = [match.span() for match in _QUOTED.finditer(text.text)]

    def quote(start: int) -> int:
        return next((at for at, (first, last) in enumerate(quotes, 1) if first <= start < last), 0)

    found: list[Token] = []
    for match in _SPECIAL.finditer(text.text):
        kind = next(name for name in ("instruction", "id", "place", "address", "date", "break", "comma") if match[name])
        seconds = _date(match.group()) if kind == "date" else 0.0
        if seconds is None:
            continue
        found.append(_token(kind, text, match.start(), match.end(), quote(match.start()), seconds=seconds))  # type: ignore[arg-type]
    taken = _Spans(found)
    numbers = [item for item in quantities(text, language) if taken.free(item.start, item.end)]
    numbers = [with_unit(text, number) for number in numbers]
    found += [_token("number", text, item.start, item.end, quote(item.start), quantity=item) for item in numbers]
    taken = _Spans(found)
    found += [
        _token("word", text, *match.span(), quote(match.start()))
        for match in ATOM.finditer(text.text)
        if taken.free(*match.span())
    ]
    return sorted(found, key=lambda token: token.start)[:MAX_TOKENS]


def _token(
    kind: Kind,
    text: Normal,
    start: int,
    end: int,
    quote: int,
    *,
    quantity: Quantity | None = None,
    seconds: float = 0.0,
) -> Token:
    return Token(kind, text.text[start:end], start, end, text.raw(start, end), quantity, seconds, quote)


class _Spans:
    """Which characters are taken."""

    def __init__(self, found: list[Token]) -> None:
        self._taken = {place for token in found for place in range(token.start, token.end)}

    def free(self, start: int, end: int) -> bool:
        """Say whether nothing of a span is taken."""
        return self._taken.isdisjoint(range(start, end))
