"""The words between the decoder and whoever executes: places, micro-operations, decoded instructions.

A micro-operation reads up to three operands and writes one place. What an instruction does is a sequence of them, in
order, each seeing what the ones before wrote; flags are places like any other and are written by operations of their
own, so whoever knows that nobody reads a flag leaves its operation out. What the operations compute is said once, in
`semantics.py`.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum, auto

WORD = 0xFFFFFFFF


class Place(IntEnum):
    """Where a 32-bit word lies. The pc is none: the decoder knows it and writes it as a number."""

    R0 = 0
    R1 = 1
    R2 = 2
    R3 = 3
    R4 = 4
    R5 = 5
    R6 = 6
    R7 = 7
    R8 = 8
    R9 = 9
    R10 = 10
    R11 = 11
    R12 = 12
    SP = 13
    LR = 14
    RESULT = 15
    """Flags N and Z, as a word: N is its bit 31, Z is whether it is 0."""
    CARRY = 16
    """0 or 1."""
    OVERFLOW = 17
    """0 or 1."""
    SATURATED = 18
    """The sticky flag Q: 0 or 1."""
    GREATER = 19
    """The four GE flags: 0 to 15."""
    T0 = 20
    T1 = 21
    T2 = 22
    T3 = 23
    T4 = 24
    T5 = 25
    """Temporaries: they mean nothing before the instruction that writes them, nor after it."""


PLACES = len(Place)
REGISTERS = 15
"""The first so many places are those of the register file, which activity is told of."""

Operand = Place | int
"""A place, or a number in [0, 2^32). Test for `Place` first: it is an int, too."""


class Op(StrEnum):
    """Micro-operations. `n`, `m`, `a` are the operands; the result is a word unless something else is said."""

    # Moves and logic.
    MOV = auto()
    """n"""
    MVN = auto()
    AND = auto()
    ORR = auto()
    EOR = auto()
    BIC = auto()
    """n & ~m"""
    ORN = auto()
    """n | ~m"""
    MERGE = auto()
    """(n & ~a) | (m & a)"""
    # Sums. Of a difference n - m the carry is n >= m.
    ADD = auto()
    SUB = auto()
    """n - m"""
    ADC = auto()
    """n + m + a, with a 0 or 1"""
    ADD_CARRY = auto()
    """0 or 1: the carry out of n + m"""
    ADD_OVERFLOW = auto()
    SUB_CARRY = auto()
    """0 or 1: n >= m, unsigned"""
    SUB_OVERFLOW = auto()
    ADC_CARRY = auto()
    """0 or 1: the carry out of n + m + a"""
    ADC_OVERFLOW = auto()
    # Shifts: of n by the low byte of m, as ARM defines them for any amount (ARMv7-M ARM, A2.2.1).
    LSL = auto()
    LSR = auto()
    ASR = auto()
    ROR = auto()
    RRX = auto()
    """n >> 1 with m, 0 or 1, as the new top bit"""
    LSL_CARRY = auto()
    """0 or 1: the carry out of the shift of n by the low byte of m; a, 0 or 1, where the amount is 0"""
    LSR_CARRY = auto()
    ASR_CARRY = auto()
    ROR_CARRY = auto()
    # Products.
    MUL = auto()
    """Low word of n * m"""
    UMULH = auto()
    """High word of the unsigned product"""
    SMULH = auto()
    UDIV = auto()
    """0 where m is 0"""
    SDIV = auto()
    """0 where m is 0; towards zero; 0x80000000 / -1 is 0x80000000"""
    # Bits and bytes.
    CLZ = auto()
    RBIT = auto()
    REV = auto()
    REV16 = auto()
    REVSH = auto()
    SXTB = auto()
    SXTH = auto()
    # Comparisons.
    EQUAL = auto()
    """0 or 1: n == m"""
    DIFFER = auto()
    """0 or 1: n != m"""
    CONDITION = auto()
    """All ones or 0: whether the condition `cond` holds for n = RESULT, m = CARRY, a = OVERFLOW."""
    STATUS = auto()
    """N and Z of n, C of m, V of a in bits 31 to 28: the top of the APSR"""
    # Saturation.
    SSAT = auto()
    """n, signed, brought into the range of m bits, 1 to 32; sign-extended"""
    USAT = auto()
    """n, signed, brought into [0, 2^m - 1], m 0 to 31"""
    QADD = auto()
    """n + m, signed, saturated to 32 bits"""
    QSUB = auto()
    # Products of halves (A4.4.3), signed.
    SMULBB = auto()
    """Low half of n times low half of m"""
    SMULBT = auto()
    SMULTB = auto()
    SMULTT = auto()
    SMULWB = auto()
    """Bits 47 to 16 of n times low half of m"""
    SMULWT = auto()
    # Parallel arithmetic (A4.4.6); GE: the four flags that the instruction sets.
    SADD8 = auto()
    SADD16 = auto()
    SSUB8 = auto()
    SSUB16 = auto()
    SASX = auto()
    SSAX = auto()
    UADD8 = auto()
    UADD16 = auto()
    USUB8 = auto()
    USUB16 = auto()
    UASX = auto()
    USAX = auto()
    SADD8_GE = auto()
    SADD16_GE = auto()
    SSUB8_GE = auto()
    SSUB16_GE = auto()
    SASX_GE = auto()
    SSAX_GE = auto()
    UADD8_GE = auto()
    UADD16_GE = auto()
    USUB8_GE = auto()
    USUB16_GE = auto()
    UASX_GE = auto()
    USAX_GE = auto()
    QADD8 = auto()
    QADD16 = auto()
    QSUB8 = auto()
    QSUB16 = auto()
    QASX = auto()
    QSAX = auto()
    UQADD8 = auto()
    UQADD16 = auto()
    UQSUB8 = auto()
    UQSUB16 = auto()
    UQASX = auto()
    UQSAX = auto()
    SHADD8 = auto()
    SHADD16 = auto()
    SHSUB8 = auto()
    SHSUB16 = auto()
    SHASX = auto()
    SHSAX = auto()
    UHADD8 = auto()
    UHADD16 = auto()
    UHSUB8 = auto()
    UHSUB16 = auto()
    UHASX = auto()
    UHSAX = auto()
    SEL = auto()
    """The bytes of n where the flag of a (GREATER) is set, else those of m"""
    USAD8 = auto()
    """Sum of the absolute differences of the bytes"""
    SSAT16 = auto()
    """Both halves of n, signed, brought into the range of m bits"""
    USAT16 = auto()
    # Memory: n is the address.
    LOAD = auto()
    """`width` bytes at n, little-endian; sign-extended where `signed`"""
    STORE = auto()
    """Write the low `width` bytes of m at n; no place is written"""
    LOAD_EXCLUSIVE = auto()
    STORE_EXCLUSIVE = auto()
    """Write like STORE and leave 0, or write nothing and leave 1"""
    CLEAR_EXCLUSIVE = auto()
    # The way.
    BRANCH = auto()
    """Go on at n"""
    BRANCH_IF = auto()
    """Go on at n where the condition `cond` holds for the flags"""
    BRANCH_ZERO = auto()
    """Go on at n where m is 0"""
    BRANCH_NONZERO = auto()
    TRAP = auto()
    """The execution ends here: supervisor call, breakpoint, permanently undefined"""


CONTROL = frozenset({Op.BRANCH, Op.BRANCH_IF, Op.BRANCH_ZERO, Op.BRANCH_NONZERO, Op.TRAP})
MEMORY = frozenset({Op.LOAD, Op.STORE, Op.LOAD_EXCLUSIVE, Op.STORE_EXCLUSIVE, Op.CLEAR_EXCLUSIVE})
PURE = frozenset(Op) - CONTROL - MEMORY
"""A function of the operands and nothing else: what `semantics.py` says."""

ALWAYS = 14
"""The condition that always holds; the others are 0 (eq) to 13 (le), A7.3."""


@dataclass(frozen=True, slots=True)
class Micro:
    """One micro-operation. A BRANCH to a place goes where a `bx` would: bit 0 is no part of the address."""

    op: Op
    d: Place | None = None
    n: Operand = 0
    m: Operand = 0
    a: Operand = 0
    cond: int = ALWAYS
    width: int = 4
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Coded:
    """A decoded instruction: which row of the table it is and what it does."""

    row: str
    """Name and encoding, as the manual has them: `ADC (register) T1`."""
    section: str
    """Of the ARMv7-M Architecture Reference Manual, DDI 0403E: `A7.7.2`."""
    size: int
    micros: tuple[Micro, ...]
    covers: tuple[int, ...] = ()
    """Of an IT: the conditions of the instructions that follow."""


class Refused(Exception):
    """The encoding is none that this decoder takes; says which and why: `unpredictable`, `unallocated`, ..."""

    def __init__(self, why: str, what: str) -> None:
        super().__init__(f"{why}: {what}")
        self.why = why
        self.what = what
