"""The same moment again and again: where everything stands, and what many at once made of it."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, models, transaction
from django.test import Client

from core import append_only
from tests.kept import Rows, all_rows, insert
from tests.security.attack import our_models
from tests.threads import Crowd, together

Tally = Counter[tuple[str, str]]
UNTOLD = {"organisation.Session"}  # a row says that a request was made, not what it did


@dataclass
class Standpoint:
    """The rows as they stand; ``again()`` puts them there, whatever was committed meanwhile.

    ``shared_database`` must be there: SQLite's file is copied. On PostgreSQL tables are put
    back with their triggers away, which forbid just that.
    """

    rows: Rows
    marks: dict[str, Any]
    copy: sqlite3.Connection | None

    @classmethod
    def here(cls) -> Standpoint:
        if connection.vendor != "sqlite":
            return cls(all_rows(), _marks(), None)
        copy = sqlite3.connect(":memory:", check_same_thread=False)
        connection.ensure_connection()
        connection.connection.backup(copy)
        return cls({}, {}, copy)

    def again(self) -> None:
        if self.copy is not None:
            connection.ensure_connection()
            self.copy.backup(connection.connection)
            return
        now, guarded = _marks(), append_only.guarded(connection)
        with _no_triggers():
            for table in [each for each in self.marks if self.marks[each] != now[each]]:
                _replace(table, self.rows.get(table, []), is_guarded=table in guarded)


def _marks() -> dict[str, Any]:
    """By table, what is another as soon as any of its rows is; PostgreSQL's."""
    tables = [model._meta.db_table for model in our_models()]
    each = "SELECT '{0}', count(*), sum(hashtext(t::text)::bigint) FROM {0} t"
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each.format(table) for table in tables))
        return {table: mark for table, *mark in cursor.fetchall()}


@contextmanager
def _no_triggers() -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield


def _replace(table: str, rows: list[tuple[Any, ...]], *, is_guarded: bool) -> None:
    if is_guarded:
        append_only.remove(connection, table)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")
    if rows:
        insert(table, rows)
    if is_guarded:
        append_only.install(connection, table)


def tally() -> Tally:
    """How many rows there are of each kind: by their table, numbers, choices and switches.

    Keys, times, people and chance are left out: they differ from one time to the next.
    """
    told = [model for model in our_models() if model._meta.label not in UNTOLD]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(map(_told, told)))
        return Counter({(label, values): number for label, values, number in cursor.fetchall()})


def _told(model: type[models.Model]) -> str:
    columns = [column.column for column in model._meta.concrete_fields if _counts(column)]
    values = [f"' {each}=' || coalesce(cast(\"{each}\" AS text), '')" for each in columns]
    shown = " || ".join(values) or "''"
    rows = f"SELECT {shown} AS told FROM {model._meta.db_table}"
    return f"SELECT '{model._meta.label}', told, count(*) FROM ({rows}) AS every GROUP BY told"


def _counts(column: models.Field[Any, Any]) -> bool:
    plain = isinstance(column, models.IntegerField | models.BooleanField)
    act = column.model._meta.label == "core.AuditEntry" and column.name == "act"
    return not column.primary_key and (plain or bool(column.choices) or act)


def at_once(
    browser: Client, times: int, post: Callable[[Client], Any], crowd: Crowd | None = None
) -> list[Any]:
    """The same person's browser posts so often at the same moment; each answer, or its error.

    A ``crowd`` of so many spares a round its threads and connections.
    """
    browser.handler.load_middleware()
    browsers = [_same(browser) for _ in range(times)]
    work = [lambda each=each: post(each) for each in browsers]
    return crowd.together(work) if crowd else together(work)


class _Plain(Client):
    """Asks and looks at nothing but the answer.

    Django's own keeps what each template was drawn with, and of twenty at the same moment each
    keeps it for all twenty.
    """

    def request(self, **request: Any) -> Any:
        return self.handler(self._base_environ(**request))


def _same(browser: Client) -> Client:
    other = _Plain()
    other.handler = browser.handler  # to load it for each takes as long as a request
    other.cookies = browser.cookies.copy()
    return other
