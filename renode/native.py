"""Machine-level operations for numba: memory at an address, bit counts, calls through an address.

Addresses and values are int64. The operations have no layout of anything in them: numba's cache on disk does not
notice changes of this module, so what may change lies beside the functions that use it.
"""

from collections.abc import Sequence
from typing import Any

from llvmlite import ir
from numba import extending, types

_I64 = ir.IntType(64)

intrinsic: Any = extending.intrinsic
"""Untyped: numba's own type does not know that the first parameter is its own."""


def _load(bits: int) -> Any:
    @intrinsic
    def load(_typing: Any, address: Any) -> Any:  # noqa: ARG001 -- numba goes by the parameters' number
        def generate(_context: Any, builder: Any, _signature: Any, arguments: Sequence[Any]) -> Any:
            value = builder.load(builder.inttoptr(arguments[0], ir.IntType(bits).as_pointer()))
            return value if bits == _I64.width else builder.zext(value, _I64)

        return types.int64(types.int64), generate

    return load


def _store(bits: int) -> Any:
    @intrinsic
    def store(_typing: Any, address: Any, value: Any) -> Any:  # noqa: ARG001 -- numba goes by the parameters' number
        def generate(context: Any, builder: Any, _signature: Any, arguments: Sequence[Any]) -> Any:
            value = arguments[1] if bits == _I64.width else builder.trunc(arguments[1], ir.IntType(bits))
            builder.store(value, builder.inttoptr(arguments[0], ir.IntType(bits).as_pointer()))
            return context.get_dummy_value()

        return types.void(types.int64, types.int64), generate

    return store


def _call(arity: int) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, arguments: Sequence[Any]) -> Any:
        function = ir.FunctionType(_I64, [_I64] * arity).as_pointer()
        return builder.call(builder.inttoptr(arguments[0], function), arguments[1:])

    signature = types.int64(*[types.int64] * (arity + 1))
    # An intrinsic's parameters are counted, so each arity is written out.
    if arity == 1:
        return intrinsic(lambda _typing, function, a: (signature, generate))  # noqa: ARG005 -- the same
    if arity == 2:
        return intrinsic(lambda _typing, function, a, b: (signature, generate))  # noqa: ARG005 -- the same
    if arity == 3:
        return intrinsic(lambda _typing, function, a, b, c: (signature, generate))  # noqa: ARG005 -- the same
    return intrinsic(lambda _typing, function, a, b, c, d, e: (signature, generate))  # noqa: ARG005 -- the same


load32, load64 = _load(32), _load(64)
"""Read a little-endian unsigned word, or an int64, at an address."""
store32, store64 = _store(32), _store(64)
"""Write the low word, or an int64, at an address."""
call1, call2, call3, call5 = _call(1), _call(2), _call(3), _call(5)
"""Call the C function at an address with int64 or narrower integers; an int result is in the low word."""


@intrinsic
def ones(_typing: Any, value: Any) -> Any:  # noqa: ARG001 -- numba goes by the parameters' number
    """Count the set bits of the low word."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Sequence[Any]) -> Any:
        return builder.zext(builder.ctpop(builder.trunc(arguments[0], ir.IntType(32))), _I64)

    return types.int64(types.int64), generate


@intrinsic
def lowest(_typing: Any, value: Any) -> Any:  # noqa: ARG001 -- numba goes by the parameters' number
    """Return the number of the lowest set bit of a value that has one."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Sequence[Any]) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.int64), generate


@intrinsic
def address_of(_typing: Any, pointer: Any) -> Any:  # noqa: ARG001 -- numba goes by the parameters' number
    """Return a void pointer's address."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Sequence[Any]) -> Any:
        return builder.ptrtoint(arguments[0], _I64)

    return types.int64(types.voidptr), generate


@intrinsic
def pointer_to(_typing: Any, address: Any) -> Any:  # noqa: ARG001 -- numba goes by the parameters' number
    """Return the void pointer to an address."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Sequence[Any]) -> Any:
        return builder.inttoptr(arguments[0], ir.IntType(8).as_pointer())

    return types.voidptr(types.int64), generate


def plain(function: Any, *parameters: Any) -> Any:
    """Return an intrinsic that yields the address of `function` as a C function without a result.

    Unlike numba.cfunc's, this entry has no second call in it and no check for exceptions, of which there are none to
    raise: half the cost of a hook that runs before every instruction. `function` is what numba.njit is applied to.
    """
    signature = types.void(*parameters)

    @intrinsic
    def entry(_typing: Any) -> Any:
        def generate(context: Any, builder: Any, _signature: Any, _arguments: Sequence[Any]) -> Any:
            compiled = context.compile_subroutine(builder, function, signature)
            kind = ir.FunctionType(ir.VoidType(), [context.get_value_type(parameter) for parameter in parameters])
            outer = ir.Function(builder.module, kind, f"{function.__name__}.entry")
            outer.linkage = "internal"
            body = ir.IRBuilder(outer.append_basic_block())
            context.call_internal_no_propagate(body, compiled.fndesc, signature, outer.args)
            body.ret_void()
            return builder.ptrtoint(outer, _I64)

        return types.int64(), generate

    return entry
