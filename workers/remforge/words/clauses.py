"""Clauses: parts of sentences, with exact places. Together they cover all that is not blank."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from workers.remforge.words import grammar_en as en
from workers.remforge.words import grammar_es as es
from workers.remforge.words.entries import Language
from workers.remforge.words.sentences import sentence_ends
from workers.remforge.words.tokens import Tokens

_BLANKS = "\\s\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
"""Spaces, control characters, and what has no width; inside a clause they stay."""
_BLANK = re.compile(f"[{_BLANKS}]")
_LETTER = re.compile(r"[^\W_]")
_MARK = re.compile(r"[;:](?=\s)|(?<=\s)[—–](?=\s)|—(?=\w)")  # noqa: RUF001 - as they are printed
_COMMA = re.compile(r",[\"'”’»)]{0,4}\s+\Z")  # noqa: RUF001 - as they are printed
FEWEST = 3
"""Words that a clause has at least, where only a word parts it from its neighbour."""
MOST = 200_000
"""Clauses of a text; 5 MB of prose have half as many."""


@dataclass(frozen=True, slots=True)
class Joiners:
    """Words that clauses begin with: always, after a comma, before a subject; and subjects."""

    always: frozenset[str]
    after_comma: frozenset[str]
    before_subject: frozenset[str]
    subjects: frozenset[str]
    some: frozenset[str]


def _joiners_of(always: str, after_comma: str, before_subject: str, subjects: str) -> Joiners:
    first, second, third = (frozenset(words.split()) for words in (always, after_comma, before_subject))
    return Joiners(first, second, third, frozenset(subjects.split()), first | second | third)


_JOINERS: dict[Language, Joiners] = {
    "en": _joiners_of(en.JOINERS, en.JOINERS_AFTER_A_COMMA, en.JOINERS_BEFORE_A_SUBJECT, en.SUBJECT_PRONOUNS),
    "es": _joiners_of(es.JOINERS, es.JOINERS_AFTER_A_COMMA, es.JOINERS_BEFORE_A_SUBJECT, es.SUBJECT_PRONOUNS),
}


class Part(NamedTuple):
    """A clause: text[start:end], which has the words [first, last), of the sentence of that number.

    A tuple, since texts have a hundred thousand of them.
    """

    start: int
    end: int
    first: int
    last: int
    sentence: int


def clauses(text: str, words: Tokens, language: Language | None) -> list[Part]:
    """Return the clauses of a text in order and apart; every character that is not blank is in one.

    Sentences are cut at `;`, `:` and dashes, and before words that join clauses where FEWEST words stand on either side.
    Blank are spaces, control characters and characters without width; a clause neither begins nor ends with one.
    """
    found: list[Part] = []
    start = first = 0
    for number, place in enumerate(sentence_ends(text)):
        # What is left of a text with more than prose of that size has is not taken apart.
        end = place if len(found) < MOST else len(text)
        last = bisect_left(words.starts, end, first)
        at, word = start, first
        cuts = _places(text, words, (start, end), (first, last), language) if len(found) < MOST else []
        for cut in (*cuts, end):
            after = bisect_left(words.starts, cut, word, last)
            _add(found, text, Part(at, cut, word, after, number))
            at, word = cut, after
        start, first = end, last
        if end == len(text):
            break
    return found


def _places(
    text: str, words: Tokens, span: tuple[int, int], range_: tuple[int, int], language: Language | None
) -> list[int]:
    """Return where a sentence is cut, in order."""
    cuts = (match.start() if match[0] == "—" else match.end() for match in _MARK.finditer(text, *span))
    marks = [place for place in cuts if span[0] < place < span[1]]
    if language is None or range_[1] - range_[0] < 2 * FEWEST:
        return marks
    joined = [words.starts[word] for word in _joined(text, words, range_, _JOINERS[language])]
    return sorted({*marks, *joined}) if marks else joined


def _joined(text: str, words: Tokens, range_: tuple[int, int], joiners: Joiners) -> Iterator[int]:
    first, last = range_
    since = first
    for word, form in enumerate(words.forms[first + FEWEST : last - FEWEST + 1], first + FEWEST):
        if form not in joiners.some or word - since < FEWEST:
            continue
        comma = form in joiners.after_comma and _COMMA.search(text, words.ends[word - 1], words.starts[word])
        subject = form in joiners.before_subject and words.forms[word + 1] in joiners.subjects
        if form in joiners.always or comma or subject:
            yield word
            since = word


def _add(found: list[Part], text: str, part: Part) -> None:
    """Keep a part without the blanks around it; marks without a letter go to the clause before them on their line."""
    start, end, first, last, sentence = part
    while start < end and _BLANK.match(text, start):
        start += 1
    while end > start and _BLANK.match(text, end - 1):
        end -= 1
    if start == end:
        return
    if found and not _LETTER.search(text, start, end) and "\n" not in text[found[-1].end : start]:
        found[-1] = found[-1]._replace(end=end)
    else:
        found.append(Part(start, end, first, last, sentence))
