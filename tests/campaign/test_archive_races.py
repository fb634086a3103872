"""Somebody writes, or archives as well, while a campaign is archived."""

from threading import Event

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from campaign.models import Campaign, Total
from campaign.services import archive as archive_services
from campaign.services import require_open
from core import audit
from core.models import AuditEntry, Job
from issues.models import Issue
from tests.campaign.archiving import asked, bring_to_its_end, move_clock, worked_off
from tests.personas import World
from tests.threads import together

pytestmark = pytest.mark.usefixtures("shared_database")
AT_ONCE = 0.5  # seconds; a moment in which whoever need not wait has long finished


@pytest.fixture
def job(world: World, monkeypatch: pytest.MonkeyPatch) -> Job:
    world.issue()
    bring_to_its_end(world)
    move_clock(monkeypatch, world.campaign)
    return asked(world)


def write_while_archiving(world: World, job: Job, patch: pytest.MonkeyPatch) -> bool:
    """A problem written by who had begun before the archiving; whether that waited."""
    begun, go, over = Event(), Event(), Event()
    patch.setattr("issues.services.items.require_open", lambda campaign_id: None)  # asked already

    def write() -> None:
        with audit.atomic():
            require_open(world.campaign.pk)
            begun.set()
            go.wait(20)
            world.issue(world.colleague)

    def archive() -> None:
        begun.wait(20)
        worked_off(job)
        over.set()

    def watch() -> bool:
        begun.wait(20)
        waited = not over.wait(AT_ONCE)
        go.set()
        return waited

    *_, waited = together([write, archive, watch])
    assert Campaign.objects.get(pk=world.campaign.pk).archived_at
    return bool(waited)


def test_an_archiving_waits_for_who_is_writing(
    world: World, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert write_while_archiving(world, job, monkeypatch)
    assert not Issue.objects.exists()


def test_without_the_lock_something_is_left_behind(
    world: World, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    monkeypatch.setattr(archive_services, "hold_open", lambda campaign_id: None)
    assert not write_while_archiving(world, job, monkeypatch)
    assert Issue.objects.count() == 1


def test_two_writers_do_not_wait_for_one_another(world: World) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    both = Event()

    def hold() -> bool:
        with audit.atomic():
            require_open(world.campaign.pk)
            return both.wait(10)

    def follow() -> None:
        with audit.atomic():
            require_open(world.campaign.pk)
            both.set()

    assert together([hold, follow]) == [True, None]


def test_many_at_once_leave_one_archive_and_nothing_else(world: World, job: Job) -> None:
    second = Job.objects.create(
        kind=job.kind, title="", owner=world.city_office, arguments=job.arguments
    )
    writers = [lambda: world.issue(world.colleague)] * 3
    outcomes = together([lambda: worked_off(job), lambda: worked_off(second), *writers])
    states = sorted(each.state for each in outcomes if isinstance(each, Job))
    assert states == [Job.State.DONE, Job.State.FAILED]
    assert all(isinstance(each, Issue | PermissionDenied) for each in outcomes[2:])
    assert not Issue.objects.exists()
    assert AuditEntry.objects.filter(act="campaign.archive").count() == 1
    assert Total.objects.filter(measure="campaign/units").count() == 1
