import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dasein import BadCampaign, BadPolicy, DaseinError, Finding, Gate, Ignore, Policy, Severity
from dasein.policy import parse_policy, read_policy
from tests.dasein.reports import finding

HERE = Path()
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
KEYS = st.sampled_from(["campaign", "gate", "fail_on", "ignore", "timeout_s", "reason", "function", "line", "x"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.booleans(), st.integers(-5, 10**6), st.sampled_from(["", "medium", "high", "f"])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)


def toml(value: Any) -> str:
    """Write a value as TOML; tables inline."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {toml(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)


def gate_of(text: str) -> Gate:
    return parse_policy(f"[campaign]\n[gate]\n{text}", folder=HERE).gate


def test_a_policy_without_a_gate_fails_on_medium() -> None:
    assert parse_policy("[campaign]\ntraces = 10", folder=HERE) == Policy({"traces": 10}, Gate())
    assert Gate().fail_on is Severity.MEDIUM


def test_a_campaign_file_is_found_beside_the_policy_and_can_be_changed(tmp_path: Path) -> None:
    (tmp_path / "aes.json").write_text('{"traces": 100, "power": {"model": "hw", "noise_sigma": 1.0}}')
    (tmp_path / "policy.toml").write_text('[campaign]\nfile = "aes.json"\ntraces = 500\npower = {noise_sigma = 2}')

    policy = read_policy(tmp_path / "policy.toml")

    assert policy.campaign == {"traces": 500, "power": {"model": "hw", "noise_sigma": 2}}


def test_every_setting_of_the_gate_is_read() -> None:
    gate = gate_of(
        'fail_on = "high"\nallow_insufficient = true\ntimeout_s = 30\n'
        'ignore = [{function = "f", reason = "public"}, {file = "a.c", line = 3, kind = "cpa", reason = "x"}]'
    )

    assert gate == Gate(
        fail_on=Severity.HIGH,
        allow_insufficient=True,
        timeout_s=30.0,
        ignore=(Ignore("public", function="f"), Ignore("x", file="a.c", line=3, kind="cpa")),
    )


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("gates = 1\n[campaign]", "gates"),
        ("[gate]", "campaign"),
        ("campaign = 1", "campaign"),
        ("gate = 1\n[campaign]", "gate"),
        ("[campaign]\nfirmware = 'x'", "campaign.firmware"),
        ("[campaign]\nfile = 1", "campaign.file"),
        ("[campaign]\nat = 2026-01-01", "campaign"),
        ("[campaign]\n[gate]\nfail = 'medium'", "gate.fail"),
        ("[campaign]\n[gate]\nfail_on = 'bad'", "gate.fail_on"),
        ("[campaign]\n[gate]\nfail_on = ['medium']", "gate.fail_on"),
        ("[campaign]\n[gate]\nallow_insufficient = 'yes'", "gate.allow_insufficient"),
        ("[campaign]\n[gate]\nallow_insufficient = true\nrequire_sufficient = true", "gate.require_sufficient"),
        ("[campaign]\n[gate]\ntimeout_s = 0", "gate.timeout_s"),
        ("[campaign]\n[gate]\ntimeout_s = nan", "gate.timeout_s"),
        ("[campaign]\n[gate]\ntimeout_s = true", "gate.timeout_s"),
        ("[campaign]\n[gate]\nignore = 1", "gate.ignore"),
        ("[campaign]\n[gate]\nignore = ['f']", "gate.ignore"),
        ("[campaign]\n[gate]\nignore = [{function = 'f'}]", "gate.ignore[0].reason"),
        ("[campaign]\n[gate]\nignore = [{function = 'f', reason = ' '}]", "gate.ignore[0].reason"),
        ("[campaign]\n[gate]\nignore = [{reason = 'r'}]", "gate.ignore[0]"),
        ("[campaign]\n[gate]\nignore = [{line = 0, reason = 'r'}]", "gate.ignore[0].line"),
        ("[campaign]\n[gate]\nignore = [{func = 'f', reason = 'r'}]", "gate.ignore[0].func"),
    ],
)
def test_what_no_policy_may_say_is_refused_with_its_key(text: str, key: str) -> None:
    with pytest.raises(BadPolicy) as refused:
        parse_policy(text, folder=HERE)

    assert refused.value.key == key
    assert key in str(refused.value)


def test_what_is_not_toml_is_refused() -> None:
    with pytest.raises(BadPolicy, match="not TOML"):
        parse_policy("[campaign", folder=HERE)


def test_a_campaign_file_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadCampaign, match=r"absent\.json"):
        parse_policy('[campaign]\nfile = "absent.json"', folder=tmp_path)


@given(st.dictionaries(KEYS, VALUES, max_size=3))
def test_any_toml_is_a_policy_or_a_typed_refusal(document: dict[str, Any]) -> None:
    text = "\n".join(f"{name} = {toml(value)}" for name, value in document.items())

    try:
        policy = parse_policy(text, folder=HERE)
    except DaseinError:
        return
    assert set(document) <= {"campaign", "gate"}
    assert all(entry.reason.strip() for entry in policy.gate.ignore)


@given(st.text(max_size=60))
def test_any_text_is_a_policy_or_a_typed_refusal(text: str) -> None:
    try:
        parse_policy(text, folder=HERE)
    except DaseinError:
        return
    assert "campaign" in text


@pytest.mark.parametrize(
    ("entry", "covered"),
    [
        (Ignore("r", function="mix"), True),
        (Ignore("r", function="mi"), False),
        (Ignore("r", file="aes.c"), True),
        (Ignore("r", file="src/aes.c", line=12), True),
        (Ignore("r", file="s.c"), False),
        (Ignore("r", function="mix", line=13), False),
        (Ignore("r", kind="cpa"), False),
    ],
)
def test_an_ignore_covers_what_all_of_it_is_true_of(entry: Ignore, covered: bool) -> None:
    assert entry.covers(Finding.read(finding())) is covered


def test_an_ignore_by_file_covers_nothing_whose_file_is_unknown() -> None:
    assert not Ignore("r", file="aes.c").covers(Finding.read(finding(file=None, line=None)))


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.name)
def test_the_examples_in_the_documentation_are_policies(path: Path) -> None:
    policy = read_policy(path)

    assert policy.campaign["traces"] >= 1000
    assert policy.campaign["target"]["entry"]


def test_there_are_examples_in_the_documentation() -> None:
    assert list(EXAMPLES.glob("*.toml"))
