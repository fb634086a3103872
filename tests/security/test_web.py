"""What every answer carries, what no answer holds, and what a forged request cannot do
(WB01-WB04, X51)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from unittest import mock
from urllib.parse import unquote_plus

from django.http import HttpResponse
from django.test import Client

from tests.architecture.packages import ROOT
from tests.architecture.routes import PERSONAS
from tests.architecture.test_routes import client_of
from tests.core.test_pages_headers import POLICY, policy
from tests.personas import PASSWORD, World
from tests.searching import SEALED
from tests.security.attack import (
    FORM,
    all_rows,
    body_of,
    changed,
    places,
    quiet_client,
    undone,
    writes,
)
from tests.security.cities import Cities, write_everywhere
from tests.security.examples import posts
from tests.security.test_canaries import COLUMNS, PHONES, mark, marks_in

TEMPLATES = ROOT / "templates"
SOME = ("anonymous", "cadre", "office", "audit_admin")
OWN_PAGES = {
    400: "这个请求无法处理",
    403: "没有权限|页面已过期|请先退出登录",
    404: "找不到这个页面",
    405: "不能这样打开",
    500: "系统出错了",
}


def answers(
    world: World, objects: Any, persona: str, **options: Any
) -> Iterator[tuple[str, HttpResponse]]:
    """Each address of the table with each method, and what is refused before any view."""
    client = quiet_client(world, persona)
    client.defaults |= options
    for place in places(objects):
        for method in (place.method, "PATCH")[: 1 + (place.on == "-")]:
            with undone(client):
                yield (
                    f"{persona}: {method} {place.address}",
                    client.generic(method, place.address, content_type=FORM),
                )
    for address in ("/nowhere/", "/inbox/?after=x", "/%00"):
        yield f"{persona}: GET {address}", client.get(address)
    yield f"{persona}: a foreign host", client.get("/", headers={"host": "evil.example"})
    client.handler.load_middleware()
    client.handler._view_middleware.insert(0, _break)
    yield f"{persona}: an error", client.get("/login/")


def _break(*args: object) -> None:
    raise RuntimeError("broken on purpose")


def faults_of(response: HttpResponse) -> set[str]:
    """The headers that are missing or weaker than they should be."""
    wanted = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    found = {name for name, value in wanted.items() if response.get(name) != value}
    if policy(response.get("Content-Security-Policy", "")) != POLICY:
        found.add("Content-Security-Policy")
    if "no-store" not in response.get("Cache-Control", ""):
        found.add("Cache-Control")
    length = response.get("Content-Length", "")
    if length and not response.streaming and int(length) != len(response.content):
        found.add("Content-Length")  # a browser would cut it
    return found


def test_every_answer_carries_the_headers_and_is_a_page_of_ours(world: World, objects: Any) -> None:
    """Refusals are in Chinese too, and without a word of the framework's."""
    faults, strange, statuses = {}, {}, set()
    for persona in SOME:
        for name, response in answers(world, objects, persona):
            statuses.add(response.status_code)
            if found := faults_of(response):
                faults[name] = found
            if not _is_own_page(response):
                strange[name] = response.status_code
    assert (faults, strange) == ({}, {})
    assert {200, 302, 400, 403, 404, 405, 500} <= statuses


def _is_own_page(response: HttpResponse) -> bool:
    is_text = not response.streaming and response["Content-Type"].startswith("text/")
    text = response.content.decode() if is_text else ""
    own = OWN_PAGES.get(response.status_code, "")
    foreign = re.search(r"Traceback|Django|Not Found|Bad Request|Forbidden|Not Allowed", text)
    return not foreign and (not own or bool(re.search(f"<h1[^>]*>({own})", text)))


### Over https

HTTPS = {"HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_FOR": "192.0.2.7"}


def test_over_https_everything_stays_there(world: World, objects: Any, https: None) -> None:
    faults = {}
    for persona in ("anonymous", "office"):
        for name, response in answers(world, objects, persona, **HTTPS):
            age = response.get("Strict-Transport-Security", "")
            if "max-age=31536000" not in age or faults_of(response):
                faults[name] = age
    assert faults == {}


def test_cookies_are_bound_to_the_host(world: World, https: None) -> None:
    client = Client()
    client.post("/login/", {"username": "cadre", "password": PASSWORD}, **HTTPS)
    client.get("/account/password/", **HTTPS)
    assert {"__Host-sessionid", "__Host-csrftoken"} <= set(client.cookies)
    for name, cookie in client.cookies.items():
        if cookie.value:
            assert name.startswith("__Host-"), name
            assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")
            assert cookie["httponly"]
            assert cookie["samesite"] in ("Lax", "Strict")


def test_without_https_one_is_sent_there(world: World, https: None) -> None:
    assert Client().get("/login/")["Location"].startswith("https://")


### Forged requests


def test_no_post_without_its_token(world: World, objects: Any) -> None:
    """Every valid post, sent by another site: the browser brings the cookies, not the token."""
    through = {}
    for post in posts(world, objects):
        with undone():
            client = post.client()
            post.example.prepare()
            post.example.first(client)
            client.handler.enforce_csrf_checks = True
            for headers in ({}, {"x-csrftoken": "0" * 32}, {"origin": "https://evil.example"}):
                with writes() as statements:
                    response = client.post(post.address, post.example.data, headers=headers)
                wrote = [sql for sql in statements if not _is_meant(sql)]
                if response.status_code != 403 or wrote:
                    through[f"{post.route} {headers}"] = (response.status_code, wrote)
    assert through == {}


def test_no_other_method_without_a_token(world: World, objects: Any) -> None:
    client = client_of(world, "office")
    client.handler.enforce_csrf_checks = True
    for place in places(objects):
        for method in ("PUT", "DELETE", "PATCH"):
            assert client.generic(method, place.address).status_code == 403, place


def test_with_the_token_the_post_goes_through(world: World, objects: Any) -> None:
    """So that what stops the forged ones is the token and nothing else."""
    (post,) = [post for post in posts(world, objects) if post.route == "issues:issue-create"]
    client = post.client(enforce_csrf_checks=True)
    client.get(post.address)
    token = client.cookies["csrftoken"].value
    assert client.post(post.address, post.example.data).status_code == 403
    assert (
        client.post(post.address, post.example.data | {"csrfmiddlewaretoken": token}).status_code
        == 302
    )


### Reading writes nothing


# Written on purpose: when a sign-in was last used, and who fetched or was refused what.
MEANT = {"organisation.Session", "core.AuditEntry", "core.AuditHead"}


def test_reading_changes_nothing(world: World, objects: Any) -> None:
    clients = {persona: quiet_client(world, persona) for persona in PERSONAS}
    before, wrote = all_rows(*MEANT), {}
    for persona, client in clients.items():
        for place in places(objects, "GET"):
            for method in ("GET", "HEAD") if persona == "office" else ("GET",):
                with writes() as statements:
                    response = client.generic(method, place.address)
                    body_of(response)
                other = [sql for sql in statements if not _is_meant(sql)]
                if other:
                    wrote[f"{persona}: {method} {place.address}"] = other[0][:100]
    assert wrote == {}
    assert changed(before, all_rows(*MEANT)) == set()


def _is_meant(statement: str) -> bool:
    return bool(
        re.match(
            r'(UPDATE|INSERT INTO|DELETE FROM) "(organisation_session|core_audit\w+)"', statement
        )
    )


### Addresses


# A telephone number may stand in the link that calls it.
LINKS = re.compile(rb'(?:href|src|action|hx-get|hx-post|data-[\w-]*url)="(?!tel:)([^"]*)"')
PERSONAL = {"organisation.User.name", "organisation.User.username", "visits.Target.name"} | PHONES


def test_no_address_holds_a_person(cities: Cities) -> None:
    """Neither in a link nor in a redirect: addresses are kept in histories and logs (WB04)."""
    write_everywhere(cities, mark)
    assert set(COLUMNS) >= PERSONAL
    seen, found = 0, {}
    world = cities.world
    for persona in ("cadre", "office", "liaison", "system_admin"):
        client = world.client(getattr(world, persona))
        for place in places(cities.objects[0]):
            with undone(client):
                response = client.generic(place.method, place.address, content_type=FORM)
                links = [] if response.streaming else LINKS.findall(response.content)
            links.append(response.get("Location", "").encode())
            seen += len(links)
            named = {column for link in links for _, column in marks_in(link) if column in PERSONAL}
            if named:
                found[f"{persona}: {place}"] = named
    assert found == {}
    assert seen > 500


def test_what_is_looked_for_does_not_come_into_an_address(world: World, objects: Any) -> None:
    """Neither a name nor a number, plain or encoded (WB04)."""
    tried = set()
    for post in posts(world, objects):
        if not post.route.endswith("-search"):
            continue
        tried.add(post.route)
        for sought in ("13912345678", "张三"):
            with undone():
                response = post.send(**dict.fromkeys(SEALED, sought))
            assert sought not in unquote_plus(response.get("Location", "")), post.route
    assert len(tried) == 13


def test_no_box_is_sent_by_get() -> None:
    """What is typed into such a form stands in the address."""
    pages = {path.name: path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html")}
    assert [name for name, page in pages.items() if _sent_by_get(page)] == []
    assert _sent_by_get('<form class="filters" role="search">')
    assert _sent_by_get('<form method="GET">')


def _sent_by_get(page: str) -> bool:
    html = re.sub(r"{%.*?%}", "", page)
    return any('method="post"' not in form for form in re.findall(r"<form[^>]*>", html))


def test_the_control_sees_a_page_without_its_headers(world: World) -> None:
    with mock.patch.dict("django.conf.settings.CONTENT_SECURITY_POLICY", {"DIRECTIVES": {}}):
        assert "Content-Security-Policy" in faults_of(Client().get("/login/"))
