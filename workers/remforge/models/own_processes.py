"""Which processes are this farm's own model hosts, and which of those nobody looks after any more.

<folder>/models-<node>-<pid>.pid   {"host": {pid, started, boot}, "supervisor": {...}}

A process id is used again after a while, so a process is known by three things: its id, when it started (field 22 of
/proc/<pid>/stat, in clock ticks since the boot; proc(5)) and which boot that was (/proc/sys/kernel/random/boot_id).
"""

import json
import os
import select
import signal
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import structlog

from workers.remforge.models.nvml import NoGpu, Nvml, NvmlFailed

PROC = Path("/proc")
END_MS = 5000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Identity:
    """One process, and none that gets its id later."""

    pid: int
    started: int
    boot: str


@dataclass(frozen=True, slots=True)
class HostRecord:
    """A model host, and the process that started it."""

    host: Identity
    supervisor: Identity


def identity(pid: int) -> Identity | None:
    """Return who has a process id, or None where nobody has: a process that only waits to be reaped is nobody."""
    try:
        stat = (PROC / str(pid) / "stat").read_text()
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The second field is the program's name in parentheses, and may hold anything.
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in {"Z", "X"} else Identity(pid, int(fields[19]), boot)


def is_alive(process: Identity) -> bool:
    """Say whether that very process is there."""
    return identity(process.pid) == process


def keep_record(folder: Path, node: str, record: HostRecord) -> Path:
    """Write the record of a host that starts; it removes the file when it ends in order."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"models-{node}-{record.host.pid}.pid"
    whole = path.with_suffix(".new")
    whole.write_text(json.dumps(asdict(record)))
    whole.replace(path)
    return path


def records(folder: Path) -> list[HostRecord]:
    """Return the records of hosts that are there; remove those of processes that are gone."""
    found = []
    for path in sorted(folder.glob("models-*.pid")):
        with suppress(FileNotFoundError):
            record = _parsed(path.read_text())
            if record is not None and is_alive(record.host):
                found.append(record)
            else:
                path.unlink()
    return found


def orphans(
    known: Iterable[HostRecord], on_gpu: Collection[int], *, alive: Callable[[Identity], bool] = is_alive
) -> list[Identity]:
    """Return the hosts of ours that hold memory of a GPU, while the process that started them is gone."""
    return [
        record.host
        for record in known
        if record.host.pid in on_gpu and alive(record.host) and not alive(record.supervisor)
    ]


def clean(folder: Path, nvml: Nvml, *, may_end: bool) -> list[Identity]:
    """Return the orphans, ended where `may_end` says so. No other process is ever touched; each decision is logged."""
    try:
        on_gpu = set(nvml.processes())
    except (NoGpu, NvmlFailed) as error:
        log.info("no_orphans_sought", reason=str(error))
        return []
    found = orphans(records(folder), on_gpu)
    for orphan in found:
        if may_end:
            log.warning("orphan_ended", pid=orphan.pid, started=orphan.started, gone=end(orphan))
        else:
            log.warning("orphan_left", pid=orphan.pid, started=orphan.started, reason="DASEIN_GPU_CLEANUP is not 1")
    log.info("gpu_processes_seen", ours=len(found), others=len(on_gpu - {orphan.pid for orphan in found}))
    return found


def end(process: Identity) -> bool:
    """Kill that very process; return whether it is gone. A descriptor of it keeps its id from meaning another."""
    try:
        descriptor = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return True
    try:
        if not is_alive(process):
            return True
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        return bool(poll.poll(END_MS))
    finally:
        os.close(descriptor)


def _parsed(text: str) -> HostRecord | None:
    try:
        fields = json.loads(text)
        return HostRecord(Identity(**fields["host"]), Identity(**fields["supervisor"]))
    except (ValueError, KeyError, TypeError):
        return None
