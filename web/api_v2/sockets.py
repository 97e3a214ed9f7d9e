"""One WebSocket for all that happens: jobs, campaigns, new vulnerabilities. `docs/streams.md` tells its protocol."""

from http import HTTPMethod, HTTPStatus

from flask import Response, request

from web.cors import Origins
from web.guard import refuse_cross_site
from web.realtime.sockets import Sockets
from web.refusals import CrossSite, UpgradeRequired
from web.routing import Answer, Api


def sockets_api(sockets: Sockets, origins: Origins) -> Api:
    """Serve WebSockets, to pages of `origins` too."""
    api = Api("sockets")

    @api.on(
        HTTPMethod.GET,
        path="/events",
        summary="Open a WebSocket",
        answers=(
            Answer(
                HTTPStatus.SWITCHING_PROTOCOLS,
                "From here on both sides send JSON messages: `auth`, `subscribe`, `unsubscribe` and `ping` from the client; "
                "`ready`, `snapshot`, `event`, `lagged`, `unsubscribed`, `pong` and `error` from the server.",
                media_types=(),
            ),
        ),
        refusals=(UpgradeRequired, CrossSite),
    )
    def open_socket() -> Response:
        """Upgrade to a WebSocket over which one subscribes to `jobs`, `campaigns` and `vulnerabilities`.

        The first message names the key or the token, unless a header of this request does. Pages of other sites are
        refused, as their writes are.
        """
        if not origins.allow(request):
            refuse_cross_site(request.headers.get("Host", ""))
        return sockets.upgraded(request)

    # The router keeps what asks for an upgrade apart from what does not, which is answered with what is needed.
    api.blueprint.add_url_rule("/events", endpoint="open_socket", methods=[HTTPMethod.GET], websocket=True)
    return api
