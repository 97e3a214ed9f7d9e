"""Statistics on the same traces: ours, scalib, lascar, scared and plain NumPy, in turn, in one run.

python -m bench.statistics [--threads 2] [--stored 100000]

The other tools come with the `bench` extra (`requirements/bench.lock`); a row says so where one is absent. Figures are
medians of alternated runs; `over_ours` is a tool's time over our first row's. `max_abs_difference` compares a tool's
numbers with NumPy's two passes in float64: of t with the variances as that tool divides them (n or n - 1), of rho over
all guesses and samples. scalib's correlation takes the variance of the model over all values rather than over the
traces, so it differs by sampling noise.
"""

import argparse
import importlib.metadata
import logging
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.rows import emit
from workers.simulation.aes import LEAKAGE, SBOX, hypotheses
from workers.simulation.cpa import ClassSums
from workers.simulation.leakage import SBOX_HW
from workers.simulation.moments import PowerSums
from workers.simulation.power import LIMIT
from workers.simulation.ttest import welch

TRACES, SAMPLES = 2000, 5000
BLOCK = 4096
Floats = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Data:
    """Traces of the whole 10-bit range in which every byte leaks at one sample and the two sets differ at one."""

    traces: npt.NDArray[np.int16]
    labels: npt.NDArray[np.uint8]
    plaintexts: npt.NDArray[np.uint8]
    key: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Contender:
    """A tool on one job: what is timed, and how far its result is from the reference."""

    tool: str
    work: Callable[[], Any]
    difference: Callable[[Any], float]
    note: str = ""
    threads: int | None = None
    """How many were asked for; None where the tool decides."""


def draw(traces: int) -> Data:
    """Draw the traces; the seed is fixed."""
    rng = np.random.default_rng(3)
    plaintexts = rng.integers(0, 256, (traces, 16), dtype=np.uint8)
    key = rng.integers(0, 256, 16, dtype=np.uint8)
    labels = rng.integers(0, 2, traces, dtype=np.uint8)
    measured = rng.integers(-LIMIT + 40, LIMIT - 40, (traces, SAMPLES), dtype=np.int16)
    measured[:, 100 : 100 + 16 * 40 : 40] //= 16
    measured[:, 100 : 100 + 16 * 40 : 40] += (12 * LEAKAGE["hw"][plaintexts ^ key]).astype(np.int16)
    measured[labels == 1, 4000] += 40
    return Data(measured, labels, plaintexts, key)


def two_passes_t(data: Data, *, ddof: int) -> npt.NDArray[np.float64]:
    """Return t of orders 1 and 2 [2, samples]."""
    sets = [data.traces[data.labels == label].astype(np.float64) for label in (0, 1)]
    out = []
    for _ in (1, 2):
        shares = [part.var(axis=0, ddof=ddof) / len(part) for part in sets]
        out.append((sets[0].mean(axis=0) - sets[1].mean(axis=0)) / np.sqrt(shares[0] + shares[1]))
        sets = [(part - part.mean(axis=0)) ** 2 for part in sets]
    return np.array(out)


def two_passes_rho(data: Data, dtype: type[np.floating]) -> Floats:
    """Return the correlations of the HW model [bytes, guesses, samples], by BLAS."""
    centred = data.traces - data.traces.mean(axis=0)
    norm = np.sqrt((centred**2).sum(axis=0))
    out = np.empty((16, 256, SAMPLES), dtype)
    table, x = hypotheses("hw").astype(dtype), centred.astype(dtype)
    for byte in range(16):
        h = table[data.plaintexts[:, byte]]
        h = h - h.mean(axis=0)
        out[byte] = (h.T @ x) / (np.sqrt((h**2).sum(axis=0))[:, None] * norm)
    return out


def ours_t(data: Data, threads: int) -> npt.NDArray[np.float64]:
    """Accumulate and test: t, p-values and all."""
    sums = PowerSums(2, SAMPLES)
    sums.update(data.traces, data.labels, threads=threads)
    result = welch(sums.union([0]), sums.union([1]))
    return np.array([result.t1, result.t2])


def ours_rho(data: Data, threads: int) -> tuple[ClassSums, Floats]:
    """Accumulate, then correlate all guesses with all samples and keep the peak of each."""
    sums = ClassSums(SAMPLES)
    sums.update(data.traces, data.plaintexts, threads=threads)
    return sums, sums.peaks(SBOX_HW, threads=threads)[0]


def t_contenders(data: Data, threads: int) -> list[Contender]:
    """Return the tools that are here, on Welch's test."""
    sample, population = two_passes_t(data, ddof=1), two_passes_t(data, ddof=0)

    def apart(reference: Floats) -> Callable[[Any], float]:
        return lambda t: float(np.abs(np.abs(t) - np.abs(reference)).max())

    out = [
        Contender("dasein", lambda: ours_t(data, threads), apart(sample), "orders 1 and 2, p-values", threads),
        Contender("dasein", lambda: ours_t(data, 1), apart(sample), "orders 1 and 2, p-values", 1),
        Contender("numpy", lambda: two_passes_t(data, ddof=1), apart(sample), "orders 1 and 2, two passes"),
    ]
    if present("scalib"):
        from scalib.metrics import Ttest

        labels = data.labels.astype(np.uint16)

        def scalib() -> Any:
            test = Ttest(d=2)
            test.fit_u(data.traces, labels)
            return test.get_ttest()

        out.append(Contender("scalib", scalib, apart(population), "orders 1 and 2, all threads"))
    if present("scared"):
        import scared

        sets = [scared.traces.read_ths_from_ram(data.traces[data.labels == label]) for label in (0, 1)]

        def scared_t() -> Any:
            test = scared.TTestAnalysis()
            test.run(scared.TTestContainer(*sets))
            return test.result

        out.append(Contender("scared", scared_t, apart(population[0]), "order 1 only"))
    if present("lascar"):
        from lascar import Session, TTestEngine
        from lascar.container import TraceBatchContainer

        values = np.hstack([data.plaintexts, data.labels[:, None]])
        traces = data.traces.astype(np.float32)

        def lascar() -> Any:
            engine = TTestEngine("t", lambda value: value[16], analysis_order=2)
            Session(TraceBatchContainer(traces, values, copy=False), engine=engine, progressbar=False).run(500)
            return np.atleast_2d(engine.finalize())[-1]

        out.append(Contender("lascar", lascar, apart(population[1]), "order 2 only"))
    return out


def cpa_contenders(data: Data, threads: int) -> list[Contender]:
    """Return the tools that are here, on CPA with 16 x 256 hypotheses: accumulate and finalise."""
    reference = two_passes_rho(data, np.float64)

    def apart(rho: Floats) -> float:
        return max(float(np.abs(rho[byte] - reference[byte]).max()) for byte in range(16))

    def ours_apart(result: tuple[ClassSums, Floats]) -> float:
        return max(float(np.abs(result[0].correlations(b, SBOX_HW) - reference[b]).max()) for b in range(16))

    out = [
        Contender("dasein", lambda: ours_rho(data, threads), ours_apart, threads=threads),
        Contender("dasein", lambda: ours_rho(data, 1), ours_apart, threads=1),
        Contender("numpy", lambda: two_passes_rho(data, np.float32), apart, "BLAS, float32, two passes"),
    ]
    if present("scalib"):
        from scalib.attacks import Cpa

        labels = np.ascontiguousarray(data.plaintexts.astype(np.uint16))
        models = np.ascontiguousarray(np.broadcast_to(LEAKAGE["hw"].astype(float)[:, None], (16, 256, SAMPLES)))

        def scalib() -> Any:
            attack = Cpa(256, Cpa.Xor)
            attack.fit_u(data.traces, labels)
            return attack.get_correlation(models)

        out.append(Contender("scalib", scalib, apart, "all threads; variance of the model over all values"))
    if present("scared"):
        import scared

        ths = scared.traces.read_ths_from_ram(data.traces, plaintext=data.plaintexts)

        def scared_cpa() -> Any:
            attack = scared.CPAAttack(
                selection_function=scared.aes.selection_functions.encrypt.FirstSubBytes(),
                model=scared.HammingWeight(),
                discriminant=scared.maxabs,
            )
            attack.run(scared.Container(ths))
            return np.swapaxes(attack.results, 0, 1)  # [bytes, guesses, samples]

        out.append(Contender("scared", scared_cpa, apart))
    if present("lascar"):
        from lascar import CpaEngine, Session
        from lascar.container import TraceBatchContainer

        traces, weights = data.traces.astype(np.float32), np.bitwise_count(SBOX).astype(int)

        def of(byte: int) -> Callable[[Any, Any], Any]:
            return lambda value, guess: weights[value[byte] ^ guess]

        def lascar() -> Any:
            engines = [CpaEngine(f"byte {byte}", of(byte), range(256), jit=False) for byte in range(16)]
            container = TraceBatchContainer(traces, data.plaintexts, copy=False)
            Session(container, engines=engines, progressbar=False).run(500)
            return [engine.finalize() for engine in engines]

        out.append(Contender("lascar", lascar, apart))
    return out


def compare(case: str, contenders: list[Contender], *, runs: int) -> None:
    """Run the contenders in turn, `runs` times after one that is not counted, and print a row for each."""
    results = [contender.work() for contender in contenders]
    differences = [contender.difference(result) for contender, result in zip(contenders, results, strict=True)]
    del results
    taken: list[list[float]] = [[] for _ in contenders]
    for _ in range(runs):
        for contender, times in zip(contenders, taken, strict=True):
            start = time.perf_counter()
            contender.work()
            times.append(time.perf_counter() - start)
    medians = [statistics.median(times) for times in taken]
    for contender, median, difference in zip(contenders, medians, differences, strict=True):
        emit(
            "statistics",
            case,
            tool=contender.tool,
            version=version(contender.tool),
            threads=contender.threads,
            ms=round(1e3 * median, 2),
            over_ours=round(median / medians[0], 2),
            traces=TRACES,
            samples=SAMPLES,
            max_abs_difference=float(f"{difference:.2g}"),
            note=contender.note,
        )
    for tool in ("scalib", "scared", "lascar"):
        if not present(tool):
            emit("statistics", case, tool=tool, absent="not installed: it comes with the bench extra")


def stored(traces: int, threads: int) -> None:
    """Attack traces stored in a file, read in blocks through the page cache; print one row."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "traces.npy"
        file = np.lib.format.open_memmap(path, mode="w+", dtype=np.int16, shape=(traces, SAMPLES))
        data = draw(min(traces, 20_000))
        repeats = -(-traces // len(data.traces))
        for k in range(repeats):
            part = data.traces[: traces - k * len(data.traces)]
            file[k * len(data.traces) : k * len(data.traces) + len(part)] = np.roll(part, k, axis=0)
        plaintexts = np.concatenate([np.roll(data.plaintexts, k, axis=0) for k in range(repeats)])[:traces]
        file.flush()
        del file
        seconds, right = [], 0
        for _ in range(3):
            start = time.perf_counter()
            opened = np.load(path, mmap_mode="r")
            sums = ClassSums(SAMPLES)
            for low in range(0, traces, BLOCK):
                sums.update(opened[low : low + BLOCK], plaintexts[low : low + BLOCK], threads=threads)
            rho, _ = sums.peaks(SBOX_HW, threads=threads)
            seconds.append(time.perf_counter() - start)
            right = int((np.abs(rho).argmax(axis=1) == data.key).sum())
            del opened
    emit(
        "statistics",
        "CPA over stored int16 traces, 16 x 256 guesses, reading included",
        tool="dasein",
        threads=threads,
        seconds=round(statistics.median(seconds), 2),
        traces=traces,
        samples=SAMPLES,
        key_bytes_recovered=right,
    )


def present(tool: str) -> bool:
    """Return whether the library is installed."""
    return version(tool) is not None


def version(tool: str) -> str | None:
    """Return the installed version of a library, or None."""
    try:
        return importlib.metadata.version(tool)
    except importlib.metadata.PackageNotFoundError:
        return None


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--stored", type=int, default=100_000, help="traces of the stored case; 0 leaves it out")
    asked = parser.parse_args()
    logging.disable(logging.WARNING)  # lascar reports every engine
    data = draw(TRACES)
    compare("Welch t", t_contenders(data, asked.threads), runs=7)
    compare("CPA 16 x 256, accumulate and finalise", cpa_contenders(data, asked.threads), runs=3)
    if asked.stored:
        stored(asked.stored, asked.threads)


if __name__ == "__main__":
    main()
