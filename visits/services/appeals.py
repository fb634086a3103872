"""Appeals that a visit brings home: settled on the spot, taken up by one's unit, or dispatched."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError
from django.db.models import Max
from django.utils import timezone

from core import audit
from organisation.models import Unit, User
from organisation.queries import unit_of
from visits.appeal_way import SETTLING, Refused
from visits.choices import AT_ONCE, AppealState, Handling
from visits.models import Appeal, AppealEvent, Target, Visit, Voice
from visits.services.deadlines import clock_of
from visits.services.spot import drawn_of

AT_MOST = 5  # of one visit
ROWS_AT_ONCE = 30  # an appeal has some thirty columns, and SQLite takes 999 parameters
CROWDED = "同时登记诉求的人太多，这一件没有存上。请稍后再试。"
NO_ANSWER = "请写明当场怎么答复的：抽查回访时读给群众听。"
DRAWN = f"{AppealState.SETTLED.label}，抽中回访"
ATTEMPTS = 100  # each failed one means that somebody else's appeal has got the number


@dataclass(frozen=True)
class AppealDraft:
    """What the visited person asks for; ``answer``: what the visitor said to it on the spot."""

    content: str
    handling: Handling
    category: str = field(default="", repr=False)  # known where it comes from paper
    answer: str = field(default="", repr=False)


def open_appeals(*, visit: Visit, target: Target, drafts: Sequence[AppealDraft]) -> list[Appeal]:
    """One appeal for each, with its voice and its first step; part of recording the visit."""
    if len(drafts) > AT_MOST:
        raise Refused(f"一次走访最多登记 {AT_MOST} 条诉求，其余的请另记一次走访。")
    unit = unit_of(visit.author) if drafts else None
    numbered = list(enumerate(drafts))
    answered = [(visit.token, place) for place, draft in numbered if draft.handling in AT_ONCE]
    drawn = drawn_of(target.campaign_id, answered)
    return [
        _opened(visit, target, draft, unit, (visit.token, place) in drawn)
        for place, draft in numbered
    ]


def open_many_appeals(
    *, author: User, campaign: int, raised: Sequence[tuple[Visit, Target, AppealDraft]]
) -> list[Appeal]:
    """One appeal for each of the author's visits, in a few statements; part of recording them."""
    unit = unit_of(author) if raised else None
    answered = [(visit.token, 0) for visit, _, draft in raised if draft.handling in AT_ONCE]
    drawn = drawn_of(campaign, answered)
    rows = [
        _values(visit, target, draft, unit, (visit.token, 0) in drawn)
        for visit, target, draft in raised
    ]
    appeals = _numbered_together(campaign, rows)
    voices = [
        Voice(appeal=each, raised_as=each, visit=visit, content=draft.content)
        for each, (visit, _, draft) in zip(appeals, raised, strict=True)
    ]
    Voice.objects.bulk_create(voices, batch_size=ROWS_AT_ONCE)
    events = [event for each in appeals for event in _first_events(each, author)]
    AppealEvent.objects.bulk_create(events, batch_size=ROWS_AT_ONCE)
    return appeals


def _opened(
    visit: Visit, target: Target, draft: AppealDraft, unit: Unit | None, is_drawn: bool
) -> Appeal:
    appeal = _numbered(target.campaign_id, _values(visit, target, draft, unit, is_drawn))
    Voice.objects.create(appeal=appeal, raised_as=appeal, visit=visit, content=draft.content)
    AppealEvent.objects.bulk_create(_first_events(appeal, visit.author))
    return appeal


def _first_events(appeal: Appeal, author: User) -> list[AppealEvent]:
    """That it was raised, and what was answered on the spot: by whom, and for which unit."""
    raised = event_of(appeal, "raise", "提出诉求", actor=author)
    raised.number = 0
    if appeal.handling not in AT_ONCE:
        return [raised]
    label = DRAWN if appeal.state == AppealState.ANSWERED else AppealState.SETTLED.label
    words = event_of(appeal, SETTLING, label, actor=author, unit=appeal.unit, note=appeal.answer)
    return [raised, words]


def _values(
    visit: Visit, target: Target, draft: AppealDraft, unit: Unit | None, is_drawn: bool
) -> dict[str, object]:
    state = _first_state(draft, unit, is_drawn)
    values: dict[str, object] = {
        "visit": visit,
        "area_id": target.area_id,
        "content": draft.content,
        "handling": draft.handling,
        "category": draft.category,
        "state": state,
        **clock_of(state),
    }
    if state != AppealState.UNASSIGNED:
        values |= {"unit": unit, "handler": visit.author}
    if draft.handling in AT_ONCE:
        values |= {"answer": draft.answer.strip(), "step_count": 1}
    if state == AppealState.HANDLING:
        values["issued_on"] = timezone.localdate()
    return values


def _first_state(draft: AppealDraft, unit: Unit | None, is_drawn: bool) -> AppealState:
    """首接负责: what one's own unit can do, who heard it takes up; the rest the office sends on.

    What was answered on the spot is drawn for a call-back, or stands as answered.
    """
    if draft.handling in AT_ONCE:
        if not draft.answer.strip():
            raise Refused(NO_ANSWER)
        return AppealState.ANSWERED if is_drawn else AppealState.SETTLED
    taken_up = draft.handling == Handling.OWN_UNIT and unit is not None
    return AppealState.HANDLING if taken_up else AppealState.UNASSIGNED


def _numbered(campaign: int, values: dict[str, object]) -> Appeal:
    """With the campaign's next number; whoever finds it taken meanwhile takes the next."""
    given = Appeal.objects.filter(campaign=campaign)
    for _ in range(ATTEMPTS):
        number = (given.aggregate(last=Max("number"))["last"] or 0) + 1
        try:
            with audit.atomic():
                return Appeal.objects.create(campaign_id=campaign, number=number, **values)
        except IntegrityError:
            if not given.filter(number=number).exists():
                raise
    raise Refused(CROWDED)


def _numbered_together(campaign: int, rows: Sequence[dict[str, object]]) -> list[Appeal]:
    """With the campaign's next numbers, in their order."""
    given = Appeal.objects.filter(campaign=campaign)
    for _ in range(ATTEMPTS):
        last = given.aggregate(last=Max("number"))["last"] or 0
        appeals = [
            Appeal(campaign_id=campaign, number=number, **values)
            for number, values in enumerate(rows, start=last + 1)
        ]
        try:
            with audit.atomic():
                return Appeal.objects.bulk_create(appeals, batch_size=ROWS_AT_ONCE)
        except IntegrityError:
            if not given.filter(number__gt=last).exists():
                raise
    raise Refused(CROWDED)


def event_of(
    appeal: Appeal,
    step: str,
    label: str,
    *,
    actor: User | None,
    unit: Unit | None = None,
    note: str = "",
    internal: str = "",
    late_to_sign: Unit | None = None,
    late_to_answer: Unit | None = None,
) -> AppealEvent:
    """The step as it will stay in the trail, numbered by the appeal's steps so far."""
    return AppealEvent(
        appeal=appeal,
        number=appeal.step_count,
        actor=actor,
        unit=unit,
        step=step,
        label=label,
        to_state=appeal.state,
        note=note.strip(),
        internal=internal.strip(),
        late_to_sign=late_to_sign,
        late_to_answer=late_to_answer,
    )


def keep_event(appeal: Appeal, step: str, label: str, **more: Any) -> AppealEvent:
    """Put the step into the trail: ``event_of``, saved."""
    event = event_of(appeal, step, label, **more)
    event.save(force_insert=True)
    return event
