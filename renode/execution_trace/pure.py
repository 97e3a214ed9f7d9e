"""What pure micro-operations compute, as one native function of numbers, made by LLVM from their one meaning.

A vector of the lanes' kernels is what the semantics are compiled for, so one is used here, of which one word counts.
"""

import hashlib
from functools import cache
from pathlib import Path

from llvmlite import ir

from renode.lockstep.llvm import I32, I64, WORDS, Vectors, Word
from renode.lockstep.program import PURE_OPS
from renode.lockstep.way import host_objects
from renode.thumb.micro import ALWAYS, Op
from renode.thumb.semantics import PURE, condition

FIRST_CONDITION = len(PURE_OPS)
"""Number `FIRST_CONDITION + cond` is CONDITION; the others are positions in PURE_OPS."""


@cache
def pure_address() -> int:
    """Return where the function is: i64 (op, n, m, a, ignored), all i64; n, m and a are words, as is what it returns."""
    version = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]
    name = f"numbers_{version}"
    return host_objects().addresses({name: lambda: _module(name)})[name]


def _module(name: str) -> str:
    module = ir.Module(name=name)
    function = ir.Function(module, ir.FunctionType(I64, [I64] * 5), name)
    builder = ir.IRBuilder(function.append_basic_block("entry"))
    number, *words = function.args
    n, m, a = (_broadcast(builder, word) for word in words[:3])
    unknown = function.append_basic_block("unknown")
    switch = builder.switch(number, unknown)
    for k in range(FIRST_CONDITION + ALWAYS + 1):
        if k < FIRST_CONDITION and PURE_OPS[k] is Op.CONDITION:
            continue
        block = function.append_basic_block()
        switch.add_case(ir.Constant(I64, k), block)
        builder.position_at_end(block)
        algebra = Vectors(builder)
        if k < FIRST_CONDITION:
            result = PURE[PURE_OPS[k]](algebra, n, m, a)
        else:
            result = condition(algebra, k - FIRST_CONDITION, n, m, a)
        lowest = builder.extract_element(result.value, ir.Constant(I32, 0))
        builder.ret(builder.zext(lowest, I64))
    builder.position_at_end(unknown)
    builder.unreachable()
    return str(module)


def _broadcast(builder: ir.IRBuilder, number: ir.Value) -> Word:
    """Return a vector with the low word of a number in each element."""
    nothing = ir.Constant(WORDS, ir.Undefined)
    one = builder.insert_element(nothing, builder.trunc(number, I32), ir.Constant(I32, 0))
    zeros = ir.Constant(ir.VectorType(I32, WORDS.count), [0] * WORDS.count)
    return Word(builder, builder.shuffle_vector(one, nothing, zeros))
