"""Words of sentences, as lexicon and phrases compare them: without case, accents and the endings of plurals."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from workers.query.sentences import Span

_BETWEEN = " -\n'\u2010\u2011\u2013\u2019"
_WORD = re.compile(r"[^\W_]+\+?")


@dataclass(frozen=True, slots=True)
class Word:
    """A word where it stands; parts of a hyphenated one are words of their own."""

    start: int
    end: int
    raw: str
    plain: str
    """Lower case, no accents."""
    stem: str


def words(text: str, sentences: Sequence[Span]) -> list[list[Word]]:
    """Return the words of each sentence."""
    return [
        [Word(match.start(), match.end(), match[0], *_forms(match[0])) for match in _WORD.finditer(text, start, end)]
        for start, end in sentences
    ]


def of_form(form: str) -> list[tuple[str, str]]:
    """Return the words of a form as written, and their stems."""
    return [(match[0], _forms(match[0])[1]) for match in _WORD.finditer(form)]


def near(text: str, word: Word, following: Word) -> bool:
    """Tell whether nothing but a space, a hyphen or a line's end lies between two words."""
    gap = following.start - word.end
    return (gap == 1 and text[word.end] in _BETWEEN) or (gap == 2 and text[word.end : following.start] in {"-\n", "  "})


@lru_cache(maxsize=65536)
def _forms(word: str) -> tuple[str, str]:
    plain = word.lower()
    if not plain.isascii():
        plain = "".join(part for part in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(part))
    if len(plain) > 3 and plain.endswith("es"):
        return plain, plain[:-2]
    if len(plain) > 3 and plain.endswith("e"):
        return plain, plain[:-1]  # the singular of words such as `traces`
    if len(plain) > 3 and plain.endswith("s") and not plain.endswith("ss"):
        return plain, plain[:-1]
    return plain, plain
