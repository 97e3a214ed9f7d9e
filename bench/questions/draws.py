"""Parameters for templates, drawn so that the answer is neither empty nor long."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from bench.questions.corpus import BenchCorpus
from bench.questions.gold import MEASURES, Params, leaking

T = TypeVar("T")
Draw = Callable[[BenchCorpus, np.random.Generator], Params]
"""`build` is always there; the caller draws again when the answer does not suit."""


def anywhere(corpus: BenchCorpus, rng: np.random.Generator) -> Params:
    """Draw a build."""
    return {"build": _pick(corpus.builds, rng).name}


def keyed(corpus: BenchCorpus, rng: np.random.Generator) -> Params:
    """Draw a build whose key was attacked, and a byte that it leaks."""
    build = _pick([build for build in corpus.builds if build.report.cpa], rng)
    return {"build": build.name, "byte": _pick([n for n in range(16) if leaking(build, byte=n)], rng)}


def pair(corpus: BenchCorpus, rng: np.random.Generator) -> Params:
    """Draw a patched build and the one before."""
    after = _pick([build for build in corpus.builds if build.baseline], rng)
    return {"build": after.name, "before": after.baseline.name if after.baseline else ""}


def instruction(corpus: BenchCorpus, rng: np.random.Generator) -> Params:
    """Draw an instruction of a build."""
    build = _pick(corpus.builds, rng)
    return {"build": build.name, "address": f"0x{_pick(build.report.rows, rng).place.address:08x}"}


def leak(corpus: BenchCorpus, rng: np.random.Generator) -> Params:
    """Draw an instruction with a t-test finding."""
    build = _pick(corpus.builds, rng)
    found = _pick([finding for finding in build.report.findings if finding.kind == "tvla-1"], rng)
    return {"build": build.name, "address": f"0x{found.place.address:08x}"}


def function(corpus: BenchCorpus, rng: np.random.Generator) -> Params:
    """Draw a function of a build, one of its mnemonics and how many to name."""
    build = _pick(corpus.builds, rng)
    place = _pick(build.report.rows, rng).place
    return {"build": build.name, "function": place.function, "mnemonic": place.mnemonic, "k": 3}


def leaky(corpus: BenchCorpus, rng: np.random.Generator) -> Params:
    """Draw a function with a finding, and the finding's severity and kind."""
    build = _pick(corpus.builds, rng)
    found = _pick(build.report.findings, rng)
    return {"build": build.name, "function": found.place.function, "severity": found.severity.value}


def graded(corpus: BenchCorpus, rng: np.random.Generator) -> Params:
    """Draw a severity and a kind of findings."""
    build = _pick(corpus.builds, rng)
    found = _pick(build.report.findings, rng)
    return {"build": build.name, "severity": found.severity.value, "kind": found.kind.value}


def exponent(corpus: BenchCorpus, rng: np.random.Generator) -> Params:
    """Draw a power of ten for p-values."""
    return anywhere(corpus, rng) | {"exponent": -int(rng.integers(5, 40))}


def few(corpus: BenchCorpus, rng: np.random.Generator) -> Params:
    """Draw how many of the first to name."""
    return anywhere(corpus, rng) | {"k": int(rng.integers(2, 8))}


def attacked(corpus: BenchCorpus, rng: np.random.Generator) -> Params:
    """Draw how many of the first to name, of a build whose key was attacked."""
    found = [
        build for build in corpus.builds if build.report.cpa and any(f.kind == "cpa" for f in build.report.findings)
    ]
    return {"build": _pick(found, rng).name, "k": 2}


def over(measure: str, *, most: int = 20, below: bool = False, leaks: bool = False) -> Draw:
    """Draw an amount that up to `most` instructions exceed, or stay below, in one of the units of the measure."""

    def draw(corpus: BenchCorpus, rng: np.random.Generator) -> Params:
        build = _pick(corpus.builds, rng)
        values, _, units = MEASURES[measure]
        found = np.sort(values(build))[:: 1 if below else -1]
        unit = _pick(list(units), rng)
        nth = int(rng.integers(len(found) // 3, len(found) // 2)) if leaks else int(rng.integers(2, most))
        amount = float((found[nth - 1] + found[nth]) / 2)
        # Three digits: what a person would type.
        return {"build": build.name, "unit": unit, "amount": float(f"{amount / units[unit]:.3g}"), "function": None}

    return draw


def over_correlation(corpus: BenchCorpus, rng: np.random.Generator) -> Params:
    """Draw a correlation that some instructions of an attacked build exceed."""
    return attacked(corpus, rng) | {"amount": _pick([0.2, 0.3, 0.5, 0.6], rng), "function": None}


def over_strength(corpus: BenchCorpus, rng: np.random.Generator) -> Params:
    """Draw a |t| that some instructions exceed."""
    return anywhere(corpus, rng) | {"amount": float(rng.integers(15, 26)), "function": None}


def span(corpus: BenchCorpus, rng: np.random.Generator) -> Params:
    """Draw two temperatures with some instructions between them."""
    low = float(rng.integers(42, 46))
    return anywhere(corpus, rng) | {"amount": low, "upper": low + 2}


def patched_function(corpus: BenchCorpus, rng: np.random.Generator) -> Params:
    """Draw a function of a build that has a patch, with a finding."""
    after = _pick([build for build in corpus.builds if build.baseline], rng)
    before = after.baseline or after
    return {"build": before.name, "function": _pick(before.report.findings, rng).place.function}


def _pick(items: Sequence[T], rng: np.random.Generator) -> T:
    return items[int(rng.integers(len(items)))]
