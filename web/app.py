"""The application, from its collaborators."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import Flask

from jobs.queue import JobQueue
from stores.holdings import Holdings
from stores.identity import Quotas
from stores.ports import Artifacts, Files, Jobs, ModelStates, Pools, Workers
from web import audit, compressing, docs, guard, health, permissions, problems, tagging
from web.accounts import Accounts
from web.api_v1 import deprecation
from web.api_v1.routes import api_v1
from web.api_v2.artifacts import artifacts_api
from web.api_v2.audit import audit_api
from web.api_v2.batches import batches_api
from web.api_v2.calibrations import calibrations_api
from web.api_v2.campaigns import campaigns_api
from web.api_v2.chat import chat_api
from web.api_v2.dead_letters import dead_letters_api
from web.api_v2.documents import documents_api
from web.api_v2.events import events_api
from web.api_v2.jobs import jobs_api
from web.api_v2.keys import keys_api
from web.api_v2.knowledge import knowledge_api
from web.api_v2.me import me_api
from web.api_v2.models import models_api
from web.api_v2.pools import pools_api
from web.api_v2.profiles import profiles_api
from web.api_v2.queries import queries_api
from web.api_v2.recordings import recordings_api
from web.api_v2.rems import rems_api
from web.api_v2.slo import slo_api
from web.api_v2.sockets import sockets_api
from web.api_v2.status import status_api
from web.api_v2.tenant_data import tenant_data_api
from web.api_v2.tenants import tenants_api
from web.api_v2.things import Knowledge
from web.api_v2.version import version_api
from web.api_v2.webhooks import webhooks_api
from web.asking import Asking
from web.backlog import Backlog
from web.cors import Origins
from web.erasing import Erasures
from web.exporting import Exporter
from web.fullness import LOOK_S, Fullness
from web.graphql.routes import graphql_api
from web.guard import Authenticate
from web.limiting import Limiter
from web.metrics import Metrics
from web.page import page as page_of
from web.proxies import Proxies
from web.quotas import TenantQuotas
from web.realtime.calling import Callbacks
from web.realtime.delivering import Deliverer, Hooks
from web.realtime.sockets import Sockets
from web.realtime.standing import standing_by
from web.routing import CONVERTERS
from web.slo.measured import Source
from web.slo.objectives import Objectives
from web.storage import Storage
from web.submitting import Submissions
from web.tenancy import TenantJobs
from web.usage import Meter
from web.waiting import Hub


@dataclass(frozen=True, slots=True)
class Limits:
    """What one process accepts."""

    body_bytes: int
    upload_bytes: int
    quotas: Quotas
    """Of tenants that have none of their own."""
    queue: int
    """Messages of a pool above which submissions are refused."""
    queue_look_s: float = LOOK_S
    """How long a count of them is good."""
    pool: int = 32
    """Jobs that one worker may be told to run at once."""


def create_app(
    *,
    jobs: Jobs,
    holdings: Holdings,
    artifacts: Artifacts,
    files: Files,
    rem_files: Files,
    models: ModelStates,
    knowledge: Knowledge,
    accounts: Accounts,
    authenticate: Authenticate,
    served: Callable[[str], bool],
    queue: JobQueue,
    workers: Workers,
    pools: Pools,
    hub: Hub,
    hooks: Hooks,
    callbacks: Callbacks,
    metrics: Metrics,
    objectives: Objectives,
    standing: Source,
    limits: Limits,
    limiter: Limiter,
    origins: Origins,
    proxies: Proxies,
    power_models: Collection[str],
    clock: Callable[[], datetime],
    new_id: Callable[[datetime], str],
    version: str,
    page: Path,
    flower_url: str | None = None,
    build: str | None = None,
) -> Flask:
    """Return the WSGI application; `power_models` are the names that a campaign may ask for.

    `standing` knows how the farm stands to the `objectives`. `files` are those of campaigns, `rem_files` those of the jobs of REMForge; `authenticate`
    says who makes a request, or raises Unauthenticated, and `served` whether a host that is not loopback is ours.
    `page` is the folder of the page for people, built or not.
    """
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = limits.body_bytes
    app.url_map.converters |= CONVERTERS
    own = TenantJobs(jobs)
    backlog = Backlog(jobs, queue)
    fullness = Fullness(backlog, limit=limits.queue, look_s=limits.queue_look_s)
    quotas = TenantQuotas(accounts.tenants, limits.quotas)
    storage = Storage(artifacts, (files, rem_files), jobs, quotas)
    submissions = Submissions(
        jobs, artifacts, queue, power_models, fullness, clock, new_id, quotas, storage, callbacks.check, workers
    )
    asking = Asking(submissions, hub)
    stand = standing_by(authenticate)
    sockets = Sockets(jobs, knowledge, limiter.guarding(authenticate), authenticate, hub, watch=metrics.sockets)
    deliverer = Deliverer(jobs, hooks, callbacks, clock=clock, version=version, count=metrics.delivered)
    apis = (
        artifacts_api(artifacts, storage, limit_bytes=limits.upload_bytes, is_served=accounts.is_served),
        jobs_api(own, submissions, hub, limiter),
        batches_api(own, submissions, hub, limiter),
        events_api(own, hub, stand),
        sockets_api(sockets, origins),
        graphql_api(jobs, files, knowledge),
        campaigns_api(own, files, submissions, hub),
        recordings_api(own, files),
        profiles_api(own, files),
        calibrations_api(own, files),
        queries_api(submissions, hub),
        documents_api(knowledge, submissions, hub),
        knowledge_api(knowledge, asking),
        chat_api(own, knowledge, submissions, hub, stand),
        rems_api(own, rem_files, knowledge, submissions, hub),
        models_api(models, clock=clock),
        dead_letters_api(own, submissions, hub),
        webhooks_api(hooks),
        pools_api(jobs, backlog, workers, pools, largest=limits.pool, clock=clock),
        me_api(version=version),
        keys_api(accounts),
        tenants_api(accounts, Meter(jobs, storage)),
        audit_api(accounts),
        tenant_data_api(
            accounts,
            Exporter(
                accounts=accounts,
                jobs=jobs,
                holdings=holdings,
                documents=knowledge.documents,
                graph=knowledge.graph,
                artifacts=artifacts,
                files={"campaigns": files, "rems": rem_files},
                clock=clock,
            ),
            Erasures(jobs, queue, accounts.tenants, clock, new_id),
            hub,
        ),
        slo_api(objectives, standing),
        status_api(own, backlog, hub, clock=clock, version=version, flower_url=flower_url),
        version_api(version, build),
    )
    for api in apis:
        app.register_blueprint(api.blueprint)
    app.register_blueprint(api_v1(jobs, knowledge, asking, stand, clock=clock, version=version))
    app.register_blueprint(health.health(jobs, knowledge, limiter.guarding(authenticate)))
    app.register_blueprint(metrics.blueprint())
    app.register_blueprint(docs.docs([operation for api in apis for operation in api.operations], version=version))

    app.register_blueprint(page_of(page))
    # For the server's configuration, which sends everyone home before it stops a process.
    app.extensions["hub"] = hub
    # Started by it as well: there is nobody to deliver before the fork.
    app.extensions["deliverer"] = deliverer
    hub.at_stop(deliverer.stop)
    app.wsgi_app = proxies.before(app.wsgi_app)  # type: ignore[method-assign]  # as Flask's documentation has it
    deprecation.register(app)
    guard.register(app, limiter.guarding(authenticate), served=served, origins=origins)
    audit.register(app, accounts.audit, clock=clock, lost=metrics.unaudited)
    metrics.register(app)
    # What is registered last sees an answer first: it is tagged, then compressed, then told how it stands.
    limiter.register(app)
    origins.register(app)
    compressing.register(app)
    tagging.register(app)
    problems.register(app)
    permissions.verify(rule.endpoint for rule in app.url_map.iter_rules())
    return app
