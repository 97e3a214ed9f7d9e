"""What a lexicon knows of words."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from jobs.rem import Intent, Modalities
from workers.remforge.words.tokens import LONGEST_WORD, NUMBER

Language = Literal["en", "es"]
SENSES = tuple(Modalities.model_fields)
Horizon = Literal["intimate", "near", "room", "open", "boundless"]
HORIZONS: tuple[Horizon, ...] = ("intimate", "near", "room", "open", "boundless")


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of a form."""

    lemma: str
    known: bool = False
    """Whether a list has it."""
    senses: tuple[str, ...] = ()
    acts: tuple[Intent, ...] = ()
    """What its verb does; counted half in each of two."""
    cues: tuple[Intent, ...] = ()
    """What it hints at without being such a verb."""
    horizons: tuple[Horizon, ...] = ()
    weight: float = 0.0
    """Of good and bad, -4 to 4; Spanish only."""
    degree: int = 0
    """1 strengthens what stands by it, -1 weakens it."""
    negates: bool = False
    first: bool = False
    """Of the first person."""
    second: bool = False
    deictic: bool = False
    """Points at something here, now, or just named."""
    generic: bool = False
    """Speaks of all, or of always."""
    strong: bool = False
    stop: bool = False
    """Too common to tell anything by itself."""
    verb: bool = False
    tense: str = ""
    """What the form shows by itself. English: past, participle, ed, ing, third, base; Spanish: see conjugation_es."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The lists of a language by lemma, and the way from a form to its lemma and back."""

    language: Language
    by_lemma: Mapping[str, Entry]
    lemmas: Callable[[str], Iterator[str]]
    inflected: Callable[[str, Entry], Entry]
    phrases: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]
    """Markers of time and their phases by their first word (NUMBER for a quantity), longest first."""
    quantities: frozenset[str]

    def entry(self, form: str) -> Entry:
        """Return what is known of a form."""
        if form == NUMBER or len(form) > LONGEST_WORD:
            return Entry(form)
        found = next((self.by_lemma[lemma] for lemma in self.lemmas(form) if lemma in self.by_lemma), Entry(form))
        return self.inflected(form, found)


def table(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the lines of a list: a name, and what stands behind the bar."""
    for line in text.strip().splitlines():
        name, words = line.split("|", 1)
        yield name.strip(), words.split()


def named(lists: Mapping[str, str]) -> dict[str, Entry]:
    """Return entries of the lists `senses`, `horizons` and `acts`, whose lines have names."""
    found: dict[str, dict[str, list[str]]] = {}
    for kind, text in lists.items():
        for name, words in table(text):
            for word in words:
                names = found.setdefault(word, {}).setdefault(kind, [])
                if name not in names:
                    names.append(name)
    return {
        lemma: Entry(
            lemma,
            known=True,
            senses=tuple(kinds.get("senses", ())),
            acts=tuple(Intent(name) for name in kinds.get("acts", ())),
            horizons=tuple(name for name in HORIZONS if name in kinds.get("horizons", ())),
            verb="acts" in kinds,
        )
        for lemma, kinds in found.items()
    }


def mark(entries: dict[str, Entry], words: Iterable[str], **what: Any) -> None:
    """Say more of some words."""
    for word in words:
        entries[word] = replace(entries.get(word, Entry(word, known=True)), **what)


def hint(entries: dict[str, Entry], intent: Intent, words: Iterable[str]) -> None:
    """Let words hint at a way of being about something."""
    for word in words:
        entry = entries.get(word, Entry(word, known=True))
        entries[word] = replace(entry, cues=(*entry.cues, intent))


def phrases(text: str) -> dict[str, tuple[tuple[tuple[str, ...], str], ...]]:
    """Return markers of time by their first word, longest first."""
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for line in text.strip().splitlines():
        phase, *written = line.split("|")
        for phrase in written:
            words = tuple(phrase.split())
            found.setdefault(words[0], []).append((words, phase.strip()))
    return {first: tuple(sorted(those, key=lambda one: -len(one[0]))) for first, those in found.items()}
