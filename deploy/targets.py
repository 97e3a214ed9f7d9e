"""Where a Prometheus finds the processes of this machine: `<data>/prometheus/targets.json`, read by its file_sd_configs."""

import json
import socket
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from config.settings import Settings

FIRST_PORT = 9464
"""Of the workers' numbers; each worker takes the next one that is free."""
WORKER = "worker"
AUTOSCALER = "autoscaler"
LOOPBACK = "127.0.0.1"
ANYWHERE = ("0.0.0.0", "::")  # noqa: S104  # nothing listens here: what is told to listen anywhere is reached on loopback


def path(settings: Settings) -> Path:
    """Return where the targets are written."""
    return settings.data_dir / "prometheus" / "targets.json"


def ports(settings: Settings, workers: Sequence[str], *, running: Iterable[str]) -> Mapping[str, int]:
    """Return a port for each worker: that of its last start while it is `running`, or may be had again."""
    known = _remembered(settings)
    kept = {name: known[name] for name in running if name in known}
    # Those of other servers are free while these have not started.
    taken = {*kept.values(), *_of_others(settings)}
    found = dict(kept)
    for name in workers:
        if name in found:
            continue
        wanted = known.get(name)
        if wanted is None or wanted in taken or not is_free(settings.metrics_host, wanted):
            wanted = _next(settings, taken)
        found[name] = wanted
        taken.add(wanted)
    return {name: found[name] for name in workers}


def write(settings: Settings, workers: Iterable[tuple[str, str]], at: Mapping[str, int]) -> None:
    """Write down where web, Flower, the autoscaler and these workers, each with its pool, tell their numbers."""
    host = LOOPBACK if settings.metrics_host in ANYWHERE else settings.metrics_host
    web = LOOPBACK if settings.host in ANYWHERE else settings.host
    groups = [
        _group(web, settings.port, job="web"),
        _group(LOOPBACK, settings.flower_port, job="flower"),
        *([_group(settings.autoscaler.host, settings.autoscaler.port, job=AUTOSCALER)] if settings.autoscale else []),
        *(_group(host, at[name], job=WORKER, pool=pool, worker=name) for pool, name in workers),
    ]
    file = path(settings)
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text(json.dumps(groups, indent=1))
    # Prometheus reads it at any moment.
    part.replace(file)


def is_free(host: str, port: int) -> bool:
    """Say whether a server could listen there."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        # As servers do: connections that have just ended do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _of_others(settings: Settings) -> set[int]:
    stores = {settings.redis_port, settings.graph_port, settings.cache_port}
    return stores | {settings.port, settings.flower_port, settings.autoscaler.port}


def _next(settings: Settings, taken: Iterable[int]) -> int:
    first = settings.metrics_port or FIRST_PORT
    found = (port for port in range(first, 2**16) if port not in taken and is_free(settings.metrics_host, port))
    return next(found)


def _remembered(settings: Settings) -> dict[str, int]:
    """Return the ports of the last start, by worker."""
    try:
        groups = json.loads(path(settings).read_text())
        mine = [group for group in groups if group["labels"]["job"] == WORKER]
        return {group["labels"]["worker"]: int(group["targets"][0].rpartition(":")[2]) for group in mine}
    except (FileNotFoundError, ValueError, LookupError, TypeError):
        return {}


def _group(host: str, port: int, **labels: str) -> dict[str, object]:
    return {"targets": [f"[{host}]:{port}" if ":" in host else f"{host}:{port}"], "labels": labels}
