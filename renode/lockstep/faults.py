"""Faults of ours while lanes are made: reasons to go without them, which are told."""

from collections.abc import Iterator
from contextlib import contextmanager

from renode.lockstep.values import Unsupported

FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What a fault of ours looks like while lanes are made. Unicorn takes the path; a time limit's exception is none."""


@contextmanager
def told() -> Iterator[None]:
    """Make a fault of ours a reason to go without lanes."""
    try:
        yield
    except FAULTS as error:
        raise Unsupported(f"fault: {type(error).__name__}: {error}") from error
