"""Every field of the graph that shows a part of a report, asked of real and synthetic documents: none is an error."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from graphql import GraphQLObjectType, get_named_type

from jobs.model import NewJob
from tests.documents import document, with_parts
from tests.web.conftest import Behind
from tests.web.graphql.test_graph import ask
from tests.workers.simulation.reports import VARIANTS, Variant, synthetic
from web.graphql.answering import GRAPH

LINKS = frozenset({"Job", "Campaign", "Sweep"})
"""Where a report ends and another thing begins."""


def asked(kind: GraphQLObjectType) -> dict[str, str]:
    """Return how each field of a type is asked for whole, by its name."""
    found = {}
    for name, declared in kind.fields.items():
        inner = get_named_type(declared.type)
        if not isinstance(inner, GraphQLObjectType):
            found[name] = name
        elif inner.name not in LINKS:
            page = "(first: 5)" if "first" in declared.args else ""
            found[name] = f"{name}{page} {{ {' '.join(asked(inner).values())} }}"
    return found


def fields_of(name: str) -> dict[str, str]:
    """Return the same of a type of the graph by its name."""
    kind = GRAPH.get_type(name)
    assert isinstance(kind, GraphQLObjectType)
    return asked(kind)


def ended(farm: Behind, kind: str, result: dict[str, Any], **files: str) -> None:
    """Let there be a job that has ended."""
    farm.jobs.submit(NewJob("j", kind, {"name": "n"}))
    farm.start("j")
    for name, text in files.items():
        farm.files.write("j", f"{name}.json", [text.encode()])
    farm.jobs.finish("j", result)


def whole(client: FlaskClient) -> dict[str, Any]:
    """Ask for each part of a report whole, one after the other, as no query may ask for all of them."""
    told: dict[str, Any] = {}
    for part in fields_of("Report").values():
        told |= ask(client, f'{{ campaign(id: "j") {{ report {{ {part} }} }} }}')["campaign"]["report"]
    return told


@pytest.mark.parametrize(
    ("check", "attack"), [("compare", "chacha"), ("table", "last"), ("masked", "masked"), ("proven", "chacha")]
)
def test_every_part_of_a_real_report_is_answered(farm: Behind, client: FlaskClient, check: str, attack: str) -> None:
    report = with_parts(check, attack)
    ended(farm, "campaign", {}, report=report.model_dump_json())

    told = whole(client)

    assert told["headline"] == report.headline
    assert all(told[part] for part in ("sequential", "multiplicity", "bivariate", "secrets", "attack", "power"))


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_part_of_a_report_that_lacks_some_is_answered(
    farm: Behind, client: FlaskClient, variant: Variant
) -> None:
    report = synthetic(variant)
    ended(farm, "campaign", {}, report=report.model_dump_json())

    told = whole(client)

    assert told["verdict"] == report.verdict
    assert (told["tvlaAbsent"], told["attackAbsent"]) == (report.tvla_absent, report.cpa_absent)


@pytest.mark.parametrize("which", ["code", "samples"])
def test_every_part_of_a_real_import_is_answered(farm: Behind, client: FlaskClient, which: str) -> None:
    taken = document("imports")[which]
    ended(farm, "simulation.import", taken["result"], report=json.dumps(taken["report"]))

    told = whole(client)

    assert told["measured"]["sha256"] == taken["report"]["measured"]["sha256"]
    assert told["constantTimeAbsent"] == taken["report"]["constant_time_absent"]


@pytest.mark.parametrize(
    ("kind", "part", "type_"),
    [
        ("simulation.profile", "profile", "Profile"),
        ("simulation.calibrate", "calibration", "Calibration"),
        ("simulation.record", "recording", "Recording"),
    ],
)
def test_every_part_of_what_else_jobs_find_is_answered(
    farm: Behind, client: FlaskClient, kind: str, part: str, type_: str
) -> None:
    found = document(part)
    ended(farm, kind, found.get("result", {}), **{part: json.dumps(found)})

    told = ask(client, f'{{ job(id: "j") {{ {part} {{ {" ".join(fields_of(type_).values())} }} }} }}')["job"][part]

    assert told
    assert told.keys() == fields_of(type_).keys()


def test_every_field_of_a_job_and_of_a_campaign_is_answered(farm: Behind, client: FlaskClient) -> None:
    level = document("sweep")[0]
    ended(farm, "campaign", level["result"], report=with_parts().model_dump_json())
    parts = {name: part for name, part in fields_of("Campaign").items() if name != "report"}
    asked_of_job = {
        name: part
        for name, part in fields_of("Job").items()
        if name not in {"profile", "calibration", "recording", "capture"}
    }

    told = ask(
        client,
        f'{{ job(id: "j") {{ {" ".join(asked_of_job.values())} campaign {{ {" ".join(parts.values())} }} }} }}',
    )["job"]

    assert told["state"] == "SUCCEEDED"
    assert told["campaign"]["maxAbsT"] == level["result"]["max_abs_t"]
