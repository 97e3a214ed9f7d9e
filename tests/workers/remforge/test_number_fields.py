from jobs.rem import Modality
from tests.workers.remforge.records import record
from workers.remforge.number_fields import number_fields, numbers


def test_numbers_that_may_be_null_are_numbers_and_words_and_lists_are_not() -> None:
    fields = number_fields()

    assert {"sensorial.valence", "qualia.image.width", "qualia.audio.loudness_db", "qualia.text.words"} <= set(fields)
    assert not {"qualia.audio.transcript", "qualia.video.keyframes", "sensorial.spatial_horizon"} & set(fields)
    assert not any("modality_distribution" in field for field in fields)


def test_a_section_that_a_record_does_not_have_is_left_out_and_a_null_is_kept() -> None:
    found = numbers(record("sea.wav", Modality.AUDIO))

    assert found["qualia.audio.tempo_bpm"] is None
    assert found["qualia.audio.spectral_centroid_hz"] == 2000
    assert not any(path.startswith(("qualia.image", "qualia.text")) for path in found)
    assert set(found) <= set(number_fields())
