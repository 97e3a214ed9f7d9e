"""Every number that the farm exports, by its name in Prometheus: what `docs/metrics.md` describes and rules are written on.

Labels have few values, which are ours: a kind of job or a pool that is unknown is `other`; ids, tenants and paths are in none.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["counter", "gauge", "histogram"]
Source = Literal["web", "workers", "both", "autoscaler"]


@dataclass(frozen=True, slots=True)
class Exported:
    """One name: a counter's with its `_total`, a histogram's without `_bucket`, `_sum` and `_count`."""

    name: str
    kind: Kind
    labels: tuple[str, ...] = ()
    source: Source = "web"


EXPORTED = (
    Exported("dasein_build_info", "gauge", ("version", "role"), "both"),
    Exported("dasein_http_requests_total", "counter", ("route", "method", "status")),
    Exported("dasein_http_request_seconds", "histogram", ("route", "method")),
    Exported("dasein_http_waiters", "gauge"),
    Exported("dasein_websockets", "gauge"),
    Exported("dasein_stream_clients", "gauge", ("kind",)),
    Exported("dasein_limits_refused_total", "counter", ("policy",)),
    Exported("dasein_limits_unenforced_total", "counter"),
    Exported("dasein_audit_entries_lost_total", "counter"),
    Exported("dasein_webhook_attempts_total", "counter", ("outcome",)),
    Exported("dasein_webhooks_due", "gauge"),
    Exported("dasein_jobs", "gauge", ("kind", "state")),
    Exported("dasein_queue_depth", "gauge", ("pool",)),
    Exported("dasein_queue_oldest_wait_seconds", "gauge", ("pool",)),
    Exported("dasein_workers", "gauge", ("pool",)),
    Exported("dasein_worker_processes", "gauge", ("pool",)),
    Exported("dasein_dead_letters", "gauge"),
    Exported("dasein_store_up", "gauge"),
    Exported("dasein_knowledge_store_up", "gauge", ("store",)),
    Exported("dasein_answer_cache_up", "gauge"),
    Exported("dasein_answer_cache_requests_total", "counter", ("outcome",)),
    Exported("dasein_embedding_cache_requests_total", "counter", ("node", "outcome")),
    Exported("dasein_model_bytes", "gauge", ("node", "role")),
    Exported("dasein_model_budget_bytes", "gauge", ("node",)),
    Exported("dasein_model_batch_size", "gauge", ("node", "role")),
    Exported("dasein_backup_last_success_timestamp_seconds", "gauge"),
    Exported("dasein_backup_last_bytes", "gauge"),
    Exported("dasein_backup_last_seconds", "gauge"),
    Exported("dasein_data_size_bytes", "gauge"),
    Exported("dasein_data_free_bytes", "gauge"),
    Exported("dasein_store_memory_bytes", "gauge", ("store",)),
    Exported("dasein_store_memory_limit_bytes", "gauge", ("store",)),
    Exported("dasein_job_wait_seconds", "histogram", ("pool", "kind"), "workers"),
    Exported("dasein_job_run_seconds", "histogram", ("pool", "kind"), "workers"),
    Exported("dasein_job_seconds", "histogram", ("pool", "kind"), "workers"),
    Exported("dasein_job_attempts_total", "counter", ("pool", "kind"), "workers"),
    Exported("dasein_job_retries_total", "counter", ("pool", "kind"), "workers"),
    Exported("dasein_jobs_ended_total", "counter", ("pool", "kind", "outcome"), "workers"),
    Exported("dasein_job_failures_total", "counter", ("pool", "kind", "code"), "workers"),
    Exported("dasein_traces_total", "counter", ("engine",), "workers"),
    Exported("dasein_store_seconds", "histogram", ("store", "operation"), "both"),
    Exported("dasein_store_errors_total", "counter", ("store", "operation"), "both"),
    Exported("dasein_store_connections", "gauge", ("store", "state"), "both"),
    Exported("dasein_pool_scaled_total", "counter", ("pool", "direction"), "autoscaler"),
    Exported("dasein_pool_wanted", "gauge", ("pool",), "autoscaler"),
)
METRICS = {each.name: each for each in EXPORTED}
