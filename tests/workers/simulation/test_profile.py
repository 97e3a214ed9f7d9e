"""Profiled attacks on campaigns: keys are found where they leak, and nowhere else."""

import json
from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from jobs.errors import Cancelled, InvalidInput
from jobs.model import Job, State
from jobs.payloads import CampaignRequest
from jobs.profiling import Method, ProfileRequest
from jobs.report_profile import ProfileReport
from stores.artifacts import JobFiles
from stores.ports import Files
from tests.workers.simulation.conftest import CAMPAIGNS, NOW, Lab, Watched
from workers.simulation.kept_traces import load_traces
from workers.simulation.profile import MOST_POINTS, check_size, profile, run_profile

OTHER_KEY = "00112233445566778899aabbccddeeff"


SHORT = {"start": "sub_bytes", "stop": "mix_columns"}
"""A trigger around the first round's S-box: some 250 samples."""


def campaign(
    lab: Lab, name: str, *, key: str | None, trigger: dict[str, str] | None = None, **changes: Any
) -> CampaignRequest:
    """Return a campaign with random plaintexts that keeps its traces; each with a key of its own where `key` is None."""
    body = json.loads((CAMPAIGNS / f"{name}.json").read_text(encoding="utf-8"))
    body["target"]["trigger"] = trigger
    given = {"varies": "random", "value": None} if key is None else {"value": key}
    inputs = body["target"]["inputs"]
    body["target"]["inputs"] = [{**item, **given} if item["role"] == "key" else item for item in inputs]
    return lab.of(name, {**body, "plan": "random", "cpa": None, "keep_traces": True, **changes})


def attacked(files: Files, request: ProfileRequest, name: str = "p") -> ProfileReport:
    return profile(name, request, files, Watched(name), now=NOW)


Rows = npt.NDArray[np.uint8]
Made = Callable[[Rows, Rows, np.random.Generator], npt.NDArray[np.float64]]


@pytest.fixture
def device(lab: Lab) -> Callable[..., None]:
    """Return how to make the campaign `name` of a device that shows what a function of (plaintexts, keys, rng) gives.

    The campaign is a real one, and its traces are replaced: by noise, and what is shown in the first samples of it.
    """

    def make(name: str, shown: Made, *, key: str | None = None, traces: int = 1200, seed: int = 1) -> None:
        report = lab.run(name, campaign(lab, "aes128_m4", key=key, traces=traces, seed=seed, trigger=SHORT))
        kept = load_traces(lab.services.files, name, field="campaign")
        inputs = np.load(lab.services.files.path(name, "inputs.npy"))
        rng = np.random.default_rng(seed)
        power = rng.normal(size=(traces, report.alignment.samples)).astype(np.float32)
        first = int(np.flatnonzero(kept.usable)[0])
        leak = shown(inputs[:, 16:], inputs[:, :16], rng)
        power[:, first : first + leak.shape[1]] += leak
        np.save(lab.services.files.path(name, "traces.npy"), power)

    return make


def test_a_key_that_varies_is_learnt_and_found_from_a_few_traces(lab: Lab) -> None:
    lab.run("c", campaign(lab, "aes128_m4", key=None, traces=1600))

    report = attacked(lab.services.files, ProfileRequest(campaign="c"))

    assert (report.traces_profiling, report.traces_attack) == (800, 800)
    assert (report.key_varies, report.same_key) == (True, False)
    for one in report.methods:
        assert (one.recovered, one.key) == (16, None)
        assert one.traces_to_success is not None
        assert one.traces_to_success <= 30
        assert one.curve[0].success.value == 0.0
        assert one.curve[-1].guessing_entropy.value == 0.0
        assert all(byte.information is not None and byte.information.value > 0.5 for byte in one.bytes)
    (stochastic,) = [one for one in report.methods if one.method is Method.STOCHASTIC]
    # The model is Hamming weight: all bits weigh the same.
    assert all(np.ptp(byte.bits) < 0.5 < min(byte.bits) for byte in stochastic.bytes)
    places = [point.place for byte in report.points for point in byte.points[:1]]
    assert all(place is not None and place.function in {"sub_bytes", "shift_rows", "mix_columns"} for place in places)
    assert "16 key bytes" in report.headline


def test_another_campaigns_key_is_found_by_its_value(lab: Lab) -> None:
    lab.run("known", campaign(lab, "aes128_m4", key=None, traces=1200, trigger=SHORT))
    lab.run("secret", campaign(lab, "aes128_m4", key=OTHER_KEY, traces=200, seed=2, trigger=SHORT))

    report = attacked(lab.services.files, ProfileRequest(campaign="known", attack="secret"))

    assert [one.key for one in report.methods] == [OTHER_KEY, OTHER_KEY]
    assert (report.traces_profiling, report.traces_attack) == (1200, 200)
    assert [byte.true_value for byte in report.methods[0].bytes] == list(bytes.fromhex(OTHER_KEY))
    assert not any("same key" in warning for warning in report.warnings)


def test_the_same_request_gives_the_same_digest_and_another_seed_another_one(lab: Lab) -> None:
    lab.run("c", campaign(lab, "aes128_m4", key=None, traces=400, trigger=SHORT))
    few: dict[str, Any] = {"campaign": "c", "bytes": (0, 5), "points": 4, "repetitions": 20}

    first, again, other = (attacked(lab.services.files, ProfileRequest(**few, seed=seed)) for seed in (1, 1, 2))

    assert first == again
    assert first.digest != other.digest


def test_masks_that_are_not_known_leave_nothing_to_learn(lab: Lab) -> None:
    lab.run("c", campaign(lab, "aes128_masked_m4", key=None, traces=2000))

    report = attacked(lab.services.files, ProfileRequest(campaign="c", bytes=(0, 1, 2, 3), points=8))

    assert [byte.significant for byte in report.points] == [0] * 4
    assert any("stands out of chance" in warning for warning in report.warnings)
    for one in report.methods:
        assert one.traces_to_success is None
        assert one.curve[0].bytes_right.value < 0.05
        assert all(point.mean_rank > 90 for point in one.curve if point.attacks >= 30)
        assert all(byte.information is not None and byte.information.value < 0 for byte in one.bytes)


def test_random_labels_are_right_at_the_rate_of_chance(lab: Lab) -> None:
    lab.run("c", campaign(lab, "aes128_m4", key=None, traces=400, trigger=SHORT))
    place = lab.services.files.path("c", "inputs.npy")
    inputs = np.load(place)
    right, attacks, significant = 0, 0, 0
    for seed in range(4):
        np.save(place, np.random.default_rng(seed).permuted(inputs, axis=0))
        # Many points from few traces: whoever attacks what was learnt from is right far too often.
        request = ProfileRequest(campaign="c", bytes=(0, 1, 2, 3), points=60, dimensions=None, seed=seed)
        report = attacked(lab.services.files, request)
        significant += sum(byte.significant for byte in report.points)
        for one in report.methods:
            (ten,) = [point for point in one.curve if 8 <= point.traces <= 11][-1:]
            right += round(ten.bytes_right.value * ten.attacks * 4)
            attacks += ten.attacks * 4

    assert attacks > 400
    assert right / attacks < 0.02
    assert significant <= 1


def test_what_depends_on_the_plaintext_alone_is_taken_for_the_key_only_if_all_traces_share_it(
    lab: Lab, device: Callable[..., None]
) -> None:
    def plaintext(plaintexts: Rows, _keys: Rows, _rng: np.random.Generator) -> npt.NDArray[np.float64]:
        return 2.0 * np.bitwise_count(plaintexts)

    device("shared", plaintext, key=OTHER_KEY, traces=6000)
    device("own", plaintext, traces=6000)
    asked: dict[str, Any] = {"bytes": (0, 1), "points": 4, "methods": (Method.TEMPLATES,), "intermediate": "xor"}

    shared = attacked(lab.services.files, ProfileRequest(campaign="shared", **asked))
    own = attacked(lab.services.files, ProfileRequest(campaign="own", **asked))

    assert shared.same_key
    assert any("have the same key" in warning for warning in shared.warnings)
    assert shared.methods[0].curve[-1].mean_rank < 3
    assert [byte.significant for byte in own.points] == [0, 0]
    assert own.methods[0].curve[4].mean_rank > 90


def test_a_device_that_shows_the_key_addition_is_learnt_as_such(lab: Lab, device: Callable[..., None]) -> None:
    def added(plaintexts: Rows, keys: Rows, _rng: np.random.Generator) -> npt.NDArray[np.float64]:
        weights = np.array([1.0, 0.2, 3.0, 0.5, 2.0, 0.7, 1.5, 0.1])
        return np.asarray((((plaintexts ^ keys)[:, :, np.newaxis] >> np.arange(8)) & 1) @ weights)

    device("c", added, traces=3000)
    request = ProfileRequest(campaign="c", bytes=(7,), intermediate="xor", points=2)

    report = attacked(lab.services.files, request)

    stochastic = report.methods[1].bytes[0]
    assert report.points[0].significant == 1
    np.testing.assert_allclose(stochastic.bits, [1.0, 0.2, 3.0, 0.5, 2.0, 0.7, 1.5, 0.1], atol=0.25)
    assert stochastic.rank == 0


def test_an_unknown_key_gets_guesses_and_no_ranks(lab: Lab) -> None:
    lab.run("known", campaign(lab, "aes128_m4", key=None, traces=1200, trigger=SHORT))
    lab.run("bench", campaign(lab, "aes128_m4", key=OTHER_KEY, traces=100, seed=2, trigger=SHORT))

    report = attacked(lab.services.files, ProfileRequest(campaign="known", attack="bench", key="key"))
    hidden = ProfileRequest(campaign="known", attack="nobody", bytes=(0, 1))
    copytree(lab.services.files.folder("bench"), lab.services.files.folder("nobody"), dirs_exist_ok=True)
    _rename_key(lab.services.files, "nobody")
    blind = attacked(lab.services.files, hidden)

    assert report.methods[0].key == OTHER_KEY
    for one in blind.methods:
        assert one.key == OTHER_KEY[:4]
        assert (one.recovered, one.curve, one.traces_to_success) == (None, (), None)
        assert one.curve_absent == "the key of the attacked traces is unknown"
        assert all(byte.rank is None and byte.information is None and byte.margin > 3 for byte in one.bytes)


def _rename_key(files: Files, name: str) -> None:
    """Have a campaign's report call the key something else, so that nobody knows it."""
    path = files.path(name, "report.json")
    told = json.loads(path.read_bytes())
    for item in told["request"]["target"]["inputs"]:
        if item["name"] == "key":
            item["name"] = "somewhat"
    path.write_text(json.dumps(told))


def test_measured_traces_are_learnt_from_and_attacked_with_a_key_that_only_the_request_said(lab: Lab) -> None:
    lab.run("known", campaign(lab, "aes128_m4", key=None, traces=1200, trigger=SHORT))
    lab.run("bench", campaign(lab, "aes128_m4", key=OTHER_KEY, traces=200, seed=2, trigger=SHORT))
    files = lab.services.files
    inputs = np.load(files.path("bench", "inputs.npy"))
    np.save(files.path("bench", "inputs.npy"), inputs[:, 16:])
    files.write("bench", "layout.json", [json.dumps({"values": {"plaintext": [0, 16]}}).encode()])
    path = files.path("bench", "report.json")
    told = json.loads(path.read_bytes())
    path.write_text(json.dumps(told | {"request": {"key": OTHER_KEY}}))

    report = attacked(files, ProfileRequest(campaign="known", attack="bench", bytes=(0, 9)))

    assert [byte.true_value for byte in report.methods[0].bytes] == [0x00, 0x99]
    assert [one.recovered for one in report.methods] == [2, 2]


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"profiling": 300}, "profiling", "too-few-traces"),
        ({"classes": "value"}, "profiling", "too-few-traces"),
        ({"basis": "pairs", "points": 256}, "profiling", "too-few-traces"),
        ({"key": "nokey"}, "key", "no-such-input"),
        ({"plaintext": "nothing"}, "plaintext", "no-such-input"),
        ({"window": (10_000, 10_001)}, "window", "no-samples"),
        ({"attack": "masked"}, "attack", "other-samples"),
        ({"attack": "absent"}, "attack", "traces-not-kept"),
        ({"campaign": "absent"}, "campaign", "traces-not-kept"),
    ],
)
def test_what_cannot_be_is_refused_and_named(small: JobFiles, change: dict[str, Any], field: str, reason: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        attacked(small, ProfileRequest(**{"campaign": "c", **change}))

    assert (caught.value.field, caught.value.reason) == (field, reason)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a place where the campaigns of `small` are kept from one test to the next."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture
def small(kept: Path, lab: Lab) -> JobFiles:
    """Return files with two small campaigns, `c` and `masked`."""
    files = JobFiles(kept, "campaigns")
    if not files.names("c"):
        for name, firmware in (("c", "aes128_m4"), ("masked", "aes128_masked_m4")):
            lab.run(name, campaign(lab, firmware, key=OTHER_KEY, traces=200))
            copytree(lab.services.files.folder(name), files.folder(name), dirs_exist_ok=True)
    return files


def test_more_points_than_fit_into_memory_are_refused_before_they_are_read() -> None:
    check_size(MOST_POINTS // 256, 256)
    with pytest.raises(InvalidInput, match="at most 262144 traces, or fewer points") as caught:
        check_size(MOST_POINTS // 256 + 1, 256)

    assert (caught.value.field, caught.value.reason) == ("profiling", "too-many-traces")


def test_it_stops_when_it_is_told_to(small: JobFiles) -> None:
    with pytest.raises(Cancelled):
        profile("p", ProfileRequest(campaign="c"), small, Watched("p", stop=Cancelled("enough")), now=NOW)


def test_a_repeated_job_finds_its_report_and_the_result_points_at_it(small: JobFiles) -> None:
    params = ProfileRequest(campaign="c", bytes=(0,), points=4).model_dump(mode="json")
    job = Job("again", "simulation.profile", State.RUNNING, params, "default", 5, NOW)
    watched = Watched("again")

    first = run_profile(job, watched, small, now=NOW)
    second = run_profile(job, Watched("again"), small, now=NOW.replace(year=2027))

    assert first == second
    assert first["report"] == "/api/v2/profiles/again/report"
    assert small.names("again") == ["profile.csv", "profile.html", "profile.json", "profile.png"]
    assert (watched.reports[0].done, watched.reports[-1].done) == (0, watched.reports[-1].total)
