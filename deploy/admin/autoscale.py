"""`dasein-admin autoscale`: keep the pools of this machine as large as what waits for them asks for."""

import os
import signal
import time
from threading import Event

import typer

from config.autoscaler_settings import AutoscalerSettings
from config.logs import configure_logs
from config.queues import celery_settings
from deploy.admin.ending import read_settings, refuse
from deploy.autoscaling.autoscaler import Autoscaler
from deploy.autoscaling.decision import Bounds, Rules
from deploy.autoscaling.numbers import Numbers
from jobs.queue import ELASTIC
from stores.pools_celery import CeleryPools
from stores.queue_celery import CeleryQueue
from stores.redis_client import connect
from stores.workers_redis import RedisWorkers
from workers.wiring import job_records

PATIENCE_S = 2
CONNECTIONS = 4


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("autoscale")(autoscale)


def autoscale() -> None:
    """Size the pools by what waits in them until stopped: DASEIN_AUTOSCALER__* says within which bounds."""
    settings = read_settings()
    try:
        bounds = {pool: bounds_of(pool, settings.autoscaler) for pool in ELASTIC}
    except ValueError as error:
        refuse(str(error))
    configure_logs(settings.logs)
    numbers, stopped = Numbers(), Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    chosen = settings.autoscaler
    try:
        numbers.serve(chosen.host, chosen.port)
    except OSError as error:
        refuse(f"DASEIN_AUTOSCALER__PORT: {chosen.host}:{chosen.port}: {error.strerror}")
    queue, pools = CeleryQueue(celery_settings(settings)), CeleryPools(celery_settings(settings))
    with connect(settings.redis, patience_s=PATIENCE_S, connections=CONNECTIONS) as redis:
        autoscaler = Autoscaler(
            job_records(settings, redis),
            queue,
            RedisWorkers(redis),
            pools,
            bounds=bounds,
            rules=Rules(chosen.grow_wait_s, chosen.settle_s, chosen.idle_s),
            largest=settings.pool_limit,
            numbers=numbers,
            clock=time.monotonic,
        )
        autoscaler.run(stopped, every_s=chosen.look_s)
    queue.close()
    pools.close()


def bounds_of(pool: str, settings: AutoscalerSettings) -> Bounds:
    """Return a pool's floor and ceiling; raise ValueError with the setting's name."""
    least, _, most = getattr(settings, pool).partition("-")
    try:
        return Bounds(int(least), int(most) or max(int(least), len(os.sched_getaffinity(0))))
    except ValueError as error:
        raise ValueError(f"DASEIN_AUTOSCALER__{pool.upper()}: {error}") from error
