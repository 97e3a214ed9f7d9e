"""How long measurements take into all stores, by step; the encoder loaded before, or for this."""

import os
import tempfile
import time
from pathlib import Path

from bench.query_world import KEPT, PARQUET, TENANT, keep_report, place, run_ingest
from bench.questions.corpus import make_corpus
from bench.questions.measurements import to_csv, to_parquet
from bench.rows import emit
from jobs.ingestion import IngestRequest
from stores.documents import Shelf
from workers.query.services import QueryServices

BENCH = "query-ingest"
SIZES = ((1000, 100, 1.0), (100_000, 1000, 60.0))
"""Rows, instructions that they are of, and the seconds that they may take."""
SEED = 7
BUILDS = 6
"""Of the smallest corpus."""


def run() -> None:
    """Print the seconds that a campaign and its measurement file take, in both formats."""
    for rows, instructions, target_s in SIZES:
        corpus = make_corpus(BUILDS * instructions, SEED, samples=rows // instructions)
        build = corpus.builds[0]
        table = build.measurements()
        files = {"parquet": (to_parquet(table), PARQUET), "csv": (to_csv(table), "text/csv")}
        for state in ("warm", "cold"):
            for form, (data, media_type) in files.items():
                with tempfile.TemporaryDirectory() as folder, place() as stores:
                    services = stores.services(vectors=KEPT if state == "warm" else Path(folder))
                    for store in (services.documents, services.graph, services.vectors, services.texts):
                        store.migrate()
                    if state == "warm":
                        services.encoder.encode(["warm"])
                    artifact = services.artifacts.put("default", [data], media_type=media_type, limit_bytes=2**31)[0].id
                    size = {"target_s": target_s, "megabytes": round(len(data) / 2**20, 1)}
                    requests = [
                        (f"measurements-{rows}-{form}", IngestRequest(name=build.batch, artifact=artifact), size),
                        (f"campaign-{instructions}", keep_report(services, build), {}),
                    ]
                    # The first one meets a cold encoder.
                    for case, request, more in requests if state == "cold" else requests[::-1]:
                        emit(BENCH, f"{case}-{state}", **taken(services, request), **more)


def taken(services: QueryServices, request: IngestRequest) -> dict[str, float]:
    """Take one thing in; return the seconds in all and by step, `read` being what comes before the first store."""
    began = time.perf_counter()
    result = run_ingest(services, request)
    took_s = time.perf_counter() - began
    steps = services.documents.get(TENANT, Shelf.BATCHES, [result.batch])[result.batch].body["timings"]
    told = {f"{name}_s": round(seconds, 3) for name, seconds in steps.items()}
    read_s = round(took_s - sum(steps.values()), 3)
    counts = {"nodes": result.nodes, "relations": result.relations}
    return {"took_s": round(took_s, 3), "read_s": read_s, **told, **counts, "load": round(os.getloadavg()[0], 2)}
