"""How the pools grow on Kubernetes: `python -m deploy.kubernetes.keda` writes `components/keda/pools.yaml`.

What waits for a pool is a set of job records for each kind of job (`jobs_redis_reader.py`), whichever list its message lies
in, if it is in one at all. KEDA would take the largest one of several sets for the pool's need, so each pool has a formula
that sums them.
"""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from jobs.queue import INGEST, QUERY, REMFORGE, SIMULATION, kinds_of

PLACE = Path(__file__).parent / "components" / "keda" / "pools.yaml"
HEAD = "# Written by `python -m deploy.kubernetes.keda`; change it there.\n"
REDIS = "redis.dasein.svc:6379"


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many workers a pool has at least and at most, and for how many waiting jobs there is to be one."""

    least: int
    most: int
    jobs: int


POOLS = {
    SIMULATION: Bounds(2, 16, 2),
    QUERY: Bounds(1, 6, 4),
    # A batch is written by one at a time of each tenant.
    INGEST: Bounds(1, 3, 20),
    REMFORGE: Bounds(1, 4, 4),
}


def waiting(pool: str) -> list[str]:
    """Return the sets of Redis in which the waiting jobs of a pool are, one a kind."""
    return [f"jobs:waiting:{kind}" for kind in kinds_of(pool)]


def scaled_object(pool: str, bounds: Bounds) -> dict[str, Any]:
    """Return what tells KEDA to size a pool."""
    triggers = [
        {
            "type": "redis",
            "name": f"kind{number}",
            # It counts sets as well. A length of its own does not count where there is a formula, and must be given.
            "metadata": {"address": REDIS, "listName": name, "listLength": str(bounds.jobs), "databaseIndex": "0"},
            "authenticationRef": {"name": "redis"},
        }
        for number, name in enumerate(waiting(pool))
    ]
    return {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": {"name": pool},
        "spec": {
            "scaleTargetRef": {"name": pool},
            # Never none: a start takes seconds, and an empty queue does not say that nothing runs.
            "minReplicaCount": bounds.least,
            "maxReplicaCount": bounds.most,
            "pollingInterval": 10,
            # Without Redis nothing can be said: as many as there are.
            "fallback": {"failureThreshold": 3, "replicas": bounds.least, "behavior": "currentReplicas"},
            "advanced": {
                "scalingModifiers": {
                    "formula": " + ".join(trigger["name"] for trigger in triggers),  # type: ignore[misc]  # a name
                    "target": str(bounds.jobs),
                    "metricType": "AverageValue",
                },
                "horizontalPodAutoscalerConfig": {
                    "behavior": {
                        "scaleUp": {"policies": [{"type": "Pods", "value": 4, "periodSeconds": 30}]},
                        # What waits does not tell what runs. A worker that is taken away gives back what it does not finish
                        # in time, so it costs work, and few are taken at a time.
                        "scaleDown": {
                            "stabilizationWindowSeconds": 600,
                            "policies": [{"type": "Pods", "value": 1, "periodSeconds": 120}],
                        },
                    }
                },
            },
            "triggers": triggers,
        },
    }


def written() -> str:
    """Return the whole file."""
    objects = [scaled_object(pool, bounds) for pool, bounds in POOLS.items()]
    return HEAD + yaml.safe_dump_all(objects, sort_keys=False, width=120)


if __name__ == "__main__":
    PLACE.write_text(written())
    sys.stdout.write(f"{PLACE}\n")
