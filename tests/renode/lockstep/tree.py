"""Programs as trees: what is generated, made into code, and cut down while it still differs."""

from dataclasses import dataclass, replace
from typing import Union

from jobs.target import Core

SP = 13


@dataclass(frozen=True, slots=True)
class Plain:
    """One instruction that means the same wherever it lies."""

    halves: tuple[int, ...]
    row: str
    """Of the decoder's table."""
    resets_sp: bool = False
    """Whether it leaves the sp where nobody knows, to be put right behind it."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A number into a register."""

    register: int
    value: int


@dataclass(frozen=True, slots=True)
class Pick:
    """`bits` bits of the input word `word` into a register, shifted left."""

    register: int
    word: int
    bits: int = 32
    shift: int = 0


@dataclass(frozen=True, slots=True)
class If:
    """A branch: by condition, or with `zero` by whether that low register is 0 (condition: 0 eq, 1 ne)."""

    condition: int
    then: "Body"
    otherwise: "Body"
    zero: int | None = None
    far: bool = False
    block: bool = False
    """Whether it is an unconditional branch in an IT block."""


@dataclass(frozen=True, slots=True)
class Loop:
    """Run `body` `times` times, or by `bits` bits of the input word `word` and once more."""

    slot: int
    times: int
    body: "Body"
    word: int | None = None
    bits: int = 0


@dataclass(frozen=True, slots=True)
class Switch:
    """Jump by bits of the input, or by a number, through a table: tbb, tbh, add, mov, bx or ldr."""

    register: int
    by: int
    """Input word, or the case itself where `varies` is not set."""
    varies: bool
    kind: str
    cases: tuple["Body", ...]
    """2 or 4"""


@dataclass(frozen=True, slots=True)
class Call:
    """Call a function that lies in between: its registers saved are a list as push has it."""

    saved: int
    body: "Body"
    through: bool = False
    """By blx of a register."""


@dataclass(frozen=True, slots=True)
class It:
    """An IT block: its condition, and for each instruction whether it is a then."""

    condition: int
    items: tuple[tuple[bool, Plain], ...]


@dataclass(frozen=True, slots=True)
class Leave:
    """Return from the whole program, from wherever this is."""


Node = Union[Plain, Constant, Pick, If, Loop, Switch, Call, It, Leave]  # noqa: UP007 - names that come later
Body = tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Function:
    """A whole program."""

    core: Core
    body: Body
    pops_pc: bool
    """How it returns: by pop, or by bx of what was in the lr."""
    passed: bool = False
    """Whether input and output are passed as pointers."""


def parts_of(node: Node) -> tuple[Body, ...]:
    """Return the bodies inside."""
    if isinstance(node, If):
        return node.then, node.otherwise
    if isinstance(node, (Loop, Call)):
        return (node.body,)
    return node.cases if isinstance(node, Switch) else ()


def with_parts(node: Node, parts: tuple[Body, ...]) -> Node:
    """Return the node with other bodies."""
    if isinstance(node, If):
        return replace(node, then=parts[0], otherwise=parts[1])
    if isinstance(node, (Loop, Call)):
        return replace(node, body=parts[0])
    return replace(node, cases=parts) if isinstance(node, Switch) else node
