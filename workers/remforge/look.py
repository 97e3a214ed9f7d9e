"""What models see of decoded files: the items of many files go through a model together and come back to their own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from jobs.errors import InvalidInput
from jobs.rem import Level, Modality
from stores.vectors import FloatArray
from workers.remforge.decoding import Decoded, Wanted
from workers.remforge.inference import Card, Item, Models, Output, Refused, Role

LITE = (Role.LABELS, Role.SPEECH)
FULL = (Role.LABELS, Role.SPEECH, Role.IMAGE, Role.CAPTION, Role.AFFECT, Role.SOUND, Role.TRANSCRIPT)
SLICE = 64
"""Items that are sent at once: between two slices a job can be stopped."""
DEADLINE_S = 300.0
"""Of one slice."""
SEEN_CHARACTERS = 4000
"""Of a text, by models that cut it to some hundred tokens anyway."""
SPEECH_LEAST = 0.02
"""Share of speech below which nothing is transcribed."""

Seen = Mapping[Role, Sequence[Output | Refused]]
"""By role, one for each picture of a file, or one for its text or its samples."""


def roles(level: Level) -> tuple[Role, ...]:
    """Return what a level asks models for, besides vectors of sentences."""
    return LITE if level is Level.LITE else FULL


def wanted(level: Level, models: Models) -> Wanted:
    """Return what decoding has to bring for the models that are set up."""
    cards = [card for role in roles(level) if (card := models.card(role)) is not None]
    views = dict.fromkeys(card.view for card in cards if card.view is not None)
    samples = any(card.role in {Role.SPEECH, Role.SOUND, Role.TRANSCRIPT} for card in cards)
    return Wanted(tuple(views), samples=samples)


@dataclass
class Looking:
    """Some decoded files on their way through the models."""

    files: Sequence[Decoded]
    models: Models
    check: Callable[[], None]
    seen: list[dict[Role, list[Output | Refused]]] = field(init=False)

    def __post_init__(self) -> None:
        self.seen = [{} for _ in self.files]

    def look(self, level: Level) -> list[Seen]:
        """Ask every model of a level that is set up; what is not set up is missing from the answer."""
        asked = roles(level)
        for role in (Role.LABELS, Role.IMAGE):
            if role in asked and (card := self.models.card(role)) is not None:
                self._pictures(role, card)
        for role in (Role.SPEECH, Role.SOUND):
            if role in asked:
                self._run(
                    role, [(place, one.samples) for place, one in enumerate(self.files) if one.samples is not None]
                )
        if Role.TRANSCRIPT in asked:
            spoken = [place for place, one in enumerate(self.seen) if _speaks(one)]
            self._run(Role.TRANSCRIPT, [(place, self._samples(place)) for place in spoken])
        texts = [(place, text[:SEEN_CHARACTERS]) for place in range(len(self.files)) if (text := self.text(place))]
        for role in (Role.CAPTION, Role.AFFECT):
            if role in asked:
                self._run(role, texts)
        return [dict(one) for one in self.seen]

    def text(self, place: int) -> str | None:
        """Return the words of a file: what is written in it, or what was said."""
        written = self.files[place].text
        if written is not None:
            return written
        heard = [one.text for one in self.seen[place].get(Role.TRANSCRIPT, ()) if isinstance(one, Output)]
        return heard[0] if heard and heard[0] else None

    def _samples(self, place: int) -> Item:
        samples = self.files[place].samples
        return np.zeros(0, np.float32) if samples is None else samples

    def _pictures(self, role: Role, card: Card) -> None:
        if card.view is None:
            return
        items: list[tuple[int, Item]] = []
        for place, one in enumerate(self.files):
            pixels = one.views.get(card.view)
            items += [(place, picture) for picture in (pixels if pixels is not None else ())]
        self._run(role, items)

    def _run(self, role: Role, items: Sequence[tuple[int, Item]]) -> None:
        if not items or self.models.card(role) is None:
            return
        for start in range(0, len(items), SLICE):
            self.check()
            some = items[start : start + SLICE]
            outputs = self.models.run(role, [item for _, item in some], deadline_s=DEADLINE_S)
            for (place, _), output in zip(some, outputs, strict=True):
                self.seen[place].setdefault(role, []).append(output)


def sentence_encoder(models: Models) -> Callable[[Sequence[str]], FloatArray] | None:
    """Return what makes vectors of sentences, or None where there is no such model; it raises InvalidInput if one is refused."""
    card = models.card(Role.SENTENCES)
    if card is None:
        return None

    def encode(texts: Sequence[str]) -> FloatArray:
        rows = np.zeros((len(texts), card.dimensions or 0), np.float32)
        for start in range(0, len(texts), SLICE):
            outputs = models.run(Role.SENTENCES, list(texts[start : start + SLICE]), deadline_s=DEADLINE_S)
            for place, output in enumerate(outputs, start):
                if isinstance(output, Refused) or output.vector is None:
                    why = output.message if isinstance(output, Refused) else "it gave no vector"
                    raise InvalidInput(f"The sentence encoder refused a sentence: {why}")
                rows[place] = output.vector
        return rows

    return encode


def mean_vector(outputs: Sequence[Output | Refused]) -> FloatArray | None:
    """Return the unit vector in the middle of a file's pictures."""
    vectors = [one.vector for one in outputs if isinstance(one, Output) and one.vector is not None]
    if not vectors:
        return None
    total: FloatArray = np.sum(vectors, axis=0, dtype=np.float32)
    length = float(np.linalg.norm(total))
    return (total / length).astype(np.float32) if length > 0 else None


def is_heard(modality: Modality) -> bool:
    """Say whether a file of this kind may have sound."""
    return modality in {Modality.AUDIO, Modality.VIDEO}


def _speaks(seen: Mapping[Role, Sequence[Output | Refused]]) -> bool:
    """Say whether there is speech; where nothing tells, nobody transcribes silence for words that are not there."""
    found = [dict(one.scores).get("speech", 0.0) for one in seen.get(Role.SPEECH, ()) if isinstance(one, Output)]
    return bool(found) and max(found) >= SPEECH_LEAST
