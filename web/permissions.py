"""Who may do what: one line for every operation, and nothing is served that has none."""

from collections.abc import Iterable
from dataclasses import dataclass

from jobs.identity import Principal, Role
from web.refusals import Forbidden


@dataclass(frozen=True, slots=True)
class Permission:
    """The least role that may do something."""

    role: Role
    home: bool = False
    """Whether it concerns the whole farm: for principals of the home tenant alone."""


PUBLIC = frozenset(
    {
        "static",
        "page.root",
        "page.show",
        "page.asset",
        "health.live",
        "health.ready",
        "docs.openapi",
        "docs.page",
        "v1.health",
    }
)
"""What is answered to anybody: that we are up, how the API is used, and the page, which holds nobody's data."""

LATER = frozenset({"sockets.open_socket"})
"""What asks its caller for credentials itself, after the request."""

READ, ASK, WRITE, REPAIR, ADMINISTER = (
    Permission(Role.VIEWER),
    Permission(Role.VIEWER),
    Permission(Role.SUBMITTER),
    Permission(Role.OPERATOR),
    Permission(Role.ADMIN),
)
OBSERVE, RUN = Permission(Role.VIEWER, home=True), Permission(Role.ADMIN, home=True)

PERMISSIONS: dict[str, Permission] = {
    # Who one is.
    "show_me": READ,
    "make_key": ADMINISTER,
    "list_keys": ADMINISTER,
    "rotate_key": ADMINISTER,
    "revoke_key": ADMINISTER,
    "make_tenant": RUN,
    "list_tenants": ADMINISTER,
    "show_tenant": ADMINISTER,
    "change_tenant": RUN,
    "export_tenant": ADMINISTER,
    "erase_tenant": ADMINISTER,
    "show_audit": ADMINISTER,
    # Artifacts and jobs.
    "upload_artifact": WRITE,
    "download_artifact": READ,
    "delete_artifact": WRITE,
    "submit_job": WRITE,
    "list_jobs": READ,
    "show_job": READ,
    "follow_job": READ,
    "open_socket": READ,
    "cancel_job": WRITE,
    "retry_job": WRITE,
    "submit_batch": WRITE,
    "show_batch": READ,
    "cancel_batch": WRITE,
    "list_dead_letters": READ,
    "replay_dead_letter": REPAIR,
    "list_deliveries": REPAIR,
    "replay_delivery": REPAIR,
    "show_webhook_secret": ADMINISTER,
    "rotate_webhook_secret": ADMINISTER,
    # Campaigns.
    "submit_campaign": WRITE,
    "show_report": READ,
    "show_series": READ,
    "show_listing": READ,
    "download_traces": READ,
    "compare_campaigns": READ,
    "download_recording": READ,
    "show_profile": READ,
    "show_calibration": READ,
    # Knowledge.
    "submit_query": ASK,
    "list_instructions": READ,
    "show_instruction": READ,
    "find_similar": ASK,
    "show_neighbourhood": READ,
    "list_entities": READ,
    "take_turn": ASK,
    "follow_turn": READ,
    "show_history": READ,
    "erase_history": WRITE,
    "submit_document": WRITE,
    "list_documents": READ,
    "remove_document": WRITE,
    "ask_graph": READ,
    "read_graph": READ,
    # Records of files.
    "submit_rems": WRITE,
    "search_rems": ASK,
    "list_rems": READ,
    "show_rem": READ,
    "download_records": READ,
    "show_forging_result": READ,
    "show_sequence_report": READ,
    "remove_rem": WRITE,
    # The farm.
    "list_pools": READ,
    "scale_pool": RUN,
    "list_models": READ,
    "show_status": READ,
    "show_slo": OBSERVE,
    "show_version": READ,
    "metrics": OBSERVE,
    # The first API.
    "v1.query": ASK,
    "v1.add_documents": WRITE,
    "v1.remove_document": WRITE,
    "v1.entities": READ,
    "v1.chat": ASK,
    "v1.chat_stream": ASK,
    "v1.show_history": READ,
    "v1.erase_history": WRITE,
    "v1.status": READ,
}
"""By the name of the view; those of the first API by their endpoint."""


def is_public(endpoint: str) -> bool:
    """Say whether an endpoint is served to anybody."""
    return endpoint in PUBLIC


def may_introduce_itself(endpoint: str) -> bool:
    """Say whether a route authenticates its caller by itself."""
    return endpoint in LATER


def operation_of(endpoint: str) -> str:
    """Return the name of what an endpoint does, as the table has it."""
    return endpoint if endpoint.startswith("v1.") else endpoint.rsplit(".", 1)[-1]


def permission_of(endpoint: str) -> Permission:
    """Return what an endpoint takes; raise KeyError for one that the table does not know."""
    return PERMISSIONS[operation_of(endpoint)]


def allows(permission: Permission, principal: Principal) -> bool:
    """Say whether somebody may."""
    return principal.role.covers(permission.role) and (principal.home or not permission.home)


def check(endpoint: str, principal: Principal) -> None:
    """Raise Forbidden, saying what it takes."""
    permission = permission_of(endpoint)
    if not allows(permission, principal):
        where = " of the farm" if permission.home else ""
        raise Forbidden(f"This takes the role {permission.role}{where}; yours is {principal.role}.")


def operations(principal: Principal) -> list[str]:
    """Return the names of all that somebody may do, sorted."""
    return sorted(name for name, permission in PERMISSIONS.items() if allows(permission, principal))


def verify(endpoints: Iterable[str]) -> None:
    """Raise ValueError for endpoints that nobody was given: a new route is refused until the table has it."""
    forgotten = [name for name in endpoints if not is_public(name) and operation_of(name) not in PERMISSIONS]
    if forgotten:
        raise ValueError(f"no permission says who may call {', '.join(sorted(set(forgotten)))}")
