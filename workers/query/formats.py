"""What a file is: by the name it was given, by its content, and by its media type last."""

import codecs
import re

from jobs.ingestion import Format
from workers.query.read_text import decode
from workers.query.reader import MAX_BYTES, refused

MEDIA_TYPES = {
    Format.TEXT: "text/plain",
    Format.MARKDOWN: "text/markdown",
    Format.HTML: "text/html",
    Format.PDF: "application/pdf",
    Format.CSV: "text/csv",
    Format.PARQUET: "application/vnd.apache.parquet",
}
_ALSO = {
    "text/x-markdown": Format.MARKDOWN,
    "application/xhtml+xml": Format.HTML,
    "application/csv": Format.CSV,
    "application/x-parquet": Format.PARQUET,
    "application/parquet": Format.PARQUET,
}
_BY_TYPE = {name: form for form, name in MEDIA_TYPES.items()} | _ALSO
_BINARY = {Format.PDF, Format.PARQUET}
_SAMPLE = 16384
_HTML = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--(?>.{0,2000}?-->)\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_MARKDOWN = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        r"^#{1,6} \S", r"^(?:```|~~~)\w*$", r"\[[^\]\n]{1,200}\]\([^)\n]{1,500}\)", r"^\|?(?: *:?-{3,}:? *\|)+", r"\*\*\S[^*\n]{0,200}\*\*",
    )
)  # fmt: skip
_COLUMN = re.compile(r"\"?[A-Za-z_][\w ./()\[\]-]{0,63}\"?")


def detect(data: bytes, media_type: str, named: Format | None) -> Format:
    """Return what a file is; raise InvalidInput if it is empty, too large, or not what it was said to be."""
    if not data:
        raise refused("empty", "The file is empty.")
    if len(data) > MAX_BYTES:
        raise refused("too-large", f"A document has at most {MAX_BYTES} bytes.")
    binary = _magic(data)
    said = named or _BY_TYPE.get(media_type.partition(";")[0].strip().lower())
    if named is not None and (binary is not None or named in _BINARY) and binary is not named:
        really = f"; it is {binary.value}" if binary else ""
        raise refused("not-what-it-says", f"The file is not {named.value}{really}.")
    if binary is not None:
        return binary
    if said in _BINARY:
        raise refused("not-what-it-says", f"The file's media type says {said.value}, and its content does not.")
    text = _sample(data)
    if named is not None:
        return named
    if _HTML.match(text):
        return Format.HTML
    if said not in {None, Format.TEXT}:
        return said
    if _is_table(text):
        return Format.CSV
    return Format.MARKDOWN if sum(bool(mark.search(text)) for mark in _MARKDOWN) > 1 else Format.TEXT


def _magic(data: bytes) -> Format | None:
    if b"%PDF-" in data[:1024]:
        return Format.PDF
    if len(data) > 8 and data.startswith(b"PAR1") and data.endswith(b"PAR1"):
        return Format.PARQUET
    return None


def _sample(data: bytes) -> str:
    """Return the beginning of a text; raise InvalidInput if it is binary."""
    part = data[:_SAMPLE]
    if not part.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and len(data) > _SAMPLE:
        # Not in the middle of a character.
        part = part[: part.rfind(b"\n") + 1] or part
    elif len(part) < len(data):
        part = part[: len(part) // 4 * 4]
        return part.decode("utf-16", "ignore")
    return decode(part)[0]


def _is_table(text: str) -> bool:
    """Tell whether lines have the same number of commas, at least two, below a line of column names."""
    lines = text.splitlines()[:20]
    if len(lines) < 2 or lines[0].count(",") < 2:
        return False
    names = [name.strip() for name in lines[0].split(",")]
    rows = [line for line in lines[1:-1] or lines[1:] if line]
    return (
        all(_COLUMN.fullmatch(name) for name in names)
        and all(row.count(",") == len(names) - 1 for row in rows)
        and any(character.isdigit() for character in "".join(rows))
    )
