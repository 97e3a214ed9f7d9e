"""How things are named: the ids of the vocabulary, and of passages.

A name may be anything that a symbol table or a person can hold; in an id it is one line of at most 200 characters, as every
store and every address of the API takes it. A name that is not is changed and marked `~<digest>`, so that two names never
have one id.
"""

import hashlib
import re

LONGEST = 200
"""Characters of a name in an id."""

_UNSEEN = re.compile("[\\s\\x00-\\x1f\\x7f-\\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\\ud800-\\udfff]+")
_MARK = re.compile(r".*~[0-9a-f]{16}", re.DOTALL)


def firmware_id(sha256: str) -> str:
    """Return the id of a firmware."""
    return f"firmware:{sha256}"


def function_id(sha256: str, name: str) -> str:
    """Return the id of a function of a firmware."""
    return f"function:{sha256[:12]}:{in_id(name)}"


def mitigation_id(name: str) -> str:
    """Return the id of a mitigation."""
    return f"mitigation:{in_id(name)}"


def instruction_id(sha256: str, address: int) -> str:
    """Return the id of an instruction, given the firmware's digest or its first twelve digits."""
    return f"{sha256[:12]}:{address:08x}"


def passage_id(kind: str, text: str) -> str:
    """Return the id of a passage that many batches may bring: equal texts of one kind are one passage."""
    return f"{kind}:{digest_of(text)[:32]}"


def in_id(name: str) -> str:
    """Return a name as a part of an id. What looks like one that was changed is changed, too: nobody can make one up."""
    kept = _UNSEEN.sub(" ", name).strip()
    if kept == name and 0 < len(name) <= LONGEST and not _MARK.fullmatch(name):
        return name
    return f"{kept[: LONGEST - 17]}~{digest_of(name)[:16]}"


def digest_of(text: str) -> str:
    """Return the SHA-256 of a text, whatever is in it."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
