from pathlib import Path

import numpy as np
import pytest
from onnxruntime import InferenceSession

from jobs.errors import InvalidInput
from workers.remforge.decoding import RATE_HZ, Samples
from workers.remforge.models.model import ModelUnavailable
from workers.remforge.models.speech_onnx import OnnxSpeech, speech_card
from workers.remforge.models.wheels import package_folder


@pytest.fixture(scope="module")
def speech() -> OnnxSpeech:
    return OnnxSpeech(speech_card(), threads=1)


def vowels(seconds: float) -> Samples:
    """Return something like a voice: pulses through three resonances that change with each syllable."""
    rng = np.random.default_rng(7)
    time = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    pitch = 120 + 15 * np.sin(2 * np.pi * 0.7 * time)
    pulses = np.sin(2 * np.pi * np.cumsum(pitch) / RATE_HZ) > 0.95
    spectrum = np.zeros(len(time))
    for start in range(0, len(time), RATE_HZ // 4):
        part = np.fft.rfft(pulses[start : start + RATE_HZ // 4] * np.hanning(min(RATE_HZ // 4, len(time) - start)))
        heights = np.fft.rfftfreq(min(RATE_HZ // 4, len(time) - start), 1 / RATE_HZ)
        formants = [rng.uniform(*span) for span in ((300, 800), (900, 2200), (2400, 3000))]
        shape = sum(1 / (1 + ((heights - formant) / 80) ** 2) for formant in formants)
        spectrum[start : start + RATE_HZ // 4] = np.fft.irfft(part * shape, len(heights) * 2 - 2)[: len(time) - start]
    return np.asarray(spectrum / np.abs(spectrum).max() * 0.5, np.float32)


def streamed(samples: Samples) -> np.ndarray:
    """Return the probabilities of the wheel's other model, which hears one window at a time."""
    session = InferenceSession(package_folder("silero_vad") / "data" / "silero_vad.onnx")
    state, context = np.zeros((2, 1, 128), np.float32), np.zeros((1, 64), np.float32)
    found = []
    padded = np.pad(samples, (0, -len(samples) % 512))
    for window in padded.reshape(-1, 1, 512):
        heard = np.concatenate([context, window], axis=1)
        probability, state = session.run(None, {"input": heard, "state": state, "sr": np.array(RATE_HZ)})
        context = heard[:, -64:]
        found.append(float(probability[0, 0]))
    return np.array(found)


def test_probabilities_are_those_of_hearing_one_window_after_the_other(speech: OnnxSpeech) -> None:
    samples = np.concatenate([vowels(12), np.zeros(RATE_HZ * 3, np.float32), vowels(4.01)])

    (probabilities,) = speech.encode(speech.prepare([samples]))

    expected = streamed(samples)
    assert len(expected) > 512, "more than a block"
    np.testing.assert_allclose(probabilities, expected, atol=1e-4)
    (output,) = speech.finish([probabilities])
    assert dict(output.scores) == pytest.approx({"speech": float(np.mean(expected >= 0.5))})


def test_something_like_a_voice_is_told_from_silence_and_noise(speech: OnnxSpeech) -> None:
    noise = np.random.default_rng(7).normal(0, 0.1, RATE_HZ * 3).astype(np.float32)

    outputs = speech.finish(speech.encode(speech.prepare([vowels(3), np.zeros(RATE_HZ * 3, np.float32), noise])))

    voice, silent, noisy = (output.scores[0][1] for output in outputs)
    assert voice > 0.2
    assert silent == 0
    assert noisy < 0.1


def test_a_recording_does_not_hear_its_neighbours(speech: OnnxSpeech) -> None:
    recordings = [vowels(1.3), np.zeros(700, np.float32), vowels(2), np.ones(1, np.float32)]

    together = speech.encode(speech.prepare(recordings))

    for recording, probabilities in zip(recordings, together, strict=True):
        (alone,) = speech.encode(speech.prepare([recording]))
        np.testing.assert_array_equal(probabilities, alone)


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (np.zeros(0, np.float32), "empty"),
        (np.array([0, np.nan], np.float32), "not-finite"),
        (np.zeros((2, 10), np.float32), "not-samples"),
        (np.zeros(10, np.int16), "not-samples"),
        ("text", "not-samples"),
    ],
)
def test_what_cannot_be_heard_is_refused(speech: OnnxSpeech, item: object, reason: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        speech.prepare([item])  # type: ignore[list-item]

    assert refusal.value.reason == reason


def test_a_model_that_was_not_examined_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "silero_vad" / "data").mkdir(parents=True)
    (tmp_path / "silero_vad" / "__init__.py").touch()
    (tmp_path / "silero_vad" / "data" / "silero_vad_16k_sequence.onnx").write_bytes(b"other")
    monkeypatch.syspath_prepend(str(tmp_path))

    with pytest.raises(ModelUnavailable, match="not the file that was examined"):
        speech_card()
