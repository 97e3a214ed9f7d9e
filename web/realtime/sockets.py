"""The sockets of one process: let in, counted, and seen off when it stops."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from socket import socket
from threading import Lock

from flask import Request, g
from structlog.contextvars import bind_contextvars

from stores.ports import Jobs
from web import permissions
from web.api_v2.things import Knowledge
from web.guard import Authenticate
from web.realtime.feed import Feed
from web.realtime.findings import Findings
from web.realtime.outbox import Outbox
from web.realtime.session import Session
from web.realtime.standing import still_allowed
from web.realtime.terms import Admission, Patience
from web.realtime.topics import Auth
from web.realtime.upgrade import Upgraded, accepted, connection_of
from web.realtime.wire import GOING_AWAY, TRY_LATER, Wire
from web.waiting import Hub, Stay

MESSAGE_CHARACTERS = 16 * 1024
STRANGERS = 256
"""Sockets of one process whose clients have not said yet who they are."""
STOPPING = "the server stops"


class Sockets:
    """Turns requests into sessions; every session of a known client holds a place among the waiters of the hub."""

    def __init__(
        self,
        jobs: Jobs,
        knowledge: Knowledge,
        authenticate: Authenticate,
        recognise: Authenticate,
        hub: Hub,
        *,
        watch: Callable[[int], None] = lambda _count: None,
        patience: Patience | None = None,
        outbox: Callable[[], Outbox] = Outbox,
    ) -> None:
        """Tell of `jobs` and `knowledge`; tell `watch` the number of sockets as it changes.

        Who comes in is charged by `authenticate`; whether they may stay is looked at by `recognise`.
        """
        self._jobs = jobs
        self._authenticate = authenticate
        self._recognise = recognise
        self._hub = hub
        self._watch = watch
        self._patience = patience or Patience()
        self._outbox = outbox
        self._feed = Feed(jobs, hub)
        self._findings = Findings(knowledge, self._feed)
        self._lock = Lock()
        self._open: set[Session] = set()
        self._strangers = 0
        hub.at_stop(self._see_off)

    def upgraded(self, made: Request) -> Upgraded:
        """Answer a request for a socket; raise UpgradeRequired, or Unauthenticated or Forbidden if it names its caller."""
        key, connection = accepted(made), connection_of(made.environ)
        named = "X-API-Key" in made.headers or "Authorization" in made.headers
        admission = self._admitted(made, made.endpoint or "") if named else None
        return Upgraded(connection, key, lambda: self._hold(connection, made, admission))

    def _hold(self, connection: socket, made: Request, admission: Admission | None) -> None:
        wire = Wire(connection, limit=MESSAGE_CHARACTERS, tick_s=self._patience.tick_s)
        session = Session(wire, self._jobs, self._feed, self._findings, patience=self._patience, outbox=self._outbox())
        endpoint = made.endpoint or ""
        with ExitStack() as held, ExitStack() as strange:
            held.enter_context(self._among_the_open(session))
            if admission is None:
                strange.enter_context(self._among_strangers(session))

            def admit(said: Auth | None) -> Admission:
                known = admission or self._admitted(_naming(made, said), endpoint)
                # The place that it takes is counted as that of this caller.
                g.caller = known.principal
                bind_contextvars(tenant=known.principal.tenant)
                held.enter_context(self._hub.enter("", Stay.WEBSOCKET))
                strange.close()
                return known

            session.run(admit, known=admission is not None)

    def _admitted(self, made: Request, endpoint: str) -> Admission:
        principal = self._authenticate(made)
        permissions.check(endpoint, principal)
        return Admission(principal, lambda: still_allowed(self._recognise, made, principal, endpoint))

    @contextmanager
    def _among_the_open(self, session: Session) -> Iterator[None]:
        with self._lock:
            self._open.add(session)
            self._watch(len(self._open))
        if self._hub.stopped:
            session.close(GOING_AWAY, STOPPING)
        try:
            yield
        finally:
            with self._lock:
                self._open.discard(session)
                self._watch(len(self._open))

    @contextmanager
    def _among_strangers(self, session: Session) -> Iterator[None]:
        with self._lock:
            self._strangers += 1
            too_many = self._strangers > STRANGERS
        if too_many:
            session.close(TRY_LATER, "too many wait here")
        try:
            yield
        finally:
            with self._lock:
                self._strangers -= 1

    def _see_off(self) -> None:
        with self._lock:
            sessions = list(self._open)
        for session in sessions:
            session.close(GOING_AWAY, STOPPING)


def _naming(made: Request, said: Auth | None) -> Request:
    """Return the request as if its headers had named the caller, as its first message does."""
    environ = dict(made.environ)
    if said is not None and said.key is not None:
        environ["HTTP_X_API_KEY"] = said.key
    if said is not None and said.token is not None:
        environ["HTTP_AUTHORIZATION"] = f"Bearer {said.token}"
    return Request(environ)
