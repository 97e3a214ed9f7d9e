"""What a correlation attack may ask for: which value it predicts, from which inputs, and where it looks."""

import re
from typing import Annotated, Final, Literal, NamedTuple

from pydantic import Field, StringConstraints

from jobs.forms import Name, Request
from jobs.target import Input, Target, Varies

MAX_ATTACKED = 16_384
"""Samples of an attack on 16 bytes: 16 KiB of class sums each."""
CLASS_BYTES = 1024
"""State of one attacked byte at one sample: 256 sums of 32 bits."""
BLOCK_BYTES = 16
"""An AES block."""

Intermediate = Literal[
    "aes128-sbox-output",
    "aes192-sbox-output",
    "aes256-sbox-output",
    "aes128-masked-sbox-output",
    "aes128-last-round",
    "aes192-last-round",
    "aes256-last-round",
    "aes128-last-round-hd",
    "aes192-last-round-hd",
    "aes256-last-round-hd",
    "chacha20-quarter-round",
    "xor",
    "add",
    "hd",
]
KEY_BYTES: Final = {"aes128": 16, "aes192": 24, "aes256": 32, "chacha20": 32}
"""By the first part of an intermediate's name."""
GENERIC: Final = frozenset({"xor", "add", "hd"})

Variable = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_.$]{0,255}(\[[0-9]{1,4}:[0-9]{1,4}\])?$"),
]
"""An input by its name or symbol, or the output (`output`, or its symbol); `[from:to]` takes some of its bytes."""


class Cpa(Request):
    """A correlation attack: a value computed from what is known and a guess, against every sample."""

    intermediate: Intermediate = "aes128-sbox-output"
    plaintext: Name = "plaintext"
    key: Name | None = Field("key", description="The input that holds the key, when the report shall rank it.")
    window: tuple[int, int] | Literal["auto"] | None = Field(
        None,
        description="Samples [from, to); `auto`: where the t-test of a pilot says that inputs are handled. Default: the "
        "first 8192 (the last, for a last round), fewer where more than 16 bytes are attacked.",
    )
    mask: Variable | None = Field(
        None,
        description="Of aes128-masked-sbox-output: the mask of each state byte, or one for all. Null: not known, and left "
        "out of the prediction.",
    )
    nonce: Variable = Field("nonce", description="Of chacha20-quarter-round: 12 bytes.")
    counter: Variable = Field("counter", description="Of chacha20-quarter-round: 4 bytes, little-endian.")
    variables: tuple[Variable, Variable] | None = Field(
        None,
        description="Of xor, add and hd: what is combined, byte by byte. One that is constant is guessed; of two that "
        "vary, the combination itself is looked for.",
    )
    word_bytes: Literal[1, 2, 4] = Field(
        1, description="Of add: bytes of a little-endian word that carry into each other."
    )

    @property
    def family(self) -> str:
        """Return the first part of the intermediate's name."""
        return self.intermediate.partition("-")[0]

    @property
    def paired(self) -> bool:
        """Return whether the prediction depends on two known bytes at once, so that no class sums hold it."""
        return self.intermediate.endswith("-hd") or (self.family == "aes128" and self.mask is not None)

    @property
    def from_output(self) -> bool:
        """Return whether it is the end of the execution that is attacked, from what came out."""
        return "-last-round" in self.intermediate


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


def span_of(text: str, target: Target) -> Span:
    """Return what a variable of an attack names; raise ValueError where the target has no such bytes."""
    found = re.fullmatch(r"([^\[]+)(?:\[(\d+):(\d+)\])?", text)
    name, first, last = found.groups() if found else (text, None, None)
    item = next((item for item in target.inputs if name in {item.name, item.symbol}), None)
    if item is not None:
        whole = Span(item.name, 0, item.length, item.variation is not Varies.CONSTANT)
    elif target.output is not None and name in {"output", target.output.symbol}:
        whole = Span(None, 0, target.output.length, varies=True)
    else:
        msg = f"cpa names {name}, which is neither an input, nor the symbol of one, nor the output"
        raise ValueError(msg)
    if first is None or last is None:
        return whole
    if not int(first) < int(last) <= whole.last:
        msg = f"cpa takes bytes [{first}:{last}) of {name}, which has {whole.last}"
        raise ValueError(msg)
    return whole._replace(first=int(first), last=int(last))


def key_input(cpa: Cpa, target: Target) -> Input | None:
    """Return the input that holds the key, where it shall be ranked and there is one."""
    return next((item for item in target.inputs if item.name == cpa.key), None)


def attacked_bytes(cpa: Cpa, target: Target) -> int:
    """Return how many bytes are guessed; raise ValueError for an attack that the target does not allow."""
    if cpa.family in GENERIC:
        return max(span.length for span in _combined(cpa, target))
    key = key_input(cpa, target)
    if cpa.family == "chacha20":
        words = sum(span.length for span in (span_of(cpa.counter, target), span_of(cpa.nonce, target)) if span.varies)
        return words if key is None else 2 * words
    # What the second round adds to the key can be attacked only with the first one's state.
    return BLOCK_BYTES if key is None or not cpa.intermediate.endswith("-sbox-output") else key.length


def state_bytes(cpa: Cpa, target: Target) -> int:
    """Return the memory of an attack's sums at one sample."""
    return CLASS_BYTES * attacked_bytes(cpa, target) * (2 if cpa.paired else 1)


def most_attacked(cpa: Cpa, target: Target) -> int:
    """Return how many samples an attack may have."""
    return MAX_ATTACKED * BLOCK_BYTES * CLASS_BYTES // state_bytes(cpa, target)


def check_attack(cpa: Cpa, target: Target, *, fixed: bool) -> None:
    """Raise ValueError for an attack that the target does not allow; `fixed`: nothing follows the plan but the fixed value."""
    if fixed:
        msg = "cpa needs inputs that vary: the plan is fixed"
        raise ValueError(msg)
    if cpa.family in GENERIC:
        _combined(cpa, target)
    else:
        if cpa.variables is not None:
            msg = f"cpa.variables are of xor, add and hd, not of {cpa.intermediate}"
            raise ValueError(msg)
        _check_key(cpa, target)
        _check_known(cpa, target)
    window = cpa.window
    most = most_attacked(cpa, target)
    if isinstance(window, tuple) and not (0 <= window[0] < window[1] <= window[0] + most):
        msg = f"cpa.window must be [from, to) with from below to, and at most {most} samples"
        raise ValueError(msg)


def _check_key(cpa: Cpa, target: Target) -> None:
    key = key_input(cpa, target)
    if key is None:
        # Not by model_fields_set: a request is stored with its defaults, and would name them all.
        if cpa.key not in {None, Cpa.model_fields["key"].default}:
            msg = f"cpa.key names no input: {cpa.key}"
            raise ValueError(msg)
        return
    wanted = KEY_BYTES[cpa.family]
    if key.length != wanted or key.variation is not Varies.CONSTANT:
        msg = f"cpa ranks a constant key of {wanted} bytes"
        raise ValueError(msg)


def _check_known(cpa: Cpa, target: Target) -> None:
    if cpa.mask is not None and cpa.intermediate != "aes128-masked-sbox-output":
        msg = f"cpa.mask is of aes128-masked-sbox-output, not of {cpa.intermediate}"
        raise ValueError(msg)
    if cpa.family == "chacha20":
        nonce, counter = span_of(cpa.nonce, target), span_of(cpa.counter, target)
        if nonce.length != 12 or counter.length != 4 or not (nonce.varies or counter.varies):
            msg = "cpa needs a nonce of 12 bytes and a counter of 4, of which one varies"
            raise ValueError(msg)
    elif cpa.from_output:
        if target.output is None or target.output.length != BLOCK_BYTES:
            msg = "cpa of a last round needs an output of 16 bytes: the ciphertext"
            raise ValueError(msg)
    else:
        text = next((item for item in target.inputs if item.name == cpa.plaintext), None)
        if text is None or text.length != BLOCK_BYTES or text.variation is Varies.CONSTANT:
            msg = "cpa needs an input of 16 bytes that varies as its plaintext"
            raise ValueError(msg)
        if cpa.mask is not None and span_of(cpa.mask, target).length not in {1, BLOCK_BYTES}:
            msg = "cpa.mask must be 16 bytes, one for each of the state, or one for all"
            raise ValueError(msg)


def _combined(cpa: Cpa, target: Target) -> tuple[Span, Span]:
    if cpa.variables is None:
        msg = f"cpa.variables must name the two that {cpa.intermediate} combines"
        raise ValueError(msg)
    first, second = (span_of(text, target) for text in cpa.variables)
    if not (first.varies or second.varies):
        msg = "cpa.variables: one of them must vary"
        raise ValueError(msg)
    if 1 not in {first.length, second.length} and first.length != second.length:
        msg = f"cpa.variables have {first.length} and {second.length} bytes; they must be equally many, or one"
        raise ValueError(msg)
    most = max(first.length, second.length)
    if most > max(KEY_BYTES.values()):
        msg = f"cpa.variables: at most {max(KEY_BYTES.values())} bytes are attacked at once, not {most}"
        raise ValueError(msg)
    if cpa.word_bytes > 1 and (cpa.intermediate != "add" or most % cpa.word_bytes or first.length != second.length):
        msg = f"cpa.word_bytes {cpa.word_bytes} is of add, and divides the length of both its variables"
        raise ValueError(msg)
    if cpa.word_bytes > 1 and cpa.key is None and not (first.varies and second.varies):
        msg = "cpa.word_bytes: carries come from bytes that a campaign without a known key cannot take as found"
        raise ValueError(msg)
    return first, second
