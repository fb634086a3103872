"""Migrations: none missing, each named, one line per app."""

import re

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from tests.architecture.packages import ORDER

NAME = re.compile(r"\d{4}_[a-z][a-z0-9_]*")


@pytest.fixture
def loader(db: None) -> MigrationLoader:
    return MigrationLoader(connection)


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_migration_has_a_name_that_says_something(loader: MigrationLoader) -> None:
    names = [name for app, name in loader.disk_migrations if app in ORDER]
    assert [name for name in names if not NAME.fullmatch(name) or "_auto_" in name] == []


def test_each_app_has_one_line_of_migrations(loader: MigrationLoader) -> None:
    for app in ORDER:
        own = sorted(name for label, name in loader.disk_migrations if label == app)
        assert [name[:4] for name in own] == [f"{n:04d}" for n in range(1, len(own) + 1)]
        for before, name in zip([None, *own], own, strict=False):
            migration = loader.disk_migrations[app, name]
            parents = [parent for label, parent in migration.dependencies if label == app]
            assert parents == ([before] if before else []), f"{app}.{name}"


def test_migrations_depend_downwards(loader: MigrationLoader) -> None:
    """Only core waits for organisation, which holds the people."""
    upward = {
        (app, label)
        for (app, _), migration in loader.disk_migrations.items()
        for label, _ in migration.dependencies
        if app in ORDER and label in ORDER and ORDER.index(label) > ORDER.index(app)
    }
    assert upward <= {("core", "organisation")}
