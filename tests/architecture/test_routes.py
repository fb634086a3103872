"""Every address tried by every person, against the table in routes.py."""

import re
from http.cookies import SimpleCookie

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.architecture.objects import Arguments
from tests.architecture.packages import ROOT
from tests.architecture.routes import PERSONAS, cells, rows
from tests.personas import World

INLINE_SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)(?![^>]*application/json)[^>]*>", re.I)
INLINE_STYLE = re.compile(r"<style\b|<[^>]*\s(?:style|on[a-z]+)=", re.I)
FORM = "application/x-www-form-urlencoded"
SPRITE = re.compile(r"icons\.svg#([\w-]+)")


def url_names() -> set[str]:
    names: set[str] = set()
    for entry in get_resolver().url_patterns:
        assert isinstance(entry, URLResolver), f"{entry} stands outside an app"
        names |= {f"{entry.app_name}:{name}" for name in names_below(entry)}
    return names


def names_below(entry: URLResolver | URLPattern) -> list[str]:
    if isinstance(entry, URLPattern):
        return [str(entry.name)]
    return [name for each in entry.url_patterns for name in names_below(each)]


def test_every_address_stands_in_the_table() -> None:
    assert {route for route, *_ in rows()} == url_names()


def test_the_matrix_is_large() -> None:
    """Persona × route × method; it grows with every address."""
    assert len(cells()) * len(PERSONAS) >= 2_000


@pytest.fixture
def addresses(objects: Arguments) -> list[tuple[str, str, str, dict[str, int]]]:
    """The table's rows as (row's name, address, method, status by person)."""
    return [
        (f"{method} {route} {on}", reverse(route, args=objects[on]), method, expected)
        for route, on, method, expected in cells()
    ]


def client_of(world: World, persona: str) -> Client:
    return Client() if persona == "anonymous" else world.client(getattr(world, persona))


def ask(client: Client, method: str, address: str) -> HttpResponse:
    """The answer to one request, whose effects are undone at once, in the browser too."""
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    with transaction.atomic():
        response = client.generic(method, address, content_type=FORM)
        transaction.set_rollback(True)
    client.cookies = SimpleCookie(cookies)
    return response


@pytest.mark.parametrize("persona", PERSONAS)
def test_everybody_gets_what_the_table_says(
    world: World, addresses: list[tuple[str, str, str, dict[str, int]]], persona: str
) -> None:
    wrong = {}
    client = client_of(world, persona)
    for name, address, method, expected in addresses:
        response = ask(client, method, address)
        if response.status_code != expected[persona]:
            wrong[name] = f"{response.status_code} instead of {expected[persona]}"
    assert wrong == {}


def test_without_sign_in_every_way_leads_to_the_login(
    addresses: list[tuple[str, str, str, dict[str, int]]],
) -> None:
    """302 alone would not say where to; second steps begin at their own first page."""
    astray = {}
    for name, address, method, expected in addresses:
        response = ask(Client(), method, address)
        if expected["anonymous"] == 302 and not response["Location"].startswith("/login/?next="):
            astray[name] = response["Location"]
    assert astray == {
        "GET evaluations:ballot -": "/rate/",
        "GET organisation:login-code -": "/login/?why=code",
        "POST organisation:login-code -": "/login/?why=code",
    }


def test_pages_hold_nothing_that_the_browser_refuses(
    world: World, addresses: list[tuple[str, str, str, dict[str, int]]]
) -> None:
    """What forms, tags and packages add is seen only in the page itself."""
    known = (ROOT / "static" / "icons.txt").read_text().split()
    faults: dict[str, set[str]] = {}
    for persona in ("anonymous", "cadre", "office", "system_admin"):
        client = client_of(world, persona)
        for name, address, method, expected in addresses:
            if expected[persona] not in {200, 422}:
                continue
            response = ask(client, method, address)
            if response.streaming or "text/html" not in response.get("Content-Type", ""):
                continue
            page = response.content.decode()
            found = set(INLINE_SCRIPT.findall(page)) | set(INLINE_STYLE.findall(page))
            found |= set(SPRITE.findall(page)) - set(known)
            if found:
                faults[f"{persona}: {name}"] = found
    assert faults == {}
