"""Markdown (CommonMark with tables): prose with its headings, code kept as it is."""

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from workers.query.read_html import add_html
from workers.query.read_text import decode
from workers.query.reader import Manuscript, Reading

MAX_NESTING = 50
"""Lists and quotations inside each other."""
_FRONT = re.compile(r"\A---[ \t]*\n(?P<matter>.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_TITLE = re.compile(r"^title:[ \t]*[\"']?(.*?)[\"']?[ \t]*$", re.MULTILINE)


def read_markdown(data: bytes) -> Reading:
    """Read a Markdown text; front matter gives nothing but its title."""
    text, warnings = decode(data)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    title = ""
    if front := _FRONT.match(text):
        named = _TITLE.search(front["matter"])
        title = named[1] if named else ""
        text = text[front.end() :]
    manuscript = Manuscript()
    tokens = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING}).enable("table").parse(text)
    _fill(manuscript, tokens)
    if any(token.nesting > 0 and token.level >= MAX_NESTING - 1 for token in tokens):
        warnings = (*warnings, f"Parts that are nested more than {MAX_NESTING} deep were left out.")
    return manuscript.reading(title=title, warnings=warnings)


def _fill(manuscript: Manuscript, tokens: Sequence[Token]) -> None:
    level, mark = 0, ""
    cells: list[str] = []
    table = False
    for token in tokens:
        text = _inline(token.children or ())
        match token.type:
            case "heading_open" | "heading_close":
                level = int(token.tag[1:]) if token.nesting > 0 else 0
            case "list_item_open" | "list_item_close":
                # `-`, or `1.`
                mark = f"{token.info}{token.markup} ".replace("*", "-") if token.nesting > 0 else ""
            case "table_open" | "table_close":
                table = token.nesting > 0
            case "tr_close":
                manuscript.paragraph(" | ".join(cells))
                cells = []
            case "fence" | "code_block":
                manuscript.code(token.content)
            case "html_block":
                add_html(manuscript, token.content)
            case "inline" if table:
                cells.append(text)
            case "inline":
                _add(manuscript, text, level, mark)
                mark = ""


def _add(manuscript: Manuscript, text: str, level: int, mark: str) -> None:
    if level:
        manuscript.heading(level, text)
    else:
        manuscript.paragraph(text, mark)


def _inline(tokens: Sequence[Token]) -> str:
    parts = []
    for token in tokens:
        match token.type:
            case "text" | "image":
                parts.append(token.content)
            case "code_inline":
                parts.append(f"`{token.content}`")
            case "softbreak" | "hardbreak":
                parts.append("\n")
    return "".join(parts)
