"""Writing below the data folder."""

from collections.abc import Iterator
from contextlib import contextmanager

from jobs.errors import StoreUnavailable


@contextmanager
def writing() -> Iterator[None]:
    """Let what fails for a full, lost or read-only disk be StoreUnavailable, so that it is tried again later."""
    try:
        yield
    except OSError as error:
        raise StoreUnavailable(f"The data folder cannot be written: {error.strerror}.") from error
