"""What each key on the server of job records is to a backup; the adapters of these keys say what lies in them."""

from enum import Enum, auto


class Fate(Enum):
    """What is to be done with a key."""

    KEPT = auto()
    """It is copied, by itself."""
    WITH = auto()
    """It is copied with the key that it belongs to, in one step."""
    DERIVED = auto()
    """It is made again from what is kept."""
    PASSING = auto()
    """It is of this moment alone: messages, workers, limits, what changed just now."""


JOB_PARTS = {"events": Fate.WITH, "gone": Fate.KEPT, "pending": Fate.DERIVED}
BY_TWO = {
    ("jobs", "key"): Fate.KEPT,
    ("jobs", "traces"): Fate.KEPT,
    ("jobs", "dead"): Fate.KEPT,
    ("jobs", "changes"): Fate.PASSING,
    ("jobs", "ends"): Fate.PASSING,
    ("webhooks", "secret"): Fate.KEPT,
    ("webhooks", "list"): Fate.KEPT,
    ("webhooks", "due"): Fate.KEPT,
    ("webhooks", "seq"): Fate.KEPT,
    ("webhooks", "wake"): Fate.PASSING,
    ("identity", "key"): Fate.KEPT,
    ("identity", "tenant"): Fate.KEPT,
    ("identity", "keys"): Fate.DERIVED,
    ("identity", "tenants"): Fate.DERIVED,
}
DEAD = "jobs:dead"
"""All tenants' dead letters; each tenant's are kept."""
BY_FAMILY = {
    "audit": Fate.KEPT,
    "webhook": Fate.KEPT,
    "jobs": Fate.DERIVED,
    "batches": Fate.DERIVED,
    "limit": Fate.PASSING,
    "workers": Fate.PASSING,
    "folders": Fate.PASSING,
}
BEGINNINGS = ("_kombu", "unacked", "celery")
"""Of Celery's and its transport's own keys."""
SEPARATOR = "\x06\x16"
"""Between a queue's name and a priority."""


def fate_of(key: str, queues: tuple[str, ...]) -> Fate | None:
    """Return what a key is; None for one that nobody here knows."""
    family, *rest = key.split(":")
    if family == "job" and rest:
        return JOB_PARTS.get(rest[-1], Fate.KEPT) if len(rest) > 1 else Fate.KEPT
    if key == DEAD:
        return Fate.DERIVED
    if family == "batch" and rest:
        return Fate.WITH if rest[-1] == "jobs" else Fate.KEPT
    if rest and (family, rest[0]) in BY_TWO:
        return BY_TWO[family, rest[0]]
    if rest and family in BY_FAMILY:
        return BY_FAMILY[family]
    passing = key.startswith(BEGINNINGS) or key.endswith(".pidbox") or key.partition(SEPARATOR)[0] in queues
    return Fate.PASSING if passing else None


def companion(key: str) -> str | None:
    """Return the key that is copied in one step with this one."""
    parts = key.split(":")
    if len(parts) != 2:
        return None
    return {"job": f"{key}:events", "batch": f"{key}:jobs"}.get(parts[0])
