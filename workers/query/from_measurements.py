"""A file of 72-dimension measurement records as knowledge: raw records, profiles, patterns, what spends energy together.

The file is read twice: once for the figures, and once more while the raw records are written. Order in it says nothing:
times do.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from jobs.errors import InvalidInput, TooLarge
from jobs.ingestion import Format
from jobs.knowledge import Label, Link
from stores.documents import Shelf
from stores.graph import Node, Relation, Value
from workers.query.content import Content
from workers.query.correlation import MOST_COMPARED, Pair, binned, correlated, left_out
from workers.query.from_campaign import said
from workers.query.measured import Figures, Sums, figures_of, profiles_of, series_of
from workers.query.named import firmware_id
from workers.query.patterns import patterns
from workers.query.raw_records import raw_records
from workers.query.storable import storable
from workers.query.table import Table, read_table

READER = "measurements-2"
MAX_FIRMWARES = 100
"""In one file: each is looked up."""
KEPT_S = 30 * 86_400.0
"""How long raw records are kept; what follows from them stays."""


def from_measurements(
    table: Table,
    form: Format,
    *,
    name: str,
    title: str = "",
    tags: Sequence[str] = (),
    firmware: str | None = None,
    known: Callable[[str], str | None],
    created_at: float,
    source: dict[str, Any],
    check: Callable[[], None],
    compared: int = MOST_COMPARED,
) -> Content:
    """Return what a file says; raise InvalidInput and TooLarge.

    `firmware` is the digest of the firmware that the file's instructions belong to; of others, `known` returns the id
    for the first twelve digits, if there is one. `avg_energy` and what is made of it are in uJ.
    `compared` is how many instructions are compared with each other, at most.
    """
    batch = f"measurements:{name}"
    title = title or name
    sums = Sums()
    for rows in read_table(table, form):
        check()
        sums.add(rows)
    instructions = list(sums.names)
    firmwares, warnings = _firmwares(instructions, firmware, known)
    series = series_of(sums)
    figures = figures_of(series, sums)
    # Its own, too: what its instructions belong to does not go with the campaign that it was learned from.
    nodes = [
        Node(Label.FIRMWARE, thing, {"sha256": thing.partition(":")[2]}) for thing in sorted({*firmwares.values()})
    ]
    relations: list[Relation] = []
    for index, instruction in enumerate(instructions):
        nodes += _nodes(batch, instruction, firmwares.get(instruction[:12]), figures, index)
        relations.append(Relation(Link.MEASURED_IN, instruction, f"measurement:{batch}|{instruction}"))
    spent = {name: float(figures.mean[n]) for n, name in enumerate(instructions) if figures.samples[n]}
    spends, triggers, found = patterns(batch, spent, what="energy", of=f"measurements {title}")
    check()
    means = binned(series, len(instructions))
    together = list(_correlations(batch, instructions, correlated(means, check, most=compared)))
    warnings += [told for told in [left_out(means, most=compared)] if told]
    without = int((series.codes < 0).sum())
    if without:
        warnings.append(f"{without} of {sums.rows} records name no instruction: they are kept and count for none.")
    content = Content(
        batch=batch,
        kind="measurements",
        title=title,
        created_at=created_at,
        source=source | {"rows": sums.rows, "tags": list(tags), "reader": READER},
        nodes=[*nodes, *spends],
        relations=[*relations, *triggers, *together],
        found=found,
        records={Shelf.MEASUREMENTS: raw_records(batch, table, form, expires_at=created_at + KEPT_S)},
        profiles=profiles_of(sums),
        warnings=warnings,
    )
    return storable(content)


def _nodes(batch: str, instruction: str, firmware: str | None, figures: Figures, index: int) -> tuple[Node, Node]:
    """Return an instruction and what the file measured of it."""
    samples = int(figures.samples[index])
    mean = float(figures.mean[index]) if samples else None
    sd, temperature = _number(figures.sd[index]), _number(figures.temperature[index])
    latency = _number(figures.latency[index])
    own = said(address=int(instruction[13:], 16), firmware=firmware)
    if samples:
        own |= said(avg_energy=mean, energy_sd=sd, avg_temperature=temperature, max_latency=latency)
        own["sample_count"] = samples
    measured = said(
        batch_id=batch,
        timestamp=float(figures.first[index]),
        instruction=instruction,
        samples=samples,
        energy_mean=mean,
        energy_sd=sd,
        temperature_mean=temperature,
        latency_max=latency,
    )
    thing = f"measurement:{batch}|{instruction}"
    return Node(Label.INSTRUCTION, instruction, own), Node(Label.MEASUREMENT, thing, measured)


def _number(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)


def _correlations(batch: str, instructions: Sequence[str], pairs: Sequence[Pair]) -> Iterator[Relation]:
    for pair in pairs:
        source, target = sorted((instructions[pair.first], instructions[pair.second]))
        told: dict[str, Value] = {"weight": round(pair.weight, 6), "overlap": pair.overlap, "batch_id": batch}
        yield Relation(Link.CORRELATES_WITH, source, target, told)


def _firmwares(
    instructions: Sequence[str], firmware: str | None, known: Callable[[str], str | None]
) -> tuple[dict[str, str], list[str]]:
    """Return the ids of firmwares by the first twelve digits of their digests, and what is to be said about others."""
    prefixes = sorted({instruction[:12] for instruction in instructions})
    if len(prefixes) > MAX_FIRMWARES:
        raise TooLarge(f"The file names instructions of more than {MAX_FIRMWARES} firmwares.", field="artifact")
    found = {prefix: known(prefix) for prefix in prefixes}
    if firmware is not None:
        if firmware[:12] not in prefixes:
            raise InvalidInput("No measurement names an instruction of this firmware.", field="firmware")
        found[firmware[:12]] = firmware_id(firmware)
    unknown = [prefix for prefix, thing in found.items() if thing is None]
    warnings = [f"No firmware is known whose digest begins with {prefix}." for prefix in unknown[:10]]
    return {prefix: thing for prefix, thing in found.items() if thing is not None}, warnings
