"""The errors of the farm. Classes carry a public code, never an HTTP status.

DaseinError ─┬─ InvalidInput ─┬─ InvalidFirmware      the request is wrong; the field is named
             │                ├─ SimulatorUnavailable  no worker has the simulator that it asks for
             │                └─ DeviceUnavailable     no worker has the device that it asks for
             ├─ NotFound   Gone   Conflict   TooLarge
             ├─ Overloaded ─── QuotaExceeded               later, or with less
             ├─ DeadlineExceeded   Cancelled   WorkerLost   the job ended without a result
             ├─ OutOfBudget                                 a question to a store took too long, and was given up
             ├─ EngineMismatch                              two engines disagree about an execution: a fault of ours
             ├─ SimulatorRefused                            the simulator understood a command, and would not do it
             └─ Transient ─── StoreUnavailable   SimulatorLost   retried by JobTask
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class DaseinError(Exception):
    """Something we expected could go wrong, with a code that clients may rely on."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, field: str | None = None, reason: str | None = None) -> None:
        """Keep the public `message`, the request `field` it concerns, and a finer `reason` code."""
        super().__init__(message)
        self.message = message
        self.field = field
        self.reason = reason


class InvalidInput(DaseinError):
    """The request can never succeed as it is."""

    code = "invalid-input"


class InvalidFirmware(InvalidInput):
    """The ELF was refused before anything ran; `reason` says by which rule."""

    code = "invalid-firmware"


class SimulatorUnavailable(InvalidInput):
    """The simulator that is asked for is not where the job would run."""

    code = "simulator-unavailable"


class DeviceUnavailable(InvalidInput):
    """The device that is asked for is not where the job would run, or went away."""

    code = "device-unavailable"


class NotFound(DaseinError):
    """No such thing, or not yours."""

    code = "not-found"


class Gone(DaseinError):
    """It existed and its retention has ended."""

    code = "gone"


class Conflict(DaseinError):
    """The request contradicts what is already there."""

    code = "conflict"


class TooLarge(DaseinError):
    """A body or an upload exceeds its limit."""

    code = "too-large"


class Overloaded(DaseinError):
    """A queue or a process is full; try again after `retry_after_s`."""

    code = "overloaded"

    def __init__(self, message: str, *, retry_after_s: int) -> None:
        """Keep how long a client should wait."""
        super().__init__(message)
        self.retry_after_s = retry_after_s


class QuotaExceeded(Overloaded):
    """Your tenant has used up what it may have of this; `quota` says of what, how much, and how much it uses."""

    code = "quota-exceeded"

    def __init__(self, quota: str, *, limit: int, used: int, wanted: int, retry_after_s: int) -> None:
        """Keep the name of the quota, its size, what is used of it and what was wanted besides."""
        super().__init__(
            f"The quota {quota} of your tenant is {limit}; {used} are used and {wanted} more were asked for.",
            retry_after_s=retry_after_s,
        )
        self.reason = quota
        self.limit, self.used, self.wanted = limit, used, wanted


class DeadlineExceeded(DaseinError):
    """The job did not end within its deadline or the pool's time limit."""

    code = "deadline-exceeded"


class Cancelled(DaseinError):
    """The job was cancelled while it ran."""

    code = "cancelled"


class WorkerLost(DaseinError):
    """The job lost its worker as often as it may; it is in the dead-letter list."""

    code = "worker-lost"


class OutOfBudget(DaseinError):
    """A store did not finish within the time that it was given."""

    code = "out-of-budget"


class EngineMismatch(DaseinError):
    """Two engines ran one execution and do not agree; `case` is what it takes to run it again, and both results."""

    code = "engine-mismatch"

    def __init__(self, message: str, *, case: Mapping[str, Any]) -> None:
        """Keep the case, as plain data."""
        super().__init__(message)
        self.case = case


class SimulatorRefused(DaseinError):
    """The simulator answered a command with an error: it would do so again."""

    code = "simulator-refused"


class Transient(DaseinError):
    """Worth another try."""

    code = "transient"


class StoreUnavailable(Transient):
    """A store did not answer."""

    code = "store-unavailable"


class SimulatorLost(Transient):
    """The simulator process went away."""

    code = "simulator-lost"
