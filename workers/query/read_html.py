"""HTML: what a reader of the page would read, without scripts, styles and navigation."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from workers.query.read_text import decode
from workers.query.reader import Manuscript, Reading, refused


def _words(line: str) -> frozenset[str]:
    return frozenset(line.split())


DROPPED = _words(
    "script style nav template noscript svg math iframe object embed canvas audio video select button head"
)
BLOCKS = _words(
    "address article aside blockquote body caption dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 "
    "h4 h5 h6 header hr html legend li main ol p pre section summary table tbody tfoot thead tr ul"
)
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_SPACE = re.compile(r"\s+")


def read_html(data: bytes) -> Reading:
    """Read a page; character references are resolved, code is kept."""
    declared = _CHARSET.search(data[:4096])
    text, warnings = decode(data, declared=declared[1].decode() if declared else "")
    manuscript = Manuscript()
    title = add_html(manuscript, text)
    return manuscript.reading(title=title, warnings=warnings)


def add_html(manuscript: Manuscript, html: str) -> str:
    """Add a page's blocks to a manuscript, and return its title."""
    try:
        page = LexborHTMLParser(html)
    except SelectolaxError as error:
        # Any text is a page, so what fails is an allocation.
        raise refused("too-costly", "The page takes more memory to read than a document may.") from error
    title = page.css_first("title")
    if page.body is not None:
        _fill(manuscript, page.body)
    return title.text() if title is not None else ""


def _fill(manuscript: Manuscript, body: LexborNode) -> None:
    parts: list[str] = []
    mark = ""
    code = 0
    for node, begins in _walk(body):
        tag = str(node.tag)
        if tag == "-text":
            content = (node.text_content or "") if begins else ""
            parts.append(content if code else _SPACE.sub(" ", content))
        elif tag == "br":
            parts.append("\n" if begins else "")
        elif tag in {"td", "th"}:
            parts.append("" if begins else " | ")
        elif tag == "code" and not code:
            parts.append("`")
        elif tag in BLOCKS:
            text = "".join(parts)
            parts = []
            if tag == "pre":
                _flush(manuscript, text, mark=mark, tag="p" if begins else "pre")
                code += 1 if begins else -1
            else:
                _flush(manuscript, text, mark=mark, tag="p" if begins or code else tag)
            mark = "- " if tag == "li" and begins else "" if text.strip() or tag == "li" else mark
    _flush(manuscript, "".join(parts), mark=mark, tag="p")


def _flush(manuscript: Manuscript, text: str, *, mark: str, tag: str) -> None:
    if tag == "pre":
        manuscript.code(text.strip("\n"))
    elif re.fullmatch("h[1-6]", tag):
        manuscript.heading(int(tag[1]), text)
    elif tag == "tr":
        manuscript.paragraph(text.strip().removesuffix("|"), mark)
    else:
        manuscript.paragraph("\n".join(line.strip() for line in text.split("\n")), mark)


def _walk(root: LexborNode) -> Iterator[tuple[LexborNode, bool]]:
    """Yield each node below a root at its beginning and at its end; not by recursion, for pages may be deep."""
    node, depth = root.first_child, 0
    while node is not None:
        yield node, True
        if node.tag not in DROPPED and (child := node.first_child) is not None:
            node, depth = child, depth + 1
            continue
        yield node, False
        while node.next is None and depth and node.parent is not None:
            node, depth = node.parent, depth - 1
            yield node, False
        node = node.next
