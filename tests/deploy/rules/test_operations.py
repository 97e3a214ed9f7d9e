"""Every alert of operations fires when it should, and stops when it is over."""

import re
from pathlib import Path

import pytest

from tests.deploy.rules.promtool import Story, alerts, judged

POOL = {"pool": "query"}
MIB = 2**20

STORIES = (
    Story(
        "DaseinWebDown",
        {'up{job="web", instance="a"}': "1x9 0x20 1x10", 'up{job="web", instance="b"}': "0x40"},
        fires=["12m"],
        quiet=["9m", "11m", "31m"],
    ),
    Story("DaseinWebDown", {'up{job="web", instance="a"}': "_x10 1x10"}, fires=["5m"], quiet=["1m", "11m"]),
    Story(
        "DaseinTargetDown",
        {'up{job="worker", instance="a", pool="query"}': "1x9 0x20 1x10"},
        fires=["16m"],
        quiet=["9m", "14m", "31m"],
        labels={"job": "worker", "instance": "a", **POOL},
    ),
    Story(
        "DaseinNoWorkers",
        {
            # Two servers that tell the same; a pool without workers for which nothing waits is no trouble.
            'dasein_workers{pool="query", instance="a"}': "1x9 0x20 2x10",
            'dasein_workers{pool="query", instance="b"}': "1x9 0x20 2x10",
            'dasein_workers{pool="remforge", instance="a"}': "0x40",
            'dasein_queue_depth{pool="query", instance="a"}': "3x40",
            'dasein_queue_depth{pool="remforge", instance="a"}': "0x40",
        },
        fires=["13m"],
        quiet=["9m", "31m"],
        labels=POOL,
    ),
    Story(
        "DaseinVersionsDiffer",
        {
            'dasein_build_info{version="1.0", role="web"}': "1x180",
            'dasein_build_info{version="1.1", role="query"}': "_x9 1x100 _x80",
        },
        fires=["75m"],
        quiet=["8m", "60m", "120m"],
    ),
    Story(
        "DaseinQueueStuck",
        {
            'dasein_queue_oldest_wait_seconds{pool="query"}': "5x9 0+60x60 5x20",
            'dasein_job_attempts_total{pool="query", kind="query"}': "0+2x9 18x60 18+2x20",
        },
        fires=["45m", "68m"],
        quiet=["9m", "25m", "75m"],
        labels=POOL,
    ),
    Story(
        # Of a pool that never started anything there is no counter.
        "DaseinQueueStuck",
        {'dasein_queue_oldest_wait_seconds{pool="query"}': "0+60x30 0x10"},
        fires=["20m"],
        quiet=["9m", "32m"],
        labels=POOL,
    ),
    Story(
        "DaseinQueueSlow",
        {
            'dasein_queue_oldest_wait_seconds{pool="query"}': "5x9 1000x30 5x20",
            'dasein_job_attempts_total{pool="query", kind="query"}': "0+2x60",
        },
        fires=["30m"],
        quiet=["9m", "20m", "45m"],
        labels=POOL,
    ),
    Story(
        "DaseinQueueNearlyFull",
        {'dasein_queue_depth{pool="query"}': "7999x9 9000x20 100x20"},
        fires=["20m"],
        quiet=["9m", "12m", "35m"],
        labels=POOL,
    ),
    Story(
        # Two servers see the same two letters.
        "DaseinDeadLetters",
        {'dasein_dead_letters{instance="a"}': "4x69 6x100", 'dasein_dead_letters{instance="b"}': "4x69 6x100"},
        fires=["71m", "120m"],
        quiet=["69m", "135m"],
    ),
    Story(
        "DaseinEngineMismatch",
        {
            'dasein_job_failures_total{pool="simulation", kind="shard", code="engine-mismatch"}': "0x9 1x400",
            'dasein_job_failures_total{pool="simulation", kind="ping", code="internal"}': "0x409",
        },
        fires=["12m", "5h"],
        quiet=["8m", "6h20m"],
        every="1m",
    ),
    Story(
        "DaseinInternalErrors",
        {
            'dasein_job_failures_total{pool="query", kind="query", code="internal"}': "0x9 2x100",
            'dasein_job_failures_total{pool="query", kind="query", code="invalid-input"}': "0+5x109",
        },
        fires=["12m"],
        quiet=["8m", "75m"],
        labels=POOL,
    ),
    Story(
        "DaseinJobsRetried",
        {
            'dasein_job_retries_total{pool="query", kind="query"}': "0x20 0+3x30 90x60",
            'dasein_job_attempts_total{pool="query", kind="query"}': "0+10x120",
        },
        fires=["45m"],
        quiet=["20m", "70m"],
        labels=POOL,
    ),
    Story(
        "DaseinPoolSmallerThanWanted",
        {'dasein_pool_wanted{pool="query"}': "1x9 4x30 4x10", 'dasein_worker_processes{pool="query"}': "1x39 4x10"},
        fires=["25m"],
        quiet=["9m", "15m", "42m"],
        labels=POOL,
    ),
    Story("DaseinStoreDown", {"dasein_store_up": "1x9 0x10 1x10"}, fires=["12m"], quiet=["9m", "10m", "21m"]),
    Story(
        "DaseinKnowledgeStoreDown",
        {
            'dasein_knowledge_store_up{store="graph"}': "1x9 0x20 1x10",
            'dasein_knowledge_store_up{store="documents"}': "1x40",
        },
        fires=["16m"],
        quiet=["9m", "14m", "31m"],
        labels={"store": "graph"},
    ),
    Story(
        "DaseinAnswerCacheDown", {"dasein_answer_cache_up": "1x9 0x20 1x10"}, fires=["21m"], quiet=["9m", "19m", "31m"]
    ),
    Story(
        "DaseinStoreErrors",
        {'dasein_store_errors_total{store="graph", operation="nodes"}': "0x9 0+5x20 100x20"},
        fires=["20m"],
        quiet=["9m", "12m", "40m"],
        labels={"store": "graph"},
    ),
    Story(
        "DaseinStoreSlow",
        {
            'dasein_store_seconds_bucket{store="graph", operation="nodes", le="1"}': "0+100x19 1900x40 1900+100x40",
            'dasein_store_seconds_bucket{store="graph", operation="nodes", le="5"}': "0+100x100",
            'dasein_store_seconds_bucket{store="graph", operation="nodes", le="+Inf"}': "0+100x100",
        },
        fires=["50m"],
        quiet=["19m", "30m", "85m"],
        labels={"store": "graph"},
    ),
    Story(
        "DaseinStoreMemory",
        {
            'dasein_store_memory_bytes{store="jobs"}': f"{500 * MIB}x9 {900 * MIB}x20 {500 * MIB}x10",
            'dasein_store_memory_limit_bytes{store="jobs"}': f"{1024 * MIB}x40",
        },
        fires=["22m"],
        quiet=["9m", "15m", "31m"],
        labels={"store": "jobs"},
    ),
    Story(
        "DaseinDiskFull",
        {"dasein_data_free_bytes": "500x9 90x20 500x10", "dasein_data_size_bytes": "1000x40"},
        fires=["16m"],
        quiet=["9m", "12m", "31m"],
    ),
    Story(
        # A third of it goes in six hours, and only what is left then is too little.
        "DaseinDiskFillsUp",
        {"dasein_data_free_bytes": "1000-1x700 300x480", "dasein_data_size_bytes": "1000x1180"},
        fires=["11h20m"],
        quiet=["6h", "18h"],
        every="5m",
    ),
    Story(
        "DaseinBackupOld",
        {"dasein_backup_last_success_timestamp_seconds": "-90000x90 5400x30"},
        fires=["80m"],
        quiet=["55m", "70m", "100m"],
    ),
    Story(
        "DaseinLimitsUnenforced",
        {"dasein_limits_unenforced_total": "0x9 0+5x20 100x20"},
        fires=["20m"],
        quiet=["9m", "12m", "40m"],
    ),
    Story("DaseinAuditLost", {"dasein_audit_entries_lost_total": "0x9 3x40"}, fires=["12m"], quiet=["9m", "27m"]),
    Story(
        "DaseinWebhooksFail",
        {
            'dasein_webhook_attempts_total{outcome="failed"}': "0x9 2x90",
            'dasein_webhook_attempts_total{outcome="delivered"}': "0+9x100",
        },
        fires=["12m"],
        quiet=["9m", "75m"],
    ),
)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.alert)
def test_an_alert_fires_and_resolves(tmp_path: Path, story: Story) -> None:
    result = judged(story.document(), tmp_path)

    assert result.returncode == 0, result.stdout + result.stderr


def test_a_story_that_is_wrong_is_told(tmp_path: Path) -> None:
    wrong = Story("DaseinStoreDown", {"dasein_store_up": "1x20"}, fires=["12m"], quiet=[])

    result = judged(wrong.document(), tmp_path)

    assert result.returncode != 0


def test_every_alert_of_operations_has_a_story_in_which_it_fires_and_one_moment_after_which_it_does_not() -> None:
    told = {story.alert for story in STORIES if story.fires and story.quiet}

    assert told == {name for name in alerts() if not name.startswith("DaseinErrorBudget")}


def test_an_alert_speaks_of_no_label_that_it_has_not() -> None:
    labels = {story.alert: set(story.labels) for story in STORIES}
    spoken = {
        (name, label)
        for name, rules in alerts().items()
        for rule in rules
        for text in rule["annotations"].values()
        for label in re.findall(r"\$labels\.(\w+)", text)
    }

    assert {(name, label) for name, label in spoken if label not in labels[name]} == set()
