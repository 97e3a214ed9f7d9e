import gc
import weakref
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from jobs.errors import InvalidInput
from tests.workers.remforge.models.conftest import Tiny
from tests.workers.remforge.tiny_models import make_head
from workers.remforge.decoding import RATE_HZ, View
from workers.remforge.inference import Item, Output, Role
from workers.remforge.models import families
from workers.remforge.models.model import LoadedModel, Loader, ModelUnavailable, Spec
from workers.remforge.models.pretrained import transformers

TEXTS = (
    "a photo of a red car",
    "joy",
    "",
    "the quick brown fox jumps over the lazy dog " * 3,
    "hello 0123456789 \ud800",
    "music and speech " * 500,
)


def pictures() -> list[Item]:
    rng = np.random.default_rng(7)
    return [rng.integers(0, 256, (32, 32, 3), dtype=np.uint8) for _ in range(5)]


def sounds() -> list[Item]:
    """Return noise of some lengths, two of them alike, one shorter than any window, one longer than the longest."""
    rng = np.random.default_rng(7)
    return [rng.normal(0, 0.1, length).astype(np.float32) for length in (16_000, 9000, 16_000, 50, 31 * RATE_HZ)]


def spoken() -> list[Item]:
    """Return noise, tones and both together: even a tiny model hears that they are not the same."""
    time = np.arange(RATE_HZ) / RATE_HZ
    tones = [(0.3 * np.sin(2 * np.pi * pitch * time)).astype(np.float32) for pitch in (300, 3000)]
    noise = sounds()
    return [noise[0], *tones, noise[3], noise[4]]


CASES = [
    pytest.param("clip", Role.IMAGE, pictures(), id="clip pictures"),
    pytest.param("clip", Role.CAPTION, TEXTS, id="clip texts"),
    pytest.param("siglip", Role.IMAGE, pictures(), id="siglip pictures"),
    pytest.param("siglip", Role.CAPTION, TEXTS, id="siglip texts"),
    pytest.param("deberta", Role.AFFECT, TEXTS, id="one class"),
    pytest.param("several", Role.AFFECT, TEXTS, id="several classes"),
    pytest.param("nli", Role.AFFECT, TEXTS, id="inference"),
    pytest.param("wav2vec2", Role.SOUND, sounds(), id="sounds, layer norm"),
    pytest.param("wav2vec2-group", Role.SOUND, sounds(), id="sounds, group norm"),
    pytest.param("hubert", Role.SOUND, sounds(), id="sounds, hubert"),
    pytest.param("wavlm", Role.SOUND, sounds(), id="sounds, wavlm"),
    pytest.param("whisper", Role.TRANSCRIPT, spoken(), id="transcripts"),
]


def run(model: LoadedModel, items: Sequence[Item]) -> list[Output]:
    return model.finish(model.encode(model.prepare(items)))


def alike(one: Output, other: Output) -> bool:
    if one.vector is not None and other.vector is not None and not np.allclose(one.vector, other.vector, atol=1e-4):
        return False
    return one.text == other.text and dict(one.scores) == pytest.approx(dict(other.scores), abs=1e-4)


@pytest.mark.parametrize(("name", "role", "items"), CASES)
def test_a_batch_is_what_its_items_are_one_by_one_and_in_another_model(
    name: str, role: Role, items: Sequence[Item], tiny: Tiny, loader: Loader
) -> None:
    spec = Spec(role, str(tiny(name)))
    model, again = loader.load(spec, device="cpu"), loader.load(spec, device="cpu")

    together = run(model, items)

    for item, output in zip(items, together, strict=True):
        for one in (model, again):
            (alone,) = run(one, [item])
            assert alike(alone, output)
    assert not all(alike(output, together[0]) for output in together), "otherwise the above would say nothing"


@pytest.mark.parametrize(("name", "role", "items"), CASES)
def test_what_the_card_says_holds(name: str, role: Role, items: Sequence[Item], tiny: Tiny, loader: Loader) -> None:
    spec = Spec(role, str(tiny(name)))
    card = loader.card(spec)

    model = loader.load(spec, device="cpu")
    outputs = run(model, items)

    assert model.card == card
    assert card.role == role
    assert card.test_only
    assert (card.model.device, card.model.dtype) == ("cpu", "float32")
    assert loader.needed_bytes(spec) == pytest.approx(model.bytes, rel=0.05)
    assert all(model.cost(item) > 0 for item in items)
    assert model.budget >= model.cost(items[0])
    for output in outputs:
        assert (card.dimensions is None) == (output.vector is None)
        if output.vector is not None:
            assert output.vector.shape == (card.dimensions,)
            assert np.linalg.norm(output.vector) == pytest.approx(1, abs=1e-5)
        scores = [score for _, score in output.scores]
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= score <= 1 for score in scores)
        if scores and name != "several":
            assert sum(scores) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("name", ["clip", "siglip"])
def test_pictures_and_texts_are_what_the_library_makes_of_them(name: str, tiny: Tiny, loader: Loader) -> None:
    library = transformers.AutoModel.from_pretrained(tiny(name)).eval()
    processor = transformers.AutoImageProcessor.from_pretrained(tiny(name))
    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny(name))
    texts = TEXTS[:4]
    padding = "max_length" if name == "siglip" else True
    with torch.inference_mode():
        seen = library.get_image_features(**processor(images=pictures(), return_tensors="pt")).pooler_output
        tokens = tokenizer(texts, padding=padding, truncation=True, return_tensors="pt")
        if name == "siglip":
            tokens = {"input_ids": tokens["input_ids"]}
        read = library.get_text_features(**tokens).pooler_output

    images = run(loader.load(Spec(Role.IMAGE, str(tiny(name))), device="cpu"), pictures())
    captions = run(loader.load(Spec(Role.CAPTION, str(tiny(name))), device="cpu"), texts)

    for outputs, expected in ((images, seen), (captions, read)):
        unit = torch.nn.functional.normalize(expected, dim=-1).numpy()
        np.testing.assert_allclose(np.array([output.vector for output in outputs]), unit, atol=1e-5)
    card = loader.card(Spec(Role.CAPTION, str(tiny(name))))
    assert card.scale == pytest.approx(library.logit_scale.exp().item(), rel=1e-5)
    assert card.bias == (None if name == "clip" else pytest.approx(library.logit_bias.item()))


def test_each_half_of_a_model_takes_its_own_memory(tiny: Tiny, loader: Loader) -> None:
    halves = [loader.load(Spec(role, str(tiny("clip"))), device="cpu") for role in (Role.IMAGE, Role.CAPTION)]

    whole = (tiny("clip") / "model.safetensors").stat().st_size

    assert sum(half.bytes for half in halves) == pytest.approx(whole, rel=0.1)
    assert halves[0].card.model.sha256 == halves[1].card.model.sha256
    assert halves[0].card.view == View(short=32, crop=32)


@pytest.mark.parametrize("name", ["deberta", "several"])
def test_classes_are_what_the_library_makes_of_a_text(name: str, tiny: Tiny, loader: Loader) -> None:
    library = transformers.pipeline("text-classification", model=str(tiny(name)), device="cpu", top_k=None)

    outputs = run(loader.load(Spec(Role.AFFECT, str(tiny(name))), device="cpu"), TEXTS[:4])

    for text, output in zip(TEXTS[:4], outputs, strict=True):
        expected = {found["label"]: found["score"] for found in library([text])[0]}
        assert dict(output.scores) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("family", families.HEADS)
def test_texts_of_any_length_go_through_heads_of_every_family(family: str, tmp_path: Path, loader: Loader) -> None:
    make_head(tmp_path / family, family=family)
    model = loader.load(Spec(Role.AFFECT, str(tmp_path / family)), device="cpu")

    outputs = run(model, TEXTS)

    for text, output in zip(TEXTS, outputs, strict=True):
        (alone,) = run(model, [text])
        assert alike(alone, output)
        assert {name for name, _ in output.scores} == {"joy", "fear"}
    assert not all(alike(output, outputs[0]) for output in outputs)


def test_a_model_of_inference_is_asked_as_the_library_asks_it(tiny: Tiny, loader: Loader) -> None:
    library = transformers.pipeline("zero-shot-classification", model=str(tiny("nli")), device="cpu")
    model = loader.load(Spec(Role.AFFECT, str(tiny("nli"))), device="cpu")
    texts = [text for text in TEXTS[:4] if text]

    outputs = run(model, texts)

    emotions = ["joy", "sadness", "fear", "anger", "surprise", "disgust", "no emotion"]
    for text, output in zip(texts, outputs, strict=True):
        found = library(text, emotions, hypothesis_template="This text expresses {}.")
        expected = dict(zip(found["labels"], found["scores"], strict=True))
        assert dict(output.scores) == pytest.approx(expected, abs=1e-4)


def test_sounds_are_the_mean_of_what_the_library_hears(tiny: Tiny, loader: Loader) -> None:
    library = transformers.AutoModel.from_pretrained(tiny("wav2vec2")).eval()
    extractor = transformers.AutoFeatureExtractor.from_pretrained(tiny("wav2vec2"))
    short = sounds()[:3]

    outputs = run(loader.load(Spec(Role.SOUND, str(tiny("wav2vec2"))), device="cpu"), short)

    for sound, output in zip(short, outputs, strict=True):
        heard = extractor(sound, sampling_rate=RATE_HZ, return_tensors="pt")
        with torch.inference_mode():
            mean = library(heard["input_values"]).last_hidden_state.mean(dim=1)
        expected = torch.nn.functional.normalize(mean, dim=-1)[0].numpy()
        np.testing.assert_allclose(np.array(output.vector), expected, atol=1e-5)


def test_transcripts_are_what_the_library_writes(tiny: Tiny, loader: Loader) -> None:
    library = transformers.AutoModelForSpeechSeq2Seq.from_pretrained(tiny("whisper")).eval()
    processor = transformers.AutoProcessor.from_pretrained(tiny("whisper"))
    sound = sounds()[0]

    (output,) = run(loader.load(Spec(Role.TRANSCRIPT, str(tiny("whisper"))), device="cpu"), [sound])

    features = processor(sound, sampling_rate=RATE_HZ, return_tensors="pt").input_features
    with torch.inference_mode():
        ids = library.generate(features, task="transcribe", do_sample=False, num_beams=1, max_new_tokens=24)
    assert output.text == processor.batch_decode(ids, skip_special_tokens=True)[0].strip()
    assert output.text


def test_silence_has_no_words(tiny: Tiny, loader: Loader) -> None:
    model = loader.load(Spec(Role.TRANSCRIPT, str(tiny("whisper"))), device="cpu")

    outputs = run(model, [np.zeros(RATE_HZ, np.float32), sounds()[0], np.zeros(40 * RATE_HZ, np.float32)])

    assert [output.text for output in outputs] == ["", run(model, [sounds()[0]])[0].text, ""]


@pytest.mark.parametrize(("name", "role"), [("clip", Role.CAPTION), ("deberta", Role.AFFECT), ("nli", Role.AFFECT)])
def test_what_lies_beyond_a_models_length_is_not_seen(name: str, role: Role, tiny: Tiny, loader: Loader) -> None:
    model = loader.load(Spec(role, str(tiny(name))), device="cpu")

    one, other = run(model, ["car " * 500, "car " * 500 + "joy"])

    assert one.scores == other.scores
    assert np.array_equal(one.vector, other.vector)  # type: ignore[arg-type]
    assert model.bucket("car " * 500) <= 128


def test_items_of_a_bucket_cost_about_the_same(tiny: Tiny, loader: Loader) -> None:
    model = loader.load(Spec(Role.AFFECT, str(tiny("deberta"))), device="cpu")

    for text in TEXTS:
        tokens = model.prepare([text])["input_ids"]
        bucket = model.bucket(text)
        assert bucket == 32 or bucket / 2 < tokens.shape[1] <= bucket
        assert model.cost(text) == tokens.shape[1]


def test_threads_may_ask_for_buckets_while_another_prepares(tiny: Tiny, loader: Loader) -> None:
    texts = [f"car {number} " * (number % 30 + 1) for number in range(200)]
    spec = Spec(Role.AFFECT, str(tiny("nli")))
    expected = [loader.load(spec, device="cpu").bucket(text) for text in texts[:20]]
    model = loader.load(spec, device="cpu")

    with ThreadPoolExecutor(4) as threads:
        prepared = threads.submit(lambda: [model.prepare([text]) for text in texts])
        buckets = list(threads.map(model.bucket, texts))
        batches = prepared.result()

    assert buckets[:20] == expected
    assert all(batch["input_ids"].shape[1] <= bucket for batch, bucket in zip(batches, buckets, strict=True))


def test_a_closed_model_gives_its_memory_back(tiny: Tiny, loader: Loader) -> None:
    model: Any = loader.load(Spec(Role.IMAGE, str(tiny("clip"))), device="cpu")
    weights = weakref.ref(next(model._module.parameters()))

    model.close()

    gc.collect()
    assert weights() is None


@pytest.mark.parametrize(
    ("name", "role", "item", "reason"),
    [
        ("clip", Role.IMAGE, np.zeros((33, 32, 3), np.uint8), "not-a-picture"),
        ("clip", Role.CAPTION, np.zeros(10, np.float32), "not-a-text"),
        ("deberta", Role.AFFECT, np.zeros(10, np.float32), "not-a-text"),
        ("wav2vec2", Role.SOUND, np.zeros(0, np.float32), "empty"),
        ("whisper", Role.TRANSCRIPT, np.full(10, np.inf, np.float32), "not-finite"),
    ],
)
def test_what_no_model_could_take_is_refused(
    item: Item, reason: str, *, name: str, role: Role, tiny: Tiny, loader: Loader
) -> None:
    model = loader.load(Spec(role, str(tiny(name))), device="cpu")

    with pytest.raises(InvalidInput) as refusal:
        model.prepare([item])

    assert refusal.value.reason == reason


@pytest.mark.parametrize("device", ["cuda:97", "cuda", "tpu", "meta", ""])
@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_device_that_is_not_there_is_told(device: str, tiny: Tiny, loader: Loader) -> None:
    with pytest.raises(ModelUnavailable, match="device"):
        loader.load(Spec(Role.IMAGE, str(tiny("clip"))), device=device)
