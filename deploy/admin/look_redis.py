"""The Redis of jobs, and that of the cache: whether each keeps what it promises."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from redis import Redis

from config.settings import Settings
from deploy.admin.finding import Finding, answering, fail, ok, warn
from stores.redis_client import connect, translated

OLDEST = (7, 0)
"""The oldest that the tests have seen the scripts run on."""
FULL = 0.8
SKEW_S = 1.0
"""Of clocks; leases are of seconds."""


def look_at_jobs(settings: Settings, clock: Callable[[], float]) -> Iterator[Finding]:
    """Yield how the Redis of queue and job records is: it must forget nothing and be on time."""
    found: list[Finding] = []
    with (
        answering("redis", found, "Start it (`make up`), or mend DASEIN_REDIS_URL."),
        connect(settings.redis, patience_s=0, connections=1) as redis,
        translated(),
    ):
        told = _told(redis)
        before = clock()
        seconds, microseconds = redis.time()
        skew_s = seconds + microseconds / 1e6 - (before + clock()) / 2
        found += [*_kept(told), _room("redis", told), _on_time(skew_s, settings.lease_s), _version(told)]
    yield from found


def look_at_cache(settings: Settings) -> Iterator[Finding]:
    """Yield how the cache is: it must forget rather than refuse, and must not share the server of jobs."""
    found: list[Finding] = []
    with (
        answering("cache", found, "Start it, or mend DASEIN_CACHE_URL. Until then every question is answered anew."),
        connect(settings.cache, patience_s=0, connections=1) as redis,
        translated(),
    ):
        policy = _told(redis)["maxmemory_policy"]
        if policy == "noeviction":
            said = "it refuses writes when it is full, instead of forgetting what was used least lately."
            found.append(warn("cache", said, "Give it a server of its own with `maxmemory-policy allkeys-lru`."))
        else:
            found.append(ok("cache", f"answers, and forgets by {policy}."))
    yield from found


def _told(redis: Redis) -> Mapping[str, Any]:
    """Return what a server says of itself."""
    told: Any = redis.info()
    return cast("Mapping[str, Any]", told)


def _kept(told: Mapping[str, Any]) -> Iterator[Finding]:
    if not told.get("aof_enabled"):
        yield fail("redis", "it keeps no log of writes: a restart loses jobs.", "Set `appendonly yes`.")
    elif told.get("aof_last_write_status") != "ok":
        yield fail("redis", "its last write to disk failed.", "Make room on its disk; look into its log.")
    else:
        yield ok("redis", "answers, and logs every write.")
    if told["maxmemory_policy"] != "noeviction":
        yield fail(
            "redis",
            f"it forgets records by {told['maxmemory_policy']} when memory is short.",
            "Set `maxmemory-policy noeviction`.",
        )


def _room(about: str, told: Mapping[str, Any]) -> Finding:
    used, most = int(told["used_memory"]), int(told.get("maxmemory", 0))
    if not most:
        said = "its memory has no limit: the machine's would be taken first."
        return warn(about, said, "Set `maxmemory` below what the machine or container has.")
    said = f"{used / most:.0%} of its memory is used ({used >> 20} of {most >> 20} MiB)."
    advice = "Shorten DASEIN_JOB_RETENTION_S, or give it more memory: when it is full, submissions get 503."
    return warn(about, said, advice) if used > FULL * most else ok(about, said)


def _on_time(skew_s: float, lease_s: float) -> Finding:
    said = f"its clock is {abs(skew_s):.3f} s {'ahead of' if skew_s > 0 else 'behind'} this machine's."
    advice = "Let both keep time by NTP: deadlines and times in records are told by these clocks."
    if abs(skew_s) > lease_s:
        return fail("clock", said, advice)
    return warn("clock", said, advice) if abs(skew_s) > SKEW_S else ok("clock", said)


def _version(told: Mapping[str, Any]) -> Finding:
    version = str(told["redis_version"])
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST:
        said = f"Redis {version} is older than what this was tried with."
        return warn("redis", said, f"Take {'.'.join(map(str, OLDEST))} or a later one.")
    return ok("redis", f"Redis {version}.")
