"""One function per template: parameters -> gold."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from bench.questions import gold
from bench.questions.corpus import BenchCorpus, Build
from bench.questions.gold import MEASURES, Gold, Params

Answerer = Callable[[BenchCorpus, Build, Params], Gold]


def lookup(measure: str) -> Answerer:
    """Answer with one figure of one instruction."""

    def answer(_: BenchCorpus, build: Build, params: Params) -> Gold:
        values, unit, _units = MEASURES[measure]
        at = _row(build, params["address"])
        return Gold(frozenset({build.ids[at]}), float(values(build)[at]), unit)

    return answer


def line_of(_: BenchCorpus, build: Build, params: Params) -> Gold:
    """Answer with the source line of an instruction."""
    at = _row(build, params["address"])
    place = build.report.rows[at].place
    return Gold(frozenset({build.ids[at]}), text=f"{place.file}:{place.line}")


def recovered(_: BenchCorpus, build: Build, __: Params) -> Gold:
    """Answer with the number of key bytes that a campaign recovered."""
    cpa = build.report.cpa
    return Gold(frozenset({build.campaign}), float(cpa.recovered or 0) if cpa else None)


def worst_of_campaign(_: BenchCorpus, build: Build, __: Params) -> Gold:
    """Answer with the largest first-order |t| of a campaign."""
    tvla = build.report.tvla
    return Gold(frozenset({build.campaign}), tvla.max_abs_t1 if tvla else None)


def compared(measure: str, sign: int) -> Answerer:
    """Answer with the instructions above (1) or below (-1) an amount."""

    def answer(_: BenchCorpus, build: Build, params: Params) -> Gold:
        values, _unit, units = MEASURES[measure]
        amount = params["amount"] * units[params.get("unit", next(iter(units)))]
        here = np.array(gold.within(build, params.get("function")))
        return Gold(gold.chosen(build, here & (sign * values(build) > sign * amount)))

    return answer


def between(_: BenchCorpus, build: Build, params: Params) -> Gold:
    """Answer with the instructions between two temperatures."""
    values = gold.temperature(build)
    return Gold(gold.chosen(build, (values > params["amount"]) & (values < params["upper"])))


def improbable(_: BenchCorpus, build: Build, params: Params) -> Gold:
    """Answer with the findings whose p-value is below 10 to the power of `exponent`."""
    return Gold(gold.vulnerabilities(build, lambda f: f.p_log10 is not None and f.p_log10 < params["exponent"]))


def findings(_: BenchCorpus, build: Build, params: Params) -> Gold:
    """Answer with findings, by severity, kind and function where they are given."""
    return Gold(
        gold.vulnerabilities(
            build,
            lambda f: (
                f.severity == params.get("severity", f.severity)
                and f.kind == params.get("kind", f.kind)
                and f.place.function == params.get("function", f.place.function)
            ),
        )
    )


def members(_: BenchCorpus, build: Build, params: Params) -> Gold:
    """Answer with the instructions of a function, or those with one mnemonic."""
    mnemonic = params.get("mnemonic")
    here = gold.within(build, params["function"])
    rows = build.report.rows
    return Gold(
        gold.chosen(build, (h and mnemonic in {None, row.place.mnemonic} for h, row in zip(here, rows, strict=True)))
    )


def leaking(_: BenchCorpus, build: Build, params: Params) -> Gold:
    """Answer with the instructions that leak, by key byte, function and energy where they are given."""
    found = gold.leaking(build, byte=params.get("byte"))
    here = [place for place in found if place.function == params.get("function", place.function)]
    ids = gold.instructions(build, here)
    if "amount" in params:
        ids &= gold.chosen(build, gold.energy(build) > params["amount"] * gold.ENERGY_UJ[params["unit"]])
    return Gold(ids)


def leaking_functions(_: BenchCorpus, build: Build, params: Params) -> Gold:
    """Answer with the functions that leak, by key byte where it is given."""
    return Gold(gold.functions(build, gold.leaking(build, byte=params.get("byte"))))


def functions_by_severity(_: BenchCorpus, build: Build, params: Params) -> Gold:
    """Answer with the functions that have a finding of a severity."""
    found = [f.place for f in build.report.findings if f.severity == params["severity"]]
    return Gold(gold.functions(build, found))


def hot_functions(_: BenchCorpus, build: Build, params: Params) -> Gold:
    """Answer with the functions that have an instruction above a temperature."""
    over = gold.temperature(build) > params["amount"]
    rows = build.report.rows
    return Gold(gold.functions(build, (row.place for row, hot in zip(rows, over, strict=True) if hot)))


def firmwares(corpus: BenchCorpus, _: Build, params: Params) -> Gold:
    """Answer with the firmwares in which a key byte leaks."""
    return Gold(frozenset(build.firmware for build in corpus.builds if gold.leaking(build, byte=params["byte"])))


def mitigations(corpus: BenchCorpus, build: Build, params: Params) -> Gold:
    """Answer with what helped against the leaks of a function."""
    return Gold(gold.mitigations(corpus, build, params["function"]))


def largest(measure: str, *, everywhere: bool = False) -> Answerer:
    """Answer with the `k` instructions that have most of something, in a build, a function or the whole corpus."""

    def answer(corpus: BenchCorpus, build: Build, params: Params) -> Gold:
        found = [
            (float(value), name)
            for one in (corpus.builds if everywhere else (build,))
            for value, name, here in zip(
                MEASURES[measure][0](one), one.ids, gold.within(one, params.get("function")), strict=True
            )
            if here
        ]
        return Gold(frozenset(name for _, name in sorted(found, reverse=True)[: params["k"]]))

    return answer


def counted(of: Answerer) -> Answerer:
    """Answer with how many things another answer names; they are its evidence."""

    def answer(corpus: BenchCorpus, build: Build, params: Params) -> Gold:
        found = of(corpus, build, params)
        return replace(found, value=float(len(found.ids)))

    return answer


def average(measure: str, *, peak: bool = False) -> Answerer:
    """Answer with the mean, or the largest, of a measure over the instructions of a function."""

    def answer(_: BenchCorpus, build: Build, params: Params) -> Gold:
        values, unit, _units = MEASURES[measure]
        here = np.array(gold.within(build, params["function"]))
        found = values(build)[here]
        return Gold(gold.chosen(build, here), float(found.max() if peak else found.mean()), unit)

    return answer


def changed(how: str) -> Answerer:
    """Answer with the instructions that a patch made better or worse, or that leak as before."""

    def answer(_: BenchCorpus, build: Build, __: Params) -> Gold:
        before = build.baseline
        ids = gold.instructions(build, (row.place for row in gold.changes(build)[how]))
        return Gold(ids, aside=f"{before.report.code.sha256[:12]}:" if before else None)

    return answer


def _row(build: Build, address: str) -> int:
    return next(n for n, row in enumerate(build.report.rows) if row.place.address == int(address, 16))
