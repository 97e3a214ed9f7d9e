"""How hard a text is to read, and how varied its words are."""

import math
import re
from collections import Counter
from functools import lru_cache

from workers.remforge.words.entries import Language
from workers.remforge.words.found import Found, found, trust, unknown
from workers.remforge.words.reading import Reading
from workers.remforge.words.tokens import LONGEST_WORD, NUMBER

FEWEST_WORDS = 3
CEILING = 0.9
"""Of samples of a hundred words, for which the formulas were made; counts of syllables are by rule."""
SAMPLE = 100
_EN_GROUPS = re.compile("[aeiouy]+")
_EN_TWO = re.compile(
    r"[^aeiou]ia|io(?!us|n)|eo(?!u)|iu|ua(?!r)|uo|[aeoy]ing|ism\b|[dt]n't|crea(?=t)|(?<=[aeiou][^aeiou])ea\Z|ie(?=t|nc)|eum\Z|oe[mt]"
)
_EN_EXCEPTIONS = {"people": 2, "business": 2, "rhythm": 2, "rhythms": 2, "safety": 2, "lion": 2, "lions": 2}
_EN_WITHIN = {"some": "som", "every": "evry"}
"""Beginnings of compounds, as they are spoken."""
_EN_SILENT = re.compile(r"(?<=[^aeiouy])(?:e|es|ed)\Z")
_EN_SPOKEN = re.compile(r"(?:[^aeiouyl]l|[^aeiouy]r)e[sd]?\Z|[td]ed\Z|(?:[sxz]|[cs]h|[cg])es\Z|\A[^aeiouy]+e\Z")
_EN_INNER = re.compile(
    r"(?<=[aeiouy][^aeiouy])e(?=(?:ly|ment|ful|less|ness)s?\Z)|(?<=[aeiouy][^aeiouy][^aeiouy])e(?=(?:ful|less)\Z)"
)
_ES_SILENT = re.compile("(?<=q)u(?=[eiéí])|(?<=g)u(?=[eiéí])|h")
_ES_VOWELS = re.compile("[aeiouáéíóúü]+y?|y(?![aeiouáéíóúü])")
# Two strong vowels, or a weak one that is stressed beside a strong one, are two syllables.
_ES_BETWEEN = re.compile("(?<=[aeoáéó])(?=[aeoáéóíú])|(?<=[íú])(?=[aeoáéó])|(?<=i)(?=[ií])|(?<=u)(?=u)")


@lru_cache(maxsize=50_000)
def syllables_en(word: str) -> int:
    """Return how many syllables an English word in small letters has, by rule: groups of vowels, without silent e."""
    plain = word.removesuffix("'s")
    if plain in _EN_EXCEPTIONS:
        return _EN_EXCEPTIONS[plain]
    for written, spoken in _EN_WITHIN.items():
        if plain.startswith(written) and plain != written:
            plain = spoken + plain.removeprefix(written)
    plain = _EN_INNER.sub("", plain)
    if not _EN_SPOKEN.search(plain):
        plain = _EN_SILENT.sub("", plain)
    return max(1, len(_EN_GROUPS.findall(plain)) + len(_EN_TWO.findall(plain)))


@lru_cache(maxsize=50_000)
def syllables_es(word: str) -> int:
    """Return how many syllables a Spanish word in small letters has: nuclei of vowels, hiatus counted as two."""
    plain = _ES_SILENT.sub("", word)
    return max(1, sum(1 + len(_ES_BETWEEN.findall(group)) for group in _ES_VOWELS.findall(plain)))


def syllables(counts: Counter[str], language: Language) -> int:
    """Return the syllables of all words; a run of letters that is too long for a word has one for each three letters."""
    count = syllables_en if language == "en" else syllables_es
    return sum(
        times * (count(form) if len(form) <= LONGEST_WORD else len(form) // 3)
        for form, times in counts.items()
        if form != NUMBER
    )


def readability(reading: Reading) -> Found[float]:
    """Return the reading ease, about 0 (hard) to 100 (easy), w words, s sentences, y syllables.

    English: 206.835 - 1.015 w/s - 84.6 y/w (Flesch 1948). Spanish: 206.84 - 1.02 w/s - 60 y/w (Fernández Huerta 1959, with
    words a sentence where his paper misprints sentences: Law 2011).
    """
    words, sentences = reading.total, len(reading.sentences)
    if reading.lexicon is None:
        return unknown(reading.unread)
    if words < FEWEST_WORDS:
        return unknown(f"a text of fewer than {FEWEST_WORDS} words has no readability")
    each = syllables(reading.counts, reading.lexicon.language) / words
    confidence = trust(CEILING, 1e9, min(1.0, words / SAMPLE))
    if reading.lexicon.language == "en":
        return found(206.835 - 1.015 * words / sentences - 84.6 * each, "flesch", confidence)
    return found(206.84 - 1.02 * words / sentences - 60 * each, "fernandez-huerta", confidence)


def entropy(reading: Reading) -> Found[float]:
    """Return -sum p log2 p over the forms of words, in bits a word (Shannon 1948)."""
    total = reading.total
    if total == 0:
        return unknown("there are no words")
    counts = sorted(count for form, count in reading.counts.items() if form != NUMBER)
    value = math.log2(total) - math.fsum(count * math.log2(count) for count in counts) / total
    return found(max(0.0, value), "shannon", 1.0)
