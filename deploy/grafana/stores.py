"""How the stores answer."""

from deploy.grafana.expressions import farm, quantile, rate
from deploy.grafana.panels import GREEN, RED, Dashboard, Graph, Limit, Number, Query, Row

ROOM = (
    Graph(
        "Memory",
        (
            Query(farm("dasein_store_memory_bytes", by="store"), "{{store}}"),
            Query(farm("dasein_store_memory_limit_bytes", by="store"), "{{store}}: may use"),
        ),
        "bytes",
        about="Of servers that keep their data in memory. Nothing is evicted: when they are full, writes are refused.",
    ),
    Graph(
        "Data volume",
        (Query("min(dasein_data_free_bytes)", "free"), Query("max(dasein_data_size_bytes)", "all of it")),
        "bytes",
    ),
    Graph(
        "Backups",
        (Query(farm("dasein_backup_last_bytes"), "bytes"),),
        "bytes",
    ),
    Graph("Time of a backup", (Query(farm("dasein_backup_last_seconds"), "seconds"),), "s"),
)
UP = (
    Number("Jobs", Query("min(dasein_store_up)"), good=RED, limits=(Limit(1, GREEN),)),
    Number(
        "Knowledge",
        Query("min by (store) (dasein_knowledge_store_up)", "{{store}}"),
        good=RED,
        limits=(Limit(1, GREEN),),
        width=12,
    ),
    Number("Cache of answers", Query("min(dasein_answer_cache_up)"), good=RED, limits=(Limit(1, GREEN),), width=8),
)
CALLS = (
    Graph("Calls of stores", (Query(rate("dasein_store_seconds_count", by="store"), "{{store}}"),), "ops"),
    Graph(
        "Calls without an answer",
        (Query(rate("dasein_store_errors_total", by="store, operation"), "{{store}} {{operation}}"),),
        "ops",
    ),
    Graph("Calls of stores, p95", (Query(quantile(0.95, "dasein_store_seconds", by="store"), "{{store}}"),), "s"),
    Graph(
        "Slowest operations, p95",
        (
            Query(
                f"topk(10, {quantile(0.95, 'dasein_store_seconds', by='store, operation')})", "{{store}} {{operation}}"
            ),
        ),
        "s",
    ),
    Graph("Connections", (Query("sum by (store, state) (dasein_store_connections)", "{{store}} {{state}}"),)),
    Graph(
        "Share of answers from the cache",
        (
            Query(
                'max(rate(dasein_answer_cache_requests_total{outcome="hit"}[$__rate_interval]))'
                " / sum(max by (outcome) (rate(dasein_answer_cache_requests_total[$__rate_interval])))",
                "hits",
            ),
        ),
        "percentunit",
    ),
)

STORES = Dashboard(
    "dasein-stores",
    "Dasein: stores",
    "How the stores answer, and how much room they have.",
    (Row("Do they answer", UP), Row("Calls", CALLS), Row("Room", ROOM)),
)
