"""Which addresses callbacks may reach: those of the world, and the networks that the farm's owner allows.

A tenant's callback must not become the farm's own hand in the networks around it. Names are looked up once, every
address that they have is looked at, and the connection goes to exactly what was looked at.
"""

import socket
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from jobs.callbacks import URL

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Sequence[str]]
"""Looks up the addresses of a host."""
DISGUISES = tuple(
    IPv6Network(name)
    for name in (
        "::ffff:0:0/96",  # IPv4-mapped
        "::ffff:0:0:0/96",  # IPv4-translated
        "::/96",  # IPv4-compatible
        "64:ff9b::/96",  # NAT64
        "64:ff9b:1::/48",  # NAT64, local
        "2001::/32",  # Teredo
        "2002::/16",  # 6to4
        "fec0::/10",  # site-local, as it once was
    )
)
"""Forms that lead, somewhere on the way, to an IPv4 address that nobody has looked at."""


class Refused(Exception):
    """A callback leads where none may go; says where."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a callback leads."""

    scheme: str
    host: str
    """A name or an address, without brackets."""
    port: int
    target: str
    """The path and the query."""

    @property
    def authority(self) -> str:
        """Return the host as the `Host` header names it."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == {"http": 80, "https": 443}[self.scheme] else f"{name}:{self.port}"


def place_of(url: str) -> Place:
    """Return where a callback's URL leads; raise Refused for a URL that is none of ours."""
    match = URL.fullmatch(url)
    if match is None:
        raise Refused("This is no address that can be called.")
    scheme = url.partition(":")[0]
    target = match["target"] or "/"
    return Place(
        scheme,
        match["host"].strip("[]"),
        int(match["port"] or {"http": 80, "https": 443}[scheme]),
        target if target.startswith("/") else f"/{target}",
    )


def networks(text: str) -> tuple[Network, ...]:
    """Return networks written with commas in between; raise ValueError."""
    return tuple(ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())


def is_open(address: Address, allowed: Collection[Network]) -> bool:
    """Say whether callbacks may go to an address."""
    if any(address in network for network in allowed if network.version == address.version):
        return True
    if address.version == 6 and any(address in disguise for disguise in DISGUISES):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def literal(host: str) -> Address | None:
    """Return the address that a host is written as, None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def reached(place: Place, allowed: Collection[Network], resolve: Resolve) -> list[Address]:
    """Return the addresses of a place, to be called as they are; raise Refused if callbacks may not go to all of them.

    All: an answer that mixes open and closed addresses is one that somebody made up. Raise OSError for a name that has
    none.
    """
    found = [ip_address(text.partition("%")[0]) for text in resolve(place.host, place.port)]
    if not found:
        raise OSError("the name has no address")
    if any(not is_open(address, allowed) for address in found):
        raise Refused("The address is not one that callbacks may go to.")
    return list(dict.fromkeys(found))


def looked_up(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of a host."""
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
