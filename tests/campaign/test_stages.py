"""Stages: moved with their deadlines, ended in order, never with an open gate unnoticed."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaign import schedule
from campaign.choices import DueFrom, StageKind
from campaign.models import Campaign, Stage, StageTask, TaskDone
from campaign.queries import decisions_on, gate_of, overview_of
from campaign.schedule import Deadline, Window, WrongDates
from campaign.services import (
    Refused,
    change_dates,
    end_due_stages,
    end_stage,
    recompute_all,
    resume_stage,
    shifts,
    windows_of,
)
from core import calendars
from core.models import AuditEntry
from core.workdays import Calendar
from issues.services import write_issue
from tests.personas import World

MONDAY = date(2026, 3, 2)


def stage(world: World, kind: StageKind = StageKind.MOBILISATION) -> Stage:
    return Stage.objects.select_related("campaign").get(campaign=world.campaign, kind=kind)


def do_everything(of: Stage) -> None:
    """Every task of the stage is done by the office, or by all units that take part."""
    units = list(of.campaign.participants.values_list("unit", flat=True))
    for task in of.tasks.all():
        task.done.all().delete()
        keys = [None] if task.audience == "office" else units
        TaskDone.objects.bulk_create(
            TaskDone(task=task, unit_id=unit, done_on=of.ends_on) for unit in keys
        )


### Dates


def later(world: World, days: int) -> dict[StageKind, Window]:
    """The end of the first stage moved, and the start of the second."""
    windows = windows_of(world.campaign)
    first, second = windows[StageKind.MOBILISATION], windows[StageKind.SELF_EXAMINATION]
    return windows | {
        StageKind.MOBILISATION: Window(first.start, first.end + timedelta(days=days)),
        StageKind.SELF_EXAMINATION: Window(second.start + timedelta(days=days), second.end),
    }


def test_the_preview_names_what_the_save_moves(world: World) -> None:
    before = dict(StageTask.objects.values_list("title", "due_on"))
    windows = later(world, 7)
    found = {each.task.title: (each.before, each.after) for each in shifts(world.campaign, windows)}
    assert dict(StageTask.objects.values_list("title", "due_on")) == before
    seen = windows_of(world.campaign)
    moved = change_dates(
        campaign=world.campaign, windows=windows, seen=seen, actor=world.city_office
    )
    after = dict(StageTask.objects.values_list("title", "due_on"))
    assert {t: (before[t], after[t]) for t in after if after[t] != before[t]} == found
    assert moved == len(found) == 5
    assert found["开展专题学习"][1] == windows[StageKind.MOBILISATION].end
    entry = AuditEntry.objects.get(act="campaign.change_dates")
    assert entry.detail["moved"] == 5


def test_dates_that_somebody_else_has_changed_are_not_overwritten(world: World) -> None:
    seen = windows_of(world.campaign)
    args = {"campaign": world.campaign, "seen": seen, "actor": world.city_office}
    change_dates(windows=later(world, 3), **args)
    with pytest.raises(Refused, match="别人刚刚改过阶段"):
        change_dates(windows=later(world, 9), **args)


def test_an_ended_stage_keeps_its_dates(world: World) -> None:
    end_stage(stage=stage(world), actor=world.city_office, reason="够了")
    seen = windows_of(world.campaign)
    with pytest.raises(WrongDates, match="动员部署已经结束"):
        change_dates(
            campaign=world.campaign, windows=later(world, 3), seen=seen, actor=world.city_office
        )
    assert windows_of(world.campaign) == seen


def test_a_gap_or_overlap_is_refused_whole(world: World) -> None:
    seen = windows_of(world.campaign)
    wrong = seen | {StageKind.SUPERVISION: Window(MONDAY, MONDAY)}
    with pytest.raises(WrongDates, match="监督检查从 2026-03-02 开始"):
        change_dates(campaign=world.campaign, windows=wrong, seen=seen, actor=world.city_office)
    assert windows_of(world.campaign) == seen


@pytest.mark.parametrize(
    ("deadline", "event"),
    [
        (Deadline(DueFrom.CAMPAIGN_START, 3), date(2026, 3, 2)),
        (Deadline(DueFrom.STAGE_START, 3), date(2026, 3, 12)),
        (Deadline(DueFrom.STAGE_END), date(2026, 3, 21)),
        (Deadline(DueFrom.DATE, 0, date(2026, 5, 1)), date(2026, 5, 1)),
    ],
)
def test_deadlines_are_reckoned_from_their_event(deadline: Deadline, event: date) -> None:
    windows = schedule.windows_from(MONDAY, dict.fromkeys(StageKind, 10))
    assert deadline.event(StageKind.SELF_EXAMINATION, windows) == event


def test_a_change_of_the_calendar_moves_open_deadlines(world: World) -> None:
    task = StageTask.objects.get(stage__campaign=world.campaign, title="写下自己的问题")
    start = stage(world, StageKind.SELF_EXAMINATION).starts_on
    plain = calendars.current()
    closed = {start + timedelta(days=n): False for n in range(1, 15)}
    moved = recompute_all(Calendar({**plain.exceptions, **closed}, plain.announced))
    before = task.due_on
    task.refresh_from_db()
    assert moved >= 1
    assert task.due_on > before
    end_stage(stage=stage(world), actor=world.city_office, reason="够了")
    end_stage(
        stage=stage(world, StageKind.SELF_EXAMINATION), actor=world.city_office, reason="够了"
    )
    recompute_all(plain)
    assert StageTask.objects.get(pk=task.pk).due_on == task.due_on  # its stage has ended


@settings(max_examples=60, deadline=None)
@given(
    days=st.lists(st.integers(1, 60), min_size=4, max_size=4),
    start=st.dates(date(2020, 1, 1), date(2026, 6, 1)),
)
def test_stages_made_from_lengths_follow_one_another(days: list[int], start: date) -> None:
    windows = schedule.windows_from(start, dict(zip(StageKind, days, strict=True)))
    schedule.check(windows)
    assert [window.days for window in windows.values()] == days


### The end


def test_a_stage_ends_when_its_gate_holds(world: World) -> None:
    first = stage(world)
    assert not gate_of(first).holds
    do_everything(first)
    assert gate_of(first).holds
    ended = end_stage(stage=first, actor=world.city_office, reason="不用理由")
    assert (ended.ended_by, ended.end_reason) == (world.city_office, "")


def test_with_an_open_gate_a_named_person_gives_a_reason(world: World) -> None:
    for reason in ("", "   "):
        with pytest.raises(Refused, match="还有 3 项任务没有完成"):
            end_stage(stage=stage(world), actor=world.city_office, reason=reason)
    with pytest.raises(Refused, match="还有 3 项任务没有完成"):
        end_stage(stage=stage(world), actor=None, reason="无人")
    assert stage(world).ended_at is None
    ended = end_stage(stage=stage(world), actor=world.city_office, reason="洪水")
    assert (ended.ended_by, ended.end_reason) == (world.city_office, "洪水")
    entry = AuditEntry.objects.get(act="campaign.end_stage")
    assert entry.detail == {"gate": False, "open": 3}


def test_who_has_left_does_not_count(world: World) -> None:
    """Nine of ten and one who is gone are nine."""
    of = stage(world)
    do_everything(of)
    task = of.tasks.first()
    TaskDone.objects.filter(task=task, unit=world.unit).delete()
    TaskDone.objects.create(task=task, unit=world.office_unit, done_on=world.today)
    assert [each.task for each in gate_of(of).open] == [task]


def test_stages_end_in_their_order_and_once(world: World) -> None:
    second = stage(world, StageKind.SELF_EXAMINATION)
    with pytest.raises(Refused, match="动员部署还没有结束"):
        end_stage(stage=second, actor=world.city_office, reason="跳过")
    end_stage(stage=stage(world), actor=world.city_office, reason="够了")
    with pytest.raises(Refused, match="这个阶段已经结束"):
        end_stage(stage=stage(world), actor=world.city_office, reason="再来")


def test_an_end_is_taken_back_with_a_reason_from_the_last_on(world: World) -> None:
    first, second = stage(world), stage(world, StageKind.SELF_EXAMINATION)
    for each in (first, second):
        end_stage(stage=each, actor=world.city_office, reason="够了")
    with pytest.raises(Refused, match="请先恢复后面的阶段"):
        resume_stage(stage=first, actor=world.city_office, reason="补")
    with pytest.raises(Refused, match="请写明恢复的原因"):
        resume_stage(stage=second, actor=world.city_office, reason=" ")
    assert resume_stage(stage=second, actor=world.city_office, reason="补").ended_at is None
    end_stage(stage=second, actor=world.city_office, reason="补完了")
    kept = decisions_on(second).values_list("kind", "reason")
    assert list(kept) == [("ended", "补完了"), ("resumed", "补"), ("ended", "够了")]
    page = world.client(world.office).get(f"/campaign/{world.campaign.pk}/stages/{second.kind}/")
    assert "历次结束和恢复" in page.text
    cadre = world.client(world.cadre).get(f"/campaign/{world.campaign.pk}/stages/{second.kind}/")
    assert "历次结束和恢复" not in cadre.text


def test_the_daily_look_ends_what_has_passed_with_a_gate_that_holds(world: World) -> None:
    do_everything(stage(world))
    assert end_due_stages(stage(world).ends_on) == 0  # its last day is still on
    assert end_due_stages(world.today) == 1
    ended = stage(world)
    assert (ended.ended_by, ended.end_reason) == (None, "")
    assert end_due_stages(world.today + timedelta(days=365)) == 0  # the next gate fails


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(done=st.sets(st.integers(0, 2)), passed=st.booleans(), reason=st.sampled_from(["", "洪水"]))
def test_no_stage_ends_with_a_failing_gate_unless_overridden(
    world: World, done: set[int], passed: bool, reason: str
) -> None:
    with transaction.atomic():
        first = stage(world)
        do_everything(first)
        for number, task in enumerate(first.tasks.all()):
            if number not in done:
                task.done.all().delete()
        holds = gate_of(first).holds
        end_due_stages(first.ends_on + timedelta(days=1 if passed else 0))
        assert bool(stage(world).ended_at) == (holds and passed)
        if not stage(world).ended_at:
            try:
                end_stage(stage=first, actor=world.city_office, reason=reason)
            except Refused:
                assert not holds
                assert not reason
            else:
                assert holds or stage(world).end_reason == reason
        transaction.set_rollback(True)


def test_later_stages_never_close_the_list(world: World) -> None:
    """自查自纠 runs through the whole campaign (domain §1.6)."""
    for kind in (StageKind.MOBILISATION, StageKind.SELF_EXAMINATION, StageKind.SUPERVISION):
        end_stage(stage=stage(world, kind), actor=world.city_office, reason="够了")
    issue = write_issue(
        campaign=world.campaign, author=world.cadre, category=world.category, text=world.text()
    )
    assert world.move(issue, "submit", world.cadre).state == "submitted"


def test_the_database_refuses_a_reason_without_a_person(world: World) -> None:
    rows = Stage.objects.filter(pk=stage(world).pk)
    for change, name in (
        ({"end_reason": "洪水"}, "stage_reason_has_a_person"),
        ({"ended_by": world.city_office}, "stage_ended_by_has_a_time"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            rows.update(**change)
    assert Campaign.objects.filter(pk=world.campaign.pk).exists()


def test_a_stage_that_has_ended_is_late_no_more(world: World) -> None:
    def late() -> tuple[list[str], int]:
        found = overview_of(world.campaign, world.city_office, world.today)
        units = sum(len(line.late) for line in found.units)
        return [line.task.title for line in found.late_tasks], units

    titles, units = late()
    assert "召开动员大会" in titles
    end_stage(stage=stage(world), actor=world.city_office, reason="够了")
    after, fewer = late()
    assert after == [title for title in titles if "问题" in title]
    assert fewer == units - 2 * 3  # two tasks of three units
