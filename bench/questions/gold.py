"""The exact answers, from the raw reports and samples, and what words mean in them.

energy, temperature: mean over the samples of an instruction; latency: the largest of its samples. uJ, degC, us.
leaks: has a finding of severity medium or worse; several findings of an instruction count once.
|t|: the worst first- or second-order |t| of an instruction; p: of a finding, where it has one.
leaks key byte n: a finding of medium severity or worse whose secret names byte n, alone or in a group.
better, worse, unchanged: by the worst severity of an instruction's findings, `low` counting as none, among the instructions
that leak before or after; named by their ids after; matched by function, line, mnemonic and operands.
mitigations of a function: of the mitigation's pairs, those where an instruction of the function got better.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from bench.questions.corpus import BenchCorpus, Build
from bench.questions.measurements import Floats
from jobs.report import Finding, Place, Row, Severity

ENERGY_UJ = {"nJ": 1e-3, "uJ": 1.0, "mJ": 1e3}
LATENCY_US = {"us": 1.0, "ms": 1e3}
RANK = {Severity.LOW: 0, Severity.MEDIUM: 2, Severity.HIGH: 3, Severity.CRITICAL: 4}
Params = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Gold:
    """What a right answer names and says."""

    ids: frozenset[str]
    value: float | None = None
    unit: str | None = None
    text: str | None = None
    """What the words of the answer must contain."""
    aside: str | None = None
    """Ids that begin so are neither right nor wrong: what a comparison starts from."""


def energy(build: Build) -> Floats:
    """Return the mean energy of each instruction, uJ."""
    return _mean(build, 2)


def temperature(build: Build) -> Floats:
    """Return the mean temperature of each instruction, degC."""
    return _mean(build, 3)


def latency(build: Build) -> Floats:
    """Return the largest latency of each instruction, us."""
    return np.asarray(build.activity[:, :, 6].max(axis=1))


def strength(build: Build) -> Floats:
    """Return the worst |t| of each instruction."""
    return np.array([max(row.max_abs_t1 or 0, row.max_abs_t2 or 0) for row in build.report.rows])


def correlation(build: Build) -> Floats:
    """Return the worst |rho| of each instruction, 0 without an attack."""
    return np.array([row.max_abs_rho or 0 for row in build.report.rows])


MEASURES: dict[str, tuple[Callable[[Build], Floats], str | None, dict[str, float]]] = {
    "energy": (energy, "uJ", ENERGY_UJ),
    "temperature": (temperature, "degC", {"degC": 1.0}),
    "latency": (latency, "us", LATENCY_US),
    "strength": (strength, None, {"": 1.0}),
    "correlation": (correlation, None, {"": 1.0}),
}


def chosen(build: Build, keep: Iterable[bool]) -> frozenset[str]:
    """Return the instructions for which `keep`, in the order of the rows, is true."""
    return frozenset(name for name, kept in zip(build.ids, keep, strict=True) if kept)


def within(build: Build, function: str | None) -> list[bool]:
    """Return for each instruction whether it is part of a function; None: always."""
    return [function is None or row.place.function == function for row in build.report.rows]


def secrets(finding: Finding) -> set[int]:
    """Return the key bytes that a finding gives away."""
    if finding.secret is None or RANK[finding.severity] == 0:
        return set()
    first, last = re.fullmatch(r"key bytes? (\d+)(?:-(\d+))?", finding.secret).groups()  # type: ignore[union-attr]
    return set(range(int(first), int(last or first) + 1))


def leaking(build: Build, *, byte: int | None = None) -> list[Place]:
    """Return the places that leak, or that leak a key byte; each once."""
    found = {
        finding.place.address: finding.place
        for finding in build.report.findings
        if RANK[finding.severity] and (byte is None or byte in secrets(finding))
    }
    return list(found.values())


def instructions(build: Build, places: Iterable[Place]) -> frozenset[str]:
    """Return the ids of instructions."""
    return frozenset(build.instruction(place) for place in places)


def functions(build: Build, places: Iterable[Place]) -> frozenset[str]:
    """Return the ids of the functions that places are in."""
    return frozenset(build.function(place.function or "") for place in places)


def vulnerabilities(build: Build, keep: Callable[[Finding], bool]) -> frozenset[str]:
    """Return the ids of findings."""
    return frozenset(build.vulnerability(index) for index, found in enumerate(build.report.findings) if keep(found))


@cache
def _key(place: Place) -> tuple[str | None, int | None, str, str]:
    return place.function, place.line, place.mnemonic, place.operands


def changes(after: Build) -> dict[str, list[Row]]:
    """Return the rows of a patched build that got better, got worse and leak as before."""
    if after.baseline is None:
        msg = f"{after.name} is no patch"
        raise ValueError(msg)
    ranks: list[dict[object, int]] = []
    for build in (after.baseline, after):
        worst: dict[object, int] = {}
        for finding in build.report.findings:
            worst[_key(finding.place)] = max(worst.get(_key(finding.place), 0), RANK[finding.severity])
        ranks.append(worst)
    found: dict[str, list[Row]] = {"better": [], "worse": [], "unchanged": []}
    for row in after.report.rows:
        was, now = (rank.get(_key(row.place), 0) for rank in ranks)
        if was or now:
            found["better" if now < was else "worse" if now > was else "unchanged"].append(row)
    return found


def mitigations(corpus: BenchCorpus, build: Build, function: str) -> frozenset[str]:
    """Return what made a function of a build leak less in a later one."""
    return frozenset(
        f"mitigation:{after.mitigation}"
        for after in corpus.builds
        if after.baseline is build and any(row.place.function == function for row in changes(after)["better"])
    )


def _mean(build: Build, channel: int) -> Floats:
    return np.asarray(build.activity[:, :, channel].mean(axis=1))
