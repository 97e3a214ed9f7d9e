"""What is exported is what is described, by name, type and labels: as data, on the page, and in web and workers."""

import re
from collections.abc import Iterable
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric

from config.metrics import EXPORTED, METRICS, Exported
from deploy.procfile import ROOT
from jobs.queue import QUEUES
from stores.memory_cache import MemoryCache
from tests.web.conftest import make_farm
from tests.web.rems import machine
from web.farm import Farm
from workers.metering.meter import Meter

ROW = re.compile(r"^\| `(dasein_\w+)` \| (\w+) \|([\w, ]*)\|", re.MULTILINE)
Seen = set[tuple[str, str, tuple[str, ...]]]


def expected(*sources: str) -> Seen:
    return {(each.name, each.kind, each.labels) for each in EXPORTED if each.source in sources}


def counted(registry: CollectorRegistry) -> Seen:
    """Return what is counted with objects of the library, which know their labels before there is a value."""
    return {
        (found._name + ("_total" if found._type == "counter" else ""), found._type, tuple(found._labelnames))  # type: ignore[attr-defined]  # names are nowhere else
        for found in registry._collector_to_names
    }


def collected(families: Iterable[Metric]) -> Seen:
    """Return what is read at the scrape."""
    return {
        (
            family.name + ("_total" if family.type == "counter" else ""),
            family.type,
            tuple(getattr(family, "_labelnames", ())),
        )
        for family in families
    }


def test_the_page_has_every_name_with_its_type_and_labels() -> None:
    page = (ROOT / "docs" / "metrics.md").read_text()

    rows = [(name, kind, tuple(filter(None, labels.strip().split(", ")))) for name, kind, labels in ROW.findall(page)]

    assert sorted(rows) == sorted((each.name, each.kind, each.labels) for each in EXPORTED)
    assert len(rows) == len(METRICS)


def test_web_exports_what_is_described_and_nothing_else(tmp_path: Path) -> None:
    web = make_farm(tmp_path)
    web.models.write(machine("one", at=web.clock().timestamp()))
    (tmp_path / "backup").mkdir()
    (tmp_path / "backup" / "last.json").write_text('{"finished_at": 1, "bytes": 2, "seconds": 3}')
    farm, room = web.metrics._asked
    assert isinstance(farm, Farm)
    farm._cache = MemoryCache()

    found = counted(web.metrics._own) | collected(farm.collect()) | collected(room.collect())

    assert found == expected("web", "both") - stores()


def test_workers_export_what_is_described_and_nothing_else() -> None:
    found = counted(Meter(QUEUES).registry)

    # That of the build is told by who serves the others.
    assert found == expected("workers", "both") - {("dasein_build_info", "gauge", ("version", "role"))}
    assert stores() <= found


def test_labels_tell_nobodys_id_tenant_or_path() -> None:
    ours = {"version", "role", "route", "method", "status", "kind", "policy", "outcome", "state", "pool", "store"}

    assert {label for each in EXPORTED for label in each.labels} == ours | {
        "node",
        "engine",
        "operation",
        "direction",
        "code",
    }


def stores() -> Seen:
    """Return what the observer of stores counts, in web as in workers."""
    return {(each.name, each.kind, each.labels) for each in EXPORTED if is_of_stores(each)}


def is_of_stores(each: Exported) -> bool:
    return each.source == "both" and "store" in each.labels
