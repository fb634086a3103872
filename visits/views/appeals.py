"""Appeals: the board, one appeal with its steps and calls back, the rates."""

from collections.abc import Iterable, Sequence
from typing import Any

import segno
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import Truncator
from django.views.decorators.http import require_POST, require_safe

from core.forms import NOT_WHOLE
from core.paging import page_of
from core.permissions import needs
from core.sought import opened, to_list
from organisation.models import Unit
from organisation.requests import StaffRequest
from organisation.rules import takes_part
from visits import services
from visits.appeal_rates import BY_UNIT, Counts, rates_of
from visits.appeal_way import BY_NAME, Part, Refused, is_open, label_of_step
from visits.choices import AppealState, Decision
from visits.filters import TABS, AppealFilter
from visits.followers import followed
from visits.forms.answers import LinkForm
from visits.forms.appeals import (
    MATTERS,
    CallForm,
    ContactForm,
    DaysForm,
    DecisionForm,
    MergeForm,
    StepForm,
    UnmergeForm,
)
from visits.models import Appeal, AppealEvent, Target
from visits.queries import shown_to
from visits.queries.appeals import (
    APPEAL_YELLOW_DAYS,
    Asked,
    against_taking_out,
    appeals,
    asked_of,
    counts_of,
    extension_of,
    most_alike,
    number_of,
    standing_of,
    steps_for,
    to_call,
    to_merge_with,
    units_to_dispatch_to,
)
from visits.queries.clusters import CLUSTER_DAYS, clusters_for
from visits.queries.links import links_of
from visits.queries.unit_rates import rates_by_unit, units_with_appeals
from visits.rules import (
    decides_on_days,
    dispatches,
    dispatches_appeals,
    handles,
    parts_in,
    reaches_as,
    reaches_people,
    takes_out,
)
from visits.services import Stale
from visits.views.visit import NO_PART

_STOPS = "。！？；，、.!?;, \n"

### The board


@require_safe
@needs(takes_part, NO_PART)
def appeal_list(request: StaffRequest) -> HttpResponse:
    """The appeals that the person may see, newest first, by where they stand."""
    asked = opened(request.GET, "words")
    found = AppealFilter(asked, appeals(request.user), request=request)
    whole = asked.copy()
    whole.pop("state", None)
    rows = AppealFilter(whole, appeals(request.user), request=request).qs
    is_office = dispatches_appeals(request.user)
    page = page_of(found.qs, request)
    context = {
        "filter": found,
        "page": page,
        "ticks": _ticks(request, page.rows) if asked.get("state") == AppealState.UNASSIGNED else (),
        "tabs": _tabs(request, rows),
        "yellow": APPEAL_YELLOW_DAYS,
        "is_office": is_office,
        "units": units_with_appeals(request.user) if is_office else (),
        "clusters": clusters_for(request.user) if is_office and not request.GET else [],
        "cluster_days": CLUSTER_DAYS,
    }
    return render(request, "visits/appeal_list.html", context)


def _ticks(request: StaffRequest, rows: Iterable[Appeal]) -> frozenset[int]:
    """Those that the person may hand to 12345, several at once; no boxes where not all might."""
    return frozenset(each.pk for each in rows if dispatches(request.user, each))


def _tabs(request: StaffRequest, rows: QuerySet[Appeal]) -> list[dict[str, object]]:
    """Each state with its number and the address that narrows the board to it."""
    chosen = request.GET.get("state", "")
    kept = request.GET.copy()
    for name in ("state", "after"):
        kept.pop(name, None)
    tabs = []
    for name, (label, states) in TABS.items():
        kept["state"] = name
        number = number_of(rows.filter(state__in=states))
        tabs.append(
            {
                "label": label,
                "number": number,
                "link": f"?{kept.urlencode()}",
                "is_chosen": name == chosen,
            }
        )
    return tabs


@require_POST
@needs(takes_part, NO_PART)
def appeal_search(request: StaffRequest) -> HttpResponse:
    """On to the board, narrowed."""
    asked = {name: request.POST.get(name, "") for name in AppealFilter.base_filters}
    return to_list("visits:appeal-list", asked, "words")


@require_safe
@needs(takes_part, NO_PART)
def appeal_rates(request: StaffRequest) -> HttpResponse:
    """The eight rates of the appeals that the person may see, each with its parts.

    The office reads them of one unit as well, and has its units side by side, by name.
    """
    if not dispatches_appeals(request.user):
        counts = counts_of(Appeal.objects.visible_to(request.user))
        return render(request, "visits/appeal_rates.html", _rates(counts))
    rows, key = rates_by_unit(request.user), request.GET.get("held_by", "")
    chosen = next((row for row in rows if str(row.unit.pk) == key), None)
    if key and chosen is None:
        raise Http404
    counts = chosen.counts if chosen else counts_of(Appeal.objects.visible_to(request.user))
    context = _rates(counts) | {"rows": rows, "chosen": chosen, "columns": BY_UNIT}
    return render(request, "visits/appeal_rates.html", context)


def _rates(counts: Counts) -> dict[str, Any]:
    return {"rates": rates_of(counts), "counts": counts}


### One appeal


@require_safe
@needs(takes_part, NO_PART)
def appeal_detail(request: StaffRequest, pk: int) -> HttpResponse:
    """One appeal: who raised it, its trail, the steps of this person, the calls back."""
    return _page(request, _visible_appeal(request, pk))


def _visible_appeal(request: StaffRequest, pk: int) -> Appeal:
    found = Appeal.objects.visible_to(request.user).select_related(
        "unit__area", "area__parent", "handler", "merged_into__area", "visit__author"
    )
    return get_object_or_404(found.prefetch_related("assisting"), pk=pk)


def _page(request: StaffRequest, appeal: Appeal, status: int = 200, **more: Any) -> HttpResponse:
    user = request.user
    parts = parts_in(user, appeal)
    asked = asked_of(appeal)
    events = list(appeal.events.select_related("actor", "unit"))
    context: dict[str, Any] = {
        "appeal": appeal,
        "yellow": APPEAL_YELLOW_DAYS,
        "voices": _voices(request, appeal, parts, asked),
        "events": events,
        "last_return": _last_return(appeal, events),
        "reads_internal": bool(parts),
        "steps": steps_for(user, appeal),
        "followed": followed(user, appeal),
        "matters": MATTERS,
        "nobody_calls": parts and Part.CALLER not in parts and services.nobody_calls(appeal),
    }
    context |= _offered(request, appeal, parts) | more | _calls(request, appeal, parts, asked, more)
    if "call_voice" not in context:  # nobody is to be asked any more
        context.pop("call_form", None)
    return render(request, "visits/appeal_detail.html", context, status=status)


def _last_return(appeal: Appeal, events: Sequence[AppealEvent]) -> AppealEvent | None:
    """With what words a unit gave it back, while it waits to be assigned once more."""
    if appeal.state != AppealState.UNASSIGNED:
        return None
    return next((each for each in reversed(events) if each.step == "return"), None)


def _voices(
    request: StaffRequest, appeal: Appeal, parts: frozenset[Part], asked: list[Asked]
) -> list[dict[str, object]]:
    """Each person as the reader may see him; who may ask for the telephone gets a link.

    For whom may still be asked, whoever may call also makes a link to answer on.
    """
    calls = appeal.state == AppealState.ANSWERED and Part.CALLER in parts
    waiting = [each.voice for each in asked if calls and not each.is_done]
    reaches = reaches_as(parts, appeal)
    links = links_of(waiting, appeal.redo_count) if waiting else {}
    targets = [each.voice.visit.target for each in asked]
    open_to = Target.objects.visible_to(request.user).filter(pk__in=[each.pk for each in targets])
    reachable = set(open_to.values_list("pk", flat=True))
    return [
        {
            "asked": each,
            "target": shown,
            "is_reachable": shown.entry.pk in reachable,
            "may_link": each.voice in waiting,
            "link": links.get(each.voice.pk),
            "may_ask": reaches and not shown.is_plain and (each.voice in waiting or not calls),
        }
        for each, shown in zip(asked, shown_to(request.user, targets), strict=True)
    ]


def _offered(request: StaffRequest, appeal: Appeal, parts: frozenset[Part]) -> dict[str, Any]:
    """The forms beside the steps: dispatch, more time, merging."""
    user, offered = request.user, dict[str, Any]()
    if Part.OFFICE in parts:
        offered["units"] = units_to_dispatch_to(user, appeal)
        if is_open(BY_NAME["merge"], standing_of(appeal), parts):
            others, initial = to_merge_with(user, appeal), {"seen": appeal.step_count}
            alike = most_alike(appeal, others)
            offered["merge_form"] = MergeForm(others=others, alike=alike, initial=initial)
        if takes_out(user, appeal):
            offered["stays_merged"] = against_taking_out(appeal)
            offered["unmerge_form"] = UnmergeForm(initial={"seen": appeal.step_count})
    extension = offered["extension"] = extension_of(appeal) if appeal.unit else None
    handling = appeal.state == AppealState.HANDLING
    if handling and extension is None and handles(user, appeal):
        offered["days_form"] = DaysForm()
    if extension is not None and not extension.decision:
        offered["decides"] = decides_on_days(user, appeal, extension.asked_by_id)
        offered["grants_not"] = services.against_granting(appeal)
    return offered


def _calls(
    request: StaffRequest,
    appeal: Appeal,
    parts: frozenset[Part],
    asked: list[Asked],
    more: dict[str, Any],
) -> dict[str, Any]:
    """The form of the person chosen, or of the next to be asked.

    What was sent of somebody who is not to be asked any more is shown beside it: the form is
    then another person's.
    """
    if appeal.state != AppealState.ANSWERED or Part.CALLER not in parts:
        return {}
    found = {str(each.voice.pk): each for each in to_call(asked)}
    if not found:
        return {}
    chosen = request.POST.get("voice") or request.GET.get("voice", "")
    shown = found.get(chosen) or next(iter(found.values()))
    initial = {"seen": appeal.step_count, "voice": shown.voice.pk}
    context = {
        "call_voice": shown.voice,
        "call_others": [each.voice.pk for each in found.values() if each is not shown],
        "raised_words": _quoted(shown.voice.content, 60),
        "answer_words": _quoted(appeal.answer, 80),
        "next_try": shown.again,
    }
    if "call_form" not in more:
        return context | {"call_form": CallForm(appeal=appeal, initial=initial)}
    if chosen not in found:
        context["call_form"] = CallForm(appeal=appeal, initial=initial)
        context["unsent"] = request.POST.get("said", "")
    return context


def _quoted(text: str, at_most: int) -> str:
    """The words as they are read out in a sentence that goes on after them."""
    return Truncator(text.rstrip(_STOPS)).chars(at_most)


### Posts


@require_POST
@needs(takes_part, NO_PART)
def appeal_step(request: StaffRequest, pk: int, name: str) -> HttpResponse:
    """Take one step; what stands in the way is said on the page, and nothing written is lost."""
    appeal = _visible_appeal(request, pk)
    form = StepForm(request.POST, units=_units(request, appeal))
    if not form.is_valid():
        return _again(request, pk, name, str(next(iter(form.errors.values()), [NOT_WHOLE])[0]))
    seen = form.cleaned_data["seen"]
    try:
        services.take_appeal_step(
            appeal=appeal, name=name, actor=request.user, seen=seen, given=form.given()
        )
    except (Refused, Stale) as error:
        return _again(request, pk, name, str(error))
    messages.success(request, f"已{label_of_step(name)}。")
    return _on(request, pk)


def _units(request: StaffRequest, appeal: Appeal) -> QuerySet[Unit]:
    if Part.OFFICE in parts_in(request.user, appeal):
        return units_to_dispatch_to(request.user, appeal)
    return Unit.objects.none()


def _on(request: StaffRequest, pk: int) -> HttpResponse:
    """Back to the appeal; to the board where it is not the person's any more."""
    if Appeal.objects.visible_to(request.user).filter(pk=pk).exists():
        return redirect("visits:appeal-detail", pk)
    return redirect("visits:appeal-list")


def _again(request: StaffRequest, pk: int, name: str, why: str) -> HttpResponse:
    """The page as the appeal stands now, with the words that were sent; no step was taken."""
    messages.error(request, why)
    appeal = _visible_appeal(request, pk)
    note = request.POST.get("note", "")
    is_offered = any(step.name == name for step in steps_for(request.user, appeal))
    category = request.POST.get("category", "")
    sent = {"name": name, "fault": why, "note": note, "category": category}
    return _page(request, appeal, 422, sent=sent, unsent="" if is_offered else note)


@require_POST
@needs(takes_part, NO_PART)
def appeal_call(request: StaffRequest, pk: int) -> HttpResponse:
    """Record what one person said; never by who handled the appeal, or by his unit."""
    appeal = _visible_appeal(request, pk)
    if Part.CALLER not in parts_in(request.user, appeal):
        raise PermissionDenied(services.NOT_YOURS_TO_CALL)
    form = CallForm(request.POST, appeal=appeal)
    if form.is_valid():
        try:
            services.record_call_back(appeal=appeal, actor=request.user, **form.call())
        except (Refused, Stale) as error:
            messages.error(request, str(error))
            form.add_error(None, str(error))
        else:
            messages.success(request, f"已记录回访，{appeal.get_state_display()}。")
            return redirect("visits:appeal-detail", pk)
    return _page(request, _visible_appeal(request, pk), 422, call_form=form)


@require_POST
@needs(takes_part, NO_PART)
def appeal_link(request: StaffRequest, pk: int) -> HttpResponse:
    """Make a link on which one person answers himself; its code is shown here and nowhere else."""
    appeal = _visible_appeal(request, pk)
    if Part.CALLER not in parts_in(request.user, appeal):
        raise PermissionDenied(services.NOT_YOURS_TO_CALL)
    form = LinkForm(request.POST, appeal=appeal)
    if not form.is_valid():
        messages.error(request, NOT_WHOLE)
        return _page(request, appeal, 422)
    try:
        link, code = services.make_link(appeal=appeal, actor=request.user, **form.cleaned_data)
    except (Refused, Stale) as error:
        messages.error(request, str(error))
        return _page(request, _visible_appeal(request, pk), 422)
    address = f"{_base_url(request)}{reverse('visits:answer', args=[code])}"
    qr = segno.make(address, error="m", micro=False).svg_data_uri(scale=4, border=2)
    context = {"appeal": appeal, "link": link, "address": address, "qr": str(qr)}
    return render(request, "visits/appeal_link.html", context)


def _base_url(request: StaffRequest) -> str:
    return settings.BASE_URL or f"{request.scheme}://{request.get_host()}"


@require_POST
@needs(takes_part, NO_PART)
def appeal_contact(request: StaffRequest, pk: int) -> HttpResponse:
    """Whom the unit or a caller reaches and how, in this answer only, for a reason kept."""
    appeal = _visible_appeal(request, pk)
    if not reaches_people(request.user, appeal):
        raise PermissionDenied(services.NOT_YOURS_TO_REACH)
    form = ContactForm(request.POST, appeal=appeal)
    if not form.is_valid():
        why = str(next(iter(form.errors.values()))[0])
        return _page(request, appeal, 422, unrevealed=why, unrevealed_to=request.POST.get("voice"))
    try:
        shown = services.reveal_contact(appeal=appeal, actor=request.user, **form.cleaned_data)
    except services.TooOften as error:
        asked = str(form.cleaned_data["voice"].pk)
        return _page(request, appeal, 429, unrevealed=str(error), unrevealed_to=asked)
    return _page(request, appeal, revealed=shown, revealed_voice=form.cleaned_data["voice"].pk)


@require_POST
@needs(takes_part, NO_PART)
def appeal_ask_days(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask for more working days, once."""
    appeal = _visible_appeal(request, pk)
    if not handles(request.user, appeal):
        raise PermissionDenied(services.NOT_YOURS_TO_ASK)
    form = DaysForm(request.POST)
    if form.is_valid():
        try:
            services.ask_for_days(appeal=appeal, actor=request.user, **form.cleaned_data)
        except Refused as refusal:
            messages.error(request, str(refusal))
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "已申请延期，等作风办决定。")
            return redirect("visits:appeal-detail", pk)
    return _page(request, appeal, 422, days_form=form)


@require_POST
@needs(takes_part, NO_PART)
def appeal_decide_days(request: StaffRequest, pk: int) -> HttpResponse:
    """Grant or refuse the time that was asked for."""
    appeal = _visible_appeal(request, pk)
    extension = extension_of(appeal)
    if extension is None:
        raise Http404
    if not decides_on_days(request.user, appeal, extension.asked_by_id):
        raise PermissionDenied(services.NOT_YOURS_TO_GRANT)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        messages.error(request, NOT_WHOLE)
        return _page(request, appeal, 422)
    decision = Decision(form.cleaned_data["decision"])
    try:
        services.decide_on_days(
            extension=extension,
            actor=request.user,
            decision=decision,
            note=form.cleaned_data["note"],
        )
    except (Refused, Stale) as error:
        messages.error(request, str(error))
        return _page(request, _visible_appeal(request, pk), 422)
    messages.success(request, f"已{decision.label}延期。")
    return redirect("visits:appeal-detail", pk)


@require_POST
@needs(takes_part, NO_PART)
def appeal_merge(request: StaffRequest, pk: int) -> HttpResponse:
    """End it as part of another one about the same matter."""
    appeal = _visible_appeal(request, pk)
    if Part.OFFICE not in parts_in(request.user, appeal):
        raise PermissionDenied(services.NOT_YOURS)
    others = to_merge_with(request.user, appeal)
    form = MergeForm(request.POST, others=others, alike=most_alike(appeal, others))
    if form.is_valid():
        try:
            into = services.merge_appeal(appeal=appeal, actor=request.user, **form.cleaned_data)
        except (Refused, Stale) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"已并入{into}，诉求人都保留，回访时逐个问。")
            return redirect("visits:appeal-detail", into.pk)
    return _page(request, _visible_appeal(request, pk), 422, merge_form=form)


@require_POST
@needs(takes_part, NO_PART)
def appeal_unmerge(request: StaffRequest, pk: int) -> HttpResponse:
    """Take it out again of the one that it was merged into."""
    appeal = _visible_appeal(request, pk)
    if Part.OFFICE not in parts_in(request.user, appeal):
        raise PermissionDenied(services.NOT_YOURS)
    form = UnmergeForm(request.POST)
    if form.is_valid():
        into = appeal.merged_into
        try:
            services.unmerge_appeal(appeal=appeal, actor=request.user, **form.cleaned_data)
        except (Refused, Stale) as error:
            messages.error(request, str(error))
        else:
            messages.success(
                request, f"已从{into}撤销并入，现在是「{appeal.get_state_display()}」。"
            )
            return redirect("visits:appeal-detail", pk)
    return _page(request, _visible_appeal(request, pk), 422, unmerge_form=form)
