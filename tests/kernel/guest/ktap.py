"""Runs checks and tells how they went, as KTAP (Documentation/dev-tools/ktap.rst of the kernel)."""

import contextlib
import sys
import time
import traceback
from collections.abc import Callable, Iterator

Check = Callable[[], None]


def run(checks: list[Check]) -> None:
    """Run `checks` in order, each whatever the others did."""
    _say(f"KTAP version 1\n1..{len(checks)}")
    for number, check in enumerate(checks, 1):
        began = time.monotonic()
        try:
            check()
        except Exception as error:  # noqa: BLE001 - one check that fails must not hide the others
            for line in traceback.format_exc().splitlines():
                _say(f"# {line}")
            _say(f"not ok {number} {check.__name__} # {type(error).__name__}: {error}")
        else:
            _say(f"ok {number} {check.__name__} # {time.monotonic() - began:.2f} s")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@contextlib.contextmanager
def refused(number: int) -> Iterator[None]:
    """Expect an OSError with errno `number`."""
    found: int | None = None
    try:
        yield
    except OSError as error:
        found = error.errno
    assert found == number, f"errno {found}, not {number}" if found else f"was let through; errno {number} was expected"


def until(condition: Callable[[], bool], *, what: str, within_s: float = 10.0) -> None:
    """Wait for the kernel to bring something about; fail after `within_s`."""
    end = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < end, f"{what}: not within {within_s} s"
        time.sleep(0.005)
