r"""What comes from symbol tables, requests and reports as stores can keep it and a person can read it.

Texts are one line: what breaks lines or is not seen is written as its number, as in `\x1b`; what is too long is cut and
marked. Chunks of documents have been tidied by their readers, and keep their lines. A number that no store keeps is left
out, as if it had not been computed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isfinite

from jobs.knowledge import Label
from stores.graph import Node, Relation, Value
from stores.vectors import Passage
from workers.query.content import Content, Found
from workers.query.named import digest_of

LONGEST = 1000
"""Characters of a text."""
LARGEST = 1e150
"""Of a number."""
WARNINGS = 20
"""About one batch; the result of a job is no book."""

# Also what turns the direction of writing: with it a name could look like another one.
_UNSEEN = re.compile("[\\x00-\\x1f\\x7f-\\x9f\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\\ud800-\\udfff]")


def plain(text: str) -> str:
    """Return a text as one line that can be stored."""
    written = _UNSEEN.sub(_written, text[: 2 * LONGEST])
    if len(text) <= 2 * LONGEST and len(written) <= LONGEST:
        return written
    return f"{written[: LONGEST - 18]}…~{digest_of(text)[:16]}"


def storable(content: Content) -> Content:
    """Return the content with texts and numbers that every store keeps."""
    return replace(
        content,
        title=plain(content.title),
        nodes=[
            node if node.label == Label.CHUNK else Node(node.label, node.id, _properties(node.properties))
            for node in content.nodes
        ],
        relations=[
            Relation(one.kind, one.source, one.target, _properties(one.properties)) if one.properties else one
            for one in content.relations
        ],
        found=[
            one
            if one.passage.kind == "chunk"
            else Found(Passage(one.passage.id, one.passage.kind, plain(one.passage.text)), one.ids)
            for one in content.found
        ],
        warnings=_few([plain(warning) for warning in content.warnings]),
    )


def _properties(properties: Mapping[str, Value]) -> dict[str, Value]:
    return {
        name: plain(value) if isinstance(value, str) else value for name, value in properties.items() if _is_kept(value)
    }


def _is_kept(value: Value) -> bool:
    if isinstance(value, float):
        return isfinite(value) and abs(value) <= LARGEST
    return not isinstance(value, int) or -(2**63) <= value < 2**63


def _written(match: re.Match[str]) -> str:
    code = ord(match[0])
    return {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(match[0]) or (
        f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
    )


def _few(warnings: Sequence[str]) -> list[str]:
    if len(warnings) <= WARNINGS:
        return list(warnings)
    return [*warnings[: WARNINGS - 1], f"There are {len(warnings) - WARNINGS + 1} more warnings."]
