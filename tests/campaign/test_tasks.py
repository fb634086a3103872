"""Tasks: seen by the software, or told once by whom they are addressed to."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from campaign import watchers
from campaign.choices import ActivityKind, Audience, StageKind, Watch
from campaign.models import Activity, Institution, Stage, StageTask, TaskDone
from campaign.queries import crew_of, gate_of, own_lines, tasks_waiting_for
from campaign.services import (
    Refused,
    activities,
    add_task,
    change_task,
    end_stage,
    record_activity,
    record_institution,
    remove_activity,
    remove_institution,
    remove_task,
    see_tasks,
    take_back,
    tell_done,
)
from core.files import CheckedFile, check_upload
from core.models import AuditEntry
from evaluations.services import close_round, create_round, open_round
from organisation.choices import Tier
from organisation.models import Posting, User
from tests.personas import World
from visits.choices import Outcome, Way
from visits.services import record_visit

TOLD = {
    "audience": Audience.UNITS,
    "deliverable": "一句话",
    "watch": Watch.TOLD,
    "threshold": 100,
    "due_from": "stage_end",
    "due_days": 0,
    "due_date": None,
}


def task(world: World, title: str) -> StageTask:
    tasks = StageTask.objects.select_related("stage__campaign__area")
    return tasks.get(stage__campaign=world.campaign, title=title)


def new_task(world: World, kind: StageKind = StageKind.SUPERVISION, **changes: object) -> StageTask:
    stage = world.campaign.stages.get(kind=kind)
    return add_task(
        stage=stage, data={"title": "新任务", **TOLD, **changes}, actor=world.city_office
    )


def paper() -> CheckedFile:
    return check_upload(SimpleUploadedFile("总结.pdf", b"%PDF-1.7"))


def units_that_have(of: StageTask) -> set[int | None]:
    return set(of.done.values_list("unit", flat=True))


### Seen


def meet(world: World, kind: ActivityKind = ActivityKind.MOBILISATION) -> object:
    return record_activity(
        campaign=world.campaign,
        unit=world.unit,
        kind=kind,
        held_on=world.today,
        heads=30,
        summary="动员",
        actor=world.head,
    )


def rate(world: World) -> None:
    rating = create_round(
        campaign=world.campaign, unit=world.unit, title="第一轮", actor=world.office
    )
    for step in (open_round, close_round):
        step(rating=rating, actor=world.office)
        rating.refresh_from_db()


def found_a_rule(world: World) -> Institution:
    return record_institution(
        campaign=world.campaign,
        unit=world.unit,
        name="首问负责制",
        document_number="",
        issued_on=world.today,
        categories=[world.category],
        actor=world.head,
    )


SEEN: dict[str, Callable[[World], object]] = {
    "召开动员大会": meet,
    "开展专题学习": lambda world: meet(world, ActivityKind.STUDY),
    "接受三评议": rate,
    "建立健全制度": found_a_rule,
}


@pytest.mark.parametrize("title", SEEN)
def test_what_a_unit_has_done_is_seen_once_and_stays_seen(world: World, title: str) -> None:
    day = world.campaign.ends_on  # every stage has begun
    of = task(world, title)
    see_tasks(day)
    assert units_that_have(of) == set()
    SEEN[title](world)
    see_tasks(day)
    assert units_that_have(of) == {world.unit.pk}
    assert of.done.get().told_by is None
    assert see_tasks(day) == 0  # safe to repeat


RECORDS: dict[str, tuple[Callable[[World], Any], Callable[..., None], str]] = {
    "召开动员大会": (meet, remove_activity, "activity"),
    "开展专题学习": (lambda world: meet(world, ActivityKind.WARNING), remove_activity, "activity"),
    "建立健全制度": (found_a_rule, remove_institution, "institution"),
}


@pytest.fixture(params=RECORDS)
def seen(world: World, request: pytest.FixtureRequest) -> tuple[StageTask, Callable[[], None]]:
    """A task that is done by a record of the unit, and how the record is deleted."""
    enter, remove, name = RECORDS[request.param]
    record = enter(world)
    see_tasks(world.campaign.ends_on)
    of = task(world, request.param)
    assert units_that_have(of) == {world.unit.pk}
    return of, lambda: remove(**{name: record}, actor=world.head)


def end(world: World, of: StageTask) -> None:
    Stage.objects.filter(pk=of.stage_id).update(ended_at=timezone.now())


def test_what_is_no_longer_so_is_no_longer_done(world: World, seen: Any) -> None:
    of, remove = seen
    remove()
    assert units_that_have(of) == set()
    entry = AuditEntry.objects.get(act="campaign.task_not_done")
    assert (entry.actor, entry.subject) == (world.head, f"campaign.StageTask:{of.pk}")
    assert see_tasks(world.campaign.ends_on) == 0


def test_what_an_ended_stage_rests_on_stays(world: World, seen: Any) -> None:
    of, remove = seen
    end(world, of)
    said = f"「{of.stage.get_kind_display()}」已经结束，任务「{of.title}」凭这条记录算完成"
    with pytest.raises(Refused, match=said):
        remove()
    assert units_that_have(of) == {world.unit.pk}
    assert Activity.objects.count() + Institution.objects.count() == 1


def test_of_two_records_one_may_go_after_the_stage(world: World) -> None:
    of, first = task(world, "召开动员大会"), meet(world)
    meet(world)
    see_tasks(world.today)
    end(world, of)
    study = meet(world, ActivityKind.STUDY)  # too late to be the ground of anything
    for activity in (first, study):
        remove_activity(activity=activity, actor=world.head)
    assert units_that_have(of) == {world.unit.pk}


def test_a_task_of_the_office_rests_on_the_last_record_of_all_units(world: World) -> None:
    of = new_task(world, StageKind.MOBILISATION, audience=Audience.OFFICE, watch=Watch.INSTITUTION)
    rule = found_a_rule(world)
    see_tasks(world.today)
    end(world, of)
    with pytest.raises(Refused, match="凭这条记录算完成"):
        remove_institution(institution=rule, actor=world.head)


def test_without_the_look_the_ground_of_an_ended_stage_goes(
    world: World, seen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    of, remove = seen
    end(world, of)
    monkeypatch.setattr(activities, "take_back_seen", lambda **_: None)
    remove()
    assert units_that_have(of) == {world.unit.pk}


def test_a_list_of_ones_own_and_of_all_is_seen(world: World) -> None:
    own, all_have = task(world, "写下自己的问题"), task(world, "干部人人有问题清单")
    people = [world.cadre, world.colleague, world.liaison, world.head, world.deputy]
    for number, person in enumerate(people):
        issue = world.issue(person)
        see_tasks(world.today)
        assert own.done.filter(person=person).count() == 0  # a draft is no list
        world.move(issue, "submit", person)
        see_tasks(world.today)
        assert own.done.filter(person=person).count() == 1
        assert units_that_have(all_have) == ({world.unit.pk} if number == 4 else set())
    assert own.done.count() == 5


def test_coverage_is_seen_when_it_is_reached(world: World) -> None:
    of = task(world, "遍访企业、村居、群众")
    first, second = world.households(2)
    for target, done in ((first, 0), (second, 1)):
        record_visit(
            token=uuid.uuid4(),
            target=target,
            author=world.cadre,
            visited_on=world.today,
            way=Way.HOME,
            outcome=Outcome.EFFECTIVE,
        )
        see_tasks(world.today)
        assert of.done.count() == done
    StageTask.objects.filter(pk=of.pk).update(threshold=50)
    world.households(2)
    see_tasks(world.today)
    assert of.done.count() == 1  # two of four


def test_a_stage_that_has_not_begun_or_has_ended_is_left_alone(world: World) -> None:
    of = task(world, "召开动员大会")
    meet(world)
    assert see_tasks(world.campaign.starts_on - timedelta(days=1)) == 0
    end_stage(stage=of.stage, actor=world.city_office, reason="够了")
    see_tasks(world.today)
    assert units_that_have(of) == set()


def test_nothing_is_seen_with_the_watcher_off(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(watchers._watchers, Watch.MOBILISED, lambda task: set())
    meet(world)
    see_tasks(world.today)
    assert units_that_have(task(world, "召开动员大会")) == set()


### Told


def test_told_once_by_the_unit_and_taken_back(world: World) -> None:
    of = task(world, "上传工作总结")
    args = {"task": of, "unit": world.unit, "actor": world.liaison, "today": world.today}
    with pytest.raises(Refused, match="请上传文件"):
        tell_done(note="写好了", **args)
    done = tell_done(file=paper(), **args)
    assert tell_done(file=paper(), note="再传", **args) == done  # a repeat changes nothing
    assert (done.told_by, done.note, done.file_name) == (world.liaison, "", "总结.pdf")
    take_back(done=done, actor=world.head)
    assert units_that_have(of) == set()
    acts = AuditEntry.objects.filter(act__startswith="campaign.task").values_list("act", flat=True)
    assert list(acts.order_by("id")) == ["campaign.task_done", "campaign.task_not_done"]


def test_only_its_own_speakers_tell_for_a_unit(world: World) -> None:
    of = new_task(world)
    tellers = set()
    for name, person in vars(world).items():
        if not hasattr(person, "username"):
            continue
        try:
            with transaction.atomic():
                tell_done(task=of, unit=world.unit, actor=person, today=world.today, note="办完了")
                tellers.add(name)
                transaction.set_rollback(True)
        except PermissionDenied:
            continue
    assert tellers == {"liaison", "head", "deputy"}


def test_a_person_tells_for_himself_alone_and_only_in_his_group(world: World) -> None:
    of = task(world, "对照单位和下级的问题主动认领")
    args = {"task": of, "today": world.today, "note": "认领一项"}
    with pytest.raises(PermissionDenied):
        tell_done(person=world.head, actor=world.deputy, **args)
    with pytest.raises(Refused, match="不是给这个单位或这个人的"):
        tell_done(person=world.head, actor=world.head, **args)
    Posting.objects.filter(user=world.head).update(tier=Tier.LEADING)
    assert tell_done(person=world.head, actor=world.head, **args).person == world.head


@pytest.mark.parametrize(
    ("title", "whose", "words"),
    [
        ("召开动员大会", {"unit": "unit"}, "由系统自动判断"),
        ("上传工作总结", {"unit": "office_unit"}, "不是给这个单位或这个人的"),
    ],
)
def test_what_is_not_to_be_told_is_refused(
    world: World, title: str, whose: dict[str, str], words: str
) -> None:
    person = world.person("speaker", world.office_unit, "liaison", unit=world.office_unit)
    actor = world.liaison if whose["unit"] == "unit" else person
    unit = getattr(world, whose["unit"])
    with pytest.raises(Refused, match=words):
        tell_done(task=task(world, title), unit=unit, actor=actor, today=world.today, file=paper())


def test_after_the_stage_nothing_is_told_or_changed(world: World) -> None:
    of = new_task(world, StageKind.MOBILISATION)
    end_stage(stage=of.stage, actor=world.city_office, reason="够了")
    for act in (
        lambda: tell_done(
            task=of, unit=world.unit, actor=world.head, today=world.today, note="办完了"
        ),
        lambda: change_task(task=of, data={"title": "改", **TOLD}, actor=world.city_office),
        lambda: remove_task(task=of, actor=world.city_office),
        lambda: new_task(world, StageKind.MOBILISATION, title="又一项"),
    ):
        with pytest.raises(Refused, match="动员部署已经结束"):
            act()


### Kept


def test_a_task_that_somebody_has_told_keeps_whose_it_is(world: World) -> None:
    of = new_task(world)
    tell_done(task=of, unit=world.unit, actor=world.head, today=world.today, note="办完了")
    with pytest.raises(Refused, match="不能再改由谁来办"):
        change_task(
            task=of,
            data={"title": "改", **TOLD, "audience": Audience.OFFICE},
            actor=world.city_office,
        )
    assert change_task(task=of, data={"title": "改", **TOLD}, actor=world.city_office).title == "改"
    with pytest.raises(Refused, match="不能删除"):
        remove_task(task=of, actor=world.city_office)
    TaskDone.objects.all().delete()
    remove_task(task=of, actor=world.city_office)
    assert not StageTask.objects.filter(pk=of.pk).exists()


def test_the_database_keeps_a_task_done_once_by_each(world: World) -> None:
    of = task(world, "上传工作总结")
    keys = ({"unit": world.unit}, {"person": world.cadre}, {})
    for key in keys:
        TaskDone.objects.create(task=of, done_on=world.today, **key)
        with pytest.raises(IntegrityError), transaction.atomic():
            TaskDone.objects.create(task=of, done_on=world.today, **key)
    with pytest.raises(IntegrityError), transaction.atomic():
        TaskDone.objects.create(
            task=of, done_on=world.today, unit=world.other_unit, person=world.head
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        TaskDone.objects.create(
            task=of, done_on=world.today, unit=world.far_unit, told_by=world.head
        )


def test_the_denominator_counts_the_people_present(world: World) -> None:
    crew = crew_of(world.campaign)
    assert crew.expected(Audience.UNITS) == 3
    assert crew.expected(Audience.CADRES, world.unit.pk) == 5
    assert crew.expected(Audience.LEADING, world.unit.pk) == 0
    User.objects.filter(pk=world.colleague.pk).update(is_active=False)
    assert crew_of(world.campaign).expected(Audience.CADRES, world.unit.pk) == 4


def test_own_lines_hold_what_is_ones_own(world: World) -> None:
    lines = own_lines(world.campaign, world.today, person=world.cadre)
    assert [line.task.title for stage in lines for line in stage.tasks] == ["写下自己的问题"]
    lines = own_lines(world.campaign, world.today, unit=world.unit)
    audiences = {line.task.audience for stage in lines for line in stage.tasks}
    assert Audience.OFFICE not in audiences
    assert not gate_of(world.campaign.stages.first()).holds


def test_an_institution_is_entered_once(world: World) -> None:
    found_a_rule(world)
    with pytest.raises(Refused, match="已经登记过《首问负责制》"):
        found_a_rule(world)
    assert Institution.objects.get().categories.get() == world.category


### What waits for whom


def waiting(world: World, name: str) -> set[tuple[str, int | None]]:
    found = tasks_waiting_for(getattr(world, name), world.campaign, world.today)
    return {(each.task.title, each.unit.pk if each.unit else None) for each in found}


def test_each_sees_waiting_what_is_theirs_to_do(world: World) -> None:
    own = ("写下自己的问题", None)
    unit = world.unit.pk
    of_unit = {("召开动员大会", unit), ("开展专题学习", unit), ("干部人人有问题清单", unit)}
    of_unit |= {("单位问题清单报办公室审核备案", unit)}
    assert waiting(world, "cadre") == {own}
    assert waiting(world, "head") == {own, *of_unit}
    assert waiting(world, "city_office") == {("组建民情书记服务队，划定包联区域", None)}
    meet(world)
    see_tasks(world.today)
    assert waiting(world, "head") == {own, *of_unit} - {("召开动员大会", unit)}
    world.move(world.issue(), "submit", world.cadre)
    see_tasks(world.today)
    assert waiting(world, "cadre") == set()
    assert "召开动员大会" not in world.client(world.head).get("/").text
    assert "开展专题学习" in world.client(world.head).get("/").text


def test_the_file_of_what_is_taken_back_goes_too(
    world: World, django_capture_on_commit_callbacks
) -> None:
    of = task(world, "上传工作总结")
    done = tell_done(task=of, unit=world.unit, actor=world.head, today=world.today, file=paper())
    storage, name = done.file.storage, done.file.name
    assert storage.exists(name)
    with django_capture_on_commit_callbacks() as waiting:
        take_back(done=done, actor=world.head)
    assert storage.exists(name)  # until the row is gone for good
    for callback in waiting:
        callback()
    assert not storage.exists(name)
