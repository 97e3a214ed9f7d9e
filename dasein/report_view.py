"""A report on a terminal: the verdict, the key, and what leaks at which line."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from dasein.errors import BadAnswer
from dasein.findings import Facts, Finding
from dasein.shown import SEVERITY_STYLES, VERDICT_STYLES, plain, styled

ROWS = 20
PARTED = 3
"""Findings whose inputs are shown, and instructions that depend on the inputs."""
BYTES_IN_LINE = 16
UNKNOWN = "-"
DRAWN = {"per-trace": " drawn for every trace", "by-law": " drawn by its law at the end"}


def summary(report: Mapping[str, Any], *, rows: int | None = ROWS) -> Iterator[RenderableType]:
    """Yield what to print of a report, with at most `rows` findings; raise BadAnswer for one not understood."""
    facts = Facts.read(report)
    try:
        yield styled(facts.headline, VERDICT_STYLES[facts.verdict])
        yield _facts(report)
        if report["cpa"] is not None:
            yield _key(report["cpa"])
            if report["cpa"].get("master_key"):
                yield Text(f"the key that follows: {plain(report['cpa']['master_key'])}")
        parted = _parted(report)
    except (KeyError, TypeError, ValueError) as error:
        raise BadAnswer(f"The farm's report is not report/1 as this client knows it: {error!r}") from error
    if facts.findings:
        yield findings_table(facts.findings, rows=rows)
    if parted is not None:
        yield parted
    for warning in report.get("warnings", ()):
        yield styled(f"Note: {warning}", "yellow")
    if not facts.sufficient:
        yield styled(f"Traces: {facts.why}.", "yellow")


def findings_table(findings: Sequence[Finding], *, rows: int | None = ROWS) -> Table:
    """Return a table of findings, the first `rows` of them."""
    shown = findings if rows is None else findings[:rows]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("severity", "kind", "where", "function", "instruction", "statistic", "secret"):
        table.add_column(name, overflow="fold", no_wrap=name in {"severity", "kind"})
    for finding in shown:
        table.add_row(
            styled(finding.severity.value, SEVERITY_STYLES[finding.severity.value]),
            styled(finding.kind),
            *_place(finding),
            styled(finding.strength),
            styled(finding.secret or UNKNOWN),
        )
        if finding.partner is not None:
            table.add_row("", styled("with"), *_place(finding.partner))
    if len(shown) < len(findings):
        table.caption = f"{len(findings) - len(shown)} more; see them with --all or in the HTML report"
        table.caption_justify = "left"
    return table


def _place(finding: Finding) -> tuple[Text, Text, Text]:
    return (
        styled(finding.where),
        styled(finding.function or UNKNOWN),
        styled(finding.instruction if finding.sampled else f"{finding.address:#010x} {finding.instruction}"),
    )


def _facts(report: Mapping[str, Any]) -> Table:
    firmware, power, request, tvla = (report[name] for name in ("firmware", "power", "request", "tvla"))
    rows = {}
    if firmware is not None:
        rows["firmware"] = (
            f"sha256 {str(firmware['sha256'])[:12]}, {firmware['core']}, {int(firmware['bytes']):,} bytes"
        )
    if (measured := report.get("measured")) is not None:
        rows |= _measured(measured)
    else:
        plan = str(request["plan"]).replace("_", " ")
        rows["traces"] = f"{int(report['traces']):,}, {plan}, seed {request['seed']}"
        rows["power"] = (
            f"{power['model']} ({power['calibration']}), noise {power['noise_sigma']:g} {power['unit']}"
            f"{DRAWN.get(power.get('noise'), '')}, per {power['sampling']}"
        )
    if tvla is None:
        rows["t-test"] = f"none: {report['tvla_absent']}"
    else:
        rows["t-test"] = (
            f"largest |t| {_t(tvla, 1)} (order 1), {_t(tvla, 2)} (order 2), threshold {tvla['threshold']:g}; "
            f"leaking samples {tvla['leaking_samples_1']} and {tvla['leaking_samples_2']}"
        )
    rows |= _looked(report)
    if report["cpa"] is None:
        rows["attack"] = f"none: {report['cpa_absent']}"
    rows |= _ran(report)
    rows["report"] = f"campaign {report['campaign']}, digest {str(report['digest'])[:12]}"
    grid = Table.grid(padding=(0, 2))
    for name, value in rows.items():
        grid.add_row(styled(name, "dim"), styled(value))
    return grid


def _looked(report: Mapping[str, Any]) -> dict[str, str]:
    """Say when a sequential campaign was decided, and what pairs of samples show."""
    rows = {}
    looks, pairs = report.get("sequential"), report.get("bivariate")
    if looks is not None:
        rows["sequential"] = (
            f"{looks['decided']} after {int(looks['traces']):,} of {int(looks['planned']):,} traces, "
            f"{len(looks['looks'])} of {int(looks['planned_looks'])} looks, error rate {looks['error_rate']:g}"
        )
    if pairs is not None:
        largest = (
            "none" if not pairs["pairs"] else "infinite" if pairs["max_abs_t"] is None else f"{pairs['max_abs_t']:.1f}"
        )
        rows["pairs"] = (
            f"{int(pairs['pairs']):,} of samples {pairs['window'][0]} to {pairs['window'][1]}, largest |t| {largest}, "
            f"{int(pairs['confirmed']):,} confirmed over {pairs['corrected_threshold']:.2f}"
        )
    return rows


def _measured(measured: Mapping[str, Any]) -> dict[str, str]:
    """Say where measured traces come from, and what is known of the code behind them."""
    mapped = measured["mapped"]
    code = (
        "not known, no firmware was given"
        if mapped is None
        else f"by the clock, {mapped['samples_per_cycle']:g} a cycle"
    )
    return {
        "traces": f"{int(measured['traces']):,} measured, {measured['form']}, sha256 {str(measured['sha256'])[:12]}",
        "samples": f"{int(measured['samples']):,} in {measured['unit']}; which instruction they belong to: {code}",
        "sets": str(measured["groups_why"]),
    }


def _ran(report: Mapping[str, Any]) -> dict[str, str]:
    """Say which engine ran and what depends on the inputs; farms of before do not tell."""
    rows = {}
    engine, ran = report["engine"], report.get("execution")
    if ran is not None:
        name = " ".join(str(engine[part]) for part in ("name", "version") if part in engine)
        lanes = f"{int(ran['lanes']):,} in lanes, {int(ran['checked']):,} checked on Unicorn, none differed; "
        rows["engine"] = f"{name}: {lanes if ran['lanes'] else ''}{ran['why']}"
    found = report.get("constant_time")
    if found is not None:
        varied = ", ".join(found["varied"])
        branches, addresses = int(found["branches"]), int(found["addresses"])
        rows["constant time"] = (
            f"{branches} {'branch' if branches == 1 else 'branches'} and {addresses} "
            f"{'address' if addresses == 1 else 'addresses'} depend on what varied ({varied})"
        )
    elif report.get("constant_time_absent") and report.get("secrets") is None:
        rows["constant time"] = f"not looked at: {report['constant_time_absent']}"
    if (secrets := report.get("secrets")) is not None:
        names = ", ".join(secrets["secrets"])
        rows["secrets"] = f"{secrets['verdict']} ({names}): {secrets['why']}"
    return rows


def _parted(report: Mapping[str, Any]) -> Table | None:
    """Return the inputs of executions that went different ways, of the first findings and of listed branches."""
    shown = [finding for finding in report["findings"] if finding.get("parting")]
    listed = [one for one in (report.get("constant_time") or {}).get("found", ()) if one["parting"]]
    places = {finding["place"]["address"] for finding in shown}
    shown += [one for one in listed if one["public"] is None and one["place"]["address"] not in places]
    if not shown:
        return None
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("parts at", "instruction", "what", "input", "one execution", "another"):
        table.add_column(name, overflow="fold")
    for one in shown[:PARTED]:
        place = one["place"]
        where = f"{place['file']}:{place['line']}" if place["file"] and place["line"] else f"{place['address']:#010x}"
        instruction = f"{place['address']:#010x} {place['mnemonic']} {place['operands']}".strip()
        for number, part in enumerate(one["parting"]):
            name = f"{part['input']}[{part['offset']}]" if part["offset"] else part["input"]
            named = ("", "", "") if number else (where, instruction, one["kind"])
            table.add_row(*(styled(text) for text in (*named, name, part["one"], part["other"])))
    if len(shown) > PARTED:
        table.caption = f"{len(shown) - PARTED} more in the HTML report"
        table.caption_justify = "left"
    return table


def _t(tvla: Mapping[str, Any], order: int) -> str:
    value = tvla[f"max_abs_t{order}"]
    return "infinite" if value is None else f"{value:.1f}"


def _key(cpa: Mapping[str, Any]) -> Table:
    parts = list(cpa["bytes"])
    known = cpa["recovered"] is not None
    told = (
        f"{cpa['recovered']} of {len(parts)} {plain(cpa.get('of') or 'key')} bytes right"
        if known
        else "the true key is not known"
    )
    grid = Table.grid(padding=(0, 1))
    grid.title = Text(f"Attack on {plain(cpa['intermediate'])}: {told}, {cpa['confident']} stand out")
    grid.title_justify = "left"
    for start in range(0, len(parts), BYTES_IN_LINE):
        row = parts[start : start + BYTES_IN_LINE]
        grid.add_row(styled("byte", "dim"), *(styled(part["index"], "dim") for part in row))
        grid.add_row(styled("guess", "dim"), *(_guess(part) for part in row))
        if known:
            grid.add_row(styled("rank", "dim"), *(styled(part["rank"]) for part in row))
        grid.add_row(styled("|rho|", "dim"), *(styled(f"{abs(part['rho']):.2f}".removeprefix("0")) for part in row))
    return grid


def _guess(part: Mapping[str, Any]) -> Text:
    right = part["rank"] == 0
    return styled(f"{part['best_guess']:02x}", "bold red" if right else "")
