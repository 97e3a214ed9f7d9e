from pathlib import Path

import pytest

from dasein import BadCampaign
from dasein.campaign_file import assignments, merged, read_campaign


def test_json_and_toml_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"traces": 100, "power": {"model": "hw"}}')
    (tmp_path / "a.toml").write_text('traces = 100\n[power]\nmodel = "hw"\n')

    assert read_campaign(tmp_path / "a.json") == read_campaign(tmp_path / "a.toml")


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("a.json", "[1]", "one object"),
        ("a.json", "{", "not JSON"),
        ("a.toml", "a =", "not TOML"),
        ("a.toml", "when = 2026-01-01", "no word for"),
        ("a.toml", "noise = nan", "no word for"),
        ("a.json", '{"firmware": "sha256:00"}', "names a firmware"),
    ],
)
def test_what_cannot_be_a_campaign_is_told(tmp_path: Path, name: str, text: str, why: str) -> None:
    (tmp_path / name).write_text(text)

    with pytest.raises(BadCampaign, match=why):
        read_campaign(tmp_path / name)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"\xff\xfe")

    with pytest.raises(BadCampaign, match="cannot be read"):
        read_campaign(tmp_path / "a.json")
    with pytest.raises(BadCampaign, match="cannot be read"):
        read_campaign(tmp_path / "absent.json")


def test_changes_are_laid_over_table_by_table() -> None:
    base = {"power": {"model": "hw", "noise_sigma": 1}, "tags": ["a"], "cpa": None}

    result = merged(base, {"power": {"model": "hd"}, "tags": ["b"], "cpa": {"key": "k"}})

    assert result == {"power": {"model": "hd", "noise_sigma": 1}, "tags": ["b"], "cpa": {"key": "k"}}
    assert base["power"] == {"model": "hw", "noise_sigma": 1}


def test_an_item_of_a_list_is_changed_by_its_number() -> None:
    base = {"target": {"inputs": [{"name": "key", "value": "00"}, {"name": "text"}]}}

    result = merged(base, assignments(["target.inputs.0.value=a7", "target.inputs.1.varies=random"]))

    assert result == {"target": {"inputs": [{"name": "key", "value": "a7"}, {"name": "text", "varies": "random"}]}}
    assert base["target"]["inputs"][0]["value"] == "00"


@pytest.mark.parametrize("step", ["2", "-1", "key"])
def test_an_item_that_is_not_there_is_told(step: str) -> None:
    base = {"target": {"inputs": [{"name": "key"}, {"name": "text"}]}}

    with pytest.raises(BadCampaign, match=rf"inputs\.{step} is no item of inputs, which has 2, from 0 on"):
        merged(base, assignments([f"target.inputs.{step}.value=a7"]))


def test_assignments_nest_and_read_json_where_it_is_json() -> None:
    result = assignments(["power.sampling=cycle", "power.noise_sigma=2.5", "cpa=null", "name=a=b", "keep_traces=true"])

    assert result == {
        "power": {"sampling": "cycle", "noise_sigma": 2.5},
        "cpa": None,
        "name": "a=b",
        "keep_traces": True,
    }


@pytest.mark.parametrize("setting", ["traces", "=1", "a..b=1", ".=1"])
def test_an_assignment_without_a_name_is_told(setting: str) -> None:
    with pytest.raises(BadCampaign, match="NAME=VALUE"):
        assignments([setting])
