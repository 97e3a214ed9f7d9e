"""The cycle model: fixed costs by class of instruction, from Arm's tables, for zero-wait-state memory.

Sources: Cortex-M0 TRM (DDI 0432C) table 3-1, with the one-cycle multiplier; Cortex-M3 TRM (DDI 0337I) table 3-1;
Cortex-M4 TRM (DDI 0439B) table 3-1. Where the tables give a range, one end is taken: a pipeline refill on M3 and M4
(1 to 3) is 2, a division is 12 and M3's long multiplications 5 and 7, their slowest. Loads and stores are not
pipelined together, an IT is not folded, and an instruction whose IT condition fails counts as if it had run; so the
cycles of an execution are a function of the pcs it goes through.
"""

from jobs.target import Core
from renode.trace import Class

_REFILL = 2
_REFILL_OF_A_LOAD = {Core.M0: 3, Core.M3: 2, Core.M4: 2}
_DIVISION = 12
_BY_NAME: dict[Core, dict[str, int]] = {
    Core.M0: {"mrs": 4, "msr": 4, "dmb": 4, "dsb": 4, "isb": 4, "bl": 2},
    Core.M3: {"mrs": 2, "msr": 2, "tbb": 2, "tbh": 2, "mul": 1, "umull": 5, "smull": 5, "umlal": 7, "smlal": 7},
    Core.M4: {"mrs": 2, "msr": 2, "tbb": 2, "tbh": 2},
}
_MULTIPLICATION = {Core.M0: 1, Core.M3: 2, Core.M4: 1}


def cycles_of(name: str, kind: Class, transfers: int, core: Core) -> int:
    """Return the cycles of an instruction without the refill of a branch; `transfers` is its words to or from memory."""
    if name in _BY_NAME[core]:
        return _BY_NAME[core][name]
    if kind in {Class.LOAD, Class.STORE}:
        return 1 + transfers
    if kind is Class.DIVIDE:
        return _DIVISION
    return _MULTIPLICATION[core] if kind is Class.MULTIPLY else 1


def refill_of(kind: Class, core: Core) -> int:
    """Return the further cycles of an instruction of class `kind` when it is followed by another than the next one."""
    return _REFILL_OF_A_LOAD[core] if kind is Class.LOAD else _REFILL
