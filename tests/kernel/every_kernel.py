"""The module on every kernel that Debian's mirror has: built with all warnings, then loaded (make test-kernels).

It downloads up to 500 MB a release and boots ten guests, so it has no place among the tests that a change waits for: its name
keeps it from being collected with them.
"""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.kernel import debian, machine, releases
from tests.kernel.test_guest import CHECKS
from tests.servers import demand

KERNELS = [(release, architecture) for release in releases.RELEASES for architecture in releases.ARCHITECTURES]


class Built(NamedTuple):
    """Both modules, built for a kernel."""

    kernel: releases.Kernel
    folder: Path
    said: str


@pytest.fixture(scope="session", params=KERNELS, ids="-".join)
def built(request: pytest.FixtureRequest) -> Built:
    """Build both modules for a kernel with the compiler of its release."""
    try:
        kernel = releases.kernel(*request.param)
    except debian.Absent as error:
        demand("kernels", present=False, why=str(error))
        raise
    return Built(kernel, *kernel.build())


def test_both_modules_build_without_a_warning(built: Built) -> None:
    assert ("CHECK" in built.said) == built.kernel.is_read_by_sparse()
    assert not re.search("(warning|error):", built.said), built.said


def test_every_check_holds_in_a_guest_and_its_kernel_does_not_complain(built: Built, tmp_path: Path) -> None:
    try:
        parts = built.kernel.parts()
    except debian.Absent as error:
        demand("kernels", present=False, why=str(error))
        raise

    told = machine.boot(parts, built.folder, tmp_path, options=("-smp", "2"), timeout_s=900)

    assert told.results == dict.fromkeys(CHECKS), told.console[-12000:]
    assert f"guest kernel {built.kernel.abi}" in told.console
    assert machine.DONE in told.console
    assert not machine.BAD.search(told.console), told.console[-6000:]
