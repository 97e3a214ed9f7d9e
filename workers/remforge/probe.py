"""What a search asks the image model's space for: a vector made from words, or from a picture."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from jobs.errors import DeadlineExceeded, InvalidInput, NotFound, StoreUnavailable
from jobs.forging import SearchRequest
from stores.ports import Artifact
from stores.rem_space import rem_space
from stores.vectors import FloatArray, Space
from workers.remforge.decoding import Decoder, Wanted
from workers.remforge.inference import Card, Item, Models, Output, Refused, Role
from workers.remforge.look import mean_vector


@dataclass(frozen=True, slots=True)
class Probe:
    """A direction, and the space in which it means something."""

    space: Space
    vector: FloatArray
    """Of unit length."""


Picture = Callable[[str], tuple[Artifact, Path]]
"""Finds an artifact that a request names; raises NotFound."""


def probe_of(
    request: SearchRequest, *, models: Models, decoder: Decoder, picture: Picture, deadline_s: float
) -> Probe | str:
    """Return what to look for, or why the image model cannot be asked.

    Of words that a model which is away, or too slow, cannot take, that is told; a picture has nothing else to be found by,
    and what goes wrong with it is raised.
    """
    if request.query is not None:
        try:
            return _of_words(request.query, models, deadline_s)
        except (StoreUnavailable, DeadlineExceeded) as error:
            return error.message
    return _of_picture(str(request.artifact), models, decoder, picture, deadline_s)


def _of_words(query: str, models: Models, deadline_s: float) -> Probe | str:
    card, image = models.card(Role.CAPTION), models.card(Role.IMAGE)
    if card is None:
        return models.why_not(Role.CAPTION)
    if image is not None and image.model.sha256 != card.model.sha256:
        return f"{card.model.name} reads words and {image.model.name} sees pictures: they share no space"
    [output] = models.run(Role.CAPTION, [query], deadline_s=deadline_s)
    if isinstance(output, Refused):
        return output.message
    return _probe(image or card, [output])


def _of_picture(artifact_id: str, models: Models, decoder: Decoder, picture: Picture, deadline_s: float) -> Probe | str:
    card = models.card(Role.IMAGE)
    if card is None or card.view is None:
        return models.why_not(Role.IMAGE)
    try:
        artifact, path = picture(artifact_id)
    except NotFound as error:
        raise InvalidInput("There is no such artifact.", field="artifact") from error
    wanted = Wanted(views=(card.view,))
    decoded = decoder.decode(path, name="picture", media_type=artifact.media_type, wanted=wanted)
    pictures: list[Item] = list(decoded.views.get(card.view, ()))
    if not pictures:
        told = f"This is {decoded.modality.value}; records are found by words, or by a picture or a video."
        raise InvalidInput(told, field="artifact", reason="not-a-picture")
    outputs = models.run(Role.IMAGE, pictures, deadline_s=deadline_s)
    refused = [output for output in outputs if isinstance(output, Refused)]
    if len(refused) == len(outputs):
        raise InvalidInput(refused[0].message, field="artifact", reason=refused[0].reason)
    return _probe(card, outputs)


def _probe(card: Card, outputs: Sequence[Output | Refused]) -> Probe:
    """Return the direction of what a model made: of a video's keyframes the middle, as its record has it."""
    vector = mean_vector(outputs)
    if vector is None:
        raise StoreUnavailable(f"{card.model.name} gave no vector.")
    return Probe(rem_space(card.model.name, card.model.sha256, vector.size), vector)
