"""From the tree of a program to its code."""

from collections.abc import Callable
from typing import Any

from tests.renode.lockstep.assemble import Assembly
from tests.renode.lockstep.image import PASSED_INPUT, PASSED_OUTPUT, SLOTS, STACK, STOP
from tests.renode.lockstep.tree import SP, Body, Call, Constant, Function, If, It, Leave, Loop, Pick, Plain, Switch

LOW = 8
"""The first register that 16-bit instructions mostly do not reach."""


def code_of(function: Function) -> bytes:
    """Return its code, for image.CODE; raise OutOfReach."""
    assembly = Assembly(function.core)
    if function.passed:
        assembly.input, assembly.output = PASSED_INPUT, PASSED_OUTPUT
    if function.pops_pc:
        assembly.emit(0xB5F0)  # push {r4-r7, lr}
        assembly.depth = assembly.outermost = 20
    for register in (*range(8, 13), *range(8)):
        _pick(assembly, Pick(register, register))
    _body(assembly, function.body)
    _end(assembly)
    return assembly.code()


def _body(assembly: Assembly, body: Body) -> None:
    for node in body:
        _EMIT[type(node)](assembly, node)


def _plain(assembly: Assembly, node: Plain) -> None:
    assembly.emit(*node.halves)
    if node.resets_sp:
        assembly.constant(SP, STACK - assembly.depth)


def _constant(assembly: Assembly, node: Constant) -> None:
    assembly.constant(node.register, node.value)


def _pick(assembly: Assembly, node: Pick) -> None:
    register = node.register
    up, down = 32 - node.bits, 32 - node.bits - node.shift
    if not assembly.wide:
        low = register if register < LOW else 7
        assembly.constant(low, assembly.input + 4 * node.word)
        assembly.emit(0x6800 | low << 3 | low)
        if up:
            assembly.emit(up << 6 | low << 3 | low, 0x0800 | down << 6 | low << 3 | low)
        if register >= LOW:
            assembly.emit(0x4600 | (register & 8) << 4 | low << 3 | register & 7)
        return
    assembly.constant(register, assembly.input)
    assembly.emit(0xF8D0 | register, register << 12 | 4 * node.word)
    if up:
        for kind, amount in ((0, up), (0x10, down)):
            assembly.emit(0xEA4F, (amount << 10 & 0x7000) | register << 8 | (amount & 3) << 6 | kind | register)


def _if(assembly: Assembly, node: If) -> None:
    then, otherwise, end = assembly.label(), assembly.label(), assembly.label()
    if node.block:
        assembly.emit(0xBF08 | node.condition << 4)  # it
        assembly.branch("b.w" if node.far else "b", then)
    elif node.zero is not None:
        assembly.branch("cb", then, (0xB100, 0xB900)[node.condition & 1] | node.zero)
    else:
        assembly.branch("cond.w" if node.far and assembly.wide else "cond", then, node.condition)
    assembly.jump(otherwise)
    assembly.place(then)
    _body(assembly, node.then)
    assembly.jump(end)
    assembly.place(otherwise)
    _body(assembly, node.otherwise)
    assembly.place(end)


def _loop(assembly: Assembly, node: Loop) -> None:
    top, end = assembly.label(), assembly.label()
    if node.word is None:
        assembly.constant(6, node.times)
    else:
        _pick(assembly, Pick(6, node.word, node.bits))
        assembly.emit(0x3601)  # adds r6, #1
    assembly.constant(7, SLOTS + 4 * node.slot)
    assembly.emit(0x603E)  # str r6, [r7]
    assembly.place(top)
    _body(assembly, node.body)
    assembly.constant(7, SLOTS + 4 * node.slot)
    assembly.emit(0x683E, 0x3E01, 0x603E)  # ldr r6, [r7]; subs r6, #1; str r6, [r7]
    assembly.branch("cond", end, 0)
    assembly.jump(top)
    assembly.place(end)


def _switch(assembly: Assembly, node: Switch) -> None:
    register, count = node.register, len(node.cases)
    words = node.kind in {"mov", "bx", "ldr"}
    shift = 2 if words else node.kind == "add"
    if node.varies:
        _pick(assembly, Pick(register, node.by, count.bit_length() - 1, int(shift)))
    else:
        assembly.constant(register, node.by % count << shift)
    ways = [assembly.label() for _ in node.cases]
    end = assembly.label()
    if words:
        _by_words(assembly, node, ways)
    elif node.kind == "add":
        assembly.emit(0x4487 | register << 3, 0xBF00)  # add pc, rm, which counts from two halfwords on
    else:
        assembly.emit(0xE8DF, 0xF000 | (node.kind == "tbh") << 4 | register)
        base = len(assembly.halves)
        if node.kind == "tbb":
            for one, other in zip(ways[::2], ways[1::2], strict=True):
                assembly.branch("byte", one, other, base)
        else:
            for way in ways:
                assembly.branch("half", way, 0, base)
    cases = [assembly.label() for _ in node.cases]
    for way, case in zip(ways, cases, strict=True):
        assembly.place(way)
        assembly.branch("b", case)
    for case, body in zip(cases, node.cases, strict=True):
        assembly.place(case)
        _body(assembly, body)
        assembly.jump(end)
    assembly.place(end)


def _by_words(assembly: Assembly, node: Switch, ways: list[int]) -> None:
    register, table = node.register, assembly.label()
    other = 0 if register else 1
    assembly.align()
    if assembly.wide and node.kind == "ldr":
        assembly.emit(0xF20F | 0, other << 8 | 4)  # adr other, the word after the next instruction
        assembly.emit(0xF850 | other, 0xF000 | register)  # ldr pc, [other, register]
    else:
        assembly.emit(0xA000 | other << 8 | 1)  # adr other, the word after two more halfwords
        assembly.emit(0x5800 | register << 6 | other << 3 | register)  # ldr register, [other, register]
        assembly.emit((0x4687 if node.kind == "mov" else 0x4700) | register << 3, 0xBF00)
    assembly.place(table)
    for way in ways:
        assembly.branch("word", way)


def _call(assembly: Assembly, node: Call) -> None:
    function, over = assembly.label(), assembly.label()
    if node.through:
        assembly.align()
        assembly.emit(0xA001, 0x6800, 0x4780, 0xE001)  # adr r0, the word; ldr r0, [r0]; blx r0; b over the word
        assembly.branch("word", function)
    else:
        assembly.branch("bl", function)
    assembly.jump(over)
    assembly.place(function)
    assembly.emit(0xB500 | node.saved)
    assembly.depth += 4 * (node.saved.bit_count() + 1)
    _body(assembly, node.body)
    assembly.emit(0xBD00 | node.saved)
    assembly.depth -= 4 * (node.saved.bit_count() + 1)
    assembly.place(over)


def _it(assembly: Assembly, node: It) -> None:
    condition, count = node.condition, len(node.items)
    mask = 1 << (4 - count)
    for position, (then, _) in enumerate(node.items[1:]):
        mask |= ((condition & 1) ^ (not then)) << (3 - position)
    assembly.emit(0xBF00 | condition << 4 | mask)
    for _, item in node.items:
        assembly.emit(*item.halves)
    if any(item.resets_sp for _, item in node.items):
        assembly.constant(SP, STACK - assembly.depth)


def _leave(assembly: Assembly, _node: Leave) -> None:
    assembly.constant(SP, STACK - assembly.outermost)
    _end(assembly)


def _end(assembly: Assembly) -> None:
    """Leave the registers and the carry as the output, and return."""
    assembly.emit(0xB4FF)  # push {r0-r7}
    assembly.constant(0, assembly.output)
    assembly.emit(0x4641, 0x464A, 0x4653, 0x465C, 0x4665, 0x4676, 0xC07E)  # mov r1, r8 ... r6, lr; stm r0!, {r1-r6}
    assembly.emit(0x2100, 0x4149, 0xC002, 0x4607)  # movs r1, #0; adcs r1, r1; stm r0!, {r1}; mov r7, r0
    assembly.emit(0xBC0F, 0xC70F, 0xBC0F, 0xC70F)  # twice: pop {r0-r3}; stm r7!, {r0-r3}
    if assembly.outermost:
        assembly.emit(0xBDF0)  # pop {r4-r7, pc}
    else:
        assembly.constant(0, STOP | 1)
        assembly.emit(0x4700)


_EMIT: dict[type, Callable[[Assembly, Any], None]] = {
    Plain: _plain,
    Constant: _constant,
    Pick: _pick,
    If: _if,
    Loop: _loop,
    Switch: _switch,
    Call: _call,
    It: _it,
    Leave: _leave,
}
