"""What trusted proxies say of the client: its address, scheme and host. Nobody else is believed.

`X-Forwarded-For` grows to the right, one hop at a time, and only the hops that trusted proxies added are true: the
client is the rightmost one that is not such a proxy itself. Whichever of the two families of headers the proxies do
not set is ignored, as it would be the client's own word.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Literal

from werkzeug.http import parse_list_header

Address = IPv4Address | IPv6Address
Family = Literal["x-forwarded", "forwarded"]
SCHEMES = frozenset({"http", "https"})
HOST = re.compile(r"[A-Za-z0-9._-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")
NODE = re.compile(
    r"\[(?P<six>[0-9A-Fa-f:.]+)\](:\d{1,5})?|(?P<four>\d+\.\d+\.\d+\.\d+)(:\d{1,5})?|(?P<bare>[0-9A-Fa-f:.]+)"
)
PAIR = re.compile(r'\s*([A-Za-z]+)=(?:"([^"]*)"|([^\s;"]*))\s*')


@dataclass(frozen=True, slots=True)
class Hop:
    """What one proxy says of who called it."""

    address: Address | None
    """None where it is hidden, or no address."""
    scheme: str | None = None
    host: str | None = None


class Proxies:
    """Which proxies are believed."""

    def __init__(self, trusted: Sequence[str], *, family: Family) -> None:
        """Believe what proxies in the networks `trusted` say in headers of one `family`."""
        self._networks = [ip_network(network, strict=False) for network in trusted]
        self._hops = _x_forwarded if family == "x-forwarded" else _forwarded

    def trusts(self, address: Address | None) -> bool:
        """Say whether an address is that of a trusted proxy."""
        return address is not None and any(
            address in network for network in self._networks if network.version == address.version
        )

    def seen(self, environ: Mapping[str, Any]) -> Hop | None:
        """Return who called, as the trusted proxies say; None where no such proxy stands before us."""
        peer = parsed(environ.get("REMOTE_ADDR"))
        if not self.trusts(peer):
            return None
        client = Hop(peer)
        for hop in reversed(self._hops(environ)):
            client = Hop(hop.address or client.address, hop.scheme or client.scheme, hop.host or client.host)
            if not self.trusts(hop.address):
                break
        return client

    def before(self, application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
        """Return `application`, which gets to see the client where it would see the proxy."""

        def behind(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            client = self.seen(environ)
            if client is not None:
                environ["dasein.proxy"] = environ.get("REMOTE_ADDR")
                environ["REMOTE_ADDR"] = str(client.address)
                if client.scheme is not None:
                    environ["wsgi.url_scheme"] = client.scheme
                if client.host is not None:
                    environ["HTTP_HOST"] = client.host
            return application(environ, start_response)

        return behind if self._networks else application


def parsed(text: object) -> Address | None:
    """Return an address as a header or a socket writes it, with or without a port; None for what is none."""
    match = NODE.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        return None
    try:
        address = ip_address(match["six"] or match["four"] or match["bare"])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _x_forwarded(environ: Mapping[str, Any]) -> list[Hop]:
    """Return the hops of X-Forwarded-For; scheme and host, which have no list of their own, are the last proxy's."""
    hops = [Hop(parsed(node)) for node in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if node.strip()]
    scheme = _last(environ, "HTTP_X_FORWARDED_PROTO").lower()
    host = _last(environ, "HTTP_X_FORWARDED_HOST")
    last = hops.pop() if hops else Hop(None)
    told = Hop(last.address, scheme if scheme in SCHEMES else None, host if HOST.fullmatch(host) else None)
    return [*hops, told]


def _last(environ: Mapping[str, Any], name: str) -> str:
    return str(environ.get(name, "")).rpartition(",")[2].strip()


def _forwarded(environ: Mapping[str, Any]) -> list[Hop]:
    """Return the hops of Forwarded (RFC 7239)."""
    return [_element(element) for element in parse_list_header(environ.get("HTTP_FORWARDED", ""))]


def _element(text: str) -> Hop:
    pairs = {}
    for part in text.split(";"):
        if match := PAIR.fullmatch(part):
            pairs[match[1].lower()] = match[2] or match[3] or ""
    scheme, host = pairs.get("proto", "").lower(), pairs.get("host", "")
    return Hop(
        parsed(pairs.get("for")),
        scheme if scheme in SCHEMES else None,
        host if HOST.fullmatch(host) else None,
    )
