"""A campaign's report as knowledge: its firmware, functions, instructions, weaknesses, and who spends how much power."""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from jobs.errors import InvalidInput
from jobs.knowledge import SEVERITY_RANK, Label, Link
from jobs.report import Finding, Kind, Place, Report
from stores.documents import Record, Shelf
from stores.graph import Node, Relation, Value
from stores.vectors import Passage
from workers.query.campaign_texts import campaign_name, passages, source_line
from workers.query.content import Content, Found
from workers.query.mitigation import mitigation
from workers.query.named import firmware_id, function_id, instruction_id, passage_id
from workers.query.patterns import patterns
from workers.query.sides import sides_record
from workers.query.storable import storable

READER = "campaign-3"
LARGEST = 256 * 1024 * 1024
"""Of a stored report, unpacked."""


def from_campaign(report: Report, *, tags: Sequence[str] = (), job: str, baseline: Report | None = None) -> Content:
    """Return what a report says. With tags `mitigation:<name>` and `baseline:<campaign>` it is compared with `baseline`.

    `avg_power` is the mean of the series over an instruction's samples; it is absent where the series was thinned.
    """
    if report.measured is not None:
        raise InvalidInput("Measured traces do not become knowledge yet.", field="campaign", reason="measured")
    batch = f"campaign:{report.campaign}"
    sha = report.code.sha256
    warnings = list(report.warnings)
    if report.series.stride != 1 and report.rows:
        warnings.append("The report's series is thinned: there is no average power by instruction.")
    power = _power(report)
    places = {row.place.address: row.place for row in report.rows}
    places = {finding.place.address: finding.place for finding in report.findings} | places
    nodes = [_firmware(report), _campaign(report, tags), *_functions(sha, places)]
    nodes += _instructions(report, places, power)
    nodes += [_vulnerability(report, number, finding) for number, finding in enumerate(report.findings, 1)]
    relations = [*_structure(report, places), *_measured(report, power), *_leaks(report)]
    found = passages(report, places)
    spent = {instruction_id(sha, address): power[address] for address in sorted(power)}
    spends, triggers, named = patterns(batch, spent, what="power", of=f"campaign {campaign_name(report)}")
    nodes, relations, found = [*nodes, *spends], [*relations, *triggers], [*found, *named]
    wanted = {key: value for key, _, value in (tag.partition(":") for tag in tags) if value}
    if "mitigation" in wanted and "baseline" in wanted:
        if baseline is None:
            warnings.append(f"The baseline {wanted['baseline']} is not known here: its effect was not compared.")
        else:
            node, effects = mitigation(wanted["mitigation"], before=baseline, after=report)
            nodes.append(node)
            relations += effects
            text = f"mitigation {wanted['mitigation']}"
            found.append(Found(Passage(passage_id("entity", text), "entity", text), (node.id,)))
    content = storable(
        Content(
            batch=batch,
            kind="campaign",
            title=campaign_name(report),
            created_at=report.created_at.timestamp(),
            source={
                "job": job,
                "campaign": report.campaign,
                "report": report.digest,
                "firmware": sha,
                "reader": READER,
            },
            nodes=nodes,
            relations=relations,
            found=found,
            warnings=warnings,
        )
    )
    return replace(
        content, records={Shelf.ANALYSIS_RESULTS: [stored_report(report), sides_record(batch, content.nodes)]}
    )


def stored_report(report: Report) -> Record:
    """Return the report as it is kept: compressed, named by its campaign."""
    body = {"campaign": report.campaign, "digest": report.digest, "verdict": report.verdict.value}
    blob = zlib.compress(report.model_dump_json().encode(), 1)
    batch = f"campaign:{report.campaign}"
    return Record(batch, body, batch, f"firmware:{report.code.sha256}", report.created_at.timestamp(), blob)


def kept_report(record: Record) -> Report:
    """Return a report that was kept."""
    return Report.model_validate_json(zlib.decompressobj().decompress(record.blob, LARGEST))


def said(**properties: Value) -> dict[str, Value]:
    """Return the properties that have a value: what is absent is absent, never null."""
    return {name: value for name, value in properties.items() if value is not None and value != ""}


def _power(report: Report) -> dict[int, float]:
    """Return the mean power of each instruction's samples, by address; nothing of a thinned series."""
    if report.series.stride != 1 or not report.series.pcs:
        return {}
    addresses, owner = np.unique(np.array(report.series.pcs, np.int64), return_inverse=True)
    sums = np.bincount(owner, weights=np.array(report.series.mean, np.float64))
    means = sums / np.bincount(owner)
    return {int(address): float(mean) for address, mean in zip(addresses, means, strict=True)}


def _firmware(report: Report) -> Node:
    told = report.code
    name = report.request.name or told.sha256[:12]
    return Node(
        Label.FIRMWARE,
        firmware_id(told.sha256),
        said(name=name, sha256=told.sha256, core=told.core, bytes=told.bytes),
    )


def _campaign(report: Report, tags: Sequence[str]) -> Node:
    return Node(
        Label.CAMPAIGN,
        f"campaign:{report.campaign}",
        said(
            name=campaign_name(report),
            verdict=report.verdict.value,
            headline=report.headline,
            traces=report.traces,
            max_abs_t=report.tvla.max_abs_t1 if report.tvla else None,
            key_bytes_recovered=report.cpa.recovered if report.cpa else None,
            power_model=report.power.model,
            firmware=firmware_id(report.code.sha256),
            tags=f",{','.join(tags)}," if tags else None,
            created_at=report.created_at.timestamp(),
            digest=report.digest,
        ),
    )


def _functions(sha: str, places: Mapping[int, Place]) -> Iterator[Node]:
    files: dict[str, str | None] = {}
    for address in sorted(places):
        place = places[address]
        if place.function:
            files[place.function] = files.get(place.function) or place.file
    for name, file in files.items():
        told = said(name=name, firmware=firmware_id(sha), file=file)
        yield Node(Label.FUNCTION, function_id(sha, name), told)


def _instructions(report: Report, places: Mapping[int, Place], power: Mapping[int, float]) -> Iterator[Node]:
    sha = report.code.sha256
    rows = {row.place.address: row for row in report.rows}
    for address in sorted(places):
        place, row = places[address], rows.get(address)
        told = said(
            address=address,
            mnemonic=place.mnemonic,
            operands=place.operands,
            function=place.function,
            file=place.file,
            line=place.line,
            source_line=source_line(place),
            firmware=firmware_id(sha),
            avg_power=power.get(address),
            max_abs_t=row.max_abs_t1 if row else None,
            max_abs_rho=row.max_abs_rho if row else None,
            executions=row.executions if row else None,
        )
        yield Node(Label.INSTRUCTION, instruction_id(sha, address), told)


def _vulnerability(report: Report, number: int, finding: Finding) -> Node:
    infinite = finding.value is None
    tested = finding.kind in {Kind.TVLA_1, Kind.TVLA_2}  # a t of cycles is none of power
    log = finding.p_log10 if tested else None
    return Node(
        Label.VULNERABILITY,
        f"vulnerability:{report.campaign}:{number}",
        said(
            name=f"{finding.title} (deterministic: the statistic is infinite)" if infinite else finding.title,
            kind=finding.kind.value,
            severity=finding.severity.value,
            severity_rank=SEVERITY_RANK[finding.severity],
            secret=finding.secret,
            cpa_value=finding.value if finding.statistic == "rho" else None,
            tvla_t=finding.value if tested else None,
            tvla_p_log10=log,
            tvla_p_value=10.0**log if log is not None and log > -300 else None,
            traces=finding.traces,
            traces_needed=finding.traces_needed,
            sufficient=int(finding.sufficient),
            campaign=f"campaign:{report.campaign}",
            firmware=firmware_id(report.code.sha256),
            instruction=instruction_id(report.code.sha256, finding.place.address),
            function=finding.place.function,
            source_line=source_line(finding.place),
        ),
    )


def _structure(report: Report, places: Mapping[int, Place]) -> Iterator[Relation]:
    """Yield what is part of what, and which instruction comes next in its function."""
    sha = report.code.sha256
    yield Relation(Link.PART_OF, f"campaign:{report.campaign}", firmware_id(sha))
    by_function: dict[str, list[int]] = {}
    for address in sorted(places):
        if function := places[address].function:
            by_function.setdefault(function, []).append(address)
    for name, addresses in by_function.items():
        yield Relation(Link.PART_OF, function_id(sha, name), firmware_id(sha))
        for address in addresses:
            yield Relation(Link.PART_OF, instruction_id(sha, address), function_id(sha, name))
        for before, after in pairwise(addresses):
            yield Relation(Link.PRECEDES, instruction_id(sha, before), instruction_id(sha, after))


def _measured(report: Report, power: Mapping[int, float]) -> Iterator[Relation]:
    sha, campaign = report.code.sha256, f"campaign:{report.campaign}"
    for row in report.rows:
        address = row.place.address
        told = said(avg_power=power.get(address), max_abs_t=row.max_abs_t1, max_abs_rho=row.max_abs_rho)
        yield Relation(Link.MEASURED_IN, instruction_id(sha, address), campaign, told)


def _leaks(report: Report) -> Iterator[Relation]:
    for number, finding in enumerate(report.findings, 1):
        weakness = f"vulnerability:{report.campaign}:{number}"
        instruction = instruction_id(report.code.sha256, finding.place.address)
        yield Relation(Link.LEAKS, instruction, weakness, {"severity": finding.severity.value})
        yield Relation(Link.MEASURED_IN, weakness, f"campaign:{report.campaign}")
