"""What no line of a log may tell, whoever wrote it: keys, tokens, passwords.

Nothing of ours logs a secret; this is for what libraries say, for what a caller puts where it does not belong, and for the
day on which somebody errs. What only looks like a secret is taken away as well: a line less told is the smaller harm.
"""

import re
from collections.abc import Callable, Collection, Mapping, MutableMapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote, urlsplit

HIDDEN = "***"
SHORTEST = 6
"""A secret of fewer letters would take innocent words with it."""
DEEPEST = 20
"""What lies deeper in a field is not told: it may go on for ever."""
NAMES = frozenset(
    {"password", "passwd", "secret", "token", "authorization", "api_key", "x-api-key", "cookie", "client_secret"}
)
"""Fields whose values are never told."""
# Each part looks at a letter a bounded number of times: callers choose the paths that are logged.
SHAPES = re.compile(
    r"""
    (?P<key>dsn_[a-z0-9]{8})_[A-Za-z0-9_-]{20,}       # our keys: the prefix may be told
    | (?P<hook>whsec_)[A-Za-z0-9_-]{8,}               # what webhooks are signed with
    | (?P<jwt>\beyJ)[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+)*
    | (?P<url>[A-Za-z][A-Za-z0-9+.-]{0,30}://)[^\s/:@'"<>]*:[^\s/@'"<>]*@
    | (?P<scheme>(?i:\bbearer|(?<=[:'"]\s)basic|(?<=['"])basic)\s+)[A-Za-z0-9._~+/=-]{6,}
    | (?P<named>(?i:\b(?:x-api-key|api[_-]?key|access_token|token|password|passwd|pwd|secret|signature)["']?\s*[=:]\s*["']?))
      (?!["']|\*\*\*)[^\s"',;&)}\]]{4,}
    """,
    re.VERBOSE,
)

WORDS = (
    "dsn_",
    "whsec_",
    "eyj",
    "://",
    "bearer",
    "basic",
    "api_key",
    "api-key",
    "apikey",
    "token",
    "pass",
    "pwd",
    "secret",
    "signature",
)
"""A text with none of these has no such shape. Most fields are ids, names and times; to look closely costs fifty times more."""

Event = MutableMapping[str, Any]


def passwords_of(text: str) -> set[str]:
    """Return the password of a URL, as it stands there and as it is meant; nothing for what is none."""
    try:
        password = urlsplit(text).password
    except ValueError:
        return set()
    return {password, unquote(password), quote(password, safe="")} if password else set()


def redactor(secrets: Collection[str]) -> Callable[[str], str]:
    """Return what takes secrets out of a text: those that are given, and what has the shape of one."""
    known = sorted((each for each in secrets if len(each) >= SHORTEST), key=len, reverse=True)

    def redact(text: str) -> str:
        for secret in known:
            if secret in text:
                text = text.replace(secret, HIDDEN)
        lowered = text.lower()
        for word in WORDS:
            if word in lowered:
                return SHAPES.sub(_hidden, text)
        return text

    return redact


def without_secrets(secrets: Collection[str]) -> Callable[[Any, str, Event], Event]:
    """Return a step of structlog's that takes secrets out of every field of an event."""
    redact = redactor(secrets)

    def clean(value: Any, depth: int = 0) -> Any:
        if depth > DEEPEST:
            return HIDDEN
        if isinstance(value, str):
            return redact(value)
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, Mapping):
            return {
                redact(str(name)): HIDDEN if _is_secret(name, each) else clean(each, depth + 1)
                for name, each in value.items()
            }
        if isinstance(value, list | tuple | set | frozenset):
            return [clean(each, depth + 1) for each in value]
        return redact(repr(value))

    def step(_logger: Any, _method: str, event: Event) -> Event:
        return {name: HIDDEN if _is_secret(name, value) else clean(value) for name, value in event.items()}

    return step


def _is_secret(name: object, value: object) -> bool:
    return value is not None and _names_a_secret(str(name))


@lru_cache(maxsize=4096)
def _names_a_secret(name: str) -> bool:
    return name.lower() in NAMES


def _hidden(match: re.Match[str]) -> str:
    kept = match.lastgroup
    said = match[kept] if kept else ""
    return f"{said}_{HIDDEN}" if kept == "key" else f"{said}{HIDDEN}@" if kept == "url" else f"{said}{HIDDEN}"
