"""Random programs, by shape: what a seed makes is the same as long as this module and the table are."""

import random
from collections.abc import Iterable
from dataclasses import dataclass

from jobs.target import Core
from renode.thumb.micro import ALWAYS
from tests.renode.lockstep.addressing import addressed, kept
from tests.renode.lockstep.encodings import Drawn, Rows
from tests.renode.lockstep.image import INPUT_BYTES
from tests.renode.lockstep.shapes import Shape
from tests.renode.lockstep.tree import (
    Body,
    Call,
    Constant,
    Function,
    If,
    It,
    Leave,
    Loop,
    Node,
    Pick,
    Plain,
    Switch,
)

WORDS = INPUT_BYTES // 4
EDGES = (0, 1, 2, 31, 32, 33, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFF0000)
FLAGS_OF_PAIR = 0x4280
"""cmp rn, rm, to which m << 3 and n are added."""
DEEPEST = 3
SHORT_KINDS = ("add", "mov", "bx")
KINDS = ("tbb", "tbh", *SHORT_KINDS, "ldr")
"""Of switches."""
ENDS = ((0xDE00,), (0xDF01,), (0xBE02,), (0xBF30,), (0xBF20,), (0xB672,), (0xF3EF, 0x8000), (0x4700,))
"""What lanes do not take, or what ends an execution: udf, svc, bkpt, wfi, wfe, cpsid, mrs r0, bx r0."""


@dataclass(slots=True)
class Generator:
    """Makes programs for one core."""

    rows: Rows
    rng: random.Random
    shape: Shape
    slots: int = 0

    def function(self) -> Function:
        """Return a program."""
        body = self._body(self.shape.length, 0)
        return Function(self.rows.core, body, pops_pc=self.rng.random() < 0.5, passed=self.rng.random() < 0.25)

    def _body(self, length: int, depth: int) -> Body:
        body: list[Node] = []
        for _ in range(length):
            body += self._some(depth)
        return tuple(body)

    def _some(self, depth: int) -> list[Node]:
        """Return the next nodes: one that matters, and what it needs before it."""
        shape, rng = self.shape, self.rng
        choice = rng.random()
        if choice < shape.memory:
            return self._access()
        if choice < shape.memory + shape.blocks and self.rows.core is not Core.M0:
            return self._block()
        if choice < shape.memory + shape.blocks + shape.ways and depth < DEEPEST:
            return self._way(depth)
        if rng.random() < 0.12:
            return [Constant(self._register(), rng.choice((*EDGES, rng.getrandbits(32))))]
        if rng.random() < 0.1:
            return [Pick(self._register(), rng.randrange(WORDS), rng.choice((32, 32, 8, 5, 1)))]
        drawn = self._drawn(accesses=False)
        return [drawn.plain]

    def _register(self) -> int:
        return self.rng.randrange(8 if self.rows.core is Core.M0 or self.rng.random() < 0.5 else 13)

    def through(self, names: Iterable[str]) -> Function:
        """Return a program with an instruction of each row of `names`; rows that cannot stand anywhere are left out."""
        body: list[Node] = []
        for name in names:
            drawn = self.rows.draw(name, self.rng)
            if drawn is not None:
                body += [
                    Pick(self._register(), self.rng.randrange(WORDS)),
                    *addressed(drawn, self.rng, self.shape, self.rows.core),
                    kept(drawn),
                ]
        return Function(self.rows.core, tuple(body), pops_pc=False)

    def every_way(self) -> Function:
        """Return a program with every kind of branch, loop, table and call, by the input and not."""
        core, body = self.rows.core, self._body(2, DEEPEST)
        kinds = SHORT_KINDS if core is Core.M0 else KINDS
        nodes: list[Node] = [If(cond, body, self._body(1, DEEPEST), far=bool(cond & 1)) for cond in range(14)]
        nodes += [
            Switch(k % 8, k, varies, kind, (body,) * 4) for k, kind in enumerate(kinds) for varies in (False, True)
        ]
        nodes += [Loop(0, 3, body), Loop(1, 0, (Loop(2, 2, body),), 4, 2)]
        nodes += [Call(0x0F, body), Call(0xFF, (Call(0, body),), through=True)]
        if core is not Core.M0:
            nodes += [
                If(3, body, body, block=True),
                If(1, body, body, zero=2),
                If(0, body, body, zero=7),
                *self._block(),
            ]
        self.rng.shuffle(nodes)
        return Function(core, tuple(nodes), pops_pc=True)

    def _drawn(self, *, accesses: bool, in_it: bool = False) -> Drawn:
        names = self.rows.accesses if accesses else self.rows.plain
        while True:
            drawn = self.rows.draw(self.rng.choice(names), self.rng, in_it=in_it)
            if drawn is not None and not (in_it and drawn.exclusive and self.rng.random() < 0.9):
                return drawn

    def _access(self) -> list[Node]:
        drawn = self._drawn(accesses=True)
        return [*addressed(drawn, self.rng, self.shape, self.rows.core), kept(drawn)]

    def _compared(self) -> list[Node]:
        """Return what sets the flags: by the input or not."""
        rng = self.rng
        one, other = rng.sample(range(8), 2)
        compare = Plain((FLAGS_OF_PAIR | other << 3 | one,), "CMP (register) T1")
        if rng.random() < self.shape.varying:
            bits = rng.choice((1, 2, 8, 32))
            return [Pick(one, rng.randrange(WORDS), bits), Pick(other, rng.randrange(WORDS), bits), compare]
        return [Constant(one, rng.choice(EDGES)), Constant(other, rng.choice(EDGES)), compare]

    def _block(self) -> list[Node]:
        rng = self.rng
        condition, count = rng.randrange(15), rng.choice((1, 1, 2, 3, 4))
        before: list[Node] = []
        items = []
        accessed = rng.randrange(count) if rng.random() < 0.2 else 0
        for position in range(count):
            drawn = self._drawn(accesses=position == accessed and rng.random() < 3 * self.shape.memory, in_it=True)
            before += addressed(drawn, self.rng, self.shape, self.rows.core)
            items.append((position == 0 or condition == ALWAYS or rng.random() < 0.5, kept(drawn)))
        compared = self._compared() if rng.random() < 0.7 else []
        return [*compared, *before, It(condition, tuple(items))]

    def _way(self, depth: int) -> list[Node]:
        kinds = (self._if, self._if, self._zero, self._loop, self._switch, self._call, self._end)
        weights = (3, 2, 2, 3, 3, 3, 1)
        make = self.rng.choices(kinds, weights)[0]
        return make(depth + 1)

    def _inner(self, depth: int) -> Body:
        return self._body(self.rng.randrange(1, 5), depth)

    def _by_input(self) -> bool:
        return self.rng.random() < self.shape.varying

    def _if(self, depth: int) -> list[Node]:
        then, otherwise = self._inner(depth), self._inner(depth)
        block = self.rows.core is not Core.M0 and self.rng.random() < 0.2
        branch = If(self.rng.randrange(14), then, otherwise, far=self.rng.random() < 0.5, block=block)
        return [*self._compared(), branch]

    def _zero(self, depth: int) -> list[Node]:
        if self.rows.core is Core.M0:
            return self._if(depth)
        rng, register = self.rng, self.rng.randrange(8)
        first: Node = Constant(register, rng.randrange(2))
        if self._by_input():
            first = Pick(register, rng.randrange(WORDS), rng.choice((1, 2)))
        return [first, If(rng.randrange(2), self._inner(depth), self._inner(depth), zero=register)]

    def _loop(self, depth: int) -> list[Node]:
        rng, slot = self.rng, self.slots
        self.slots += 1
        if self._by_input():
            return [Loop(slot, 0, self._inner(depth), rng.randrange(WORDS), rng.choice((1, 2)))]
        return [Loop(slot, rng.choice((1, 2, 3, 4, 25)), self._inner(depth))]

    def _switch(self, depth: int) -> list[Node]:
        rng = self.rng
        kind = rng.choice(SHORT_KINDS if self.rows.core is Core.M0 else KINDS)
        cases = tuple(self._inner(depth) for _ in range(rng.choice((2, 4))))
        return [Switch(rng.randrange(8), rng.randrange(WORDS), self._by_input(), kind, cases)]

    def _call(self, depth: int) -> list[Node]:
        return [Call(self.rng.getrandbits(8), self._inner(depth), through=self.rng.random() < 0.3)]

    def _end(self, depth: int) -> list[Node]:
        rng = self.rng
        end = Leave() if rng.random() < 0.6 else Plain(rng.choice(ENDS), "none")
        return [*self._compared(), If(rng.randrange(14), (*self._inner(depth), end), self._inner(depth))]
