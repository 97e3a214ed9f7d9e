"""Celery's messages without Celery at every one of them: written once for each kind, and filled in.

What a message holds is taken from Celery itself, which sends a specimen into memory; so it is always that of the
installed versions. The list that a message belongs into follows Redis's transport.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from uuid import uuid4

from celery import Celery
from kombu.transport.redis import Channel

from jobs import tracing
from jobs.queue import Envelope, Kind

SPECIMEN = "7b1f1d0e-specimen"
TAG = "7b1f1d0e-tag"
BODY = "7b1f1d0e-body"
PARENT = "7b1f1d0e-parent"


class MessageWriter:
    """Writes messages as an application of these settings would send them."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """Write as `settings` (of `config.queues`) say."""
        self._steps: list[int] = settings["broker_transport_options"]["priority_steps"]
        self._celery = Celery("dasein.writer", set_as_current=False)
        self._celery.conf.update(settings)
        self._celery.conf.update(broker_url="memory://", broker_transport=None, broker_transport_options={})
        self._template = lru_cache(maxsize=None)(self._written)

    def envelope(self, kind: Kind, job_id: str, *, priority: int, parent: str | None = None) -> Envelope:
        """Return the message of a job that comes from the span `parent`.

        `priority` 0 is the most urgent, as Celery on Redis counts.
        """
        text, rest = self._template(kind, priority, traced=parent is not None)
        text = text.replace(PARENT, parent or "")
        body = b64encode(f"[[{json.dumps(job_id)}], {rest}".encode()).decode()
        place = f"{kind.queue}{Channel.sep}{priority}" if priority in self._steps and priority else kind.queue
        return Envelope(place, text.replace(SPECIMEN, job_id).replace(TAG, str(uuid4())).replace(BODY, body))

    def _written(self, kind: Kind, priority: int, *, traced: bool) -> tuple[str, str]:
        """Return a message with marks in place of what differs, and what follows the arguments in its body."""
        with self._celery.connection_for_write() as connection:
            self._celery.send_task(
                kind.task,
                [SPECIMEN],
                queue=kind.queue,
                task_id=SPECIMEN,
                priority=priority,
                ignore_result=True,
                headers={tracing.HEADER: PARENT} if traced else None,
                connection=connection,
            )
            channel: Any = connection.default_channel
            told: dict[str, Any] = channel._get(kind.queue)  # noqa: SLF001  # the specimen, as the transport keeps it
        body = json.loads(channel.decode_body(told["body"], told["properties"]["body_encoding"]))
        rest = json.dumps(body[1:])[1:]
        told["body"] = BODY
        told["properties"]["delivery_tag"] = TAG
        return json.dumps(told), rest
