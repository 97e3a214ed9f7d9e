"""What each key on the server of job records is to a backup; the adapters of these keys say what lies in them."""

from enum import Enum, auto


class Role(Enum):
    """What is to be done with a key."""

    KEPT = auto()
    """It is copied, by itself."""
    WITH = auto()
    """It is copied with the key that it belongs to, in one step."""
    DERIVED = auto()
    """It is made again from what is kept."""
    PASSING = auto()
    """It is of this moment alone: messages, workers, limits, what changed just now."""


JOB_PARTS = {"events": Role.WITH, "gone": Role.KEPT, "pending": Role.DERIVED}
BY_TWO = {
    ("jobs", "key"): Role.KEPT,
    ("jobs", "traces"): Role.KEPT,
    ("jobs", "dead"): Role.KEPT,
    ("jobs", "changes"): Role.PASSING,
    ("jobs", "ends"): Role.PASSING,
    ("webhooks", "secret"): Role.KEPT,
    ("webhooks", "list"): Role.KEPT,
    ("webhooks", "due"): Role.KEPT,
    ("webhooks", "seq"): Role.KEPT,
    ("webhooks", "wake"): Role.PASSING,
    ("identity", "key"): Role.KEPT,
    ("identity", "tenant"): Role.KEPT,
    ("identity", "keys"): Role.DERIVED,
    ("identity", "tenants"): Role.DERIVED,
}
DEAD = "jobs:dead"
"""All tenants' dead letters; each tenant's are kept."""
BY_FAMILY = {
    "audit": Role.KEPT,
    "webhook": Role.KEPT,
    "jobs": Role.DERIVED,
    "batches": Role.DERIVED,
    "limit": Role.PASSING,
    "workers": Role.PASSING,
}
BEGINNINGS = ("_kombu", "unacked", "celery")
"""Of Celery's and its transport's own keys."""
SEPARATOR = "\x06\x16"
"""Between a queue's name and a priority."""


def role_of(key: str, queues: tuple[str, ...]) -> Role | None:
    """Return what a key is; None for one that nobody here knows."""
    family, *rest = key.split(":")
    if family == "job" and rest:
        return JOB_PARTS.get(rest[-1], Role.KEPT) if len(rest) > 1 else Role.KEPT
    if key == DEAD:
        return Role.DERIVED
    if family == "batch" and rest:
        return Role.WITH if rest[-1] == "jobs" else Role.KEPT
    if rest and (family, rest[0]) in BY_TWO:
        return BY_TWO[family, rest[0]]
    if rest and family in BY_FAMILY:
        return BY_FAMILY[family]
    passing = key.startswith(BEGINNINGS) or key.endswith(".pidbox") or key.partition(SEPARATOR)[0] in queues
    return Role.PASSING if passing else None


def companion(key: str) -> str | None:
    """Return the key that is copied in one step with this one."""
    parts = key.split(":")
    if len(parts) != 2:
        return None
    return {"job": f"{key}:events", "batch": f"{key}:jobs"}.get(parts[0])
