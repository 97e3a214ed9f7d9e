"""One client of the WebSocket: who it is, what it wants to be told, and how long it may stay.

Two threads serve it: the request's own hears what it says, another one sends. Nothing else waits for it.
"""

from collections.abc import Mapping
from contextlib import suppress
from threading import Event, Thread
from time import monotonic
from typing import Any

import structlog
from pydantic_core import to_json
from structlog.contextvars import bind_contextvars

from jobs.errors import Conflict, DaseinError, Gone, NotFound, Overloaded, Transient
from jobs.queue import CAMPAIGN
from stores.ports import Jobs
from web.api_v2.answers import JobView
from web.realtime.feed import Feed
from web.realtime.findings import Findings
from web.realtime.news import News, event_text
from web.realtime.outbox import Outbox, Overrun
from web.realtime.terms import Admission, Admit, Patience
from web.realtime.topics import Auth, Ping, Said, Subscribe, Subscription, Unsubscribe, understood
from web.realtime.wire import GOING_AWAY, GOOD_BYE_S, POLICY, TRY_LATER, Closed, Wire
from web.refusals import Forbidden, TooManySubscriptions, Unauthenticated

SUBSCRIPTIONS = 32
NEWEST = 20
LAGS = 20
"""A client that was late so often, and never caught up, is sent away."""
NOT_KNOWN, NOT_ALLOWED, NOT_SAID = 4401, 4403, 4408
CODES: Mapping[type[DaseinError], int] = {Unauthenticated: NOT_KNOWN, Forbidden: NOT_ALLOWED, Overloaded: TRY_LATER}

log = structlog.get_logger(__name__)


class Session:
    """Holds a conversation until either side ends it."""

    def __init__(
        self, wire: Wire, jobs: Jobs, feed: Feed, findings: Findings, *, patience: Patience, outbox: Outbox
    ) -> None:
        """Speak over `wire`; tell what `feed` and `findings` tell."""
        self._wire = wire
        self._jobs = jobs
        self._feed = feed
        self._findings = findings
        self._patience = patience
        self._outbox = outbox
        # Replaced whole: other threads read it meanwhile.
        self._subscriptions: Mapping[str, Subscription] = {}
        self._good_bye = (GOING_AWAY, "")
        self._over = Event()
        self._left = float(patience.burst)
        self._heard_at = monotonic()

    def run(self, admit: Admit, *, known: bool) -> None:
        """Converse until the end; a client that is not `known` by its request must first say who it is."""
        writer = Thread(target=self._write, name="socket", daemon=True)
        writer.start()
        try:
            admission = admit(None) if known else self._introduced(admit)
            bind_contextvars(tenant=admission.principal.tenant)
            self._answer(type="ready", tenant=admission.principal.tenant)
            self._listen(admission)
        except Closed as closed:
            log.info("socket_closed", code=closed.code)
        except Overrun:
            self._good_bye = (POLICY, "read the answers first")
        except DaseinError as error:
            self._refuse(error)
        finally:
            self._feed.leave(self)
            self._findings.leave(self)
            self._over.set()
            self._outbox.close()
            writer.join(self._patience.tick_s + GOOD_BYE_S)
            self._wire.linger()

    def close(self, code: int, reason: str) -> None:
        """End the conversation from another thread, after what waits to be sent."""
        self._good_bye = (code, reason)
        self._outbox.close()

    def offer(self, news: News) -> None:
        """Take what happened to a job."""
        for subscription in self._subscriptions.values():
            if subscription.concerns(news.job):
                for name, data in news.told:
                    text = event_text(subscription.id, subscription.topic, name, view=news.view, data=data)
                    self._outbox.news(text)

    def found(self, job: News, batch: str, name: str, data: bytes) -> None:
        """Take what is new in the knowledge."""
        for subscription in self._subscriptions.values():
            if subscription.concerns_batch(job.job.tenant, batch):
                self._outbox.news(event_text(subscription.id, subscription.topic, name, view=job.view, data=data))

    def lost(self) -> None:
        """Know that changes may have gone by unseen."""
        if self._subscriptions:
            self._outbox.lose()

    def wants(self) -> frozenset[str] | None:
        """Return the jobs that are followed, None if any may be of interest."""
        followed = [one.job for one in self._subscriptions.values() if one.topic != "vulnerabilities"]
        return None if None in followed else frozenset(job for job in followed if job is not None)

    def _introduced(self, admit: Admit) -> Admission:
        ends = monotonic() + self._patience.auth_s
        while monotonic() < ends:
            for text in self._wire.receive():
                said = understood(text)
                if not isinstance(said, Auth):
                    raise Unauthenticated("Say first who you are.")
                return admit(said)
        raise self._leaving(NOT_SAID, "nothing was said")

    def _listen(self, admission: Admission) -> None:
        patience = self._patience
        looked = asked = busy = monotonic()
        while True:
            for text in self._wire.receive():
                self._hear(text, admission.principal.tenant)
            now, heard = monotonic(), self._wire.heard_at
            if now - looked >= patience.look_s:
                looked = now
                if not admission.allowed():
                    raise Unauthenticated("The key or token does not count any more.")
            if now - heard >= 2 * patience.ping_s:
                raise self._leaving(GOING_AWAY, "no sign of life")
            if now - max(heard, asked) >= patience.ping_s:
                asked = now
                self._wire.ping()
            if self._subscriptions:
                busy = now
            elif now - busy >= patience.idle_s:
                raise self._leaving(NOT_SAID, "nothing is subscribed to")

    def _hear(self, text: str, tenant: str) -> None:
        now = monotonic()
        patience = self._patience
        self._left = min(patience.burst, self._left + (now - self._heard_at) * patience.a_second) - 1
        self._heard_at = now
        if self._left < 0:
            raise self._leaving(POLICY, "too many messages")
        said: Said | None = None
        try:
            said = understood(text)
            self._do(said, tenant)
        except DaseinError as error:
            named = {"id": said.id} if isinstance(said, Subscribe | Unsubscribe) else {}
            self._answer(type="error", code=error.code, detail=_public(error), **named)

    def _do(self, said: Said, tenant: str) -> None:
        if isinstance(said, Subscribe):
            self._subscribe(said, tenant)
        elif isinstance(said, Unsubscribe):
            if said.id not in self._subscriptions:
                raise NotFound("There is no such subscription.")
            self._subscriptions = {name: one for name, one in self._subscriptions.items() if name != said.id}
            self._answer(type="unsubscribed", id=said.id)
        elif isinstance(said, Ping):
            self._answer(type="pong")
        else:
            self._answer(type="ready", tenant=tenant)

    def _subscribe(self, said: Subscribe, tenant: str) -> None:
        if said.id in self._subscriptions:
            raise Conflict("There is a subscription of this id.")
        if len(self._subscriptions) >= SUBSCRIPTIONS:
            raise TooManySubscriptions(f"A connection has at most {SUBSCRIPTIONS} subscriptions.")
        wanted = Subscription(tenant, said.id, said.topic, said.job, said.kind, said.tag)
        if wanted.job is not None and wanted.topic != "vulnerabilities":
            job = self._jobs.get(wanted.job, tenant=tenant)
            if wanted.topic == "campaigns" and job.kind != CAMPAIGN.name:
                raise NotFound("There is no such campaign.")
        if wanted.topic == "vulnerabilities":
            self._findings.join(self, tenant)
        else:
            self._feed.join(self)
        # First the subscription, then the look: what happens in between is told twice rather than not at all.
        self._subscriptions = {**self._subscriptions, wanted.id: wanted}
        try:
            self._outbox.reply(self._snapshot(wanted))
        except DaseinError:
            self._subscriptions = {name: one for name, one in self._subscriptions.items() if name != wanted.id}
            raise

    def _snapshot(self, of: Subscription) -> bytes:
        told: dict[str, Any] = {"type": "snapshot", "id": of.id, "topic": of.topic}
        if of.topic == "vulnerabilities":
            return to_json(told | {"data": self._findings.known(of.tenant, campaign=of.job)})
        if of.job is not None:
            with suppress(NotFound, Gone):
                shown = JobView.of(self._jobs.get(of.job, tenant=of.tenant), in_list=True)
                return to_json(told | {"jobs": [shown.model_dump(mode="json")], "more": False})
            return to_json(told | {"jobs": [], "more": False})
        kind = CAMPAIGN.name if of.topic == "campaigns" else of.kind
        page = self._jobs.find(tenant=of.tenant, kind=kind, state=None, tag=of.tag, cursor=None, limit=NEWEST)
        jobs = [JobView.of(job, in_list=True).model_dump(mode="json") for job in page.jobs if of.concerns(job)]
        return to_json(told | {"jobs": jobs, "more": page.cursor is not None})

    def _write(self) -> None:
        lags = 0
        try:
            while (item := self._outbox.take(self._patience.tick_s)) is not None:
                if isinstance(item, int):
                    lags += 1
                    if lags > LAGS:
                        self._good_bye = (TRY_LATER, "reads too slowly")
                        break
                    self._wire.send(to_json({"type": "lagged", "missed": item}))
                    for subscription in self._subscriptions.values():
                        self._wire.send(self._snapshot(subscription))
                elif item:
                    self._wire.send(item)
                else:
                    lags = 0
        except Closed:
            return
        except DaseinError as error:
            log.warning("snapshot_not_sent", error=error.message)
            self._good_bye = (TRY_LATER, "try again later")
        self._wire.close(*self._good_bye)
        # The client's own good-bye ends the other thread; one that says none is not waited for.
        if not self._over.wait(GOOD_BYE_S):
            self._wire.cut()

    def _refuse(self, error: DaseinError) -> None:
        with suppress(Overrun):
            self._answer(type="error", code=error.code, detail=_public(error))
        code = next((CODES[cls] for cls in type(error).__mro__ if cls in CODES), POLICY)
        self._good_bye = (code, error.code)

    def _leaving(self, code: int, reason: str) -> Closed:
        self._good_bye = (code, reason)
        return Closed(code)

    def _answer(self, **told: Any) -> None:
        self._outbox.reply(to_json(told))


def _public(error: DaseinError) -> str:
    # What a store said is ours to read, not the client's.
    return "A part of the farm did not answer; try again." if isinstance(error, Transient) else error.message
