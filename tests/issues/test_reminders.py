"""Reminders of rectifications: who is told when, once, and not what is settled meanwhile."""

from datetime import date, timedelta

import pytest
from django.conf import settings
from django.db import connection

from config.celery import app
from core import append_only
from core.models import Notice, Reminder
from core.notices import outbox
from issues.models import Issue, Milestone
from issues.queries.reminders import MILESTONE
from issues.services import report_milestone
from tests.issues.conftest import brought_to, prove, take
from tests.personas import World
from tests.telling import box, lines, tell

DUE = date(2030, 3, 15)  # a Friday
BEFORE_3, BEFORE_1 = date(2030, 3, 12), date(2030, 3, 14)
AFTER = {1: date(2030, 3, 18), 3: date(2030, 3, 20), 5: date(2030, 3, 22), 10: date(2030, 3, 29)}


@pytest.fixture
def issue(world: World) -> Issue:
    """An item that is being put right, due on the day DUE; nothing was said about it yet."""
    issue = brought_to(world, "file")
    Issue.objects.filter(pk=issue.pk).update(due_on=DUE)
    Notice.objects.all().delete()
    issue.refresh_from_db()
    return issue


def line(issue: Issue, addressee: str = "person") -> tuple[str, str]:
    return (addressee, f"问题「{issue.title}」整改")


def test_three_days_before_one_before_and_the_first_after(world: World, issue: Issue) -> None:
    for day in (date(2030, 3, 11), BEFORE_3, date(2030, 3, 13), BEFORE_1, DUE, AFTER[1]):
        tell(day)
        tell(day, hour=16)
    assert lines(world.cadre) == [line(issue)] * 3
    assert box(world.cadre) == ["今天有 1 项提醒：问题整改 1 项"] * 3


def test_what_stays_undone_goes_up_step_by_step(world: World, issue: Issue) -> None:
    for days, person in ((3, world.liaison), (5, world.head), (10, world.office)):
        tell(date(2030, 3, 19) if days == 3 else AFTER[days - (2 if days == 5 else 5)])
        assert lines(person) == []
        tell(AFTER[days])
        assert len(lines(person)) == 1
    assert lines(world.liaison) == [line(issue, "liaison")]
    assert lines(world.head) == [line(issue, "head")]
    assert lines(world.office) == [line(issue, "office")]
    tell(date(2030, 5, 20))
    assert Reminder.objects.count() == 4, "there is no step after the last"


def test_nobody_else_hears_of_it(world: World, issue: Issue) -> None:
    tell(AFTER[10])
    told = set(Reminder.objects.values_list("person", flat=True))
    assert told == {world.cadre.pk, world.liaison.pk, world.head.pk, world.office.pk}


def test_three_days_without_a_clock_lose_nothing_and_double_nothing(
    world: World, issue: Issue
) -> None:
    tell(AFTER[5])
    tell(AFTER[5])
    for person in (world.cadre, world.liaison, world.head):
        assert len(box(person)) == len(lines(person)) == 1


@pytest.mark.parametrize("done", ["apply", "unit_sign", "sign_off"])
def test_what_is_done_before_sending_is_not_said(world: World, issue: Issue, done: str) -> None:
    """Found in the morning, settled before it is sent: the digest goes quiet."""
    from core.notices import reminders

    reminders.put(BEFORE_1)
    brought_on(world, issue, done)
    outbox.gather(BEFORE_1)
    outbox.send(BEFORE_1)
    assert box(world.cadre) == []
    assert Reminder.objects.get().is_quiet


def test_without_that_look_it_would_be_said(
    world: World, issue: Issue, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.notices import reminders

    monkeypatch.setattr(reminders, "still_holding", lambda rows: {row.pk for row in rows})
    reminders.put(BEFORE_1)
    brought_on(world, issue, "apply")
    outbox.gather(BEFORE_1)
    outbox.send(BEFORE_1)
    assert len(box(world.cadre)) == 1


def brought_on(world: World, issue: Issue, until: str) -> None:
    prove(issue, issue.author)
    for name in ("apply", "unit_sign", "sign_off"):
        issue.refresh_from_db()
        take(world, issue, name)
        if name == until:
            return


def test_a_new_deadline_is_a_new_reminder_and_quiets_the_old(world: World, issue: Issue) -> None:
    from core.notices import reminders

    reminders.put(BEFORE_1)
    Issue.objects.filter(pk=issue.pk).update(due_on=date(2030, 4, 15))
    tell(BEFORE_1)
    assert lines(world.cadre) == []
    tell(date(2030, 4, 12))
    assert lines(world.cadre) == [line(issue)]


@pytest.mark.parametrize("until", ["submit", "confirm", "apply", "unit_sign", "sign_off"])
def test_who_has_nothing_to_do_is_not_reminded(world: World, until: str) -> None:
    issue = brought_to(world, until)
    Issue.objects.filter(pk=issue.pk).update(due_on=DUE)
    tell(BEFORE_1)
    assert Reminder.objects.count() == 0


def test_the_person_who_answers_for_the_item_is_reminded(world: World, issue: Issue) -> None:
    Issue.objects.filter(pk=issue.pk).update(responsible=world.colleague)
    tell(BEFORE_1)
    reminder = Reminder.objects.get()
    assert reminder.person == world.colleague
    assert world.client(world.colleague).get(reminder.url).status_code == 200


def test_whom_it_goes_up_to_may_open_it(world: World, issue: Issue) -> None:
    tell(AFTER[10])
    for reminder in Reminder.objects.select_related("person"):
        assert world.client(reminder.person).get(reminder.url).status_code == 200


def test_a_head_is_not_told_of_the_own_item_as_a_head(world: World, issue: Issue) -> None:
    Issue.objects.filter(pk=issue.pk).update(responsible=world.head)
    tell(AFTER[5])
    assert lines(world.head) == [line(issue)]


def test_who_left_is_not_told(world: World, issue: Issue) -> None:
    world.cadre.is_active = False
    world.cadre.save(update_fields=["is_active"])
    tell(BEFORE_1)
    assert Notice.objects.count() == 0


def test_the_clock_knows_the_task_by_its_name() -> None:
    entry = settings.CELERY_BEAT_SCHEDULE["tell"]
    app.loader.import_default_modules()
    assert app.tasks[entry["task"]].name == "core.tell"
    assert app.amqp.router.route({}, "core.tell")["queue"].name == "notices"


def test_a_milestone_is_reminded_of_until_it_is_reported(world: World) -> None:
    issue = brought_to(world, "file", world.issue(**world.long_term()))
    first, last = Milestone.objects.order_by("number")
    connection.check_constraints()  # PostgreSQL alters no table before
    append_only.thaw(connection, "issues_milestone")
    Milestone.objects.filter(pk=first.pk).update(due_on=DUE)
    Milestone.objects.filter(pk=last.pk).update(due_on=DUE + timedelta(days=20))
    Issue.objects.update(due_on=DUE + timedelta(days=20))
    Notice.objects.all().delete()
    tell(BEFORE_3)
    assert lines(world.cadre) == [("person", f"问题「{issue.title}」第 1 个节点")]
    (row,) = Reminder.objects.all()
    assert MILESTONE.holding([row]) == [row.pk]
    report_milestone(
        milestone=Milestone.objects.get(pk=first.pk), actor=world.cadre, result="办结 10 户。"
    )
    assert MILESTONE.holding([row]) == []
    tell(AFTER[3])
    assert lines(world.liaison) == []
    tell(DUE + timedelta(days=19))  # of the last only the item's own deadline speaks
    titles = {title for _, title in lines(world.cadre)[1:]}
    assert titles == {f"问题「{issue.title}」整改"}
