"""Where things are at a farm."""

from urllib.parse import quote

API = "/api/v2"


def part(name: str) -> str:
    """Return a name as one part of a path."""
    return quote(name, safe="")


def job_path(job_id: str) -> str:
    """Return where a job is."""
    return f"{API}/jobs/{part(job_id)}"


def campaign_path(job_id: str) -> str:
    """Return where the files of a campaign are."""
    return f"{API}/campaigns/{part(job_id)}"


def forging_path(job_id: str) -> str:
    """Return where the files of a job of REMForge are."""
    return f"{API}/rems/jobs/{part(job_id)}"


def key_path(prefix: str) -> str:
    """Return where a key is."""
    return f"{API}/keys/{part(prefix)}"


def tenant_path(tenant: str) -> str:
    """Return where a tenant is."""
    return f"{API}/tenants/{part(tenant)}"


def batch_path(batch_id: str) -> str:
    """Return where a batch is."""
    return f"{API}/batches/{part(batch_id)}"
