"""Who calls, for whom, and what they may do."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints

HOME = "default"
"""The tenant of the farm itself: its operators and admins look after what all tenants share."""
TENANT = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
"""A tenant's id is a part of keys, of names of collections and of paths."""
TenantId = Annotated[str, StringConstraints(pattern=rf"^{TENANT.pattern}$")]


class Role(StrEnum):
    """What somebody is to a tenant; each may do all that the one before it may."""

    VIEWER = "viewer"
    """Reads."""
    SUBMITTER = "submitter"
    """Also uploads and submits."""
    OPERATOR = "operator"
    """Also looks after what went wrong: dead letters, webhooks; in the home tenant, pools."""
    ADMIN = "admin"
    """Also makes keys, reads the audit trail, takes data away; in the home tenant, of any tenant."""

    def covers(self, other: "Role") -> bool:
        """Say whether this role may do what `other` may."""
        order = tuple(Role)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who makes a request."""

    tenant: str
    role: Role
    name: str
    """For people and for the audit trail: a key's name, a token's subject, or `local`."""
    key: str | None = None
    """The prefix of the API key, if it was one."""

    @property
    def home(self) -> bool:
        """Say whether they belong to the farm itself."""
        return self.tenant == HOME


LOCAL = Principal(HOME, Role.ADMIN, "local")
"""Whoever reaches a farm without keys, which listens on loopback alone: a user of this machine."""
