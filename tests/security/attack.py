"""What the attacks share: every address with its object, requests undone at once, all rows.

Addresses come from the table of tests/architecture/routes.py, which a test there holds
equal to the URLconf; so a new address is attacked without anybody's doing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from unittest import mock

from django.apps import apps
from django.core.files.storage import FileSystemStorage
from django.db import connection, models, transaction
from django.http import HttpResponse, QueryDict
from django.test import Client
from django.urls import reverse

from tests.architecture.packages import ORDER
from tests.architecture.routes import rows
from tests.architecture.test_routes import client_of
from tests.personas import World

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Place:
    """One row of the table: a method of an address, and what it answers to whom."""

    route: str
    on: str
    method: str
    address: str
    expected: Mapping[str, int]

    def __str__(self) -> str:
        return f"{self.method} {self.route} {self.on}"

    def reader(self) -> str:
        """Somebody who gets the page itself, and not a refusal."""
        return next((who for who, status in self.expected.items() if status in (200, 422)), "")


def places(objects: Mapping[str, tuple[object, ...]], method: str = "") -> list[Place]:
    """The rows of the table, with the addresses of these objects."""
    return [
        Place(route, on, each, reverse(route, args=objects[on]), expected)
        for route, on, each, expected in rows()
        if method in ("", each)
    ]


@contextmanager
def undone(client: Client | None = None) -> Iterator[None]:
    """Whatever is written meanwhile is taken back, in the browser too; files stay."""
    kept = {name: cookie.value for name, cookie in client.cookies.items()} if client else {}
    with mock.patch.object(FileSystemStorage, "delete"), transaction.atomic():
        yield
        transaction.set_rollback(True)
    if client:
        client.cookies = SimpleCookie(kept)


def quiet_client(world: World, persona: str) -> Client:
    """The person's browser; an error is an answer as in real life."""
    client = client_of(world, persona)
    client.raise_request_exception = False
    return client


def body_of(response: HttpResponse) -> bytes:
    if response.streaming:
        return b"".join(response.streaming_content)  # type: ignore[arg-type]
    return response.content


### Rows

Row = dict[str, Any]
Rows = dict[str, dict[Any, Row]]


def our_models() -> list[type[models.Model]]:
    """Every model of the product, the links between two of them included."""
    found = apps.get_models(include_auto_created=True)
    return [model for model in found if model._meta.app_label in ORDER]


def all_rows(*without: str) -> Rows:
    """Every row of the product, by table and key."""
    return {
        model._meta.label: {row[model._meta.pk.attname]: row for row in _rows(model)}
        for model in our_models()
        if model._meta.label not in without
    }


def _rows(model: type[models.Model]) -> list[Row]:
    columns = [field.attname for field in model._meta.concrete_fields]
    return list(model._base_manager.order_by("pk").values(*columns))  # as PostgreSQL keeps none


def changed(before: Rows, after: Rows) -> set[str]:
    """The tables whose rows differ."""
    return {label for label, found in after.items() if found != before[label]}


@contextmanager
def writes() -> Iterator[list[str]]:
    """The writing statements sent to the database meanwhile."""
    found: list[str] = []

    def watch(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE", "REPLACE")):
            found.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(watch):
        yield found


### What a view reads


@contextmanager
def names_read() -> Iterator[set[str]]:
    """The names that the product asks of any query or form meanwhile."""
    found: set[str] = set()

    def noting(method: str) -> Any:
        plain = getattr(QueryDict, method)

        def noted(self: Any, key: Any, *rest: Any, **others: Any) -> Any:
            if isinstance(key, str):
                found.add(key)
            return plain(self, key, *rest, **others)

        return mock.patch.object(QueryDict, method, noted)

    with noting("__getitem__"), noting("get"), noting("getlist"), noting("__contains__"):
        yield found


def parameters_of(client: Client, address: str) -> set[str]:
    """The parameters that the page behind an address knows."""
    with names_read() as found, undone(client):
        client.get(address, {"x": "1"})
    return found - {"csrfmiddlewaretoken"}
