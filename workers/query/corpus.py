"""What a tenant's data is as a whole, as writers see it: version, hidden batches, spaces of vectors, and who may write.

One record a tenant, swapped by compare-and-swap. A writer holds a lease named after its job, so that a job that is
resumed has it at once; a lease that lapsed may be taken by anybody.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Event
from types import TracebackType
from typing import Literal, Self

from jobs.errors import StoreUnavailable
from stores.corpus import CORPUS
from stores.documents import Documents, Record, Shelf
from stores.rem_space import rem_spaces
from stores.vectors import Space
from workers.query.corpus_changes import Body
from workers.query.services import QueryServices

LEASE_S = 60.0
"""How long a writer may be silent; it renews halfway. Longer than any single call to a store, and twice as long as the
clocks of two workers may differ."""
LOOK_S = 0.05
"""How often a waiting writer looks whether it is its turn."""
LOOKS_BETWEEN = 20
"""After so many looks it asks again whether who writes is still at work."""
Change = tuple[int, str, Literal["added", "removed"]]


@dataclass(frozen=True, slots=True)
class Ledger:
    """What a writer has to know of the corpus; readers know the first three (`stores.corpus`)."""

    version: int
    """Grows whenever what readers see has changed."""
    hidden: frozenset[str]
    """Batches that are being written or removed."""
    spaces: Mapping[str, str]
    """Name of a space -> model of the vectors that serve."""
    building: Mapping[str, str]
    """Name of a space -> model of vectors that are being made and will serve."""
    dimensions: Mapping[str, int]
    """Key of a space -> dimensions."""
    pending: tuple[str, ...]
    """Batches that are seen, while what they share with others has not been counted again."""
    changes: tuple[Change, ...]
    """The latest, oldest first."""

    def all_spaces(self) -> list[Space]:
        """Return the spaces that an encoder's or profiles' vectors serve from, or will, in a fixed order."""
        pairs = sorted({*self.spaces.items(), *self.building.items()})
        return [Space(name, model, self.dimensions[f"{name}__{model}"]) for name, model in pairs]

    def rem_spaces(self) -> list[Space]:
        """Return the spaces that hold vectors of records, which are kept apart from these."""
        return rem_spaces(self.dimensions)


class Writing:
    """The right to write a tenant's data, held while the `with` block runs."""

    def __init__(
        self,
        documents: Documents,
        tenant: str,
        *,
        owner: str,
        clock: Callable[[], float],
        check: Callable[[], None],
        is_held: Callable[[str], bool] = lambda _owner: True,
        lease_s: float = LEASE_S,
    ) -> None:
        """Write as `owner`; `check` raises when the job should stop, and is asked while waiting, too.

        A lease whose owner `is_held` by no worker is taken at once: a job that lost its worker waits behind us, perhaps.
        """
        self.tenant = tenant
        self.owner = owner
        self._documents = documents
        self._clock = clock
        self._check = check
        self._is_held = is_held
        self._looks = 0
        self._lease_s = lease_s
        self._record = Record(CORPUS, {})
        self._body: Body = {}

    @property
    def corpus(self) -> Ledger:
        """Return what the tenant's data is, as this writer left it."""
        return _ledger(self._body)

    def __enter__(self) -> Self:
        turn = Event()
        while not self._take():
            self._check()
            turn.wait(LOOK_S)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._swap(self._body | {"writer": None})
        except StoreUnavailable:
            # The lease lapses by itself. What went wrong before is what the caller should hear.
            if error is None:
                raise

    def hold(self) -> None:
        """Renew the lease if it is time to; raise what `check` raises, and StoreUnavailable if the lease was lost."""
        self._check()
        # A clock that was set back would otherwise let the lease lapse for everybody else.
        if not self._lease_s / 2 <= self._body["writer"]["until"] - self._clock() <= self._lease_s:
            self.change(lambda body: body)

    def go_on(self) -> None:
        """Ask no more whether to stop: what begins now would leave readers worse off half done than late."""
        self._check = lambda: None

    def change(self, change: Callable[[Body], Body]) -> Ledger:
        """Change the corpus in one swap and renew the lease; `change` may be asked again, with a newer body."""
        while not self._swap(change(self._body) | {"writer": self._mine()}):
            self._read()
            if (self._body.get("writer") or {}).get("owner") != self.owner:
                raise StoreUnavailable("Another job has taken over the writing, since this one was silent too long.")
        return self.corpus

    def _take(self) -> bool:
        self._read()
        writer = self._body["writer"]
        if writer is not None and writer["until"] > self._clock() and self._is_at_work(writer["owner"]):
            return False
        return self._swap(self._body | {"writer": self._mine()})

    def _is_at_work(self, owner: str) -> bool:
        if owner == self.owner:
            return False
        self._looks += 1
        return self._looks % LOOKS_BETWEEN != 1 or self._is_held(owner)

    def _mine(self) -> Body:
        return {"owner": self.owner, "until": self._clock() + self._lease_s}

    def _read(self) -> None:
        found = self._documents.get(self.tenant, Shelf.CORPUS, [CORPUS]).get(CORPUS)
        self._record = found or Record(CORPUS, {})
        self._body = _body(found)

    def _swap(self, body: Body) -> bool:
        version = self._record.version
        if not self._documents.swap(self.tenant, Shelf.CORPUS, Record(CORPUS, body), expected=version):
            return False
        self._record = Record(CORPUS, body, version=version + 1)
        self._body = body
        return True


def writing(tenant: str, job_id: str, services: QueryServices, *, check: Callable[[], None]) -> Writing:
    """Return the right to write a tenant's data as a job."""
    return Writing(
        services.documents, tenant, owner=job_id, clock=services.clock, check=check, is_held=services.is_held
    )


def _body(record: Record | None) -> Body:
    empty: Body = {"version": 0, "hidden": [], "writer": None, "spaces": {}, "building": {}, "dimensions": {}}
    return empty | {"pending": [], "changes": []} | dict(record.body if record else {})


def _ledger(body: Body) -> Ledger:
    return Ledger(
        version=body["version"],
        hidden=frozenset(body["hidden"]),
        spaces=dict(body["spaces"]),
        building=dict(body["building"]),
        dimensions=dict(body["dimensions"]),
        pending=tuple(body["pending"]),
        changes=tuple((version, batch, what) for version, batch, what in body["changes"]),
    )
