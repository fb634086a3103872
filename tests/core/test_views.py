"""The message box, and the pages that say what went wrong."""

import pytest
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries

from core import notices, views
from core.models import Job, Notice
from core.notices import Message
from organisation.models import User


def message(person: User, event: str = "a", title: str = "退回意见", url: str = "") -> Notice:
    notices.send([Message(event, person.pk, title, url=url)])
    return Notice.objects.get(event=event)


### The message box


def test_inbox_shows_ones_own_messages_only(person: User, stranger: User, client: Client) -> None:
    message(person, "a", "给甲的消息")
    message(stranger, "b", "给乙的消息")
    client.force_login(person)
    shown = client.get("/inbox/").content.decode()
    assert ("给甲的消息" in shown, "给乙的消息" in shown) == (True, False)


def test_empty_inbox_says_what_comes_here(person: User, client: Client) -> None:
    client.force_login(person)
    assert "没有消息" in client.get("/inbox/").content.decode()


def test_opening_marks_read_and_goes_there(person: User, client: Client) -> None:
    notice = message(person, url="/issues/7/?tab=history")
    client.force_login(person)
    response = client.post(f"/inbox/{notice.pk}/")
    assert (response.status_code, response["Location"]) == (302, "/issues/7/?tab=history")
    notice.refresh_from_db()
    assert notice.read_at is not None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "//evil.example",
        "///evil.example",
        "https://evil.example/",
        "http:evil.example",
        "javascript:alert(1)",
        "\\\\evil.example",
        "/\\evil.example",
    ],
)
def test_opening_never_leaves_the_site(person: User, client: Client, url: str) -> None:
    notice = message(person, url=url)
    client.force_login(person)
    response = client.post(f"/inbox/{notice.pk}/")
    assert (response.status_code, response["Location"]) == (302, "/inbox/")


def test_an_address_is_never_taken_for_a_name(person: User, client: Client) -> None:
    notice = message(person, url="somewhere")
    client.force_login(person)
    assert client.post(f"/inbox/{notice.pk}/")["Location"] == "somewhere"


def test_others_messages_cannot_be_opened(person: User, stranger: User, client: Client) -> None:
    notice = message(stranger)
    client.force_login(person)
    assert client.post(f"/inbox/{notice.pk}/").status_code == 404
    notice.refresh_from_db()
    assert notice.read_at is None


def test_read_all_is_ones_own(person: User, stranger: User, client: Client) -> None:
    message(person, "a")
    message(stranger, "b")
    client.force_login(person)
    assert client.post("/inbox/read-all/")["Location"] == "/inbox/"
    unread = Notice.objects.filter(read_at=None).values_list("person__username", flat=True)
    assert list(unread) == ["stranger"]


### The row of a job


@pytest.mark.parametrize("state", [Job.State.QUEUED, Job.State.DONE, Job.State.FAILED])
@pytest.mark.parametrize("refresh", ["", "?refresh=1"])
def test_the_end_of_a_job_reloads_the_page_that_asked_for_it(
    person: User, job: Job, client: Client, state: str, refresh: str
) -> None:
    Job.objects.filter(pk=job.pk).update(state=state)
    client.force_login(person)
    response = client.get(f"/jobs/{job.pk}/{refresh}")
    finished = state != Job.State.QUEUED
    assert response.status_code == 200
    assert response.get("HX-Refresh") == ("true" if finished and refresh else None)
    asks_again = f'hx-get="/jobs/{job.pk}/{refresh}"' in response.content.decode()
    assert asks_again is not finished


### What went wrong


@pytest.mark.parametrize(
    ("view", "status", "heading"),
    [
        (views.bad_request, 400, "这个请求无法处理"),
        (views.forbidden, 403, "没有权限"),
        (views.form_expired, 403, "页面已过期"),
        (views.not_found, 404, "找不到这个页面"),
        (views.server_error, 500, "系统出错了"),
    ],
    ids=["400", "403", "csrf", "404", "500"],
)
def test_error_pages_need_no_database(view: object, status: int, heading: str) -> None:
    """No ``db`` fixture here: a query would raise, as when the database is down."""
    request = RequestFactory().get("/")
    request.user = User(pk=1, username="a", name="甲")
    response = view(request)
    assert response.status_code == status
    assert f'<h1 class="empty-title">{heading}</h1>' in response.content.decode()


def test_error_page_of_a_signed_in_person_asks_nothing_for_itself(
    person: User, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(person)
    with django_assert_num_queries(0):
        assert client.get("/nowhere/").status_code == 404


def test_forbidden_tells_its_reason() -> None:
    shown = views.forbidden(RequestFactory().get("/"), PermissionError("由<b>作风办</b>办理。"))
    assert "由&lt;b&gt;作风办&lt;/b&gt;办理。" in shown.content.decode()


def test_a_form_without_its_token_is_answered_in_chinese(person: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    response = client.post("/inbox/read-all/")
    assert response.status_code == 403
    assert "没有保存。请重新打开页面后再提交。" in response.content.decode()
