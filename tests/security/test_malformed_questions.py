"""Whatever is asked, in query, path or headers: never 500, nothing written (IN05, IN06)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.test import Client

from tests.personas import World
from tests.searching import SEALED, sealed
from tests.security.attack import Place, parameters_of, places, quiet_client
from tests.security.malformed import LONG, MEGABYTE, NASTY, WORST, Sent, faults_of


def readings(client: Client, place: Place) -> Iterator[Sent]:
    """The address with what it knows, and with what it does not know."""
    known = sorted(parameters_of(client, place.address))
    yield Sent("unknown", "GET", place.address, "&".join(f"x={v}&{v}=1" for v in NASTY.values()))
    for name in NASTY.keys() - WORST if known else ():
        every = "&".join(
            f"{parameter}={NASTY[name]}" for parameter in known if parameter != "after"
        )
        yield Sent(name, "GET", place.address, every)
    for parameter in known:
        for name in WORST:
            yield Sent(f"?{parameter}={name}", "GET", place.address, f"{parameter}={NASTY[name]}")
    if known:
        for name, odd in ODD_PARAMETERS.items():
            query = "&".join(odd.format(parameter) for parameter in known)
            yield Sent(name, "GET", place.address, query)
        if parameter in SEALED:
            for name, value in NASTY.items():
                query = sealed(f"?{parameter}={value}").removeprefix("?")
                yield Sent(f"?{parameter} sealed {name}", "GET", place.address, query)
    yield Sent("a megabyte", "GET", place.address, f"{(known or ['x'])[0]}={MEGABYTE}")
    yield Sent("1,500 names", "GET", place.address, "&".join(f"n{n}=1" for n in range(1_500)))
    yield Sent("odd headers", "GET", place.address, headers=ODD_HEADERS)


ODD_PARAMETERS = {"long": f"{{0}}={LONG}", "twice": "{0}=1&{0}=2&{0}[]=1&{0}[a]=2"}
ODD_HEADERS = {
    "COOKIE": "sessionid=%00; csrftoken=\x01; messages=broken; a",
    "REFERER": "http://[::1",
    "USER_AGENT": "\x00\x7fa\r\nb",
    "ACCEPT_LANGUAGE": ";;q=,,",
    "IF_MODIFIED_SINCE": "99999",
    "IF_NONE_MATCH": '"\x00',
    "HX_REQUEST": "true",
    "HX_CURRENT_URL": "%00//",
    "X_FORWARDED_FOR": "\x00, ::::",
    "X_REQUESTED_WITH": "\x00",
    "RANGE": "bytes=9999999-",
    "ACCEPT": "\x01",
}


def test_no_question_breaks_a_page(world: World, objects: dict[str, Any]) -> None:
    asked, found = 0, {}
    clients: dict[str, Client] = {}
    for place in places(objects, "GET"):
        who = place.reader() or next(iter(place.expected))
        client = clients.setdefault(who, quiet_client(world, who))
        for sent in readings(client, place):
            asked += 1
            if faults := faults_of(client, sent):
                found[f"{place} {sent.name}"] = faults
    assert found == {}
    assert asked > 500


def test_no_path_breaks_a_page(world: World, objects: dict[str, Any]) -> None:
    """Each part of an address in turn, also those of a slug or a number."""
    found, asked = {}, 0
    client = quiet_client(world, "office")
    for place in places(objects):
        parts = place.address.strip("/").split("/")
        changeable = [
            n for n, part in enumerate(parts) if part in {str(a) for a in objects[place.on]}
        ]
        for n in changeable:
            for name in (
                "a NUL byte",
                "a huge number",
                "one beyond 64 bits",
                "a negative number",
                "digits that are none",
                "broken UTF-8, a percent alone",
                "control characters, line breaks",
                "SQL, a template, a pattern, JSON",
            ):
                other = [*parts[:n], NASTY[name], *parts[n + 1 :]]
                sent = Sent(name, place.method, f"/{'/'.join(other)}/")
                asked += 1
                if faults := faults_of(client, sent):
                    found[f"{place} {name}"] = faults
    for name in (
        "/%00",
        "/\x00",
        "/..%2f..%2fetc/passwd",
        "/static/%00",
        "/static/..%2f..%2fmanage.py",
        "/" + "a" * 10_000,
        "//evil.example/",
        "/%ff",
    ):
        if faults := faults_of(client, Sent(name, "GET", name)):
            found[name] = faults
    assert found == {}
