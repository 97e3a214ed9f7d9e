"""Where sentences of English and Spanish prose, diaries and notes end. Time grows with the length of the text."""

import re
from collections.abc import Iterator

# What a full stop after them does not end: Latin, English, Spanish.
_SHORT_WORDS = """
e.g i.e viz vs cf ca approx resp dept univ dr mr mrs ms prof st jr sr mt p.ej ej núm aprox sra srta dra ud uds vd
av avda gral lic ing ee
"""
_SHORT = frozenset(_SHORT_WORDS.split())
# The same before a number; elsewhere some of them are words: `He said no. Then he left.`
_BEFORE_NUMBERS_WORDS = """
no nos fig figs eq eqs sec secs tab ref refs vol vols pp p ch chap cap caps art arts pág págs pag núms min max
jan feb mar apr jun jul aug sept oct nov dec ene abr ago dic tel def
"""
_BEFORE_NUMBERS = frozenset(_BEFORE_NUMBERS_WORDS.split())
_OPEN = frozenset(["etc", "al", "inc", "ltd", "corp", "co", "a.m", "p.m", "uu", "ee.uu"])
"""These end a sentence if what follows begins with a capital."""
_CLOSERS = "\"'”’»)\\]*_"  # noqa: RUF001 - as they are printed
_OPENERS = "\"'“‘«(\\[*_¿¡—–-"  # noqa: RUF001 - as they are printed
_BREAK = r"\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]"
_CUT = re.compile(
    rf"(?P<line>(?:{_BREAK})\s*+)"
    rf"|(?P<stop>(?<![.!?…])[.!?…]++[{_CLOSERS}]{{0,8}}+(?=\s|\Z))"
    r"|(?P<wide>(?<![。！？])[。！？]++[」』”]{0,8}+)"  # noqa: RUF001 - as they are printed
)
_LINES = re.compile(_BREAK)
_ITEM = re.compile(r"(?:[-*+•‣◦▪·–]|\(?\d{1,3}[.)]|\(?[A-Za-z][.)])[ \t]+\S")  # noqa: RUF001 - as they are printed
_NUMBERED = re.compile(r"\s*\(?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,4})\.\Z")
_BEFORE = re.compile(r"(?<![\w.])([^\W\d_](?:[^\W_]|\.(?=[^\W\d_]))*)\.\Z")
_AFTER = re.compile(rf"\s+[{_OPENERS}]{{0,8}}+(\S?)")
SHORT_LINE = 50
"""A shorter line was ended by its writer, and not by the width of the page, unless a small letter follows."""


def sentence_ends(text: str) -> Iterator[int]:
    """Yield where sentences end, in order, the end of the text last; what lies between two places is one sentence.

    An end of a line ends a sentence if another one follows, if an item of a list does, or if the line is short and
    no small letter follows.
    """
    at = line = 0
    for match in _CUT.finditer(text):
        place = match.end()
        if match.lastgroup == "line":
            ends = _line_ends(text, line, match)
            line = place
        else:
            ends = match.lastgroup == "wide" or _stop_ends(text, at, match)
        if ends:
            yield place
            at = place
    if at < len(text):
        yield len(text)


def _line_ends(text: str, line: int, match: re.Match[str]) -> bool:
    if len(_LINES.findall(match[0])) > 1 or _ITEM.match(text, match.end()):
        return True
    return match.start() - line < SHORT_LINE and not text[match.end() : match.end() + 1].islower()


def _stop_ends(text: str, at: int, match: re.Match[str]) -> bool:
    """Tell whether a mark ends a sentence that began at `at`."""
    following = _AFTER.match(text, match.end(), match.end() + 64)
    small = following is not None and following[1].islower()
    mark = match[0]
    if mark[0] != ".":
        # `"Stop!" he said` goes on; `¿Sí? pues` does not.
        return not (small and (mark[-1] not in "!?" or mark[0] == "…"))
    if mark.startswith(".."):
        return not small
    stop = match.start() + 1
    if stop - at <= 8 and _NUMBERED.match(text[at:stop]):
        return False
    before = _BEFORE.search(text, max(at, stop - 24), stop)
    if before is None or len(mark) > 1:
        return not (small and len(mark) > 1)
    name = before[1].lower()
    if name in _OPEN:
        return not small
    # `J. Daemen`, `p. ej.`
    initial = len(name) == 1 and (small if name == before[1] else before[1] not in "IYAO")
    number = following is not None and following[1].isdigit()
    return not (name in _SHORT or initial or (number and name in _BEFORE_NUMBERS))
