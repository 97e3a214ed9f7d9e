"""Words of a text and where they are."""

import re
import unicodedata
from dataclasses import dataclass

NUMBER = "#"
"""The form of a number."""
LONGEST_WORD = 40
"""Longer runs of letters are counted as words, and looked up nowhere."""
_MARKS = "\u0300-\u036f\u00ad\u200c\u200d"
# What is an address is read by nobody as words.
_TOKEN = re.compile(
    r"(?P<address>(?:https?|ftp)://\S*+|www\.\S*+|[\w.+-]{1,64}+@[\w-]{1,63}+\.\S*+)"
    rf"|[^\W_](?:[^\W_]|[{_MARKS}]|['’_](?=[^\W_]))*+",  # noqa: RUF001 - as it is printed
    re.IGNORECASE,
)
_IGNORABLE = re.compile("[\u00ad\u200c\u200d]")


@dataclass(frozen=True, slots=True)
class Tokens:
    """Words and numbers in their order, as three lists of one length; addresses are left out."""

    starts: list[int]
    ends: list[int]
    forms: list[str]
    """In small letters, composed (NFC), with straight apostrophes; NUMBER for what begins with no letter."""


def tokens(text: str) -> Tokens:
    """Return the words and numbers of a text; time grows with its length."""
    found = Tokens([], [], [])
    known: dict[str, str] = {}
    for match in _TOKEN.finditer(text):
        if match.lastgroup is not None:
            continue
        written = match[0]
        form = known.get(written)
        if form is None:
            form = known[written] = _form(written)
        found.starts.append(match.start())
        found.ends.append(match.end())
        found.forms.append(form)
    return found


def _form(written: str) -> str:
    if not written[0].isalpha():
        return NUMBER
    if written.isascii():
        return written.lower()
    plain = _IGNORABLE.sub("", unicodedata.normalize("NFC", written)).replace("’", "'")  # noqa: RUF001 - as it is printed
    return plain.lower()


def folded(form: str) -> str:
    """Return a form without accents, as hurried people write it; `ñ` stays."""
    if form.isascii():
        return form
    kept = unicodedata.normalize("NFD", form.replace("ñ", "\0"))
    return "".join(mark for mark in kept if not unicodedata.combining(mark)).replace("\0", "ñ")
