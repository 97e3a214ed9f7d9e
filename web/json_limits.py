"""How complicated a JSON body may be, seen before anything is built of it."""

import re

from web.refusals import TooComplex

MAX_DEPTH = 32
MAX_MEMBERS = 100_000
"""Of all objects and arrays of a body together, within a comma or two."""
# A string that does not end goes on to the end of the text: nothing is looked at twice.
TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[\]{},]', re.DOTALL)
OPENING = b"[{"


def check(text: bytes) -> None:
    """Raise TooComplex for JSON that is nested too deeply or has too many members.

    Text that is no JSON is not told so here.
    """
    opened = text.count(b"[") + text.count(b"{")
    # Counted with those in strings, which is nearly always little enough to look no further.
    if opened <= MAX_DEPTH and opened + text.count(b",") <= MAX_MEMBERS:
        return
    depth = members = 0
    for match in TOKEN.finditer(text):
        token = match[0]
        if len(token) > 1:
            continue
        if token == b",":
            members += 1
        elif token in OPENING:
            members += 1
            depth += 1
        else:
            depth -= 1
        if depth > MAX_DEPTH:
            raise TooComplex(f"The body is nested deeper than {MAX_DEPTH} levels.")
        if members > MAX_MEMBERS:
            raise TooComplex(f"The body has more than {MAX_MEMBERS} members.")
