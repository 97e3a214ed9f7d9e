"""How Unicorn's TLB is filled, compiled by numba: what each page may be used for."""

from typing import Any

import numba
from numba import types
from unicorn import arm_const

from renode.layout import offset_of, require, state_at
from renode.native import address_of, call3, load64, store32, store64

require("ed81e53642df32ae")

_READ_WRITE, _READ_EXECUTE = 3, 5
_ACCESS_WRITE, _ACCESS_FETCH = 17, 18  # Unicorn's
_EPSR, _OUTSIDE_IT = int(arm_const.UC_ARM_REG_EPSR), offset_of("outside_it")


@numba.cfunc(types.int64(types.int64, types.int64, types.int32, types.int64, types.voidptr), cache=True)
def _translate(_engine: int, address: int, access: int, result: int, data: Any) -> int:
    """Fill Unicorn's TLB: every address is itself; data pages are not executable, unless they are executed.

    Left to the core's own default map, RAM would count as executable, and every store would go the slow way that
    looks for translated code to throw away. What an access may do is checked by Unicorn against the memory map.

    Before it asks, Unicorn sets the pc and the IT state as they are at the access, and leaves them so. The pc is set
    again where it matters; an IT state would make the next block's first instructions conditional, so it is cleared,
    as it always is in running code.
    """
    s = state_at(address_of(data))
    permissions = _READ_EXECUTE
    for k in range(s.writables):
        if load64(s.writable + 16 * k) <= address < load64(s.writable + 16 * k + 8):
            permissions = _READ_WRITE
    if access == _ACCESS_FETCH:
        permissions = _READ_EXECUTE
    else:
        call3(s.reg_write, s.engine, _EPSR, address_of(data) + _OUTSIDE_IT)
        if access == _ACCESS_WRITE:
            permissions = _READ_WRITE
    store64(result, address)
    store32(result + 8, permissions)
    return 1


def address() -> int:
    """Return where the compiled function is, which is Unicorn's hook for filling the TLB."""
    return int(_translate.address or 0)
