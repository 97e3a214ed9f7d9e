"""Records of earlier versions become records of today's, one version at a time.

A new version adds one function here, from the version before it, and keeps those that are there.
"""

import copy
import json
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from jobs.errors import InvalidInput
from jobs.rem import SCHEMA_VERSION, Rem

Migration = Callable[[dict[str, Any]], dict[str, Any]]
"""Takes a record of one version, as read from JSON, and returns it in the next; may change what it is given."""
MIGRATIONS: Mapping[str, Migration] = MappingProxyType({})
"""By the version that a migration starts from. Version 1 is the first, so there is none yet."""
VERSION = re.compile(r"rem/([1-9][0-9]{0,8}|0)")


def read_rem(
    data: Mapping[str, Any], *, migrations: Mapping[str, Migration] = MIGRATIONS, current: str = SCHEMA_VERSION
) -> Rem:
    """Return the record of what was read from JSON, in whichever version it was written.

    Raise InvalidInput for a version that is unknown or newer than `current`, and for what is no record of its version;
    `field` is the path of the first thing that is wrong.
    """
    today = migrated(data, migrations=migrations, current=current)
    try:
        # Strictly, as JSON: "0.5" is no number, and true is none either.
        return Rem.model_validate_json(json.dumps(today), strict=True)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(map(str, first["loc"])) or None
        raise InvalidInput(f"This is no record: {first['msg']}.", field=field, reason="no-record") from error


def migrated(
    data: Mapping[str, Any], *, migrations: Mapping[str, Migration] = MIGRATIONS, current: str = SCHEMA_VERSION
) -> dict[str, Any]:
    """Return a record as the version `current` writes it, not validated; `data` stays as it is.

    Raise InvalidInput, which names both versions, where there is no way from the one to the other.
    """
    record = dict(data)
    while (version := version_of(record, current=current)) != current:
        if _number(version) > _number(current):
            raise _refused(f"The record is {version}; this farm reads up to {current}.", reason="newer-version")
        migration = migrations.get(version)
        if migration is None:
            raise _refused(f"There is no way from {version} to {current}.", reason="unknown-version")
        record = migration(copy.deepcopy(record))
        reached = version_of(record, current=current)
        if _number(reached) != _number(version) + 1:
            msg = f"the migration from {version} led to {reached}"
            raise ValueError(msg)
    return record


def version_of(data: Mapping[str, Any], *, current: str = SCHEMA_VERSION) -> str:
    """Return the version that a record says it has; raise InvalidInput where it says none that could be one."""
    header = data.get("header")
    version = header.get("schema_version") if isinstance(header, Mapping) else None
    if not isinstance(version, str) or not VERSION.fullmatch(version):
        told = f"{version!r:.40}" if version is not None else "no version"
        raise _refused(f"The record says {told}; this farm reads {current}.", reason="unknown-version")
    return version


def _number(version: str) -> int:
    return int(version.partition("/")[2])


def _refused(message: str, *, reason: str) -> InvalidInput:
    return InvalidInput(message, field="header.schema_version", reason=reason)
