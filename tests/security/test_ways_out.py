"""No host but ours, and no way that leads to another (IN05)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.urls import reverse

from tests.architecture.test_routes import client_of
from tests.personas import World
from tests.security.attack import quiet_client, undone
from tests.security.examples import Post, posts


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
