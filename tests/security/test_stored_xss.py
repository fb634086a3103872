"""What somebody wrote stays text on every page that shows it (IN02, X46).

A real browser opens every page with attacks in every text of every row. The pages come
from this process, with their own headers; so the browser enforces the product's policy.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from mimetypes import guess_type

import pytest
from django.contrib.staticfiles.finders import find
from django.db import models
from django.http import HttpResponse
from playwright.sync_api import Page, Route, sync_playwright

from tests.conftest import CHROMIUM_FLAGS, policy_violations
from tests.security.attack import places, quiet_client, undone
from tests.security.cities import Cities, write_everywhere

HOST = "http://testserver"
READERS = ("cadre", "office", "security_admin")
# The number of the row keeps what has to be unique apart.
LONG = (
    "<script>alert({0})</script>",
    "<img src=x onerror=alert({0})>",
    '"><svg onload=alert({0})>',
    "'><body onload=alert({0})>",
    "</textarea><script>alert({0})</script>",
    '" autofocus onfocus=alert({0}) x="',
    "javascript:alert({0})",
    "</script><script>alert({0})</script>",
    "<a href=javascript:alert({0})>x</a>",
    "{{{{7*7}}}}<u>{0}</u>",
)
SHORT = "<u>{0}<i>"  # fits a column of 20 signs
RAW = ("<script>alert(", "<img src=x", "<svg onload", "<body onload", "<a href=javascript", "<u>")

_attacks = cycle(enumerate(LONG * 100))


def attack(owner: int, column: str, row: models.Model) -> str:
    """The next attack that the column has room for."""
    written = f"{row._meta.label}.{column.rpartition('.')[2]}" == column
    limit = row._meta.get_field(column.rpartition(".")[2]).max_length if written else None
    room = limit or 1_000
    for _ in LONG:
        number, text = next(_attacks)
        if len(found := text.format(f"{number}{row.pk}"[:9])) <= room:
            return found
    return SHORT.format(row.pk)[:room]


@pytest.fixture
def attacked(cities: Cities) -> Cities:
    write_everywhere(cities, attack)
    return cities


def answers(cities: Cities, name: str) -> dict[str, HttpResponse]:
    """Every page of the table as this person gets it, by its address."""
    client = quiet_client(cities.world, name)
    found = {}
    for place in places(cities.objects[0], "GET"):
        with undone(client):
            response = client.get(place.address)
        if not response.streaming and "text/html" in response.get("Content-Type", ""):
            found[place.address] = response
    return found


def test_no_attack_becomes_a_tag(attacked: Cities) -> None:
    """In the text of the pages, without a browser: also what no browser would run."""
    shown, raw = 0, {}
    for name in READERS:
        for address, response in answers(attacked, name).items():
            shown += response.text.count("&lt;")
            if found := [tag for tag in RAW if tag in response.text]:
                raw[f"{name}: {address}"] = found
    assert raw == {}
    assert shown > 100


def browsed(*readings: dict[str, HttpResponse]) -> list[str]:
    """What happens in a browser that opens all of them, one reader's after the other's, and
    should not.

    In a thread of its own: where Playwright runs its loop, Django takes another connection.
    """
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    path = path or shutil.which("google-chrome")
    if not path:
        pytest.skip("no Chromium on this machine")
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(_browse, path, readings).result()


def _browse(path: str, readings: Sequence[dict[str, HttpResponse]]) -> list[str]:
    happened: list[str] = []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        page = started.new_context(base_url=HOST).new_page()
        page.on("dialog", lambda dialog: (happened.append("dialog"), dialog.dismiss()))
        page.on("console", lambda message: happened.extend(policy_violations(message)))
        page.on("pageerror", lambda error: happened.append(str(error)))
        for pages in readings:
            page.unroute_all()
            serve(page, pages)
            for address in pages:
                before = len(happened)
                page.goto(address, wait_until="load")
                happened[before:] = [f"{address}: {what}" for what in happened[before:]]
        started.close()
    return happened


def serve(page: Page, pages: dict[str, HttpResponse]) -> None:
    """Answer the browser out of what was rendered, and out of the static files."""

    def answer(route: Route) -> None:
        address = route.request.url.removeprefix(HOST)
        if address in pages:
            response = pages[address]
            route.fulfill(status=200, headers=dict(response.headers), body=response.content)
        elif address.endswith((".css", ".woff2", ".svg", ".png")):
            route.fulfill(status=204)  # only scripts could do harm
        elif address.startswith("/static/") and (file := find(_path(address))):
            route.fulfill(path=str(file), content_type=guess_type(str(file))[0] or "")
        else:
            route.fulfill(status=204)

    page.route("**/*", answer)


def _path(address: str) -> str:
    return address.partition("?")[0].removeprefix("/static/")


def test_no_attack_runs_in_a_browser(attacked: Cities) -> None:
    shown = [
        {address: page for address, page in answers(attacked, name).items() if "&lt;" in page.text}
        for name in READERS
    ]
    assert browsed(*shown) == []
    assert sum(map(len, shown)) > 30


def test_the_browser_would_say_so() -> None:
    """A page that shows an attack as it is: the policy stops it, and that is seen; without
    the policy it runs."""
    guarded = HttpResponse("<img src=x onerror=alert(1)>")
    guarded["Content-Security-Policy"] = "script-src 'self'"
    happened = browsed({"/guarded": guarded, "/open": HttpResponse("<script>alert(2)</script>")})
    assert any(each.startswith("/guarded") and "Security Policy" in each for each in happened)
    assert "/open: dialog" in happened
