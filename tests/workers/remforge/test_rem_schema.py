import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_origin

import jsonschema
import pytest
from pydantic import BaseModel

from jobs.rem import Rem
from tests.workers.remforge.records import record, sequence
from workers.remforge.exports import to_json
from workers.remforge.rem_schema import PUBLISHED, SCHEMAS, main, schema
from workers.remforge.sequence import report
from workers.remforge.validate import check

EXAMPLES = PUBLISHED / "examples" / "rem"
CHAPTER = PUBLISHED / "remforge" / "schema.md"


@cache
def published(name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads((PUBLISHED / name).read_text(encoding="utf-8")))


def follows(data: Any, name: str) -> None:
    published(name).validate(data)


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_published_schema_is_current(name: str) -> None:
    assert (PUBLISHED / name).read_text(encoding="utf-8") == schema(name), "run `make schema`"
    jsonschema.Draft202012Validator.check_schema(json.loads(schema(name)))


def test_the_schemas_are_written_where_they_are_asked_for(tmp_path: Path) -> None:
    main([str(tmp_path)])

    assert {file.name: file.read_text(encoding="utf-8") for file in tmp_path.iterdir()} == {
        name: schema(name) for name in SCHEMAS
    }


def test_records_and_reports_follow_their_schemas() -> None:
    rems = sequence(12)

    for rem in rems:
        follows(json.loads(rem.model_dump_json()), "rem.schema.json")
    follows(json.loads(to_json(report(rems, title="A week", job="job"))), "rem-sequence.schema.json")


@pytest.mark.parametrize(
    ("path", "value"),
    [("header.rem_id", "rem:1"), ("sensorial.valence", 2), ("qualia.text.words", 0.5), ("noetic.joy", 1)],
)
def test_the_schema_refuses_what_is_no_record(path: str, value: Any) -> None:
    data: dict[str, Any] = json.loads(record().model_dump_json())
    *sections, name = path.split(".")
    part = data
    for section in sections:
        part = part[section]
    part[name] = value

    with pytest.raises(jsonschema.ValidationError):
        follows(data, "rem.schema.json")


def test_there_is_an_example_of_every_modality_and_all_are_records() -> None:
    files = sorted(EXAMPLES.iterdir())

    assert [file.name for file in files] == ["audio.json", "image.json", "text.json", "video.json"]
    for file in files:
        assert check(file).problems == ()
        data = json.loads(file.read_text(encoding="utf-8"))
        assert data["header"]["modality"] == file.stem
        follows(data, "rem.schema.json")


def test_the_manual_names_every_field_of_a_record_and_no_other() -> None:
    table = CHAPTER.read_text(encoding="utf-8").partition("## Fields")[2].partition("##")[0]

    told = re.findall(r"^\| `([a-z0-9_.\[\]]+)` \|", table, re.MULTILINE)

    assert len(set(told)) == len(told)
    assert set(told) == set(fields(Rem))


def fields(model: type[BaseModel], place: str = "") -> Iterator[str]:
    """Yield the paths of all values of a record; `[]` is each of a list or of named things."""
    for name, field in model.model_fields.items():
        found = list(_models(field.annotation))
        if not found:
            yield f"{place}{name}"
        for each, listed in found:
            yield from fields(each, f"{place}{name}{'[]' if listed else ''}.")


def _models(annotation: Any, *, listed: bool = False) -> Iterator[tuple[type[BaseModel], bool]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, listed
    for one in get_args(annotation):
        yield from _models(one, listed=listed or get_origin(annotation) in {tuple, dict})
