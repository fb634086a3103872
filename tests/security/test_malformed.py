"""Whatever is sent, the answer is never 500, and nothing of it is written (IN05, IN06)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.architecture.test_routes import client_of
from tests.personas import World
from tests.searching import SEALED, sealed
from tests.security.attack import (
    FORM,
    Place,
    all_rows,
    changed,
    parameters_of,
    places,
    quiet_client,
    undone,
    writes,
)
from tests.security.examples import Post, posts
from tests.security.test_extra_fields import TRACES

HUGE = "9" * 31
LONG = quote("字" * 3_000)
MEGABYTE = "a" * 10**6
# As they stand in an address or in a form, already encoded.
NASTY = {
    "a NUL byte": "a%00b",
    "an impossible day": "2026-02-30",
    "day zero": "0000-00-00",
    "a year too far": "99999-01-01",
    "a huge number": HUGE,
    "one beyond 64 bits": str(2**63),
    "one beyond 32 bits": str(2**31),
    "a negative number": "-1",
    "digits that are none": quote("²③"),
    "broken UTF-8, a percent alone": "%ff%fe%c3%",
    "half a surrogate": "%ed%a0%80",
    "control characters, line breaks": "%0d%0aSet-Cookie:%20a=b%1b%7f%0ab",
    "SQL, a template, a pattern, JSON": quote(
        """' OR 1=1; --{{ settings.SECRET_KEY }}{% include 'x' %}%_\\{"$ne": null}"""
    ),
    "nothing": "",
    "blanks": "%20%20",
}
# Tried on each name by itself: what one check lets through is refused by another's.
WORST = {"a NUL byte", "one beyond 64 bits", "a year too far", "half a surrogate"}
SHORT = {"a NUL byte", "one beyond 64 bits", "half a surrogate"}


@dataclass
class Sent:
    """One request: what to call it in a report, and how to send it."""

    name: str
    method: str
    address: str
    query: str = ""
    body: bytes = b""
    kind: str = FORM
    headers: dict[str, str] | None = None


def send(client: Client, sent: Sent) -> HttpResponse:
    """The request as it is, without the test client's own encoding."""
    return client.generic(
        sent.method,
        sent.address,
        sent.body,
        content_type=sent.kind,
        QUERY_STRING=sent.query,
        **{f"HTTP_{name}": value for name, value in (sent.headers or {}).items()},
    )


def faults_of(client: Client, sent: Sent) -> list[str]:
    """What is wrong with the answer."""
    with undone(client), writes() as statements:
        response = send(client, sent)
        if response.streaming:
            list(response.streaming_content)  # type: ignore[arg-type]
        status = response.status_code
        wrote = [each for each in statements if _counts(each)]
    found = []
    if status >= 500:
        found.append(str(status))
    if "Set-Cookie: a=b" in str(response.headers):
        found.append("a header of the caller's")
    if wrote and sent.method == "GET":
        found.append(wrote[0][:80])
    return found


def _counts(statement: str) -> bool:
    """Whether a statement writes data of the campaign: sign-ins and the trail go their way."""
    quiet = ("organisation_session", "core_audit", "axes_")
    return not any(name in statement[:60] for name in quiet)


### Reading


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


### Writing


def bodies(post: Post) -> Iterator[Sent]:
    """The example with one field after the other spoilt, and bodies that are no form."""
    good = {name: quote(str(value)) for name, value in post.example.data.items()}

    def form(**changes: str) -> bytes:
        return "&".join(f"{name}={value}" for name, value in (good | changes).items()).encode()

    unknown = "".join(f"&unknown={value}&{value}=1" for value in NASTY.values()).encode()
    yield Sent("unknown", "POST", post.address, body=form() + unknown)
    for name in NASTY.keys() - WORST if good else ():
        every = dict.fromkeys(good, NASTY[name])
        yield Sent(name, "POST", post.address, body=form(**every))
    for one in good:
        for name in SHORT:
            yield Sent(f"{one}={name}", "POST", post.address, body=form(**{one: NASTY[name]}))
    twice = form() + "".join(f"&{one}=2&{one}=3" for one in good).encode()
    yield Sent("thrice", "POST", post.address, body=twice)
    yield Sent("long", "POST", post.address, body=form(**dict.fromkeys(good, LONG)))
    yield Sent(
        "a megabyte", "POST", post.address, body=form(**{(list(good) or ["x"])[0]: MEGABYTE})
    )
    yield Sent("too much", "POST", post.address, body=b"x=" + b"a" * 3 * 10**6)
    yield Sent("5,000 fields", "POST", post.address, body=form() + b"&a=1" * 5_000)
    kind = next(_kinds)
    yield Sent(f"as {kind!r}", "POST", post.address, body=b"[" * 50_000, kind=kind)
    for name, (kind, body) in MULTIPARTS.items():
        if post.example.files or name == "a NUL in a name":
            yield Sent(name, "POST", post.address, body=body, kind=kind)


# What is no form at all is refused or read as an empty one: each address gets one of them.
_kinds = cycle(("application/json", "\x00", f"{FORM}; charset=utf-16-bogus"))
_PART = (
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n'
    b"Content-Type: %s\r\n\r\n%s\r\n"
)
MULTIPARTS = {
    "no boundary": ("multipart/form-data", b"--b\r\n"),
    "an empty boundary": ("multipart/form-data; boundary=", b"--b\r\n"),
    "a boundary that is none": ("multipart/form-data; boundary=\xe9", b"--b\r\n"),
    "cut off": (
        "multipart/form-data; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="a',
    ),
    "a NUL in a name": (
        "multipart/form-data; boundary=b",
        _PART % (b"a\x00.pdf", b"application/pdf", b"%PDF-") + b"--b--\r\n",
    ),
    "a path for a name": (
        "multipart/form-data; boundary=b",
        _PART % (b"../../../etc/passwd.pdf", b"a/b\x00", b"%PDF-1") + b"--b--\r\n",
    ),
    "a nameless file": (
        "multipart/form-data; boundary=b",
        _PART % (b"", b"x", b"%PDF-1") + b"--b--\r\n",
    ),
    "a long name": (
        "multipart/form-data; boundary=b",
        _PART % (b"a" * 5_000 + b".pdf", b"x", b"%PDF-1") + b"--b--\r\n",
    ),
    "a broken picture": (
        "multipart/form-data; boundary=b",
        _PART % (b"a.png", b"image/png", b"\x89PNG\r\n\x1a\n\x00\x00\xff") + b"--b--\r\n",
    ),
    "broken base64": (
        "multipart/form-data; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="a"\r\n%s\r\n\r\n=\xff=\r\n--b--\r\n'
        % b"Content-Transfer-Encoding: base64",
    ),
    "400 files": (
        "multipart/form-data; boundary=b",
        b"".join(_PART % (b"a.pdf", b"x", b"%PDF-") for _ in range(400)) + b"--b--\r\n",
    ),
}


def test_no_post_breaks_a_page_or_leaves_a_trace(world: World, objects: dict[str, Any]) -> None:
    sent_number, found = 0, {}
    for post in posts(world, objects):
        with undone():
            client = post.client()
            post.example.prepare()
            post.example.first(client)
            before = all_rows(*COUNTED)
            for sent in bodies(post):
                sent_number += 1
                if faults := _faults_of_post(client, sent, before):
                    found[f"{post.route} {sent.name}"] = faults
    assert found == {}
    assert sent_number > 500


# Refusals are written down, and a refused code is counted: the next one has to wait.
COUNTED = (*TRACES, "core.AuditEntry", "organisation.Authenticator")


def _faults_of_post(client: Client, sent: Sent, before: Any) -> list[str]:
    """A refused post must have left every row as it was."""
    with undone(client), writes() as statements:
        response = send(client, sent)
        wrote = any(_counts(each) for each in statements)
        kept = response.status_code < 400 or not wrote or not changed(before, all_rows(*COUNTED))
    found = [str(response.status_code)] if response.status_code >= 500 else []
    return found + ([] if kept else [f"{response.status_code}, and yet rows were written"])


### Hosts and ways out


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "localhost@evil.example",
        "localhost:80@evil",
        "a\x00b",
        "localhost evil",
        "",
        "[::1",
        "evil.example:80",
        "testserver/../evil",
    ],
)
def test_a_foreign_host_gets_no_page(world: World, host: str) -> None:
    """The name would come back in links and in the printed codes."""
    client = quiet_client(world, "office")
    for address in ("/", "/login/", reverse("evaluations:rate")):
        response = client.get(address, headers={"Host": host})
        assert response.status_code == 400
        assert "evil" not in response.text


OUTSIDE = (
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "http:evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "/%0d%0aLocation:%20//evil.example",
    "https:///evil.example",
    "%2f%2fevil.example",
    " //evil.example",
    "\t//evil.example",
    "ftp://evil.example",
)


INSIDE = "/inbox/?from=here"
WAYS = ("next", "url", "redirect", "return_to", "back")


def led_to(post: Post, there: str) -> list[str]:
    """Where the answer leads when everything in the request says to go ``there``."""
    with undone():
        client = post.client(headers={"referer": there, "hx-current-url": there})
        response = post.send(client, **dict.fromkeys(WAYS, there))
    leads = [response.get(name, "") for name in ("Location", "HX-Redirect", "HX-Location")]
    return [where for where in leads if where]


def test_no_way_leads_outside(world: World, objects: dict[str, Any]) -> None:
    """Neither the page after signing in, nor any other post that could be told where to go.

    Two of the ways are tried on every post, the others on those that go where they are told.
    """
    found, led = {}, set()
    for post in posts(world, objects):
        if INSIDE in led_to(post, INSIDE):
            led.add(post.route)
        for there in OUTSIDE if post.route in led else OUTSIDE[:2]:
            if leads := [where for where in led_to(post, there) if not _is_own(where)]:
                found[f"{post.route} {there}"] = leads
    assert found == {}
    assert "organisation:login" in led


@pytest.mark.parametrize("there", OUTSIDE)
def test_no_page_leads_outside(world: World, there: str) -> None:
    for page in ("/login/", "/"):
        response = client_of(world, "cadre").get(page, {"next": there})
        assert _is_own(response.get("Location", "/")), page


def _is_own(where: str) -> bool:
    """As a browser reads it, for which a backslash is a slash."""
    there = urlsplit(urljoin("http://testserver/login/", where.strip().replace("\\", "/")))
    return there.scheme == "http" and there.netloc == "testserver" and "\r" not in where
