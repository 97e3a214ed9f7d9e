"""On what terms a client of the WebSocket stays: who it has to be, and how long is waited for what."""

from collections.abc import Callable
from dataclasses import dataclass

from jobs.identity import Principal
from web.realtime.standing import StillAllowed
from web.realtime.topics import Auth


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited for what, in seconds."""

    tick_s: float = 10.0
    """For anything to come, and for a slow client to make room for a message."""
    auth_s: float = 10.0
    ping_s: float = 20.0
    """A client that was silent for so long is asked whether it is there; twice as long: it is not."""
    idle_s: float = 300.0
    """Without a subscription."""
    look_s: float = 15.0
    """Between two looks at whether the key or token still counts."""
    burst: int = 100
    """Messages that a client may send at once, and `a_second` of them all the time."""
    a_second: float = 10.0


@dataclass(frozen=True, slots=True)
class Admission:
    """Somebody who may listen."""

    principal: Principal
    allowed: StillAllowed


Admit = Callable[[Auth | None], Admission]
"""Says who the client is, by its first message or else by its request; raises Unauthenticated, Forbidden, Overloaded."""
