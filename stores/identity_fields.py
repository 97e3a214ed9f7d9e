"""Keys, tenants and entries of the audit trail as flat strings, and back."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime

from jobs.errors import InvalidInput
from jobs.identity import Role
from stores.identity import ApiKey, Entry, Quotas, Retention, Tenant

ENTRY_ID = re.compile(r"(\d{1,20})-(\d{1,20})")


def fields_of_key(key: ApiKey) -> dict[str, str]:
    """Return the fields of a key; absent where there is nothing."""
    fields = {
        "tenant": key.tenant,
        "role": key.role.value,
        "name": key.name,
        "created_at": seconds(key.created_at),
        "created_by": key.created_by,
    }
    times = {"expires_at": key.expires_at, "last_used_at": key.last_used_at}
    return fields | {name: seconds(at) for name, at in times.items() if at is not None}


def key_of(prefix: str, fields: Mapping[str, str]) -> ApiKey:
    """Return a key."""
    return ApiKey(
        prefix=prefix,
        tenant=fields["tenant"],
        role=Role(fields["role"]),
        name=fields["name"],
        created_at=_time(fields["created_at"]),
        created_by=fields["created_by"],
        expires_at=_time(fields["expires_at"]) if "expires_at" in fields else None,
        last_used_at=_time(fields["last_used_at"]) if "last_used_at" in fields else None,
    )


def fields_of_tenant(tenant: Tenant) -> dict[str, str]:
    """Return the fields of a tenant."""
    return {
        "created_at": "" if tenant.created_at is None else seconds(tenant.created_at),
        "title": tenant.title,
        "suspended": str(int(tenant.suspended)),
        "quotas": json.dumps(asdict(tenant.quotas)),
        "retention": json.dumps(asdict(tenant.retention)),
        # The scripts of the job records read it.
        "weight": f"{tenant.weight:g}",
    }


def tenant_of(tenant_id: str, fields: Mapping[str, str]) -> Tenant:
    """Return a tenant."""
    return Tenant(
        id=tenant_id,
        created_at=_time(fields["created_at"]) if fields["created_at"] else None,
        title=fields["title"],
        suspended=fields["suspended"] == "1",
        quotas=Quotas(**json.loads(fields["quotas"])),
        retention=Retention(**json.loads(fields["retention"])),
        # Records that were written before there were weights have none.
        weight=float(fields.get("weight", 1)),
    )


def text_of_entry(entry: Entry) -> str:
    """Return an entry as JSON, without its id."""
    fields = asdict(replace(entry, id="")) | {"at": seconds(entry.at)}
    del fields["id"]
    return json.dumps(fields)


def entry_of(entry_id: str, text: str) -> Entry:
    """Return an entry."""
    fields = json.loads(text)
    role = fields["role"]
    return Entry(**fields | {"id": entry_id, "at": _time(fields["at"]), "role": None if role is None else Role(role)})


def position_of(cursor: str) -> tuple[int, int]:
    """Return the place in a trail that a cursor stands for; raise InvalidInput for one that is not ours."""
    match = ENTRY_ID.fullmatch(cursor)
    if match is None or max(int(match[1]), int(match[2])) >= 2**64:
        raise InvalidInput("This is not a cursor of ours.", field="cursor")
    return int(match[1]), int(match[2])


def seconds(at: datetime) -> str:
    """Return a time as a number of seconds, to the microsecond."""
    return f"{at.timestamp():.6f}"


def _time(text: str) -> datetime:
    return datetime.fromtimestamp(float(text), UTC)
