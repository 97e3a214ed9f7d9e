"""The doctor, on servers that are well and on such that are not."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import RedisDsn, SecretStr
from redis import Redis

from config.access import close, secret
from config.queues import celery_settings
from config.settings import Settings
from deploy.admin.finding import Finding
from deploy.admin.look_farm import look_at_farm
from deploy.admin.look_knowledge import look_at_knowledge
from deploy.admin.look_machine import look_at_machine
from deploy.admin.look_redis import look_at_cache, look_at_jobs
from deploy.admin.look_settings import look_at_settings
from deploy.procfile import ROOT
from jobs.abilities import FOLDER, Ability
from jobs.model import NewJob
from jobs.queue import PING, SIMULATION
from stores.jobs_redis import RedisJobs
from stores.queue_celery import CeleryQueue
from stores.workers_redis import RedisWorkers
from tests.servers import free_port
from workers.lifecycle import send


@pytest.fixture
def settings(redis_url: str, redis_client: Redis, tmp_path: Path) -> Settings:
    del redis_client  # emptied
    return Settings(redis_url=RedisDsn(redis_url), cache_url=SecretStr(redis_url), data_dir=tmp_path, port=free_port())


@pytest.fixture
def forgetful(redis_client: Redis) -> Iterator[None]:
    """Let the server of jobs be set up like a cache."""
    before = redis_client.config_get("maxmemory*")
    redis_client.config_set("appendonly", "no")
    redis_client.config_set("maxmemory", "64mb")
    redis_client.config_set("maxmemory-policy", "allkeys-lru")
    yield
    for name, value in before.items():
        redis_client.config_set(str(name), str(value))
    redis_client.config_set("appendonly", "yes")


def grades(found: Iterator[Finding]) -> dict[str, set[str]]:
    """Return the grades by what they are about."""
    said: dict[str, set[str]] = {}
    for each in found:
        said.setdefault(each.about, set()).add(each.grade)
        assert each.advice if each.grade != "ok" else not each.advice
    return said


def test_a_misspelt_setting_is_told_with_the_one_that_was_meant(settings: Settings) -> None:
    environment = {"DASEIN_LIMITS__QUERYS": "5", "DASEIN_LIMITS__QUERIES": "5", "DASEIN_URL": "x", "HOME": "/"}

    strange = [each for each in look_at_settings(settings, environment) if each.grade == "warn"]

    assert [each.said for each in strange] == ["DASEIN_LIMITS__QUERYS is no setting: nothing reads it."]
    assert strange[0].advice == "Is DASEIN_LIMITS__QUERIES meant?"


def test_a_door_that_is_open_to_others_is_told(settings: Settings) -> None:
    outside = settings.model_copy(update={"host": "0.0.0.0"})

    assert grades(look_at_settings(settings, {}))["access"] == {"ok"}
    assert grades(look_at_settings(outside, {}))["access"] == {"fail"}
    close(settings)
    assert grades(look_at_settings(outside, {}))["access"] == {"ok"}


def test_a_secret_that_others_may_read_and_one_that_is_gone_are_told(settings: Settings) -> None:
    close(settings)
    assert grades(look_at_settings(settings, {}))["secrets"] == {"fail"}
    secret(settings, "keys")
    assert grades(look_at_settings(settings, {}))["secrets"] == {"ok"}

    (settings.data_dir / "secret").chmod(0o644)

    assert grades(look_at_settings(settings, {}))["secrets"] == {"fail"}


def test_a_server_elsewhere_without_a_password_is_told(settings: Settings) -> None:
    bare = settings.model_copy(update={"redis_url": RedisDsn("redis://redis.example:6379/0")})
    closed = settings.model_copy(update={"redis_url": RedisDsn("redis://:word@redis.example:6379/0")})

    assert grades(look_at_settings(bare, {}))["passwords"] == {"warn"}
    assert "passwords" not in grades(look_at_settings(closed, {}))


def test_a_redis_that_logs_every_write_is_well(settings: Settings) -> None:
    found = grades(look_at_jobs(settings, time.time))

    assert "fail" not in found["redis"]
    assert found["clock"] == {"ok"}


@pytest.mark.usefixtures("forgetful")
def test_a_redis_that_forgets_is_told(settings: Settings) -> None:
    found = list(look_at_jobs(settings, time.time))

    advice = {each.advice for each in found if each.grade == "fail"}
    assert advice == {"Set `appendonly yes`.", "Set `maxmemory-policy noeviction`."}
    assert grades(look_at_cache(settings))["cache"] == {"ok"}


def test_a_cache_that_refuses_rather_than_forgets_is_told(settings: Settings) -> None:
    assert grades(look_at_cache(settings))["cache"] == {"warn"}


@pytest.mark.parametrize(("ahead_s", "grade"), [(0.0, "ok"), (3.0, "warn"), (-3.0, "warn"), (600.0, "fail")])
def test_a_clock_that_is_off_is_told_by_how_much_it_matters(settings: Settings, ahead_s: float, grade: str) -> None:
    found = grades(look_at_jobs(settings, lambda: time.time() + ahead_s))

    assert found["clock"] == {grade}


def test_stores_that_are_away_are_all_told(settings: Settings) -> None:
    nobody = f"redis://127.0.0.1:{free_port()}/0"
    away = settings.model_copy(
        update={"redis_url": RedisDsn(nobody), "graph_url": nobody, "cache_url": SecretStr(nobody)}
    )

    found = grades(look_at_jobs(away, time.time)) | grades(look_at_cache(away)) | grades(look_at_knowledge(away))

    assert {about for about, grade in found.items() if grade == {"fail"}} == {"redis", "cache", "graph"}
    assert grades(look_at_farm(away))["workers"] == {"fail"}


def test_a_pool_in_which_jobs_wait_for_nobody_is_told(settings: Settings, redis_client: Redis) -> None:
    jobs, queue = (
        RedisJobs(redis_client, lease_s=9, retention_s=99, tombstone_s=99),
        CeleryQueue(celery_settings(settings)),
    )
    before = grades(look_at_farm(settings))[f"pool {SIMULATION}"]
    send(jobs.submit(NewJob("a", PING.name, {}))[0], jobs, queue)
    waiting = grades(look_at_farm(settings))[f"pool {SIMULATION}"]
    RedisWorkers(redis_client).beat("one@here", queue=SIMULATION, ttl_s=60)
    served = grades(look_at_farm(settings))[f"pool {SIMULATION}"]
    queue.close()

    assert (before, waiting, served) == ({"warn"}, {"fail"}, {"ok"})


def test_jobs_that_are_held_wait_as_well_as_messages(settings: Settings, redis_client: Redis) -> None:
    jobs = RedisJobs(redis_client, lease_s=9, retention_s=99, tombstone_s=99)
    queue = CeleryQueue(celery_settings(settings))
    for name in ("a", "b", "c"):
        jobs.submit(NewJob(name, PING.name, {}), envelope=queue.envelope(PING, name, priority=5))

    [found] = [each for each in look_at_farm(settings) if each.about == f"pool {SIMULATION}"]
    messages = queue.depth(SIMULATION)
    queue.close()

    assert found.said == "0 workers, 3 jobs waiting."
    assert messages < 3


def test_a_worker_with_another_data_folder_is_told_by_its_name(settings: Settings, redis_client: Redis) -> None:
    workers = RedisWorkers(redis_client)
    workers.beat("one@here", queue=SIMULATION, ttl_s=60)
    before = grades(look_at_farm(settings))["data folder"]
    workers.beat("two@there", queue=SIMULATION, ttl_s=60, abilities={FOLDER: Ability(None, "It has no id.")})

    [found] = [each for each in look_at_farm(settings) if each.about == "data folder"]

    assert before == {"ok"}
    assert (found.grade, found.said) == ("fail", "two@there does nothing: It has no id.")


def test_a_folder_that_nothing_can_be_written_to_is_told(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("no folder")

    assert "fail" not in grades(look_at_machine(settings))["disk"]
    assert grades(look_at_machine(settings.model_copy(update={"data_dir": file})))["disk"] == {"fail"}


def test_the_command_tells_refused_settings_by_name_and_shows_no_secret() -> None:
    command = [sys.executable, "-m", "deploy.admin", "doctor", "--json"]
    environment = os.environ | {"DASEIN_GRAPH_URL": "ftp://user:s3cr3t@nowhere", "PYTHONPATH": str(ROOT)}

    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)

    told = json.loads(done.stdout)
    assert done.returncode == 1
    assert told["counts"] == {"fail": 1}
    assert told["findings"][0]["said"].startswith("DASEIN_GRAPH_URL: ")
    assert "s3cr3t" not in done.stdout + done.stderr
