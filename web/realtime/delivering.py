"""Tells receivers that jobs have ended: claims what is due, calls, and notes what came of it.

Every web process does this; a claim makes sure that one of them has a delivery. A receiver may still hear twice, from a
process that died before it could say that it had called: the id is the same both times.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import SystemRandom
from threading import Event, Lock, Semaphore, Thread

import structlog

from jobs.errors import Gone, NotFound, StoreUnavailable
from stores.ports import Jobs
from stores.webhooks import Deliveries, Delivery, Outcome, WebhookSecrets
from web.api_v2.answers import JobView
from web.realtime.addresses import Refused
from web.realtime.calling import Callbacks, NotReached
from web.realtime.signing import HEADER, signature

AT_ONCE = 8
"""Calls of one process."""
FOR_ONE_TENANT = 4
LEASE_S = 60.0
IDLE_S = 1.0
ATTEMPTS = 8
FIRST_PAUSE_S, LONGEST_PAUSE_S = 10.0, 3600.0
GONE = 410
CHANCE = SystemRandom().random

log = structlog.get_logger(__name__)


def pause_s(attempt: int, chance: float) -> float:
    """Return how long to wait after an attempt, counted from 1: three times as long each time; `chance` in [0, 1)."""
    longest: float = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 3 ** (attempt - 1))
    return longest * (0.75 + 0.5 * chance)


@dataclass(frozen=True, slots=True)
class Hooks:
    """What is needed to deliver."""

    deliveries: Deliveries
    secrets: WebhookSecrets
    new_secret: Callable[[], str]


class Deliverer:
    """Delivers, in threads of its own once it is started."""

    def __init__(
        self,
        jobs: Jobs,
        hooks: Hooks,
        callbacks: Callbacks,
        *,
        clock: Callable[[], datetime],
        version: str,
        chance: Callable[[], float] = CHANCE,
        count: Callable[[str], None] = lambda _outcome: None,
    ) -> None:
        """Call through `callbacks`; tell `count` what came of each call."""
        self._jobs = jobs
        self._hooks = hooks
        self._callbacks = callbacks
        self._clock = clock
        self._chance = chance
        self._agent = f"dasein-webhooks/{version}"
        self._count = count
        self._lock = Lock()
        self._busy: Counter[str] = Counter()
        self._slots = Semaphore(AT_ONCE)
        self._stopped = Event()

    def start(self) -> None:
        """Deliver from now on, after the fork."""
        Thread(target=self._run, name="deliverer", daemon=True).start()

    def stop(self) -> None:
        """Begin nothing more; what is under way and does not end in time is due again after its lease."""
        self._stopped.set()

    def step(self) -> bool:
        """Deliver what is due the longest; return False if nothing is."""
        delivery = self._claimed()
        if delivery is None:
            return False
        self._deliver(delivery)
        return True

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._slots.acquire()
            try:
                delivery = self._claimed()
                if delivery is None:
                    self._slots.release()
                    self._hooks.deliveries.wait(IDLE_S)
                    continue
            except StoreUnavailable as error:
                self._slots.release()
                log.warning("deliveries_not_read", error=error.message)
                self._stopped.wait(IDLE_S)
                continue
            Thread(target=self._served, args=(delivery,), name="delivery", daemon=True).start()

    def _served(self, delivery: Delivery) -> None:
        try:
            self._deliver(delivery)
        except StoreUnavailable as error:
            # What was done is not known to the store: the lease will end, and it is tried again.
            log.warning("delivery_uncertain", job_id=delivery.id, error=error.message)
        finally:
            self._slots.release()

    def _claimed(self) -> Delivery | None:
        with self._lock:
            busy = [tenant for tenant, calls in self._busy.items() if calls >= FOR_ONE_TENANT]
        delivery = self._hooks.deliveries.claim(lease_s=LEASE_S, but=busy)
        if delivery is not None:
            with self._lock:
                self._busy[delivery.tenant] += 1
        return delivery

    def _deliver(self, delivery: Delivery) -> None:
        try:
            outcome = self._outcome(delivery)
            self._hooks.deliveries.settle(delivery, outcome)
        finally:
            with self._lock:
                self._busy[delivery.tenant] -= 1
                if not self._busy[delivery.tenant]:
                    del self._busy[delivery.tenant]
        self._count("retried" if outcome.again_s is not None else outcome.state.value)
        # The address stays out of the log: those of some services are as good as a key.
        log.info(
            "delivery_tried",
            job_id=delivery.id,
            tenant=delivery.tenant,
            attempt=delivery.attempts,
            status=outcome.status,
            problem=outcome.problem,
            again_s=outcome.again_s,
        )

    def _outcome(self, delivery: Delivery) -> Outcome:
        if delivery.attempts > ATTEMPTS:
            # Whoever claimed it died each time.
            return Outcome(problem="It was tried as often as it may.")
        try:
            status = self._call(delivery)
        except (NotFound, Gone, Refused) as error:
            return Outcome(problem=str(error))
        except NotReached as error:
            return self._again(delivery, None, str(error))
        if 200 <= status < 300 or status == GONE:
            return Outcome(status, "The receiver wants to hear no more." if status == GONE else None)
        return self._again(delivery, status, f"The receiver answered {status}.")

    def _call(self, delivery: Delivery) -> int:
        job = self._jobs.get(delivery.id, tenant=delivery.tenant)
        body = JobView.of(job).model_dump_json().encode()
        secrets = self._hooks.secrets.secrets(delivery.tenant, otherwise=self._hooks.new_secret())
        valid = [secrets.current, *([secrets.previous] if secrets.previous is not None else [])]
        headers = {
            "Content-Type": "application/json",
            "User-Agent": self._agent,
            "X-Dasein-Delivery": delivery.id,
            "X-Dasein-Attempt": str(delivery.attempts),
            HEADER: signature(body, valid, at=int(self._clock().timestamp())),
        }
        return self._callbacks.post(delivery.url, body, headers)

    def _again(self, delivery: Delivery, status: int | None, problem: str) -> Outcome:
        if delivery.attempts >= ATTEMPTS:
            return Outcome(status, problem)
        return Outcome(status, problem, again_s=pause_s(delivery.attempts, self._chance()))
