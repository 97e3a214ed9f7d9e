"""How good or bad what a text tells is, -1 to 1."""

import hashlib
import math
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.metadata import version
from itertools import islice
from pathlib import Path

from vaderSentiment import vaderSentiment

from jobs.rem import Model
from workers.remforge.words.entries import Entry
from workers.remforge.words.found import Found, found, trust, unknown
from workers.remforge.words.reading import Reading, Sentence, spread

NAME = "vaderSentiment"
MOST_PIECES = 5000
"""Sentences, or parts of long ones, that are scored, evenly spread over the text: VADER takes about 0.1 ms for each."""
LONGEST = 60
"""Words of a sentence that VADER scores at once: its time grows with their square."""
_LONGEST_CHARACTERS = 600
ENGLISH_CEILING = 0.45
"""Half of VADER's correlation with people on tweets, 0.88 (Hutto & Gilbert 2014), for which it was made: files are none."""
SPANISH_CEILING = 0.35
"""Our own list was compared with nobody's judgement but ours."""
NEGATED = -0.74
"""What a negation makes of a word, as VADER has it (Hutto & Gilbert 2014)."""
WINDOW = 3
"""Words before a word in which negations and intensifiers are looked for."""
STRONGER, WEAKER = 1.3, 0.7
ALPHA = 15
Scored = tuple[float, int]
"""A sentence's valence and its words."""


@cache
def _analyser() -> vaderSentiment.SentimentIntensityAnalyzer:
    return vaderSentiment.SentimentIntensityAnalyzer()


@cache
def vader_model() -> Model:
    """Return VADER as a model of a record's header; the digest is its lexicon's."""
    lexicon = Path(vaderSentiment.__file__).with_name("vader_lexicon.txt").read_bytes()
    digest = hashlib.sha256(lexicon).hexdigest()
    return Model(name=NAME, version=version(NAME), sha256=digest, licence="MIT")


def valence(reading: Reading) -> tuple[Found[float], tuple[str, ...]]:
    """Return the mean valence of the sentences, weighted by their words, and warnings.

    Sentences without a word of the lexicon count as 0; without any such sentence there is no value.
    """
    if reading.lexicon is None:
        return unknown(reading.unread), ()
    if reading.lexicon.language == "es":
        scores = [score for one in reading.sentences if (score := spanish(reading.entries[one.first : one.last]))]
        return _mean(scores, len(reading.words.forms), "own-lexicon-es", SPANISH_CEILING, None), ()
    taken = spread(reading.sentences, MOST_PIECES)
    pieces = list(islice((piece for one in taken for piece in _pieces(reading, one)), MOST_PIECES))
    scores = [score for piece in pieces if (score := english(piece))]
    seen, whole = sum(length for _, length in pieces), len(reading.words.forms)
    warnings = () if seen == whole else (f"valence comes from {seen} of {whole} words",)
    return _mean(scores, seen, "vader", ENGLISH_CEILING, NAME), warnings


def _mean(scores: Sequence[Scored], words: int, method: str, ceiling: float, model: str | None) -> Found[float]:
    if not scores:
        return unknown("no word of the valence lexicon occurs")
    value = sum(score * length for score, length in scores) / words
    return found(max(-1.0, min(1.0, value)), method, trust(ceiling, len(scores)), model=model)


def _pieces(reading: Reading, sentence: Sentence) -> Iterator[tuple[str, int]]:
    """Yield the text of a sentence, cut where it is longer than VADER is given, with its words."""
    first, last = sentence.first, sentence.last
    words, text = reading.words, reading.text
    for start in range(first, last, LONGEST):
        end = min(last, start + LONGEST)
        # What stands behind the last word belongs to it: `!`, `:)`.
        after = words.starts[end] if end < len(words.starts) else len(text)
        after = min(after, words.ends[end - 1] + 8)
        yield text[words.starts[start] : after][:_LONGEST_CHARACTERS], end - start


def english(piece: tuple[str, int]) -> Scored | None:
    """Return VADER's compound score of a sentence and its words; None if it has no word that VADER knows."""
    text, length = piece
    scores = _analyser().polarity_scores(text)
    return None if scores["pos"] == scores["neg"] == 0 else (float(scores["compound"]), length)


def spanish(entries: Sequence[Entry]) -> Scored | None:
    """Return s / sqrt(s^2 + ALPHA), s the sum of the weights of a sentence's words, and its words; None without such words.

    A weight is multiplied with NEGATED if a negation stands in the WINDOW before it, and with STRONGER or WEAKER for an
    intensifier or a weakener that stands there.
    """
    weights = list(_weights(entries))
    if not weights:
        return None
    total = sum(weights)
    return total / math.sqrt(total * total + ALPHA), len(entries)


def _weights(entries: Sequence[Entry]) -> Iterator[float]:
    for place, entry in enumerate(entries):
        if entry.weight:
            yield entry.weight * _turned(entries[max(0, place - WINDOW) : place])


def _turned(before: Iterable[Entry]) -> float:
    factor = 1.0
    negated = False
    for entry in before:
        negated = negated or entry.negates
        factor *= {1: STRONGER, -1: WEAKER}.get(entry.degree, 1.0)
    return factor * NEGATED if negated else factor
