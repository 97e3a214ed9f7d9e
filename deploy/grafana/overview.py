"""Is the farm healthy, and if not, why not."""

from deploy.grafana.expressions import farm, quantile, rate
from deploy.grafana.panels import GREEN, RED, YELLOW, Dashboard, Graph, Limit, Number, Query, Row

NOW = (
    Number(
        "Alerts, pages",
        Query('count(ALERTS{alertstate="firing", severity="page"}) or vector(0)'),
        limits=(Limit(1, RED),),
    ),
    Number(
        "Alerts, tickets",
        Query('count(ALERTS{alertstate="firing", severity="ticket"}) or vector(0)'),
        limits=(Limit(1, YELLOW),),
    ),
    Number("Web servers", Query('sum(up{job="web"})'), good=RED, limits=(Limit(1, GREEN),)),
    Number(
        "Stores that do not answer",
        Query("count(min by (store) (dasein_knowledge_store_up) == 0 or min(dasein_store_up) == 0) or vector(0)"),
        limits=(Limit(1, RED),),
    ),
    Number(
        "Processes of workers",
        Query(f"sum({farm('dasein_worker_processes', by='pool')})"),
        good=RED,
        limits=(Limit(1, GREEN),),
    ),
    Number(
        "Oldest wait",
        Query(f"max({farm('dasein_queue_oldest_wait_seconds', by='pool')})"),
        unit="s",
        limits=(Limit(300, YELLOW), Limit(900, RED)),
    ),
    Number("Dead letters", Query(farm("dasein_dead_letters")), limits=(Limit(1, YELLOW),)),
    Number(
        "Least budget left",
        Query("min(dasein:slo_budget_left:ratio)"),
        unit="percentunit",
        good=RED,
        limits=(Limit(0, YELLOW), Limit(0.25, GREEN)),
        about="Of the objective that stands worst.",
    ),
    Number(
        "Age of the backup",
        Query(f"time() - {farm('dasein_backup_last_success_timestamp_seconds')}"),
        unit="s",
        limits=(Limit(26 * 3600, RED),),
        about="Empty where there has been none.",
    ),
    Number(
        "Data volume, free",
        Query("min(dasein_data_free_bytes / dasein_data_size_bytes)"),
        unit="percentunit",
        good=RED,
        limits=(Limit(0.1, YELLOW), Limit(0.2, GREEN)),
    ),
    Number("Callbacks due", Query(farm("dasein_webhooks_due"))),
    Number("Versions", Query("count(count by (version) (dasein_build_info))"), limits=(Limit(2, YELLOW),)),
)
FRONT = (
    Graph(
        "Answers by status",
        (Query(rate("dasein_http_requests_total", by="status"), "{{status}}"),),
        "reqps",
        stacked=True,
    ),
    Graph(
        "Requests, p95",
        (
            Query(quantile(0.5, "dasein_http_request_seconds"), "half of them"),
            Query(quantile(0.95, "dasein_http_request_seconds"), "p95"),
            Query(quantile(0.99, "dasein_http_request_seconds"), "p99"),
        ),
        "s",
        about="Time until an answer begins, without what its client asked to wait.",
    ),
    Graph(
        "Who waits and listens",
        (Query("sum by (kind) (dasein_stream_clients)", "{{kind}}"), Query("sum(dasein_http_waiters)", "all waiters")),
        about="Long polls, event streams and WebSockets.",
    ),
    Graph(
        "Refused by limits",
        (
            Query(rate("dasein_limits_refused_total", by="policy"), "{{policy}}"),
            Query(rate("dasein_limits_unenforced_total"), "let through unlimited"),
        ),
        "reqps",
    ),
)
WORK = (
    Graph("Messages that wait", (Query(farm("dasein_queue_depth", by="pool"), "{{pool}}"),), stacked=True),
    Graph(
        "Jobs that ended", (Query(rate("dasein_jobs_ended_total", by="outcome"), "{{outcome}}"),), "ops", stacked=True
    ),
    Graph("Traces", (Query(rate("dasein_traces_total", by="engine"), "{{engine}}"),), "ops", stacked=True),
    Graph(
        "Answers from the cache",
        (Query(f"{farm('rate(dasein_answer_cache_requests_total[$__rate_interval])', by='outcome')}", "{{outcome}}"),),
        "ops",
        stacked=True,
    ),
)

OVERVIEW = Dashboard(
    "dasein-overview",
    "Dasein: overview",
    "Is the farm healthy, and if not, why not.",
    (Row("Now", NOW), Row("Front door", FRONT), Row("Work", WORK)),
)
