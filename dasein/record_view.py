"""Records, what became of files, and models on a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table

from dasein.answers import understood
from dasein.shown import grid, seconds, styled, table

ROWS = 100
"""Of files that became records; those that did not are always shown."""
SHARES = 3
"""Of a distribution, the largest."""
MEBI = 2**20


def forged(result: Mapping[str, Any]) -> list[RenderableType]:
    """Show what became of each file; raise BadAnswer."""
    with understood("result of REMForge"):
        files = list(result["files"])
        room = max(0, ROWS - int(result["failed"]))
        made = [file for file in files if file["rem_id"]]
        left_out = {id(file) for file in made[room:]}
        rows = [_outcome(file) for file in files if id(file) not in left_out]
        told = f"{result['records']:,} records, {result['failed']:,} refused, {seconds(result['seconds'])}"
        shown: list[RenderableType] = [_outcomes(rows)]
        if left_out:
            shown.append(styled(f"and {len(left_out):,} more records: --json shows all", "dim"))
        shown += [styled(f"Degraded: {part}", "yellow") for part in result["degraded"]]
        shown.append(styled(told, "dim"))
        if result["ingestion"]:
            shown.append(styled(f"They can be found once this has ended: dasein wait {result['ingestion']}", "dim"))
    return shown


def _outcome(file: Mapping[str, Any]) -> tuple[str, str, str, str, str]:
    if file["rem_id"]:
        return str(file["name"]), str(file["modality"]), str(file["rem_id"]), str(file["headline"] or ""), ""
    why = f"{file['message']} [{file['reason'] or file['code']}]"
    return str(file["name"]), str(file["modality"] or ""), "refused", why, "red"


def _outcomes(rows: Sequence[tuple[str, str, str, str, str]]) -> Table:
    made = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("file", "modality", "record", ""):
        made.add_column(name, overflow="fold", no_wrap=name == "record")
    for name, modality, record, told, style in rows:
        made.add_row(styled(name), styled(modality), styled(record, style), styled(told, style))
    return made


def record_lines(record: Mapping[str, Any]) -> list[RenderableType]:
    """Show a record: where it comes from, what it says in a few lines, and every figure with how it was found."""
    with understood("record"):
        header, source, scales = record["header"], record["header"]["source"], record["scales"]
        models = ", ".join(f"{model['name']} {model['version']} ({model['device']})" for model in header["models"])
        facts = {
            "record": header["rem_id"],
            "file": f"{source['name']}, {source['media_type']}, {int(source['bytes']):,} bytes",
            "modality": header["modality"],
            "language": header["language"],
            "level": header["level"],
            "models": models,
            "made": header["created_at"],
            "complete": f"{header['quality']['completeness']:.0%} of what this modality may have",
        }
        shown: list[RenderableType] = [styled(scales["coarse"], "bold"), grid(facts)]
        shown += [styled(f"  {line}") for line in scales["medium"]]
        shown.append(table(("value", "", "method", "confidence"), list(_figures(record))))
        if record["labels"]:
            rows = [(f"{label['score']:.2f}", label["name"], label["kind"]) for label in record["labels"]]
            shown.append(table(("score", "label", "kind"), rows))
        shown += [styled(f"Note: {warning}", "yellow") for warning in header["quality"]["warnings"]]
    return shown


def _figures(record: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Yield the leaves that have a value."""
    for path, found in sorted(record["fields"].items()):
        value: Any = record
        for step in path.split("."):
            value = value[step]
        if found["method"] is not None and path not in {"stream", "anchors", "embedding", "labels"}:
            by = f"{found['method']} ({found['model']})" if found["model"] else str(found["method"])
            sure = "" if found["confidence"] is None else f"{found['confidence']:.2f}"
            yield path, _value(value), by, sure


def _value(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, dict) and all(isinstance(share, int | float) for share in value.values()):
        largest = sorted(value.items(), key=lambda item: -item[1])[:SHARES]
        return ", ".join(f"{name} {share:.2f}" for name, share in largest if share)
    if isinstance(value, dict):
        return ", ".join(f"{name} {_value(part)}" for name, part in value.items())
    if isinstance(value, list):
        return ", ".join(map(_value, value[:SHARES])) + (f" and {len(value) - SHARES} more" if value[SHARES:] else "")
    return str(value)


def records_table(records: Sequence[Mapping[str, Any]]) -> RenderableType:
    """Show records in a line each; raise BadAnswer."""
    with understood("page of records"):
        rows = [(one["rem_id"], one["modality"], one["name"], one["headline"]) for one in records]
    return table(("record", "modality", "file", ""), rows)


def found_lines(answer: Mapping[str, Any]) -> list[RenderableType]:
    """Show what a search has found; raise BadAnswer."""
    with understood("answer to a search"):
        rows = [
            (f"{one['score']:.2f}", one["rem_id"], one["modality"], one["name"], one["headline"], _found_by(one))
            for one in answer["found"]
        ]
        shown: list[RenderableType] = [styled(f"Degraded: {part}", "yellow") for part in answer["degraded"]]
    names = ("score", "record", "modality", "file", "", "found by")
    return [table(names, rows) if rows else "No record was found.", *shown]


def _found_by(one: Mapping[str, Any]) -> str:
    cosine = "" if one["cosine"] is None else f" (cosine {one['cosine']:.2f})"
    return f"{', '.join(one['found_by'])}{cosine}"


def models_lines(machines: Sequence[Mapping[str, Any]]) -> list[RenderableType]:
    """Show the models of each machine; raise BadAnswer."""
    shown: list[RenderableType] = []
    for machine in machines:
        with understood("machine with models"):
            asked = machine["cache_hits"] + machine["cache_misses"]
            hits = f", {machine['cache_hits'] / asked:.0%} of {asked:,} embeddings from the cache" if asked else ""
            used = f"{machine['used_bytes'] / MEBI:,.0f} of {machine['budget_bytes'] / MEBI:,.0f} MiB"
            rows = [_model(model) for model in machine["models"]]
            head = styled(f"{machine['node']}: {machine['device']}, {used}{hits}")
        shown += [head, table(("role", "model", "state", "device", "MiB", "items", "licence", ""), rows)]
    return shown or ["No machine holds models."]


def _model(told: Mapping[str, Any]) -> tuple[str, ...]:
    model = told["model"]
    return (
        str(told["role"]),
        f"{model['name']} {model['version']}",
        f"{told['state']}{', pinned' if told['pinned'] else ''}",
        f"{model['device']} {model['dtype']}",
        f"{told['bytes'] / MEBI:,.0f}" if told["state"] == "loaded" else "",
        f"{told['items']:,}",
        str(model["licence"] or "not known"),
        str(told["reason"] or ""),
    )
