"""After the archiving of a campaign nothing but the trail names a person or quotes one.

Both tests ask every table there is: a new one fails here until its app says what becomes of
it (``archive.py``), or a reason is written down below.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import models

from campaign import archiving
from campaign.choices import Audience
from campaign.models import Campaign, StageTask, TaskDone
from campaign.queries.reminders import STAGE_TASKS
from core.choices import Addressee, Way
from core.models import Job, Notice, Reminder
from issues.choices import Decision, State
from issues.models import AppealOrigin, Evidence, GoodExample, ListVersion
from issues.services import confirm_list, decide_on_time, take_down_example
from tests.campaign.archiving import asked, bring_to_its_end, move_clock, worked_off
from tests.security.attack import our_models
from tests.security.cities import Cities, text_columns, write_everywhere
from tests.security.test_canaries import mark, marks_in
from tests.visits.appeals import called
from visits.choices import AppealState, CheckResult
from visits.choices import Decision as Granted
from visits.models import Appeal, AppealExtension, TruthCheck, Visit
from visits.queries.denominator import counts_of
from visits.services import (
    decide_on_days,
    freeze_register,
    give_target,
    record_check,
    take_target,
)

# Tables that name people and belong to no campaign.
PEOPLE = {
    "core.AuditEntry": "the trail: append-only, without what people wrote",
    "core.Channel": "one's own way of being told; of no campaign",
    "core.Digest": "that somebody was told something on a day; of no campaign",
    "core.Reminder": "one's own; those of the campaign are asked for below",
    "core.CalendarYear": "who landed a year; of no campaign",
    "core.Job": "one's own box; those of the campaign are asked for below",
    "core.Notice": "one's own box; those of the campaign are asked for below",
    "organisation": "people themselves, their postings, rights, sign-ins, and their imports",
}
# Columns that may still hold what somebody wrote.
KEPT = {
    "campaign.Institution.name": "the name of an official document",
    "campaign.Institution.document_number": "its number",
    "campaign.Participant.reason": "why a unit left, official",
    "evaluations.Round.title": "the name of a round",
    "campaign.Total.part": "names of states, categories, tasks and rounds",
}
STEPS = {
    "apply": "cadre",
    "unit_sign": "head",
    "sign_off": "discipline",
    "consolidate": "discipline",
}
OF_A_CAMPAIGN = {"campaign", "visits", "issues", "evaluations"}


@pytest.fixture
def lived(cities: Cities, monkeypatch: pytest.MonkeyPatch) -> Cities:
    """Three units with everything each, whose campaign is over."""
    world = cities.world
    bring_to_its_end(world)
    more_time = AppealExtension.objects.filter(
        appeal__campaign=world.campaign, asked_by=world.liaison
    )
    decide_on_days(extension=more_time.get(), actor=world.office, decision=Granted.GRANTED)
    heard = Appeal.objects.get(unit=world.unit, state=AppealState.ANSWERED)
    called(heard, world.organisation)
    Appeal.objects.filter(pk=heard.pk).update(handler=world.cadre)
    (taken,) = world.households(1)
    take_target(target=taken, actor=world.cadre)
    give_target(target=taken, person=world.cadre, actor=world.organisation, seen=0)
    check = TruthCheck.objects.filter(author=world.cadre).first()
    result = {"result": CheckResult.TRUE, "note": "来过", "seen": 0}
    record_check(check=check, actor=world.organisation, **result)
    Visit.objects.filter(author=world.cadre).update(entered_by=world.liaison)
    seen = counts_of(world.campaign)
    freeze_register(campaign=world.campaign, actor=world.city_office, seen=seen)
    task = StageTask.objects.get(stage__campaign=world.campaign, audience=Audience.CADRES)
    TaskDone.objects.create(task=task, person=world.cadre, done_on=world.today)
    rectifying = {"uploaded_by": world.cadre, "issue__state": State.RECTIFYING}
    signed = Evidence.objects.current().get(**rectifying).issue
    asked_for = signed.extensions.get()
    decide_on_time(extension=asked_for, actor=world.office, decision=Decision.GRANTED)
    signed.refresh_from_db()
    version = ListVersion.objects.get(unit=world.unit)
    confirm_list(version=version, actor=world.head, seen=version.sha256)
    for step, actor in STEPS.items():
        if step == "consolidate":
            world.a_month_on(signed)
        world.move(signed, step, getattr(world, actor), note="做完了")
    example = GoodExample.objects.filter(issue__author=world.cadre).get()
    take_down_example(issue=example.issue, actor=world.cadre)
    move_clock(monkeypatch, world.campaign)
    return cities


def way_to_campaign(model: type[models.Model], seen: tuple[type, ...] = ()) -> str | None:
    """The shortest way up from a row to its campaign, as Django writes it."""
    if model is Campaign:
        return ""
    ways = []
    for field in model._meta.fields:
        target = field.related_model
        if isinstance(target, type) and target not in (*seen, model) and not field.null:
            way = way_to_campaign(target, (*seen, model))
            if way is not None:
                ways.append(f"{field.name}__{way}".rstrip("_"))
    return min(ways, key=len, default=None)


def naming() -> Iterator[tuple[type[models.Model], str]]:
    """Every column that names a person, links between two tables included."""
    for model in our_models():
        for field in model._meta.fields:
            if field.related_model and field.related_model._meta.label == settings.AUTH_USER_MODEL:
                yield model, field.name


def named_in(campaign: Campaign) -> Counter[str]:
    """How many rows of the campaign name a person, by column."""
    found: Counter[str] = Counter()
    for model, column in naming():
        way = way_to_campaign(model)
        if way is not None:
            rows = model._base_manager.filter(**{way: campaign}).exclude(**{column: None})
            found[f"{model._meta.label}.{column}"] = rows.count()
    return found


def archive(cities: Cities) -> Campaign:
    job = worked_off(asked(cities.world))
    assert (job.state, job.message) == (Job.State.DONE, "")
    return cities.world.campaign


def test_no_row_of_the_campaign_names_a_person(lived: Cities) -> None:
    before = named_in(lived.world.campaign)
    assert [column for column, number in before.items() if not number] == []
    archive(lived)
    after = named_in(lived.world.campaign)
    assert {column: number for column, number in after.items() if number} == {}
    assert len(before) >= 15


def test_every_table_that_names_people_belongs_to_a_campaign_or_has_a_reason() -> None:
    elsewhere = {model for model, _ in naming() if way_to_campaign(model) is None}
    labels = {model._meta.label for model in elsewhere}
    assert {
        label for label in labels if label not in PEOPLE and label.partition(".")[0] not in PEOPLE
    } == set()


def test_jobs_and_messages_of_the_campaign_go(lived: Cities) -> None:
    """They hang on their persons, and know of the campaign only by an address or a number."""
    campaign = lived.world.campaign
    issues = Notice.objects.filter(
        url__regex=r"^/(issues/(slips/|list-versions/)?|visits/appeals/)\d+/$"
    )
    others = Notice.objects.exclude(pk__in=issues).count()
    kinds = ("reports.", "visits.", "evaluations.")
    issue, task = Evidence.objects.first().issue_id, StageTask.objects.first().pk
    mine = [
        reminder(lived, "rectification", issue, f"/issues/{issue}/"),
        reminder(lived, STAGE_TASKS, task, f"/campaign/{campaign.pk}/"),
    ]
    foreign = reminder(lived, "rectification", issue + 999, f"/issues/{issue + 999}/")
    assert issues.exists()
    assert all(Job.objects.filter(kind__startswith=kind).exists() for kind in kinds[:2])
    archive(lived)
    assert not issues.exists()
    assert Notice.objects.count() == others
    assert not Reminder.objects.filter(pk__in=[each.pk for each in mine]).exists()
    assert Reminder.objects.filter(pk=foreign.pk).exists()
    assert not any(Job.objects.filter(kind__startswith=kind).exists() for kind in kinds)
    assert Campaign.objects.get(pk=campaign.pk).archived_at


def reminder(cities: Cities, kind: str, subject: int, url: str) -> Reminder:
    return Reminder.objects.create(
        event=f"{kind}:{subject}",
        person=cities.world.cadre,
        way=Way.INBOX,
        kind=kind,
        subject=subject,
        addressee=Addressee.PERSON,
        title="到期",
        url=url,
        due_on=cities.world.today,
    )


def columns_marked() -> dict[str, int]:
    """The columns of the campaign's apps that hold a mark, and the stored files that do."""
    found: Counter[str] = Counter()
    for model, columns in text_columns():
        if model._meta.app_label not in OF_A_CAMPAIGN:
            continue
        for row in model._base_manager.values_list(*(column.name for column in columns)):
            for value in row:
                text = value.open() if hasattr(value, "open") else str(value)
                for _, column in marks_in(text.encode()):
                    found[column] += 1
    return found


def test_no_word_of_anybody_is_left(lived: Cities, django_capture_on_commit_callbacks) -> None:
    """Every text column of every row holds a mark of its own before."""
    write_everywhere(lived, mark)
    files = [
        getattr(row, column.name).name
        for model, columns in text_columns()
        if model._meta.app_label in OF_A_CAMPAIGN
        for column in columns
        if isinstance(column, models.FileField)
        for row in model._base_manager.exclude(**{column.name: ""})
    ]
    assert len(files) >= 12
    assert {column.partition(".")[0] for column in columns_marked()} == OF_A_CAMPAIGN
    with django_capture_on_commit_callbacks(execute=True):
        archive(lived)
    assert set(columns_marked()) - set(KEPT) == set()
    assert [name for name in files if default_storage.exists(name)] == []


@pytest.mark.parametrize("app", ["issues", "visits", "campaign"])
def test_with_one_app_silent_the_search_finds_it(
    lived: Cities, monkeypatch: pytest.MonkeyPatch, app: str
) -> None:
    """What an app forgets to drop is found by the tests above."""

    silent = apps.get_app_config(app).verbose_name
    others = {name: part for name, part in archiving._parts.items() if name != silent}
    monkeypatch.setattr(archiving, "_parts", others)
    write_everywhere(lived, mark)
    archive(lived)
    left = {column for column, number in named_in(lived.world.campaign).items() if number}
    assert {column.partition(".")[0] for column in left} == {app}
    assert {column.partition(".")[0] for column in set(columns_marked()) - set(KEPT)} == {app}
    AppealOrigin.objects.all().delete()  # of issues, into what visits has dropped
