"""Reads on appeals: where one stands, boards, what waits for somebody, the counts of rates."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from core import calendars
from core.lights import bounds_on
from organisation.choices import AreaLevel, Role
from organisation.models import Area, Posting, Unit, User
from organisation.scope import scope_of
from visits.appeal_rates import Counts
from visits.appeal_way import (
    HANDLING_STEPS,
    MOVED,
    TRIES,
    Call,
    Standing,
    Step,
    steps_open,
    verdict,
)
from visits.choices import (
    AT_ONCE,
    CALLED_BACK,
    ENDED,
    REACHED,
    TO_ANSWER,
    WITH_UNIT,
    AppealState,
    CallResult,
    Decision,
)
from visits.models import (
    APPEAL_READERS,
    UNIT_HANDLERS,
    Appeal,
    AppealEvent,
    AppealExtension,
    CallBack,
    Voice,
)
from visits.rules import KEEPERS, handler_is_there, parts_in

LONG_AGO = 99  # working days with the unit, where nobody knows since when
APPEAL_YELLOW_DAYS = 1  # working days left from which it shows yellow (domain §2.4)
DISPATCHES = ("assign", "reassign")
COMPARED, COMPARED_SIGNS = 300, 120  # open appeals of one township, and signs of each
SHOWN_TO_MERGE = 40
BELOW_TOWNSHIP = {AreaLevel.VILLAGE, AreaLevel.GRID}
MOST = 1000  # beyond it a number is of no use to anybody, and takes long to count


def page_of_appeal(appeal: Appeal) -> str:
    """Where its page is, for messages."""
    return reverse("visits:appeal-detail", args=[appeal.pk])


def appeals(user: User) -> QuerySet[Appeal]:
    """Those the person may see, with what a list row shows."""
    return Appeal.objects.visible_to(user).select_related("unit", "area__parent")


def standing_of(appeal: Appeal) -> Standing:
    """What the table of steps asks of the appeal today."""
    today = timezone.localdate()
    since = appeal.issued_on
    with_unit = calendars.current().workdays_left(since, today) if since else LONG_AGO
    late = appeal.due_on is not None and appeal.due_on < bounds_on(today).red_before
    taken_up = appeal.handler_id is not None  # a dispatch names the unit and nobody in it
    redone = appeal.redo_count > 0
    return Standing(appeal.state, with_unit, appeal.designated, late, taken_up, redone)


def steps_for(user: User, appeal: Appeal) -> list[Step]:
    """The buttons of the appeal's page; the posts check the same table."""
    return steps_open(standing_of(appeal), parts_in(user, appeal))


def is_appeal_late() -> Q:
    """Appeals whose running clock has run out."""
    return Q(due_on__lt=bounds_on(timezone.localdate()).red_before)


### The call-backs of one appeal


@dataclass(frozen=True)
class Asked:
    """One voice, and what came of this round's calls to that person."""

    voice: Voice
    calls: tuple[CallBack, ...]

    @property
    def is_done(self) -> bool:
        return any(call.result in REACHED for call in self.calls)

    @property
    def may_be_called(self) -> bool:
        """Not asked yet, nor tried in vain as often as one is; on a link he may still answer."""
        return not self.is_done and len(self.calls) < TRIES


def asked_of(appeal: Appeal) -> list[Asked]:
    """Every voice with the calls of the present round; two queries."""
    calls: dict[int, list[CallBack]] = {}
    for call in appeal.call_backs.filter(round=appeal.redo_count):
        calls.setdefault(call.voice_id, []).append(call)
    voices = appeal.voices.select_related("visit__target__area__parent", "visit__author")
    return [Asked(voice, tuple(calls.get(voice.pk, ()))) for voice in voices]


def vain_try(voice: Voice) -> tuple[date | None, date | None]:
    """When nobody was reached the last time, and from when on that can be so once more.

    One vain try counts a working day; after one on a day off the next is on the working day that
    follows.
    """
    return vain_tries([voice]).get(voice.pk, (None, None))


def vain_tries(voices: Collection[Voice]) -> dict[int, tuple[date, date]]:
    """The same of several people, by their keys; none of whom was never called in vain."""
    vain = CallBack.objects.filter(voice__in=voices, result=CallResult.UNREACHABLE)
    last = vain.order_by().values_list("voice").annotate(last=Max("at"))
    days = {voice: timezone.localdate(at) for voice, at in last}
    calendar = calendars.current()
    return {voice: (day, calendar.due(day, 1)) for voice, day in days.items()}


@dataclass(frozen=True)
class ToCall:
    """Somebody who may be called, and from when on another vain try counts."""

    voice: Voice
    again: date | None


def to_call(asked: Iterable[Asked]) -> list[ToCall]:
    """Who may still be called in this round: first those of whom a vain try counts today."""
    voices = [each.voice for each in asked if each.may_be_called]
    tries, today = vain_tries(voices), timezone.localdate()
    later = {pk: again for pk, (_, again) in tries.items() if again > today}
    found = [ToCall(voice, later.get(voice.pk)) for voice in voices]
    return sorted(found, key=lambda each: each.again is not None)


def said_in(asked: Iterable[Asked]) -> list[list[Call]]:
    """The same, as the verdict reads it."""
    return [[Call(call.result, call.solved) for call in each.calls] for each in asked]


### Boards


def waiting_for(user: User) -> QuerySet[Appeal]:
    """What waits for a step of this person: to dispatch, to handle, or to call back."""
    scope = scope_of(user)
    own = Q(handler=user) & handler_is_there()
    unit = Q(state__in=sorted(WITH_UNIT)) & (scope.units(UNIT_HANDLERS) | own)
    office = Q(state__in=[AppealState.UNASSIGNED, AppealState.HOTLINE]) & scope.areas([Role.OFFICE])
    found = unit | office
    if scope.has(*KEEPERS):
        call = Q(state=AppealState.ANSWERED) & scope.areas(KEEPERS)
        found |= call & ~_too_near(user) & ~scope.units(UNIT_HANDLERS)
    return appeals(user).filter(found)


def _too_near(user: User) -> Q:
    """Appeals that the person, or a unit in which he is posted, has handled or assists in."""
    posts = Posting.objects.filter(user=user).exclude(until__lt=timezone.localdate())
    paths = posts.values_list("unit__path", flat=True)
    ids = {int(each) for path in paths for each in path.strip("/").split("/")}
    taken = AppealEvent.objects.filter(appeal=OuterRef("pk"), step__in=sorted(HANDLING_STEPS))
    by_us = taken.filter(Q(actor=user) | Q(unit__in=ids))
    helped = Appeal.assisting.through.objects.filter(unit__in=ids)
    by_us_or_with_us = Q(Exists(by_us)) | Q(pk__in=helped.values("appeal"))
    return Q(handler=user) | Q(unit__in=ids, unit__isnull=False) | by_us_or_with_us


def number_of(rows: QuerySet[Appeal]) -> str:
    """How many, as people say it; counting stops beyond MOST."""
    number = rows.order_by()[: MOST + 1].count()
    return f"{MOST:,}+" if number > MOST else f"{number:,}"


def townships_of(user: User) -> QuerySet[Area]:
    """By which an office narrows its board; none for whoever sees a unit's only."""
    inside = scope_of(user).areas(APPEAL_READERS, field="")
    return Area.objects.filter(inside, level=AreaLevel.TOWNSHIP)


def units_to_dispatch_to(user: User, appeal: Appeal) -> QuerySet[Unit]:
    """The units of the office's ground that take part in the campaign and still exist."""
    inside = scope_of(user).areas([Role.OFFICE])
    taking_part = Q(participant__campaign=appeal.campaign_id, participant__left_on=None)
    return Unit.objects.filter(inside, taking_part, closed_on=None).order_by("name")


def to_merge_with(user: User, appeal: Appeal) -> QuerySet[Appeal]:
    """Open appeals of the same township, the newest first: what the office compares it with."""
    area = appeal.area
    while area.level in BELOW_TOWNSHIP and area.parent is not None:
        area = area.parent
    inside = appeals(user).filter(scope_of(user).areas([Role.OFFICE]))
    near = inside.filter(campaign=appeal.campaign_id, area__path__under=area.path)
    open_ones = [AppealState.UNASSIGNED, *sorted(WITH_UNIT)]
    return near.filter(state__in=open_ones).exclude(pk=appeal.pk).order_by("-id")


def most_alike(appeal: Appeal, others: QuerySet[Appeal]) -> list[Appeal]:
    """Of the newest of them the few whose words are most like the appeal's, the likest first."""
    to_it = SequenceMatcher(autojunk=False)
    to_it.set_seq2(appeal.content[:COMPARED_SIGNS])
    roughly = [(_likeness(to_it, each, to_it.quick_ratio), each) for each in others[:COMPARED]]
    roughly.sort(key=lambda pair: -pair[0])
    closely = [(_likeness(to_it, each, to_it.ratio), each) for _, each in roughly[:SHOWN_TO_MERGE]]
    return [each for _, each in sorted(closely, key=lambda pair: -pair[0])]


def _likeness(to_it: "SequenceMatcher[str]", other: Appeal, ratio: Callable[[], float]) -> float:
    to_it.set_seq1(other.content[:COMPARED_SIGNS])
    return ratio()


def merged_group(appeal: Appeal) -> set[int]:
    """The keys of the appeal and of all that were merged into it, also by way of others."""
    found, newest = {appeal.pk}, {appeal.pk}
    while newest:
        inner = Appeal.objects.filter(merged_into__in=newest).values_list("pk", flat=True)
        newest = set(inner) - found
        found |= newest
    return found


def voices_to_take_out(appeal: Appeal) -> QuerySet[Voice]:
    """The people who came with a merged appeal to the one that it was merged into."""
    own = Voice.objects.filter(raised_as__in=merged_group(appeal))
    return own.filter(appeal=appeal.merged_into_id)


def against_taking_out(appeal: Appeal) -> str:
    """Why a merged appeal stays where it is, in a sentence; empty where it can be taken out.

    For the button and the post. Reads ``appeal.merged_into``.
    """
    into = appeal.merged_into
    if into is None:
        return MOVED
    if into.state == AppealState.MERGED:
        return f"{into}又并入了另一件，请先在{into}上撤销并入。"
    if into.state not in TO_ANSWER | {AppealState.ANSWERED}:
        return f"{into}已经办结，不能再撤销并入。群众另有诉求的，请重新登记。"
    voices = voices_to_take_out(appeal)
    if CallBack.objects.filter(voice__in=voices).exists():
        return "这件诉求的群众已经在并入的那一件上回访过，不能再撤销并入。"
    if into.state == AppealState.ANSWERED and _would_end(into, voices):
        return f"{into}的其他群众都已回访，请先给这件诉求的群众回访，把{into}办完。"
    return ""


def _would_end(into: Appeal, leaving: QuerySet[Voice]) -> bool:
    """Whether nobody would be left to be asked, so that no call could end it any more."""
    gone = set(leaving.values_list("pk", flat=True))
    return bool(verdict(said_in(each for each in asked_of(into) if each.voice.pk not in gone)))


def extension_of(appeal: Appeal) -> AppealExtension | None:
    """The application for more time that is open or was decided; what fell is none."""
    return appeal.extensions.exclude(decision=Decision.MOOT).first()


### Rates


def counts_of(rows: QuerySet[Appeal]) -> Counts:
    """The counts of the rates of domain §4.5; two queries, whatever the number."""
    named = {f"n_{name}": each for name, each in numbers_of_appeals().items()}
    found = {name.removeprefix("n_"): n for name, n in rows.order_by().aggregate(**named).items()}
    steps = AppealEvent.objects.filter(appeal__in=rows.order_by().values("pk"))
    return Counts(**found, **steps.aggregate(**numbers_of_dispatches()))


def numbers_of_appeals() -> dict[str, Count]:
    """What is counted of appeals (decision 027 says what is meant by each).

    Of one that was merged only what went wrong before.
    """
    late = is_appeal_late()
    whole = ~Q(state=AppealState.MERGED)
    on_the_spot = whole & Q(handling__in=sorted(AT_ONCE))
    unsigned, unanswered = (
        Q(state=state) & late for state in (AppealState.ISSUED, AppealState.HANDLING)
    )
    asked = Q(state__in=sorted(CALLED_BACK))
    conditions = {
        "raised": whole & ~Q(state=AppealState.SETTLED),
        "settled": on_the_spot,
        "settled_asked": on_the_spot & ~Q(state=AppealState.SETTLED),
        "ended": Q(state__in=sorted(ENDED)),
        "signed_in_time": whole & Q(signed_in_time=True) & ~Q(state=AppealState.ISSUED),
        "signed_late": Q(signed_in_time=False) | unsigned,
        "answered_in_time": whole & Q(answered_in_time=True) & ~Q(state__in=sorted(TO_ANSWER)),
        "answered_late": Q(answered_in_time=False) | unanswered,
        "called": asked,
        "uncalled_late": Q(state=AppealState.ANSWERED) & late,
        "satisfied": whole & Q(result=CallResult.SATISFIED),
        "basically": whole & Q(result=CallResult.BASICALLY),
        "dissatisfied": whole & Q(result=CallResult.DISSATISFIED),
        "solved": whole & Q(solved=True),
        "redone": Q(redo_count__gt=0),
        "judged": asked | Q(redo_count__gt=0),
    }
    return {name: Count("pk", filter=condition) for name, condition in conditions.items()}


def numbers_of_dispatches() -> dict[str, Count]:
    """What is counted of steps: dispatches, and those of them that a unit gave back."""
    sent = AppealEvent.objects.filter(
        appeal=OuterRef("appeal"), number__lt=OuterRef("number"), step__in=DISPATCHES
    )
    given_back = Q(step="return") & Q(Exists(sent))
    return {
        "dispatched": Count("pk", filter=Q(step__in=DISPATCHES)),
        "returned": Count("pk", filter=given_back),
    }
