"""The manifests are what Kubernetes takes, and keep the rules that we set ourselves."""

import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import kubernetes_validate
import pytest
import yaml

from config.settings import LONGEST_JOB_S, Settings
from deploy.kubernetes.secrets import manifests
from deploy.procfile import ROOT
from jobs.queue import ELASTIC
from tests.deploy.manifests import (
    CUSTOM,
    KUBERNETES,
    OVERLAYS,
    container,
    inside,
    made,
    matches,
    of,
    rendered,
    template,
    workloads,
)

VERSIONS = ("1.29", "1.34")
MARGIN_S = 20
LITERAL = re.compile(r"PASSWORD|TOKEN|SECRET|_KEY$|AUTH$")
BY_HAND = {"dasein-backup", "dasein-metrics", "dasein-tls"}
"""Secrets that only an operator can make: docs/kubernetes.md says how."""

each_overlay = pytest.mark.parametrize("overlay", OVERLAYS)


@pytest.mark.parametrize("version", VERSIONS)
def test_overlays_are_what_kubernetes_takes(version: str) -> None:
    every = (each for overlay in OVERLAYS for each in rendered(overlay) if each["apiVersion"] not in CUSTOM)
    # What both have is looked at once.
    known = {json.dumps(each, sort_keys=True): each for each in every}

    for each in known.values():
        kubernetes_validate.validate(each, version, strict=True)

    assert len(known) > 60


@each_overlay
def test_everything_lies_in_the_namespace_and_nothing_is_opened_to_the_world(overlay: str) -> None:
    for each in rendered(overlay):
        assert each["metadata"].get("namespace", "dasein") == "dasein", each["metadata"]["name"]
        assert each["kind"] not in {"Secret", "ClusterRole", "ClusterRoleBinding"}
        assert each["kind"] != "Service" or each["spec"].get("type", "ClusterIP") == "ClusterIP"
        for value in inside(each):
            assert not (isinstance(value, dict) and value.keys() & {"hostPort", "hostNetwork", "hostPath", "hostPID"})


@each_overlay
def test_no_pod_has_a_privilege_or_a_word_of_the_cluster(overlay: str) -> None:
    for name, workload in workloads(overlay).items():
        pod, only = template(workload)["spec"], container(workload)
        writable = "dasein/writable-root" in workload["metadata"].get("annotations", {})

        assert pod["automountServiceAccountToken"] is False, name
        # A Service of the name `dasein` would otherwise set DASEIN_PORT.
        assert pod["enableServiceLinks"] is False, name
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["runAsUser"] > 0, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert only["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": not writable,
            "capabilities": {"drop": ["ALL"]},
        }, name
        assert not writable or name in {"neo4j", "milvus"}


@each_overlay
def test_every_pod_has_bounds_and_an_image_of_one_version(overlay: str) -> None:
    for name, workload in workloads(overlay).items():
        resources = container(workload)["resources"]

        assert {"cpu", "memory"} <= set(resources["requests"]), name
        assert {"cpu", "memory"} <= set(resources["limits"]), name
        assert re.search(r":v?\d+\.\d+", container(workload)["image"]), name


@each_overlay
def test_what_serves_is_probed_and_no_probe_kills_for_a_store_that_is_away(overlay: str) -> None:
    for name, workload in of(overlay, "Deployment", "StatefulSet").items():
        only = container(workload)

        assert {"livenessProbe", "readinessProbe"} <= set(only), name
        alive = only["livenessProbe"]
        assert "exec" not in alive, name
        assert alive.get("httpGet", {}).get("path") != "/health/ready", name
        assert alive["failureThreshold"] * alive["periodSeconds"] >= 60, name


@each_overlay
def test_a_worker_has_longer_to_stop_than_it_drains(overlay: str) -> None:
    drain_s = int(_settings(overlay)["DASEIN_DRAIN_S"])

    for pool in ELASTIC:
        pod = template(workloads(overlay)[pool])["spec"]
        assert drain_s + MARGIN_S <= pod["terminationGracePeriodSeconds"] <= LONGEST_JOB_S


@each_overlay
def test_settings_are_settings_and_what_is_secret_is_a_file(overlay: str) -> None:
    fields = {f"DASEIN_{name.upper()}" for name in Settings.model_fields} | {"DASEIN_SECRETS_DIR"}

    assert set(_settings(overlay)) <= fields
    for name, workload in workloads(overlay).items():
        for variable in container(workload).get("env", ()):
            assert not variable["name"].startswith("DASEIN_") or variable["name"] in fields, name
            if variable["name"].endswith("_FILE"):
                mounts = [mount["mountPath"] for mount in container(workload)["volumeMounts"]]
                assert any(variable["value"].startswith(f"{mount}/") for mount in mounts), name
            elif LITERAL.search(variable["name"]):
                assert "secretKeyRef" in variable.get("valueFrom", {}), f"{name}: {variable['name']}"


@each_overlay
def test_what_pods_refer_to_is_there_or_is_made_by_the_operator(overlay: str) -> None:
    drawn = {each["metadata"]["name"]: each.get("data", {}) for each in manifests(lambda: "drawn")}
    settings = of(overlay, "ConfigMap")
    claims = of(overlay, "PersistentVolumeClaim")

    for name, workload in workloads(overlay).items():
        for value in inside(template(workload)["spec"]):
            if not isinstance(value, dict):
                continue
            if "configMapRef" in value or "configMap" in value:
                assert (value.get("configMapRef") or value["configMap"])["name"] in settings, name
            if "configMapKeyRef" in value:
                assert value["configMapKeyRef"]["key"] in settings[value["configMapKeyRef"]["name"]]["data"], name
            if "secretKeyRef" in value:
                assert value["secretKeyRef"]["key"] in drawn[value["secretKeyRef"]["name"]], name
            if isinstance(secret := value.get("secret"), dict):
                given = secret.get("secretName") or secret["name"]
                assert given in drawn.keys() | BY_HAND, name
                assert {item["key"] for item in secret.get("items", ())} <= drawn.get(given, {}).keys(), name
            if "persistentVolumeClaim" in value:
                assert value["persistentVolumeClaim"]["claimName"] in claims, name
        mounted = {mount["name"] for mount in container(workload).get("volumeMounts", ())}
        volumes = {volume["name"] for volume in template(workload)["spec"].get("volumes", ())}
        own = {claim["metadata"]["name"] for claim in workload["spec"].get("volumeClaimTemplates", ())}
        assert mounted == volumes | own, name


@each_overlay
def test_a_simulation_knows_nothing_but_the_queue(overlay: str) -> None:
    volumes = template(workloads(overlay)["simulation"])["spec"]["volumes"]

    (secret,) = (volume["secret"] for volume in volumes if "secret" in volume)

    assert secret["items"] == [{"key": "dasein_redis_url", "path": "dasein_redis_url"}]


@each_overlay
def test_whatever_is_not_said_is_forbidden_and_what_is_said_is_about_somebody(overlay: str) -> None:
    policies = of(overlay, "NetworkPolicy")
    pods = {name: template(workload)["metadata"]["labels"] for name, workload in workloads(overlay).items()}

    assert policies["nothing"]["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    for name, policy in policies.items():
        for value in inside(policy):
            if isinstance(value, dict) and "podSelector" in value and "namespaceSelector" not in value:
                assert any(matches(value["podSelector"], labels) for labels in pods.values()), name
        for rule in policy["spec"].get("ingress", ()):
            assert rule["from"], name
            assert rule["ports"], name
    for store in ("redis", "cache", "neo4j", "mongodb", "milvus"):
        assert "world" not in str(pods[store])


def test_who_asks_prometheus_for_the_objectives_may_reach_it() -> None:
    settings = next(one["data"] for name, one in of("cluster", "ConfigMap").items() if "settings" in name)
    web = template(workloads("cluster")["web"])["metadata"]["labels"]
    url = urlsplit(settings["DASEIN_PROMETHEUS_URL"])

    rules = [
        rule
        for policy in of("cluster", "NetworkPolicy").values()
        if matches(policy["spec"]["podSelector"], web)
        for rule in policy["spec"].get("egress", ())
        if {"port": url.port} in rule.get("ports", ())
    ]

    namespace = (url.hostname or "").split(".")[1]
    assert [to["namespaceSelector"]["matchLabels"] for rule in rules for to in rule["to"]] == [
        {"kubernetes.io/metadata.name": namespace}
    ]


@each_overlay
def test_services_disruption_budgets_and_scalers_find_their_pods(overlay: str) -> None:
    pods = {name: template(workload)["metadata"]["labels"] for name, workload in workloads(overlay).items()}

    for name, service in of(overlay, "Service").items():
        found = [
            container(workloads(overlay)[pod])
            for pod, labels in pods.items()
            if matches({"matchLabels": service["spec"]["selector"]}, labels)
        ]
        assert found, name
        for port in service["spec"]["ports"]:
            told = {(each["name"], each["containerPort"]) for only in found for each in only["ports"]}
            assert (port["name"], port.get("targetPort", port["port"])) in told | {(one, one) for one, _ in told}, name
    for name, budget in of(overlay, "PodDisruptionBudget").items():
        assert any(matches(budget["spec"]["selector"], labels) for labels in pods.values()), name
    for name, scaler in of(overlay, "HorizontalPodAutoscaler", "ScaledObject").items():
        target = workloads(overlay)[scaler["spec"]["scaleTargetRef"]["name"]]
        assert "replicas" not in target["spec"], name
    assert of(overlay, "PodDisruptionBudget").keys() >= {"web", *ELASTIC}


@each_overlay
def test_pods_run_the_images_that_are_built_here_as_their_user(overlay: str) -> None:
    for name, workload in workloads(overlay).items():
        image = container(workload)["image"].rpartition("/")[2].partition(":")[0]
        if not image.startswith("dasein-"):
            continue
        text = (ROOT / "deploy" / f"{image.removeprefix('dasein-')}.Dockerfile").read_text(encoding="utf-8")
        assert f"--uid {template(workload)['spec']['securityContext']['runAsUser']}" in text, name
        assert name not in ELASTIC or "/tmp/worker" in text  # noqa: S108  # in the image


def test_a_cluster_finds_its_members_and_the_farm_is_told_that_it_is_one() -> None:
    graph, cache = of("cluster", "StatefulSet")["neo4j"], of("cluster", "StatefulSet")["cache"]
    form = of("cluster", "Job")["cache-form"]

    endpoints = _variable(graph, "NEO4J_dbms_cluster_discovery_endpoints").split(",")
    nodes = _variable(form, "NODES").split()

    assert endpoints == [f"neo4j-{number}.neo4j-members:5000" for number in range(graph["spec"]["replicas"])]
    assert nodes == [f"cache-{number}.cache:6379" for number in range(cache["spec"]["replicas"])]
    assert len(endpoints) == 3
    assert _settings("cluster")["DASEIN_GRAPH_URL"].startswith("neo4j://")
    assert [_settings(overlay)["DASEIN_CACHE_CLUSTER"] for overlay in OVERLAYS] == ["false", "true"]


def test_the_licence_of_another_is_not_accepted_for_anybody() -> None:
    (licence,) = (each for name, each in of("cluster", "ConfigMap").items() if name.startswith("neo4j-licence"))

    assert licence["data"] == {"accept": "no"}


def test_pods_of_a_store_that_must_not_be_lost_together_are_kept_apart() -> None:
    affinity = template(workloads("cluster")["neo4j"])["spec"]["affinity"]["podAntiAffinity"]

    (rule,) = affinity["requiredDuringSchedulingIgnoredDuringExecution"]

    assert rule["topologyKey"] == "kubernetes.io/hostname"


def test_an_overlay_of_ones_own_adds_a_gpu_and_flower(tmp_path: Path) -> None:
    def place(*parts: str) -> str:
        return os.path.relpath(KUBERNETES.joinpath(*parts), tmp_path.resolve())

    lines = ("overlays", "single"), ("components", "gpu"), ("components", "flower"), ("components", "hardened")
    overlay = {"resources": [place(*lines[0])], "components": [place(*line) for line in lines[1:]]}
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump(overlay))

    pods = {each["metadata"]["name"]: each for each in made(tmp_path) if each["kind"] == "Deployment"}

    for each in pods.values():
        kubernetes_validate.validate(each, VERSIONS[-1], strict=True)
    forge = container(pods["remforge"])
    assert "dasein-remforge-gpu:" in forge["image"]
    assert forge["resources"]["limits"]["nvidia.com/gpu"] == "1"
    assert template(pods["remforge"])["spec"]["nodeSelector"] == {"nvidia.com/gpu.present": "true"}
    assert template(pods["remforge"])["spec"]["tolerations"][0]["key"] == "nvidia.com/gpu"
    assert {each["name"] for each in forge["env"]} == {"POOL", "HF_HOME"}
    assert container(pods["flower"])["securityContext"]["readOnlyRootFilesystem"] is True
    assert template(pods["flower"])["spec"]["enableServiceLinks"] is False


def _settings(overlay: str) -> dict[str, str]:
    (found,) = (each for name, each in of(overlay, "ConfigMap").items() if name.startswith("dasein-settings"))
    data: dict[str, str] = found["data"]
    return data


def _variable(workload: dict[str, Any], name: str) -> str:
    (found,) = (each["value"] for each in container(workload)["env"] if each["name"] == name)
    return str(found)
