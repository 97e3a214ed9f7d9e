"""Parts of reports in the graph: whole documents of real jobs, read back field by field."""

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from jobs.calibration import Calibration
from jobs.model import NewJob
from jobs.report import Kind, Report
from jobs.report_profile import ProfileReport
from kernel.clocks import Pulse
from tests.documents import document, with_parts
from tests.web.conftest import Behind
from tests.web.graphql.test_graph import ask, refused
from tests.workers.simulation.played_recorder import Played, batch, captured, moments, services

PLACE = "{ address mnemonic operands function file line }"


def ended(farm: Behind, kind: str, result: dict[str, Any], **files: str) -> str:
    """Let there be a job of a kind that has ended, with its files, and return its id."""
    farm.jobs.submit(NewJob("j", kind, {"name": "n", "firmware": "sha256:00"}))
    farm.start("j")
    for name, text in files.items():
        farm.files.write("j", f"{name}.json", [text.encode()])
    farm.jobs.finish("j", result)
    return "j"


def read(farm: Behind, client: FlaskClient, report: Report, asked: str) -> dict[str, Any]:
    """Ask for fields of a report."""
    ended(farm, "campaign", {"verdict": "leaks"}, report=report.model_dump_json())
    data = ask(client, f'{{ campaign(id: "j") {{ report {{ {asked} }} }} }}')
    return dict(data["campaign"]["report"])


def test_findings_and_rows_of_a_whole_report_are_read(farm: Behind, client: FlaskClient) -> None:
    report = with_parts()

    told = read(
        farm,
        client,
        report,
        "findings(first: 100) { nodes { title partner { address } partnerSample } } rows(first: 100) { nodes { executions } }"
        " power { model noiseSigma calibration }",
    )

    assert [one["title"] for one in told["findings"]["nodes"]] == [one.title for one in report.findings[:100]]
    assert [one["executions"] for one in told["rows"]["nodes"]] == [row.executions for row in report.rows[:100]]
    assert told["power"] == {
        "model": report.power.model,
        "noiseSigma": report.power.noise_sigma,
        "calibration": "uncalibrated",
    }


def test_a_finding_of_two_instructions_names_both_and_one_of_one_has_no_partner(
    farm: Behind, client: FlaskClient
) -> None:
    report = with_parts()
    alone, pair = report.findings[0], report.bivariate.top[0] if report.bivariate else None
    assert pair is not None
    both = alone.model_copy(
        update={"kind": Kind.BIVARIATE, "place": pair.first, "partner": pair.second, "partner_sample": pair.samples[1]}
    )

    told = read(
        farm,
        client,
        report.model_copy(update={"findings": (both, alone)}),
        f"findings {{ nodes {{ kind place {PLACE} partner {PLACE} partnerSample }} }}",
    )["findings"]["nodes"]

    assert told[0] == {
        "kind": "bivariate",
        "place": pair.first.model_dump(),
        "partner": pair.second.model_dump(),
        "partnerSample": pair.samples[1],
    }
    assert (told[1]["partner"], told[1]["partnerSample"]) == (None, None)


def test_looks_and_corrections_are_those_of_the_report(farm: Behind, client: FlaskClient) -> None:
    whole = document("tests")

    told = read(
        farm,
        client,
        with_parts(),
        """sequential { decided errorRate tests traces planned plannedLooks
            looks { traces boundary pLog10 maxAbsT1 maxAbsT2 crossed spent minimumEffect } }
        multiplicity { level tests orders uncorrected byChance
            corrections { method controls leakingSamples1 leakingSamples2 smallestPLog10 } }""",
    )

    looked = whole["sequential"]
    assert told["sequential"]["decided"] == "leaks"
    assert (told["sequential"]["traces"], told["sequential"]["plannedLooks"]) == (looked["traces"], 20)
    assert told["sequential"]["looks"] == [
        {
            "traces": look["traces"],
            "boundary": look["boundary"],
            "pLog10": look["p_log10"],
            "maxAbsT1": look["max_abs_t1"],
            "maxAbsT2": look["max_abs_t2"],
            "crossed": look["crossed"],
            "spent": look["spent"],
            "minimumEffect": look["minimum_effect"],
        }
        for look in looked["looks"]
    ]
    corrected = told["multiplicity"]["corrections"]
    assert [one["method"] for one in corrected] == ["holm", "benjamini-hochberg", "benjamini-yekutieli"]
    assert [one["leakingSamples1"] for one in corrected] == [
        one["leaking_samples_1"] for one in whole["multiplicity"]["corrections"]
    ]


def test_pairs_come_in_pages_with_both_instructions(farm: Behind, client: FlaskClient) -> None:
    whole = document("tests")["bivariate"]

    told = read(
        farm,
        client,
        with_parts(),
        f"""bivariateAbsent bivariate {{ window {{ low high }} pairs confirmed correctedThreshold maxAbsT
            top(first: 2) {{ nodes {{ t confirmed samples pAdjustedLog10 one {PLACE} other {PLACE} }}
                pageInfo {{ endCursor }} }}
            next: top(first: 1, after: "2") {{ nodes {{ samples }} }} }}""",
    )["bivariate"]

    assert (told["window"], told["confirmed"]) == ({"low": 2428, "high": 2634}, whole["confirmed"])
    first, second = told["top"]["nodes"]
    assert (first["one"], first["other"]) == (whole["top"][0]["first"], whole["top"][0]["second"])
    assert [first["samples"], second["samples"]] == [pair["samples"] for pair in whole["top"][:2]]
    assert told["top"]["pageInfo"]["endCursor"] == "2"
    assert told["next"]["nodes"] == [{"samples": whole["top"][2]["samples"]}]


@pytest.mark.parametrize("name", ["compare", "table", "masked", "proven"])
def test_the_check_of_secrets_says_what_differs_where_and_what_proves_it(
    farm: Behind, client: FlaskClient, name: str
) -> None:
    whole = document("secrets")[name]

    told = read(
        farm,
        client,
        with_parts(check=name),
        f"""secretsAbsent secrets {{ verdict why secrets masks public values executions chosen failed errorRate proven unproven
            cache {{ sets ways lineBytes missCycles }}
            cycles {{ value cached meanFixed meanRandom fewest most t differs place {PLACE} }}
            ways(first: 100) {{ nodes {{ place {PLACE} pLog10 ways {{ executions place {PLACE} }}
                parting {{ input offset one other }} }} }}
            addresses(first: 100) {{ nodes {{ kind place {PLACE} executions compared span {{ low high }} otherLines
                extraCycles {{ low high }} pLog10 }} }}
            operands {{ nodes {{ kind }} }} open {{ nodes {{ kind place {PLACE} }} }} }}""",
    )["secrets"]

    same = ("verdict", "why", "secrets", "masks", "public", "values", "executions", "chosen", "failed", "proven")
    assert {key: told[key] for key in same} == {key: whole[key] for key in same}
    assert told["errorRate"] == whole["error_rate"]
    assert [(one["fewest"], one["most"], one["place"]) for one in told["cycles"]] == [
        (one["fewest"], one["most"], one["place"]) for one in whole["cycles"]
    ]
    assert [(one["place"], one["ways"]) for one in told["ways"]["nodes"]] == [
        (one["place"], [{"executions": way["executions"], "place": way["place"]} for way in one["ways"]])
        for one in whole["ways"]
    ]
    assert [(one["place"], [one["span"]["low"], one["span"]["high"]]) for one in told["addresses"]["nodes"]] == [
        (one["place"], one["span"]) for one in whole["addresses"]
    ]
    assert [one["place"] for one in told["open"]["nodes"]] == [one["place"] for one in whole["open"][:20]]


def test_an_attack_names_its_target_and_what_it_took_for_granted(farm: Behind, client: FlaskClient) -> None:
    whole = document("attacks")["chacha"]["cpa"]

    told = read(
        farm,
        client,
        with_parts(),
        f"""attackAbsent attack {{ intermediate what ofWhat assumes conditional masterKey keyKnown recovered confident
            window {{ low high }} chosen {{ traces flagged compared }} checkpoints guessingEntropy
            bytes(first: 100) {{ nodes {{ index name bestGuess trueValue rank ranks tracesToRecover place {PLACE} }} }} }}""",
    )["attack"]

    assert (told["what"], told["ofWhat"], told["assumes"]) == (whole["what"], whole["of"], whole["assumes"])
    assert told["masterKey"] == whole["master_key"]
    assert told["chosen"]["flagged"] == whole["chosen"]["flagged"]
    assert [(one["name"], one["ranks"]) for one in told["bytes"]["nodes"]] == [
        (one["name"], one["ranks"]) for one in whole["bytes"]
    ]


def test_what_a_report_does_not_have_is_null_and_says_why(farm: Behind, client: FlaskClient) -> None:
    told = read(
        farm,
        client,
        with_parts().model_copy(update={"sequential": None, "bivariate": None, "bivariate_absent": "not asked for"}),
        "sequential { decided } bivariate { pairs } bivariateAbsent",
    )

    assert told == {"sequential": None, "bivariate": None, "bivariateAbsent": "not asked for"}


@pytest.mark.parametrize("after", ["?", "-1", "1.5", "", "9" * 10])
def test_a_cursor_of_a_part_that_is_not_ours_is_refused(farm: Behind, client: FlaskClient, after: str) -> None:
    ended(farm, "campaign", {"verdict": "leaks"}, report=with_parts().model_dump_json())
    query = f'{{ campaign(id: "j") {{ id report {{ rows(after: "{after}") {{ nodes {{ executions }} }} }} }} }}'

    answer = client.post("/graphql", json={"query": query}).get_json()

    assert answer["data"]["campaign"] == {"id": "j", "report": None}
    [error] = answer["errors"]
    assert error["message"] == "after: This is not a cursor of ours."
    assert (error["extensions"], error["path"]) == ({"code": "invalid-input"}, ["campaign", "report", "rows"])


def test_a_profiled_attack_is_read_with_its_curves(farm: Behind, client: FlaskClient) -> None:
    whole = document("profile")
    ProfileReport.model_validate(whole)
    ended(farm, "simulation.profile", {}, profile=ProfileReport.model_validate(whole).model_dump_json())

    data = ask(
        client,
        f"""{{ job(id: "j") {{ calibration {{ why }} recording {{ records }} profile {{ headline order sameKey tracesAttack
            methods {{ method recovered tracesToSuccess curve {{ traces attacks success {{ value low high }}
                guessingEntropy {{ value }} }} bytes(first: 2) {{ nodes {{ index rank information {{ value low }} }} }} }}
            points(first: 3) {{ nodes {{ byte sample snr place {PLACE} }} }} }} }} }}""",
    )

    told = data["job"]["profile"]
    assert (data["job"]["calibration"], data["job"]["recording"]) == (None, None)
    assert (told["headline"], told["order"]) == (whole["headline"], whole["request"]["order"])
    for shown, method in zip(told["methods"], whole["methods"], strict=True):
        assert [(point["traces"], point["success"]) for point in shown["curve"]] == [
            (point["traces"], point["success"]) for point in method["curve"]
        ]
        assert [byte["index"] for byte in shown["bytes"]["nodes"]] == [0, 1]
        assert shown["bytes"]["nodes"][0]["information"]["value"] == method["bytes"][0]["information"]["value"]
    listed = [(byte["index"], point) for byte in whole["points"] for point in byte["points"]]
    assert [(point["byte"], point["sample"], point["place"]) for point in told["points"]["nodes"]] == [
        (byte, point["sample"], point["place"]) for byte, point in listed[:3]
    ]


def test_a_calibration_is_read_class_by_class_and_instruction_by_instruction(farm: Behind, client: FlaskClient) -> None:
    whole = document("calibration") | {"rho_of": "aes128-sbox-output", "rho_absent": None}
    ended(farm, "simulation.calibrate", {}, calibration=Calibration.model_validate(whole).model_dump_json())

    told = ask(
        client,
        f"""{{ job(id: "j") {{ calibration {{ calibration why agree differ notTold model artifact r2 noiseSigma unit
            rhoOf rhoAbsent classes {{ kind instructions base r2 absent coefficients {{ name value standardError }} }}
            rows(first: 100) {{ nodes {{ place {PLACE} agrees rhoMeasured rhoSimulated pMeasured }} }}
            differing: rows(agrees: false) {{ nodes {{ agrees }} }}
            agreeing: rows(agrees: true, first: 1) {{ nodes {{ agrees }} pageInfo {{ hasNextPage }} }} }} }} }}""",
    )["job"]["calibration"]

    assert (told["calibration"], told["agree"], told["model"]) == (
        "calibrated",
        whole["verdict"]["agree"],
        whole["model"]["name"],
    )
    assert told["artifact"].startswith("sha256:")
    assert (told["rhoOf"], told["rhoAbsent"]) == (whole["rho_of"], whole["rho_absent"])
    for shown, fitted in zip(told["classes"], whole["classes"], strict=True):
        assert {one["name"]: one["value"] for one in shown["coefficients"]} == {
            name: value and value["value"] for name, value in fitted["coefficients"].items()
        }
    assert [one["place"] for one in told["rows"]["nodes"]] == [row["place"] for row in whole["rows"]]
    assert len(told["differing"]["nodes"]) == sum(row["agrees"] is False for row in whole["rows"])
    assert told["agreeing"] == {"nodes": [{"agrees": True}], "pageInfo": {"hasNextPage": True}}


def test_a_recording_says_what_is_missing_and_why(farm: Behind, client: FlaskClient) -> None:
    result = document("recording")["result"]
    ended(farm, "simulation.record", result)

    told = ask(
        client,
        """{ job(id: "j") { capture { lost } recording { records dropped periodNs cycles energyUj probe assumed
            absent { channel why } files { form bytes } } } }""",
    )["job"]

    assert told["capture"] is None
    shown = told["recording"]
    assert (shown["records"], shown["dropped"]) == (result["records"], result["dropped"])
    assert result["dropped"] > 0
    assert {one["channel"]: one["why"] for one in shown["absent"]} == result["absent"]
    assert {one["form"]: one["bytes"] for one in shown["files"]} == {
        form: file["bytes"] for form, file in result["files"].items()
    }


def test_a_capture_says_where_its_records_lie_in_real_time(farm: Behind, client: FlaskClient, tmp_path: Path) -> None:
    pulses = [Pulse("pps0", "gps0", 41, 10**18, None), Pulse("pps1", None, None, None, "it cannot be read: gone")]
    read = moments((10**9, 10**18 + 1), (2 * 10**9, 10**18 + 10**9 + 1), pulses=pulses)
    result = captured(services(tmp_path, Played([batch(range(0, 500_000, 50_000))]), clocks=read), samples=10)
    ended(farm, "simulation.capture", result)
    moment = "{ monotonicNs realtime bracketNs pps { source name sequence at absent } ppsAbsent }"

    told = ask(
        client, f'{{ job(id: "j") {{ capture {{ clocks {{ start {moment} end {moment} changedNs stepped }} }} }} }}'
    )

    expected = result["clocks"]
    assert told["job"]["capture"]["clocks"] == {
        "changedNs": 0,
        "stepped": False,
        **{
            when: {
                "monotonicNs": expected[when]["monotonic_ns"],
                "realtime": expected[when]["realtime"],
                "bracketNs": 120,
                "pps": expected[when]["pps"],
                "ppsAbsent": None,
            }
            for when in ("start", "end")
        },
    }
    assert [pulse["at"] for pulse in expected["end"]["pps"]] == ["1000000000.000000000", None]


def test_a_job_that_has_not_ended_has_no_outcome(farm: Behind, client: FlaskClient) -> None:
    farm.jobs.submit(NewJob("j", "simulation.profile", {}))

    job = ask(
        client, '{ job(id: "j") { profile { headline } calibration { why } recording { records } capture { lost } } }'
    )

    assert job["job"] == dict.fromkeys(("profile", "calibration", "recording", "capture"))


def test_outcomes_are_weighed_as_the_files_that_they_are(client: FlaskClient) -> None:
    told = refused(client, "{ jobs(first: 50) { nodes { profile { headline } } } }")

    assert told["code"] == "query-too-costly"
