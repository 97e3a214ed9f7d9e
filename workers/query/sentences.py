"""Sentences of English and Spanish technical prose, found by rules, with exact places."""

import re
from collections.abc import Iterator, Sequence

Span = tuple[int, int]


def _words(line: str) -> frozenset[str]:
    return frozenset(line.split())


# What a full stop after them does not end.
_ABBREVIATIONS = _words(
    # Latin, English
    "e.g i.e viz vs cf ca approx resp fig figs eq eqs sec secs tab tabs ref refs no nos vol vols pp ch chap app def thm "
    "ed eds dept univ dr mr mrs ms prof st jr sr jan feb mar apr jun jul aug sep sept oct nov dec max min avg std temp "
    # Spanish
    "p.ej ej pag pags pág págs num núm nums núms cap caps art arts aprox sra srta dra d ud uds vd vds ec ecs párr máx "
    "mín dcha izq tel av avda ene abr ago dic vid véase ss"
)
# These end a sentence if what follows can begin one.
_OPEN = _words("etc al inc ltd corp co a.m p.m uu")
_STARTERS = _words(
    "the this that these those it its we our they there here in on at for with a an if when after however thus each "
    "el la los las un una este esta estos estas en con por para si cuando después sin cada se no es"
)
_QUOTES = "\"'”’»"  # noqa: RUF001 - as they are printed
_END = re.compile(rf"(?:[.!?…]|(?<=[.]) \.){{1,32}}+[{_QUOTES})\]`*_]*(?=\s)")
_NEXT = re.compile(rf"\s+(?:[{_QUOTES}“‘«(\[*_`¿¡-]|\d)*(\w*)")  # noqa: RUF001 - as they are printed
_BEFORE = re.compile(r"([^\W\d_](?:[^\W\d_]|\.(?=[^\W\d_]))*)\.\Z")
_MARKER = re.compile(r"[ ]*(?:[-*+•‣◦▪\u2013]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,4})[.)])[ ]+\S")
_ENUMERATED = re.compile(r"[ ]*\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,4})[.)]\Z")
_HEADING = re.compile(r"[ ]*(?:#{1,6}[ ]+\S|(?:\d{1,2}\.)*\d{1,2}\.?[ ]+[A-ZÁÉÍÓÚÑ])")
_RULE = re.compile(r"[ ]*([-=_*~#])\1{2,}[ ]*\Z")
_LINE = re.compile(r"[^\n]+")
LONGEST_HEADING = 80


def sentences(text: str, *, verbatim: Sequence[Span] = ()) -> list[Span]:
    """Return where sentences begin and end, in order and apart; each non-space character is in one.

    Headings, items of lists and lines of code (`verbatim`) stand alone.
    """
    found: list[Span] = []
    at = 0
    for start, end in (*verbatim, (len(text), len(text))):
        for first, last in _units(text, at, start):
            found.extend(_split(text, first, last))
        found.extend(_trimmed(text, line.start(), line.end()) for line in _LINE.finditer(text, start, end))
        at = end
    return [(start, end) for start, end in found if start < end]


def _units(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield runs of lines that can share a sentence."""
    first = last = start
    previous = ""
    for match in _LINE.finditer(text, start, end):
        line = match[0]
        gap = text.count("\n", last, match.start()) > 1
        if first < last and (gap or _MARKER.match(line) or _RULE.match(line) or _stands_alone(previous, line)):
            yield first, last
            first = match.start()
        elif first == last:
            first = match.start()
        last, previous = match.end(), line
    if first < last:
        yield first, last


def _stands_alone(line: str, following: str) -> bool:
    """Tell whether a line is a rule or a heading."""
    if _RULE.match(line):
        return True
    heading = _HEADING.match(line) is not None or line.isupper()
    return heading and len(line) <= LONGEST_HEADING and line[-1] not in ".,;:" and not following.lstrip()[:1].islower()


def _split(text: str, start: int, end: int) -> Iterator[Span]:
    at = start
    for match in _END.finditer(text, start, end):
        if match.end() < end and _ends(text, at, match, end):
            yield _trimmed(text, at, match.end())
            at = match.end()
    yield _trimmed(text, at, end)


def _ends(text: str, start: int, match: re.Match[str], end: int) -> bool:
    """Tell whether a sentence that began at `start` ends with a mark in the middle of a line."""
    following = _NEXT.match(text, match.end(), end)
    word = following[1] if following else ""
    begins = not word or not word[0].islower() or "_" in word or any(letter.isdigit() for letter in word)
    if not begins or match[0][0] != "." or match[0].startswith(".."):
        return begins
    stop = match.start() + 1
    if _ENUMERATED.fullmatch(text, start, stop):
        return False
    before = _BEFORE.search(text, max(start, stop - 24), stop)
    if before is None:
        return True
    name = before[1].lower()
    return name not in _ABBREVIATIONS and _closes(text, before, word)


def _closes(text: str, before: re.Match[str], word: str) -> bool:
    """Tell whether a full stop ends a sentence, and not only a word that may be short for something."""
    name, starts = before[1].lower(), word.lower() in _STARTERS
    if name in _OPEN:
        return word[:1].isupper() and (starts or name not in {"al", "uu"})
    # A capital by itself is an initial; `EE. UU.` are two.
    initial = len(name) == 1 and before[1].isupper() and _alone(text, before.start())
    return starts or not (initial or before[1] == "EE")


def _alone(text: str, place: int) -> bool:
    return place == 0 or not (text[place - 1].isalnum() or text[place - 1] in "_.")


def _trimmed(text: str, start: int, end: int) -> Span:
    part = text[start:end]
    start += len(part) - len(part.lstrip())
    return start, max(start, start + len(part.strip()))
