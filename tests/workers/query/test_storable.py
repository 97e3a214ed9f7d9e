"""Names and texts as hostile files have them, and numbers that no store keeps."""

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.errors import InvalidInput
from jobs.ingestion import Format, IngestRequest, IngestResult
from jobs.knowledge import Label
from jobs.report import Place, Report
from stores.graph import Node, Relation, Selection
from stores.graph_rules import check_additions, is_key
from tests.workers.query.knowledge import TENANT, Running, graph_server, keep_report, memory_services, real_services
from tests.workers.query.test_writer import REPORT
from workers.query.content import Content
from workers.query.from_campaign import from_campaign
from workers.query.from_document import read_document
from workers.query.ingest import ingest, tokenizer
from workers.query.named import LONGEST, function_id, in_id, mitigation_id
from workers.query.remove import remove
from workers.query.services import QueryServices
from workers.query.storable import WARNINGS, plain, storable

HOSTILE = (
    "_ZNSt6vectorIiSaIiEE17_M_realloc_insertIJRKiEEEvN9__gnu_cxx17__normal_iteratorIPiS1_EEDpOT_",
    "_ZN" + "4name" * 400 + "Ev",
    "_ZN" + "4name" * 400 + "Ez",
    "a|b/c?d#e%2f..'\"`;DROP {x} $y",
    "nul\0in it",
    "separators\x1e\x1f",
    "\x1b[31mred\x07",
    "line\nbreak\r\n",
    "line\u2028break",
    "  spaces around ",
    "two  spaces",
    "two spaces",
    "turned \u202e round",
    "emoji \U0001f511\u200d\U0001f5dd",
    "\ufeff",
    "\u200b",
    " ",
    "键函数",
    "e\u0301tage",
    "\u00e9tage",
    "\ufffd\ufffd",
    "x" * 999,
    "x" * 1000,
)
"""Names that a symbol table may have; no two are the same."""


def hostile(report: Report, names: Sequence[str] = HOSTILE) -> Report:
    """Return a report whose places are named so, one after another; the firmware, the campaign and the rest, too."""

    def named(place: Place, number: int) -> Place:
        name = names[number % len(names)]
        told = {"function": name, "file": f"src/{name}.c", "operands": f"{name}, #1", "line": 7}
        return place.model_copy(update=told | {"address": 0x08000000 + 2 * number})

    rows = tuple(
        report.rows[0].model_copy(update={"place": named(report.rows[0].place, number)}) for number in range(len(names))
    )
    findings = tuple(
        finding.model_copy(
            update={"place": named(finding.place, number), "title": f"{names[number]} leaks", "secret": "k\0y"}
        )
        for number, finding in enumerate(report.findings)
    )
    request = report.request.model_copy(update={"name": "night\nly \U0001f512\x1f"})
    pcs = tuple(row.place.address for row in rows)
    series = report.series.model_copy(update={"pcs": pcs, "mean": tuple(float(number) for number in range(len(pcs)))})
    told = {
        "series": series,
        "rows": rows,
        "findings": findings,
        "request": request,
        "headline": "It\0leaks.",
        "warnings": ("a\0b",) * 99,
    }
    return report.model_copy(update=told)


def take_in(services: QueryServices, *tags: str, report: Report = REPORT) -> IngestResult:
    request = IngestRequest(campaign=keep_report(services, report), tags=tags)
    return ingest(request, tenant=TENANT, job_id="j", attempt=Running("j"), services=services)


@pytest.mark.parametrize("name", HOSTILE)
def test_every_name_becomes_an_id_of_its_own(name: str) -> None:
    key = in_id(name)

    assert is_key(f"function:0123456789ab:{key}")
    assert len(key) <= LONGEST
    assert not any(unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} for letter in key)
    assert sum(in_id(other) == key for other in HOSTILE) == 1


def test_a_name_that_looks_like_a_changed_one_is_no_other_s() -> None:
    changed = in_id("a\nb")

    assert in_id(changed) != changed
    assert in_id("sub_bytes") == "sub_bytes"


@pytest.mark.parametrize("name", [*HOSTILE, "\ud800"])
def test_every_text_becomes_one_line_that_stores_keep(name: str) -> None:
    text = plain(name)

    check_additions([Node("Function", "f", {"name": text})], [], batch="b")
    assert len(text.splitlines()) <= 1
    assert plain(text) == text
    assert sum(plain(other) == text for other in HOSTILE) <= 1


@pytest.mark.parametrize("value", [float("inf"), float("nan"), -1e200, 2**63, -(2**63) - 1])
def test_a_number_that_no_store_keeps_is_left_out(value: float) -> None:
    told = {"max_abs_t": value, "executions": 3, "avg_power": 1.5, "sufficient": True}
    relation = Relation("MEASURED_IN", "a", "b", {"max_abs_t": value})
    content = Content("b", "campaign", "t", 0.0, {}, [Node("Instruction", "a", told)], [relation], [])

    kept = storable(content)

    assert kept.nodes[0].properties == {"executions": 3, "avg_power": 1.5, "sufficient": True}
    assert kept.relations == [Relation("MEASURED_IN", "a", "b", {})]


def test_warnings_are_few_and_say_how_many_there_were() -> None:
    content = Content("b", "campaign", "t", 0.0, {}, [], [], [])

    kept = storable(replace(content, warnings=[f"{number}\0" for number in range(1000)]))

    assert len(kept.warnings) == WARNINGS
    assert kept.warnings[-1] == f"There are {1000 - WARNINGS + 1} more warnings."


def test_a_report_full_of_hostile_names_can_be_stored() -> None:
    content = from_campaign(hostile(REPORT), tags=("a\x1fb", "mitigation:m\u2028n"), job="j", baseline=REPORT)

    check_additions(content.nodes, content.relations, batch=content.batch)
    functions = [node.id for node in content.nodes if node.label == Label.FUNCTION]
    assert len(functions) == len(set(functions)) == len(HOSTILE)
    known = {node.id for node in content.nodes}
    assert all({relation.source, relation.target} <= known for relation in content.relations)
    assert all(set(found.ids) <= known for found in content.found)


@pytest.mark.parametrize("where", ["memory", "real"])
def test_it_comes_into_all_stores_and_goes_without_a_trace(where: str, tmp_path: Path) -> None:
    def whole(services: QueryServices) -> None:
        result = take_in(
            services,
            "tag with\u2028break",
            "mitigation:m\u2028n",
            f"baseline:{REPORT.campaign}",
            report=hostile(REPORT),
        )
        named = services.graph.select(TENANT, Selection(Label.FUNCTION.value, limit=100))
        assert {node.id for node in named} == {function_id(REPORT.code.sha256, name) for name in HOSTILE}
        assert len(result.model_dump_json()) < 100_000
        remove(result.batch, tenant=TENANT, job_id="r", attempt=Running("r"), services=services)
        assert not any(services.graph.counts(TENANT).values())

    if where == "memory":
        whole(memory_services(tmp_path))
    else:
        with graph_server(tmp_path) as graph:
            whole(real_services(tmp_path, graph))


def test_a_mitigation_may_be_called_anything() -> None:
    assert mitigation_id("masking") == "mitigation:masking"
    assert is_key(mitigation_id("a\x1fb\n"))


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(), max_size=300), st.text(max_size=200))
def test_every_text_becomes_a_document_that_stores_keep(text: str, title: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    try:
        content = read_document(
            data,
            format=Format.TEXT,
            name="n",
            title=title,
            tags=(),
            tokenizer=tokenizer(),
            known=lambda _: None,
            created_at=0.0,
            source={},
        )
    except InvalidInput:
        return

    check_additions(content.nodes, content.relations, batch=content.batch)
    json.dumps([found.passage.text for found in content.found], ensure_ascii=False).encode()
    json.dumps(content.title, ensure_ascii=False).encode()
