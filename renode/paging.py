"""How Unicorn's TLB is filled, compiled by numba: what each page may be used for."""

from typing import Any

import numba
from numba import types

from renode.layout import require, state_at
from renode.native import address_of, load64, store32, store64

require("df4881d2b5e4becc")

_READ_WRITE, _READ_EXECUTE = 3, 5
_ACCESS_WRITE, _ACCESS_FETCH = 17, 18  # Unicorn's


@numba.cfunc(types.int64(types.int64, types.int64, types.int32, types.int64, types.voidptr), cache=True)
def _translate(_engine: int, address: int, access: int, result: int, data: Any) -> int:
    """Fill Unicorn's TLB: every address is itself; data pages are not executable, unless they are executed.

    Left to the core's own default map, RAM would count as executable, and every store would go the slow way that
    looks for translated code to throw away. What an access may do is checked by Unicorn against the memory map.
    """
    s = state_at(address_of(data))
    permissions = _READ_EXECUTE
    for k in range(s.writables):
        if load64(s.writable + 16 * k) <= address < load64(s.writable + 16 * k + 8):
            permissions = _READ_WRITE
    if access == _ACCESS_FETCH:
        permissions = _READ_EXECUTE
    elif access == _ACCESS_WRITE:
        permissions = _READ_WRITE
    store64(result, address)
    store32(result + 8, permissions)
    return 1


def address() -> int:
    """Return where the compiled function is, which is Unicorn's hook for filling the TLB."""
    return int(_translate.address or 0)
