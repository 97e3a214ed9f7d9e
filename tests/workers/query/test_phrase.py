from dataclasses import fields, replace
from string import Formatter

import pytest

from jobs.knowledge import PROPERTIES, Label, Link
from jobs.questions import Claim
from stores.graph import Condition, Node, Relation, Selection, Summary, Value, Way
from workers.query.figures import Sample
from workers.query.outcome import (
    Checked,
    Compared,
    Connected,
    Explained,
    Failed,
    Figured,
    Listed,
    Outcome,
    Pair,
    Surrounded,
)
from workers.query.phrase import WORDS, phrase
from workers.query.phrases_en import EN
from workers.query.phrases_es import ES
from workers.query.plan import Aggregate, Around, Compare, Connect, Explain, Extremum, Lookup, Open, Select
from workers.query.titles import worst_first

ALL = Selection(Label.INSTRUCTION)


def instruction(key: str = "f:01", **properties: str | float) -> Node:
    told: dict[str, Value] = {
        "mnemonic": "ldrb",
        "operands": "r3, [r2]",
        "function": "sub_bytes",
        "source_line": "aes.c:41",
    }
    return Node(Label.INSTRUCTION, key, told | properties)


def said(outcome: Outcome, language: str = "en", *, whether: bool = False) -> list[Claim]:
    return phrase(outcome, ES if language == "es" else EN, asked_whether=whether)


def test_both_languages_say_the_same_things_of_the_same_figures() -> None:
    assert set(EN.sentences) == set(ES.sentences)
    for key, sentence in EN.sentences.items():
        english = {name for _, name, _, _ in Formatter().parse(sentence) if name}
        assert english == {name for _, name, _, _ in Formatter().parse(ES.sentences[key]) if name}, key
    assert not EN.names
    for part in fields(EN):
        # Names of findings are English as they are.
        assert part.name == "names" or set(getattr(EN, part.name)) == set(getattr(ES, part.name)), part.name


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_label_relation_and_property_has_a_name(language: str) -> None:
    words = ES if language == "es" else EN

    assert set(words.nouns) == set(Label)
    assert set(words.relations) == set(Link)
    assert {name for properties in PROPERTIES.values() for name in properties} <= set(words.properties)


def test_a_mean_comes_with_its_interval_unit_and_samples() -> None:
    node = instruction(avg_energy=0.0021, energy_sd=0.0001, sample_count=100)

    claim = said(Listed(Lookup(("f:01",), ("avg_energy",)), [node], 1, ("avg_energy",)))[0]

    assert claim.text == "ldrb r3, [r2] (sub_bytes, aes.c:41): energy 2.100 (2.080 … 2.120) nJ, from 100 samples."
    assert (claim.value, claim.unit, claim.samples, claim.evidence) == (0.0021, "uJ", 100, ("f:01",))
    assert claim.low == pytest.approx(0.0021 - 1.984217 * 0.00001, rel=1e-5)
    assert claim.high == pytest.approx(0.0021 + 1.984217 * 0.00001, rel=1e-5)


def test_contradicting_measurements_are_listed_and_never_averaged() -> None:
    node = instruction(avg_energy=0.0025, energy_sd=0.0005, sample_count=200)
    samples = [Sample(0.002, 0.0001, 100, "measurements:a"), Sample(0.003, 0.0001, 100, "measurements:b")]
    listed = Listed(Lookup(("f:01",), ("avg_energy",)), [node], 1, ("avg_energy",), disputes={"f:01": samples})

    claims = said(listed)

    assert [claim.conflicting for claim in claims] == [True]
    assert "measurements:a 2.000 (1.980 … 2.020) nJ (100 samples)" in claims[0].text
    assert "measurements:b 3.000" in claims[0].text
    assert "2.5" not in claims[0].text
    assert claims[0].value is None
    assert claims[0].evidence[1:] == ("measurement:measurements:a|f:01", "measurement:measurements:b|f:01")


def test_a_long_list_names_the_worst_first_and_counts_the_rest() -> None:
    nodes = [instruction(f"f:{n:02}", max_abs_t=float(n), operands=f"r{n}") for n in range(12)]

    claim = said(Listed(Select(ALL), nodes, 40))[0]

    assert claim.text.startswith("Found 40 instructions: ldrb r11 (sub_bytes, aes.c:41); ldrb r10")
    assert claim.text.endswith(", and 35 more.")
    assert claim.evidence == tuple(node.id for node in reversed(nodes))
    assert (claim.value, claim.low, claim.high) == (40, 40, 40)


def test_the_worst_is_the_severest_then_the_largest_then_the_first_by_id() -> None:
    nodes = [Node("x", "d"), Node("x", "c"), Node("x", "b", {"max_abs_t": 9.0}), Node("x", "a", {"severity_rank": 4})]

    assert [node.id for node in worst_first(nodes)] == ["a", "b", "c", "d"]


def test_nothing_found_says_among_what_it_was_looked_for() -> None:
    checked = Checked(214, [instruction("f:01"), instruction("f:02")])

    of_7 = Selection(Label.INSTRUCTION, (Condition("firmware", "=", "firmware:7"),))

    claim = phrase(Listed(Select(of_7), (), 0, checked=checked), EN, said="instructions of build 7, |t| > 9")[0]

    assert claim.text == "No instruction meets this (instructions of build 7, |t| > 9); 214 instructions looked at."
    # Where it was looked; what was looked at is not what was found.
    assert claim.evidence == ("firmware:7",)
    assert claim.value == 0


def test_what_nobody_measured_is_not_said_to_be_small() -> None:
    checked = Checked(3, [instruction()], unmeasured="avg_temperature")

    claim = said(Listed(Extremum(ALL), (), 0, checked=checked))[0]

    assert claim.text == "No value of temperature is recorded for any of 3 instructions."
    assert claim.value is None


def test_an_extreme_says_when_the_next_differs_by_chance_alone() -> None:
    step = Extremum(Selection(Label.INSTRUCTION, order_by="max_abs_t", descending=True, limit=1))
    found = Listed(step, [instruction(max_abs_t=12.0)], 1, tied=instruction("f:02", operands="r9"))

    claims = said(found)

    assert claims[0].text == "Highest |t|: ldrb r3, [r2] (sub_bytes, aes.c:41): |t| 12.0 (10.0 … 14.0)."
    assert claims[0].value == 12.0
    assert "no more than chance" in claims[1].text
    assert claims[1].evidence == ("f:01",)
    assert "[f:02]" in claims[1].text


def test_a_mean_over_things_has_students_interval_and_a_count_is_exact() -> None:
    mean = Figured(
        Aggregate(ALL, "mean", of="avg_energy"), [Summary(None, 25, 0.05, 0.002, 0.0004, 0.001, 0.003)], [instruction()]
    )
    count = Figured(Aggregate(ALL, "count"), [Summary(None, 12)], [instruction()], out_of=48)

    figure, (number, share) = said(mean)[0], said(count)

    assert figure.text == "Mean of energy over 25 instructions: 2.00 (1.83 … 2.17) nJ."
    assert figure.samples == 25
    assert (number.value, number.low, number.high) == (12, 12, 12)
    assert share.text.startswith("That is 25 % (15 to 39 %) of 48 ")
    assert (share.value, share.unit, share.samples) == (25, "%", 48)


def test_groups_are_named_and_severities_translated() -> None:
    groups = [Summary("critical", 4), Summary("high", 2), Summary(None, 1)]
    step = Aggregate(Selection(Label.VULNERABILITY), "count", by="severity")

    claim = said(Figured(step, groups, [Node(Label.VULNERABILITY, "v")]), "es")[0]

    assert claim.text == "Hallazgos por gravedad: crítica: 4; alta: 2; sin decir: 1."


def pair(change: str, key: str, *, before: int = 3, after: int = 0, sure: bool = True) -> Pair:
    return Pair(key, key, f"ldrb ({key})", change, 20.0, 2.0, -9.0, sure, before, after)  # type: ignore[arg-type]


def comparison(*pairs: Pair, **more: object) -> Compared:
    ends = [Node(Label.CAMPAIGN, f"campaign:{n}", {"name": f"build {n}"}) for n in (6, 7)]
    told = {"only_before": 0, "only_after": 0, "new_leaks": (), **more}
    return Compared(Compare("campaign:6", "campaign:7"), *ends, "t", pairs, **told)  # type: ignore[call-arg,arg-type]


@pytest.mark.parametrize(
    ("compared", "verdict"),
    [
        (comparison(pair("better", "a")), "Yes. The change from build 6 to build 7 helped:"),
        (comparison(pair("better", "a"), pair("unchanged", "b", after=3)), "In part. The change"),
        (comparison(pair("better", "a"), pair("worse", "b", before=0, after=3)), "In part. The change"),
        (comparison(pair("worse", "a", before=0, after=3)), "No. The change"),
        (comparison(pair("unchanged", "a", after=3)), "No. The change"),
        (comparison(pair("unchanged", "a", before=0), doubt="no leak before"), "Not shown. It is not shown"),
        (comparison(doubt="nothing"), "Not shown. It is not shown"),
        (comparison(pair("better", "a"), doubt="insufficient"), "Not shown. It is not shown"),
    ],
)
def test_whether_a_patch_helped_is_answered_first(compared: Compared, verdict: str) -> None:
    claim = said(compared, whether=True)[0]

    assert claim.text.startswith(verdict)
    assert claim.evidence == ("campaign:6", "campaign:7")
    assert said(compared)[0].text == claim.text.split(". ", 1)[1]


def test_a_comparison_lists_what_changed_with_figures_and_counts() -> None:
    compared = comparison(pair("worse", "a", before=0, after=3), pair("better", "b", sure=False), only_after=2)

    claims = {claim.text.split(":")[0]: claim for claim in said(compared)}

    assert claims["Worse"].text == "Worse: 1 instruction: ldrb (a) (|t| 20 → 2)."
    assert claims["Better"].text == "Better: 1 instruction: ldrb (b) (|t| 20 → 2, within chance)."
    assert claims["Better"].evidence == ("b",)
    assert claims["Without a counterpart"].text == "Without a counterpart: 0 before, 2 after."


def test_what_never_leaked_is_counted_among_what_stayed() -> None:
    verdict = said(comparison(pair("better", "a"), quiet=9))[0]

    assert "of 10 instructions in both, 1 got better, 0 worse, 9 unchanged" in verdict.text
    assert verdict.samples == 10


def test_energies_are_compared_with_their_unit_and_without_a_verdict_on_leaks() -> None:
    ends = [Node(Label.CAMPAIGN, f"campaign:{n}", {"name": f"build {n}"}) for n in (6, 7)]
    risen = Pair("a", "a", "ldrb (a)", "worse", 0.002, 0.003, 9.0, sure=True)
    step = Compare("campaign:6", "campaign:7", aspect="energy")

    verdict, worse = said(Compared(step, ends[0], ends[1], "energy", [risen], 0, 0, ()), whether=True)

    assert verdict.text.startswith(
        "From build 6 to build 7, in energy: of 1 instruction in both, 0 got better, 1 worse"
    )
    assert worse.text == "Worse: 1 instruction: ldrb (a) (2 nJ → 3 nJ)."


def test_a_comparison_of_one_kind_says_that_alone() -> None:
    only = Compared(
        Compare("campaign:6", "campaign:7", only="worse"),
        Node(Label.CAMPAIGN, "campaign:6"),
        Node(Label.CAMPAIGN, "campaign:7"),
        "t",
        [pair("better", "a")],
        0,
        0,
        (),
    )

    claims = said(only)

    assert [claim.text for claim in claims] == ["No instruction got worse, of 1 instruction in both."]
    assert claims[0].value == 0


def test_what_never_leaked_is_not_said_to_leak_as_before() -> None:
    pairs = [
        pair("unchanged", "a", before=3, after=3),
        pair("unchanged", "b", before=0),
        pair("unchanged", "c", after=1),
    ]
    step = Compare("campaign:6", "campaign:7", only="unchanged")

    still, none = said(replace(comparison(*pairs), step=step)), said(replace(comparison(*pairs[1:]), step=step))

    assert (still[0].evidence, still[0].value) == (("a",), 1)
    assert none[0].text == "No instruction leaks as it did before, of 2 instructions in both."


def test_what_one_thing_alone_is_asked_for_is_the_figure_and_not_the_number_of_things() -> None:
    hot = Listed(Select(ALL, ("avg_temperature",)), [instruction(avg_temperature=41.5)], 1, ("avg_temperature",))
    two = [instruction(avg_temperature=41.5), instruction("f:02", avg_temperature=39.0)]
    both = Listed(Select(ALL, ("avg_temperature",)), two, 2, ("avg_temperature",))

    assert [(claim.value, claim.unit, claim.evidence) for claim in said(hot)] == [(41.5, "degC", ("f:01",))]
    assert (said(both)[0].value, said(both)[0].unit) == (2, None)


def test_one_group_alone_has_its_figure_as_the_value() -> None:
    function = Node(Label.FUNCTION, "function:7:sub_bytes", {"name": "sub_bytes"})
    step = Aggregate(ALL, "mean", of="avg_energy", by="function", top=1, least=True)
    group = Summary("sub_bytes", 25, 0.05, 0.002, 0.0004, 0.001, 0.003)

    claim = said(Figured(step, [group], [instruction()], things=[function]))[0]

    assert (claim.value, claim.unit) == (0.002, "uJ")
    assert claim.low is not None
    assert claim.evidence == ("function:7:sub_bytes", "f:01")


def test_a_path_reads_in_its_direction_and_its_absence_is_said() -> None:
    function, image = Node(Label.FUNCTION, "fn", {"name": "sub_bytes"}), Node(Label.FIRMWARE, "fw", {"name": "build 7"})
    way = Way([image, function], [Relation(Link.PART_OF, "fn", "fw")])

    found = said(Connected(Connect("fw", "fn"), (image, function), [way]))
    none = said(Connected(Connect("fw", "fn"), (image, function), []))

    assert found[0].text == "build 7 relates to sub_bytes: build 7 ←part of— sub_bytes."
    assert none[0].text == "No connection between build 7 and sub_bytes within 3 hops."
    assert none[0].evidence == ("fw", "fn")


def test_what_lies_around_is_grouped_by_kind() -> None:
    centre = instruction()
    nodes = [Node(Label.FUNCTION, "fn", {"name": "sub_bytes"}), instruction("f:02"), instruction("f:03")]

    claims = said(Surrounded(Around("f:01"), centre, nodes, {"f:01": 0, "fn": 1, "f:02": 1, "f:03": 1}))

    assert [claim.text.split(":")[2].strip() for claim in claims] == ["1 function", "2 instructions"]
    assert said(Surrounded(Around("f:01"), centre, (), {}))[0].text.startswith("Nothing of the kind lies around")


def test_an_explanation_without_a_finding_says_so_before_its_figures() -> None:
    node = instruction(avg_energy=0.002, energy_sd=0.0001, sample_count=10)

    claims = said(Explained(Explain("f:01"), node))

    assert claims[0].text.startswith("No finding is recorded")
    assert claims[1].unit == "uJ"


def test_an_explanation_lists_what_contradicts_and_averages_nothing() -> None:
    node = instruction(avg_energy=0.0025, energy_sd=0.0005, sample_count=200)
    samples = [Sample(0.002, 0.0001, 100, "measurements:a"), Sample(0.003, 0.0001, 100, "measurements:b")]

    claims = said(Explained(Explain("f:01"), node, samples=samples, disputes={"f:01": samples}))

    assert [claim.conflicting for claim in claims if claim.unit == "uJ"] == [True]
    assert not any("2.5" in claim.text for claim in claims)


def test_a_finding_is_told_with_its_statistic_and_interval() -> None:
    weak = Node(
        Label.VULNERABILITY, "v:0", {"name": "The key leaks.", "tvla_t": 12.5, "traces": 2000, "severity": "critical"}
    )

    claim = said(Explained(Explain("f:01"), instruction(), [weak]), "es")[0]

    assert "The key leaks (t = 12.5 (10.5 … 14.5) con 2000 trazas); gravedad crítica." in claim.text
    assert (claim.value, claim.samples) == (12.5, 2000)
    assert (claim.low, claim.high) == pytest.approx((10.54, 14.46))
    assert claim.evidence == ("v:0", "f:01")


def test_a_failed_step_is_said_to_have_failed() -> None:
    assert phrase(Failed(Open()), EN, said="leaks")[0].text == "This could not be looked up now: leaks."
    assert WORDS["en"] is EN


def test_a_share_is_left_out_where_all_were_asked_for() -> None:
    step = Aggregate(Selection(Label.INSTRUCTION, (Condition("max_abs_t", ">", 4.5),)), "count")

    assert len(said(Figured(step, [Summary(None, 3)], [instruction()]))) == 1


def test_a_finding_is_told_in_spanish_and_its_statistic_once() -> None:
    name = "aes128.c:38 in sub_bytes depends on the inputs in its mean power: |t| 81.9; not confirmed in both halves"
    weak = Node(Label.VULNERABILITY, "vulnerability:c:1", {"name": name, "tvla_t": 81.9, "severity": "critical"})
    outcome = Explained(Explain(weak.id), weak, [weak])

    claim = phrase(outcome, WORDS["es"])[0]

    assert "depende de las entradas en su potencia media; no confirmado en ambas mitades (t = 81.9" in claim.text
    assert "inputs" not in claim.text


def test_a_rank_of_severities_is_told_by_its_name() -> None:
    step = Aggregate(Selection(Label.VULNERABILITY), "mean", of="severity_rank", by="function")
    groups = [Summary("sub_bytes", 3, 12, 4.0, 0.0, 4, 4), Summary("shift_rows", 4, 11, 2.75, 0.5, 2, 3)]

    claim = said(Figured(step, groups, [instruction()]))[0]

    assert claim.text.endswith("by function: sub_bytes: critical; shift_rows: high (2.8 / 4).")
