"""Which attacks the values of executions allow: what there must be of each, and how many bytes are guessed."""

import re
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from jobs.attacking import BLOCK_BYTES, GENERIC, KEY_BYTES, MAX_ATTACKED, Cpa
from jobs.forms import Misfit
from jobs.target import Varies

CLASS_BYTES = 1024
"""State of one attacked byte at one sample: 256 sums of 32 bits."""
NONCE_BYTES, COUNTER_BYTES = 12, 4


class Result(Protocol):
    """What comes out of an execution: the output of a target, the ciphertext of a file."""

    @property
    def symbol(self) -> str | None:
        """Return what it is also called."""

    @property
    def length(self) -> int:
        """Return how many bytes it has."""

    @property
    def variation(self) -> Varies:
        """Return how it changes from execution to execution."""


class Value(Result, Protocol):
    """What goes into an execution: an input of a target, a value of a file."""

    @property
    def name(self) -> str:
        """Return what it is called."""


class Values(Protocol):
    """What is known of executions beside their power: a `Target` says it of simulated ones, a file of measured ones."""

    @property
    def inputs(self) -> Sequence[Value]:
        """Return the values by which an attack may be told what to predict."""

    @property
    def output(self) -> Result | None:
        """Return what comes out, where that is known."""


class Unattackable(Misfit):
    """An attack that the values do not allow: the `field` that asks for it, and a `reason`, which is a code."""

    def __init__(self, field: str, reason: str, message: str) -> None:
        """Keep which field of the request it is about, and why."""
        super().__init__(field, message)
        self.reason = reason


class Span(NamedTuple):
    """Bytes [first, last) of an input, or of the output where `input` is None."""

    input: str | None
    first: int
    last: int
    varies: bool

    @property
    def length(self) -> int:
        """Return how many bytes these are."""
        return self.last - self.first


def span_of(text: str, values: Values, *, field: str = "cpa.variables") -> Span:
    """Return what a variable of an attack names; raise Unattackable, about `field`, where there are no such bytes."""
    found = re.fullmatch(r"([^\[]+)(?:\[(\d+):(\d+)\])?", text)
    name, first, last = found.groups() if found else (text, None, None)
    item = next((item for item in values.inputs if name in {item.name, item.symbol}), None)
    if item is not None:
        whole = Span(item.name, 0, item.length, item.variation is not Varies.CONSTANT)
    elif values.output is not None and name in {"output", values.output.symbol}:
        whole = Span(None, 0, values.output.length, values.output.variation is not Varies.CONSTANT)
    else:
        raise _missing(field, name, values)
    if first is None or last is None:
        return whole
    if not int(first) < int(last) <= whole.last:
        message = f"{field} takes bytes [{first}:{last}) of {name}, which has {whole.last}"
        raise Unattackable(field, "other-length", message)
    return whole._replace(first=int(first), last=int(last))


def find(name: str | None, values: Values) -> Value | None:
    """Return the value of this name, if there is one."""
    return next((item for item in values.inputs if item.name == name), None)


def attacked_bytes(cpa: Cpa, values: Values) -> int:
    """Return how many bytes are guessed; raise Unattackable for an attack that the values do not allow."""
    if cpa.family in GENERIC:
        return max(span.length for span in _combined(cpa, values))
    key = find(cpa.key, values)
    if cpa.family == "chacha20":
        words = sum(span.length for span in _stream(cpa, values) if span.varies)
        return words if key is None else 2 * words
    # What the second round adds to the key can be attacked only with the first one's state.
    return BLOCK_BYTES if key is None or not cpa.intermediate.endswith("-sbox-output") else key.length


def state_bytes(cpa: Cpa, values: Values) -> int:
    """Return the memory of an attack's sums at one sample."""
    return CLASS_BYTES * attacked_bytes(cpa, values) * (2 if cpa.paired else 1)


def most_attacked(cpa: Cpa, values: Values) -> int:
    """Return how many samples an attack may have."""
    return MAX_ATTACKED * BLOCK_BYTES * CLASS_BYTES // state_bytes(cpa, values)


def check_attack(cpa: Cpa, values: Values) -> None:
    """Raise Unattackable for an attack that the values do not allow."""
    if cpa.family in GENERIC:
        _combined(cpa, values)
    else:
        _check_key(cpa, values)
        _check_known(cpa, values)
    window, most = cpa.window, most_attacked(cpa, values)
    if isinstance(window, tuple) and not (0 <= window[0] < window[1] <= window[0] + most):
        message = f"cpa.window must be [from, to) with from below to, and at most {most} samples"
        raise Unattackable("cpa.window", "out-of-range", message)


def _check_key(cpa: Cpa, values: Values) -> None:
    key = find(cpa.key, values)
    if key is None:
        # Not by model_fields_set: a request is stored with its defaults, and would name them all.
        if cpa.key not in {None, Cpa.model_fields["key"].default}:
            raise _missing("cpa.key", str(cpa.key), values)
        return
    wanted = KEY_BYTES[cpa.family]
    must = f"cpa.key must be a constant key of {wanted} bytes"
    if key.length != wanted:
        raise Unattackable("cpa.key", "other-length", f"{must}; {key.name} has {key.length}")
    if key.variation is not Varies.CONSTANT:
        raise Unattackable("cpa.key", "varies", f"{must}; {key.name} changes")


def _check_known(cpa: Cpa, values: Values) -> None:
    if cpa.family == "chacha20":
        _stream(cpa, values)
    elif cpa.from_output:
        _check_ciphertext(values)
    else:
        text = find(cpa.plaintext, values)
        if text is None:
            raise _missing("cpa.plaintext", cpa.plaintext, values)
        varies = text.variation is not Varies.CONSTANT
        _check("cpa.plaintext", text.name, text.length, lengths={BLOCK_BYTES}, varies=varies)
        if cpa.mask is not None:
            mask = span_of(cpa.mask, values, field="cpa.mask")
            # One for each byte of the state, or one for all.
            _check("cpa.mask", cpa.mask, mask.length, lengths={1, BLOCK_BYTES})


def _check_ciphertext(values: Values) -> None:
    output, must = values.output, f"a last round needs an output of {BLOCK_BYTES} bytes that varies, the ciphertext"
    if output is None:
        raise Unattackable("cpa.ciphertext", "no-such-value", f"{must}; {_there(values)}")
    if output.length != BLOCK_BYTES:
        raise Unattackable("cpa.ciphertext", "other-length", f"{must}; it has {output.length}")
    if output.variation is Varies.CONSTANT:
        raise Unattackable("cpa.ciphertext", "constant", f"{must}; it never changes")


def _stream(cpa: Cpa, values: Values) -> tuple[Span, Span]:
    """Return the counter and the nonce of ChaCha20."""
    counter = span_of(cpa.counter, values, field="cpa.counter")
    nonce = span_of(cpa.nonce, values, field="cpa.nonce")
    _check("cpa.counter", cpa.counter, counter.length, lengths={COUNTER_BYTES})
    _check("cpa.nonce", cpa.nonce, nonce.length, lengths={NONCE_BYTES}, varies=nonce.varies or counter.varies)
    return counter, nonce


def _combined(cpa: Cpa, values: Values) -> tuple[Span, Span]:
    if cpa.variables is None:
        raise Unattackable("cpa.variables", "no-such-value", f"cpa.variables must name the two of {cpa.intermediate}")
    first, second = (span_of(text, values) for text in cpa.variables)
    if not (first.varies or second.varies):
        raise Unattackable("cpa.variables", "constant", "cpa.variables: one of them must vary")
    if 1 not in {first.length, second.length} and first.length != second.length:
        message = f"cpa.variables have {first.length} and {second.length} bytes; they must be equally many, or one"
        raise Unattackable("cpa.variables", "other-length", message)
    length, most = max(first.length, second.length), max(KEY_BYTES.values())
    if length > most:
        message = f"cpa.variables: at most {most} bytes are attacked at once, not {length}"
        raise Unattackable("cpa.variables", "too-large", message)
    if cpa.word_bytes > 1 and (length % cpa.word_bytes or first.length != second.length):
        message = f"cpa.word_bytes {cpa.word_bytes} must divide the length of both variables"
        raise Unattackable("cpa.word_bytes", "other-length", message)
    if cpa.word_bytes > 1 and cpa.key is None and not (first.varies and second.varies):
        message = "cpa.word_bytes: carries come from bytes that an attack without a known key cannot take as found"
        raise Unattackable("cpa.word_bytes", "no-key", message)
    return first, second


def _check(field: str, name: str, length: int, *, lengths: set[int], varies: bool = True) -> None:
    if length not in lengths:
        wanted = " or ".join(str(one) for one in sorted(lengths))
        raise Unattackable(field, "other-length", f"{field} must have {wanted} bytes; {name} has {length}")
    if not varies:
        raise Unattackable(field, "constant", f"{field} must vary; {name} never changes")


def _missing(field: str, name: str, values: Values) -> Unattackable:
    return Unattackable(field, "no-such-value", f"{field} names {name}; {_there(values)}")


def _there(values: Values) -> str:
    names = [item.name for item in values.inputs] + (["output"] if values.output is not None else [])
    return f"there are: {', '.join(names) or 'no values'}"
