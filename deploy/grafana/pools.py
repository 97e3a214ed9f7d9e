"""What each pool does, and what waits for it."""

from deploy.grafana.expressions import farm, quantile, rate
from deploy.grafana.panels import Choice, Dashboard, Graph, Query, Row
from jobs.queue import QUEUES

POOL = 'pool=~"$pool"'
KIND = "{{kind}}"

QUEUE = (
    Graph("Messages that wait", (Query(farm("dasein_queue_depth", by="pool", where=POOL), "{{pool}}"),)),
    Graph("Oldest wait", (Query(farm("dasein_queue_oldest_wait_seconds", by="pool", where=POOL), "{{pool}}"),), "s"),
    Graph(
        "Size",
        (
            Query(farm("dasein_worker_processes", by="pool", where=POOL), "{{pool}}: processes"),
            Query(farm("dasein_workers", by="pool", where=POOL), "{{pool}}: workers"),
            Query(farm("dasein_pool_wanted", by="pool", where=POOL), "{{pool}}: wanted"),
        ),
        about="What the autoscaler wants is there where it runs.",
    ),
    Graph(
        "Changes by the autoscaler",
        (
            Query(
                f"sum by (pool, direction) (increase(dasein_pool_scaled_total{{{POOL}}}[$__rate_interval]))",
                "{{pool}} {{direction}}",
            ),
        ),
    ),
)
JOBS = (
    Graph("Waits, p95", (Query(quantile(0.95, "dasein_job_wait_seconds", by="kind", where=POOL), KIND),), "s"),
    Graph("Runs, p95", (Query(quantile(0.95, "dasein_job_run_seconds", by="kind", where=POOL), KIND),), "s"),
    Graph(
        "From submission to end, p95", (Query(quantile(0.95, "dasein_job_seconds", by="kind", where=POOL), KIND),), "s"
    ),
    Graph("Attempts", (Query(rate("dasein_job_attempts_total", by="kind", where=POOL), KIND),), "ops"),
    Graph(
        "Ends",
        (Query(rate("dasein_jobs_ended_total", by="kind, outcome", where=POOL), "{{kind}} {{outcome}}"),),
        "ops",
    ),
    Graph(
        "Failures by code",
        (Query(rate("dasein_job_failures_total", by="code, kind", where=POOL), "{{kind}} {{code}}"),),
        "ops",
    ),
    Graph("Attempts that are repeated", (Query(rate("dasein_job_retries_total", by="kind", where=POOL), KIND),), "ops"),
    Graph("Recorded jobs", (Query(farm("dasein_jobs", by="state, kind"), "{{kind}} {{state}}"),)),
)
MODELS = (
    Graph("Traces", (Query(rate("dasein_traces_total", by="engine"), "{{engine}}"),), "ops", stacked=True),
    Graph(
        "Memory of models",
        (
            Query(farm("dasein_model_bytes", by="node, role"), "{{node}} {{role}}"),
            Query(farm("dasein_model_budget_bytes", by="node"), "{{node}}: may use"),
        ),
        "bytes",
    ),
    Graph("Batches of models", (Query(farm("dasein_model_batch_size", by="node, role"), "{{node}} {{role}}"),)),
    Graph(
        "Embeddings from the cache",
        (
            Query(
                farm("rate(dasein_embedding_cache_requests_total[$__rate_interval])", by="node, outcome"),
                "{{node}} {{outcome}}",
            ),
        ),
        "ops",
    ),
)

POOLS = Dashboard(
    "dasein-pools",
    "Dasein: pools",
    "What each pool does, and what waits for it.",
    (Row("Queue and size", QUEUE), Row("Jobs", JOBS), Row("Engines and models", MODELS)),
    (Choice("pool", "Pool", QUEUES),),
)
