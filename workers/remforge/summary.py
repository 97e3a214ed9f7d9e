"""A record from far away and from near: one line, a few lines, counts."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from jobs.rem import Anchor, Label, Qualia, Stream
from workers.remforge.words.scales import line

if TYPE_CHECKING:
    from workers.remforge.compose import Parts

LINE = 200
"""Characters of a line."""
SURE = 0.2
"""Score from which a name is worth a line."""
NAMES = 3


def coarse(parts: "Parts", labels: Sequence[Label]) -> str:
    """Return one line: what kind of file, what it is of, what it says."""
    decoded = parts.decoded
    if decoded.text is not None and parts.words is not None:
        return line(parts.words.coarse, LINE)
    told = [decoded.modality.value]
    if decoded.image is not None:
        told.append(f"{decoded.image.width} x {decoded.image.height}")
    if decoded.video is not None:
        told.append(f"{decoded.video.duration_s:.1f} s")
    elif decoded.audio is not None:
        told.append(f"{decoded.audio.duration_s:.1f} s")
    names = [one.name for one in labels if one.score >= SURE and one.kind != "affect"][:NAMES]
    if names:
        told.append(f"shows {', '.join(names)}")
    if parts.words is not None:
        told.append(parts.words.coarse)
    return line(", ".join(told), LINE)


def medium(parts: "Parts", labels: Sequence[Label]) -> tuple[str, ...]:
    """Return a few lines: names with their scores, colours, sound, and what the words tell."""
    decoded = parts.decoded
    lines = [f"{one.name} ({one.score:.2f})" for one in labels[:5]]
    if decoded.image is not None and decoded.image.dominant_colors:
        lines.append(
            "colours " + ", ".join(f"{one.hex} {one.share:.0%}" for one in decoded.image.dominant_colors[:NAMES])
        )
    if decoded.audio is not None and decoded.audio.loudness_db is not None:
        lines.append(f"loudness {decoded.audio.loudness_db:.1f} dB")
    if decoded.video is not None and decoded.video.scene_cuts is not None:
        lines.append(f"{len(decoded.video.scene_cuts)} scene cuts")
    return (*lines, *(parts.words.medium if parts.words is not None else ()))


def fine(stream: Stream, qualia: Qualia, anchors: Sequence[Anchor], labels: Sequence[Label]) -> dict[str, int]:
    """Return how many there are of what."""
    counts = {
        "clauses": len(stream.clauses),
        "temporal_markers": len(stream.temporal_markers),
        "anchors": len(anchors),
        "labels": len(labels),
    }
    if qualia.text is not None:
        counts |= {"words": qualia.text.words, "characters": qualia.text.characters}
    if qualia.video is not None:
        counts["keyframes"] = len(qualia.video.keyframes)
    return counts
