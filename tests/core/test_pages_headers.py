"""What every page tells the browser: run nothing foreign, keep nothing, be framed by nobody."""

import pytest
from django.test import Client

from organisation.models import User

POLICY = {
    "default-src": {"'none'"},
    "script-src": {"'self'"},
    "style-src": {"'self'"},
    "img-src": {"'self'", "data:"},
    "font-src": {"'self'"},
    "connect-src": {"'self'"},
    "form-action": {"'self'"},
    "base-uri": {"'none'"},
    "frame-ancestors": {"'none'"},
}
PAGES = {"/": 200, "/inbox/": 200, "/nowhere/": 404, "/inbox/?after=x": 400, "/rounds/": 403}


def policy(header: str) -> dict[str, set[str]]:
    parts = [part.split() for part in header.split(";") if part.strip()]
    return {name: set(sources) for name, *sources in parts}


@pytest.mark.parametrize(("page", "status"), PAGES.items())
def test_headers_of_pages_behind_the_login(
    person: User, client: Client, page: str, status: int
) -> None:
    client.force_login(person)
    check_headers(client, page, status)


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["/login/", "/healthz", "/rate/"])
def test_headers_of_public_pages(client: Client, page: str) -> None:
    check_headers(client, page, 200)


def check_headers(client: Client, page: str, status: int) -> None:
    response = client.get(page)
    assert response.status_code == status
    assert policy(response["Content-Security-Policy"]) == POLICY
    assert "no-store" in response["Cache-Control"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.django_db
def test_cookies_are_out_of_reach_of_scripts(client: Client) -> None:
    client.get("/login/")
    assert client.cookies["csrftoken"]["httponly"] is True
    assert client.cookies["csrftoken"]["samesite"] == "Lax"
