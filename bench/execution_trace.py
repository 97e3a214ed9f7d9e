"""How fast Renode's traces are read and replayed: `python -m bench.execution_trace`.

One AES-128 on the M4 build, with opcodes and accesses to memory, as Renode would trace it; to be read, its entries are
there again and again. Plain and compressed, and the same with all registers after each instruction; then the replay
alone, by the processor time of this thread: medians of the rounds.
"""

import gzip
import statistics
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from bench.rows import emit
from bench.tracer import ELF, TARGET
from renode.code import Code
from renode.elf import read_firmware
from renode.execution_trace.execution import Replay
from renode.execution_trace.model import ExecutionTrace
from renode.execution_trace.reader import read_trace
from renode.execution_trace.writer import write_trace
from renode.unicorn_core import UnicornCore
from tests.renode.execution_trace.recording import record, without_registers

ROUNDS, BYTES, REPLAYS = 7, 32_000_000, 20
TARGET_MB_S = 20


def main() -> None:
    """Print a row for each measurement."""
    core, firmware = UnicornCore(ELF, TARGET), read_firmware(ELF)
    code = Code(firmware, TARGET.core)
    entry = firmware.code_symbol(TARGET.entry, field="target.entry").address
    whole = record(core.start(), code, entry, np.zeros(core.input_bytes, np.uint8)).trace
    replay = Replay(core.start(), code)
    for name, trace in (("accesses", without_registers(whole)), ("accesses-registers", whole)):
        _read(name, trace)
        seconds = _median(partial(_replayed, replay, trace, entry)) / REPLAYS
        emit("execution-trace", f"replay-{name}", instructions_per_s=round(len(trace) / seconds))


def _read(name: str, trace: ExecutionTrace) -> None:
    data = write_trace(trace)
    begins = int(read_trace(data).offsets[0])
    long = data + data[begins:] * (BYTES // len(data))
    for form, file in (("plain", long), ("gzip", gzip.compress(long, 1))):
        rate = len(long) / _median(partial(read_trace, file)) / 1e6
        emit("execution-trace", f"read-{name}-{form}", mb_per_s=round(rate, 1), target=TARGET_MB_S)


def _replayed(replay: Replay, trace: ExecutionTrace, entry: int) -> None:
    for _ in range(REPLAYS):
        replay.execution(trace, entry=entry, max_cycles=TARGET.max_cycles)


def _median(work: Callable[[], object]) -> float:
    """Return the processor seconds of a round, of which the first, which compiles, is left out."""
    work()
    times = []
    for _ in range(ROUNDS):
        started = time.thread_time()
        work()
        times.append(time.thread_time() - started)
    return statistics.median(times)


if __name__ == "__main__":
    main()
