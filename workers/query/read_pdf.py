"""PDF: the text of its pages. Pages that are images have none, and the reading says so."""

import io
import re
from collections import Counter
from collections.abc import Sequence

from pypdf import Configuration, PdfReader, apply_configuration
from pypdf.errors import DependencyError, LimitReachedError, PyPdfError

from workers.query.reader import MAX_CHARACTERS, MAX_TITLE, Reading, refused, tidy

MAX_PAGES = 2000
RUNNING = 4
"""Pages from which on a first or last line that most pages share is taken for a running head."""
# What a broken file makes the library raise, besides its own errors.
BROKEN = (PyPdfError, LookupError, ValueError, TypeError, AttributeError, ArithmeticError, RecursionError, OSError)

_HYPHEN = re.compile(r"\b(\w{1,40})-\n(\w{1,40})\b")
_DIGITS = re.compile(r"\d+")
_ENDED = re.compile(r"[.!?:;…][\"'”’»)\]]*\Z")  # noqa: RUF001 - as they are printed


def read_pdf(data: bytes) -> Reading:
    """Read a PDF's pages in their order; a page that cannot be read is left out, with a warning."""
    with apply_configuration(Configuration(jbig2dec_binary=None)):
        try:
            reader = PdfReader(io.BytesIO(data), strict=False)
            _opened(reader)
            count = len(reader.pages)
        except LimitReachedError as error:
            raise refused("too-costly", "The PDF is larger inside than a document may be.") from error
        except BROKEN as error:
            raise refused("broken", "The PDF is broken.") from error
        if count > MAX_PAGES:
            raise refused("too-many-pages", f"A PDF has at most {MAX_PAGES} pages; this one has {count}.")
        pages, warnings = _pages(reader, count)
        return Reading(_joined(_without_heads(pages)), _title(reader), warnings=warnings)


def _opened(reader: PdfReader) -> None:
    if not reader.is_encrypted:
        return
    try:
        if reader.decrypt(""):
            return
    except DependencyError:
        pass  # a cipher that is not installed opens nothing either
    raise refused("encrypted", "The PDF is encrypted.")


def _pages(reader: PdfReader, count: int) -> tuple[list[str], tuple[str, ...]]:
    pages: list[str] = []
    empty: list[int] = []
    broken: list[int] = []
    total = 0
    for number in range(1, count + 1):
        try:
            text = tidy(reader.pages[number - 1].extract_text()).strip()
        except LimitReachedError as error:
            raise refused("too-costly", f"Page {number} of the PDF is larger inside than a page may be.") from error
        except BROKEN:
            broken.append(number)
            continue
        total += len(text)
        if total > MAX_CHARACTERS:
            raise refused("too-long", f"A document's text has at most {MAX_CHARACTERS} characters.")
        if text:
            pages.append(text)
        else:
            empty.append(number)
    if broken and not pages:
        raise refused("broken", "No page of the PDF can be read.")
    warnings = []
    if empty:
        warnings.append(f"Nothing was read from pages without text, which may be images: {_ranges(empty)}.")
    if broken:
        warnings.append(f"Pages that cannot be read were left out: {_ranges(broken)}.")
    return pages, tuple(warnings)


def _title(reader: PdfReader) -> str:
    try:
        title = reader.metadata.title if reader.metadata else None
    except BROKEN:
        return ""
    return " ".join(tidy(title).split())[:MAX_TITLE] if isinstance(title, str) else ""


def _without_heads(pages: Sequence[str]) -> list[str]:
    """Drop the first and last lines that more than half of the pages have, but for numbers."""
    if len(pages) < RUNNING:
        return list(pages)
    split = [page.split("\n") for page in pages]
    for place in (0, -1):
        shapes = Counter(_DIGITS.sub("#", lines[place].strip()) for lines in split if lines)
        for lines in split:
            if lines and shapes[_DIGITS.sub("#", lines[place].strip())] * 2 > len(pages):
                del lines[place]
    return [text for lines in split if (text := "\n".join(lines).strip())]


def _joined(pages: Sequence[str]) -> str:
    """Join pages, and words that a line's end divides, unless the text has them with their hyphen elsewhere."""
    parts: list[str] = []
    for page in pages:
        if parts:
            runs_on = not _ENDED.search(parts[-1]) and page[:1].islower()
            parts.append("\n" if runs_on else "\n\n")
        parts.append(page)
    text = "".join(parts)
    words = set(re.findall(r"\b\w{1,40}-\w{1,40}\b", text))

    def mended(match: re.Match[str]) -> str:
        whole = f"{match[1]}-{match[2]}"
        divided = match[1][-1].islower() and match[2][0].islower() and whole not in words
        return match[1] + match[2] if divided else whole

    return _HYPHEN.sub(mended, text)


def _ranges(numbers: Sequence[int]) -> str:
    """Return `1-3, 7` for 1, 2, 3, 7; at most a dozen of them."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    words = [str(first) if first == last else f"{first}-{last}" for first, last in ranges]
    return ", ".join(words[:12]) + (f" and {len(words) - 12} more" if len(words) > 12 else "")
