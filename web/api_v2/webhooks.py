"""Webhooks: what was told to callbacks, to be replayed, and the secret that signs it."""

from datetime import datetime
from http import HTTPMethod, HTTPStatus
from typing import Self

from flask import Response
from pydantic import Field

from jobs.errors import InvalidInput, NotFound
from jobs.forms import Request
from stores.webhooks import Delivery, DeliveryState, Secrets
from web.api_v2.answers import Shown, answered
from web.caller import caller
from web.realtime.delivering import Hooks
from web.routing import Answer, Api

GRACE_S = 24 * 3600.0


class DeliveriesQuery(Request):
    """Which deliveries."""

    state: DeliveryState | None = None
    cursor: str | None = Field(None, min_length=1, max_length=256, description="From the page before.")
    limit: int = Field(50, ge=1, le=200)


class DeliveryView(Shown):
    """One callback and what became of it."""

    id: str = Field(description="Also that of the job, and the header `X-Dasein-Delivery`.")
    job: str
    url: str
    state: DeliveryState
    attempts: int = Field(description="Since the job ended, or since the delivery was replayed.")
    created_at: datetime
    due_at: datetime | None = Field(description="When it is tried next; null once it is settled.")
    settled_at: datetime | None
    status: int | None = Field(description="What the receiver answered last.")
    problem: str | None = Field(description="Why the last attempt did not count.")

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        """Show a delivery."""
        return cls(
            id=delivery.id,
            job=delivery.id,
            url=delivery.url,
            state=delivery.state,
            attempts=delivery.attempts,
            created_at=delivery.created_at,
            due_at=delivery.due_at,
            settled_at=delivery.settled_at,
            status=delivery.status,
            problem=delivery.problem,
        )


class DeliveriesView(Shown):
    """Deliveries, newest first."""

    webhooks: tuple[DeliveryView, ...]
    cursor: str | None = Field(description="Ask for the next page with it; null on the last one.")


class SecretView(Shown):
    """What receivers verify with."""

    secret: str
    created_at: datetime
    previous_until: datetime | None = Field(description="Until when the one before it signs as well.")

    @classmethod
    def of(cls, secrets: Secrets) -> Self:
        """Show the current secret."""
        return cls(secret=secrets.current, created_at=secrets.created_at, previous_until=secrets.previous_until)


def webhooks_api(hooks: Hooks) -> Api:
    """Serve deliveries and the secret."""
    api = Api("webhooks")

    @api.on(
        HTTPMethod.GET,
        path="/webhooks",
        summary="List deliveries",
        query=DeliveriesQuery,
        answers=(Answer(HTTPStatus.OK, "Deliveries, newest first.", DeliveriesView),),
        refusals=(InvalidInput,),
    )
    def list_deliveries(query: DeliveriesQuery) -> Response:
        """List what was told, and is to be told, to the callbacks of jobs; each as long as the record of its job."""
        page = hooks.deliveries.find(caller().tenant, state=query.state, cursor=query.cursor, limit=query.limit)
        views = tuple(map(DeliveryView.of, page.deliveries))
        return answered(DeliveriesView(webhooks=views, cursor=page.cursor))

    @api.on(
        HTTPMethod.POST,
        path="/webhooks/<job:job_id>/replay",
        summary="Deliver once more",
        answers=(Answer(HTTPStatus.ACCEPTED, "It is due now.", DeliveryView),),
        refusals=(NotFound,),
    )
    def replay_delivery(job_id: str) -> Response:
        """Make a delivery due again, from its first attempt on; one that is pending stays as it is."""
        return answered(DeliveryView.of(hooks.deliveries.replay(caller().tenant, job_id)), status=HTTPStatus.ACCEPTED)

    @api.on(
        HTTPMethod.GET,
        path="/webhooks/secret",
        summary="Look at the secret",
        answers=(Answer(HTTPStatus.OK, "The secret; made now if there was none.", SecretView),),
    )
    def show_webhook_secret() -> Response:
        """Return what deliveries are signed with."""
        return answered(SecretView.of(hooks.secrets.secrets(caller().tenant, otherwise=hooks.new_secret())))

    @api.on(
        HTTPMethod.POST,
        path="/webhooks/secret",
        summary="Change the secret",
        answers=(Answer(HTTPStatus.CREATED, "The new secret.", SecretView),),
    )
    def rotate_webhook_secret() -> Response:
        """Make a new secret. For a day deliveries carry a signature with the old one as well."""
        rotated = hooks.secrets.rotate(caller().tenant, hooks.new_secret(), grace_s=GRACE_S)
        return answered(SecretView.of(rotated), status=HTTPStatus.CREATED)

    return api
