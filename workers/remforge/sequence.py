"""The report over a sequence of records: shares, trend, statistics, labels. Pure: equal records, equal report."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from jobs.forging import Outcome
from jobs.rem import Label, Modalities, Modality, Model, Rem
from jobs.rem_sequence import (
    Entry,
    FieldStatistics,
    LabelCount,
    LabelKind,
    Missing,
    ModalityShare,
    SenseShares,
    SequenceReport,
    Trend,
    Warned,
)
from workers.remforge.number_fields import number_fields, numbers
from workers.remforge.sequence_words import headline
from workers.remforge.trend import LEAST, trend

SURE_BELOW = 0.05
"""The p-value under which a trend is called one."""
MOST_LABELS = 200
VALENCE, AROUSAL = "sensorial.valence", "sensorial.arousal"


def report(rems: Sequence[Rem], *, title: str, job: str, failed: Iterable[Outcome] = ()) -> SequenceReport:
    """Return the report over records in their order; `failed` are the files of the sequence that have none."""
    entries = tuple(_entry(position, rem) for position, rem in enumerate(rems, 1))
    missing = tuple(
        Missing(name=one.name, code=one.code or "error", reason=one.reason, message=one.message or "")
        for one in failed
        if one.rem_id is None
    )
    shares = _modalities(entries)
    senses, senses_absent = _senses(rems)
    found, trend_absent = _trend(rems)
    labels = _labels(rems)
    return SequenceReport(
        job=job,
        title=title,
        headline=headline(shares, missing=len(missing), trend=found, trend_absent=trend_absent),
        records=entries,
        missing=missing,
        modalities=shares,
        senses=senses,
        senses_absent=senses_absent,
        valence_trend=found,
        valence_trend_absent=trend_absent,
        statistics=tuple(_statistics(rems)),
        labels=labels[:MOST_LABELS],
        labels_left_out=max(0, len(labels) - MOST_LABELS),
        warnings=_warnings(rems),
        models=_models(rems),
    )


def _entry(position: int, rem: Rem) -> Entry:
    header, sensed = rem.header, rem.sensorial
    valence, arousal = rem.fields[VALENCE], rem.fields[AROUSAL]
    colors = rem.qualia.image.dominant_colors if rem.qualia.image else None
    shares = sensed.modality_distribution.model_dump() if sensed.modality_distribution else {}
    return Entry(
        position=position,
        rem_id=header.rem_id,
        name=header.source.name,
        sha256=header.source.sha256,
        media_type=header.source.media_type,
        modality=header.modality,
        level=header.level,
        language=header.language,
        headline=rem.scales.coarse,
        valence=sensed.valence,
        valence_confidence=valence.confidence,
        valence_absent=valence.reason,
        arousal=sensed.arousal,
        arousal_confidence=arousal.confidence,
        arousal_absent=arousal.reason,
        intentional_mode=rem.noetic.intentional_mode,
        temporal_phase=rem.noetic.temporal_phase,
        strongest_sense=max(shares, key=shares.__getitem__) if shares else None,
        color=max(colors, key=lambda one: one.share).hex if colors else None,
        label=_surest(rem.labels),
        completeness=header.quality.completeness,
        warnings=header.quality.warnings,
        values={path: value for path, value in numbers(rem).items() if path not in {VALENCE, AROUSAL}},
    )


def _surest(labels: Sequence[Label]) -> Label | None:
    return max(labels, key=lambda label: label.score, default=None)


def _modalities(entries: Sequence[Entry]) -> tuple[ModalityShare, ...]:
    files = Counter(entry.modality for entry in entries)
    return tuple(
        ModalityShare(modality=one, files=files[one], share=files[one] / len(entries) if entries else 0.0)
        for one in Modality
    )


def _senses(rems: Sequence[Rem]) -> tuple[SenseShares | None, str | None]:
    known = [one.model_dump() for rem in rems if (one := rem.sensorial.modality_distribution) is not None]
    if not known:
        return None, "no record has a modality_distribution"
    mean = Modalities(**{sense: _mean([one[sense] for one in known]) for sense in Modalities.model_fields})
    return SenseShares(n=len(known), nulls=len(rems) - len(known), mean=mean), None


def _trend(rems: Sequence[Rem]) -> tuple[Trend | None, str | None]:
    known = [(at, value) for at, rem in enumerate(rems, 1) if (value := rem.sensorial.valence) is not None]
    if len(known) < LEAST:
        return None, f"a trend needs at least {LEAST} records with a valence; there are {len(known)}"
    found = trend([at for at, _ in known], [value for _, value in known])
    methods = {rems[at - 1].fields[VALENCE].method or "" for at, _ in known}
    return Trend(
        n=len(known),
        nulls=len(rems) - len(known),
        slope=found.slope,
        slope_low=found.low,
        slope_high=found.high,
        interval_absent=found.interval_absent,
        intercept=found.intercept,
        s=found.s,
        p=found.p,
        p_method=found.method,
        direction="not shown" if found.p >= SURE_BELOW else "rising" if found.s > 0 else "falling",
        methods=tuple(sorted(methods)),
    ), None


def _statistics(rems: Sequence[Rem]) -> Iterator[FieldStatistics]:
    table = [numbers(rem) for rem in rems]
    for path in number_fields():
        told = [row[path] for row in table if path in row]
        known = [float(value) for value in told if value is not None]
        yield FieldStatistics(
            field=path,
            n=len(known),
            nulls=len(told) - len(known),
            mean=_mean(known) if known else None,
            sd=_spread(known) if len(known) > 1 else None,
            min=min(known, default=None),
            max=max(known, default=None),
        )


def _mean(values: Sequence[float]) -> float:
    """Return the mean, rounded once: the same in any order."""
    return math.fsum(values) / len(values)


def _spread(values: Sequence[float]) -> float:
    mean = _mean(values)
    return math.sqrt(math.fsum((one - mean) ** 2 for one in values) / (len(values) - 1))


def _labels(rems: Sequence[Rem]) -> tuple[LabelCount, ...]:
    scores: dict[tuple[str, LabelKind], list[float]] = {}
    for rem in rems:
        best: dict[tuple[str, LabelKind], float] = {}
        for label in rem.labels:
            best[label.name, label.kind] = max(label.score, best.get((label.name, label.kind), 0.0))
        for key, score in best.items():
            scores.setdefault(key, []).append(score)
    counted = [
        LabelCount(name=name, kind=kind, records=len(each), mean_score=_mean(each), max_score=max(each))
        for (name, kind), each in scores.items()
    ]
    return tuple(sorted(counted, key=lambda one: (-one.records, -one.mean_score, one.name, one.kind)))


def _warnings(rems: Sequence[Rem]) -> tuple[Warned, ...]:
    counted = Counter(text for rem in rems for text in dict.fromkeys(rem.header.quality.warnings))
    methods = {rem.fields[VALENCE].method for rem in rems if rem.sensorial.valence is not None}
    if len(methods) > 1:
        valued = sum(rem.sensorial.valence is not None for rem in rems)
        counted[f"valence was found in {len(methods)} ways, whose scales may differ"] = valued
    return tuple(Warned(text=text, records=count) for text, count in counted.items())


def _models(rems: Sequence[Rem]) -> tuple[Model, ...]:
    models = dict.fromkeys(model for rem in rems for model in rem.header.models)
    return tuple(sorted(models, key=lambda one: (one.name, one.version, one.sha256, one.device, one.dtype)))
