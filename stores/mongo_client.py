"""Connections to MongoDB, and the one place where its driver's errors stop."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from bson.errors import BSONError
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from jobs.errors import InvalidInput, StoreUnavailable

FEWEST, MOST = 10, 50
"""Connections."""
CONNECT_S = 2.0
ANSWER_S = 30.0
LONGEST_TEXT = 200
UNAVAILABLE = frozenset({13, 18, 50, 64, 91, 112, 189, 10107, 11600, 11602, 13435, 13436, 14031})
"""Codes of a server that does not let us in, is out of time or disk, or is changing its primary: no fault of ours."""

Document = dict[str, Any]


def connect(url: str, *, patience_s: float) -> MongoClient[Document]:
    """Return a client that looks for a server for `patience_s`, first when it is needed.

    Options of the URL come before ours: a server without replicas needs `retryWrites=false`.
    """
    patience_ms = round(patience_s * 1000)
    ours: dict[str, Any] = {
        "minPoolSize": FEWEST,
        "maxPoolSize": MOST,
        "retryWrites": True,
        "retryReads": True,
        "w": "majority",
        "serverSelectionTimeoutMS": patience_ms,
        "waitQueueTimeoutMS": patience_ms,
        "connectTimeoutMS": min(patience_ms, round(CONNECT_S * 1000)),
        "socketTimeoutMS": round(ANSWER_S * 1000),
    }
    named = {name.lower() for name, _ in parse_qsl(urlsplit(url).query)}
    return MongoClient(url, connect=False, **{name: value for name, value in ours.items() if name.lower() not in named})


@contextmanager
def translated() -> Iterator[None]:
    """Turn a server that is away, full or closed to us into StoreUnavailable; a wrong command is our fault."""
    try:
        yield
    except (BSONError, UnicodeEncodeError) as error:
        raise InvalidInput(f"MongoDB cannot keep this: {error}") from error
    except PyMongoError as error:
        if isinstance(error, OperationFailure) and error.code not in UNAVAILABLE and not error.timeout:
            raise
        raise StoreUnavailable(f"MongoDB: {brief(error)}") from error


def brief(error: Exception) -> str:
    """Return what a driver's error says before it describes the whole topology."""
    return f"{type(error).__name__}: {str(error).partition(',')[0][:LONGEST_TEXT]}"
