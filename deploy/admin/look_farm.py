"""The farm's processes: whether every pool has workers, and whether jobs get on."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus

import httpx

from config.queues import celery_settings
from config.settings import Settings
from deploy.admin.finding import Finding, answering, fail, ok, warn
from jobs.abilities import FOLDER
from jobs.identity import HOME
from jobs.queue import CAPTURE, QUEUES
from stores.queue_celery import CeleryQueue
from stores.redis_client import connect
from stores.workers_redis import RedisWorkers
from web.backlog import Backlog
from workers.wiring import job_records

ANSWER_S = 3.0
LETTERS = 100


def look_at_farm(settings: Settings) -> Iterator[Finding]:
    """Yield how pools, jobs that were given up, and web are."""
    found: list[Finding] = []
    queue = CeleryQueue(celery_settings(settings))
    with answering("workers", found, "See to Redis first."), connect(settings.redis, patience_s=0) as redis:
        workers = RedisWorkers(redis)
        alive = workers.alive()
        jobs = job_records(settings, redis)
        backlog = Backlog(jobs, queue)
        found += [_pool(pool, len(alive.get(pool, ())), backlog.depth(pool)) for pool in QUEUES]
        said = workers.abilities(sorted({name for names in alive.values() for name in names}))
        found += _folders({name: said[name][FOLDER].absent or "" for name in said if FOLDER in said[name]})
        letters = len(jobs.dead_letters(tenant=HOME, limit=LETTERS))
        more = " or more" if letters == LETTERS else ""
        found.append(
            warn(
                "dead letters",
                f"{letters}{more} jobs of the home tenant were given up.",
                "`dasein dead-letters` lists them.",
            )
            if letters
            else ok("dead letters", "no job of the home tenant was given up.")
        )
    queue.close()
    yield from found
    yield _web(settings)


def _pool(pool: str, workers: int, waiting: int) -> Finding:
    said = f"{workers} worker{'' if workers == 1 else 's'}, {waiting} job{'' if waiting == 1 else 's'} waiting."
    if workers:
        return ok(f"pool {pool}", said)
    if pool == CAPTURE and not waiting:
        return ok(f"pool {pool}", f"{said} It is for machines with a recorder (docs/kernel.md).")
    advice = f"Start its worker (`{pool}:` in Procfile): what is submitted to it waits until then."
    return fail(f"pool {pool}", said, advice) if waiting else warn(f"pool {pool}", said, advice)


def _folders(elsewhere: Mapping[str, str]) -> Iterator[Finding]:
    advice = "Mount the farm's folder where DASEIN_DATA_DIR says there; if it is the right one, start web again."
    for worker, why in elsewhere.items():
        yield fail("data folder", f"{worker} does nothing: {why}", advice)
    if not elsewhere:
        yield ok("data folder", "no worker has another one than web.")


def _web(settings: Settings) -> Finding:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    url = f"http://{host}:{settings.port}/health/ready"
    advice = "Start it (`web:` in Procfile), or mend DASEIN_HOST and DASEIN_PORT; look into its log."
    try:
        # A proxy of the environment is not for a server on this machine.
        with httpx.Client(trust_env=False, timeout=ANSWER_S) as client:
            status = client.get(url).status_code
    except httpx.HTTPError as error:
        return warn("web", f"{url} does not answer: {error}.", advice)
    return ok("web", f"{url} answers.") if status == HTTPStatus.OK else fail("web", f"{url} answers {status}.", advice)
