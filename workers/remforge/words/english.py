"""The English lexicon: its lists, and a light way from forms to lemmas."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from jobs.rem import Intent
from workers.remforge.words import grammar_en as grammar
from workers.remforge.words import senses_en as lists
from workers.remforge.words.entries import Entry, Lexicon, hint, mark, named, phrases
from workers.remforge.words.tokens import NUMBER

_IRREGULAR = [line.split() for line in grammar.IRREGULAR.replace("\n", " ").split("|")]
PAST = {words[1]: words[0] for words in _IRREGULAR if len(words) > 1}
PARTICIPLES = {words[2]: words[0] for words in _IRREGULAR if len(words) > 2}
_NO_VERBS = frozenset(grammar.NO_VERBS.split())
_ENDINGS = (
    ("ies", "y"),
    ("ied", "y"),
    ("ier", "y"),
    ("iest", "y"),
    ("ily", "y"),
    ("es", ""),
    ("s", ""),
    ("ed", ""),
    ("ed", "e"),
    ("ing", ""),
    ("ing", "e"),
    ("er", ""),
    ("er", "e"),
    ("est", ""),
    ("est", "e"),
    ("ly", ""),
)
_DOUBLED = re.compile(r"(?P<stem>.*(?P<last>[bdglmnprt]))(?P=last)(?:ed|ing|er|est)\Z")


def lemmas(form: str) -> Iterator[str]:
    """Yield what a form may be a form of, likeliest first."""
    yield form
    form = form.removesuffix("'s").removesuffix("'")
    yield form
    if lemma := PAST.get(form) or PARTICIPLES.get(form):
        yield lemma
    for ending, instead in _ENDINGS:
        if form.endswith(ending) and len(form) > len(ending) + 1:
            yield form.removesuffix(ending) + instead
    if match := _DOUBLED.match(form):
        yield match["stem"]


def inflected(form: str, entry: Entry) -> Entry:
    """Say what a form shows by itself: `saw` past, `seen` participle, `walked` ed, `walking` ing, `sees` third, `see` base."""
    if form in PAST:
        return replace(entry, verb=True, tense="past")
    if form in PARTICIPLES:
        return replace(entry, verb=True, tense="participle")
    if (entry.lemma != form or not entry.known) and form not in _NO_VERBS:
        for ending in ("ed", "ing"):
            if form.endswith(ending) and len(form) > len(ending) + 2:
                return replace(entry, tense=ending)
    if not entry.verb:
        return entry
    return replace(entry, tense="base" if form == entry.lemma else "third" if form.endswith("s") else "")


@cache
def english() -> Lexicon:
    """Return the English lexicon, made once a process."""
    found = named({"senses": lists.SENSES, "horizons": lists.HORIZONS, "acts": lists.ACTS})
    mark(found, grammar.VERBS.split(), verb=True)
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
    quantities = frozenset(grammar.NUMBERS.split()) | {NUMBER}
    return Lexicon("en", found, lemmas, inflected, phrases(grammar.MARKERS), quantities)
