"""The question benchmark: its gold is right, its sets are frozen, its scores are fair."""

import json
import re
from collections import Counter

import numpy as np
import pyarrow.csv
import pytest

from bench.questions.corpus import BenchCorpus, make_corpus
from bench.questions.measurements import to_csv, to_parquet
from bench.questions.paraphrases import DEVELOPMENT, DIGEST, FILE, SEED, digest, paraphrases, unanswerable
from bench.questions.score import macro, means, score
from bench.questions.templates import TEMPLATES, TYPES, Question, gold_of, questions
from jobs.questions import Answer, Claim, Mode, Spent
from jobs.report import Report


@pytest.fixture(scope="module")
def small() -> BenchCorpus:
    return make_corpus(1200, 7)


@pytest.fixture(scope="module")
def large() -> BenchCorpus:
    return make_corpus(10_000, SEED)


def answer(*evidence: str, value: float | None = None, unit: str | None = None, abstained: bool = False) -> Answer:
    return Answer(
        question="?",
        answer="It is at src/aes128.c:12.",
        claims=(Claim(text="A claim.", evidence=evidence, value=value, unit=unit),),
        evidence=evidence,
        cited=(),
        confidence=0.5,
        abstained=abstained,
        looked_for=(),
        unknown=(),
        sources=(),
        language="en",
        mode=Mode.MIX,
        truncated=False,
        degraded=(),
        spent=Spent(hops=0, nodes=0, statements=0),
        data_version=1,
    )


def question(*ids: str, type_: str = "one-hop", **changes: object) -> Question:
    return Question("q", "en", type_, "?", frozenset(ids), **changes)  # type: ignore[arg-type]


A, B, C = (f"0123456789ab:0800010{n}" for n in range(3))


def test_the_same_seed_gives_the_same_corpus_and_another_seed_another_one(small: BenchCorpus) -> None:
    again, other = make_corpus(1200, 7), make_corpus(1200, 8)

    assert [b.report for b in again.builds] == [b.report for b in small.builds]
    assert to_csv(again.builds[0].measurements()) == to_csv(small.builds[0].measurements())
    assert questions(again, seed=3) == questions(small, seed=3)
    assert other.builds[0].report.findings != small.builds[0].report.findings


def test_the_first_builds_are_the_same_at_every_size(large: BenchCorpus) -> None:
    smaller = make_corpus(6000, SEED)

    assert [b.report for b in smaller.builds] == [b.report for b in large.builds[:6]]
    assert len(large.builds) == 10


def test_a_report_reads_back_and_its_findings_lie_on_its_rows(small: BenchCorpus) -> None:
    for build in small.builds:
        read = Report.model_validate_json(build.report.model_dump_json())

        places = [row.place for row in read.rows]
        assert read == build.report
        assert all(finding.place in places for finding in read.findings)
        assert places == sorted(places, key=lambda place: place.address)
        assert len({(p.function, p.line, p.mnemonic, p.operands) for p in places}) == len(places)


def test_a_measurement_file_has_the_columns_and_units_of_the_domain(small: BenchCorpus) -> None:
    build = small.builds[0]
    table = pyarrow.csv.read_csv(pyarrow.BufferReader(to_csv(build.measurements())))

    expected = ["timestamp", "temperature", "energy", "latency", *(f"dim_{n}" for n in range(72)), "instruction_id"]
    energy, lagged = table["energy"].to_numpy(), table["dim_10"].to_numpy()
    assert table.column_names == expected
    assert table["dim_8"].null_count == 1
    assert table["dim_71"].null_count == 8
    np.testing.assert_allclose(table["dim_2"].to_numpy(), energy * 1e6)
    np.testing.assert_allclose(lagged[1:], energy[:-1] * 1e6)
    assert set(table["instruction_id"].to_pylist()) == set(build.ids)
    assert to_parquet(build.measurements())[:4] == b"PAR1"


def test_energy_gold_is_what_the_csv_says(small: BenchCorpus) -> None:
    build = small.builds[2]
    rows = to_csv(build.measurements()).decode().splitlines()[1:]
    by_id: dict[str, list[float]] = {}
    for row in rows:
        cells = row.split(",")
        by_id.setdefault(cells[-1].strip('"'), []).append(float(cells[2]))
    mean_nj = {id_: sum(values) / len(values) * 1e9 for id_, values in by_id.items()}
    params = {"build": build.name, "amount": 400.0, "unit": "nJ"}

    over = gold_of(small, TEMPLATES["energy-over"], params)
    top = gold_of(small, TEMPLATES["most-energy"], {"build": build.name, "k": 3})

    assert over.ids == {id_ for id_, value in mean_nj.items() if value > 400}
    assert over.ids
    assert top.ids == set(sorted(mean_nj, key=lambda id_: -mean_nj[id_])[:3])


def test_leak_and_comparison_gold_is_what_the_json_of_the_reports_says(small: BenchCorpus) -> None:
    before, after = (json.loads(small.build(f"aes128 build {n}").report.model_dump_json()) for n in (7, 8))
    ranks = {"low": 0, "medium": 1, "high": 2, "critical": 3}

    def worst(report: dict[str, object]) -> dict[tuple[object, ...], int]:
        found: dict[tuple[object, ...], int] = {}
        for finding in report["findings"]:  # type: ignore[attr-defined]
            key = tuple(finding["place"][name] for name in ("function", "line", "mnemonic", "operands"))
            found[key] = max(found.get(key, 0), ranks[finding["severity"]])
        return found

    was, now = worst(before), worst(after)
    ids = {
        tuple(row["place"][name] for name in ("function", "line", "mnemonic", "operands")): (
            f"{after['firmware']['sha256'][:12]}:{row['place']['address']:08x}"
        )
        for row in after["rows"]
    }
    params = {"build": "aes128 build 8", "before": "aes128 build 7"}

    got = {how: gold_of(small, TEMPLATES[f"compare-{how}"], params).ids for how in ("better", "worse", "unchanged")}
    leaking = gold_of(small, TEMPLATES["count-leaking"], {"build": "aes128 build 7"})

    assert got["better"] == {ids[key] for key in ids if now.get(key, 0) < was.get(key, 0)}
    assert got["worse"] == {ids[key] for key in ids if now.get(key, 0) > was.get(key, 0)}
    assert got["unchanged"] == {ids[key] for key in ids if now.get(key, 0) == was.get(key, 0) > 0}
    assert len(got["worse"]) == 1
    assert leaking.value == sum(rank > 0 for rank in was.values())


def test_a_byte_in_a_group_of_key_bytes_leaks_too(small: BenchCorpus) -> None:
    build = small.build("aes128 build 7")
    named = {finding.secret: build.instruction(finding.place) for finding in build.report.findings}

    found = gold_of(small, TEMPLATES["leaking-byte"], {"build": build.name, "byte": 13})

    assert found.ids == {named["key bytes 12-13"]}


@pytest.mark.parametrize("size", [600, 1200, 10_000])
def test_every_template_is_asked_in_both_languages_and_has_an_answer_of_at_most_60_things(size: int) -> None:
    asked = questions(make_corpus(size, 7), seed=1)

    counts = Counter(one.id.rsplit("-", 1)[0] for one in asked)
    assert set(counts) == {f"{name}-{language}" for name in TEMPLATES for language in ("en", "es")}
    assert {one.type for one in asked} == set(TYPES)
    assert all(1 <= len(one.gold_ids) <= 60 for one in asked)
    assert len({one.id for one in asked}) == len(asked)
    assert len({(one.language, one.text) for one in asked}) == len(asked)


def test_the_paraphrases_are_frozen() -> None:
    assert digest() == DIGEST


def test_every_paraphrase_has_an_answer_at_every_size(large: BenchCorpus) -> None:
    asked = paraphrases(large)

    assert len(asked) >= 60
    assert Counter(one.language for one in asked)["es"] >= 30
    assert {one.type for one in asked} == set(TYPES)
    assert all(1 <= len(one.gold_ids) <= 60 for one in asked)
    assert len(paraphrases(make_corpus(6000, SEED, samples=1))) == len(asked)
    with pytest.raises(ValueError, match="seed"):
        paraphrases(make_corpus(1200, SEED))


def test_the_questions_of_the_development_have_answers_too(large: BenchCorpus) -> None:
    asked = [*paraphrases(large, DEVELOPMENT), *unanswerable(DEVELOPMENT)]

    assert {one.type for one in asked} == {*TYPES, "unanswerable"}
    assert len({one.id for one in asked}) == len(asked)


def test_what_the_unanswerable_questions_name_is_nowhere_in_the_corpus(large: BenchCorpus) -> None:
    asked = unanswerable()
    frozen = json.loads(FILE.read_text(encoding="utf-8"))["unanswerable"]
    functions = {row.place.function for build in large.builds for row in build.report.rows}
    named = {word.strip("¿?,.") for one in frozen for word in one["text"].split() if "_" in word}

    assert len(asked) >= 30
    assert Counter(one.language for one in asked)["es"] >= 15
    assert not any(one.answerable or one.gold_ids for one in asked)
    assert len(named) >= 8
    for one in frozen:
        if one["why"] == "unknown function":
            assert not functions & {word.strip("¿?,.") for word in one["text"].split()}
        if one["why"] == "unknown campaign":
            last = re.findall(r"\w+ build \d+|build \d{4}", one["text"])[-1]
            assert last not in {build.name for build in large.builds}


def test_a_set_scores_by_precision_and_recall_within_the_kinds_of_the_gold() -> None:
    asked = question(A, B)

    exact = score(asked, answer(B, A, "function:0123456789ab:aes_xtime", "chunk:notes:1"))
    half = score(asked, answer(A, C))
    nothing = score(asked, answer("chunk:notes:1"))

    assert (exact.precision, exact.recall, exact.points) == (1, 1, 1)
    assert (half.precision, half.recall, half.f1) == (0.5, 0.5, 0.5)
    assert nothing.points == 0


def test_a_comparison_may_name_what_it_starts_from() -> None:
    asked = question(A, type_="compare", aside="ba9876543210:")

    assert score(asked, answer(A, "ba9876543210:08000100")).points == 1
    assert score(asked, answer(A, "aaaaaaaaaaaa:08000100")).points < 1


def test_a_lookup_needs_its_thing_and_its_figure_in_any_unit() -> None:
    asked = question(A, type_="lookup", gold_value=0.5, unit="uJ")

    assert score(asked, answer(A, value=501, unit="nJ")).points == 1
    assert score(asked, answer(A, value=510, unit="nJ")).points == 0
    assert score(asked, answer(A, value=0.5, unit="degC")).points == 0
    assert score(asked, answer(B, value=0.5, unit="uJ")).points == 0
    assert score(asked, answer(A)).value is False


def test_an_aggregate_is_its_figure_and_a_count_is_exact() -> None:
    asked = question(A, B, type_="aggregate", gold_value=29.0)

    assert score(asked, answer("campaign:x", value=29)).points == 1
    assert score(asked, answer(A, B, value=29.1)).points == 0


def test_words_are_looked_for_whole() -> None:
    assert score(question(A, type_="lookup", gold_text="src/aes128.c:12"), answer(A)).points == 1
    assert score(question(A, type_="lookup", gold_text="src/aes128.c:1"), answer(A)).points == 0


def test_abstaining_is_right_only_where_nothing_can_be_known() -> None:
    hopeless = question(answerable=False, type_="unanswerable")

    assert score(hopeless, answer(abstained=True)).points == 1
    assert score(hopeless, answer(A)).points == 0
    assert score(question(A), answer(A, abstained=True)).points == 0
    assert score(question(A), answer(A, abstained=True)).abstention is False


def test_means_weigh_questions_within_a_group_and_groups_alike() -> None:
    scores = [
        score(question(A), answer(A)),
        score(question(A), answer(B)),
        score(question(A, type_="aggregate", gold_value=3.0), answer(value=3)),
    ]

    groups = means(scores, lambda one: one.type)

    assert groups["one-hop"].points == 0.5
    assert groups["one-hop"].value is None
    assert groups["aggregate"].value == 1
    assert macro(groups) == 0.75
