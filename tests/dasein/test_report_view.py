import io
from typing import Any

import pytest
from rich.console import Console

from dasein import BadAnswer
from dasein.report_view import summary
from tests.dasein.reports import cpa, finding, report


def shown(document: dict[str, Any], *, rows: int | None = 20, width: int = 160) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False, markup=False, emoji=False)
    for item in summary(document, rows=rows):
        console.print(item)
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def test_a_leaking_report_shows_verdict_key_and_lines() -> None:
    text = shown(report([finding(), finding(kind="cpa", statistic="rho", value=0.93, secret="key byte 3")], cpa=cpa()))

    assert text.startswith("Leaks: 2 findings.")
    assert "15 of 16 key bytes right, 15 stand out" in text
    assert "largest |t| 53.2 (order 1), infinite (order 2)" in text
    assert "src/aes.c:12" in text
    assert "0x08000010 ldrb r1, [r0]" in text
    assert "|rho| 0.93" in text
    assert "key byte 3" in text


def test_a_key_that_is_not_known_is_not_ranked() -> None:
    text = shown(report([finding()], cpa=cpa(recovered=None)))

    assert "the true key is not known" in text
    assert "rank" not in text


def test_a_long_key_takes_a_line_for_every_sixteen_bytes_and_says_what_follows() -> None:
    attack = cpa()
    parts = attack["bytes"] + [part | {"index": part["index"] + 16} for part in attack["bytes"]]
    attack |= {"bytes": parts, "key": "a0" * 32, "of": "key word", "master_key": "0f" * 32}

    text = shown(report([finding()], cpa=attack), width=100)

    assert "15 of 32 key word bytes right" in text
    assert [line.split()[1] for line in text.splitlines() if line.split()[:1] == ["byte"]] == ["0", "16"]
    assert "the key that follows: " + "0f" * 32 in text


def test_what_was_not_computed_says_why() -> None:
    text = shown(report(tvla=None, tvla_absent="too few executions", sufficient=False))

    assert "none: too few executions" in text
    assert "none: not asked for" in text
    assert "Traces: 1000 + 1000 traces show" in text


def test_engine_and_noise_are_told_and_how_they_were_checked() -> None:
    ran = {"lanes": 1996, "again": 4, "checked": 2, "why": "lanes take every instruction of this path"}
    power = report()["power"] | {"noise": "by-law"}

    text = shown(report(execution=ran, power=power))

    assert "unicorn 2.1.4: 1,996 in lanes, 2 checked on Unicorn, none differed; lanes take every" in text
    assert "noise 1 arbitrary drawn by its law at the end" in text


def test_what_depends_on_the_inputs_is_told_with_two_inputs_that_part() -> None:
    part = {"input": "text", "offset": 8, "one": "00", "other": "a1"}
    branch = {
        "kind": "branch",
        "place": finding()["place"],
        "executions": 16,
        "first": 3,
        "parting": [part],
        "public": None,
    }
    counts = {"branches": 1, "addresses": 0, "looked_at": 256, "total": 1}
    found = {"varied": ["text"], "held": ["key"], "found": [branch], **counts}

    text = shown(report(constant_time=found))

    assert "1 branch and 0 addresses depend on what varied (text)" in text
    assert "src/aes.c:12  0x08000010 ldrb r1, [r0]  branch  text[8]  00             a1" in text


def test_why_nothing_is_known_of_ways_and_addresses_is_told() -> None:
    assert "not looked at: Unicorn ran" in shown(report(constant_time_absent="Unicorn ran"))


def test_the_check_of_secrets_is_told_in_a_line_where_there_was_one() -> None:
    said = {"verdict": "leaks", "why": "2 instructions part executions", "secrets": ["key", "pin"]}
    counts = {"values": 4, "executions": 96, "chosen": 0, "failed": 0, "error_rate": None}
    lists: dict[str, list[Any]] = {
        name: [] for name in ("masks", "public", "ways", "addresses", "operands", "cycles", "open")
    }
    check = {**said, **counts, **lists, "cache": None, "proven": False, "unproven": "they differ"}

    assert "leaks (key, pin): 2 instructions part executions" in " ".join(shown(report(secrets=check)).split())
    assert "secrets" not in shown(report(secrets=None))


def test_of_a_pair_of_samples_both_instructions_are_shown() -> None:
    partner = finding(address=0x08000020, mnemonic="strb", operands="r5, [r3]", line=120)["place"]
    pair = finding(kind="bivariate", partner=partner, partner_sample=9)

    lines = shown(report([pair])).splitlines()

    at = next(number for number, line in enumerate(lines) if "bivariate" in line)
    assert "src/aes.c:12 " in lines[at]
    assert lines[at + 1].split() == ["with", "src/aes.c:120", "mix", "0x08000020", "strb", "r5,", "[r3]"]


def test_a_long_table_is_cut_and_says_so() -> None:
    findings = [finding(address=0x100 + index) for index in range(30)]

    assert "10 more" in shown(report(findings))
    assert "more" not in shown(report(findings), rows=None)


def test_names_of_the_firmware_do_not_speak_to_the_terminal() -> None:
    text = shown(report([finding(function="\x1b[31mred[/]\x07", title="t")]))

    assert "\x1b" not in text
    assert "\x07" not in text
    assert "red[/]" in text


def test_a_report_of_before_engines_were_told_is_still_shown() -> None:
    document = report([finding()])
    for name in ("execution", "constant_time", "constant_time_absent"):
        del document[name]
    del document["power"]["noise"], document["findings"][0]["parting"]

    assert shown(document).startswith("Leaks: 1 findings.")


def test_warnings_are_shown() -> None:
    assert "Note: 3 samples were clipped" in shown(report(warnings=["3 samples were clipped"]))


@pytest.mark.parametrize("change", [{"firmware": {"sha256": "00"}}, {"tvla": {}}, {"cpa": {}}])
def test_a_report_of_another_shape_is_a_bad_answer(change: dict[str, Any]) -> None:
    with pytest.raises(BadAnswer):
        shown(report() | change)
