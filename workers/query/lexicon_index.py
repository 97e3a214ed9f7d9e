"""Terms of the lexicon where a sentence has them, the longest at each place."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from workers.query.extraction_lexicon import TERMS, Term
from workers.query.text_words import Word, near, of_form


@dataclass(frozen=True, slots=True)
class _Form:
    term: Term
    stems: tuple[str, ...]
    capitals: tuple[str, ...]
    """As the words must be written; empty if any case will do."""


def in_lexicon(text: str, sentence: Sequence[Word]) -> Iterator[tuple[int, int, Term]]:
    """Yield terms with their places, apart from each other."""
    index = _index()
    at = 0
    while at < len(sentence):
        for form in index.get(sentence[at].stem, ()):
            if _matches(text, sentence[at : at + len(form.stems)], form):
                last = sentence[at + len(form.stems) - 1]
                yield sentence[at].start, last.end, form.term
                at += len(form.stems) - 1
                break
        at += 1


def _matches(text: str, part: Sequence[Word], form: _Form) -> bool:
    if tuple(word.stem for word in part) != form.stems:
        return False
    if form.capitals and any(
        word.raw not in {written, f"{written}s"} for word, written in zip(part, form.capitals, strict=True)
    ):
        return False
    return all(near(text, word, following) for word, following in pairwise(part))


@cache
def _index() -> dict[str, list[_Form]]:
    index: defaultdict[str, list[_Form]] = defaultdict(list)
    for term in TERMS:
        for form in (term.name, *term.forms):
            written = of_form(form)
            capitals = tuple(word for word, _ in written) if form == form.upper() else ()
            # The plural of an acronym has the acronym's own stem.
            stems = tuple(stem for _, stem in written)
            index[stems[0]].append(_Form(term, stems, capitals))
    for forms in index.values():
        forms.sort(key=lambda form: -len(form.stems))
    return dict(index)
