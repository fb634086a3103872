"""Reminders of stage tasks: who is told when, and not what is done or not theirs."""

from datetime import date

import pytest

from campaign.choices import Audience, StageKind, Watch
from campaign.models import Stage, StageTask
from campaign.services import add_task, end_stage, tell_done
from core import calendars
from core.models import Reminder
from organisation.choices import Tier
from organisation.models import Posting, User
from tests.personas import World
from tests.telling import lines, tell


@pytest.fixture
def day(world: World) -> date:
    """The day of a deadline in the stage of self-examination, which has begun."""
    StageTask.objects.all().delete()
    stage = stage_of(world)
    Stage.objects.filter(pk=stage.pk).update(starts_on=world.today)
    return calendars.current().due(world.today, 5)


def stage_of(world: World) -> Stage:
    return world.campaign.stages.get(kind=StageKind.SELF_EXAMINATION)


def task(world: World, day: date, audience: str, **changes: object) -> StageTask:
    data: dict[str, object] = {
        "title": "报送材料",
        "audience": audience,
        "deliverable": "一句话",
        "watch": Watch.TOLD,
        "threshold": 100,
        "due_from": "date",
        "due_days": 0,
        "due_date": day,
    }
    made = add_task(stage=stage_of(world), data=data | changes, actor=world.city_office)
    assert made.due_on == day
    return made


def later(day: date, days: int) -> date:
    return calendars.current().due(day, days)


def told(*people: User) -> set[int]:
    return set(Reminder.objects.values_list("person", flat=True))


def test_a_unit_is_told_through_its_liaison_then_its_head_then_the_office(
    world: World, day: date
) -> None:
    task(world, day, Audience.UNITS)
    tell(day)
    assert lines(world.liaison) == [("person", "任务「报送材料」")]
    tell(later(day, 5))
    assert lines(world.head)[-1] == ("head", "任务「报送材料」")
    tell(later(day, 10))
    assert ("office", "任务「报送材料」") in lines(world.office)


def test_a_unit_without_a_liaison_is_told_through_its_head(world: World, day: date) -> None:
    task(world, day, Audience.UNITS)
    tell(day)
    assert lines(world.other_head) == [("person", "任务「报送材料」")]


def test_a_unit_that_has_done_it_hears_nothing(world: World, day: date) -> None:
    made = task(world, day, Audience.UNITS)
    tell_done(task=made, unit=world.unit, note="已报送", actor=world.liaison, today=world.today)
    tell(later(day, 10))
    mine = {row.within for row in Reminder.objects.all()}
    assert world.unit.pk not in mine
    assert world.other_unit.pk in mine


def test_a_group_is_told_person_by_person_and_the_liaison_when_it_is_late(
    world: World, day: date
) -> None:
    task(world, day, Audience.CADRES, watch=Watch.OWN_LIST)
    tell(day)
    assert lines(world.cadre) == lines(world.colleague) == [("person", "任务「报送材料」")]
    assert lines(world.liaison) == [("person", "任务「报送材料」")], "as one of the cadres"
    tell(later(day, 3))
    assert [who for who, _ in lines(world.liaison)] == ["person", "person", "liaison"]


def test_a_group_leaves_the_others_alone(world: World, day: date) -> None:
    Posting.objects.filter(user=world.cadre).update(tier=Tier.KEY_POST)
    task(world, day, Audience.KEY_POST)
    tell(day)
    assert told() == {world.cadre.pk}


def test_who_has_done_it_is_left_alone(world: World, day: date) -> None:
    made = task(world, day, Audience.CADRES)
    tell_done(task=made, person=world.cadre, note="已办", actor=world.cadre, today=world.today)
    tell(day)
    assert world.cadre.pk not in told()
    assert world.colleague.pk in told()


def test_the_office_is_told_of_its_own(world: World, day: date) -> None:
    task(world, day, Audience.OFFICE)
    tell(day)
    assert told() == {world.city_office.pk} or told() == {world.office.pk}


@pytest.mark.parametrize("audience", [Audience.UNITS, Audience.CADRES, Audience.OFFICE])
def test_a_stage_that_has_ended_asks_for_nothing(world: World, day: date, audience: str) -> None:
    task(world, day, audience)
    for kind in (StageKind.MOBILISATION, StageKind.SELF_EXAMINATION):
        stage = world.campaign.stages.get(kind=kind)
        end_stage(stage=stage, reason="提前结束", actor=world.city_office)
    tell(day)
    assert told() == set()


def test_a_stage_that_has_not_begun_asks_for_nothing(world: World, day: date) -> None:
    made = task(world, day, Audience.UNITS)
    summary = world.campaign.stages.get(kind=StageKind.SUMMARY)
    StageTask.objects.filter(pk=made.pk).update(stage=summary)
    assert summary.starts_on > day
    tell(day)
    assert told() == set()


def test_what_is_done_between_the_look_and_the_sending_goes_quiet(world: World, day: date) -> None:
    from core.notices import outbox, reminders

    unit = task(world, day, Audience.UNITS)
    group = task(world, day, Audience.CADRES, title="个人材料")
    reminders.put(day)
    tell_done(task=unit, unit=world.unit, note="已报送", actor=world.liaison, today=world.today)
    tell_done(task=group, person=world.cadre, note="已办", actor=world.cadre, today=world.today)
    outbox.gather(day)
    outbox.send(day)
    assert lines(world.cadre) == []
    assert lines(world.liaison) == [("person", "任务「个人材料」")]
    assert lines(world.colleague) == [("person", "任务「个人材料」")]


def test_whoever_is_told_may_open_it(world: World, day: date) -> None:
    task(world, day, Audience.UNITS)
    task(world, day, Audience.CADRES, title="个人材料")
    task(world, day, Audience.OFFICE, title="办公室材料")
    tell(later(day, 10))
    for row in Reminder.objects.select_related("person"):
        assert world.client(row.person).get(row.url).status_code == 200, (row.person, row.title)


@pytest.mark.parametrize("tasks", [1, 3])
def test_more_tasks_cost_no_more_than_their_own_rows(
    world: World, day: date, tasks: int, django_assert_max_num_queries: object
) -> None:
    from core.notices import reminders

    for n in range(tasks):
        task(world, day, Audience.UNITS, title=f"材料{n}")
    with django_assert_max_num_queries(21):  # type: ignore[operator]
        reminders.put(day)
