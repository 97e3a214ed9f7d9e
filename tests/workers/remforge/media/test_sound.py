import numpy as np
import pytest

from jobs.errors import InvalidInput
from jobs.rem import AudioQualia, Modality
from tests.workers.remforge.media.made_files import Floats, clicks, picture, scenery, sound, tone
from tests.workers.remforge.media.reading import read_bytes
from workers.remforge.decoding import RATE_HZ, Wanted
from workers.remforge.media.pitch import pitch_track
from workers.remforge.media.sound_measures import measure_sound


def sounds(samples: Floats) -> AudioQualia:
    return measure_sound(samples.astype(np.float32), duration_s=len(samples) / RATE_HZ)


@pytest.mark.parametrize(
    ("form", "codec", "rate_hz", "media_type"),
    [
        ("wav", "pcm_s16le", 44_100, "audio/wav"),
        ("wav", "pcm_u8", 8_000, "audio/wav"),
        ("wav", "pcm_f32le", 16_000, "audio/wav"),
        ("ogg", "libopus", 48_000, "audio/ogg"),
        ("flac", "flac", 22_050, "audio/flac"),
        ("mp3", "libmp3lame", 44_100, "audio/mpeg"),
        ("adts", "aac", 44_100, "audio/aac"),
        ("ipod", "aac", 44_100, "audio/mp4"),
        ("webm", "libopus", 48_000, "audio/webm"),
        ("matroska", "aac", 16_000, "audio/x-matroska"),
        ("aiff", "pcm_s16be", 16_000, "audio/aiff"),
        ("au", "pcm_s16be", 16_000, "audio/basic"),
        ("caf", "pcm_s16le", 16_000, "audio/x-caf"),
    ],
)
def test_each_kind_of_sound_gives_its_tone(form: str, codec: str, rate_hz: int, media_type: str) -> None:
    read = read_bytes(sound(tone(440), form=form, codec=codec, rate_hz=rate_hz))

    assert (read.modality, read.media_type, read.warnings) == (Modality.AUDIO, media_type, ())
    assert read.audio is not None
    assert read.audio.f0_mean_hz == pytest.approx(440, rel=0.01)
    # Coders add silence before and after, and eight bits add noise.
    assert read.audio.loudness_db == pytest.approx(-9.03, abs=0.6)
    assert read.audio.spectral_centroid_hz == pytest.approx(440, rel=0.15)
    assert read.audio.duration_s == pytest.approx(2, abs=0.08)
    assert read.samples is not None
    assert read.samples.dtype == np.float32
    assert len(read.samples) == pytest.approx(2 * RATE_HZ, abs=1300)


@pytest.mark.parametrize("hz", [70, 82.41, 220, 440, 1000, 1900])
def test_the_pitch_of_a_tone_is_within_a_hundredth(hz: float) -> None:
    assert sounds(tone(hz)).f0_mean_hz == pytest.approx(hz, rel=0.01)


def test_the_pitch_of_a_voice_without_its_fundamental_is_still_it() -> None:
    assert sounds(tone(300) + tone(450, peak=0.4)).f0_mean_hz == pytest.approx(150, rel=0.01)


def test_the_pitch_is_the_mean_over_what_sounds() -> None:
    samples = np.concatenate([tone(200), np.zeros(RATE_HZ), tone(400)])

    pitches, sounding = pitch_track(samples.astype(np.float32))

    assert np.isfinite(pitches).sum() <= sounding < len(pitches)
    assert sounds(samples).f0_mean_hz == pytest.approx(300, rel=0.02)


@pytest.mark.parametrize("bpm", [60, 90, 120, 150, 180])
def test_the_tempo_of_clicks_is_theirs(bpm: float) -> None:
    assert sounds(clicks(bpm)).tempo_bpm == pytest.approx(bpm, rel=0.01)


def test_noise_has_neither_pitch_nor_beat_and_its_centre_in_the_middle() -> None:
    found = sounds(np.random.default_rng(7).uniform(-0.2, 0.2, 6 * RATE_HZ))

    assert (found.f0_mean_hz, found.tempo_bpm) == (None, None)
    assert found.spectral_centroid_hz == pytest.approx(RATE_HZ / 4, rel=0.02)
    assert found.loudness_db == pytest.approx(20 * np.log10(0.2 / np.sqrt(3)), abs=0.1)


def test_a_steady_tone_has_no_beat() -> None:
    assert sounds(tone(82.41, length_s=8)).tempo_bpm is None


def test_silence_is_null_rather_than_a_very_low_number() -> None:
    read = read_bytes(sound(np.zeros(2 * RATE_HZ)))

    assert read.audio == AudioQualia(
        duration_s=2,
        f0_mean_hz=None,
        loudness_db=None,
        tempo_bpm=None,
        spectral_centroid_hz=None,
        speech_fraction=None,
        transcript=None,
    )


@pytest.mark.parametrize("length", [1, 2, 100, 1023, 1025])
def test_very_short_sound_is_measured_too(length: int) -> None:
    found = sounds(np.full(length, 0.5))

    assert found.loudness_db == pytest.approx(-6.02, abs=0.01)
    assert (found.f0_mean_hz, found.tempo_bpm) == (None, None)


def test_sound_without_samples_is_empty() -> None:
    data = sound(tone(440))
    at = data.index(b"data") + 4

    with pytest.raises(InvalidInput) as refused:
        read_bytes(data[:at] + bytes(4))

    assert refused.value.reason == "empty"


def test_samples_come_only_where_they_are_wanted() -> None:
    assert read_bytes(sound(tone(440)), wanted=Wanted()).samples is None


def test_sound_that_ends_early_is_read_as_far_as_it_goes_with_a_warning() -> None:
    data = sound(tone(440))

    read = read_bytes(data[: len(data) // 2])

    assert read.audio is not None
    assert read.audio.duration_s == pytest.approx(1, abs=0.01)
    assert read.warnings == ("The file ends early; it was read as far as it goes.",)


@pytest.mark.parametrize(("form", "codec"), [("ogg", "libopus"), ("flac", "flac"), ("mp3", "libmp3lame")])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_stream_that_is_cut_is_read_as_far_as_it_goes(form: str, codec: str, share: float) -> None:
    rate_hz = 48_000 if form == "ogg" else 44_100
    data = sound(tone(440, length_s=4), form=form, codec=codec, rate_hz=rate_hz)

    read = read_bytes(data[: int(len(data) * share)])

    assert read.audio is not None
    assert read.audio.f0_mean_hz == pytest.approx(440, rel=0.01)
    assert 0 < read.audio.duration_s < 4


@pytest.mark.parametrize("share", [0.01, 0.5, 0.8])
def test_an_mp4_without_its_index_is_truncated(share: float) -> None:
    data = sound(tone(440), form="ipod", codec="aac")

    with pytest.raises(InvalidInput) as refused:
        read_bytes(data[: max(16, int(len(data) * share))])

    assert refused.value.reason == "truncated"


def test_samples_that_are_no_numbers_are_silence() -> None:
    data = bytearray(sound(tone(440), codec="pcm_f32le"))
    data[-400:] = np.full(100, np.nan, dtype="<f4").tobytes()

    read = read_bytes(bytes(data))

    assert read.samples is not None
    assert np.isfinite(read.samples).all()
    assert "Samples that are no numbers were taken as silence." in read.warnings


def test_sound_with_a_cover_is_sound() -> None:
    cover = picture(scenery(64, 64), "JPEG")
    frame = b"APIC" + (len(cover) + 14).to_bytes(4, "big") + b"\0\0" + b"\0image/jpeg\0\x03\0" + cover
    size = len(frame)
    tag = b"ID3\x03\0\0" + bytes([size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127]) + frame

    read = read_bytes(tag + sound(tone(440), form="mp3", codec="libmp3lame", rate_hz=44_100))

    assert (read.modality, read.media_type, read.video) == (Modality.AUDIO, "audio/mpeg", None)
