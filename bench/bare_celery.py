"""Celery with nothing of ours: what the farm's overhead is measured against. `celery -A bench.bare_celery worker`."""

import os

from celery import Celery

QUEUE = "bare"

celery = Celery("bare", broker=os.environ["DASEIN_REDIS_URL"], backend=os.environ["DASEIN_REDIS_URL"])
celery.conf.update(
    task_default_queue=QUEUE,
    task_serializer="json",
    accept_content=["json"],
    result_serializer="json",
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    result_expires=600,
)


@celery.task(name="bare.echo")
def echo(text: str) -> dict[str, str]:
    """Do nothing."""
    return {"echo": text}
