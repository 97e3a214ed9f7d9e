"""The corpus as peers read it: one text for each thing, with all that the product's stores know of it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bench.questions import gold
from bench.questions.corpus import BenchCorpus, Build


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that can be found, and what is written of it."""

    id: str
    kind: str
    name: str
    """For a person, unique in the corpus."""
    text: str
    belongs: str
    """The id of what it is part of, itself in the corpus; empty for a firmware."""


def things(corpus: BenchCorpus) -> list[Thing]:
    """Return instructions, functions, findings, campaigns, firmwares and mitigations."""
    found: dict[str, Thing] = {}
    for build in corpus.builds:
        for thing in (*_whole(build), *_functions(build), *_instructions(build), *_findings(build)):
            found.setdefault(thing.id, thing)
    return list(found.values())


def _whole(build: Build) -> Iterator[Thing]:
    report = build.report
    tvla, cpa = report.tvla, report.cpa
    yield Thing(build.firmware, "firmware", f"firmware {build.name}", f"Firmware {build.name}.", "")
    told = f"Campaign {build.name}: {report.headline} Verdict {report.verdict.value}, {report.traces} traces."
    told += f" Maximum |t| {tvla.max_abs_t1:.2f}." if tvla else ""
    told += f" {cpa.recovered} key bytes recovered." if cpa else ""
    yield Thing(build.campaign, "campaign", f"campaign {build.name}", told, build.firmware)
    if build.baseline is not None:
        better = sorted({row.place.function or "" for row in gold.changes(build)["better"]})
        told = (
            f"Mitigation {build.mitigation}: from {build.baseline.name} to {build.name}, helped in {', '.join(better)}."
        )
        yield Thing(
            f"mitigation:{build.mitigation}", "mitigation", f"mitigation {build.mitigation}", told, build.firmware
        )


def _functions(build: Build) -> Iterator[Thing]:
    for name in dict.fromkeys(row.place.function or "" for row in build.report.rows):
        rows = [row for row in build.report.rows if row.place.function == name]
        told = f"Function {name} of {build.name} in {rows[0].place.file}, {len(rows)} instructions."
        yield Thing(build.function(name), "function", f"function {name} of {build.name}", told, build.firmware)


def _instructions(build: Build) -> Iterator[Thing]:
    measured = np.stack([gold.energy(build), gold.temperature(build), gold.latency(build)], axis=1)
    for row, (energy, temperature, latency) in zip(build.report.rows, measured, strict=True):
        place = row.place
        told = (
            f"Instruction 0x{place.address:08x} {place.mnemonic} {place.operands} in function {place.function} of "
            f"{build.name} at {place.file}:{place.line}: average energy {energy:.4g} uJ, temperature "
            f"{temperature:.1f} degC, maximum latency {latency:.1f} us, |t| {row.max_abs_t1:.2f}"
        )
        told += f", |rho| {row.max_abs_rho:.2f}." if row.max_abs_rho is not None else "."
        name = f"instruction 0x{place.address:08x} of {build.name}"
        yield Thing(build.instruction(place), "instruction", name, told, build.function(place.function or ""))


def _findings(build: Build) -> Iterator[Thing]:
    for index, finding in enumerate(build.report.findings):
        place = finding.place
        told = f"Finding in {build.name}: {finding.severity.value} {finding.kind.value}, {finding.title}"
        told += f", gives away {finding.secret}." if finding.secret else "."
        told += f" p-value 1e{finding.p_log10:.0f}." if finding.p_log10 is not None else ""
        id_ = build.vulnerability(index)
        yield Thing(id_, "vulnerability", f"finding {id_}", told, build.instruction(place))
