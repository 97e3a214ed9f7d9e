"""The normal form of a text: compatibility forms, lower case, no accents, single spaces; every place leads back."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_SUPERSCRIPTS = {ord(high): low for high, low in zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+", strict=True)}
_SAME = str.maketrans(
    {
        # What people paste for a hyphen, a minus, a quotation mark, an apostrophe.
        **dict.fromkeys("‐‑‒–—―−﹣－", "-"),  # noqa: RUF001
        **dict.fromkeys("“”„«»″", '"'),
        **dict.fromkeys("‘’‚′´", "'"),  # noqa: RUF001
        "º": "°",  # a Spanish keyboard's nearest key
        "µ": "u",
        "μ": "u",
        "…": " ",
    }
)
_SQUASHED = re.compile(r"[\W_]+")
_PARTS = re.compile(r"[0-9]+|[^\W0-9_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_ASKING = re.compile(r"[¿?¡!]+|[\s.,;:]+$")


@dataclass(frozen=True, slots=True)
class Normal:
    """A text and its normal form."""

    original: str
    text: str
    offsets: tuple[int, ...]
    """For each character of `text` the place of its original, and the end of the original."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where `text[start:end]` stands in the original."""
        if end <= start:
            return self.offsets[start], self.offsets[start]
        stop = self.offsets[end - 1] + 1
        while stop < len(self.original) and unicodedata.combining(self.original[stop]):
            stop += 1
        return self.offsets[start], stop

    def raw(self, start: int, end: int) -> str:
        """Return the original of `text[start:end]`."""
        first, last = self.span(start, end)
        return self.original[first:last]

    @property
    def key(self) -> str:
        """Return the normal form without the marks of a question and the punctuation at its end."""
        return " ".join(_ASKING.sub(" ", self.text).split()).rstrip(" .,;:")


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    """Return the normal form of one character; nothing of marks and of what has no width."""
    if character in "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺":
        return character.translate(_SUPERSCRIPTS)
    kept = []
    for part in unicodedata.normalize("NFKD", character.translate(_SAME)):
        category = unicodedata.category(part)
        if category in {"Mn", "Me", "Cf", "Cs", "Co", "Cn"}:
            continue
        kept.append(" " if category[0] == "Z" or category == "Cc" else part.casefold())
    return "".join(kept).translate(_SAME)


def normal(text: str) -> Normal:
    """Fold a text; an exponent in superscript gets its caret."""
    characters: list[str] = []
    offsets: list[int] = []
    raised = False
    for place, character in enumerate(text):
        folded = character.lower() if character.isascii() and character > " " else _folded(character)
        high = character in "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺"
        if high and not raised and characters and characters[-1].isdigit():
            folded = f"^{folded}"
        raised = high
        for part in folded:
            if part.isspace() and (not characters or characters[-1] == " "):
                continue
            characters.append(" " if part.isspace() else part)
            offsets.append(place)
    while characters and characters[-1] == " ":
        characters.pop()
        offsets.pop()
    return Normal(text, "".join(characters), (*offsets, len(text)))


def squashed(text: str) -> str:
    """Return a normal form without anything between its letters and digits: `AES-128` and `aes_128` are the same."""
    return _SQUASHED.sub("", text)


def parts(name: str) -> tuple[str, ...]:
    """Return the words and numbers that a name is made of: `aes128_subBytes` -> aes, 128, sub, bytes."""
    return tuple(_PARTS.findall(normal(_CAMEL.sub(" ", name)).text))
