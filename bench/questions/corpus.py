"""The benchmark's knowledge: builds of firmware, each with a campaign and a measurement table, and a few documents.

The same seed gives the same corpus. From 6,000 instructions on a build has 1,000, and the first six builds of a seed
are the same at every size: questions about them keep their meaning while the corpus around them grows.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from bench.questions.campaigns import report
from bench.questions.leaks import draw, patched
from bench.questions.measurements import Floats, activity, table
from bench.questions.program import FAMILIES, FIRST_ADDRESS, drafts, places
from bench.questions.texts import DOCUMENTS, Text
from jobs.report import Place, Report

PER_BUILD = 1000
FIRST_BUILDS = (
    ("aes128", 7, None),
    ("aes128", 8, "masking"),
    ("present", 3, None),
    ("present", 4, "shuffling"),
    ("hmac", 12, None),
    ("chacha20", 5, None),
)
"""Family, number, and the mitigation that the build has over the one before it."""
OTHER_MITIGATIONS = ("hiding", "constant-time", "masking", "shuffling")


@dataclass(frozen=True)
class Build:
    """A firmware, what its campaign found and what was measured of it."""

    name: str
    """Such as `aes128 build 7`: the name of the firmware and of its campaign."""
    family: str
    number: int
    report: Report
    activity: Floats
    """[instruction, sample, channel], see measurements.activity; instructions as in report.rows."""
    baseline: "Build | None"
    mitigation: str | None

    @property
    def firmware(self) -> str:
        """Return the id of its firmware."""
        return f"firmware:{self.report.code.sha256}"

    @property
    def campaign(self) -> str:
        """Return the id of its campaign."""
        return f"campaign:{self.report.campaign}"

    @property
    def batch(self) -> str:
        """Return the name of its measurement file."""
        return self.name.replace(" ", "-")

    @property
    def tags(self) -> tuple[str, ...]:
        """Return what the campaign is tagged with."""
        if self.baseline is None:
            return (f"family:{self.family}",)
        before = self.baseline.report.campaign
        return (f"family:{self.family}", f"mitigation:{self.mitigation}", f"baseline:{before}")

    @cached_property
    def ids(self) -> list[str]:
        """Return the ids of its instructions, as in report.rows."""
        return [self.instruction(row.place) for row in self.report.rows]

    def instruction(self, place: Place) -> str:
        """Return the id of an instruction."""
        return f"{self.report.code.sha256[:12]}:{place.address:08x}"

    def function(self, name: str) -> str:
        """Return the id of a function."""
        return f"function:{self.report.code.sha256[:12]}:{name}"

    def vulnerability(self, index: int) -> str:
        """Return the id of the finding at an index of report.findings; ids count from one."""
        return f"vulnerability:{self.report.campaign}:{index + 1}"

    def measurements(self) -> pa.Table:
        """Return its measurement table; measurements.to_csv and to_parquet write it."""
        return table(self.ids, self.activity)


@dataclass(frozen=True, slots=True)
class BenchCorpus:
    """Builds in the order in which they were made, and documents."""

    seed: int
    builds: tuple[Build, ...]
    documents: tuple[Text, ...]

    def build(self, name: str) -> Build:
        """Return a build by its name; raises KeyError."""
        for build in self.builds:
            if build.name == name:
                return build
        raise KeyError(name)

    @property
    def instructions(self) -> int:
        """Return how many instructions there are."""
        return sum(len(build.report.rows) for build in self.builds)


def make_corpus(instructions: int, seed: int, *, samples: int = 3) -> BenchCorpus:
    """Return a corpus of equal builds, at most `instructions` in all, with `samples` measurements of each instruction."""
    if instructions < 100 * len(FIRST_BUILDS) or samples < 1:
        msg = f"at least {100 * len(FIRST_BUILDS)} instructions and one sample"
        raise ValueError(msg)
    number = max(len(FIRST_BUILDS), instructions // PER_BUILD)
    size = min(PER_BUILD, instructions // number)
    builds: list[Build] = []
    for nth, (family, version, mitigation) in enumerate(_plan(number)):
        before = builds[-1] if mitigation else None
        builds.append(
            _build(family, version, size, samples=samples, mitigation=mitigation, before=before, seed=seed, nth=nth)
        )
    return BenchCorpus(seed=seed, builds=tuple(builds), documents=DOCUMENTS)


def _plan(number: int) -> list[tuple[str, int, str | None]]:
    plan: list[tuple[str, int, str | None]] = list(FIRST_BUILDS)
    families = tuple(FAMILIES)
    for nth in range(len(plan), number):
        pair = (nth - len(FIRST_BUILDS)) // 2
        mitigation = OTHER_MITIGATIONS[pair % len(OTHER_MITIGATIONS)] if nth % 2 else None
        plan.append((families[(pair + 4) % len(families)], 24 + nth, mitigation))
    return plan


def _build(
    family: str,
    version: int,
    size: int,
    *,
    samples: int,
    mitigation: str | None,
    before: Build | None,
    seed: int,
    nth: int,
) -> Build:
    name = f"{family} build {version}"
    origin = nth if before is None else nth - 1
    program = drafts(family, size, np.random.default_rng([seed, origin, 0]))
    leaks = draw(size, keyed=family == "aes128", rng=np.random.default_rng([seed, origin, 1]))
    sha256 = hashlib.sha256(f"{name} {seed} {size}".encode()).hexdigest()
    digits = hashlib.sha256(f"campaign {name} {seed} {size}".encode()).hexdigest()
    return Build(
        name=name,
        family=family,
        number=version,
        report=report(
            name,
            f"0199{digits[:4]}-{digits[4:8]}-7{digits[8:11]}-8{digits[11:14]}-{digits[14:26]}",
            sha256,
            # A patch moves the code.
            places(program, first=FIRST_ADDRESS if before is None else FIRST_ADDRESS + 0x40),
            leaks if before is None else patched(leaks),
            keyed=family == "aes128",
            nth=nth,
            rng=np.random.default_rng([seed, nth, 2]),
        ),
        activity=activity(size, samples, np.random.default_rng([seed, nth, 3])),
        baseline=before,
        mitigation=mitigation,
    )
