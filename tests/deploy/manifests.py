"""What kustomize makes of an overlay, and how to find one's way in it."""

import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from deploy.procfile import ROOT
from tests.servers import demand

KUBERNETES = ROOT / "deploy" / "kubernetes"
OVERLAYS = ("single", "cluster")
CUSTOM = {"keda.sh/v1alpha1", "monitoring.coreos.com/v1"}
"""APIs that clusters do not have by themselves."""
Manifest = dict[str, Any]


@cache
def rendered(overlay: str) -> tuple[Manifest, ...]:
    """Return the manifests of an overlay; skip the test where nothing can make them."""
    return made(KUBERNETES / "overlays" / overlay)


def made(folder: Path) -> tuple[Manifest, ...]:
    """Return what kustomize makes of a folder; skip the test where there is no kustomize."""
    demand("kubectl", present=shutil.which("kubectl") is not None)
    command = ["kubectl", "kustomize", str(folder)]
    text = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    return tuple(yaml.safe_load_all(text))


def of(overlay: str, *kinds: str) -> dict[str, Manifest]:
    """Return the manifests of some kinds by name."""
    return {each["metadata"]["name"]: each for each in rendered(overlay) if each["kind"] in kinds}


def workloads(overlay: str) -> dict[str, Manifest]:
    """Return what runs pods, by name."""
    return of(overlay, "Deployment", "StatefulSet", "Job", "CronJob")


def template(workload: Manifest) -> Manifest:
    """Return the template of the pods of a workload."""
    spec: Manifest = workload["spec"]
    found: Manifest = (spec["jobTemplate"]["spec"] if "jobTemplate" in spec else spec)["template"]
    return found


def container(workload: Manifest) -> Manifest:
    """Return the one container of the pods of a workload."""
    (found,) = template(workload)["spec"]["containers"]
    assert isinstance(found, dict)
    return found


def matches(selector: Manifest, labels: Manifest) -> bool:
    """Say whether a selector takes something with these labels."""
    assert set(selector) <= {"matchLabels"}
    wanted: Manifest = selector.get("matchLabels", {})
    return labels.items() >= wanted.items()


def inside(value: object) -> Iterator[object]:
    """Yield a value and all that it holds."""
    yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from inside(each)
