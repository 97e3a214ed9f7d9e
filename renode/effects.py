"""What an instruction writes and transfers, by its name and operands as capstone gives them.

Which operands are written comes from the rules here for loads, stores and calls: capstone's access flags are wrong for
several of them (`stmdb`, `strbt`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import capstone
from capstone import arm

from renode.layout import BRANCH_TABLE, EXCLUSIVE, HIDDEN, PC, SP, STORE
from renode.trace import Class

LR = 14
_NUMBER = {arm.ARM_REG_R0 + i: i for i in range(13)} | {arm.ARM_REG_SP: SP, arm.ARM_REG_LR: LR, arm.ARM_REG_PC: PC}
_WIDTHS = {"b": 1, "bt": 1, "h": 2, "ht": 2}

_BRANCHES = frozenset({"b", "bl", "blx", "bx", "cbz", "cbnz", "tbb", "tbh"})
_KINDS = {
    **dict.fromkeys(("lsl", "lsr", "asr", "ror", "rrx"), Class.SHIFT),
    **dict.fromkeys(("sdiv", "udiv"), Class.DIVIDE),
    **dict.fromkeys(("it", "nop", "hint", "mrs", "msr", "cps", "svc", "bkpt", "udf"), Class.OTHER),
    **dict.fromkeys(("dmb", "dsb", "isb", "clrex", "dbg", "pld", "pli", "pldw"), Class.OTHER),
}
_MULTIPLIES = (
    "mul",
    "mla",
    "mls",
    "umul",
    "umla",
    "umaa",
    "smul",
    "smla",
    "smml",
    "smms",
    "smmu",
    "smua",
    "smus",
    "smls",
)


@dataclass(frozen=True, slots=True)
class Effects:
    """Register lists are in the order of addresses, with 15 for the pc."""

    written: frozenset[int] = frozenset()
    """r0 to r14; the base of a write-back is among them."""
    transfers: tuple[int, ...] = ()
    width: int = 4
    """Bytes of one transfer."""
    shape: int = 0
    """layout.STORE and its like."""
    status: int = 0
    """The register that an exclusive store clears when it stored."""


def effects_of(name: str, found: Any) -> Effects:
    """Return the effects of capstone's instruction `found`, whose bare name is `name`."""
    for prefix, rule in _RULES:
        if name.startswith(prefix):
            return rule(name, found)
    written = {_NUMBER[operand.reg] for operand in _written_operands(found) if operand.reg in _NUMBER}
    return Effects(_file(written), shape=HIDDEN if name in {"msr", "cps"} else 0)


def writes_pc(found: Any) -> bool:
    """Return whether the pc is an operand that the instruction writes."""
    return any(operand.reg == arm.ARM_REG_PC for operand in _written_operands(found))


def kind_of(name: str, effects: Effects, *, to_pc: bool) -> Class:
    """Return the class of an instruction."""
    if name in _BRANCHES:
        return Class.BRANCH
    if effects.transfers:
        return Class.STORE if effects.shape & STORE else Class.LOAD
    if to_pc:
        return Class.BRANCH
    if name.startswith(_MULTIPLIES):
        return Class.MULTIPLY
    return _KINDS.get(name, Class.ALU)


def _push(_name: str, found: Any) -> Effects:
    return Effects(frozenset({SP}), tuple(_registers(found)), shape=STORE)


def _pop(_name: str, found: Any) -> Effects:
    listed = _registers(found)
    return Effects(_file({SP, *listed}), tuple(listed))


def _store_list(_name: str, found: Any) -> Effects:
    base, *listed = _registers(found)
    return Effects(_file({base} if found.writeback else ()), tuple(listed), shape=STORE)


def _load_list(_name: str, found: Any) -> Effects:
    base, *listed = _registers(found)
    return Effects(_file({base, *listed} if found.writeback else listed), tuple(listed))


def _store_exclusive(name: str, found: Any) -> Effects:
    status, stored, *_ = _registers(found)
    return Effects(_file({status}), (stored,), _width(name), STORE | EXCLUSIVE, status)


def _store(name: str, found: Any) -> Effects:
    stored = _registers(found)[: 2 if name == "strd" else 1]
    return Effects(_file(_written_back(found)), tuple(stored), _width(name), STORE)


def _load(name: str, found: Any) -> Effects:
    loaded = _registers(found)[: 2 if name == "ldrd" else 1]
    return Effects(_file({*loaded, *_written_back(found)}), tuple(loaded), _width(name))


def _branch_table(name: str, _found: Any) -> Effects:
    return Effects(transfers=(PC,), width=1 if name == "tbb" else 2, shape=BRANCH_TABLE)


def _call(_name: str, _found: Any) -> Effects:
    return Effects(frozenset({LR}))


_RULES: tuple[tuple[str | tuple[str, ...], Callable[[str, Any], Effects]], ...] = (
    ("push", _push),
    ("pop", _pop),
    ("stm", _store_list),
    ("ldm", _load_list),
    ("strex", _store_exclusive),
    ("str", _store),
    ("ldr", _load),
    (("tbb", "tbh"), _branch_table),
    (("blx", "bl"), _call),
)


def _file(registers: Iterable[int]) -> frozenset[int]:
    """Return the registers of the register file: not the pc."""
    return frozenset(registers) - {PC}


def _registers(found: Any) -> list[int]:
    return [
        _NUMBER[operand.reg] for operand in found.operands if operand.type == arm.ARM_OP_REG and operand.reg in _NUMBER
    ]


def _written_back(found: Any) -> set[int]:
    bases = [operand.mem.base for operand in found.operands if operand.type == arm.ARM_OP_MEM]
    return {_NUMBER[base] for base in bases if found.writeback and base in _NUMBER}


def _written_operands(found: Any) -> list[Any]:
    return [
        operand
        for operand in found.operands
        if operand.type == arm.ARM_OP_REG and operand.access & capstone.CS_AC_WRITE
    ]


def _width(name: str) -> int:
    return _WIDTHS.get(name[3:].removeprefix("ex").removeprefix("s"), 4)
