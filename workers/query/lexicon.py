"""What words mean to the planner. The words are in `lexicon_words`; here they are looked up, in both languages at once."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from workers.query import lexicon_absent, lexicon_forms, lexicon_idioms, lexicon_verbs, lexicon_words
from workers.query.lexicon_words import ORDINARY, STOP

ATOM: Final = re.compile(r"\w+|>=|<=|[<>=≥≤]")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a phrase can mean: a kind, a value, and of what (a property) where that is part of it."""

    kind: str
    value: str
    of: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A phrase's meanings, most usual first, and how the meaning is called in English."""

    meanings: tuple[Meaning, ...]
    english: str


def _read() -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    tables = (
        lexicon_words.RELATING,
        lexicon_words.FIGURES,
        lexicon_words.COMPARING,
        lexicon_words.PROPERTIES,
        lexicon_words.THINGS,
        lexicon_words.TOPICS,
        lexicon_absent.ABSENT,
        lexicon_idioms.IDIOMS,
    )
    written = [line for table in tables for line in table.strip().splitlines()]
    # A form of a verb that the tables have already keeps its meaning there.
    for line in (*written, *lexicon_forms.lines(), *lexicon_verbs.lines()):
        head, *languages = (part.strip() for part in line.split(" | "))
        kind, _, rest = head.partition(" ")
        value, _, of = (rest, "", "") if kind in {"topic", "verdict"} else rest.partition(" ")
        meaning = Meaning(kind, value, of)
        lead = languages[0].split(", ")[0]
        written_so = (phrase.strip() for language in languages for phrase in language.split(", "))
        for phrase in (same for one in written_so for same in lexicon_forms.alike(one)):
            key = " ".join(ATOM.findall(phrase))
            if not key:
                continue
            known = entries.get(key, Entry((), lead))
            if meaning not in known.meanings:
                entries[key] = Entry((*known.meanings, meaning), known.english)
    return entries


PHRASES: Final = _read()
LONGEST: Final = max(key.count(" ") + 1 for key in PHRASES)
_RARE: Final = re.compile(r"(?:[aei]r(?:ia|ian|a|an)|aba|aban|ase|iera|ieran|[aei]mos)$")
"""Ends of verbs that nobody asks with: as what a misspelt word was meant to be they mislead."""
_WORDS: Final = sorted(
    {
        word
        for key, entry in PHRASES.items()
        for word in key.split()
        # Short words must not be misread as what nothing is known of: `sale` is not `sales`.
        if len(word) >= (8 if entry.meanings[0].kind == "absent" else 4) and word.isalpha() and not _RARE.search(word)
    }
)
KNOWN: Final = frozenset(_WORDS) | STOP | frozenset(word for key in PHRASES for word in key.split())
FIRST: Final = frozenset(key.split()[0] for key in PHRASES)


@lru_cache(maxsize=8192)
def corrected(word: str) -> str:
    """Return the word that a misspelt one was meant to be, or the word itself."""
    if word in KNOWN or word in ORDINARY or len(word) < 4 or len(word) > 20 or not word.isalpha():
        return word
    for ending in ("s", "es"):
        if word.endswith(ending) and word.removesuffix(ending) in KNOWN:
            return word.removesuffix(ending)
    if len(word) == 4:
        # Of so short a word only a missing letter is sure.
        longer = [
            known for known in _WORDS if len(known) == 5 and OSA.distance(word, known) == 1 and known[0] == word[0]
        ]
        return longer[0] if len(longer) == 1 else word
    best = process.extractOne(word, _WORDS, scorer=OSA.distance, score_cutoff=1 if len(word) < 9 else 2)
    if best is None or (len(best[0]) < 5 and best[1] > 0) or best[0][0] != word[0]:
        return word
    return str(best[0])


def meant(phrase: str) -> tuple[Meaning, ...]:
    """Return the meanings of a phrase in normal form, single spaces; none for what is not in the vocabulary."""
    entry = PHRASES.get(phrase)
    return entry.meanings if entry else ()


def is_common(word: str) -> bool:
    """Say whether a word is one of ours, so that it names something only where the question says so."""
    return word in KNOWN


def words_for_search(atoms: list[str]) -> str:
    """Return content words, each once; what our vocabulary knows comes with its English name."""
    kept: dict[str, None] = {}
    place = 0
    while place < len(atoms):
        for length in range(min(LONGEST, len(atoms) - place), 0, -1):
            entry = PHRASES.get(" ".join(atoms[place : place + length]))
            if entry is not None:
                break
        else:
            entry, length = None, 1
        phrase = atoms[place : place + length]
        kept.update(dict.fromkeys(word for word in phrase if word not in STOP and any(map(str.isalnum, word))))
        if entry is not None and entry.meanings[0].kind not in {
            "ask",
            "op",
            "groupby",
            "them",
            "many",
            "much",
            "filler",
        }:
            kept.update(dict.fromkeys(word for word in entry.english.split() if word not in STOP and word != "-"))
        place += length
    return " ".join(kept)
