"""The words of a text, as every store of texts takes them: in passages and in questions alike.

Lower case without accents; `aes128_sbox` and `aes.c:42` whole and in their parts, `aes128` also as `aes`; addresses without
leading zeros; words stemmed for English and then for Spanish (Snowball), since nobody says which language a text is in.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

COMPOUND = re.compile(r"[^\W_]+(?:[_.:/+@#$-][^\W_]+)*")
PART = re.compile(r"[^\W_]+")
ADDRESS = re.compile(r"0x0*([0-9a-f]+)")
NUMBERED = re.compile(r"([a-z]{3,})[0-9]+")
LONGEST = 64
"""Characters of a compound, or of a part; longer ones are cut."""
SHORTEST_STEMMED = 4
MAX_QUESTION_TERMS = 64
# Not `and`, `it` and the like: they are instructions as well.
_ENGLISH = (
    "a an the of to in on for with by at from as is are was were be been do does did has have had what which who how why"
    " when where this that these those there its into than then"
)
_SPANISH = (
    "el la los las un una unos unas de del al en por para con que cual cuales quien como cuando donde es son fue ser"
    " se su sus lo le les y o u no si mas este esta estos estas ese esa hay ha han"
)
FUNCTION_WORDS = frozenset(_ENGLISH.split()) | frozenset(_SPANISH.split())


def terms(text: str) -> Iterator[str]:
    """Yield the terms of a text in order, repeated ones too; none of them holds a space."""
    for word in COMPOUND.findall(_folded(text)):
        yield from _terms_of(word) if len(word) <= LONGEST else _long(word)


def question_terms(words: str) -> list[str]:
    """Return the terms of a question, each once; words that only hold a sentence together count if there are no others."""
    plain = [word for word in PART.findall(_folded(words)) if word in FUNCTION_WORDS]
    weak = {term for word in plain for term in _terms_of(word)}
    found = list(dict.fromkeys(terms(words)))
    return [term for term in found if term not in weak][:MAX_QUESTION_TERMS] or found[:MAX_QUESTION_TERMS]


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


@lru_cache(maxsize=65536)
def _terms_of(word: str) -> tuple[str, ...]:
    parts = PART.findall(word)
    found = [word] if len(parts) > 1 else []
    for part in parts:
        found.append(_term(part))
        if numbered := NUMBERED.fullmatch(part):
            found.append(_term(numbered[1]))
    return tuple(found)


def _long(word: str) -> Iterator[str]:
    for part in PART.findall(word):
        yield from _terms_of(part[:LONGEST])


def _term(part: str) -> str:
    if address := ADDRESS.fullmatch(part):
        return f"0x{address[1]}"
    if len(part) < SHORTEST_STEMMED or not part.isascii() or not part.isalpha():
        return part
    for stemmer in _stemmers():
        part = stemmer.analyze(part)[0]
    return part


@lru_cache(maxsize=1)
def _stemmers() -> tuple[TextAnalyzer, ...]:
    return tuple(
        TextAnalyzerBuilder(Tokenizer.raw()).filter(Filter.stemmer(language)).build()
        for language in ("english", "spanish")
    )
