"""What a correlation attack may ask for: which value it predicts, from which inputs, and where it looks."""

from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from jobs.forms import Name, Request

MAX_ATTACKED = 16_384
"""Samples of an attack on 16 bytes: 16 KiB of class sums each."""
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
"""A value by its name, an input also by its symbol, or the output (`output`, or its symbol); `[from:to]` takes some bytes."""


class Cpa(Request):
    """A correlation attack: a value computed from what is known and a guess, against every sample."""

    intermediate: Intermediate = "aes128-sbox-output"
    plaintext: Name = "plaintext"
    key: Name | None = Field("key", description="What holds the key, when the report shall rank it.")
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
        validate_default=True,
        description="Of xor, add and hd: what is combined, byte by byte. One that is constant is guessed; of two that "
        "vary, the combination itself is looked for.",
    )
    word_bytes: Literal[1, 2, 4] = Field(
        1, description="Of add: bytes of a little-endian word that carry into each other."
    )

    @field_validator("mask")
    @classmethod
    def _mask_is_of_the_masked(cls, mask: str | None, info: ValidationInfo) -> str | None:
        intermediate = info.data.get("intermediate")
        if mask is not None and intermediate not in {None, "aes128-masked-sbox-output"}:
            msg = f"cpa.mask is of aes128-masked-sbox-output, not of {intermediate}"
            raise ValueError(msg)
        return mask

    @field_validator("variables")
    @classmethod
    def _variables_are_combined(cls, variables: tuple[str, str] | None, info: ValidationInfo) -> tuple[str, str] | None:
        intermediate = info.data.get("intermediate")
        if variables is None and intermediate in GENERIC:
            msg = f"cpa.variables must name the two that {intermediate} combines"
            raise ValueError(msg)
        if variables is not None and intermediate not in {None, *GENERIC}:
            msg = f"cpa.variables are of xor, add and hd, not of {intermediate}"
            raise ValueError(msg)
        return variables

    @field_validator("word_bytes")
    @classmethod
    def _words_are_added(cls, word_bytes: int, info: ValidationInfo) -> int:
        if word_bytes > 1 and info.data.get("intermediate") in GENERIC - {"add"}:
            msg = f"cpa.word_bytes {word_bytes} is of add, and divides the length of both its variables"
            raise ValueError(msg)
        return word_bytes

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
