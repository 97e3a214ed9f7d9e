"""A text that has been read once: its words, what the lexicon knows of them, its clauses and its markers of time."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from workers.remforge.words.clauses import Part, clauses
from workers.remforge.words.entries import Entry, Lexicon
from workers.remforge.words.grammar_es import MORNING
from workers.remforge.words.language import Spoken, spoken
from workers.remforge.words.lexicon import lexicon
from workers.remforge.words.tokens import NUMBER, Tokens, tokens


@dataclass(frozen=True, slots=True)
class Marker:
    """Words that place something in time: words [first, last)."""

    first: int
    last: int
    phase: str
    remote: bool
    """Whether it is a past that is told as a memory, such as `when I was`."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence: text[start:end], with the words [first, last)."""

    start: int
    end: int
    first: int
    last: int

    @property
    def words(self) -> int:
        """Return how many words and numbers it has."""
        return self.last - self.first


@dataclass(frozen=True)
class Reading:
    """What was read. `entries` has one for each word where the language is known, and is empty otherwise."""

    text: str
    words: Tokens
    counts: Counter[str]
    spoken: Spoken
    lexicon: Lexicon | None
    entries: list[Entry]
    parts: list[Part]
    markers: list[Marker]

    @cached_property
    def total(self) -> int:
        """Return how many words there are; numbers are none."""
        return self.counts.total() - self.counts[NUMBER]

    @property
    def unread(self) -> str:
        """Return why no lexicon reads the text, where none does."""
        return "the language is neither English nor Spanish" if self.total else "there are no words"

    @cached_property
    def sentences(self) -> list[Sentence]:
        """Return the sentences that have a word."""
        found: list[Sentence] = []
        number = -1
        for part in self.parts:
            if part.first == part.last:
                continue
            if part.sentence == number:
                found[-1] = Sentence(found[-1].start, part.end, found[-1].first, part.last)
            else:
                found.append(Sentence(part.start, part.end, part.first, part.last))
                number = part.sentence
        return found


def spread(sentences: list[Sentence], most: int) -> list[Sentence]:
    """Return at most `most` sentences, evenly spread."""
    if len(sentences) <= most:
        return sentences
    return [sentences[step * len(sentences) // most] for step in range(most)]


def read(text: str) -> Reading:
    """Read a text once."""
    words = tokens(text)
    counts = Counter(words.forms)
    language = spoken(text, counts)
    if language.language is None:
        return Reading(text, words, counts, language, None, [], clauses(text, words, None), [])
    known = lexicon(language.language)
    by_form = {form: known.entry(form) for form in counts}
    entries = [by_form[form] for form in words.forms]
    parts = clauses(text, words, language.language)
    return Reading(text, words, counts, language, known, entries, parts, list(_markers(words, known)))


_BEFORE_MORNING = frozenset(MORNING.split())
_REMOTE = frozenset(
    [
        "used",
        "when",
        "child",
        "childhood",
        "once",
        "long",
        "years",
        "days",
        "época",
        "niño",
        "niña",
        "pequeño",
        "pequeña",
        "era",
        "érase",
        "antaño",
        "atrás",
        "back",
    ]
)


def _markers(words: Tokens, known: Lexicon) -> Iterator[Marker]:
    forms = words.forms
    counted = known.phrases.get(NUMBER, ())
    begins = {*known.phrases, *known.quantities}
    at = 0
    for place, form in enumerate(forms):
        if form not in begins or place < at or _morning(forms, place):
            continue
        those = known.phrases.get(form, ())
        if form in known.quantities:
            those = (*those, *counted)
        for phrase, phase in those:
            if _matches(forms, place, phrase, known.quantities):
                at = place + len(phrase)
                yield Marker(place, at, phase, phase == "past" and not _REMOTE.isdisjoint(phrase))
                break


def _morning(forms: list[str], place: int) -> bool:
    """Tell `la mañana`, the morning, from `mañana`, tomorrow."""
    return forms[place] == "mañana" and place > 0 and forms[place - 1] in _BEFORE_MORNING


def _matches(forms: list[str], place: int, phrase: tuple[str, ...], quantities: frozenset[str]) -> bool:
    """Tell whether a phrase, whose first word is at `place`, goes on there."""
    if place + len(phrase) > len(forms):
        return False
    for step in range(1, len(phrase)):
        form, word = forms[place + step], phrase[step]
        if form != word and (word != NUMBER or form not in quantities):
            return False
    return True
