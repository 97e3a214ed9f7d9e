"""What a record says in words: passages of its text, and one that describes its file by what is recorded of it."""

from collections.abc import Iterator, Sequence

from jobs.knowledge import DEPICTED
from jobs.rem import Modality, Rem
from workers.query.colours import colour_word
from workers.query.sentences import Span, sentences

LONGEST = 1000
"""Characters of a passage."""
MOST = 200
"""Passages of one text: each is encoded."""
COLOURED = 0.05
"""The share of a picture from which on a colour is named."""
COLOURS = 5
NOUNS = {
    Modality.TEXT: "text",
    Modality.IMAGE: "picture, image",
    Modality.AUDIO: "sound, audio recording",
    Modality.VIDEO: "video recording",
}


def text_of(rem: Rem) -> str:
    """Return the words of a file: its text, or what is said in it; empty without any."""
    audio = rem.qualia.audio
    return rem.stream.text or (audio.transcript if audio is not None else None) or ""


def depicted(rem: Rem) -> list[tuple[str, float]]:
    """Return what a record depicts, with how sure its model is: the first name of each label, surest first."""
    found: dict[str, float] = {}
    for label in rem.labels:
        name = " ".join(label.name.partition(",")[0].split())
        if label.kind != "affect" and label.score >= DEPICTED and name:
            found[name] = max(label.score, found.get(name, 0.0))
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))


def passages_of(rem: Rem) -> tuple[list[str], int]:
    """Return a text's passages in order, whole clauses where they fit, and up to which character they go."""
    text = text_of(rem)
    clauses = [(clause.start, clause.end) for clause in rem.stream.clauses] if rem.stream.text else []
    found: list[str] = []
    reached = 0
    for start, end in _grouped(text, clauses or sentences(text)):
        if len(found) == MOST:
            return found, reached
        if passage := " ".join(text[start:end].split()):
            found.append(passage)
        reached = end
    return found, len(text)


def description(rem: Rem, tags: Sequence[str]) -> str:
    """Describe a file in English by what its record holds, and by nothing else: one sentence, and its headline."""
    header, audio, video = rem.header, rem.qualia.audio, rem.qualia.video
    names = dict.fromkeys(one.name for one in rem.labels if one.kind != "affect" and one.score >= DEPICTED)
    told = [f"{NOUNS[header.modality]} of {', '.join(names)}" if names else NOUNS[header.modality]]
    told += [f"colours {', '.join(words)}" for words in [_colours(rem)] if words]
    if audio is not None and audio.speech_fraction is not None:
        told.append(f"speech in {audio.speech_fraction:.0%} of it")
    if audio is not None and audio.tempo_bpm is not None:
        told.append(f"tempo {audio.tempo_bpm:.0f} bpm")
    if video is not None and video.scene_cuts:
        told.append(f"scene cuts: {len(video.scene_cuts)}")
    told.append(", ".join([header.source.media_type, *_extent(rem)]))
    told += [f"tags {', '.join(tags)}"] if tags else []
    return f"{header.source.name}: {'; '.join(told)}. {' '.join(rem.scales.coarse.split())}"


def duration_of(rem: Rem) -> float | None:
    """Return how long a sound or a video takes, in seconds."""
    lasting = rem.qualia.video or rem.qualia.audio
    return lasting.duration_s if lasting is not None else None


def _extent(rem: Rem) -> Iterator[str]:
    shown = rem.qualia.image or rem.qualia.video
    if shown is not None:
        yield f"{shown.width} by {shown.height} pixels"
    if (seconds := duration_of(rem)) is not None:
        yield f"{seconds:.1f} s"


def _colours(rem: Rem) -> list[str]:
    image, video = rem.qualia.image, rem.qualia.video
    found = list(image.dominant_colors or ()) if image is not None else []
    if video is not None:
        found += [frame.dominant_color for frame in video.keyframes if frame.dominant_color is not None]
    words = dict.fromkeys(colour_word(one.hex) for one in found if one.share >= COLOURED)
    return list(words)[:COLOURS]


def _grouped(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    """Yield runs of neighbouring spans of at most LONGEST characters; one that is longer alone is cut at its spaces."""
    first: int | None = None
    last = 0
    for start, end in spans:
        if first is not None and end - first > LONGEST:
            yield from _cut(text, first, last)
            first = None
        first, last = start if first is None else first, end
    if first is not None:
        yield from _cut(text, first, last)


def _cut(text: str, start: int, end: int) -> Iterator[Span]:
    while end - start > LONGEST:
        space = text.rfind(" ", start + 1, start + LONGEST)
        middle = space if space > start else start + LONGEST
        yield start, middle
        start = middle
    yield start, end
