"""Migrations that judge the rows of an earlier version."""

from collections.abc import Iterator

import pytest
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import StateApps

from organisation.models import User

BEFORE = [("organisation", "0007_people_by_tier")]
AFTER = [("organisation", "0008_username_unique_in_any_case")]


@pytest.fixture
def earlier_version(transactional_db: None) -> Iterator[StateApps]:
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    yield executor.loader.project_state(BEFORE).apps
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def migrate() -> None:
    MigrationExecutor(connection).migrate(AFTER)


def test_login_names_that_differ_by_case_are_named_and_nothing_changes(
    earlier_version: StateApps,
) -> None:
    earlier = earlier_version.get_model("organisation", "User")
    names = ("zhang", "li.na", "Zhang", "wang", "LI.NA", "ZHANG")
    keys = {name: earlier.objects.create(username=name, name="甲").pk for name in names}
    with pytest.raises(CommandError) as refused:
        migrate()
    _, *groups, _ = str(refused.value).split("\n")
    assert groups == [
        "、".join(f"{name}（人员编号 {keys[name]}）" for name in group)
        for group in (("li.na", "LI.NA"), ("zhang", "Zhang", "ZHANG"))
    ]
    for name in ("LI.NA", "Zhang", "ZHANG"):
        earlier.objects.filter(username=name).update(username=f"{name}-2-{keys[name]}")
    migrate()
    assert User.objects.count() == len(names)
