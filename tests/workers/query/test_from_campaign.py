"""Reports of campaigns as knowledge."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from jobs.errors import InvalidInput
from jobs.knowledge import PROPERTIES, Label, Link
from jobs.report import Kind, Report
from jobs.report_measured import Measured, Quantised
from stores.documents import Shelf
from stores.graph import Node, Relation
from tests.workers.simulation.reports import FIRMWARE, VARIANTS, Variant, synthetic
from workers.query.campaign_texts import passages
from workers.query.content import Content
from workers.query.from_campaign import from_campaign, kept_report

SHA = FIRMWARE[:12]


def of_label(content: Content, label: Label) -> list[Node]:
    return [node for node in content.nodes if node.label == label]


def of_kind(content: Content, kind: Link) -> list[Relation]:
    return [relation for relation in content.relations if relation.kind == kind]


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_report_becomes_knowledge_of_the_vocabulary(variant: Variant) -> None:
    report = synthetic(variant)

    content = from_campaign(report, tags=("build-7", "aes"), job="j")

    ids = [node.id for node in content.nodes]
    assert len(ids) == len(set(ids))
    for node in content.nodes:
        assert node.properties.keys() <= PROPERTIES[Label(node.label)].keys()
        assert None not in node.properties.values()
    known = set(ids)
    assert all({relation.source, relation.target} <= known for relation in content.relations)
    keys = [(relation.kind, relation.source, relation.target) for relation in content.relations]
    assert len(keys) == len(set(keys))
    assert all(set(found.ids) <= known for found in content.found)
    assert len(of_label(content, Label.VULNERABILITY)) == len(report.findings)
    assert {row.place.address for row in report.rows} <= {
        node.properties["address"] for node in of_label(content, Label.INSTRUCTION)
    }
    campaign = of_label(content, Label.CAMPAIGN)[0]
    assert campaign.properties["tags"] == ",build-7,aes,"
    assert campaign.properties["verdict"] == report.verdict


def test_average_power_is_the_mean_over_the_samples_of_an_instruction() -> None:
    report = synthetic()
    content = from_campaign(report, job="j")
    pcs, mean = np.array(report.series.pcs), np.array(report.series.mean)

    nodes = of_label(content, Label.INSTRUCTION)
    assert len(nodes) == len(report.rows)
    for node in nodes:
        expected = mean[pcs == node.properties["address"]].mean()
        assert node.properties["avg_power"] == pytest.approx(expected)


def test_a_thinned_series_gives_no_average_power_and_says_so() -> None:
    report = synthetic()
    thinned = report.model_copy(update={"series": report.series.model_copy(update={"stride": 4})})

    content = from_campaign(thinned, job="j")

    assert all("avg_power" not in node.properties for node in of_label(content, Label.INSTRUCTION))
    assert not of_label(content, Label.PATTERN)
    assert any("thinned" in warning for warning in content.warnings)


def test_instructions_precede_the_next_one_by_address_in_their_function() -> None:
    report = synthetic()
    content = from_campaign(report, job="j")
    addresses = sorted(row.place.address for row in report.rows if row.place.function == "sub_bytes")

    found = {(relation.source, relation.target) for relation in of_kind(content, Link.PRECEDES)}

    expected = {(f"{SHA}:{a:08x}", f"{SHA}:{b:08x}") for a, b in pairwise(addresses)}
    assert expected <= found
    functions = {row.place.function for row in report.rows}
    assert len(found) == len(report.rows) - len(functions)


def test_a_deterministic_difference_has_no_number_and_says_so_in_its_name() -> None:
    report = synthetic("noiseless")
    infinite = {number for number, finding in enumerate(report.findings, 1) if finding.value is None}

    weak = of_label(from_campaign(report, job="j"), Label.VULNERABILITY)

    assert infinite
    silent = {int(node.id.rpartition(":")[2]) for node in weak if "tvla_t" not in node.properties}
    assert infinite <= silent
    for number in infinite:
        assert "deterministic" in str(weak[number - 1].properties["name"])


def test_the_name_of_a_campaign_is_its_request_s_or_its_id() -> None:
    named, nameless = synthetic(), synthetic()
    request = nameless.request.model_copy(update={"name": ""})
    nameless = nameless.model_copy(update={"request": request})

    first, second = (of_label(from_campaign(r, job="j"), Label.CAMPAIGN)[0] for r in (named, nameless))
    firmware = of_label(from_campaign(nameless, job="j"), Label.FIRMWARE)[0]

    assert first.properties["name"] == named.request.name
    assert second.properties["name"] == nameless.campaign
    assert firmware.properties["name"] == SHA


def test_passages_speak_of_many_instructions_at_once_and_of_no_address() -> None:
    content = from_campaign(synthetic(), job="j")

    texts = [found.passage.text for found in content.found if found.passage.kind == "instruction"]

    assert len(texts) == len(set(texts)) < len(of_label(content, Label.INSTRUCTION))
    assert not any("0x" in text for text in texts)
    spoken = {thing for found in content.found for thing in found.ids}
    assert {node.id for node in of_label(content, Label.INSTRUCTION)} <= spoken


def test_the_report_is_kept_as_it_is() -> None:
    report = synthetic()

    record, _ = from_campaign(report, job="j").records[Shelf.ANALYSIS_RESULTS]

    assert kept_report(record) == report


def weaker(report: Report, factor: float, **changes: Any) -> Report:
    """Return the report of a build that leaks less: findings of t gone, rows scaled."""
    rows = tuple(
        row.model_copy(update={"max_abs_t1": row.max_abs_t1 * factor if row.max_abs_t1 is not None else None})
        for row in report.rows
    )
    findings = tuple(finding for finding in report.findings if finding.kind is not Kind.TVLA_1)
    return report.model_copy(update={"campaign": "after", "rows": rows, "findings": findings, **changes})


def test_a_mitigation_tells_what_it_did_to_each_weakness_that_was_measured_again() -> None:
    before = synthetic()
    longer = before.alignment.model_copy(update={"path_instructions": 2 * before.alignment.path_instructions})
    after = weaker(before, 0.25, alignment=longer)
    tags = ("mitigation:masking", f"baseline:{before.campaign}")

    content = from_campaign(after, tags=tags, job="j", baseline=before)

    node = next(node for node in content.nodes if node.id == "mitigation:masking")
    effects = of_kind(content, Link.MITIGATED_BY)
    by_number = dict(enumerate(before.findings, 1))
    places = [row.place.model_copy(update={"address": 0}) for row in before.rows]
    unique = [f for f in before.findings if places.count(f.place.model_copy(update={"address": 0})) == 1 and f.value]
    assert len(effects) == len(unique) > 10
    shares = []
    for effect in effects:
        finding = by_number[int(effect.source.rpartition(":")[2])]
        assert effect.properties["before"] == finding.value
        if finding.kind is Kind.TVLA_1:
            assert effect.properties["after"] == pytest.approx(abs(finding.value or 0) * 0.25)
        shares.append(1 - abs(float(effect.properties["after"] or 0)) / abs(finding.value or 1))
    assert node.properties["effectiveness"] == pytest.approx(np.mean(shares))
    assert node.properties["cost"] == pytest.approx(1)


def test_a_mitigation_without_its_baseline_is_not_invented() -> None:
    content = from_campaign(synthetic(), tags=("mitigation:masking", "baseline:x"), job="j")

    assert not of_label(content, Label.MITIGATION)
    assert any("baseline x" in warning for warning in content.warnings)


def test_findings_that_differ_in_their_figures_alone_share_a_text() -> None:
    report = synthetic()
    one = report.findings[0]
    findings = [one.model_copy(update={"title": f"{one.title} {number}", "value": number + 5.0}) for number in range(9)]

    content = from_campaign(report.model_copy(update={"findings": tuple(findings)}), job="j")

    weak = [found for found in content.found if found.passage.kind == "vulnerability"]
    assert len(weak) == 1
    assert len(weak[0].ids) == 9
    assert str(one.place.function) in weak[0].passage.text


def test_of_very_many_texts_there_is_one_for_each_function() -> None:
    report = synthetic()
    places = {row.place.address: row.place for row in report.rows}
    fine = passages(report, places)

    coarse = passages(report, places, most=3)

    functions = {row.place.function for row in report.rows}
    assert sum(found.passage.kind == "instruction" for found in coarse) == len(functions)
    assert {thing for found in coarse for thing in found.ids} == {thing for found in fine for thing in found.ids}
    assert not any(".c:" in found.passage.text for found in coarse if found.passage.kind == "vulnerability")


def test_measured_traces_are_refused() -> None:
    quantised = Quantised(lossless=True, smallest_step=1, largest_step=1, added_variance=0)
    told = {"form": "npz", "sha256": SHA, "bytes": 1, "traces": 1, "left_out": 0, "samples": 1, "first_sample": 0}
    told |= {"unit": "mV", "sampled_hz": None, "values": {}, "groups": "none", "groups_why": "", "key": None}
    measured = Measured.model_validate({**told, "quantised": quantised, "mapped": None, "notes": ()})

    with pytest.raises(InvalidInput) as refused:
        from_campaign(synthetic().model_copy(update={"measured": measured}), job="j")

    assert (refused.value.field, refused.value.reason) == ("campaign", "measured")
