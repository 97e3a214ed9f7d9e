"""The Spanish lexicon: its lists, and a light way from forms to lemmas."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from jobs.rem import Intent
from workers.remforge.words import grammar_es as grammar
from workers.remforge.words import senses_es as lists
from workers.remforge.words.conjugation_es import Form, forms
from workers.remforge.words.entries import Entry, Lexicon, hint, mark, named, phrases, table
from workers.remforge.words.tokens import NUMBER, folded
from workers.remforge.words.valence_es import WEIGHTS

_PLURALS = (("ces", "z"), ("es", ""), ("s", ""))
_ENDINGS = (
    ("as", "o"),
    ("a", "o"),
    ("amente", "o"),
    ("mente", ""),
    ("isimo", "o"),
    ("isima", "o"),
    ("isimo", "e"),
    ("isima", "e"),
)
_CLITICS = re.compile(r"(?P<verb>.+(?:[aei]r|ndo))(?:[mts]e|[no]?os)?(?:l[aeo]s?)?\Z")
_USED_AS_NOUNS = ("ada", "ida", "adas", "idas", "ados", "idos")
"""Participles such as `medida` and `llamada`, which do nothing."""
# Of words that no list has: `pintó`, `pintaron`; `pintará`; `pintaría`; `energía` and `mañana` are none.
_TENSES = (
    (re.compile(r".{2,}(?:aron|ieron|ábamos|abas?|aban)\Z"), "past"),
    (re.compile(r".{2,}[aei]r(?:é|ás|á|án|emos)\Z"), "future"),
    (re.compile(r".{2,}[aei]ría(?:s|n|mos)\Z"), "conditional"),
    (re.compile(r".{2,}(?:[b-df-hj-np-tv-zñ]ió|[^iu]ó)\Z"), "past"),
)


@cache
def conjugated() -> dict[str, Form]:
    """Return the forms of the verbs, but for those that are far more often something else."""
    found = forms()
    for word in grammar.NO_VERBS.split():
        found.pop(word, None)
    return found


def lemmas(form: str) -> Iterator[str]:
    """Yield what a form may be a form of, likeliest first. Accents may be missing."""
    yield form
    plain = folded(form)
    yield plain
    for ending, instead in _PLURALS:
        if plain.endswith(ending) and len(plain) > len(ending) + 1:
            yield plain.removesuffix(ending) + instead
    verbs = conjugated()
    if (known := verbs.get(form)) is not None:
        yield known.lemma
    for ending, instead in _ENDINGS:
        if plain.endswith(ending) and len(plain) > len(ending) + 1:
            yield plain.removesuffix(ending) + instead
    if (match := _CLITICS.match(plain)) and match["verb"] != form and (known := verbs.get(match["verb"])):
        yield known.lemma


def inflected(form: str, entry: Entry) -> Entry:
    """Say what a form shows by itself: its tense, and whether it is of the first person."""
    known = conjugated().get(form)
    if known is not None and known.tense == "other" and form.endswith(_USED_AS_NOUNS):
        return replace(entry, acts=(), verb=False)
    if known is not None:
        return replace(entry, verb=True, tense=known.tense, first=entry.first or known.first)
    if entry.stop or (form == entry.lemma and entry.known):
        return entry
    tense = next((tense for pattern, tense in _TENSES if pattern.match(form)), "")
    return replace(entry, tense=tense, verb=True) if tense else entry


@cache
def spanish() -> Lexicon:
    """Return the Spanish lexicon, made once a process."""
    found = named({"senses": lists.SENSES, "horizons": lists.HORIZONS, "acts": lists.ACTS})
    for weight, words in table(WEIGHTS):
        mark(found, words, weight=float(weight))
    mark(found, lists.STRONG.split(), strong=True)
    mark(found, grammar.INTENSIFIERS.split(), degree=1)
    mark(found, grammar.DOWNTONERS.split(), degree=-1)
    mark(found, grammar.NEGATORS.split(), negates=True)
    mark(found, grammar.FIRST.split(), first=True)
    mark(found, grammar.SECOND.split(), second=True)
    mark(found, grammar.DEICTIC.split(), deictic=True)
    mark(found, grammar.GENERIC.split(), generic=True)
    hint(found, Intent.MEMORY, lists.MEMORY_CUES.split())
    hint(found, Intent.IMAGINATION, lists.IMAGINATION_CUES.split())
    hint(found, Intent.REFLECTION, lists.REFLECTION_CUES.split())
    hint(found, Intent.LANGUAGE, lists.LANGUAGE_CUES.split())
    mark(found, grammar.STOP.split(), stop=True)
    for lemma, entry in list(found.items()):
        if not entry.stop:
            found.setdefault(folded(lemma), entry)
    quantities = frozenset(grammar.NUMBERS.split()) | {NUMBER}
    return Lexicon("es", found, lemmas, inflected, phrases(grammar.MARKERS), quantities)
