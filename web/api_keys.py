"""API keys as their holders have them: `dsn_<prefix>_<secret>`. Stores have the prefix and a digest."""

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

SCHEME = "dsn_"
KEY = re.compile(r"dsn_([a-z0-9]{8})_([A-Za-z0-9_-]{43})")
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
PREFIX_LETTERS = 8
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class KeyText:
    """A key, whole."""

    prefix: str
    text: str

    def __repr__(self) -> str:
        """Say which key it is, never the key."""
        return f"KeyText({self.prefix})"


def drawn(choice: Callable[[str], str], token: Callable[[int], str]) -> KeyText:
    """Return a new key, of letters by `choice` and a secret by `token` (as `secrets.choice` and `token_urlsafe`)."""
    prefix = "".join(choice(LETTERS) for _ in range(PREFIX_LETTERS))
    return KeyText(prefix, f"{SCHEME}{prefix}_{token(SECRET_BYTES)}")


def parsed(text: str) -> KeyText | None:
    """Return what was given as a key; None for what cannot be one."""
    match = KEY.fullmatch(text)
    return None if match is None else KeyText(match[1], text)


def digest_of(key: KeyText, secret: bytes) -> str:
    """Return what is kept of a key: 256 random bits need no slow hash, and the server's secret is not in the store."""
    return hmac.new(secret, key.text.encode(), sha256).hexdigest()


def is_of(key: KeyText, digest: str, secret: bytes) -> bool:
    """Say whether a key has a digest, in a time that tells nothing of it."""
    return hmac.compare_digest(digest_of(key, secret), digest)
