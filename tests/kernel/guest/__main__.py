"""python -m tests.kernel.guest [exact]: run the checks inside the guest."""

import sys

from tests.kernel.guest import exact, living, reading, recording
from tests.kernel.guest.ktap import run

run(
    exact.CHECKS
    if sys.argv[1:] == ["exact"]
    else [*recording.CHECKS, *reading.CHECKS, *living.CHECKS, living.dmesg_is_clean]
)
