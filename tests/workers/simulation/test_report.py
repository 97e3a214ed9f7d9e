import json

import jsonschema
import pytest

from jobs.report import Report
from tests.workers.simulation.reports import SOURCE, VARIANTS, Variant, renamed, synthetic, without_key
from workers.simulation.report import render, to_json
from workers.simulation.report_schema import PUBLISHED, main, schema


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_kind_of_report_is_written_in_all_four_forms(variant: Variant) -> None:
    files = render(synthetic(variant), source=SOURCE)

    assert sorted(files) == ["report.csv", "report.html", "report.json", "report.png"]
    assert all(files.values())


def test_the_json_reads_back_as_the_same_report() -> None:
    report = synthetic("noiseless")

    assert Report.model_validate_json(to_json(report)) == report


def test_equal_reports_give_equal_bytes() -> None:
    first, second = render(synthetic(seed=11), source=SOURCE), render(synthetic(seed=11), source=SOURCE)

    assert first == second


@pytest.mark.parametrize("report", [*(synthetic(variant) for variant in VARIANTS), without_key(synthetic())])
def test_the_json_follows_the_published_schema(report: Report) -> None:
    published = json.loads(PUBLISHED.read_text(encoding="utf-8"))

    jsonschema.validate(json.loads(to_json(report)), published, cls=jsonschema.Draft202012Validator)


def test_the_published_schema_is_current() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == schema(), "run `make schema`"


def test_the_schema_is_written_where_it_is_asked_for(tmp_path_factory: pytest.TempPathFactory) -> None:
    target = tmp_path_factory.mktemp("schema") / "report.schema.json"

    main([str(target)])

    assert target.read_text(encoding="utf-8") == schema()


def test_the_schema_refuses_a_report_without_a_verdict() -> None:
    told = json.loads(to_json(synthetic("clean")))
    del told["verdict"]

    with pytest.raises(jsonschema.ValidationError, match="verdict"):
        jsonschema.validate(told, json.loads(schema()), cls=jsonschema.Draft202012Validator)


@pytest.mark.parametrize("name", ["$\\frac{$", "\u200b\u202e\x00\n", "\U0001f600 漢字", " "])
def test_names_of_any_kind_can_be_written(name: str) -> None:
    files = render(renamed(synthetic("no-cpa"), name))

    assert Report.model_validate_json(files["report.json"]).headline == name
