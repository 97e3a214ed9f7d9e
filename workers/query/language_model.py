"""The port of a language model: optional, never needed for an answer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a prompt."""

    role: Literal["system", "user", "assistant"]
    content: str


class LanguageModel(Protocol):
    """Words answers. Answers may differ from call to call."""

    name: str

    def stream(self, messages: Sequence[Message], *, max_tokens: int, timeout_s: float) -> Iterator[str]:
        """Yield pieces of text as they are produced; raise StoreUnavailable if the model does not answer in time."""
