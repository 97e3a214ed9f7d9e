"""What a reader makes of a document's bytes: its text, tidied, with its sections and the parts that are code."""

import re
import unicodedata
from dataclasses import dataclass

from jobs.errors import InvalidInput

MAX_BYTES = 64 << 20
"""Of a document as it comes."""
MAX_CHARACTERS = 8 << 20
"""Of its text."""
MAX_TITLE = 200
WIDEST_GAP = 32
"""Spaces in a row that are kept."""

_ODD = {
    **dict.fromkeys(code for code in range(32) if chr(code) not in "\t\n\r\f"),
    **dict.fromkeys(range(0x7F, 0xA0)),
    # What has no width: soft hyphens, marks of byte order and of writing direction, joiners.
    **dict.fromkeys([0xAD, 0x61C, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF]),
    **dict.fromkeys([0x09, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " "),
    # Halves of characters, which no encoding has.
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),
    0xFB00: "ff",
    0xFB01: "fi",
    0xFB02: "fl",
    0xFB03: "ffi",
    0xFB04: "ffl",
    0x2028: "\n",
    0x2029: "\n\n",
}
_GAP = re.compile(rf" {{{WIDEST_GAP + 1},}}")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Reading:
    """A document's text; spans are places in it, in characters, in order and apart."""

    text: str
    title: str = ""
    sections: tuple[tuple[int, tuple[str, ...]], ...] = ()
    """Where a section begins, and its heading below those of the sections around it."""
    verbatim: tuple[Span, ...] = ()
    """Code: its lines are no prose."""
    warnings: tuple[str, ...] = ()


def refused(reason: str, message: str) -> InvalidInput:
    """Return the error that says why a document is not taken."""
    return InvalidInput(message, field="artifact", reason=reason)


def tidy(text: str) -> str:
    """Return the text composed (NFC), with plain line ends and spaces, and without marks that nobody sees."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n"))
    text = _GAP.sub(" " * WIDEST_GAP, text.translate(_ODD))
    text = "\n".join(line.rstrip(" ") for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n").rstrip(" ")


class Manuscript:
    """A text that grows block by block."""

    def __init__(self) -> None:
        self.title = ""
        self._parts: list[str] = []
        self._length = 0
        self._path: list[tuple[int, str]] = []
        self._sections: list[tuple[int, tuple[str, ...]]] = []
        self._verbatim: list[Span] = []

    def heading(self, level: int, text: str) -> None:
        """Begin a section; 1 is the highest level."""
        text = " ".join(tidy(text).split())[:MAX_TITLE]
        if not text:
            return
        self.title = self.title or text
        self._path = [*(above for above in self._path if above[0] < level), (level, text)]
        start, _ = self._add(text)
        self._sections.append((start, tuple(heading for _, heading in self._path)))

    def paragraph(self, text: str, mark: str = "") -> None:
        """Add a block of prose; `mark` is what it begins with if there is any, such as a bullet."""
        text = tidy(text).strip()
        if text:
            self._add(mark + text)

    def code(self, text: str) -> None:
        """Add a block that is kept line by line."""
        text = tidy(text.expandtabs(4))
        if text.strip():
            self._verbatim.append(self._add(text))

    def reading(self, *, title: str = "", warnings: tuple[str, ...] = ()) -> Reading:
        """Return the whole; its title is the first heading unless it has one."""
        title = " ".join(tidy(title).split())[:MAX_TITLE] or self.title
        return Reading("".join(self._parts), title, tuple(self._sections), tuple(self._verbatim), warnings)

    def _add(self, text: str) -> Span:
        if self._length + len(text) > MAX_CHARACTERS:
            raise refused("too-long", f"A document's text has at most {MAX_CHARACTERS} characters.")
        if self._parts:
            self._parts.append("\n\n")
            self._length += 2
        start = self._length
        self._parts.append(text)
        self._length += len(text)
        return start, self._length
