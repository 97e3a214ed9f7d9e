"""A text in one line, and in a few."""

import re
from collections.abc import Sequence
from heapq import nsmallest

from jobs.rem import Clause, Intent, Noetic, Phase, Sensorial
from workers.remforge.words.entries import Language

LINES = 5
LONGEST = 160
"""Characters of a line of the medium scale; a quotation in the coarse line has half of them."""
_LANGUAGES: dict[Language | None, str] = {"en": "English text", "es": "Spanish text", None: "Text"}
_MODES = {
    Intent.PERCEPTION: "perceiving",
    Intent.MEMORY: "remembering",
    Intent.IMAGINATION: "imagining",
    Intent.REFLECTION: "reflecting",
    Intent.LANGUAGE: "speaking",
    Intent.ACTION: "acting",
}
_PHASES = {
    Phase.PAST: "of the past",
    Phase.PRESENT: "of the present",
    Phase.FUTURE: "of the future",
    Phase.ATEMPORAL: "of what always holds",
}
_UNSEEN = re.compile("[\\s\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+")


def line(text: str, longest: int) -> str:
    """Return a text on one line, without control characters and what turns the direction of writing, cut with `…`."""
    plain = _UNSEEN.sub(" ", text[: 4 * longest]).strip()
    return plain if len(plain) <= longest and len(text) <= 4 * longest else f"{plain[: longest - 1].rstrip()}…"


def foremost_of(scores: Sequence[float]) -> list[int]:
    """Return the places of the LINES highest scores, the earlier of equals, in their order."""
    return sorted(nsmallest(LINES, range(len(scores)), key=lambda place: (-scores[place], place)))


def coarse(
    language: Language | None, words: int, clauses: Sequence[Clause], noetic: Noetic, sensorial: Sensorial
) -> str:
    """Return one line: language, words, what is known of the mode, time, foremost sense and valence, foremost clause."""
    known = [f"{words} word{'' if words == 1 else 's'}"]
    if noetic.intentional_mode is not None:
        known.append(_MODES[noetic.intentional_mode])
    if noetic.temporal_phase is not None:
        known.append(_PHASES[noetic.temporal_phase])
    if sensorial.modality_distribution is not None:
        shares = sensorial.modality_distribution.model_dump()
        known.append(f"mostly {max(shares, key=lambda name: shares[name])}")
    if sensorial.valence is not None:
        known.append(f"valence {sensorial.valence:+.2f}")
    about = f"{_LANGUAGES[language]}, {', '.join(known)}"
    foremost = max(clauses, key=lambda clause: clause.experiential_score, default=None)
    return about if foremost is None else f"{about}: {line(foremost.text, LONGEST // 2)}"


def medium(clauses: Sequence[Clause]) -> tuple[str, ...]:
    """Return a line for each clause."""
    return tuple(line(clause.text, LONGEST) for clause in clauses)
