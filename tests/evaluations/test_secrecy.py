"""Attacks on the secrecy of a rating, with the whole database and the logs in hand.

The adversary of the first tests holds a complete dump. If two worlds in which the same
codes gave the same grades in another assignment leave the same dump, no reading of it can
tell who gave what. Each attack is also run against a product that leaks, to show that it
would be noticed.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection, transaction
from django.test import Client

from core.models import Job
from evaluations import services, tasks
from evaluations.choices import Grade, RaterGroup
from evaluations.models import Code, Round, Tally
from tests.evaluations.conftest import County, cast, codes_for, group_of

GIVEN = [5, 5, 4, 4, 4, 3, 3, 2, 2, 1, 0, 5]
OTHERWISE = [0, 1, 2, 2, 3, 3, 4, 4, 4, 5, 5, 5]
BALLOTS = len(GIVEN)
Dump = dict[str, list[tuple[object, ...]]]


class RolledBack(Exception):
    """Ends a world without a trace in the next one."""


@contextmanager
def world() -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
            raise RolledBack
    except RolledBack:
        pass


def dump() -> Dump:
    """Every row of every table with every column, SQLite's hidden row number included."""
    hidden = "rowid, " if connection.vendor == "sqlite" else ""
    found: Dump = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT {hidden}* FROM "{table}"')
            found[table] = sorted(cursor.fetchall(), key=repr)
    return found


def dump_after(
    rating: Round, grades: list[int], also: Callable[[str, int], None] = lambda code, grade: None
) -> Dump:
    """The dump of a world in which each code gave its grade."""
    with world():
        codes = codes_for(group_of(rating), BALLOTS)
        for code, grade in zip(codes, grades, strict=True):
            cast(code, Grade(grade))
            also(code, grade)
        return dump()
    raise AssertionError


def test_who_gave_which_grade_leaves_no_mark_in_the_database(opened: Round) -> None:
    assert sorted(GIVEN) == sorted(OTHERWISE)
    assert dump_after(opened, GIVEN) == dump_after(opened, OTHERWISE)


@pytest.mark.parametrize(
    "columns", ["(code TEXT, grade INTEGER, at TIMESTAMP)", "(grade INTEGER, at TIMESTAMP)"]
)
def test_the_attack_sees_a_row_for_each_ballot(opened: Round, columns: str) -> None:
    """Control: a ballot row with a time gives itself away, with the code and without."""

    def leak(code: str, grade: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TABLE IF NOT EXISTS ballot {columns}")
            values = [grade, f"2026-11-22 10:00:{services.ALPHABET.index(code[2]):02}"]
            values = [code, *values] if "code" in columns else values
            marks = ", ".join(["%s"] * len(values))
            cursor.execute(f"INSERT INTO ballot VALUES ({marks})", values)

    assert dump_after(opened, GIVEN, leak) != dump_after(opened, OTHERWISE, leak)


def test_a_ballot_makes_no_row_and_touches_only_used_and_count(opened: Round) -> None:
    codes = codes_for(group_of(opened), BALLOTS)
    before = dump()
    for code, grade in zip(codes, GIVEN, strict=True):
        cast(code, Grade(grade))
    after = dump()
    assert {table: len(rows) for table, rows in after.items()} == {
        table: len(rows) for table, rows in before.items()
    }
    changed = {table for table in before if before[table] != after[table]}
    assert changed == {"evaluations_code", "evaluations_tally"}


def test_no_table_that_a_ballot_touches_holds_a_person_or_a_time() -> None:
    fields = {
        f"{model._meta.model_name}.{field.name}": field.get_internal_type()
        for model in (Code, Tally)
        for field in model._meta.concrete_fields
    }
    assert fields == {
        "code.hash": "CharField",
        "code.round_group": "ForeignKey",
        "code.batch": "UUIDField",
        "code.used": "BooleanField",
        "tally.id": "BigAutoField",
        "tally.round_group": "ForeignKey",
        "tally.dimension": "CharField",
        "tally.grade": "PositiveSmallIntegerField",
        "tally.count": "PositiveIntegerField",
    }


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no xmin")
def test_every_counter_of_a_group_carries_the_same_xmin(
    transactional_db: None, opened: Round
) -> None:
    group = group_of(opened)
    for code, grade in zip(codes_for(group, BALLOTS), GIVEN, strict=True):
        cast(code, Grade(grade))
        assert len(_xmins(group.pk)) == 1
    Tally.objects.filter(round_group=group, grade=1).update(count=1)  # control
    assert len(_xmins(group.pk)) == 2


def _xmins(group: int) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT xmin::text FROM evaluations_tally WHERE round_group_id = %s", [group]
        )
        return {row[0] for row in cursor.fetchall()}


def rate_in_browser(code: str, client: Client | None = None) -> Client:
    """The whole way of a rater: code, ballot, thanks."""
    client = client or Client(REMOTE_ADDR="203.0.113.7", HTTP_USER_AGENT="SENTINEL-PHONE")
    client.get("/rate/")
    assert client.post("/rate/", {"code": code}).status_code == 200
    answer = client.post("/rate/ballot/", {"code": code, "rectification": "4", "style": "2"})
    assert (answer.status_code, answer["Location"]) == (302, "/rate/thanks/")
    assert client.get("/rate/thanks/").status_code == 200
    return client


def test_rating_leaves_no_session_no_cookie_and_no_log(
    opened: Round, caplog: pytest.LogCaptureFixture
) -> None:
    used, fresh = codes_for(group_of(opened), 2)
    before = dump()
    with caplog.at_level(logging.DEBUG):
        client = rate_in_browser(used)
        client.post("/rate/", {"code": used})
        client.post("/rate/", {"code": "Z" * 26})
        client.post("/rate/ballot/", {"code": used, "rectification": "4", "style": "2"})
        client.post("/rate/ballot/", {"code": fresh, "style": "2"})
    assert [record.getMessage() for record in caplog.records] == []
    assert set(client.cookies) <= {"csrftoken"}
    after = dump()
    changed = {table for table in before if before[table] != after[table]}
    assert changed == {"evaluations_code", "evaluations_tally"}
    for sentinel in ("SENTINEL-PHONE", "203.0.113.7", used, fresh):
        assert sentinel not in repr(after)


def test_plain_codes_are_nowhere_in_the_database(opened: Round) -> None:
    codes = codes_for(group_of(opened), BALLOTS)
    text = repr(dump())
    assert [code for code in codes if code in text] == []
    assert all(services.code_hash(code) in text for code in codes)


@pytest.fixture
def printed(county: County, opened: Round, settings: LazySettings, tmp_path: Path) -> Job:
    settings.MEDIA_ROOT = tmp_path
    return services.request_codes(
        group=group_of(opened, RaterGroup.PEER), number=3, base_url="http://x", actor=county.office
    )


def test_printing_keeps_plain_codes_out_of_database_log_and_queue(
    printed: Job, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = ["7" * 25 + letter for letter in "ABC"]
    monkeypatch.setattr(services, "new_codes", lambda number: codes)
    with caplog.at_level(logging.DEBUG):
        tasks.print_codes(job_id=str(printed.pk))
    printed.refresh_from_db()
    assert printed.state == "done"
    assert printed.file.size > 0
    seen = repr(dump()) + repr(printed.arguments) + caplog.text
    assert [code for code in codes if code in seen or "7777-7777" in seen] == []
