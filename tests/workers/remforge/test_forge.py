"""Files become records: through real decoders and the models of level lite, in a host of their own."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from jobs.errors import Cancelled
from jobs.forging import FileSource, Options
from jobs.rem import Intent, Level, Modality, Rem, content_digest
from tests.workers.remforge import files
from tests.workers.remforge.conftest import upload
from workers.remforge.compose import Forged
from workers.remforge.forge import Result, Spoiled, forge
from workers.remforge.inference import Item, Output, Refused, Role
from workers.remforge.models.client import HostModels
from workers.remforge.services import ForgeServices

LITE = Options()


def nothing() -> None:
    """Let everything go on."""


def forged(services: ForgeServices, sources: list[FileSource], options: Options = LITE) -> list[Result]:
    return list(forge(sources, options, tenant="default", services=services, check=nothing, done=lambda _: None))


def record(result: Result) -> Rem:
    assert isinstance(result, Forged), result
    # What is written is what is read: the schema holds.
    return Rem.model_validate_json(result.rem.model_dump_json())


@pytest.fixture
def one_of_each(forging: ForgeServices, tmp_path: Path) -> list[FileSource]:
    return [
        upload(forging, files.picture(tmp_path / "scope.png"), "image/png"),
        upload(forging, files.text(tmp_path / "diary.txt"), "text/plain"),
        upload(forging, files.tone(tmp_path / "note.wav"), "audio/wav"),
        upload(forging, files.video(tmp_path / "leds.mp4"), "video/mp4"),
    ]


def test_one_file_of_each_kind_becomes_a_valid_record(forging: ForgeServices, one_of_each: list[FileSource]) -> None:
    scope, diary, note, leds = map(record, forged(forging, one_of_each))

    assert [one.header.modality for one in (scope, diary, note, leds)] == [
        Modality.IMAGE,
        Modality.TEXT,
        Modality.AUDIO,
        Modality.VIDEO,
    ]
    assert scope.qualia.image is not None
    assert scope.qualia.image.brightness is not None
    assert scope.qualia.image.brightness < 0.3
    assert scope.labels
    assert {label.kind for label in scope.labels} == {"imagenet"}
    # All but the vector, which level lite has not.
    assert scope.header.quality.completeness == pytest.approx(10 / 11)
    assert diary.noetic.intentional_mode in set(Intent)
    assert diary.sensorial.arousal is not None
    assert diary.header.language == "en"
    assert {clause.text for clause in diary.stream.clauses} <= {
        files.DIARY[c.start : c.end] for c in diary.stream.clauses
    }
    assert note.qualia.audio is not None
    assert note.qualia.audio.f0_mean_hz == pytest.approx(440, rel=0.01)
    assert note.qualia.audio.speech_fraction == pytest.approx(0, abs=0.3)
    assert leds.qualia.video is not None
    assert leds.qualia.video.scene_cuts == pytest.approx([1.0], abs=0.11)


def test_every_record_names_the_models_that_took_part_and_no_other(
    forging: ForgeServices, one_of_each: list[FileSource]
) -> None:
    records = [record(one) for one in forged(forging, one_of_each)]

    assert [bool(one.header.models) for one in records] == [True] * 4
    for one in records:
        named = {derivation.model for derivation in one.fields.values()} - {None}
        assert named <= {model.name for model in one.header.models}
        assert all(model.sha256 and model.licence for model in one.header.models)


def test_what_level_lite_cannot_know_is_null_with_its_reason(
    forging: ForgeServices, one_of_each: list[FileSource]
) -> None:
    scope, _, note, _ = map(record, forged(forging, one_of_each))

    assert scope.embedding is None
    assert "lite" in str(scope.fields["embedding"].reason)
    assert note.qualia.audio is not None
    assert note.qualia.audio.transcript is None
    assert "transcribe" in str(note.fields["qualia.audio.transcript"].reason)
    assert scope.noetic.intentional_mode is None


def test_the_same_files_give_the_same_records_whatever_their_neighbours(
    forging: ForgeServices, one_of_each: list[FileSource]
) -> None:
    together = [content_digest(record(one)) for one in forged(forging, one_of_each)]
    alone = [content_digest(record(one)) for file in one_of_each[::-1] for one in forged(forging, [file])]

    assert together == alone[::-1]


def test_a_bad_file_in_the_middle_spoils_no_other(forging: ForgeServices, tmp_path: Path) -> None:
    whole = files.picture(tmp_path / "whole.png")
    cut = tmp_path / "cut.png"
    cut.write_bytes(whole.read_bytes()[:200])
    sources = [upload(forging, whole, "image/png") for _ in range(6)]
    sources[3:3] = [
        upload(forging, cut, "image/png"),
        FileSource(artifact=f"sha256:{'0' * 64}", name="gone.png"),
    ]

    results = forged(forging, sources)

    assert [isinstance(one, Spoiled) for one in results] == [False] * 3 + [True] * 2 + [False] * 3
    broken, absent = (one for one in results if isinstance(one, Spoiled))
    assert broken.reason in {"truncated", "broken"}
    assert absent.code == "not-found"
    assert len({content_digest(record(one)) for one in results if isinstance(one, Forged)}) == 1


def test_level_full_without_models_says_what_is_not_set_up(forging: ForgeServices, tmp_path: Path) -> None:
    file = upload(forging, files.picture(tmp_path / "scope.png"), "image/png")

    [result] = forged(forging, [file], Options(level=Level.FULL, labels=("a dog",)))

    reason = record(result).fields["embedding"].reason
    assert reason == forging.models.why_not(Role.IMAGE)
    assert all(label.kind != "zero-shot" for label in record(result).labels)


def test_a_job_that_is_stopped_stops_between_files(forging: ForgeServices, one_of_each: list[FileSource]) -> None:
    asked: list[None] = []

    def check() -> None:
        asked.append(None)
        if len(asked) > 2:
            raise Cancelled("It was cancelled.")

    with pytest.raises(Cancelled):
        list(forge(one_of_each * 4, LITE, tenant="default", services=forging, check=check, done=lambda _: None))


def test_spanish_words_are_read_as_spanish(forging: ForgeServices, tmp_path: Path) -> None:
    file = upload(forging, files.text(tmp_path / "diario.txt", files.DIARIO), "text/plain")

    [result] = forged(forging, [file])

    one = record(result)
    assert one.header.language == "es"
    assert {marker.text.lower() for marker in one.stream.temporal_markers} >= {"ayer", "mañana"}
    assert json.loads(one.model_dump_json())["stream"]["text"] == files.DIARIO


class RefusingSentences(HostModels):
    """The models of level lite, but that a sentence is refused as one may be whose vector is not finite."""

    def run(self, role: Role, items: Sequence[Item], *, deadline_s: float) -> list[Output | Refused]:
        if role is Role.SENTENCES:
            return [Refused("not-finite", "The result is not finite.") for _ in items]
        return super().run(role, items, deadline_s=deadline_s)


def test_a_sentence_that_the_encoder_refuses_leaves_no_figure_that_was_not_computed(
    forging: ForgeServices, lite_socket: Path, tmp_path: Path
) -> None:
    models = RefusingSentences(lite_socket, patience_s=60)
    file = upload(forging, files.text(tmp_path / "diary.txt"), "text/plain")

    [result] = forged(forging._replace(models=models), [file])

    models.close()
    assert record(result).sensorial.arousal is None
    assert record(result).sensorial.valence is not None
    assert any("not finite" in warning for warning in record(result).header.quality.warnings)
