"""What a text tells: one pass over its words, and a value or a reason for each leaf of a record."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from jobs.rem import Anchor, Clause, Derivation, Model, Noetic, Sensorial, Stream, TemporalMarker, TextQualia
from stores.vectors import FloatArray
from workers.remforge.words.acts import directedness, ego, experience, intensity, mode, tally
from workers.remforge.words.anchors import anchors
from workers.remforge.words.axes import NamedEncoder, placing
from workers.remforge.words.clauses import MOST as TAKEN_APART
from workers.remforge.words.entries import Language
from workers.remforge.words.found import Found, found, unknown
from workers.remforge.words.language import MIXED
from workers.remforge.words.readability import entropy, readability
from workers.remforge.words.reading import Reading, read
from workers.remforge.words.scales import coarse, foremost_of, medium
from workers.remforge.words.senses import horizon, modalities
from workers.remforge.words.times import phase, placed, timed
from workers.remforge.words.valence import NAME, vader_model, valence

MOST_CLAUSES = 10_000
"""Of a record; the figures are of all."""
MOST_MARKERS = 2_000
STREAM_CONFIDENCE = 0.9
_SURROGATE = re.compile("[\ud800-\udfff]")
_NAMES: dict[Language, str] = {"en": "English", "es": "Spanish"}


@dataclass(frozen=True, slots=True)
class Words:
    """A text's part of a record. `fields` has every leaf of noetic, sensorial and qualia.text, `stream` and `anchors`."""

    language: Language | None
    stream: Stream
    noetic: Noetic
    sensorial: Sensorial
    text: TextQualia
    anchors: tuple[Anchor, ...]
    coarse: str
    medium: tuple[str, ...]
    warnings: tuple[str, ...]
    fields: Mapping[str, Derivation]
    models: tuple[Model, ...]
    """What `fields` names as models, but for the encoder."""


def analyse(text: str, *, encode: Callable[[Sequence[str]], FloatArray] | None, encoder_name: str | None) -> Words:
    """Return what a text tells; the same text and encoder, the same answer. Time grows with the length of the text.

    `encode` gives sentences vectors [n, d]; `encoder_name` is the name of its weights, which stands for them as long as
    the process lives: the words of the axes are encoded once a name. Without one, arousal and dominance are null.
    Raises ValueError where only one of the two is given, and what `encode` raises.
    """
    if (encode is None) != (encoder_name is None):
        msg = "give an encoder and its name, or neither"
        raise ValueError(msg)
    encoder = None if encode is None or encoder_name is None else NamedEncoder(encoder_name, encode)
    # Half of a character cannot be written as UTF-8; what stands for it keeps the places of all others.
    whole, halves = _SURROGATE.subn("\ufffd", text)
    reading = read(whole)
    told = timed(reading)
    warnings = [*_language_warnings(reading)]
    if halves:
        warnings.insert(0, f"{halves} halves of characters (lone surrogates) became U+FFFD")
    counted = tally(reading, told)
    feeling, of_valence = valence(reading)
    axes = placing(reading, encoder)
    values: dict[str, Found[Any]] = {
        "noetic.intentional_mode": mode(reading, told),
        "noetic.directedness": directedness(reading, counted),
        "noetic.temporal_phase": phase(reading, told),
        "noetic.ego_involvement": ego(reading, counted),
        "noetic.act_intensity": intensity(reading, counted, told),
        "sensorial.modality_distribution": modalities(reading),
        "sensorial.spatial_horizon": horizon(reading),
        "sensorial.valence": feeling,
        "sensorial.arousal": axes.arousal,
        "sensorial.dominance": axes.dominance,
        "qualia.text.readability": readability(reading),
        "qualia.text.entropy_bits": entropy(reading),
        "qualia.text.words": found(reading.total, "count", 1.0),
        "qualia.text.characters": found(len(whole), "count", 1.0),
        "anchors": anchors(reading),
    }
    noetic, sensorial = Noetic(**_under("noetic", values)), Sensorial(**_under("sensorial", values))
    scores = [experience(reading, one) for one in told] or [0.0] * len(reading.parts)
    stream, of_stream = _stream(reading, scores)
    foremost = [_clause(reading, scores, place) for place in foremost_of(scores)]
    values["stream"] = found(whole, "clauses", STREAM_CONFIDENCE) if whole else unknown("the text is empty")
    return Words(
        language=reading.spoken.language,
        stream=stream,
        noetic=noetic,
        sensorial=sensorial,
        text=TextQualia(**_under("qualia.text", values)),
        anchors=values["anchors"].value or (),
        coarse=coarse(reading.spoken.language, reading.total, foremost, noetic, sensorial),
        medium=medium(foremost),
        warnings=(*warnings, *of_stream, *of_valence, *axes.warnings),
        fields={name: one.how for name, one in values.items()},
        models=(vader_model(),) if feeling.how.model == NAME else (),
    )


def _under(section: str, values: Mapping[str, Found[Any]]) -> dict[str, Any]:
    prefix = f"{section}."
    return {name.removeprefix(prefix): one.value for name, one in values.items() if name.startswith(prefix)}


def _language_warnings(reading: Reading) -> list[str]:
    if reading.total == 0:
        return ["there are no words"]
    language, other = reading.spoken.language, reading.spoken.other
    if language is None:
        return ["the language is neither English nor Spanish: no lexicon reads it, and experiential scores are 0"]
    if other >= MIXED:
        rest = _NAMES["es" if language == "en" else "en"]
        return [f"{other:.0%} of the evidence is for {rest}; the text was read as {_NAMES[language]}"]
    return []


def _clause(reading: Reading, scores: list[float], place: int) -> Clause:
    part = reading.parts[place]
    text = reading.text[part.start : part.end]
    return Clause(text=text, start=part.start, end=part.end, experiential_score=scores[place])


def _stream(reading: Reading, scores: list[float]) -> tuple[Stream, list[str]]:
    """Return the stream with the first clauses and markers, and warnings of which were left out."""
    text, parts = reading.text, reading.parts
    clauses = tuple(_clause(reading, scores, place) for place in range(min(len(parts), MOST_CLAUSES)))
    markers = tuple(
        TemporalMarker.model_validate({"text": text[start:end], "start": start, "end": end, "phase": phase_})
        for start, end, phase_ in islice(placed(reading), MOST_MARKERS)
    )
    warnings = []
    if len(parts) > MOST_CLAUSES:
        start = parts[MOST_CLAUSES].start
        warnings.append(f"of {len(parts)} clauses the first {MOST_CLAUSES} are listed, up to character {start}")
    if len(parts) >= TAKEN_APART:
        warnings.append(f"what follows the first {TAKEN_APART} clauses was not taken apart")
    if len(reading.markers) > MOST_MARKERS:
        warnings.append(f"of {len(reading.markers)} markers of time the first {MOST_MARKERS} are listed")
    return Stream(text=text or None, clauses=clauses, temporal_markers=markers), warnings
