"""Celery's settings, for everyone who sends or receives: the queue's clocks agree here.

A job's message stays unacknowledged while the job runs, so the visibility timeout lies above the longest run. Workers
that die are found by the leases of the job records long before; the timeout only brings back what they left unread.
"""

from typing import Any

from config.settings import LONGEST_JOB_S, Settings


def celery_settings(settings: Settings) -> dict[str, Any]:
    """Return the configuration of a Celery application."""
    return {
        "broker_url": settings.redis,
        # Redis's own, but for messages that are no messages: those must not end a worker.
        "broker_transport": "stores.redis_transport:Transport",
        "broker_transport_options": {
            "visibility_timeout": LONGEST_JOB_S + 300,
            "unacked_restore_interval": 10,
            "unacked_restore_throttle": 1,
            # One list a pool, whatever a message's priority: the job records decide what goes into it, and when.
            "priority_steps": [0],
            "socket_keepalive": True,
            "socket_timeout": 30,
            "socket_connect_timeout": 2,
            "health_check_interval": 10,
        },
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_connection_timeout": 2,
        # Sending gives up soon: the record says that the message was not confirmed, and a sweeper sends it again.
        "task_publish_retry_policy": {
            "max_retries": 2,
            "interval_start": 0.1,
            "interval_step": 0.2,
            "interval_max": 0.5,
        },
        "task_serializer": "json",
        "result_serializer": "json",
        "accept_content": ["json"],
        # Results are in our own records, which outlive the broker and tell an unknown job from one that waits.
        "task_ignore_result": True,
        "task_acks_late": True,
        # A lost worker is counted in the job's record, which a lost parent process cannot take with it.
        "task_reject_on_worker_lost": False,
        "task_retry_on_worker_lost": False,
        "task_time_limit": LONGEST_JOB_S,
        "task_soft_time_limit": LONGEST_JOB_S - 30,
        "worker_prefetch_multiplier": 1,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "worker_soft_shutdown_timeout": settings.drain_s,
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        "worker_proc_alive_timeout": 30,
        # Flower switches events on when it runs; nobody else needs them.
        "worker_send_task_events": False,
        "enable_utc": True,
    }
