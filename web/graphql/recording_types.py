"""Recordings and captures, as the graph shows them: what a job's result says, typed. Records themselves are files."""

from collections.abc import Mapping
from typing import Any

import strawberry

from web.graphql.place_types import shown


@strawberry.type
class RecordFile:
    """A form in which the records were written."""

    form: str
    bytes: float


@strawberry.type
class ChannelNote:
    """Why some values of a channel are missing."""

    channel: str
    why: str


@strawberry.type
class ChannelCount:
    """How many records have a channel."""

    channel: str
    records: int


@strawberry.type(description="A run under the 72-dimension recorder. Numbers that an Int does not hold are Float.")
class Recording:
    """A simulated recording."""

    records: int
    dropped: int = strawberry.field(description="Periods without a record.")
    period_ns: int
    clock_hz: int
    virtual_s: float
    calls: int
    calls_ended_by_budget: int
    cycles: float
    instructions: float
    l1d_misses: float
    branch_misses: float
    energy_uj: float
    noise_uj: float
    temperature_c: float
    probe: str
    probe_overflows: int
    calibration: str
    assumed: list[str] = strawberry.field(description="Numbers of the scale that nobody has stated.")
    absent: list[ChannelNote]
    digest: str
    files: list[RecordFile]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Recording":
        """Show the result of a recording."""
        return shown(
            cls,
            told,
            assumed=told["scale"]["assumed"],
            absent=[ChannelNote(channel=channel, why=why) for channel, why in told["absent"].items()],
            files=_files(told),
        )


@strawberry.type
class Pulse:
    """The last pulse of a PPS source."""

    source: str
    name: str | None
    sequence: int | None
    at: str | None = strawberry.field(description="Seconds of CLOCK_REALTIME, to the nanosecond.")
    absent: str | None = strawberry.field(description="Why there is none.")


@strawberry.type
class ClocksRead:
    """Both clocks of the recorder's machine, read at once."""

    monotonic_ns: float
    realtime: str = strawberry.field(description="Seconds since 1970, to the nanosecond.")
    bracket_ns: float = strawberry.field(description="How long it took; both are apart by half of that at most.")
    pps: list[Pulse] | None
    pps_absent: str | None

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "ClocksRead":
        """Show what was read of the clocks."""
        return shown(cls, told, pps=told["pps"] and [shown(Pulse, pulse) for pulse in told["pps"]])


@strawberry.type
class Clocks:
    """Where the monotonic clock of records lay in real time, before them and after them."""

    start: ClocksRead
    end: ClocksRead
    changed_ns: float
    stepped: bool = strawberry.field(description="The real-time clock was set meanwhile, or the machine slept.")

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Clocks":
        """Show what a capture said of its clocks."""
        return shown(cls, told, start=ClocksRead.of(told["start"]), end=ClocksRead.of(told["end"]))


@strawberry.type(description="What the recorder in a kernel said. Numbers that an Int does not hold are Float.")
class Capture:
    """A capture."""

    records: int
    wanted: int
    ended: str = strawberry.field(description="`samples`, `timeout`, or `stopped` by somebody else.")
    dropped: int = strawberry.field(description="Periods without a record.")
    lost: int = strawberry.field(description="Records that were overwritten before they were taken.")
    missed: int = strawberry.field(description="Periods that the module missed.")
    gaps: int
    restarts: int
    overflows: int
    sensor_reads: int
    sensor_errors: int
    sensor_overflows: int
    period_ns: int
    first_ns: float | None
    last_ns: float | None
    clocks: Clocks
    available: list[ChannelCount]
    digest: str
    files: list[RecordFile]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Capture":
        """Show the result of a capture."""
        available = [ChannelCount(channel=channel, records=count) for channel, count in told["available"].items()]
        return shown(cls, told, clocks=Clocks.of(told["clocks"]), available=available, files=_files(told))


def _files(told: Mapping[str, Any]) -> list[RecordFile]:
    return [RecordFile(form=form, bytes=file["bytes"]) for form, file in told["files"].items()]
