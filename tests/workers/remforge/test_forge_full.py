"""Level full, with tiny models that are built as real ones are: what they say means nothing, how it is kept does."""

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from jobs.forging import Options
from jobs.rem import Level, Rem, content_digest
from tests.servers import demand
from tests.workers.remforge import files
from tests.workers.remforge.conftest import upload
from tests.workers.remforge.models.conftest import MAKERS
from workers.remforge.compose import Forged
from workers.remforge.forge import forge
from workers.remforge.inference import Role
from workers.remforge.models.client import HostModels
from workers.remforge.models.model import Spec
from workers.remforge.models.options import HostOptions
from workers.remforge.models.supervisor import Supervisor
from workers.remforge.models.wheels import LITE
from workers.remforge.services import ForgeServices

MODELS = {
    Role.IMAGE: "clip",
    Role.CAPTION: "clip",
    Role.AFFECT: "deberta",
    Role.SOUND: "wav2vec2",
    Role.TRANSCRIPT: "whisper",
}
FULL = Options(level=Level.FULL, labels=("a green trace", "a dog", "a cat"))


@pytest.fixture(scope="module")
def full_models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostModels]:
    """Run a model host with a tiny model for every role."""
    demand("torch", present=find_spec("torch") is not None)
    folder = tmp_path_factory.mktemp("full")
    for name in set(MODELS.values()):
        MAKERS[name](folder / name)
    options = HostOptions(
        folder=folder,
        node=f"full-{os.getpid()}",
        specs=(*LITE, *(Spec(role, str(folder / name)) for role, name in MODELS.items())),
        cache=folder / "embeddings.sqlite",
        cache_bytes=1 << 26,
        budget_bytes=1 << 30,
        device="cpu",
        offline=True,
        allow_test_models=True,
    )
    supervisor = Supervisor(options)
    supervisor.start()
    models = HostModels(options.socket, patience_s=120)
    yield models
    models.close()
    supervisor.stop()


@pytest.fixture
def services(forging: ForgeServices, full_models: HostModels) -> ForgeServices:
    return forging._replace(models=full_models)


def forged(services: ForgeServices, paths: dict[Path, str]) -> list[Forged]:
    sources = [upload(services, path, media_type) for path, media_type in paths.items()]
    results = list(forge(sources, FULL, tenant="default", services=services, check=lambda: None, done=lambda _: None))
    found = [one for one in results if isinstance(one, Forged)]
    assert len(found) == len(results)
    for one in found:
        Rem.model_validate_json(one.rem.model_dump_json())
    return found


def test_pictures_videos_and_texts_have_unit_vectors_in_one_space(services: ForgeServices, tmp_path: Path) -> None:
    picture, video, text = forged(
        services,
        {
            files.picture(tmp_path / "scope.png"): "image/png",
            files.video(tmp_path / "leds.mp4"): "video/mp4",
            files.text(tmp_path / "diary.txt"): "text/plain",
        },
    )

    for one in (picture, video, text):
        assert one.vector is not None
        assert one.rem.embedding is not None
        assert np.linalg.norm(one.vector) == pytest.approx(1, abs=1e-5)
        assert one.rem.embedding.dim == len(one.vector)
        assert one.rem.embedding.model in {model.name for model in one.rem.header.models}
    assert picture.rem.fields["embedding"].method == "embedding-of-picture"
    assert text.rem.fields["embedding"].method == "embedding-of-words"


def test_asked_for_names_come_first_and_their_shares_sum_to_one(services: ForgeServices, tmp_path: Path) -> None:
    [one] = forged(services, {files.picture(tmp_path / "scope.png"): "image/png"})

    asked = [label for label in one.rem.labels if label.kind == "zero-shot"]
    assert {label.name for label in asked} == set(FULL.labels)
    assert list(one.rem.labels[:3]) == asked
    assert sum(label.score for label in asked) == pytest.approx(1, abs=1e-6)


def test_a_text_has_the_classes_of_the_affect_model(services: ForgeServices, tmp_path: Path) -> None:
    [one] = forged(services, {files.text(tmp_path / "diary.txt"): "text/plain"})

    assert {label.name for label in one.rem.labels if label.kind == "affect"} <= {"joy", "sadness", "fear"}
    assert any(label.kind == "affect" for label in one.rem.labels)


def test_the_same_files_again_give_the_same_records(services: ForgeServices, tmp_path: Path) -> None:
    paths = {
        files.picture(tmp_path / "scope.png"): "image/png",
        files.tone(tmp_path / "note.wav"): "audio/wav",
        files.text(tmp_path / "diary.txt"): "text/plain",
    }

    first, again = forged(services, paths), forged(services, paths)

    assert [content_digest(one.rem) for one in first] == [content_digest(one.rem) for one in again]


def test_where_nobody_speaks_nothing_is_transcribed_and_the_record_says_so(
    services: ForgeServices, tmp_path: Path
) -> None:
    [one] = forged(services, {files.tone(tmp_path / "note.wav"): "audio/wav"})

    assert one.rem.qualia.audio is not None
    assert one.rem.qualia.audio.transcript is None
    assert one.rem.fields["qualia.audio.transcript"].reason == "No speech was heard."
