"""A hundred users for two minutes over HTTP, on the farm as `make up` starts it: one worker answers them all."""

import asyncio
import os
import tempfile
from pathlib import Path

from bench.farm import embedded, quantiles
from bench.load import users
from bench.query_world import take_in
from bench.questions.corpus import make_corpus
from bench.questions.templates import questions
from bench.rows import emit
from config.settings import Settings
from deploy.daemon import Daemon
from deploy.programs import own_ports
from stores.cache_redis import RedisCache
from workers import wiring, wiring_query

BENCH = "query-load"
INSTRUCTIONS = 10_000
SAMPLES = 2
USERS = 100
SECONDS = 120.0
THINK_S = 1.0
QUESTIONS = 400
ZIPF = 1.1
SEED = 7


def run() -> None:
    """Print errors, latencies and hit rates, with a cache that is empty when they begin."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= own_ports()
        os.environ |= {"DASEIN_DATA_DIR": folder, "DASEIN_SIMULATION_WORKERS": "1", "DASEIN_LOG_LEVEL": "WARNING"}
        for name in ("REDIS_URL", "GRAPH_URL", "CACHE_URL"):
            os.environ.pop(f"DASEIN_{name}", None)
        settings = Settings()
        corpus = make_corpus(INSTRUCTIONS, SEED, samples=SAMPLES)
        asked = [question.text for question in questions(corpus, seed=3, each=5)][:QUESTIONS]
        try:
            embedded("up")
            wiring.forget()
            wiring.settings.cache_clear()
            take_in(wiring_query.query_services(), corpus)
            measure(settings, asked)
        finally:
            embedded("down")


def measure(settings: Settings, asked: list[str]) -> None:
    """Let the users ask, and print what came of it."""
    where = (settings.host, settings.port)
    load = asyncio.run(users(where, asked, number=USERS, seconds=SECONDS, think_s=THINK_S, exponent=ZIPF, seed=SEED))
    cache = RedisCache(settings.cache)
    counters = {"hit": 0, "wait": 0, "miss": 0} | dict(cache.counters())
    cache.close()
    asks = counters["hit"] + counters["wait"] + counters["miss"]
    process = Daemon("query1", Path(settings.data_dir)).process()
    family = [process, *process.children(recursive=True)] if process else []
    common = {"users": USERS, "seconds": SECONDS, "think_s": THINK_S, "zipf": ZIPF, "questions": len(asked)}
    emit(
        BENCH,
        "http",
        **quantiles(load.took_ms),
        per_s=round(len(load.took_ms) / SECONDS, 1),
        answers=len(load.took_ms),
        errors=len(load.errors),
        first_errors=load.errors[:3],
        target_p95_ms=500,
        target_errors=0,
        **common,
        load=round(os.getloadavg()[0], 2),
    )
    emit(BENCH, "cache", hit_rate=round(1 - counters["miss"] / asks, 4), target=0.6, counters=counters)
    emit(BENCH, "hit-in-worker", **quantiles(load.in_worker_ms), target_p50_ms=2)
    emit(BENCH, "hit-over-http", **quantiles(load.hit_ms))
    emit(BENCH, "worker", rss_mb=[round(each.memory_info().rss / 2**20) for each in family])


if __name__ == "__main__":
    run()
