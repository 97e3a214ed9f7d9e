"""Why a file is not taken."""

from enum import StrEnum

from jobs.errors import InvalidInput


class Reason(StrEnum):
    """`InvalidInput.reason` of files that could not be read."""

    EMPTY = "empty"
    """No bytes, no characters but blanks, or no samples."""
    UNSUPPORTED = "unsupported"
    """Neither text nor a kind of picture, sound or video that is read."""
    TRUNCATED = "truncated"
    """It ends before it should, and what is there is not enough."""
    BROKEN = "broken"
    """It cannot be read as what it begins as."""
    TOO_LARGE = "too-large"
    """More bytes than are read."""
    TOO_MANY_PIXELS = "too-many-pixels"
    """By its header; nothing was decoded."""
    TOO_COSTLY = "too-costly"
    """Reading it took more time or memory than a file may take."""
    NO_FRAMES = "no-frames"
    """A video without a picture that can be decoded."""


TOO_COSTLY = "The file takes more time or memory to read than a file may."


def refused(reason: Reason, message: str) -> InvalidInput:
    """Return the error that says why a file is not taken."""
    return InvalidInput(message, field="artifact", reason=reason.value)
