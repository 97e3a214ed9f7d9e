"""Plain texts: which characters their bytes are."""

import codecs
import re

from workers.query.reader import MAX_CHARACTERS, Reading, refused, tidy

ENCODINGS = ("ascii", "utf-8", "iso8859-", "cp125", "koi8-", "shift_jis", "euc_", "gb", "big5")
"""What a document may name; all are decoded in linear time."""
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")


def decode(data: bytes, *, declared: str = "") -> tuple[str, tuple[str, ...]]:
    """Return a text and warnings: by its mark of byte order, by what it declares, as UTF-8, or as Windows-1252."""
    for mark, marked in _MARKS.items():
        if data.startswith(mark):
            return _plain(_strict(data[len(mark) :], marked)), ()
    if (encoding := _known(declared)) and (text := _decoded(data, encoding)) is not None:
        return _plain(text), ()
    if (text := _decoded(data, "utf-8")) is not None:
        return _plain(text), ()
    if (text := _decoded(data, "cp1252")) is not None:
        return _plain(text), ("The text is not UTF-8; it was read as Windows-1252.",)
    return _plain(data.decode("latin-1")), ("The text is not UTF-8; it was read as Latin-1.",)


def read_text(data: bytes) -> Reading:
    """Read a plain text; its first line is no title, since it may be anything."""
    text, warnings = decode(data)
    text = tidy(text)
    if len(text) > MAX_CHARACTERS:
        raise refused("too-long", f"A document's text has at most {MAX_CHARACTERS} characters.")
    return Reading(text, warnings=warnings)


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _strict(data: bytes, encoding: str) -> str:
    text = _decoded(data, encoding)
    if text is None:
        raise refused("broken-encoding", f"The text says that it is {encoding}, and is not.")
    return text


def _known(declared: str) -> str | None:
    try:
        name = codecs.lookup(declared).name if declared else ""
    except (LookupError, ValueError):
        return None
    if name in {"ascii", "iso8859-1"}:
        return "cp1252"  # as browsers take it
    return name if name.startswith(ENCODINGS) else None


def _plain(text: str) -> str:
    controls = len(_CONTROL.findall(text[: 1 << 20]))
    if "\0" in text or controls * 100 > min(len(text), 1 << 20):
        raise refused("binary", "The file is binary, not a text.")
    return text
