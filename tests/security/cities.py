"""Units that have the same things each, and a text of its own in every column of every row.

The objects of tests/architecture are built three times: for the unit of the personas, for
its neighbour in the county, and for a unit of the other county.
"""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import reduce
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, models
from django.utils import timezone

from core import audit, notices
from core.append_only import thaw
from core.fields import BlindIndexField, EncryptedField
from core.notices import Message, outbox, reminders
from issues.models import (
    Achievement,
    EvidenceWish,
    HandOver,
    IssueEvent,
    IssueVersion,
    Milestone,
    SignOff,
    SlipEvent,
)
from issues.services import hand_over
from organisation.choices import ADMINISTRATORS, Role
from organisation.models import Authenticator, Unit, User
from tests.architecture.objects import Objects
from tests.personas import World
from tests.security.attack import our_models
from tests.visits.appeals import appeal_at, called
from visits.choices import Fault, Handling, Outcome, Way
from visits.models import AppealEvent, CallBack, ColumnChoice, RegisterChange, Target, VisitVersion
from visits.services import AppealDraft, correct_visit, record_visit, strike_target

COUNTY_ROLES = ("organisation", "discipline", "leader", *sorted(ADMINISTRATORS))

# Columns that the program reads and nobody writes a text into.
STRUCTURE = {
    "path", "sha256", "hash", "token", "password", "session_key", "session_data", "secret",
    "content_hash", "Notice.event", "Notice.url", "Reminder.event", "Reminder.url",
    "Reminder.kind", "Job.kind", "IssueEvent.move", "Total.measure",
    "text_sha256", "code_hash", "fingerprint", "seed", "occasion",
    "SlipEvent.step", "AppealEvent.step", "Draw.population", "Draw.drawn",
    "TruthDraw.population", "TruthDraw.flagged", "TruthDraw.drawn",
}  # fmt: skip
# What all units share. The trail takes no second hand: ``_act`` writes into it.
SHARED = {
    "organisation.Area", "campaign.Campaign", "campaign.Stage", "campaign.Taxonomy",
    "campaign.Category", "campaign.StageTask", "core.AuditEntry", "core.CalendarYear",
    "core.CalendarDay", "core.Pulse", "campaign.Decision", "campaign.DroppedFile",
    "issues.GoodExample", "visits.Freeze", "visits.AnswerSeed",
}  # fmt: skip
# Whose a row is: the way from it to a unit's key.
OWNER = {
    "core.Notice": "person.unit_id",
    "core.Reminder": "person.unit_id",
    "core.Channel": "person.unit_id",
    "core.Job": "owner.unit_id",
    "organisation.Unit": "pk",
    "organisation.User": "unit_id",
    "organisation.Posting": "unit_id",
    "organisation.Session": "user.unit_id",
    "organisation.Authenticator": "user.unit_id",
    "campaign.Participant": "unit_id",
    "campaign.TaskDone": "unit_id",
    "campaign.Activity": "unit_id",
    "campaign.Institution": "unit_id",
    "campaign.Total": "unit_id",
    "visits.Team": "",
    "visits.RegisterChange": "",
    "visits.Target": "",
    "visits.Membership": "user.unit_id",
    "visits.Visit": "author.unit_id",
    "visits.VisitVersion": "replaced_by.unit_id",
    "visits.Appeal": "visit.author.unit_id",
    "visits.Voice": "visit.author.unit_id",
    "visits.AppealEvent": "appeal.visit.author.unit_id",
    "visits.CallBack": "appeal.visit.author.unit_id",
    "visits.AppealExtension": "appeal.visit.author.unit_id",
    "organisation.RosterUpload": "uploaded_by.unit_id",
    "organisation.UnitUpload": "uploaded_by.unit_id",
    "visits.RegisterUpload": "uploaded_by.unit_id",
    "visits.HotlineUpload": "uploaded_by.unit_id",
    "visits.VisitUpload": "uploaded_by.unit_id",
    "visits.TruthCheck": "visit.author.unit_id",
    "visits.ColumnChoice": "chosen_by.unit_id",
    "issues.LedgerUpload": "uploaded_by.unit_id",
    "issues.Issue": "unit_id",
    "issues.IssueVersion": "issue.unit_id",
    "issues.IssueEvent": "issue.unit_id",
    "issues.Autosave": "person.unit_id",
    "issues.Evidence": "issue.unit_id",
    "issues.EvidenceWish": "event.issue.unit_id",
    "issues.SignOff": "issue.unit_id",
    "issues.Extension": "issue.unit_id",
    "issues.HandOver": "issue.unit_id",
    "issues.Origin": "item.unit_id",
    "issues.AppealOrigin": "unit_item.unit_id",
    "issues.Claim": "claimed.unit_id",
    "issues.ListVersion": "unit_id",
    "issues.ListEntry": "issue.unit_id",
    "issues.LookBack": "issue.unit_id",
    "issues.SupervisionSlip": "unit_id",
    "issues.SlipEvent": "slip.unit_id",
    "issues.SavedView": "owner.unit_id",
    "issues.LongTerm": "version.issue.unit_id",
    "issues.Milestone": "plan.version.issue.unit_id",
    "issues.Consent": "plan.version.issue.unit_id",
    "issues.Achievement": "milestone.plan.version.issue.unit_id",
    "issues.Disclosure": "issue.unit_id",
    "evaluations.Round": "unit_id",
}
FROZEN = (
    VisitVersion, RegisterChange,
    IssueVersion, IssueEvent, SignOff, SlipEvent, Milestone, Achievement, AppealEvent, CallBack,
    HandOver,
)  # fmt: skip
Text = Callable[[int, str, models.Model], str]


@dataclass
class Cities:
    """The world, and the same from the standpoint of two other units."""

    world: World
    standpoints: list[World] = field(default_factory=list)
    objects: list[dict[str, tuple[object, ...]]] = field(default_factory=list)
    people: dict[str, User] = field(default_factory=dict)

    def build(self) -> Cities:
        self.standpoints = [self.world, self._neighbour(), self._far()]
        for there in self.standpoints:
            self.objects.append(Objects(there).build())
            self._more(there)
        reminders.put(self.world.today)
        outbox.gather(self.world.today)
        outbox.send(self.world.today)
        self.people = {person.username: person for person in User.objects.all()}
        return self

    def units(self) -> list[Unit]:
        """In the order of their numbers, from 0."""
        return list(Unit.objects.order_by("pk"))

    def _neighbour(self) -> World:
        """Another unit of the county, whose team covers the other village."""
        there = copy.copy(self.world)
        there.unit, there.village = self.world.other_unit, self.world.village2
        there.head = self.world.other_head
        return self._staffed(there, "neighbour")

    def _far(self) -> World:
        """A unit of the other county, with that county's own offices."""
        there = copy.copy(self.world)
        there.unit, there.village = self.world.far_unit, self.world.other_village
        there.county, there.township = self.world.other_county, self.world.other_township
        there.office = self.world.stranger_office
        there.head = there.person("far_head", there.unit, Role.UNIT_HEAD, unit=there.unit)
        there.office_unit = there._unit("冠县作风办", there.county)
        for name in COUNTY_ROLES:
            posted, role = there.office_unit, Role(name)
            setattr(there, name, there.person(f"far_{name}", posted, role, area=there.county))
        return self._staffed(there, "far")

    def _staffed(self, there: World, name: str) -> World:
        for role in (Role.CADRE, Role.LIAISON, Role.DEPUTY):
            person = there.person(f"{name}_{role.value}", there.unit, role, unit=there.unit)
            setattr(there, role.value, person)
        there.colleague = there.person(f"{name}_colleague", there.unit, Role.CADRE, unit=there.unit)
        there.team = there._team(f"{name}服务队", there.cadre, there.village)
        return there

    def _more(self, there: World) -> None:
        """What the addresses' objects leave out: an appeal, a late problem, a wish, messages."""
        (target,) = there.households(1)
        visit = record_visit(
            token=uuid.uuid4(),
            target=target,
            author=there.cadre,
            visited_on=there.today,
            way=Way.values[0],
            outcome=Outcome.values[0],
            heard="说了很多",
            appeals=[AppealDraft("修路", Handling.DISPATCH)],
        )
        correct_visit(
            visit=visit,
            actor=there.cadre,
            seen_version=1,
            reason="选错了",
            visited_on=there.today,
            way=Way.values[1],
            outcome=Outcome.values[0],
        )
        (gone,) = there.households(1)
        strike_target(target=gone, reason="户已迁走", actor=there.office, seen=0)
        ColumnChoice.objects.create(
            campaign=there.campaign,
            kind=target.kind,
            fingerprint=str(there.unit.pk),
            columns=["户编号"],
            chosen_by=there.office,
            chosen_at=timezone.now(),
        )
        called(appeal_at(there, "answer"), there.organisation)
        late = there.issue(there.cadre)
        for step, actor in (("submit", "cadre"), ("confirm", "head"), ("file", "office")):
            there.move(late, step, getattr(there, actor))
        type(late).objects.filter(pk=late.pk).update(due_on=there.today - timedelta(days=20))
        hand_over(
            issue=late, actor=there.head, to_person=there.colleague, reason="已经调走", seen=0
        )
        EvidenceWish.objects.create(event=late.events.latest("pk"), why="公示栏近照")
        there.client(there.cadre)  # leaves a sign-in
        Authenticator.objects.create(user=there.deputy, name="手机", secret="geheim")
        for person in (there.cadre, there.head, there.office):
            notices.send([Message("security", person.pk, "消息", "内容", "/issues/")])


def text_columns() -> list[tuple[type[models.Model], list[models.Field[Any, Any]]]]:
    """Every model with the columns that hold what somebody wrote."""
    kinds = (models.CharField, models.TextField, models.JSONField, models.FileField, EncryptedField)
    found = []
    for model in our_models():
        columns = [
            column
            for column in model._meta.concrete_fields
            if isinstance(column, kinds)
            and not isinstance(column, BlindIndexField)
            and not (column.choices or column.primary_key)
            and not {column.name, f"{model.__name__}.{column.name}"} & STRUCTURE
        ]
        if columns and model._meta.label not in SHARED:
            found.append((model, columns))
    return found


def write_everywhere(cities: Cities, text: Text) -> dict[str, int]:
    """Put ``text(unit's number, column, row)`` into all; how many columns of each model."""
    numbers = {unit.pk: number for number, unit in enumerate(cities.units())}
    written: dict[str, int] = {}
    _act(cities, numbers, text)
    connection.check_constraints()  # PostgreSQL alters no table before
    for model in FROZEN:
        thaw(connection, model._meta.db_table)
    for model, columns in text_columns():
        for row in model._default_manager.all():
            owner = numbers.get(_owner(cities, row))
            if owner is not None:
                _write(row, columns, lambda name, row=row, owner=owner: text(owner, name, row))
                written[model._meta.label] = len(columns)
    return written


def _owner(cities: Cities, row: models.Model) -> Any:
    """The key of the unit whose the row is. A model not in OWNER fails here."""
    way = OWNER[row._meta.label]
    if isinstance(row, RegisterChange):
        return _owner(cities, row.target)
    if row._meta.label in ("visits.Team", "visits.Target"):
        village = (
            row.area_id if isinstance(row, Target) else row.areas.values_list("pk", flat=True)[0]
        )
        return next(there.unit.pk for there in cities.standpoints if there.village.pk == village)
    return reduce(lambda found, name: getattr(found, name, None), way.split("."), row)


def _write(
    row: models.Model, columns: list[models.Field[Any, Any]], text: Callable[[str], str]
) -> None:
    label = row._meta.label
    for column in columns:
        value = text(f"{label}.{column.name}")
        if isinstance(column, models.FileField):
            _overwrite(getattr(row, column.name).name, value)
        elif isinstance(column, models.JSONField):
            setattr(row, column.name, _json(column.name, getattr(row, column.name), value))
        else:
            assert len(value) <= (column.max_length or 10**6), f"{label}.{column.name} is too short"
            setattr(row, column.name, value)
    row.save(update_fields=[column.name for column in columns])


def _json(name: str, present: Any, value: str) -> Any:
    """The same form with the text inside."""
    if name == "report":
        kind = Fault.values[0]
        return present | {"problem": value, "kinds": {kind: 1}, "errors": [[2, value, kind, value]]}
    if name == "evidence":
        return [{"name": value, "sha256": ""}]
    if name == "text":
        return dict.fromkeys(present, value)
    return present | {"mark": value} if isinstance(present, Mapping) else [value]


def _overwrite(name: str, text: str) -> None:
    if name:
        default_storage.delete(name)
        default_storage.save(name, ContentFile(text.encode()))


def _act(cities: Cities, numbers: Mapping[int, int], text: Text) -> None:
    for person in cities.people.values():
        if person.unit is not None:
            mark = text(numbers[person.unit.pk], "core.AuditEntry.detail", person)
            audit.record_alone(actor=person, act="security.mark", subject=person, mark=mark)


def reached(cities: Cities, person: User) -> set[int]:
    """The numbers of the units that a right of the person reaches."""
    held = list(person.grants.select_related("unit", "area"))
    return {
        number
        for number, unit in enumerate(cities.units())
        for grant in held
        if grant.unit_id == unit.pk or (grant.area and unit.area.is_under(grant.area.path))
    }
