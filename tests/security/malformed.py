"""What no request should hold, and what an answer to it must not be."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from django.http import HttpResponse
from django.test import Client

from tests.security.attack import FORM, undone, writes

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
        wrote = [each for each in statements if counts(each)]
    found = []
    if status >= 500:
        found.append(str(status))
    if "Set-Cookie: a=b" in str(response.headers):
        found.append("a header of the caller's")
    if wrote and sent.method == "GET":
        found.append(wrote[0][:80])
    return found


def counts(statement: str) -> bool:
    """Whether a statement writes data of the campaign: sign-ins and the trail go their way."""
    quiet = ("organisation_session", "core_audit", "axes_")
    return not any(name in statement[:60] for name in quiet)
