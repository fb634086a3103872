"""Supervision slips raised by the rule: for what, once, and by however many workers."""

from datetime import date, timedelta

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from campaign.models import Campaign
from core import calendars
from core.lights import bounds_on
from core.models import Reminder
from issues.choices import Decision, Pace, SlipReason, State
from issues.models import Issue, SlipEvent, SupervisionSlip
from issues.queries.slips import _RULES
from issues.services import ask_for_time, decide_on_time, raise_due_slips, slips
from issues.tasks import raise_slips
from organisation.models import User
from tests.issues.conftest import brought_to, prove, take
from tests.issues.slips import fresh, overdue, raised, slip_at, step
from tests.personas import World
from tests.telling import box, lines, tell
from tests.threads import together

TWENTY = 20


def reasons() -> list[str]:
    return list(SupervisionSlip.objects.order_by("pk").values_list("reason", flat=True))


def return_it(world: World, issue: Issue) -> None:
    """Applied for with a new file, and sent back to be put right."""
    prove(issue, world.cadre, shade=issue.evidence.count() + 1)
    take(world, issue, "apply")
    world.move(issue, "unit_refuse", world.head, "佐证看不出时间")


### For what


def test_red_light_raises_one(world: World) -> None:
    issue = overdue(world)
    assert raise_due_slips(world.today) == 1
    slip = SupervisionSlip.objects.get()
    assert (slip.issue, slip.reason, slip.raised_by, slip.pace) == (
        issue, SlipReason.OVERDUE, None, Pace.ORDINARY,
    )  # fmt: skip
    assert slip.due_on == calendars.current().due(timezone.localdate(), 15)
    assert SlipEvent.objects.get().actor is None


def test_what_is_due_today_or_not_on_file_raises_none(world: World) -> None:
    first_red = bounds_on(world.today).red_before
    in_time = brought_to(world, "file")
    Issue.objects.filter(pk=in_time.pk).update(due_on=first_red)
    waiting = brought_to(world, "confirm")
    applied = brought_to(world, "apply")
    done = brought_to(world, "sign_off")
    late = [each.pk for each in (waiting, applied, done)]
    Issue.objects.filter(pk__in=late).update(due_on=world.today - timedelta(days=20))
    assert raise_due_slips(world.today) == 0
    Issue.objects.filter(pk=in_time.pk).update(due_on=first_red - timedelta(days=1))
    assert raise_due_slips(world.today) == 1


def test_the_second_return_raises_one_and_the_fourth_the_next(world: World) -> None:
    issue = brought_to(world, "file")
    counts = []
    for _ in range(5):
        return_it(world, issue)
        raise_due_slips(world.today)
        counts.append(SupervisionSlip.objects.count())
        for slip in SupervisionSlip.objects.exclude(state="closed"):
            slip_at(world, "close", slip)
    assert counts == [0, 1, 1, 2, 2]
    assert set(reasons()) == {SlipReason.RETURNED}


def test_returns_before_it_was_on_file_do_not_count(world: World) -> None:
    issue = world.issue()
    for _ in range(2):
        world.move(issue, "submit", world.cadre)
        world.move(issue, "return", world.head, "没有写经过")
    brought_to(world, "file", issue)
    return_it(world, issue)
    assert raise_due_slips(world.today) == 0


def test_a_relapse_raises_an_urgent_one_and_returns_count_anew(world: World) -> None:
    issue = brought_to(world, "file")
    return_it(world, issue)
    for name in ("apply", "unit_sign", "sign_off"):
        take(world, issue, name)
    world.move(issue, "relapse", world.discipline, "6月3日窗口又收了一次复印费")
    assert raise_due_slips(world.today) == 1
    assert SupervisionSlip.objects.get().pace == Pace.URGENT
    return_it(world, issue)
    assert raise_due_slips(world.today) == 0
    return_it(world, issue)
    assert raise_due_slips(world.today) == 1
    assert reasons() == [SlipReason.DISSATISFIED, SlipReason.RETURNED]


def test_an_archived_campaign_raises_none(world: World) -> None:
    overdue(world)
    Campaign.objects.update(archived_at=timezone.now())
    assert raise_due_slips(world.today) == 0


### Once


def test_twice_a_day_and_after_three_days_without_a_clock(world: World) -> None:
    overdue(world)
    for days in (0, 0, 3, 3, 4):
        raise_due_slips(world.today + timedelta(days=days))
    assert reasons() == [SlipReason.OVERDUE]


def test_the_task_is_the_rule(world: World) -> None:
    overdue(world)
    raise_slips()
    raise_slips()
    assert reasons() == [SlipReason.OVERDUE]


def test_the_same_deadline_raises_no_second_one_and_a_later_one_does(world: World) -> None:
    """Closed by the discipline office, the matter rests until a new deadline has passed."""
    issue = overdue(world)
    raise_due_slips(world.today)
    slip_at(world, "close", SupervisionSlip.objects.get())
    assert raise_due_slips(world.today) == 0
    asked = ask_for_time(
        issue=issue, actor=world.cadre, to_day=world.today + timedelta(days=5), reason="等设备"
    )
    decide_on_time(extension=asked, actor=world.office, decision=Decision.GRANTED)
    assert raise_due_slips(world.today) == 0
    issue.refresh_from_db()
    overdue(world, 10, issue)
    assert raise_due_slips(world.today) == 1


def test_a_withdrawn_one_does_not_come_again(world: World) -> None:
    overdue(world)
    raise_due_slips(world.today)
    step(SupervisionSlip.objects.get(), "withdraw", world.discipline, "已经当面说好")
    assert raise_due_slips(world.today) == 0


def test_one_reason_does_not_hide_another(world: World) -> None:
    issue = overdue(world)
    for _ in range(2):
        return_it(world, issue)
    raise_due_slips(world.today)
    raised(world, issue)
    assert sorted(reasons()) == sorted(
        [SlipReason.OVERDUE, SlipReason.RETURNED, SlipReason.BY_HAND]
    )


def test_one_that_cannot_be_raised_does_not_stop_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = overdue(world), overdue(world)
    real = slips.require_open

    def refusing(campaign: int) -> None:
        if not SupervisionSlip.objects.exists() and not refused:
            refused.append(campaign)
            raise slips.Refused("没有开成")
        real(campaign)

    refused: list[int] = []
    monkeypatch.setattr(slips, "require_open", refusing)
    assert raise_due_slips(world.today) == 1
    assert raise_due_slips(world.today) == 1
    assert set(SupervisionSlip.objects.values_list("issue", flat=True)) == {first.pk, second.pk}


### At the same moment


@pytest.mark.usefixtures("shared_database")
def test_twenty_at_once_have_twenty_numbers_in_a_row(world: World) -> None:
    issues = [brought_to(world, "file") for _ in range(TWENTY)]
    together([lambda issue=issue: raised(world, issue) for issue in issues])
    numbers = SupervisionSlip.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, TWENTY + 1))


@pytest.mark.usefixtures("shared_database")
def test_two_workers_at_once_raise_one(world: World) -> None:
    for _ in range(3):
        overdue(world)
    outcomes = together([lambda: raise_due_slips(world.today)] * 2)
    assert sum(outcomes) == SupervisionSlip.objects.count() == 3
    assert set(SupervisionSlip.objects.values_list("number", flat=True)) == {1, 2, 3}


def blind(reason: SlipReason, today: date) -> QuerySet[Issue]:
    """The rule, but for what it says of slips that are there."""
    return _RULES[reason](Issue.objects.filter(state=State.RECTIFYING), today)


def test_where_the_rule_is_blind_the_tables_hold_it_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slips, "without_slip", blind)
    overdue(world)
    assert raise_due_slips(world.today) == 1
    assert raise_due_slips(world.today) == 0
    slip_at(world, "close", SupervisionSlip.objects.get())
    assert raise_due_slips(world.today) == 0
    assert SupervisionSlip.objects.count() == 1


### Who is told


def told(person: User) -> list[tuple[str, str]]:
    """What the digests say of slips; tasks of the stage are due as well."""
    return [line for line in lines(person) if "督办" in line[1]]


@pytest.fixture
def day(world: World) -> date:
    """The first working day from today on."""
    return calendars.current().due(world.today - timedelta(days=1), 1)


@pytest.fixture
def new(world: World, day: date) -> SupervisionSlip:
    """Raised by the rule that day, and neither it nor its item is due for long."""
    overdue(world)
    raise_due_slips(world.today)
    later = day + timedelta(days=100)
    Issue.objects.update(due_on=later)
    SupervisionSlip.objects.update(counted_from=day, due_on=later)
    return SupervisionSlip.objects.get()


def test_who_answers_and_the_head_are_told_once_in_the_digest(
    world: World, day: date, new: SupervisionSlip
) -> None:
    tell(day)
    tell(day, hour=16)
    said = f"请签收{new}「{new.issue.title}」"
    assert told(world.cadre) == [("person", said)]
    assert told(world.head) == [("head", said)]
    assert [title.count("待签收督办单 1 项") for title in box(world.head)] == [1]
    reached = Reminder.objects.filter(kind="slip_new").values_list("person", flat=True)
    assert set(reached) == {world.cadre.pk, world.head.pk}


def test_what_was_received_meanwhile_is_not_said(
    world: World, day: date, new: SupervisionSlip
) -> None:
    slip_at(world, "receive", new)
    tell(day)
    assert told(world.cadre) == []


def test_its_deadline_is_reminded_of_while_the_unit_has_it(world: World, day: date) -> None:
    slip, calendar = slip_at(world, "receive"), calendars.current()
    SupervisionSlip.objects.update(due_on=calendar.due(day, 1))
    tell(day)
    assert told(world.cadre) == [("person", f"{slip}「{slip.issue.title}」")]
    step(fresh(step(slip, "answer", world.cadre)), "sign", world.head)
    tell(calendar.due(day, 6))
    assert len(told(world.cadre)) == 1
    assert told(world.liaison) == told(world.head) == []
