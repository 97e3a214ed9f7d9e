"""What a job of REMForge leaves for the knowledge: `records.jsonl`, a record a line, and `vectors.npz`, if there are any."""

from collections.abc import Iterator
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from pydantic import ValidationError

from jobs.errors import InvalidInput, NotFound
from jobs.rem import Rem
from stores.ports import Files
from stores.vectors import FloatArray

RECORDS = "records.jsonl"
VECTORS = "vectors.npz"
"""Arrays `ids` [n] and `vectors` float32 [n, d]."""


def records_of(files: Files, job: str) -> Iterator[Rem]:
    """Yield the records of a job, each file's first; raise InvalidInput where there are none, or a line is no record."""
    with _records_path(files, job).open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    yield Rem.model_validate_json(line)
                except ValidationError as error:
                    raise InvalidInput(f"Line {number} of {RECORDS} is no record.", field="job") from error


def count_of(files: Files, job: str) -> int:
    """Return how many lines there are; raise InvalidInput where there are none."""
    with _records_path(files, job).open("rb") as lines:
        return sum(1 for line in lines if line.strip())


def vectors_of(files: Files, job: str) -> dict[str, FloatArray]:
    """Return the vectors of a job's records by id; raise InvalidInput for a file that does not hold such."""
    try:
        path = files.path(job, VECTORS)
    except NotFound:
        return {}
    try:
        with np.load(path, allow_pickle=False) as held:
            ids, vectors = held["ids"], held["vectors"]
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise InvalidInput(f"{VECTORS} of this job cannot be read.", field="job") from error
    if ids.ndim != 1 or ids.dtype.kind != "U" or vectors.ndim != 2 or len(ids) != len(vectors):
        raise InvalidInput(f"{VECTORS} of this job does not hold a vector for each id.", field="job")
    rows = vectors.astype(np.float32)
    return {str(key): row for key, row in zip(ids, rows, strict=True)}


def _records_path(files: Files, job: str) -> Path:
    try:
        return files.path(job, RECORDS)
    except NotFound as error:
        raise InvalidInput("There is no such job of REMForge, or it left no records.", field="job") from error
