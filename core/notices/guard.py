"""Robots are outside: a connection made for one reaches no address of one's own network.

An address is looked at when it is entered, and the socket again when it connects, after
names were resolved: neither a changed name nor a redirect leads inside (threats SSRF).
"""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from django.conf import settings

_outside_only: ContextVar[bool] = ContextVar("outside_only", default=False)


class PointsInside(OSError):
    """The address lies inside one's own network, or is none of the internet's."""


def allows_inside() -> bool:
    """Whether the operator lets robots stand inside, as a private 钉钉 or 飞书 does."""
    return bool(settings.WEBHOOKS_INSIDE)


@contextmanager
def outside_only() -> Iterator[None]:
    """Within it, this thread connects to the internet only, unless the setting allows more."""
    if allows_inside():
        yield
        return
    _watch_sockets()
    token = _outside_only.set(True)
    try:
        yield
    finally:
        _outside_only.reset(token)


def refuse_inside(host: str, port: int) -> None:
    """Raises PointsInside when the name stands for an inner address, OSError for an unknown one."""
    if allows_inside():
        return
    for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        _refuse(address)


@cache
def _watch_sockets() -> None:
    sys.addaudithook(_look_at)  # stays for the life of the process; Python has no way back


def _look_at(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and _outside_only.get():
        _refuse(arguments[1])


def _refuse(address: Any) -> None:
    if not isinstance(address, tuple) or not _is_outside(str(address[0])):
        raise PointsInside("points inside the own network")


def _is_outside(text: str) -> bool:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    hidden = _embedded(address)
    return address.is_global and not address.is_multicast and (hidden is None or hidden.is_global)


def _embedded(address: IPv4Address | IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for: mapped, 6to4, Teredo, NAT64."""
    if isinstance(address, IPv4Address):
        return None
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if address.teredo:
        return address.teredo[1]
    is_nat64 = address.packed[:12] == _NAT64
    return IPv4Address(address.packed[12:]) if is_nat64 else None


_NAT64 = IPv6Address("64:ff9b::").packed[:12]
