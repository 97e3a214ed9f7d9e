"""What a file tells of its traces beside their power, for an attack on them."""

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.attacking import GENERIC
from jobs.measuring import ImportRequest, MeasuredAttack
from jobs.target import Varies
from workers.simulation.measured.names import GROUP, KNOWN, our_name
from workers.simulation.measured.reading import Layout
from workers.simulation.measured.source import SAMPLES
from workers.simulation.measured.taken import Taken
from workers.simulation.values import Bytes

ROWS = 65_536
"""That are looked at together."""
RESERVED = frozenset({SAMPLES, GROUP, "traces", "pc"})
"""Names that stand for something else."""
OUTPUT = "output"
"""What attacks call what came out: the ciphertext."""
PLAIN = r"[a-z][a-z0-9_]{0,31}"
"""Names that values may have; others are given one in `values`."""


@dataclass(frozen=True, slots=True)
class FileValue:
    """A value of every trace, as `jobs.attackable` wants to know it."""

    name: str
    length: int
    variation: Varies
    symbol: str | None = None


@dataclass(frozen=True, slots=True)
class There:
    """The values of a file, as `jobs.attackable` wants to know them."""

    inputs: tuple[FileValue, ...]
    output: FileValue | None


@dataclass(frozen=True, slots=True)
class MeasuredValues:
    """The values of measured traces: those of the file, and a key that the request tells."""

    told: There
    layout: Layout
    first: Bytes
    """[bytes] of the first trace that is attacked"""
    given: dict[str, Bytes]
    """What the request tells in place of the file."""

    def columns(self, name: str) -> slice:
        """Return where a value of the file lies in a row of inputs."""
        return self.layout.columns(name)

    def constant(self, name: str) -> Bytes:
        """Return a value that is the same in all traces that are attacked [bytes]."""
        return self.given[name] if name in self.given else self.first[self.columns(name)]

    def outputs(self, rows: Bytes) -> Bytes:
        """Return what came out [n, bytes], where the file tells it, of rows of inputs."""
        output = self.told.output
        return rows[:, :0] if output is None else np.ascontiguousarray(rows[:, self.columns(output.name)])


def known(taken: Taken, chosen: npt.NDArray[np.int64], attack: MeasuredAttack | None) -> MeasuredValues:
    """Return what is known of the traces `chosen`, of which there is at least one: `attack` says by which names."""
    request, layout = taken.request, taken.layout
    first = np.asarray(taken.inputs[chosen[0]])
    varies = np.zeros(len(first), np.bool_)
    for start in range(0, len(chosen), ROWS):
        varies |= (taken.inputs[chosen[start : start + ROWS]] != first).any(axis=0)
    key = ("key" if attack is None else attack.key) or "key"
    given = {} if request.key is None else {key: np.frombuffer(bytes.fromhex(request.key), np.uint8)}
    values = {name: FileValue(name, len(value), Varies.CONSTANT) for name, value in given.items()}
    for name in layout.values:
        where = layout.columns(name)
        if name not in {GROUP, *given}:
            changes = Varies.RANDOM if varies[where].any() else Varies.CONSTANT
            values[name] = FileValue(name, where.stop - where.start, changes)
    output = None if attack is None or attack.ciphertext in given else values.get(attack.ciphertext)
    return MeasuredValues(There(tuple(values.values()), output), layout, first, given)


def in_our_names(attack: MeasuredAttack, request: ImportRequest, layout: Layout) -> MeasuredAttack:
    """Return the attack with our names for what it calls by the file's."""

    def ours(text: str) -> str:
        name, bracket, rest = text.partition("[")
        name = attack.ciphertext if name == OUTPUT else name
        return our_name(name, layout.values, request.values) + bracket + rest

    return attack.model_copy(
        update={
            "plaintext": ours(attack.plaintext),
            "ciphertext": ours(attack.ciphertext),
            "key": None if attack.key is None else ours(attack.key),
            "mask": None if attack.mask is None else ours(attack.mask),
            "nonce": ours(attack.nonce),
            "counter": ours(attack.counter),
            "variables": None if attack.variables is None else tuple(ours(text) for text in attack.variables),
        }
    )


def used_by(attack: MeasuredAttack) -> frozenset[str]:
    """Return the values from which the attack predicts, and the one that holds the key."""
    texts: tuple[str | None, ...]
    if attack.family in GENERIC:
        texts = attack.variables or ()
    elif attack.family == "chacha20":
        texts = (attack.counter, attack.nonce, attack.key)
    elif attack.from_output:
        texts = (attack.ciphertext, attack.key)
    else:
        texts = (attack.plaintext, attack.mask, attack.key)
    names = (text.partition("[")[0] for text in texts if text is not None)
    return frozenset(attack.ciphertext if name == OUTPUT else name for name in names)


def read_for(attack: MeasuredAttack | None) -> frozenset[str]:
    """Return what is read of a file because the attack names it, beside what is always looked for."""
    names = frozenset() if attack is None else used_by(attack)
    return frozenset(name for name in names - RESERVED - set(KNOWN) if re.fullmatch(PLAIN, name))
