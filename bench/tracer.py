"""How fast the tracer is against the engine it runs on: `python -m bench.tracer`.

One AES-128 on the M4 build, the same inputs for all. Variants alternate and are timed by the processor time of this
thread; shares are medians of the rounds, as the machine may be shared. `no-hook` is Unicorn as it comes; the tracer
fills the TLB itself, which `no-hook-own-tlb` and `empty-hook` have too. donjon-rainbow takes part where the bench extra
is installed.
"""

import importlib.util
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from bench.rows import emit
from jobs.target import Core, Input, InputRole, Output, Target
from renode import layout, loop
from renode.code import Code
from renode.elf import read_firmware
from renode.machine import Machine
from renode.target import bind
from renode.unicorn_core import UnicornCore

ELF = Path("build/firmware/aes128_m4.elf")
TARGET = Target(
    core=Core.M4,
    entry="aes128_encrypt",
    inputs=(
        Input(name="key", role=InputRole.KEY, length=16, symbol="aes_key"),
        Input(name="plaintext", role=InputRole.PLAINTEXT, length=16, symbol="aes_plaintext"),
    ),
    output=Output(length=16, symbol="aes_ciphertext"),
)
ROUNDS, TRACES, BATCH, RAINBOW_TRACES = 40, 118, 59, 2
TARGET_SHARE, TARGET_RATIO = 45, 400
STOP = 0x61000000

Inputs = npt.NDArray[np.uint8]
Run = Callable[[Inputs], float]
"""Executes every row and returns the seconds."""


def bare(hook: Literal["empty"] | None, *, translate: bool = True) -> Run:
    """Return a run of the engine alone, with no hook or one that does nothing."""
    firmware = read_firmware(ELF)
    binding = bind(firmware, TARGET)
    machine = Machine(firmware, binding, TARGET.core, hook=hook, direct=False, translate=translate)
    code = Code(firmware, TARGET.core)
    code.attach(machine.state)
    machine.state["budget"] = TARGET.max_cycles
    machine.follow_nothing()
    machine.aim(binding.entry, binding.arguments)
    places = np.array([(p.offset, machine.host(p.address), p.length) for p in binding.inputs], np.int64)
    source = machine.host(binding.output.address) if binding.output else 0

    def run(inputs: Inputs) -> float:
        started = time.thread_time()
        for start in range(0, len(inputs), BATCH):
            part = inputs[start : start + BATCH]
            output = np.zeros((len(part), 16), np.uint8)
            rows = np.zeros(len(part), layout.ROW)
            activity = np.empty((len(part), 0), np.uint64)
            loop.execute(machine.address, part, places, output, source, activity, rows)
        return time.thread_time() - started

    return run


def traced(registers: Literal["auto", "api"], first: Inputs) -> tuple[Run, int]:
    """Return a run of the simulator, and the instructions of one execution."""
    core = UnicornCore(ELF, TARGET, registers=registers)
    path = core.path(first)

    def run(inputs: Inputs) -> float:
        started = time.thread_time()
        for start in range(0, len(inputs), BATCH):
            core.run(inputs[start : start + BATCH], path)
        return time.thread_time() - started

    return run, len(path.pcs)


def rainbow(instructions: int) -> Run | None:
    """Return a run of donjon-rainbow with register Hamming weights; None where it is not installed."""
    if importlib.util.find_spec("rainbow") is None:
        return None
    from rainbow import HammingWeight, TraceConfig
    from rainbow.generics import rainbow_cortexm

    firmware = read_firmware(ELF)
    emulator = rainbow_cortexm(trace_config=TraceConfig(register=HammingWeight()))
    emulator.load(str(ELF), typ=".elf")
    emulator.map_space(STOP, STOP + 0xFFF)
    emulator.setup()

    def run(inputs: Inputs) -> float:
        started = time.thread_time()
        for row in inputs[:RAINBOW_TRACES]:
            emulator.reset()
            emulator[firmware.symbols["aes_key"].address] = row[:16].tobytes()
            emulator[firmware.symbols["aes_plaintext"].address] = row[16:].tobytes()
            emulator["lr"] = STOP | 1
            emulator.start(firmware.symbols["aes128_encrypt"].address | 1, STOP)
            if len(emulator.trace) < instructions // 2:  # it tells registers written, not instructions
                raise RuntimeError(f"rainbow traced {len(emulator.trace)} events of {instructions} instructions")
        return (time.thread_time() - started) * len(inputs) / RAINBOW_TRACES

    return run


def main() -> None:
    """Measure every variant and print a row for each."""
    inputs = np.random.default_rng(1).integers(0, 256, (TRACES, 32), dtype=np.uint8)
    direct, instructions = traced("auto", inputs[0])
    api, _ = traced("api", inputs[0])
    runs: dict[str, Run] = {
        "no-hook": bare(None, translate=False),
        "no-hook-own-tlb": bare(None),
        "empty-hook": bare("empty"),
        "tracer": direct,
        "tracer-api": api,
    }
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for run in runs.values():
        run(inputs)
    for _ in range(ROUNDS):
        for name, run in runs.items():
            seconds[name].append(run(inputs))
    rates = {name: TRACES / statistics.median(taken) for name, taken in seconds.items()}
    for name, rate in rates.items():
        share = statistics.median(base / taken for base, taken in zip(seconds["no-hook"], seconds[name], strict=True))
        emit(
            "tracer",
            name,
            traces_per_s=round(rate),
            million_instructions_per_s=round(rate * instructions / 1e6, 1),
            instructions=instructions,
            percent_of_no_hook=round(100 * share, 1),
            target_percent=TARGET_SHARE if name == "tracer" else None,
        )
    _compare_with_rainbow(inputs, instructions, rates["tracer"])


def _compare_with_rainbow(inputs: Inputs, instructions: int, tracer: float) -> None:
    other = rainbow(instructions)
    if other is None:
        emit("tracer", "donjon-rainbow", skipped="not installed; `make bench-simulation` installs it")
        return
    other(inputs)
    rate = TRACES / statistics.median(other(inputs) for _ in range(3))
    emit(
        "tracer",
        "donjon-rainbow",
        traces_per_s=round(rate, 1),
        million_instructions_per_s=round(rate * instructions / 1e6, 3),
        tracer_is_times_faster=round(tracer / rate),
        target_times=TARGET_RATIO,
    )


if __name__ == "__main__":
    main()
