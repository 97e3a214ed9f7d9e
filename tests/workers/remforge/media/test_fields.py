import numpy as np
import pytest

from jobs.rem import AudioQualia, ImageQualia, Qualia, Record, VideoQualia
from tests.workers.remforge.media.made_files import film, flat, picture, scenery, sound, three_scenes, tone
from tests.workers.remforge.media.reading import read_bytes
from workers.remforge.media.fields import MEDIA_FIELDS, explained

OF_MODELS = {"qualia.audio.speech_fraction", "qualia.audio.transcript"}


def test_every_measured_leaf_has_a_method() -> None:
    sections: dict[str, type[Record]] = {"image": ImageQualia, "audio": AudioQualia, "video": VideoQualia}
    leaves = {f"qualia.{name}.{leaf}" for name, model in sections.items() for leaf in model.model_fields}

    assert set(sections) < set(Qualia.model_fields)
    assert set(MEDIA_FIELDS) == leaves - OF_MODELS


@pytest.mark.parametrize(
    "data",
    [
        picture(scenery(90, 60), "PNG"),
        picture(scenery(90, 2), "PNG"),
        sound(tone(440, length_s=5)),
        sound(np.zeros(16_000)),
        sound(np.random.default_rng(7).uniform(-0.5, 0.5, 80_000)),
        film(three_scenes(), samples=tone(440)),
        film([flat((1, 2, 3))]),
    ],
    ids=["picture", "strip", "tone", "silence", "noise", "film", "still"],
)
def test_a_value_has_a_method_and_null_has_a_reason(data: bytes) -> None:
    read = read_bytes(data)

    for name, qualia in (("image", read.image), ("audio", read.audio), ("video", read.video)):
        if qualia is not None:
            told = explained(qualia)
            assert set(told) | OF_MODELS >= {f"qualia.{name}.{leaf}" for leaf in type(qualia).model_fields}
            for path, derivation in told.items():
                value = getattr(qualia, path.rpartition(".")[2])
                assert (value is None) == (derivation.reason is not None), path


def test_reasons_tell_silence_from_sound_without_pitch() -> None:
    silent, noisy = (
        read_bytes(sound(samples)).audio
        for samples in (np.zeros(16_000), np.random.default_rng(7).uniform(-0.5, 0.5, 80_000))
    )
    assert silent is not None
    assert noisy is not None

    assert explained(silent)["qualia.audio.f0_mean_hz"].reason == "silence"
    assert explained(noisy)["qualia.audio.f0_mean_hz"].reason == "no steady pitch from 60 to 2000 Hz"
    assert explained(noisy)["qualia.audio.tempo_bpm"].reason == "no steady beat from 40 to 240 a minute"
