"""Correlation attacks, as the graph shows them."""

from collections.abc import Mapping
from typing import Any

import strawberry

from web.graphql.paging import After, Connection, First, field
from web.graphql.place_types import Place, Span, paged, placed, shown, spanned


@strawberry.type
class KeyByte:
    """The attack on one byte."""

    index: int
    name: str | None = strawberry.field(description="Which byte of what; null: a report from before this was told.")
    best_guess: int
    true_value: int | None
    rank: int | None = strawberry.field(description="Of the true value, 0 is first; null when the key is unknown.")
    confident: bool
    model: str
    rho: float
    rho_low: float
    rho_high: float
    second_rho: float
    sample: int
    place: Place
    ranks: list[int | None] = strawberry.field(description="At each checkpoint.")
    traces_to_recover: int | None

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "KeyByte":
        """Show a byte."""
        return shown(cls, told, place=placed(told["place"]), confident=told.get("confident", False))


@strawberry.type
class WindowChosen:
    """The pilot that chose the window."""

    traces: int
    threshold: float
    compared: int
    flagged: int


@strawberry.type(description="Correlation with a predicted intermediate.")
class Attack:
    """An attack."""

    told: strawberry.Private[Mapping[str, Any]]
    intermediate: str
    what: str | None = strawberry.field(description="What is predicted, in words.")
    of_what: str | None = strawberry.field(description="What the bytes are bytes of: the key, a last round key, words.")
    assumes: str | None = strawberry.field(description="What was taken for granted about other bytes.")
    conditional: bool = strawberry.field(description="It knows what a real attacker would not: it does not count.")
    key: str = strawberry.field(description="The best guesses, hex.")
    master_key: str | None = strawberry.field(description="The key that follows, where one does.")
    key_known: bool
    recovered: int | None
    confident: int
    traces: int
    window: Span
    chosen: WindowChosen | None = strawberry.field(description="Null: the window was not left to a pilot.")
    noise_floor: float
    snr_absent: str | None
    checkpoints: list[int] = strawberry.field(description="Traces at which ranks were taken.")
    guessing_entropy: list[float] | None = strawberry.field(description="Bits per byte at each checkpoint.")

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Attack":
        """Show an attack."""
        chosen = told.get("chosen")
        return shown(
            cls,
            told,
            told=told,
            of_what=told.get("of"),
            conditional=told.get("conditional", False),
            window=spanned(told["window"]),
            chosen=chosen and shown(WindowChosen, chosen),
        )

    @field
    def bytes(self, first: First = 20, after: After = None) -> Connection[KeyByte]:
        """The bytes that were attacked: of AES-256 and ChaCha20 there are 32."""
        return paged(KeyByte, self.told["bytes"], first=first, after=after)
