"""Keyset paging: nothing lost, nothing twice, whatever is added meanwhile."""

import random

import pytest
from django.core.exceptions import SuspiciousOperation
from django.http import QueryDict
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from core.models import Notice
from core.paging import NEWEST, Order, Page, page_of
from organisation.models import User


def add(person: User, number: int) -> None:
    start = Notice.objects.count()
    Notice.objects.bulk_create(
        Notice(event=str(start + n), person=person, title="消息") for n in range(number)
    )


def page(query: str = "") -> Page:
    request = RequestFactory().get(f"/inbox/{query}")
    return page_of(Notice.objects.all(), request)


def walk(between: object = lambda: None) -> list[int]:
    """All rows page by page; ``between`` runs after each page."""
    seen: list[int] = []
    query = ""
    while True:
        shown = page(query)
        seen += [row.pk for row in shown]
        if not shown.following:
            return seen
        query = shown.following
        between()


@pytest.mark.parametrize("number", [0, 1, 4, 5, 6, 10, 11, 23])
def test_every_row_once_newest_first(person: User, settings: Settings, number: int) -> None:
    settings.PAGE_SIZE = 5
    add(person, number)
    expected = list(Notice.objects.order_by("-id").values_list("id", flat=True))
    assert walk() == expected


def test_rows_added_while_reading_neither_shift_nor_double(
    person: User, settings: Settings
) -> None:
    settings.PAGE_SIZE = 5
    add(person, 23)
    expected = list(Notice.objects.order_by("-id").values_list("id", flat=True))
    chance = random.Random(7)
    assert walk(lambda: add(person, chance.randrange(8))) == expected


def test_counting_pages_would_show_rows_twice(person: User) -> None:
    """The control turned off: with an offset, new rows push old ones onto the next page."""
    add(person, 10)
    rows = Notice.objects.order_by("-id").values_list("id", flat=True)
    first = list(rows[:5])
    add(person, 2)
    assert len(set(first) & set(rows[5:10])) == 2


def test_rows_removed_while_reading_lose_no_other(person: User, settings: Settings) -> None:
    settings.PAGE_SIZE = 5
    add(person, 15)
    everything = set(Notice.objects.values_list("id", flat=True))
    gone: set[int] = set()

    def remove() -> None:
        oldest, newest = Notice.objects.order_by("id").first(), Notice.objects.order_by("id").last()
        for row in (oldest, newest):
            gone.add(row.pk)
            row.delete()

    seen = walk(remove)
    assert len(seen) == len(set(seen))
    assert everything - set(seen) <= gone


def test_links_keep_the_other_parameters(person: User, settings: Settings) -> None:
    settings.PAGE_SIZE = 5
    add(person, 11)
    first = page("?state=left&q=前关村")
    assert first.first == ""
    last_shown = first.rows[-1].pk
    following = QueryDict(first.following.removeprefix("?"))
    assert following.dict() == {"state": "left", "q": "前关村", "after": str(last_shown)}
    second = page(first.following)
    assert QueryDict(second.first.removeprefix("?")).dict() == {"state": "left", "q": "前关村"}


@pytest.mark.parametrize("after", ["x", "-1", "1.5", "1e3", "9" * 20, "9" * 5000, "1 or 1=1"])
@pytest.mark.django_db
def test_a_position_that_is_no_id_is_refused(after: str) -> None:
    with pytest.raises(SuspiciousOperation):
        page(f"?after={after}")


def test_a_bad_position_is_answered_with_400_in_chinese(person: User, client: Client) -> None:
    client.force_login(person)
    response = client.get("/inbox/?after=x")
    assert response.status_code == 400
    assert "这个请求无法处理" in response.content.decode()


def test_the_largest_position_shows_the_first_page(person: User) -> None:
    add(person, 2)
    assert len(page("?after=" + "9" * 19)) == 2


### One comparison, which an index answers


def far_in(order: Order, after: str) -> str:
    """The statement of the page after the position, on both databases alike."""
    (part, *_) = order.parts(Notice.objects.all(), after)
    return str(part.query)


def test_a_position_is_compared_as_a_row_and_not_by_an_or(person: User) -> None:
    sql = far_in(Order("person_id"), "3~7")
    where = sql.partition("WHERE")[2]
    assert '("core_notice"."person_id", "core_notice"."id") > (3, 7)' in where
    assert " OR " not in where
    assert '"core_notice"."id" < 7' in far_in(NEWEST, "7")
