"""Pages of the register's keepers: its entries, what happens to them, and the denominator."""

from collections.abc import Callable, Sequence
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaign.models import Campaign
from campaign.requests import CampaignRequest, campaign_of
from campaign.services import Refused
from core.models import Job
from core.paging import Listed, page_of_all
from core.permissions import needs
from core.sought import opened, to_list
from organisation.requests import StaffRequest
from visits import services
from visits.choices import ChangeKind, Likeness, TargetKind
from visits.filters import EntryFilter
from visits.forms.joining import JoinForm
from visits.forms.register_changes import (
    ChangeForm,
    CorrectionForm,
    FreezeForm,
    LeaveForm,
    MergeForm,
    MoveForm,
    ReturnForm,
    SplitForm,
)
from visits.models import Freeze, Target
from visits.queries.denominator import (
    changes_about,
    changes_of,
    counts_of,
    current_freeze,
    label_of_part,
    visits_of,
)
from visits.queries.likeness import Resembled
from visits.queries.register_list import entries_of, kept_by
from visits.rules import can_import_register, freezes
from visits.services.freeze import APPLY, MOVED
from visits.views.register import ONLY_KEEPERS

SHOWN_VISITS = 10
SHOWN_CHANGES = 20
KEPT = ("words", "kind", "state")
FORMS: dict[str, type[ChangeForm]] = {
    ChangeKind.LEAVE: LeaveForm,
    ChangeKind.RETURN: ReturnForm,
    ChangeKind.MOVE: MoveForm,
    ChangeKind.MERGE: MergeForm,
    ChangeKind.SPLIT: SplitForm,
    ChangeKind.CORRECTION: CorrectionForm,
}
ACTS: dict[str, Callable[..., object]] = {
    ChangeKind.LEAVE: services.strike_target,
    ChangeKind.RETURN: services.restore_target,
    ChangeKind.MOVE: services.move_target,
    ChangeKind.MERGE: services.merge_targets,
    ChangeKind.CORRECTION: services.correct_target,
}


@require_safe
@needs(can_import_register, ONLY_KEEPERS)
def entry_list(request: CampaignRequest) -> HttpResponse:
    """The register of the keeper's areas, the newest entries first."""
    campaign = campaign_of(request)
    if campaign is None:
        return render(request, "visits/entry_list.html")
    entries = entries_of(request.user, campaign)
    found = EntryFilter(opened(request.GET, "words"), entries)
    whole = Target.objects.filter(campaign=campaign)
    context = {
        "campaign": campaign,
        "filter": found,
        "page": page_of_all([Listed(found.qs, within=whole)], request),
        "frozen": current_freeze(campaign),
        "kinds": TargetKind.choices,
    }
    return render(request, "visits/entry_list.html", context)


@require_POST
@needs(can_import_register, ONLY_KEEPERS)
def entry_search(request: StaffRequest) -> HttpResponse:
    """On to the list, narrowed to what was typed, which the address seals."""
    asked = {name: request.POST.get(name, "") for name in KEPT}
    return to_list("visits:entry-list", asked, "words")


@require_safe
@needs(can_import_register, ONLY_KEEPERS)
def entry_detail(request: StaffRequest, pk: int) -> HttpResponse:
    """One entry of the register: what it says, what happened to it, the visits to it."""
    target = _entry(request, pk)
    context = {
        "target": target,
        "acts": [(act, FORMS[act].title) for act in _possible(target)],
        "changes": changes_about(target).select_related(
            "actor", "target", "other", "area_from__parent", "area_to__parent"
        ),
        "visits": visits_of(target)
        .select_related("author", "target")
        .order_by("-visited_on", "-id")[:SHOWN_VISITS],
    }
    return render(request, "visits/entry_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(can_import_register, ONLY_KEEPERS)
def entry_change(request: StaffRequest, pk: int, act: str) -> HttpResponse:
    """One change of an entry: what it will do, and the reason; then it is done."""
    target = _entry(request, pk)
    if act not in FORMS:
        raise Http404
    back = f"/visits/register/entries/{pk}/"
    given = request.POST if request.method == "POST" else None
    form = FORMS[act](given, target=target, keeper=request.user, cancel_url=back)
    if request.method == "POST" and form.is_valid():
        try:
            _change(request, target, act, form)
        except Refused as why:
            form.add_error(None, str(why))
        else:
            messages.success(request, f"{form.title}已办理。")
            return redirect("visits:entry-detail", pk=pk)
    status = 422 if form.is_bound else 200
    context = {"target": target, "form": form}
    return render(request, "visits/entry_change.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(can_import_register, ONLY_KEEPERS)
def freeze(request: CampaignRequest) -> HttpResponse:
    """The denominator: the numbers as they are, those that were fixed, and fixing them."""
    campaign = campaign_of(request)
    if campaign is None:
        return render(request, "visits/freeze.html")
    counts = counts_of(campaign)
    given = request.POST if request.method == "POST" else None
    form = FreezeForm(given, initial={"seen": _as_text(counts)})
    status = 200
    if request.method == "POST":
        if not freezes(request.user, campaign):
            raise PermissionDenied("只有专项行动的作风办可以核定分母。")
        if form.is_valid() and _requested(request, campaign, counts, form):
            return redirect("visits:freeze")
        status = 422
    return _freeze_page(request, campaign, counts, form, status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(can_import_register, ONLY_KEEPERS)
def entry_join(request: CampaignRequest, kind: str) -> HttpResponse:
    """One entry joins the register by hand."""
    campaign = campaign_of(request)
    if kind not in TargetKind.values or campaign is None:
        raise Http404
    frozen = current_freeze(campaign)
    given = request.POST if request.method == "POST" else None
    form = JoinForm(
        given,
        kind=TargetKind(kind),
        needs_reason=frozen is not None,
        cancel_url=reverse("visits:entry-list"),
    )
    if given is not None and form.is_valid():
        joined = _joined(request, campaign, TargetKind(kind), form)
        if joined:
            return redirect("visits:entry-detail", pk=joined.pk)
    context = {"form": form, "kind": TargetKind(kind), "frozen": frozen}
    status = 422 if form.is_bound else 200
    return render(request, "visits/entry_join.html", context, status=status)


def _joined(
    request: CampaignRequest, campaign: Campaign, kind: TargetKind, form: JoinForm
) -> Target | None:
    """The entry, when it is in the register now; else the form says why not."""
    try:
        target, is_new = services.join_by_hand(
            campaign=campaign, kind=kind, actor=request.user, **form.arguments()
        )
    except services.NotAccepted as why:
        form.reject(why.errors)
    except services.Doubtful as why:
        form.ask_if_sure(why.doubts)
    except services.Alike as why:
        _ask_about(request, form, why.found)
    except Refused as why:
        form.add_error(None, str(why))
    else:
        said = "已登记，计入分母，等待走访。" if is_new else "这个对象已经在册，没有重复登记。"
        messages.success(request, said)
        return target
    return None


def _ask_about(request: CampaignRequest, form: JoinForm, found: Sequence[Resembled]) -> None:
    """Whose telephone it is, is told as often as by a search, and leaves the same trace."""
    try:
        if any(each.likeness == Likeness.KNOWN_PHONE for each in found):
            services.note_phone_search(actor=request.user)
    except services.TooOften as why:
        form.add_error(None, str(why))
    else:
        form.ask_about(found)


def _freeze_page(
    request: CampaignRequest,
    campaign: Campaign,
    counts: dict[str, int],
    form: FreezeForm,
    status: int,
) -> HttpResponse:
    frozen = current_freeze(campaign)
    jobs = Job.objects.visible_to(request.user).filter(kind=APPLY)
    context = {
        "campaign": campaign,
        "form": form,
        "may_freeze": freezes(request.user, campaign),
        "frozen": frozen,
        "registered": sum(counts[kind] for kind in TargetKind.values),
        "rows": _compared(counts, frozen),
        "freezes": campaign.freezes.select_related("frozen_by").order_by("-number"),
        "changes": changes_of(campaign, request.user).select_related(
            "target__area__parent", "actor"
        )[:SHOWN_CHANGES],
        "job": jobs.order_by("-queued_at").first(),
    }
    return render(request, "visits/freeze.html", context, status=status)


def _requested(
    request: CampaignRequest, campaign: Campaign, counts: dict[str, int], form: FreezeForm
) -> bool:
    """Whether the freeze is asked for; else the form says why not."""
    try:
        if form.cleaned_data["seen"] != _as_text(counts):
            raise Refused(MOVED)
        services.request_freeze(
            campaign=campaign,
            actor=request.user,
            seen=counts,
            reason=form.cleaned_data["reason"],
        )
    except Refused as why:
        form.add_error(None, str(why))
        form.data = {"reason": form.data.get("reason", ""), "seen": _as_text(counts)}
        return False
    return True


def _as_text(counts: dict[str, int]) -> str:
    return ",".join(f"{part}={number}" for part, number in sorted(counts.items()))


def _compared(counts: dict[str, int], frozen: Freeze | None) -> list[tuple[str, int, int | None]]:
    before = frozen.counts if frozen else {}
    parts = sorted({*counts, *before}, key=lambda part: (part not in TargetKind.values, part))
    return [
        (label_of_part(part), counts.get(part, 0), before.get(part, 0) if frozen else None)
        for part in parts
    ]


def _entry(request: StaffRequest, pk: int) -> Target:
    related = ("area__parent", "campaign__area", "merged_into")
    return get_object_or_404(kept_by(request.user).select_related(*related), pk=pk)


def _possible(target: Target) -> list[str]:
    if target.struck_at:
        return [ChangeKind.RETURN]
    acts = [ChangeKind.LEAVE, ChangeKind.CORRECTION, ChangeKind.MERGE]
    if target.kind != TargetKind.VILLAGE:
        acts.insert(0, ChangeKind.MOVE)
    if target.kind == TargetKind.HOUSEHOLD:
        acts.insert(1, ChangeKind.SPLIT)
    return [str(act) for act in acts]


def _change(request: StaffRequest, target: Target, act: str, form: ChangeForm) -> None:
    given: dict[str, Any] = form.arguments() | {"target": target, "actor": request.user}
    if act != ChangeKind.SPLIT:
        ACTS[act](**given)
        return
    new = cast(SplitForm, form).household()
    heir = new.code if form.cleaned_data["heir"] == "new" else target.code
    services.split_household(into=[new], state_stays_with=heir, **given)
