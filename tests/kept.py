"""What tests begin from is made once, through the services, and then put back row by row.

The audited services take half a thousand statements for the people of ``tests.personas``;
their rows alone are inserted with one statement for each table.
"""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.models import AutoField
from django.test import override_settings
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from core.models import AuditHead
from tests.architecture.packages import ORDER

T = TypeVar("T")
Rows = dict[str, list[tuple[Any, ...]]]  # as the database gives them, by table
HEAD = AuditHead._meta.db_table  # the one row that every act changes


@dataclass
class Kept(Generic[T]):
    """What ``build`` makes, for as many tests as want it: ``kept()`` puts it into the database.

    ``build(*made)`` gets what its tests have already, and ``before`` is how long the audit
    trail is by then. The object is a copy for each test; the rows have the same keys.
    """

    build: Callable[..., T]
    folder: Path
    day: date = field(default_factory=timezone.localdate)
    before: int = 0
    rows: Rows = field(default_factory=dict)
    object: bytes = b""

    def make(self, upon: Kept[Any] | None = None) -> Kept[T]:
        """Build it, remember the new rows and files, and take everything back."""
        with transaction.atomic(), override_settings(MEDIA_ROOT=self.folder):
            made = [upon()] if upon else []
            self.before = AuditHead.objects.get().number
            before = all_rows()
            self.object = pickle.dumps(self.build(*made))
            self.rows = new_rows(before, all_rows())
            transaction.set_rollback(True)
        return self

    def __call__(self, *made: Any) -> T:
        if timezone.localdate() != self.day:  # after midnight
            return self.build(*made)
        assert AuditHead.objects.get().number == self.before, "something else was made before"
        with transaction.atomic():
            AuditHead.objects.all().delete()
            for table, rows in self.rows.items():
                insert(table, rows)
            number_on(self.rows)
        shutil.copytree(self.folder, settings.MEDIA_ROOT, dirs_exist_ok=True)
        found: T = pickle.loads(self.object)
        return found


def all_rows() -> Rows:
    """What ``insert`` takes: without the columns that the database computes."""
    found = {}
    with connection.cursor() as cursor:
        for table, columns in _columns().items():
            cursor.execute(f"SELECT {columns} FROM {table}")
            found[table] = cursor.fetchall()
    return found


@cache
def _columns() -> dict[str, str]:
    return {
        model._meta.db_table: ", ".join(
            f'"{field.column}"'
            for field in model._meta.local_concrete_fields
            if not field.generated
        )
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in ORDER
    }


def new_rows(before: Rows, after: Rows) -> Rows:
    """What was added. Nothing else may have changed, but for the head of the audit trail."""
    found = {}
    for table, rows in after.items():
        old = set() if table == HEAD else set(before[table])
        assert old <= set(rows), f"{table}: rows that stood there were changed"
        found[table] = [row for row in rows if row not in old]
    return {table: rows for table, rows in found.items() if rows}


def insert(table: str, rows: list[tuple[Any, ...]]) -> None:
    row = f"({', '.join(['%s'] * len(rows[0]))})"
    values = [value for each in rows for value in each]
    with connection.cursor() as cursor:
        into = f"INSERT INTO {table} ({_columns()[table]})"
        cursor.execute(f"{into} VALUES {', '.join([row] * len(rows))}", values)


def number_on(tables: Iterable[str]) -> None:
    """The next row of each table gets a key that is free; PostgreSQL counts apart from its rows.

    A migration there and back, made by another test, begins to count anew.
    """
    if connection.vendor == "sqlite":
        return
    step = "setval(pg_get_serial_sequence('{0}', 'id'), (SELECT max(id) FROM {0}))"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(step.format(table) for table in numbered(tables))}")


def numbered(tables: Iterable[str]) -> list[str]:
    models = apps.get_models(include_auto_created=True)
    keys = {model._meta.db_table: model._meta.pk for model in models}
    return [table for table in tables if isinstance(keys[table], AutoField)]


class Keep(Protocol):
    def __call__(self, build: Callable[..., T], upon: Kept[Any] | None = None) -> Kept[T]: ...


@pytest.fixture(scope="session")
def keep(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Keep:
    """``keep(build)`` in a fixture of the session; its tests call what it returns.

    ``upon`` is something kept that the tests have already.
    """

    def keep(build: Callable[..., T], upon: Kept[Any] | None = None) -> Kept[T]:
        hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
        with django_db_blocker.unblock(), override_settings(PASSWORD_HASHERS=hashers):
            return Kept(build, tmp_path_factory.mktemp("kept")).make(upon)

    return keep
