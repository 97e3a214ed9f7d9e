"""A question from request to answer: cached or retrieved, and worded by a language model where one is set up."""

from collections.abc import Callable

from jobs.questions import Answer, QueryRequest
from workers.query.answer import Catalogue
from workers.query.caching import cached_answer
from workers.query.services import QueryServices
from workers.query.wording import word


def ask(
    request: QueryRequest,
    *,
    tenant: str,
    services: QueryServices,
    catalogue: Catalogue,
    owner: str,
    check: Callable[[], None],
    on_token: Callable[[str], None] = lambda _: None,
) -> Answer:
    """Return the answer; `owner` names who asks, for the lock that keeps others from computing the same.

    What was retrieved is cached; how a model words it is not, as it may differ from time to time.
    """
    answer = cached_answer(request, tenant=tenant, services=services, catalogue=catalogue, owner=owner, check=check)
    if services.model is None or not request.generate or answer.abstained:
        return answer

    def token(piece: str) -> None:
        check()
        on_token(piece)

    check()
    return word(answer, services.model, timeout_s=services.model_timeout_s, on_token=token, timer=services.timer)
