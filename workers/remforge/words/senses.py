"""What a text senses: shares of the senses, and how far its space reaches."""

from jobs.rem import Modalities
from workers.remforge.words.entries import HORIZONS, SENSES, Horizon
from workers.remforge.words.found import Found, found, trust, unknown
from workers.remforge.words.reading import Reading

PRIOR = 0.1
"""Added to each sense's count (Lidstone): a sense that a few words did not name is unlikely, not impossible."""
CEILING = {"en": 0.7, "es": 0.7}
HORIZON_CEILING = {"en": 0.7, "es": 0.7}


def modalities(reading: Reading) -> Found[Modalities]:
    """Return (n_s + PRIOR) / (n + 9 PRIOR) for each sense: n words of senses, one of k senses counted 1/k in each."""
    if reading.lexicon is None:
        return unknown(reading.unread)
    counts = dict.fromkeys(SENSES, 0.0)
    for entry in reading.entries:
        for sense in entry.senses:
            counts[sense] += 1 / len(entry.senses)
    total = sum(counts.values())
    if total == 0:
        return unknown("no word of the senses occurs")
    whole = total + PRIOR * len(SENSES)
    shares = {sense: (count + PRIOR) / whole for sense, count in counts.items()}
    return found(Modalities(**shares), "sense-words", trust(CEILING[reading.lexicon.language], total))


def horizon(reading: Reading) -> Found[Horizon]:
    """Return the horizon that most words name; ties go to the nearer one. A word of two counts half in each."""
    if reading.lexicon is None:
        return unknown(reading.unread)
    counts: dict[Horizon, float] = dict.fromkeys(HORIZONS, 0.0)
    for entry in reading.entries:
        for name in entry.horizons:
            counts[name] += 1 / len(entry.horizons)
    total = sum(counts.values())
    if total == 0:
        return unknown("no word of space occurs")
    best = max(counts, key=lambda name: counts[name])
    ceiling = HORIZON_CEILING[reading.lexicon.language]
    return found(best, "space-words", trust(ceiling, total, counts[best] / total))
