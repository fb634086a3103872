"""What the trail learns from requests: the address of an act, and every refusal."""

import logging
from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import resolve, reverse

from core import audit
from core.middleware import AuditOriginMiddleware
from core.models import AuditEntry
from core.views import forbidden, form_expired
from organisation.models import User
from tests.personas import World

Refusal = Callable[[HttpRequest], HttpResponse]


@pytest.fixture
def person(db: None) -> User:
    return User.objects.create(username="person", name="甲")


def entries() -> list[tuple[int | None, str, dict[str, str], str]]:
    found = AuditEntry.objects.filter(act__startswith="access.").order_by("id")
    return list(found.values_list("actor_id", "act", "detail", "address"))


def asked(user: object, path: str = "/visits/") -> HttpRequest:
    request = RequestFactory().post(f"{path}?name=张三", REMOTE_ADDR="10.1.2.3")
    request.user = user  # type: ignore[assignment]
    return request


def test_a_refusal_is_kept_with_its_address_and_without_the_query(world: World) -> None:
    client = world.client(world.system_admin)
    answer = client.get(reverse("visits:target-list"), {"name": "张三"}, REMOTE_ADDR="10.1.2.3")
    assert answer.status_code == 403
    detail = {"path": "/visits/", "method": "GET"}
    assert entries() == [(world.system_admin.pk, "access.denied", detail, "10.1.2.3")]


def test_an_expired_form_is_kept(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.cadre)
    assert client.post(reverse("core:read-all-notices")).status_code == 403
    assert [row[:2] for row in entries()] == [(world.cadre.pk, "access.form_expired")]


@pytest.mark.parametrize("refuse", [forbidden, form_expired])
def test_nothing_is_kept_of_who_is_not_signed_in(refuse: Refusal, db: None) -> None:
    assert refuse(asked(AnonymousUser())).status_code == 403
    assert entries() == []


@pytest.mark.parametrize("refuse", [forbidden, form_expired])
def test_nothing_is_kept_on_a_public_page(refuse: Refusal, person: User) -> None:
    """Or the trail would say who was at the ballot."""
    request = asked(person, reverse("evaluations:rate"))
    request.resolver_match = resolve(request.path)
    assert refuse(request).status_code == 403
    assert entries() == []
    request.resolver_match = resolve(reverse("visits:target-list"))
    refuse(request)
    assert len(entries()) == 1


def test_a_path_of_control_characters_is_kept_harmless(person: User) -> None:
    forbidden(asked(person, "/x%00%0A张/" + "y" * 300))
    path = entries()[0][2]["path"]
    assert path == ("/x%00%0A%E5%BC%A0/" + "y" * 300)[:200]


def test_the_error_page_comes_when_the_trail_cannot_be_written(
    person: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(entries: object) -> None:
        raise DatabaseError("no space left")

    monkeypatch.setattr(audit, "_append", broken)
    with caplog.at_level(logging.ERROR):
        answer = forbidden(asked(person), PermissionError("您没有这个权限。"))
    assert (answer.status_code, "您没有这个权限。" in answer.content.decode()) == (403, True)
    assert [record.getMessage() for record in caplog.records] == [
        "a refusal could not be written to the audit trail"
    ]


def test_the_address_comes_with_the_request_and_goes_with_it(person: User) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        audit.record_alone(actor=person, act="access.test", subject=person)
        return HttpResponse()

    AuditOriginMiddleware(view)(asked(person))
    audit.record_alone(actor=person, act="access.test", subject=person)
    assert [row[3] for row in entries()] == ["10.1.2.3", ""]


def test_a_public_page_asks_for_no_session(world: World) -> None:
    """A signed-in person's cookie on the ballot page: neither a row nor an address."""
    client = world.client(world.cadre)
    before = AuditEntry.objects.count()
    client.get(reverse("evaluations:rate"), REMOTE_ADDR="10.1.2.3")
    assert AuditEntry.objects.count() == before
    assert not AuditEntry.objects.exclude(address="").exists()
