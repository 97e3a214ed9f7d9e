"""A record from its parts: what was decoded, what models saw in it, what its words tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from jobs.rem import (
    SECTIONS,
    AudioQualia,
    Derivation,
    Embedding,
    Header,
    Label,
    Level,
    Modality,
    Model,
    Noetic,
    Qualia,
    Quality,
    Rem,
    Scales,
    Sensorial,
    Source,
    Stream,
    rem_id,
)
from stores.vectors import FloatArray
from workers.remforge.decoding import Decoded
from workers.remforge.inference import Card, Models, Output, Refused, Role
from workers.remforge.labelling import labels_of
from workers.remforge.look import Seen, is_heard, mean_vector
from workers.remforge.media.fields import explained
from workers.remforge.summary import coarse, fine, medium
from workers.remforge.words.analysis import Words

FORGE_VERSION = "1"
SPACE = "rem_embeddings"
NO_WORDS = "There are no words in it."


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that is known of one file."""

    source: Source
    level: Level
    decoded: Decoded
    words: Words | None
    seen: Seen
    warnings: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Forged:
    """A record, and its vector in the space of pictures and captions."""

    rem: Rem
    vector: FloatArray | None


def compose(parts: Parts, models: Models, captions: Mapping[str, FloatArray], *, now: datetime) -> Forged:
    """Return the record; `captions` are the vectors of the labels that pictures are compared with."""
    used = _Used(parts, models)
    fields: dict[str, Derivation] = {}
    stream, noetic, sensorial = _told(parts, used, fields)
    qualia = _qualia(parts, used, fields)
    labels = labels_of(parts.decoded, parts.seen, captions, used.cards)
    fields["labels"] = used.labelled(labels)
    vector, embedding = _embedded(parts, used, fields)
    anchors = parts.words.anchors if parts.words else ()
    refused = [
        f"{role.value}: {one.message}" for role, some in parts.seen.items() for one in some if isinstance(one, Refused)
    ]
    warnings = [*parts.decoded.warnings, *(parts.words.warnings if parts.words else ()), *parts.warnings, *refused]
    applicable = {name: one for name, one in fields.items() if _may_have(parts.decoded.modality, name)}
    header = Header(
        rem_id=rem_id(parts.source.sha256),
        forge_version=FORGE_VERSION,
        level=parts.level,
        models=used.models(),
        created_at=now,
        modality=parts.decoded.modality,
        source=parts.source.model_copy(update={"media_type": parts.decoded.media_type}),
        language=parts.words.language if parts.words else None,
        quality=Quality(
            completeness=sum(one.reason is None for one in applicable.values()) / len(applicable),
            warnings=tuple(dict.fromkeys(warnings)),
        ),
    )
    scales = Scales(
        coarse=coarse(parts, labels),
        medium=medium(parts, labels),
        fine=fine(stream, qualia, anchors, labels),
    )
    rem = Rem(
        header=header,
        stream=stream,
        noetic=noetic,
        sensorial=sensorial,
        qualia=qualia,
        anchors=anchors,
        scales=scales,
        embedding=embedding,
        labels=labels,
        fields=dict(sorted(fields.items())),
    )
    return Forged(rem, vector)


class _Used:
    """The models of a level: which took part in a file, and why others did not."""

    def __init__(self, parts: Parts, models: Models) -> None:
        self._parts, self._models = parts, models
        self.cards: dict[Role, Card] = {}
        for role, outputs in parts.seen.items():
            card = models.card(role)
            if card is not None and any(isinstance(one, Output) for one in outputs):
                self.cards[role] = card
        sentences = models.card(Role.SENTENCES)
        if sentences is not None and parts.words is not None and _names(parts.words.fields, sentences.model.name):
            self.cards[Role.SENTENCES] = sentences

    def models(self) -> tuple[Model, ...]:
        """Return the models that took part, each once, by name."""
        words = self._parts.words
        found = {model.sha256: model for model in (words.models if words is not None else ())}
        found |= {card.model.sha256: card.model for card in self.cards.values()}
        return tuple(sorted(found.values(), key=lambda model: (model.name, model.sha256)))

    def found(self, role: Role, method: str, *, confidence: float | None = None) -> Derivation:
        """Return that a model found something."""
        return Derivation(method=method, model=self.cards[role].model.name, confidence=confidence)

    def missing(self, role: Role, *, nothing: str) -> Derivation:
        """Return why a model found nothing: it refused, was not asked, or there was nothing."""
        refused = [one.message for one in self._parts.seen.get(role, ()) if isinstance(one, Refused)]
        if refused:
            return Derivation(reason=refused[0])
        if self._models.card(role) is None:
            return Derivation(reason=self._models.why_not(role))
        return Derivation(reason=nothing)

    def labelled(self, labels: Sequence[Label]) -> Derivation:
        """Return how names were found."""
        roles = {"imagenet": Role.LABELS, "zero-shot": Role.IMAGE, "affect": Role.AFFECT, "audio": Role.SOUND}
        if labels:
            first = roles[labels[0].kind]
            return self.found(first, "-".join(dict.fromkeys(one.kind for one in labels)), confidence=labels[0].score)
        if self._parts.decoded.views or self._parts.decoded.image is not None:
            return self.missing(Role.LABELS, nothing="No model names what it shows.")
        if self._parts.level is Level.LITE:
            return Derivation(reason="Level lite names what pictures show, and nothing else.")
        return self.missing(Role.AFFECT, nothing="No model that is set up names what is in it.")


def _names(fields: Mapping[str, Derivation], model: str) -> bool:
    return any(one.model == model for one in fields.values())


def _told(parts: Parts, used: _Used, fields: dict[str, Derivation]) -> tuple[Stream, Noetic, Sensorial]:
    """Return what the words tell; all null where there are none."""
    words = parts.words
    if words is not None:
        fields.update(words.fields)
        if parts.decoded.text is None:
            fields["stream"] = used.found(Role.TRANSCRIPT, "transcript")
        return words.stream, words.noetic, words.sensorial
    why = Derivation(reason=NO_WORDS)
    if is_heard(parts.decoded.modality):
        if parts.level is Level.LITE:
            why = Derivation(reason="Level lite does not transcribe what is said.")
        else:
            why = used.missing(Role.TRANSCRIPT, nothing="No speech was heard.")
    fields |= {"stream": why, "anchors": why}
    fields |= {f"noetic.{name}": why for name in Noetic.model_fields}
    fields |= {f"sensorial.{name}": why for name in Sensorial.model_fields}
    noetic = Noetic.model_validate(dict.fromkeys(Noetic.model_fields))
    return Stream(text=None), noetic, Sensorial.model_validate(dict.fromkeys(Sensorial.model_fields))


def _qualia(parts: Parts, used: _Used, fields: dict[str, Derivation]) -> Qualia:
    decoded = parts.decoded
    measured: dict[str, Derivation] = {}
    for part in (decoded.image, decoded.audio, decoded.video):
        if part is not None:
            measured |= explained(part)
    audio = decoded.audio
    if audio is not None:
        audio = _heard(audio, parts, used, measured)
    text = parts.words.text if parts.words is not None else None
    qualia = Qualia(image=decoded.image, audio=audio, video=decoded.video, text=text)
    for name in ("image", "audio", "video", "text"):
        if getattr(qualia, name) is None:
            why = NO_WORDS if name == "text" else f"It is {_a(decoded.modality.value)} without {name}."
            fields[f"qualia.{name}"] = Derivation(reason=why)
    fields.update(measured)
    return qualia


def _heard(audio: AudioQualia, parts: Parts, used: _Used, measured: dict[str, Derivation]) -> AudioQualia:
    """Fill in what only models know of a recording."""
    speech = [one for one in parts.seen.get(Role.SPEECH, ()) if isinstance(one, Output)]
    fraction = dict(speech[0].scores).get("speech") if speech else None
    if fraction is None:
        measured["qualia.audio.speech_fraction"] = used.missing(Role.SPEECH, nothing="There was nothing to listen to.")
    else:
        measured["qualia.audio.speech_fraction"] = used.found(Role.SPEECH, "speech-activity")
    said = [one.text for one in parts.seen.get(Role.TRANSCRIPT, ()) if isinstance(one, Output)]
    transcript = said[0] if said and said[0] else None
    if transcript is not None:
        measured["qualia.audio.transcript"] = used.found(Role.TRANSCRIPT, "transcript")
    elif parts.level is Level.LITE:
        measured["qualia.audio.transcript"] = Derivation(reason="Level lite does not transcribe what is said.")
    else:
        measured["qualia.audio.transcript"] = used.missing(Role.TRANSCRIPT, nothing="No speech was heard.")
    return audio.model_copy(update={"speech_fraction": fraction, "transcript": transcript})


def _embedded(parts: Parts, used: _Used, fields: dict[str, Derivation]) -> tuple[FloatArray | None, Embedding | None]:
    """Return the vector: of the pictures, else of the words, in the space that both share."""
    for role, method in ((Role.IMAGE, "picture"), (Role.CAPTION, "words")):
        vector = mean_vector(parts.seen.get(role, ()))
        if vector is not None and role in used.cards:
            fields["embedding"] = used.found(role, f"embedding-of-{method}")
            embedding = Embedding(
                space=SPACE,
                dim=len(vector),
                vector_ref=rem_id(parts.source.sha256),
                model=used.cards[role].model.name,
            )
            return vector, embedding
    if parts.level is Level.LITE:
        fields["embedding"] = Derivation(reason="Level lite has no model for pictures and words together.")
    else:
        fields["embedding"] = used.missing(Role.IMAGE, nothing="It has neither pictures nor words.")
    return None, None


def _may_have(modality: Modality, leaf: str) -> bool:
    """Say whether files of this kind may have a value there: sections of other kinds are none, and a picture has no words."""
    words = leaf.startswith(("noetic.", "sensorial.")) or leaf in {"stream", "anchors"}
    return leaf not in SECTIONS and not (words and modality is Modality.IMAGE)


def _a(word: str) -> str:
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"
