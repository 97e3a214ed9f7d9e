"""Records found by words and by pictures, on stores that ingestion wrote."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from PIL import Image

from jobs.errors import DeadlineExceeded, InvalidInput, StoreUnavailable
from jobs.forging import SearchAnswer, SearchRequest
from jobs.rem import Modality, Model, Rem
from stores.corpus import CORPUS
from stores.documents import Record, Shelf
from stores.memory_texts import MemoryTexts
from stores.vectors import FloatArray
from tests.workers.query.knowledge import TENANT, Running, graph_server, memory_services, real_services
from tests.workers.query.rems import leave, take_in
from tests.workers.remforge.given_records import CLIP, record
from tests.workers.remforge.matrix_models import MatrixModels, PictureDecoder, seen
from workers.query.remove import remove
from workers.query.services import QueryServices
from workers.remforge.inference import Refused, Role
from workers.remforge.search import fused, search
from workers.remforge.services import ForgeServices

GREEN, BROWN, BLUE = (10, 220, 30), (180, 60, 10), (20, 60, 230)
OTHER = CLIP.model_copy(update={"sha256": "ab" * 32})


def picture(colour: tuple[int, int, int]) -> bytes:
    """Return a PNG of one colour."""
    sink = io.BytesIO()
    Image.new("RGB", (32, 24), colour).save(sink, "PNG")
    return sink.getvalue()


def vector(colour: tuple[int, int, int]) -> FloatArray:
    return seen(Image.new("RGB", (8, 8), colour))


class Lab(NamedTuple):
    """A farm whose records can be searched."""

    stores: QueryServices
    forge: ForgeServices
    rems: dict[str, Rem]

    def find(self, query: str | None = None, **asked: Any) -> SearchAnswer:
        return search(SearchRequest(query=query, **asked), tenant=TENANT, services=self.forge)

    def names(self, answer: SearchAnswer) -> list[str]:
        return [found.name for found in answer.found]

    def upload(self, data: bytes, media_type: str = "image/png") -> str:
        return self.stores.artifacts.put(TENANT, [data], media_type=media_type, limit_bytes=10**6)[0].id

    def using(self, models: MatrixModels) -> "Lab":
        return self._replace(forge=self.forge._replace(models=models))


def lab(stores: QueryServices, by: Model | None = CLIP) -> Lab:
    """Take in two pictures with vectors, one without, a diary and a recording; search with the image model."""
    rems = [
        record("IMG_0001.png", labels=[("oscilloscope", 0.83)], embedded_by=by),
        record("IMG_0002.png", labels=[("golden retriever", 0.9)], embedded_by=by),
        record("IMG_0003.png", headline="A photo of the sea."),
        record("diary.txt", modality=Modality.TEXT, text="The oscilloscope was noisy today. I walked the dog."),
        record("talk.wav", modality=Modality.AUDIO, text="We spoke of bursts."),
    ]
    vectors = {"IMG_0001.png": vector(GREEN), "IMG_0002.png": vector(BROWN)} if by is not None else {}
    leave(stores, "j", rems, vectors)
    take_in(stores, "j")
    services = ForgeServices(
        artifacts=stores.artifacts,
        files=stores.rems,
        decoder=PictureDecoder(),
        models=MatrixModels(),
        documents=stores.documents,
        vectors=stores.vectors,
        texts=stores.texts,
        clock=stores.clock,
        timer=stores.timer,
    )
    return Lab(stores, services, {rem.header.source.name: rem for rem in rems})


@pytest.fixture
def small(tmp_path: Path) -> Lab:
    return lab(memory_services(tmp_path))


@pytest.fixture(params=["memory", "real"])
def each(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lab]:
    if request.param == "memory":
        yield lab(memory_services(tmp_path))
        return
    with graph_server(tmp_path) as graph:
        yield lab(real_services(tmp_path, graph))


def test_words_find_a_picture_by_what_it_shows(each: Lab) -> None:
    answer = each.find("oscilloscope screenshot with two bursts", limit=3)

    first = answer.found[0]
    assert first.name == "IMG_0001.png"
    assert (first.rem_id, first.modality) == (each.rems["IMG_0001.png"].header.rem_id, Modality.IMAGE)
    assert first.headline == "A file called IMG_0001.png."
    assert first.found_by == ("words", "image model")
    assert first.cosine is not None
    assert first.cosine > 0.9
    assert answer.degraded == ()
    assert answer.data_version == 1
    assert [found.score for found in answer.found] == sorted((found.score for found in answer.found), reverse=True)
    assert all(0 < found.score <= 1 for found in answer.found)
    assert each.find("oscilloscope screenshot with two bursts", limit=3) == answer


def test_without_an_image_model_words_find_what_labels_name(small: Lab) -> None:
    answer = small.using(MatrixModels(image=None, caption=None)).find("oscilloscope screenshot")

    assert set(small.names(answer)) == {"IMG_0001.png", "diary.txt"}
    assert {found.found_by for found in answer.found} == {("words",)}
    assert {found.cosine for found in answer.found} == {None}
    assert answer.found[0].score == 1
    assert answer.degraded == ("image model: No model is set up for caption.",)


def test_the_image_model_finds_what_no_word_says(small: Lab) -> None:
    answer = small.find("screenshot")

    assert small.names(answer) == ["IMG_0001.png", "IMG_0002.png"]
    assert answer.found[0].found_by == ("image model",)
    assert answer.found[0].score == 0.5


def test_a_picture_finds_itself_and_what_looks_like_it(each: Lab) -> None:
    answer = each.find(artifact=each.upload(picture(GREEN)))

    assert each.names(answer) == ["IMG_0001.png", "IMG_0002.png"]
    assert answer.found[0].cosine == pytest.approx(1, abs=1e-4)
    assert answer.found[0].score == 1
    assert answer.found[0].found_by == ("image model",)


def test_a_modality_can_be_asked_for(small: Lab) -> None:
    texts, sounds = small.find("oscilloscope bursts", modality="text"), small.find("bursts", modality="audio")

    assert small.names(texts) == ["diary.txt"]
    assert small.names(sounds) == ["talk.wav"]
    assert sounds.found[0].score == 0.5


def test_enough_are_found_although_many_that_fit_better_may_not_be_seen(tmp_path: Path) -> None:
    small = lab(memory_services(tmp_path))
    many = [record(f"p{number}.png", labels=[("oscilloscope", 0.9)], embedded_by=CLIP) for number in range(300)]
    leave(small.stores, "many", many, {rem.header.source.name: vector(GREEN) for rem in many})
    take_in(small.stores, "many")

    answer = small.find("oscilloscope", modality="text", limit=5)

    assert small.names(answer) == ["diary.txt"]


def test_records_of_a_hidden_batch_are_not_there(small: Lab) -> None:
    documents = small.stores.documents
    body = dict(documents.get(TENANT, Shelf.CORPUS, [CORPUS])[CORPUS].body)
    hidden = [small.rems["IMG_0001.png"].header.rem_id]
    documents.put(TENANT, Shelf.CORPUS, [Record(CORPUS, body | {"hidden": hidden}, version=99)])

    answer = small.find("oscilloscope screenshot")

    assert set(small.names(answer)) == {"diary.txt", "IMG_0002.png"}


def test_a_record_that_is_removed_is_not_found_any_more(small: Lab) -> None:
    batch = small.rems["IMG_0001.png"].header.rem_id
    remove(batch, tenant=TENANT, job_id="r", attempt=Running("r"), services=small.stores)

    answer = small.find("oscilloscope screenshot")

    assert "IMG_0001.png" not in small.names(answer)


def test_another_models_records_are_found_by_words_and_it_is_told(tmp_path: Path) -> None:
    small = lab(memory_services(tmp_path), by=OTHER)

    answer = small.find("oscilloscope screenshot")

    assert set(small.names(answer)) == {"IMG_0001.png", "diary.txt"}
    assert {found.found_by for found in answer.found} == {("words",)}
    told = (
        f"image model: 2 records were embedded by {CLIP.name}@{'ab' * 8}, not by {CLIP.name}@{CLIP.sha256[:16]}",
        f"image model: no record was embedded by {CLIP.name}@{CLIP.sha256[:16]}",
    )
    assert answer.degraded == told


def test_words_and_pictures_of_different_models_are_never_compared(small: Lab) -> None:
    models = MatrixModels(caption=OTHER)

    answer = small.using(models).find("oscilloscope screenshot")

    assert models.ran == []
    assert "they share no space" in answer.degraded[0]
    assert set(small.names(answer)) == {"IMG_0001.png", "diary.txt"}


@pytest.mark.parametrize(
    ("models", "said"),
    [
        (MatrixModels(trouble=StoreUnavailable("The models are away.")), "The models are away."),
        (MatrixModels(trouble=DeadlineExceeded("Too slow.")), "Too slow."),
        (MatrixModels(refusal=Refused("too-long", "The caption is too long.")), "The caption is too long."),
    ],
)
def test_words_go_without_an_image_model_that_does_not_answer(small: Lab, models: MatrixModels, said: str) -> None:
    answer = small.using(models).find("oscilloscope")

    assert answer.degraded == (f"image model: {said}",)
    assert set(small.names(answer)) == {"IMG_0001.png", "diary.txt"}


def test_a_picture_has_nothing_else_to_be_found_by(small: Lab) -> None:
    artifact = small.upload(picture(BLUE))

    without = small.using(MatrixModels(image=None)).find(artifact=artifact)

    assert (without.found, without.degraded) == ((), ("image model: No model is set up for image.",))
    with pytest.raises(StoreUnavailable, match="away"):
        small.using(MatrixModels(trouble=StoreUnavailable("The models are away."))).find(artifact=artifact)
    with pytest.raises(DeadlineExceeded):
        small.using(MatrixModels(trouble=DeadlineExceeded("Too slow."))).find(artifact=artifact)


@pytest.mark.parametrize(
    ("data", "media_type", "reason"),
    [(b"Words.", "text/plain", "not-a-picture"), (b"no picture", "image/png", "unreadable")],
)
def test_what_cannot_be_seen_is_refused(small: Lab, data: bytes, media_type: str, reason: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        small.find(artifact=small.upload(data, media_type))

    assert (refused.value.field, refused.value.reason) == ("artifact", reason)


def test_a_picture_that_the_model_refuses_or_that_is_not_there_is_refused(small: Lab) -> None:
    models = MatrixModels(refusal=Refused("too-large", "It is too large."))

    with pytest.raises(InvalidInput, match="too large"):
        small.using(models).find(artifact=small.upload(picture(BLUE)))
    with pytest.raises(InvalidInput, match="no such artifact"):
        small.find(artifact=f"sha256:{'0' * 64}")

    assert models.ran == [(Role.IMAGE, 1)]


def test_one_store_that_is_away_is_told_and_two_are_an_error(small: Lab) -> None:
    class Away(MemoryTexts):
        def best(self, *_: Any, **__: Any) -> Any:
            raise StoreUnavailable("The texts are away.")

    lame = small._replace(forge=small.forge._replace(texts=Away()))

    answer = lame.find("oscilloscope")

    assert answer.degraded == ("words: The texts are away.",)
    assert small.names(answer) == ["IMG_0001.png", "IMG_0002.png"]
    with pytest.raises(StoreUnavailable):
        lame.using(MatrixModels(caption=None)).find("oscilloscope")


def test_a_change_while_it_looks_is_looked_at_again(small: Lab) -> None:
    batch = small.rems["IMG_0001.png"].header.rem_id
    removed: list[str] = []

    class Texts(MemoryTexts):
        def best(self, *args: Any, **kwargs: Any) -> Any:
            hits = small.stores.texts.best(*args, **kwargs)
            if not removed:
                removed.append(batch)
                remove(batch, tenant=TENANT, job_id="r", attempt=Running("r"), services=small.stores)
            return hits

    answer = small._replace(forge=small.forge._replace(texts=Texts())).find("oscilloscope")

    assert "IMG_0001.png" not in small.names(answer)
    assert answer.data_version > 1


def test_nothing_is_found_where_nothing_is_known(tmp_path: Path) -> None:
    small = lab(memory_services(tmp_path))

    answer = search(SearchRequest(query="oscilloscope"), tenant="nobody", services=small.forge)

    assert (answer.found, answer.data_version) == ((), 0)


def test_ranks_are_joined_and_ties_go_by_id() -> None:
    assert fused([["a", "b"], ["a", "c"]]) == [
        ("a", 1.0),
        ("b", pytest.approx(61 / 124)),
        ("c", pytest.approx(61 / 124)),
    ]
    assert fused([["b", "a"]]) == [("b", 1.0), ("a", pytest.approx(61 / 62))]
    assert fused([[], ["a"]]) == [("a", 0.5)]
    assert fused([]) == []
