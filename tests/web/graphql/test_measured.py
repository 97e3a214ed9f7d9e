"""Imports of measured traces in the graph: whole documents of real ones, with and without the code that ran."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from jobs.identity import HOME
from jobs.model import NewJob
from jobs.queue import CAMPAIGN, MEASURED
from jobs.report import Report
from tests.documents import document
from tests.web.conftest import Behind
from tests.web.graphql.test_graph import ask, refused

PLACE = "{ address mnemonic operands function file line }"
WHOLE = f"""{{ name measured firmware artifact noiseSigma sweep {{ id }} verdict headline findingsCount maxAbsT keyBytesRecovered
    job {{ kind }} report {{ digest tvlaAbsent maxAbsT1 power {{ model calibration sampling unit }}
    measured {{ form sha256 bytes traces leftOut samples firstSample unit sampledHz values {{ name bytes }} groups groupsWhy key
        notes quantised {{ lossless smallestStep largestStep addedVariance }}
        mapped {{ samplesPerCycle firstSample executions pathInstructions commonInstructions before after outputAgrees }} }}
    findings(first: 100) {{ nodes {{ title sample place {PLACE} partner {PLACE} }} }}
    rows(first: 100) {{ nodes {{ executions place {PLACE} }} }}
    attack {{ recovered bytes(first: 100) {{ nodes {{ index rank place {PLACE} }} }} }} }} }}"""


def taken_in(farm: Behind, which: str, *, tenant: str = HOME, tags: tuple[str, ...] = ()) -> dict[str, Any]:
    """Let an import have ended, with its report, and return its document; the job is called as it is."""
    whole: dict[str, Any] = document("imports")[which]
    Report.model_validate(whole["report"])
    farm.jobs.submit(NewJob(which, MEASURED.name, whole["params"], tenant, tags=tags))
    farm.start(which)
    farm.files.write(which, "report.json", [json.dumps(whole["report"]).encode()])
    farm.jobs.finish(which, whole["result"])
    return whole


def camel(told: dict[str, Any]) -> dict[str, Any]:
    """Return the same under the names that the graph has."""
    return {"".join([first, *map(str.title, rest)]): value for (first, *rest), value in
            ((name.split("_"), value) for name, value in told.items())}  # fmt: skip


@pytest.mark.parametrize("which", ["code", "samples"])
def test_an_import_says_what_was_measured_and_what_was_found_in_it(
    farm: Behind, client: FlaskClient, which: str
) -> None:
    whole = taken_in(farm, which)

    told = ask(client, f'{{ campaign(id: "{which}") {WHOLE} }}')["campaign"]

    params, result, report = whole["params"], whole["result"], whole["report"]
    assert (told["measured"], told["job"], told["noiseSigma"], told["sweep"]) == (
        True,
        {"kind": "simulation.import"},
        None,
        None,
    )
    assert (told["name"], told["firmware"], told["artifact"]) == (
        params["name"],
        params["firmware"],
        params["artifact"],
    )
    assert (told["verdict"], told["headline"], told["findingsCount"]) == (
        result["verdict"],
        result["headline"],
        result["findings"],
    )
    assert (told["maxAbsT"], told["keyBytesRecovered"]) == (result["max_abs_t"], result["key_bytes_recovered"])
    shown, measured = told["report"], report["measured"]
    assert (shown["maxAbsT1"], shown["tvlaAbsent"]) == (report["tvla"]["max_abs_t1"], None)
    assert shown["power"] == {name: report["power"][name] for name in ("model", "calibration", "sampling", "unit")}
    assert shown["measured"] == camel(measured) | {
        "values": [{"name": name, "bytes": size} for name, size in measured["values"].items()],
        "quantised": camel(measured["quantised"]),
        "mapped": measured["mapped"] and camel(measured["mapped"]),
    }
    assert shown["findings"]["nodes"] == [
        {name: one[name] for name in ("title", "sample", "place", "partner")} for one in report["findings"]
    ]
    assert [row["place"] for row in shown["rows"]["nodes"]] == [row["place"] for row in report["rows"]]
    assert [byte["place"] for byte in shown["attack"]["bytes"]["nodes"]] == [
        byte["place"] for byte in report["cpa"]["bytes"]
    ]


def test_the_documents_are_of_known_and_of_unknown_code() -> None:
    made = document("imports")

    assert (made["code"]["report"]["measured"]["mapped"] is None, made["code"]["report"]["firmware"] is None) == (
        False,
        False,
    )
    assert (made["samples"]["report"]["measured"]["mapped"], made["samples"]["report"]["firmware"]) == (None, None)
    assert all(made[which]["report"]["findings"] for which in made)


def test_imports_are_listed_apart_from_simulated_campaigns_and_in_pages(farm: Behind, client: FlaskClient) -> None:
    taken_in(farm, "code", tags=("bench",))
    farm.jobs.submit(NewJob("simulated", CAMPAIGN.name, {"name": "s", "power": {"noise_sigma": 0.5}}))
    taken_in(farm, "samples")
    farm.jobs.submit(NewJob("goes-on", MEASURED.name, {"artifact": "sha256:00"}))
    query = """query ($after: String) { imports(first: 2, after: $after) { nodes { id verdict report { verdict } }
        pageInfo { hasNextPage endCursor } } }"""

    page = ask(client, query)["imports"]
    rest = ask(client, query, after=page["pageInfo"]["endCursor"])["imports"]
    others = ask(
        client,
        """{ campaigns { nodes { id measured artifact firmware noiseSigma report { measured { form } } } }
        tagged: imports(tag: "bench") { nodes { id } } queued: imports(state: QUEUED) { nodes { id } } }""",
    )

    assert [(one["id"], one["verdict"]) for one in page["nodes"]] == [("goes-on", None), ("samples", "leaks")]
    assert (page["nodes"][0]["report"], page["pageInfo"]["hasNextPage"]) == (None, True)
    assert ([one["id"] for one in rest["nodes"]], rest["pageInfo"]["hasNextPage"]) == (["code"], False)
    assert others["campaigns"]["nodes"] == [
        {"id": "simulated", "measured": False, "artifact": None, "firmware": None, "noiseSigma": 0.5, "report": None}
    ]
    assert others["tagged"]["nodes"] == [{"id": "code"}]
    assert others["queued"]["nodes"] == [{"id": "goes-on"}]


def test_a_report_of_simulated_traces_says_nothing_of_measured_ones_and_why_there_is_no_t_test(
    farm: Behind, client: FlaskClient
) -> None:
    whole = taken_in(farm, "samples")
    told = whole["report"] | {"tvla": None, "tvla_absent": "the file names no sets"}
    told.pop("measured")
    farm.files.write("samples", "report.json", [json.dumps(told).encode()])

    job = ask(client, '{ job(id: "samples") { campaign { report { measured { form } tvlaAbsent maxAbsT1 } } } }')["job"]

    assert job["campaign"]["report"] == {"measured": None, "tvlaAbsent": "the file names no sets", "maxAbsT1": None}


def test_a_job_of_another_kind_is_no_campaign(farm: Behind, client: FlaskClient) -> None:
    farm.jobs.submit(NewJob("p", "simulation.profile", {}))

    assert ask(client, '{ campaign(id: "p") { id } job(id: "p") { campaign { id } } }') == {
        "campaign": None,
        "job": {"campaign": None},
    }


def test_reports_of_imports_weigh_as_those_of_campaigns(client: FlaskClient) -> None:
    assert refused(client, "{ imports(first: 50) { nodes { report { verdict } } } }")["code"] == "query-too-costly"
