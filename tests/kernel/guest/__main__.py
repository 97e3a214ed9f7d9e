"""python -m tests.kernel.guest [exact|costs|capturing]: run the checks inside the guest, or tell what things cost."""

import sys

from tests.kernel.guest import capturing, clocks, costs, exact, living, reading, recording
from tests.kernel.guest.ktap import run

match sys.argv[1:]:
    case ["exact"]:
        run(exact.CHECKS)
    case ["capturing"]:
        run([*capturing.CHECKS, *clocks.CHECKS, living.the_kernel_did_not_complain])
    case ["costs"]:
        costs.tell()
    case _:
        of_all = [*recording.CHECKS, *reading.CHECKS, *capturing.CHECKS, *clocks.CHECKS, *living.CHECKS]
        run([*of_all, living.the_kernel_did_not_complain])
