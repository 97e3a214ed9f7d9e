"""What is asked of the jobs that look after tenants, and after the farm."""

from typing import Annotated

from pydantic import Field, StringConstraints

from jobs.forms import Request
from jobs.identity import TENANT


class EraseRequest(Request):
    """Takes a tenant away from every store."""

    tenant: Annotated[str, StringConstraints(pattern=rf"^{TENANT.pattern}$")]
    keep: bool = Field(default=False, description="Whether the tenant itself stays, with its quotas, without any data.")


class RetainRequest(Request):
    """Removes what is over its age, of all tenants."""

    dry_run: bool = Field(default=False, description="Whether it is only counted.")


class BackupRequest(Request):
    """Makes a backup of the whole farm where the settings say."""

    full: bool = Field(default=False, description="Whether contents are written that are there already.")
