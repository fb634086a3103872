"""Reminders of deadlines: each once, none lost when a run is missed."""

from datetime import date, timedelta

import pytest
from django.conf import settings
from django.urls import reverse

from config.celery import app
from core.models import Notice
from issues.models import Issue
from issues.services import remind_due
from issues.tasks import remind_due as remind_due_task
from tests.issues.conftest import brought_to
from tests.personas import World

DUE = date(2030, 3, 14)


@pytest.fixture
def issue(world: World) -> Issue:
    """An item that is being put right, due on the day DUE; nothing was said about it yet."""
    issue = brought_to(world, "file")
    Issue.objects.filter(pk=issue.pk).update(due_on=DUE)
    Notice.objects.all().delete()
    issue.refresh_from_db()
    return issue


def titles() -> list[str]:
    return list(Notice.objects.order_by("id").values_list("title", flat=True))


def before(days: int) -> date:
    return DUE - timedelta(days=days)


def test_one_reminder_however_often_the_clock_asks(issue: Issue) -> None:
    assert [remind_due(before(1)) for _ in range(3)] == [1, 1, 1]
    assert titles() == [f"问题「{issue.title}」明天到期"]
    notice = Notice.objects.get()
    assert (notice.person, notice.url) == (
        issue.author,
        reverse("issues:issue-detail", args=[issue.pk]),
    )


def test_the_reminder_of_yesterday_is_not_repeated_today(issue: Issue) -> None:
    remind_due(before(1))
    remind_due(DUE)
    assert len(titles()) == 1


def test_a_missed_run_is_made_up_for_on_the_last_day(issue: Issue) -> None:
    remind_due(before(2))
    assert titles() == []
    remind_due(DUE)
    assert titles() == [f"问题「{issue.title}」今天到期"]


def test_what_is_late_already_is_told_by_its_light(issue: Issue) -> None:
    assert remind_due(DUE + timedelta(days=1)) == 0
    assert titles() == []


def test_a_new_deadline_is_a_new_reminder(issue: Issue) -> None:
    remind_due(before(1))
    later = DUE + timedelta(days=30)
    Issue.objects.filter(pk=issue.pk).update(due_on=later)
    remind_due(later - timedelta(days=1))
    assert len(titles()) == 2


@pytest.mark.parametrize("until", ["submit", "confirm", "apply", "unit_sign", "sign_off"])
def test_who_has_nothing_to_do_is_not_reminded(world: World, until: str) -> None:
    issue = brought_to(world, until)
    Issue.objects.filter(pk=issue.pk).update(due_on=DUE)
    Notice.objects.all().delete()
    assert remind_due(before(1)) == 0
    assert titles() == []


def test_the_person_who_answers_for_the_item_is_reminded(world: World, issue: Issue) -> None:
    Issue.objects.filter(pk=issue.pk).update(responsible=world.colleague)
    remind_due(before(1))
    notice = Notice.objects.get()
    assert notice.person == world.colleague
    assert world.client(world.colleague).get(notice.url).status_code == 200


def test_the_clock_knows_the_task_by_its_name() -> None:
    entry = settings.CELERY_BEAT_SCHEDULE["remind-due-issues"]
    app.loader.import_default_modules()
    assert app.tasks[entry["task"]].name == remind_due_task.name == "issues.remind_due"
    assert entry["options"]["queue"] == "notices"


def test_the_task_reminds_of_today(world: World, issue: Issue) -> None:
    Issue.objects.filter(pk=issue.pk).update(due_on=world.today)
    remind_due_task()
    remind_due_task()
    assert titles() == [f"问题「{issue.title}」今天到期"]
