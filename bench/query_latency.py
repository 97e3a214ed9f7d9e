"""How long an answer takes, nothing cached and no model: by part, by workers, with forty clients, by size of the corpus.

Every question is asked once in a run, so that nothing is found in an encoder's memory either. Workers are processes with
stores of their own, as the query pool has them; clients are threads that ask again as soon as they are answered.
"""

import multiprocessing
import os
import queue
import statistics
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from bench.farm import quantiles
from bench.query_more import add_more
from bench.query_world import Asker, Place, place, take_in
from bench.questions.corpus import BenchCorpus, make_corpus
from bench.questions.templates import questions
from bench.rows import emit

BENCH = "query-latency"
SIZES = (10_000, 100_000)
SAMPLES = 2
LARGEST = 1_000_000
SEED = 7
EACH = 12
TARGETS = {"target_p50_ms": 25, "target_p95_ms": 60}
MEMORY_MB = 8192
CLIENTS = 40
PARTS = ("embed", "vector", "words", "graph", "documents")


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, as a worker answered it."""

    type: str
    took_ms: float
    """In the worker."""
    waited_ms: float
    """By the client."""
    parts_ms: dict[str, float]
    worker: int
    rss_mb: float


def run() -> None:
    """Print latencies at every size, and how p95 grows from the smallest to the largest."""
    p95: dict[int, float] = {}
    for size in SIZES:
        corpus = make_corpus(size, SEED, samples=SAMPLES)
        with place(memory_mb=MEMORY_MB) as stores:
            began = time.perf_counter()
            take_in(stores.services(), corpus)
            emit(BENCH, f"{size}-taken-in", took_s=round(time.perf_counter() - began, 1), samples=SAMPLES)
            p95[size] = measure(stores, corpus, size)
            if size == SIZES[-1]:
                told = add_more(stores.services(), corpus, LARGEST)
                emit(BENCH, f"{LARGEST}-taken-in", **told)
                p95[LARGEST] = measure(stores, corpus, LARGEST)
    growth = p95[LARGEST] / p95[SIZES[0]]
    emit(BENCH, "growth", p95_largest_over_smallest=round(growth, 2), target=3, load=os.getloadavg()[0])


def measure(stores: Place, corpus: BenchCorpus, size: int) -> float:
    """Print the rows of one corpus; return p95 of one client and one worker."""
    asked = shuffled(corpus)
    alone, _ = ask_all(stores, asked[:400], workers=1, clients=1)
    taken = [one.took_ms for one in alone]
    targets = TARGETS if size == SIZES[-1] else {}
    row = {"questions": len(alone), "rss_mb": round(max(one.rss_mb for one in alone)), "load": os.getloadavg()[0]}
    emit(BENCH, f"{size}-uncached", **quantiles(taken), **targets, **row, graph_rss_mb=graph_mb(stores))
    by_type: dict[str, list[Asked]] = defaultdict(list)
    for one in alone:
        by_type[one.type].append(one)
    for type_, some in sorted(by_type.items()):
        emit(BENCH, f"{size}-{type_}", **quantiles([one.took_ms for one in some]), **means(some), questions=len(some))
    emit(BENCH, f"{size}-parts", **means(alone))
    for workers, clients in ((1, 1), (2, 2), (1, CLIENTS), (2, CLIENTS)):
        found, took_s = ask_all(stores, asked[400:1000], workers=workers, clients=clients)
        waits = quantiles([one.waited_ms for one in found])
        emit(BENCH, f"{size}-{workers}-workers-{clients}-clients", per_s=round(len(found) / took_s, 1), **waits, load=os.getloadavg()[0])  # fmt: skip
    return quantiles(taken)["p95_ms"]


def shuffled(corpus: BenchCorpus) -> list[tuple[str, str]]:
    """Return types and texts of different questions, mixed."""
    found = {question.text: question.type for question in questions(corpus, seed=2, each=EACH)}
    mixed = [(type_, text) for text, type_ in found.items()]
    return [mixed[at] for at in np.random.default_rng(SEED).permutation(len(mixed))]


def ask_all(
    stores: Place, asked: Sequence[tuple[str, str]], *, workers: int, clients: int
) -> tuple[list[Asked], float]:
    """Have every question answered once, by so many workers for so many clients; return the seconds that it took."""
    waiting: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
    for one in asked:
        waiting.put(one)
    found: list[Asked] = []

    def client() -> None:
        while True:
            try:
                type_, text = waiting.get_nowait()
            except queue.Empty:
                return
            began = time.perf_counter()
            took_ms, parts, worker, rss = pool.submit(_answered, text).result()
            found.append(Asked(type_, took_ms, 1000 * (time.perf_counter() - began), parts, worker, rss))

    with (
        tempfile.TemporaryDirectory() as folder,
        ProcessPoolExecutor(
            workers, multiprocessing.get_context("spawn"), initializer=_begin, initargs=(stores, Path(folder))
        ) as pool,
    ):
        # Each process loads what a worker loads before its first question.
        for ready in [pool.submit(_ready) for _ in range(workers)]:
            ready.result()
        threads = [threading.Thread(target=client) for _ in range(clients)]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return found, time.perf_counter() - began


def means(asked: Sequence[Asked]) -> dict[str, float]:
    """Return the mean milliseconds of each part; `rest` is what no store was asked for: planning, ranking, wording."""
    told = {part: statistics.mean(one.parts_ms.get(part, 0) for one in asked) for part in PARTS}
    total = statistics.mean(one.took_ms for one in asked)
    return {f"{part}_ms": round(value, 2) for part, value in (told | {"rest": total - sum(told.values())}).items()}


def graph_mb(stores: Place) -> int:
    """Return the memory of the graph server."""
    return round(psutil.Process(stores.graph_pid).memory_info().rss / 2**20)


_asker: list[Asker] = []


def _begin(stores: Place, folder: Path) -> None:
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = "1"
    services = stores.services(vectors=folder / str(os.getpid()))
    _asker.append(Asker(services))
    for warm in ("Which instructions leak in aes128 build 7?", "how is a secret word split before the rounds begin"):
        _asker[0](warm)


def _ready() -> None:
    # Long enough that no process is made ready twice while another one is not.
    time.sleep(0.5)


def _answered(text: str) -> tuple[float, dict[str, float], int, float]:
    began = time.perf_counter()
    answer = _asker[0](text)
    took_ms = 1000 * (time.perf_counter() - began)
    rss = psutil.Process().memory_info().rss / 2**20
    return took_ms, {part: 1000 * seconds for part, seconds in answer.timings.items()}, os.getpid(), rss
