"""Whose job is next, in this process's memory: the rules of `jobs_lua/turns.lua`, on plain data. Callers hold a lock."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from stores.turns import FIRST_GUESS_S, MEMORY, PLACES

Share = tuple[str, str]
"""A tenant and a pool."""


@dataclass(slots=True)
class Ticket:
    """A posted job that has not started."""

    share: Share
    rank: tuple[int, int]
    """Lower is sooner: the more urgent first, then the older."""
    message: str
    out_at: float | None = None
    """None: it is held."""
    turn: float = 0.0
    charge: float = 0.0


@dataclass(frozen=True, slots=True)
class Run:
    """An attempt that goes on."""

    share: Share
    began: float
    charge: float


class Line:
    """The lists of pools, and who is held before them."""

    def __init__(self, *, now: Callable[[], float], weight: Callable[[str], float]) -> None:
        """Count seconds by `now`, and read a tenant's `weight` whenever it matters."""
        self.lists: defaultdict[str, list[str]] = defaultdict(list)
        """The messages of each pool, the next one first."""
        self._now = now
        self._weight = weight
        self._tickets: dict[str, Ticket] = {}
        self._runs: dict[str, Run] = {}
        self._shares: dict[str, Share] = {}
        self._accounts: defaultdict[Share, float] = defaultdict(float)
        self._means: dict[Share, float] = {}
        self._clocks: defaultdict[str, float] = defaultdict(float)
        self._places: defaultdict[str, int] = defaultdict(lambda: PLACES)

    def post(self, job_id: str, *, share: Share, rank: tuple[int, int], message: str) -> None:
        """Put a job's message where it belongs; may be done twice."""
        pool = share[1]
        self._shares[job_id] = share
        known = self._tickets.get(job_id)
        if known is not None and known.out_at is not None:
            if known.message in self.lists[pool]:
                self.lists[pool][self.lists[pool].index(known.message)] = message
            else:
                self.lists[pool].insert(0, message)
            known.message, known.out_at = message, self._now()
            return
        self._hold(job_id, Ticket(share, rank, message))
        self._overtake(job_id)
        self.fill(pool)

    def open(self, pool: str, places: int) -> None:
        """Note how many places a pool has, and give those that are free."""
        self._places[pool] = places
        self.fill(pool)

    def held(self, pool: str) -> Mapping[str, int]:
        """Return how many jobs each tenant has held, in turn."""
        counted = Counter(ticket.share[0] for ticket in self._held(pool).values())
        return {tenant: counted[tenant] for tenant in sorted(counted, key=lambda name: self._turn(name, pool))}

    def is_astray(self, job_id: str, *, before: float) -> bool:
        """Say whether a queued job is neither held nor in the list, and went out before a time."""
        ticket = self._tickets.get(job_id)
        if ticket is None:
            return True
        is_new = ticket.out_at is None or ticket.out_at > before
        return not is_new and ticket.message not in self.lists[ticket.share[1]]

    def fill(self, pool: str) -> None:
        """Give the places that are free to those whose turn it is."""
        while len(self.lists[pool]) < self._places[pool] and (held := self._held(pool)):
            tenant = min((ticket.share[0] for ticket in held.values()), key=lambda name: self._turn(name, pool))
            theirs = {job_id: ticket for job_id, ticket in held.items() if ticket.share[0] == tenant}
            ticket = theirs[min(theirs, key=lambda job_id: theirs[job_id].rank)]
            mean = self._means.get(ticket.share, FIRST_GUESS_S)
            ticket.turn = max(self._accounts[ticket.share], self._clocks[pool])
            ticket.charge = mean / self._weight(tenant)
            ticket.out_at = self._now()
            self._accounts[ticket.share] = ticket.turn + ticket.charge
            self.lists[pool].append(ticket.message)

    def fill_for(self, job_id: str) -> None:
        """Give the places that are free in a job's pool: its message has left the list."""
        if job_id in self._shares:
            self.fill(self._shares[job_id][1])

    def begin(self, job_id: str) -> None:
        """Let a job start, wherever it waited."""
        ticket, share = self._tickets.pop(job_id, None), self._shares.get(job_id)
        if share is None:
            return
        turn, charge = (ticket.turn, ticket.charge) if ticket is not None else (0.0, 0.0)
        self._clocks[share[1]] = max(self._clocks[share[1]], turn)
        self._runs[job_id] = Run(share, self._now(), charge)
        if ticket is not None and ticket.message in self.lists[share[1]]:
            # It had been sent again, and comes from the first message.
            self.lists[share[1]].remove(ticket.message)
            self.fill(share[1])

    def settle(self, job_id: str) -> None:
        """Charge a tenant with what an attempt took rather than with what it was taken to take."""
        run = self._runs.pop(job_id, None)
        if run is not None:
            ran = max(self._now() - run.began, 0.0)
            mean = self._means.get(run.share, ran)
            self._means[run.share] = mean + (ran - mean) / MEMORY
            self._accounts[run.share] += ran / self._weight(run.share[0]) - run.charge

    def quit(self, job_id: str) -> None:
        """Have done with a job: its message is no longer in anybody's way."""
        self.settle(job_id)
        ticket = self._tickets.pop(job_id, None)
        if ticket is not None and ticket.out_at is not None:
            self._accounts[ticket.share] -= ticket.charge
            if ticket.message in self.lists[ticket.share[1]]:
                self.lists[ticket.share[1]].remove(ticket.message)
        self.fill_for(job_id)

    def forget(self, job_id: str) -> None:
        """Know nothing of a job any more."""
        self.quit(job_id)
        self._shares.pop(job_id, None)

    def forget_tenant(self, tenant: str) -> None:
        """Know nothing of a tenant any more."""
        for share in [share for share in self._accounts if share[0] == tenant]:
            del self._accounts[share]
        for share in [share for share in self._means if share[0] == tenant]:
            del self._means[share]

    def _hold(self, job_id: str, ticket: Ticket) -> None:
        ticket.out_at, ticket.turn, ticket.charge = None, 0.0, 0.0
        self._tickets[job_id] = ticket

    def _overtake(self, job_id: str) -> None:
        moving = self._tickets[job_id]
        pool = moving.share[1]
        behind = [
            (other_id, other)
            for other_id, other in self._tickets.items()
            if other.share == moving.share and other.out_at is not None and other.rank > moving.rank
        ]
        for other_id, other in sorted(behind, key=lambda pair: pair[1].rank):
            if other.message in self.lists[pool]:
                self.lists[pool][self.lists[pool].index(other.message)] = moving.message
                moving.out_at, moving.turn, moving.charge = self._now(), other.turn, other.charge
                self._hold(other_id, other)
                moving = other

    def _held(self, pool: str) -> Mapping[str, Ticket]:
        return {
            job_id: ticket
            for job_id, ticket in self._tickets.items()
            if ticket.share[1] == pool and ticket.out_at is None
        }

    def _turn(self, tenant: str, pool: str) -> tuple[float, str]:
        return max(self._accounts[tenant, pool], self._clocks[pool]), tenant
