"""What is put back for a test is what the services made."""

import pytest
from django.core.management import call_command

from core.models import AuditEntry
from issues.choices import State
from organisation.choices import Role
from organisation.models import User
from tests import kept
from tests.architecture.objects import Arguments
from tests.kept import Kept
from tests.personas import World

pytestmark = pytest.mark.django_db
MIGRATED = {"core_calendarday", "core_calendaryear"}  # what the migrations leave


def test_a_test_begins_with_exactly_what_was_made(world: World, kept_world: Kept[World]) -> None:
    there = {table: set(rows) for table, rows in kept.all_rows().items() if rows}
    there = {table: rows for table, rows in there.items() if table not in MIGRATED}
    assert there == {table: set(rows) for table, rows in kept_world.rows.items()}
    assert world.team.members.get() == world.cadre == User.objects.get(username="cadre")


def test_acts_follow_upon_those_that_were_put_back(world: World, objects: Arguments) -> None:
    """Keys go on behind them, and so does the chain of the audit trail."""
    before = AuditEntry.objects.count()
    person = world.person("new", world.unit, Role.CADRE, unit=world.unit)
    assert world.issue(person).state == State.DRAFT
    assert AuditEntry.objects.count() > before
    call_command("verify_audit")


def test_an_older_row_may_not_change(world: World) -> None:
    """New rows alone are kept, so a change to an older one would be lost without a word."""
    before = kept.all_rows()
    User.objects.filter(pk=world.cadre.pk).update(name="乙")
    with pytest.raises(AssertionError, match="organisation_user: rows that stood there"):
        kept.new_rows(before, kept.all_rows())


def test_nothing_is_put_upon_what_it_does_not_fit(world: World, kept_world: Kept[World]) -> None:
    with pytest.raises(AssertionError, match="something else was made before"):
        kept_world()
