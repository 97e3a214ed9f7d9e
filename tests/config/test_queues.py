from pydantic import RedisDsn

from config.queues import celery_settings
from config.settings import LONGEST_JOB_S, Settings

SETTINGS = celery_settings(Settings(redis_url=RedisDsn("redis://127.0.0.1:1/0"), drain_s=7))


def test_the_clocks_of_the_queue_agree() -> None:
    visible_s = SETTINGS["broker_transport_options"]["visibility_timeout"]

    assert SETTINGS["task_soft_time_limit"] < SETTINGS["task_time_limit"] == LONGEST_JOB_S < visible_s
    assert SETTINGS["worker_soft_shutdown_timeout"] == 7


def test_messages_are_acknowledged_late_and_fetched_one_by_one() -> None:
    assert SETTINGS["task_acks_late"]
    assert SETTINGS["worker_prefetch_multiplier"] == 1
    assert SETTINGS["accept_content"] == ["json"]
