"""Appeals on their way, for the tests of them."""

import uuid
from datetime import timedelta

import pytest
from django.forms import Form
from django.utils import timezone

from core import calendars
from organisation.models import User
from tests.personas import World
from visits.appeal_way import TRIES
from visits.choices import AT_ONCE, AppealState, CallResult, Handling, Outcome, Way
from visits.models import Appeal
from visits.services import AppealDraft, Given, record_call_back, record_visit, take_appeal_step
from visits.services import visit as visit_service

NOTE = "理由写在这里"
SPOT = "当场讲清了到哪个窗口、带什么材料。"
ANSWER = "路灯已修好，现场看过。"
WAY = {"assign": "office", "sign": "liaison", "answer": "liaison"}  # who takes which step
NAMED = {"assign", "reassign", "answer", "hotline"}  # by which it has a category
STATES = {
    "": AppealState.UNASSIGNED,
    "assign": AppealState.ISSUED,
    "sign": AppealState.HANDLING,
    "answer": AppealState.ANSWERED,
}


def draft(content: str, handling: Handling) -> AppealDraft:
    """As the visit form makes it, with the words where it was answered on the spot."""
    return AppealDraft(content, handling, answer=SPOT if handling in AT_ONCE else "")


def asked_by(form: Form) -> set[str]:
    """What a visit form shows, beside what only an appeal answered on the spot asks for."""
    return {field.name for field in form.visible_fields()} - {"answer"}


def raised(
    world: World, handling: Handling = Handling.DISPATCH, content: str = "路灯不亮"
) -> Appeal:
    """By a household met today; also on a day that a test makes up, outside the campaign."""
    with pytest.MonkeyPatch.context() as any_day:
        any_day.setattr(visit_service, "require_day", lambda *_, **__: None)
        visit = record_visit(
            token=uuid.uuid4(),
            target=world.households(1)[0],
            author=world.cadre,
            visited_on=timezone.localtime().date(),
            way=Way.HOME,
            outcome=Outcome.EFFECTIVE,
            appeals=[draft(content, handling)],
        )
    return fresh(visit.appeals.get())


def fresh(appeal: Appeal) -> Appeal:
    """As a page reads it."""
    return Appeal.objects.select_related("unit__area", "area", "handler").get(pk=appeal.pk)


def given(world: World, name: str, **changes: object) -> Given:
    values: dict[str, object] = {"note": ANSWER if name == "answer" else NOTE}
    if name in {"assign", "reassign"}:
        values["unit"] = world.unit if name == "assign" else world.other_unit
    if name in NAMED:
        values["category"] = "other"
    if name == "hotline":
        values["number"] = "LC20260001"
    if name == "renumber":
        values["number"] = "LC20260002"
    return Given(**values | changes)


def step(appeal: Appeal, name: str, actor: User, world: World, **changes: object) -> Appeal:
    """Take one step, having seen where it stands."""
    take_appeal_step(
        appeal=appeal,
        name=name,
        actor=actor,
        seen=appeal.step_count,
        given=given(world, name, **changes),
    )
    return fresh(appeal)


def appeal_at(world: World, until: str, appeal: Appeal | None = None) -> Appeal:
    """Taken along the usual way up to and with one step."""
    appeal = appeal or raised(world)
    for name, who in WAY.items():
        if not until:
            break
        appeal = step(appeal, name, getattr(world, who), world)
        if name == until:
            break
    return appeal


def a_working_day_later(monkeypatch: pytest.MonkeyPatch, days: int = 1) -> None:
    """From now on it is so many working days later, at the same hour."""
    now = timezone.now()
    gone = calendars.current().due(timezone.localdate(), days) - timezone.localdate()
    monkeypatch.setattr("django.utils.timezone.now", lambda: now + timedelta(days=gone.days))


def lapsed(appeal: Appeal, actor: User, monkeypatch: pytest.MonkeyPatch) -> Appeal:
    """Nobody is reached on three working days."""
    for _ in range(TRIES):
        appeal = called(appeal, actor, CallResult.UNREACHABLE, solved=None)
        a_working_day_later(monkeypatch)
    return appeal


def called(
    appeal: Appeal,
    actor: User,
    result: CallResult = CallResult.SATISFIED,
    *,
    solved: bool | None = True,
    voice: int = 0,
    said: str = "没修好",
) -> Appeal:
    """One call to one of the people who raised it."""
    record_call_back(
        appeal=appeal,
        voice=list(appeal.voices.all())[voice],
        actor=actor,
        seen=appeal.step_count,
        result=result,
        solved=solved,
        said=said,
    )
    return fresh(appeal)
