"""Texts: which characters their bytes are."""

import codecs
import re

from workers.remforge.media.limits import TEXT_BYTES
from workers.remforge.media.reasons import Reason, refused

_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    # Before UTF-16, whose mark begins alike.
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_SAMPLE = 4096
"""Bytes that are looked at to find UTF-16 without a mark."""
_LONGEST = 4
"""Bytes of a character in UTF-8."""


def read_text(data: bytes) -> tuple[str, tuple[str, ...]]:
    """Return a text as it stands in the file, without a mark of byte order, and warnings; raise InvalidInput.

    Encodings, in this order: by the mark; UTF-16 without a mark, where of the beginning every other byte is often
    zero and the others are not; UTF-8; Windows-1252; Latin-1. A file with a zero character, or with more than one control character in a
    hundred, is no text.
    """
    if len(data) > TEXT_BYTES:
        raise refused(Reason.TOO_LARGE, f"A text has at most {TEXT_BYTES} bytes.")
    text, warnings = _decoded(data)
    if "\0" in text or len(_CONTROL.findall(text)) * 100 > len(text):
        raise refused(
            Reason.UNSUPPORTED, "The file is neither a text nor a kind of picture, sound or video that is read."
        )
    if not text.strip():
        raise refused(Reason.EMPTY, "The text is empty.")
    return text, warnings


def _decoded(data: bytes) -> tuple[str, tuple[str, ...]]:
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            text, end = _whole(data[len(mark) :], encoding)
            if text is None:
                raise refused(Reason.BROKEN, f"The text says that it is {encoding.upper()}, and is not.")
            return text, end
    bare = _bare_utf_16(data)
    if bare is not None:
        text, end = _whole(data, bare)
        if text is not None:
            return text, (f"The text has no mark of byte order; it was read as {bare.upper()}.", *end)
    text, end = _whole(data, "utf-8")
    if text is not None:
        return text, end
    try:
        return data.decode("cp1252"), ("The text is not UTF-8; it was read as Windows-1252.",)
    except UnicodeDecodeError:
        return data.decode("latin-1"), ("The text is not UTF-8; it was read as Latin-1.",)


def _whole(data: bytes, encoding: str) -> tuple[str | None, tuple[str, ...]]:
    """Decode strictly, but for a last character that is cut, as in files that were cut by size."""
    try:
        return data.decode(encoding), ()
    except UnicodeDecodeError as error:
        if error.start > max(0, len(data) - _LONGEST) and error.end == len(data):
            return data[: error.start].decode(encoding), ("The text ends within a character.",)
        return None, ()


def _bare_utf_16(data: bytes) -> str | None:
    sample = data[: min(_SAMPLE, len(data) // 2 * 2)]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    few, many = len(sample) // 40, len(sample) // 4
    if odd > many and even <= few:
        return "utf-16-le"
    if even > many and odd <= few:
        return "utf-16-be"
    return None
