"""Which answers lead to which calls: the links of the OpenAPI document."""

from collections.abc import Collection, Mapping
from typing import Any

from web.routing import Answer, Operation

BODY, REQUEST = "$response.body#", "$request.path."
JOB = {"job_id": f"{BODY}/id"}
CAMPAIGN = {"campaign_id": f"{BODY}/id"}
BATCH = {"batch_id": f"{BODY}/id"}
RECORDS = {"job_id": f"{BODY}/id"}
ARTIFACT = {"artifact_id": f"{BODY}/artifact_id"}

BY_MODEL: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "JobView": {"show_job": JOB, "follow_job": JOB, "cancel_job": JOB, "retry_job": JOB},
    "JobBatchView": {"show_batch": BATCH, "cancel_batch": BATCH},
    "ArtifactView": {"download_artifact": ARTIFACT, "delete_artifact": ARTIFACT},
    "MadeKeyView": {"rotate_key": {"prefix": f"{BODY}/prefix"}, "revoke_key": {"prefix": f"{BODY}/prefix"}},
    "TenantView": {"show_tenant": {"tenant_id": f"{BODY}/id"}, "change_tenant": {"tenant_id": f"{BODY}/id"}},
    "ThingsView": {"show_neighbourhood": {"thing_id": f"{BODY}/things/0/id"}},
    "BatchesView": {"remove_document": {"batch": f"{BODY}/documents/0/batch"}},
    "RecordsView": {
        "show_rem": {"rem_id": f"{BODY}/records/0/rem_id"},
        "remove_rem": {"rem_id": f"{BODY}/records/0/rem_id"},
    },
    "JobsView": {"show_job": {"job_id": f"{BODY}/jobs/0/id"}},
    "PoolsView": {"scale_pool": {"name": f"{BODY}/pools/0/name"}},
    "DeadLettersView": {"replay_dead_letter": {"job_id": f"{BODY}/dead_letters/0/job_id"}},
}
"""Operations and where their parameters come from, by the model of the answer."""
BY_OPERATION: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "submit_campaign": {
        "show_report": CAMPAIGN,
        "compare_campaigns": {**CAMPAIGN, "with": f"{BODY}/id"},
        "download_traces": CAMPAIGN,
        "show_series": CAMPAIGN,
        "show_listing": CAMPAIGN,
    },
    "submit_job": {"show_calibration": JOB},
    "submit_rems": {
        "download_records": RECORDS,
        "show_forging_result": RECORDS,
        "show_sequence_report": RECORDS,
    },
    "take_turn": {"follow_turn": JOB},
    "list_instructions": {
        "show_instruction": {"instruction_id": f"{BODY}/things/0/id"},
        "find_similar": {"instruction_id": f"{BODY}/things/0/id"},
    },
}
"""The same, of what only one operation answers."""


def links(operation: Operation, answer: Answer, known: Collection[str]) -> dict[str, Any]:
    """Return the `links` of an answer, to operations that are `known`; empty where nothing follows."""
    if answer.model is None:
        return {}
    found = {**BY_MODEL.get(answer.model.__name__, {}), **BY_OPERATION.get(operation.name, {})}
    shown = {
        name: {"operationId": name, "parameters": dict(parameters)}
        for name, parameters in found.items()
        if name in known
    }
    return {"links": shown} if shown else {}
