"""Hands that make records of files, as the pool of REMForge would."""

import json
from typing import Any

from jobs.model import Progress
from tests.dasein.conftest import Served, Work
from tests.web.rems import rem, result

REPORTS = {"json": b'{"title": "A day"}', "html": b"<!doctype html>", "csv": b"a,b\r\n", "png": b"\x89PNG"}


def forges(refused: tuple[str, ...] = (), *, shown: int | None = None, **changes: Any) -> Work:
    """Return hands that make a record of every file but those `refused` by name; the job shows at most `shown` files."""

    def work(served: Served, job_id: str) -> None:
        jobs, files = served.behind.jobs, served.behind.rem_files
        params = jobs.get(job_id).params
        names = [str(file["name"]) for file in params.get("files", [params])]
        made = [name for name in names if name not in refused]
        jobs.progress(job_id, Progress(len(names), len(names), "files"))
        whole = result(job_id, *names, refused=refused, **changes)
        told = whole.model_dump(mode="json")
        files.write(job_id, "result.json", [json.dumps(told).encode()])
        files.write(job_id, "records.jsonl", [rem(name).model_dump_json().encode() + b"\n" for name in made])
        for form, content in REPORTS.items():
            files.write(job_id, f"sequence.{form}", [content])
        jobs.finish(
            job_id, told | {"files": told["files"][:shown], "more": len(names[shown:]) if shown is not None else 0}
        )

    return work
