"""What goes into the executions that are compared: drawn from (seed, number) alone.

A trial is one value of the public inputs with executions that differ in secrets (and masks) alone. Uniform secrets seldom
come near a border, such as a guess that is right or a number just below the modulus, so some are chosen: they show what
can happen and are in no test of means.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import repeat, zip_longest
from typing import Literal

import numpy as np
import numpy.typing as npt

from jobs.payloads import CampaignRequest
from jobs.target import Input, Varies
from workers.simulation.consttime.roles import Roles
from workers.simulation.draws import random_bytes
from workers.simulation.inputs import constant

FIXED, RANDOM, CHOSEN = 0, 1, 2
"""The sets of a trial."""
VALUES = 4
"""Values of the public inputs; the first is the campaign's own."""
MOST_CHOSEN = 64
_PUBLIC_PURPOSE = 128  # + position of the input
_SECRET_PURPOSE = 192
_MASK_PURPOSE = 256
_PER_VALUE = 2**32
"""Numbers of executions of one trial."""

Rows = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Trial:
    """Executions with one value of the public inputs."""

    value: int
    rows: Rows
    """[N, input bytes], those of the target concatenated in order; the first is the reference."""
    sets: npt.NDArray[np.uint8]
    """[N] FIXED, RANDOM or CHOSEN"""


def trials(request: CampaignRequest, roles: Roles, executions: int) -> Iterator[Trial]:
    """Yield trials with `executions` of the fixed and of random secrets in all, half of each."""
    inputs = request.target.inputs
    values = VALUES if any(inputs[place].variation is not Varies.CONSTANT for place in roles.public) else 1
    for value in range(values):
        yield _trial(request, roles, value, max(executions // (2 * values), 2))


def _trial(request: CampaignRequest, roles: Roles, value: int, half: int) -> Trial:
    public = {place: _public(request, place, value) for place in roles.public}
    fixed = {place: constant(request, place) for place in roles.secrets}
    chosen = [] if roles.masks else list(_chosen(request, roles, fixed, public))[:MOST_CHOSEN]
    count = 2 * half + len(chosen)
    parts = []
    for place, item in enumerate(request.target.inputs):
        if place in public:
            part = np.broadcast_to(public[place], (count, item.length))
        elif place in roles.masks:
            part = random_bytes(request.seed, value * _PER_VALUE, count, item.length, _MASK_PURPOSE + place)
        else:
            drawn = random_bytes(request.seed, value * _PER_VALUE, half, item.length, _SECRET_PURPOSE + place)
            own = np.array([secret[place] for secret in chosen], np.uint8).reshape(len(chosen), item.length)
            part = np.concatenate([np.broadcast_to(fixed[place], (half, item.length)), drawn, own])
        parts.append(part)
    sets = np.repeat(np.array([FIXED, RANDOM, CHOSEN], np.uint8), [half, half, len(chosen)])
    return Trial(value, np.ascontiguousarray(np.concatenate(parts, axis=1)), sets)


def _public(request: CampaignRequest, place: int, value: int) -> Rows:
    """Return a public input: one that the campaign never varies keeps its value, as only that may make sense."""
    item: Input = request.target.inputs[place]
    if value == 0 or item.variation is Varies.CONSTANT:
        return constant(request, place)
    return np.asarray(random_bytes(request.seed, value, 1, item.length, _PUBLIC_PURPOSE + place)[0])


def _chosen(
    request: CampaignRequest, roles: Roles, fixed: dict[int, Rows], public: dict[int, Rows]
) -> Iterator[dict[int, Rows]]:
    """Yield secrets by position: all zeros, all ones, and the fixed ones with one of them in a special place."""
    inputs = request.target.inputs
    for byte in (0x00, 0xFF):
        yield {place: np.full(inputs[place].length, byte, np.uint8) for place in roles.secrets}
    specials = [zip(repeat(place), _near(near)) for place in roles.secrets for near in _around(place, fixed, public)]
    # In turn, so that what there is no room for is not all of one secret.
    for turn in zip_longest(*specials):
        for place, special in filter(None, turn):
            yield {**fixed, place: special}


def _around(place: int, fixed: dict[int, Rows], public: dict[int, Rows]) -> Iterator[Rows]:
    """Yield what a secret may be compared with: public inputs and other secrets of its length, and its own value."""
    for other, known in (*public.items(), *fixed.items()):
        if other == place or len(known) == len(fixed[place]):
            yield known


def _near(value: Rows) -> Iterator[Rows]:
    """Yield a value, its neighbours as a number of either byte order, and others that differ late or early."""
    yield value
    orders: tuple[Literal["little", "big"], ...] = ("little", "big")
    for order in orders:
        number = int.from_bytes(value.tobytes(), order)
        for step in (-1, 1):
            moved = (number + step) % (1 << 8 * len(value))
            yield np.frombuffer(moved.to_bytes(len(value), order), np.uint8)
    for at in sorted({0, len(value) // 2, len(value) - 1}):
        for bit in (0x01, 0x80):
            other = value.copy()
            other[at] ^= bit
            yield other
