import json
import re
from html.parser import HTMLParser

import pytest

from jobs.report import Report
from tests.workers.simulation.reports import SOURCE, VARIANTS, Variant, renamed, straight_line, synthetic, without_key
from workers.simulation.report_data import MAX_FINDINGS, MAX_LINE_LENGTH, page_data, script_json
from workers.simulation.report_html import to_html

VOID = {"meta", "link", "br", "img", "input", "col", "path", "circle", "rect", "use", "polyline"}


class Outline(HTMLParser):
    """What a page is made of."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] not in (["script"], ["style"]):
            self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join("".join(self.text).split())

    def all(self, attribute: str) -> list[str]:
        return [value for _, attributes in self.tags if (value := attributes.get(attribute)) is not None]


def embedded(page: bytes) -> dict[str, object]:
    found = re.search(rb'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    data: dict[str, object] = json.loads(found[1])
    return data


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_element_is_closed_and_every_reference_has_its_target(variant: Variant) -> None:
    outline = Outline(to_html(synthetic(variant), source=SOURCE))

    ids = outline.all("id")
    labels = [
        name for value in outline.all("aria-labelledby") + outline.all("aria-describedby") for name in value.split()
    ]
    links = [value.removeprefix("#") for value in outline.all("href") if value.startswith("#")]
    assert outline.open == []
    assert len(set(ids)) == len(ids)
    assert set(labels) | set(links) <= set(ids)


def test_the_parts_come_in_their_order() -> None:
    outline = Outline(to_html(synthetic(), source=SOURCE))

    parts = [
        id_ for id_ in outline.all("id") if id_ in {"verdict", "findings", "waveform", "key-bytes", "code", "method"}
    ]
    assert parts == ["verdict", "findings", "waveform", "key-bytes", "code", "method"]


def test_nothing_is_loaded_from_anywhere() -> None:
    page = to_html(synthetic(), source=SOURCE)
    outline = Outline(page)

    addresses = [*outline.all("src"), *outline.all("href"), *outline.all("action"), *outline.all("srcset")]
    assert all(address.startswith(("#", "data:")) for address in addresses)
    assert not re.search(rb"@import|url\(|fetch\(|XMLHttpRequest|WebSocket|importScripts|sendBeacon|innerHTML", page)


def test_the_page_forbids_itself_what_it_does_not_need() -> None:
    outline = Outline(to_html(synthetic(), source=SOURCE))

    policy = next(a["content"] for tag, a in outline.tags if tag == "meta" and "http-equiv" in a)
    assert policy is not None
    assert policy.startswith(
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
    )
    assert [name for _, attributes in outline.tags for name in attributes if name.startswith("on")] == []


def test_the_headline_says_what_matters() -> None:
    report = synthetic()

    words = Outline(to_html(report, source=SOURCE)).words

    for told in (
        "Leaks",
        report.headline,
        "uncalibrated",
        "unicorn 2.1.4",
        "cortex-m4",
        report.digest[:12],
        report.digest,
    ):
        assert told in words
    assert "16 / 16" in words
    assert report.sufficiency.why in words
    assert report.warnings[0] in words


def test_what_depends_on_the_inputs_is_listed_with_two_inputs_that_part() -> None:
    words = Outline(to_html(synthetic(), source=SOURCE)).words

    assert "The address of 1 instruction depends on what varied (plaintext)." in words
    assert "What depends on key alone is not seen" in words
    assert "address read" in words
    assert f"plaintext = {'00' * 16} | 3243f6a8885a308d313198a2e0370734" in words


def test_a_path_that_depends_on_nothing_says_so() -> None:
    words = Outline(to_html(synthetic("clean"), source=SOURCE)).words

    assert "No instruction takes its way or its address from what varied (plaintext)." in words


def test_a_finding_that_parts_executions_carries_both_inputs() -> None:
    data = page_data(synthetic("divergence"), SOURCE)

    parting = [finding["parting"] for finding in data["findings"] if finding["kind"] == "control-flow"]
    assert parting == [[f"plaintext = {'00' * 16} | 3243f6a8885a308d313198a2e0370734"]]


def test_the_method_says_which_engine_ran_why_and_how_noise_was_drawn() -> None:
    words = Outline(to_html(synthetic("no-cpa"), source=SOURCE)).words

    assert "4\u2009987 executions of 5\u2009000 ran in vector lanes".replace("\u2009", " ") in words
    assert "Lanes take every instruction of this path." in words
    assert "2 executions of those in lanes were done by Unicorn as well, and none differed." in words
    assert "drawn once, from the seed, by their exact law" in words


def test_public_code_is_shown_with_its_reason_and_left_out_of_the_headline() -> None:
    report = synthetic("clean")

    words = Outline(to_html(report, source=SOURCE)).words

    assert "Excluded by design" in words
    assert all(entry.reason in words for entry in report.excluded)
    worst = max(row.max_abs_t1 or 0 for row in report.rows if row.public is None)
    assert f"Largest |t|, public code aside {worst:.1f}" in words.replace(
        "aside" + f"{worst:.1f}", f"aside {worst:.1f}"
    )


@pytest.mark.parametrize(
    ("report", "told"),
    [
        (synthetic("no-cpa"), "There was no attack."),
        (without_key(synthetic()), "The campaign does not know the key"),
        (synthetic("no-trace"), "Every execution ended in a fault."),
        (synthetic("no-lines"), "The firmware has no line information"),
        (synthetic("divergence"), "left the reference path"),
        (synthetic("insufficient"), "Not enough."),
        (synthetic("no-cpa"), "Ways and addresses were not looked at. Unicorn executed the campaign."),
    ],
)
def test_what_is_missing_is_said(report: Report, told: str) -> None:
    assert told in Outline(to_html(report, source={})).words


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "</script><!--", "\"'><b>&amp;", "]]>{{7*7}}{% raw %}"])
def test_names_of_the_firmware_are_text_wherever_they_stand(name: str) -> None:
    harmless, hostile = (Outline(to_html(renamed(synthetic(), said), source={})) for said in ("plain", name))

    assert [tag for tag, _ in hostile.tags] == [tag for tag, _ in harmless.tags]
    assert hostile.open == []
    assert name in "".join(hostile.text)


def test_the_data_reads_back_and_holds_nothing_that_ends_a_script() -> None:
    name = "</script><!--<script>&\u2028"
    page = to_html(renamed(synthetic(), name), source={})

    names = embedded(page)["names"]
    assert isinstance(names, dict)
    assert names["function"] == [name]
    assert page.count(b"</script>") == 2


def test_script_json_is_plain_ascii_without_markup() -> None:
    text = script_json({"a": "<>&\u2028é"})

    assert text.isascii()
    assert not set("<>&") & set(text)
    assert json.loads(text) == {"a": "<>&\u2028é"}


def test_the_heaviest_page_of_5000_samples_stays_below_1_5_mb() -> None:
    page = to_html(straight_line(5000), source={})

    assert len(page) < 1_500_000


def test_a_usual_page_stays_below_half_a_megabyte() -> None:
    assert len(to_html(synthetic(), source=SOURCE)) < 500_000


def test_findings_beyond_the_limit_are_counted() -> None:
    data = page_data(straight_line(2000), {})

    assert len(data["findings"]) == MAX_FINDINGS
    assert data["findings_total"] == 4000


def test_a_finding_away_from_the_path_describes_itself() -> None:
    data = page_data(synthetic("fault"), SOURCE)

    apart = [finding for finding in data["findings"] if "row" not in finding]
    assert [finding["place"]["address"] for finding in apart] == [0x08000700]


def test_source_text_is_that_of_the_lines_that_ran_and_their_neighbours() -> None:
    report = synthetic()
    file = next(iter(SOURCE))
    long = {file: [f"{number}: " + "x" * 1000 for number in range(1, 141)]}

    shown = page_data(report, long)["source"][file]

    assert min(shown) == 30
    assert shown[30].startswith("30: ")
    assert {len(text) for text in shown.values()} == {MAX_LINE_LENGTH}
    assert set(shown) & {1, 2, 3} == set()


def test_infinite_values_are_null_in_the_data() -> None:
    data = page_data(synthetic("noiseless"), {})

    assert None in data["series"]["t1"]
    assert 1 in data["rows"]["infinite"]
