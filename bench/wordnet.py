"""WordNet's glosses, as Debian's package `wordnet-base` brings them: short open texts that nobody here wrote.

A passage is a synset: its words and its definition. It is looked for in three ways, none of which is in the passage:
    example    a sentence that uses one of its words
    blank      the same sentence without that word: only the meaning is left
    reworded   the definition, every word that has a synonym in its most frequent sense replaced by it
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

FOLDER = Path("/usr/share/wordnet")
KINDS = ("noun", "verb", "adj", "adv")
EXAMPLE = re.compile(r'"([^"]+)"')
WORD = re.compile(r"[a-z]+")
SHORTEST = 5
"""Words of an example, or of a definition that is worded anew."""


@dataclass(frozen=True, slots=True)
class Synset:
    """A meaning, the words that have it, and how they are used."""

    id: str
    words: tuple[str, ...]
    definition: str
    examples: tuple[str, ...]

    @property
    def passage(self) -> str:
        """Return what is searched."""
        return f"{', '.join(self.words)}: {self.definition}"


@dataclass(frozen=True, slots=True)
class Search:
    """A query, and the one passage that is right."""

    way: str
    text: str
    synset: str


def synsets() -> dict[str, Synset]:
    """Return all synsets; raises FileNotFoundError where the package is not installed."""
    return {synset.id: synset for kind in KINDS for synset in _read(kind)}


def searches(found: dict[str, Synset], *, passages: int, each: int, seed: int) -> tuple[list[Synset], list[Search]]:
    """Return some synsets, and `each` searches of every way for some of them."""
    rng = np.random.default_rng(seed)
    used = [synset for synset in found.values() if _sentence(synset)]
    chosen = [used[at] for at in rng.permutation(len(used))[:passages]]
    synonyms = _synonyms(found)
    made = []
    for synset in chosen:
        sentence, word = _sentence(synset) or ("", "")
        made.append(Search("example", sentence, synset.id))
        made.append(Search("blank", _without(sentence, word), synset.id))
        if (reworded := _reworded(synset, synonyms)) is not None:
            made.append(Search("reworded", reworded, synset.id))
    ways = ("example", "blank", "reworded")
    return chosen, [search for way in ways for search in [one for one in made if one.way == way][:each]]


def _read(kind: str) -> list[Synset]:
    made = []
    for line in (FOLDER / f"data.{kind}").read_text(encoding="latin-1").splitlines():
        if line.startswith("  "):
            continue
        fields, _, gloss = line.partition(" | ")
        parts = fields.split()
        words = tuple(re.sub(r"\(.*\)", "", parts[4 + 2 * n]).replace("_", " ") for n in range(int(parts[3], 16)))
        definition = gloss.split('"')[0].strip().rstrip(";")
        made.append(Synset(f"{kind}:{parts[0]}", words, definition, tuple(EXAMPLE.findall(gloss))))
    return made


def _sentence(synset: Synset) -> tuple[str, str] | None:
    """Return an example of some length with the word of the synset that it uses."""
    for example in synset.examples:
        for word in synset.words:
            if len(example.split()) >= SHORTEST and re.search(rf"\b{re.escape(word)}", example, re.IGNORECASE):
                return example, word
    return None


def _without(sentence: str, word: str) -> str:
    return " ".join(re.sub(rf"\b{re.escape(word)}\w*", " ", sentence, flags=re.IGNORECASE).split())


def _synonyms(found: dict[str, Synset]) -> dict[str, str]:
    """Return for a word another one of its most frequent sense, nouns first."""
    made: dict[str, str] = {}
    for kind in KINDS:
        for line in (FOLDER / f"index.{kind}").read_text(encoding="latin-1").splitlines():
            parts = line.split()
            if line.startswith("  ") or "_" in parts[0]:
                continue
            synset = found[f"{kind}:{parts[-int(parts[2])]}"]
            others = [word for word in synset.words if word.lower() != parts[0]]
            if others:
                made.setdefault(parts[0], others[0])
    return made


def _reworded(synset: Synset, synonyms: dict[str, str]) -> str | None:
    words = WORD.findall(synset.definition.lower())
    changed = [synonyms.get(word, word) if len(word) > 3 else word for word in words]
    return " ".join(changed) if len(words) >= SHORTEST and changed != words else None
