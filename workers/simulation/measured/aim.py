"""What the attack of an import guesses, from what its file tells; or why there is no attack."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from jobs.attackable import Unattackable, check_attack, find, span_of
from jobs.attacking import BLOCK_BYTES, KEY_BYTES
from jobs.errors import InvalidInput
from jobs.measuring import MeasuredAttack
from jobs.target import Varies
from workers.simulation.inputs import RANDOM, sets_of
from workers.simulation.intermediates import targets_among
from workers.simulation.measured.known import MeasuredValues, in_our_names, known
from workers.simulation.measured.taken import Taken
from workers.simulation.run import LEFT_OUT
from workers.simulation.targets import Targets
from workers.simulation.totals import MIN_ATTACK

KeySource = Literal["file", "request", "varies"]
DEFAULT = MeasuredAttack()
SPOKEN = ("intermediate", "plaintext", "key")
"""Fields by which an attack is another than the default. Not by model_fields_set: a job is stored with its defaults."""
FEW = f"fewer than {MIN_ATTACK} traces have random inputs"


@dataclass(frozen=True, slots=True)
class Aim:
    """What is attacked, and how."""

    attack: MeasuredAttack
    """In our names for values."""
    values: MeasuredValues
    targets: Targets


@dataclass(frozen=True, slots=True)
class Aimed:
    """What an import's attack takes aim at."""

    chosen: npt.NDArray[np.int64]
    """[attacked] the traces of the random set"""
    aim: Aim | None
    """None where there is no attack."""
    absent: str | None
    """Why there is none."""
    key_from: KeySource | None = None
    unranked: str | None = None
    """Why a key that the file tells is not ranked."""


def aimed(taken: Taken) -> Aimed:
    """Return what the attack guesses; raise InvalidInput, naming the field, for what the file does not hold.

    The attack that nobody asked for in as many words is left out instead, and the reason is told.
    """
    request, chosen = taken.request, np.flatnonzero(varied(taken.sets.labels))
    asked = request.cpa
    wanted = None if asked is None else KEY_BYTES.get(asked.family)
    if wanted is not None and request.key is not None and len(request.key) != 2 * wanted:
        raise InvalidInput(f"The key must have {wanted} bytes.", field="key", reason="other-length")
    absent = "the import asked for none" if asked is None else FEW
    if not len(chosen):
        return Aimed(chosen, None, absent)
    attack = None if asked is None else in_our_names(asked, request, taken.layout)
    values = known(taken, chosen, attack)
    if attack is None:
        return Aimed(chosen, None, absent, _source(values, DEFAULT.key))
    if wanted is not None:
        key = DEFAULT.key if attack.key is None and request.key is not None else attack.key
        found = Aimed(chosen, None, None, _source(values, key))
        return _with_key(found, attack.model_copy(update={"key": key}), values, unspoken=_unspoken(asked))
    if len(chosen) < MIN_ATTACK:
        return Aimed(chosen, None, FEW)
    aim = _checked(attack, values)
    spans = [span_of(text, values.told) for text in attack.variables or ()]
    secret = next((span.input for span in spans if not span.varies), None)
    return Aimed(chosen, aim, None, None if aim.targets.truth is None else _source(values, secret))


def varied(labels: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Return which traces are in the random set [traces]."""
    return np.asarray((labels != LEFT_OUT) & (sets_of(labels) == RANDOM))


def _with_key(found: Aimed, attack: MeasuredAttack, values: MeasuredValues, *, unspoken: bool) -> Aimed:
    """Take aim at a key, which shall be ranked where it is known."""
    key, wanted = find(attack.key, values.told), KEY_BYTES[attack.family]
    if key is not None and key.length == wanted and found.key_from == "varies":
        return replace(found, absent="the key changes from trace to trace")
    if key is not None and key.length != wanted and unspoken:
        told = f"the {key.length} bytes of {key.name} were not ranked: the key of the attack has {wanted}"
        attack = attack.model_copy(update={"key": None})
        found = replace(found, key_from=None, unranked=told)
    if len(found.chosen) < MIN_ATTACK:
        return replace(found, absent=FEW)
    try:
        return replace(found, aim=_checked(attack, values))
    except InvalidInput as error:
        if unspoken and error.field == "cpa.plaintext":
            return replace(found, absent=_no_plaintexts(error, attack, values))
        raise


def _unspoken(asked: MeasuredAttack | None) -> bool:
    """Return whether an attack is the default, which nobody need have asked for."""
    return asked is not None and all(getattr(asked, name) == getattr(DEFAULT, name) for name in SPOKEN)


def _checked(attack: MeasuredAttack, values: MeasuredValues) -> Aim:
    try:
        check_attack(attack, values.told)
    except Unattackable as error:
        # A value that is there under a name that nobody gave is among what was not read.
        told = "; ".join([str(error), *(values.layout.notes if error.reason == "no-such-value" else ())])
        raise InvalidInput(f"{told}.", field=error.field, reason=error.reason) from error
    return Aim(attack, values, targets_among(values, attack))


def _no_plaintexts(error: InvalidInput, attack: MeasuredAttack, values: MeasuredValues) -> str:
    text = find(attack.plaintext, values.told)
    if text is None:
        return "the file does not tell the plaintexts"
    if error.reason == "constant":
        return "the plaintexts never change"
    return f"the plaintexts have {text.length} bytes, not the {BLOCK_BYTES} of AES-128"


def _source(values: MeasuredValues, name: str | None) -> KeySource | None:
    value = find(name, values.told)
    if value is None:
        return None
    if value.name in values.given:
        return "request"
    return "file" if value.variation is Varies.CONSTANT else "varies"
