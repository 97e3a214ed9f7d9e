"""What can be wrong with a trace.

InvalidInput ──── InvalidTrace      the file is none, is cut short, or holds more than it may; `offset` says where
EngineMismatch ── TraceDisagrees    what Renode wrote down and what the instructions mean are not the same
"""

from typing import Any

from jobs.errors import EngineMismatch, InvalidInput


class InvalidTrace(InvalidInput):
    """A trace that cannot be read, or not used; `reason` says by which rule, `offset` at which byte."""

    code = "invalid-trace"

    def __init__(self, message: str, *, reason: str, offset: int) -> None:
        """Keep where: an offset in the trace as it is without compression."""
        super().__init__(f"byte {offset} of the trace: {message}", field="trace", reason=reason)
        self.offset = offset


class TraceDisagrees(EngineMismatch):
    """An instruction did something else in the trace than it means; `case` has both, and where."""

    def __init__(self, message: str, *, reason: str, offset: int, **case: Any) -> None:
        """Keep the byte of the trace at which the instruction is, and what differs."""
        super().__init__(f"byte {offset} of the trace: {message}", case={"offset": offset, "reason": reason, **case})
        self.reason = reason
        self.offset = offset
