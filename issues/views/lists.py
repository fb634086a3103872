"""Pages of the problem lists of units."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaign.models import Campaign
from campaign.queries import units_in
from campaign.requests import CampaignRequest, campaign_of
from core.paging import is_key, part_of
from core.permissions import needs
from issues import services
from issues.choices import State
from issues.forms.items import IssueForm, told
from issues.forms.lists import SeenForm, TakeInForm, UnitItemForm
from issues.models import Claim, Issue, ListVersion, Origin
from issues.queries import findings_of, shown_hash
from issues.queries.lists import (
    candidates,
    compare,
    entries_of,
    fingerprint,
    hash_again,
    items_of_list,
    lines_of,
    merged_text,
    open_version,
    people_without_a_list,
    share_of,
    versions_of,
)
from issues.rules import can_claim, confirms_list, keeps_list, moves_for, reads_lists
from issues.services import Stale
from issues.views.items import saved, visible_issue
from issues.workflow import Refused
from organisation.models import Unit
from organisation.queries.units import leaders_of
from organisation.requests import StaffRequest
from organisation.rules import takes_part

NO_LISTS = (
    "单位问题清单由联络员、单位班子成员、作风办、纪委监委和领导查看。您自己的问题在「问题清单」里。"
)
NO_CLAIM = "这个账号不参与专项行动，不能认领问题。"
NO_CAMPAIGN = "现在没有正在进行的专项行动。"


@require_safe
@needs(reads_lists, NO_LISTS)
def unit_lists(request: CampaignRequest) -> HttpResponse:
    """The lists of all units within reach; with one unit, at once its list."""
    campaign = campaign_of(request)
    units = list(units_in(campaign, request.user)) if campaign else []
    if len(units) == 1:
        return redirect("issues:unit-list", units[0].pk)
    page = part_of(units, request)
    lines = lines_of(campaign, page.rows) if campaign else []
    context = {"campaign": campaign, "page": page, "lines": lines}
    return render(request, "issues/unit_lists.html", context)


@require_safe
@needs(reads_lists, NO_LISTS)
def unit_list(request: CampaignRequest, pk: int) -> HttpResponse:
    """The list of one unit: what stands on it, what its cadres have written, its versions."""
    campaign, unit = _campaign_and_unit(request, pk)
    return render(request, "issues/unit_list.html", _list_context(request, campaign, unit))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(reads_lists, NO_LISTS)
def unit_item_create(request: CampaignRequest, pk: int) -> HttpResponse:
    """Write an item of the unit, made of the cadres' items that were ticked, or of none."""
    campaign, unit = _campaign_and_unit(request, pk)
    if not keeps_list(request.user, unit):
        raise PermissionDenied(services.NOT_YOURS_TO_KEEP)
    form = UnitItemForm(
        request.POST or None,
        campaign=campaign,
        unit=unit,
        cancel_url=f"/issues/lists/{pk}/",
        initial=_beginning(request, campaign, unit),
    )
    if request.method == "POST" and form.is_valid():
        try:
            item = services.write_unit_item(
                campaign=campaign,
                unit=unit,
                author=request.user,
                category=form.cleaned_data["category"],
                text=form.text(),
                origins=form.cleaned_data["origins"],
                token=form.cleaned_data["token"],
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{item.number} 已存入单位清单，定稿前可以再改。")
            return redirect("issues:unit-list", pk)
    return render(request, "issues/unit_item_form.html", _form_context(form, unit))


@require_POST
@needs(reads_lists, NO_LISTS)
def unit_list_take_in(request: CampaignRequest, pk: int) -> HttpResponse:
    """Put the ticked items of cadres into a draft of the unit, or go on to a new one."""
    campaign, unit = _campaign_and_unit(request, pk)
    if not keeps_list(request.user, unit):
        raise PermissionDenied(services.NOT_YOURS_TO_KEEP)
    drafts = items_of_list(campaign, unit).filter(state=State.DRAFT)
    form = TakeInForm(request.POST, drafts=drafts, items=candidates(campaign, unit))
    if not form.is_valid():
        messages.error(request, "请先勾选干部的问题。")
        return redirect("issues:unit-list", pk)
    item, items = form.cleaned_data["unit_item"], form.cleaned_data["items"]
    if item is None:
        asked = urlencode({"item": [each.pk for each in items]}, doseq=True)
        return redirect(f"{reverse('issues:unit-item-create', args=[pk])}?{asked}")
    try:
        services.take_in(unit_item=item, items=items, actor=request.user)
    except (Refused, Stale) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{len(items)} 条已并入 {item.number}。")
    return redirect("issues:unit-list", pk)


@require_POST
@needs(reads_lists, NO_LISTS)
def origin_remove(request: StaffRequest, pk: int, origin: int) -> HttpResponse:
    """Take an item of a cadre out of a draft of the unit."""
    issue = visible_issue(request, pk)
    taken = get_object_or_404(Origin.objects.select_related("item"), pk=origin, unit_item=issue)
    taken.unit_item = issue
    try:
        services.take_out(origin=taken, actor=request.user)
    except (Refused, Stale) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{taken.item.number} 已移出，仍在干部本人的清单里。")
    return redirect("issues:issue-detail", pk)


@require_POST
@needs(reads_lists, NO_LISTS)
def unit_list_freeze(request: CampaignRequest, pk: int) -> HttpResponse:
    """Make the list version N and ask the head."""
    campaign, unit = _campaign_and_unit(request, pk)
    form = _seen(request)
    try:
        version = services.freeze_list(
            campaign=campaign, unit=unit, actor=request.user, seen=form["seen"]
        )
    except (Refused, Stale) as error:
        messages.error(request, str(error))
        return redirect("issues:unit-list", pk)
    messages.success(request, f"第 {version.number} 版已定稿，等单位主要负责人确认。")
    return redirect("issues:list-version", version.pk)


@require_safe
@needs(reads_lists, NO_LISTS)
def list_version(request: StaffRequest, pk: int) -> HttpResponse:
    """A frozen version: its entries, what the office still has to review, and what changed."""
    version = _visible_version(request, pk)
    return render(request, "issues/list_version.html", _version_context(request, version))


@require_POST
@needs(reads_lists, NO_LISTS)
def list_confirm(request: StaffRequest, pk: int) -> HttpResponse:
    """The head's assent."""
    version = _visible_version(request, pk)
    try:
        services.confirm_list(version=version, actor=request.user, seen=_seen(request)["seen"])
    except (Refused, Stale) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "已确认，清单已报作风办审核备案。")
    return redirect("issues:list-version", pk)


@require_POST
@needs(reads_lists, NO_LISTS)
def list_return(request: StaffRequest, pk: int) -> HttpResponse:
    """The head sends it back."""
    version = _visible_version(request, pk)
    form = SeenForm(request.POST)
    if too_long := form.errors.get("note"):
        return _version_again(request, pk, str(too_long[0]))
    sent = _seen(request)
    try:
        services.return_list(
            version=version, actor=request.user, seen=sent["seen"], note=sent["note"]
        )
    except (Refused, Stale) as error:
        return _version_again(request, pk, str(error))
    messages.success(request, "已退回，编制人会收到消息。")
    return redirect("issues:list-version", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(takes_part, NO_CLAIM)
def issue_claim(request: StaffRequest, pk: int) -> HttpResponse:
    """Answer for somebody else's problem with an item of one's own."""
    claimed = visible_issue(request, pk)
    if not can_claim(request.user, claimed):
        raise PermissionDenied(services.NOT_YOURS_TO_CLAIM)
    earlier = Claim.objects.filter(claimed=claimed, leader=request.user).first()
    if earlier:
        return redirect("issues:issue-detail", earlier.own_item_id)
    names = ("category", "title", "nature", "source")
    submitting = "submit" in request.POST
    form = IssueForm(
        request.POST or None,
        campaign=claimed.campaign,
        submitting=submitting,
        author=request.user,
        cancel_url=f"/issues/{pk}/",
        initial={name: getattr(claimed, name) for name in names},
    )
    if request.method == "POST" and form.is_valid():
        own = services.claim_item(
            claimed=claimed,
            actor=request.user,
            category=form.cleaned_data["category"],
            text=form.text(),
            token=form.cleaned_data["token"],
        )
        messages.success(request, f"已认领，您自己的问题编号是 {own.number}。")
        return saved(request, own, submitting, form)
    return render(request, "issues/claim_form.html", {"form": form, "claimed": claimed})


def _campaign_and_unit(request: CampaignRequest, pk: int) -> tuple[Campaign, Unit]:
    campaign = campaign_of(request)
    if campaign is None:
        raise PermissionDenied(NO_CAMPAIGN)
    return campaign, get_object_or_404(units_in(campaign, request.user), pk=pk)


def _visible_version(request: StaffRequest, pk: int) -> ListVersion:
    versions = ListVersion.objects.visible_to(request.user)
    return get_object_or_404(
        versions.select_related("unit__area", "campaign", "frozen_by", "assented_by"), pk=pk
    )


def _version_again(request: StaffRequest, pk: int, why: str) -> HttpResponse:
    """The page as the version stands now, with the reason that was written."""
    messages.error(request, why)
    context = _version_context(request, _visible_version(request, pk))
    context["sent"] = {"name": "list", "fault": why, "note": request.POST.get("note", "")}
    return render(request, "issues/list_version.html", context, status=422)


def _seen(request: StaffRequest) -> dict[str, Any]:
    form = SeenForm(request.POST)
    if not form.is_valid():
        raise BadRequest("act on a list without its fingerprint")
    return form.cleaned_data


def _list_context(request: StaffRequest, campaign: Campaign, unit: Unit) -> dict[str, Any]:
    keeps = keeps_list(request.user, unit)
    items = list(items_of_list(campaign, unit))
    if not keeps:
        items = [item for item in items if item.state not in {State.DRAFT, State.SUBMITTED}]
    versions = list(versions_of(campaign, unit, request.user))
    drafts = [item for item in items if item.state == State.DRAFT]
    return {
        "campaign": campaign,
        "unit": unit,
        "items": items,
        "drafts": drafts,
        "share": share_of(campaign, unit),
        "keeps": keeps,
        "seen": fingerprint(items) if keeps else "",
        "waiting": open_version(campaign, unit) if keeps else None,
        "without": people_without_a_list(campaign, unit) if keeps else [],
        "candidates": list(candidates(campaign, unit)) if keeps else [],
        "versions": versions,
        "next_number": versions[0].number + 1 if versions else 1,
    }


def _beginning(request: StaffRequest, campaign: Campaign, unit: Unit) -> dict[str, Any]:
    """What the form begins with: the words of the ticked items, the head as leader."""
    keys = [key for key in request.GET.getlist("item") if is_key(key)]
    ticked = list(candidates(campaign, unit).filter(pk__in=keys)) if keys else []
    beginning: dict[str, Any] = merged_text(ticked) if ticked else {}
    head = leaders_of(unit).first()
    leader = head.user if head else None
    return beginning | {"origins": [item.pk for item in ticked], "leader": leader}


def _form_context(form: UnitItemForm, unit: Unit, issue: Issue | None = None) -> dict[str, Any]:
    keys = form["origins"].value() or []
    origins = form.fields["origins"].queryset.filter(pk__in=keys)  # type: ignore[attr-defined]
    return {"form": form, "unit": unit, "issue": issue, "origins": origins.order_by("id")}


def _version_context(request: StaffRequest, version: ListVersion) -> dict[str, Any]:
    rows = []
    for entry, text in entries_of(version):
        issue = entry.issue
        issue.unit, issue.campaign = version.unit, version.campaign
        is_newer = entry.version != issue.version
        waits = issue.state == State.CONFIRMED and not is_newer
        moves = moves_for(request.user, issue) if waits else []
        rows.append(
            {
                "entry": entry,
                "issue": issue,
                "text": text,
                "is_newer": is_newer,
                "moves": moves,
                "hints": told(findings_of(issue)) if moves else None,
                "seen_hash": shown_hash(issue) if moves else "",
            }
        )
    others = versions_of(version.campaign, version.unit, request.user).exclude(pk=version.pk)
    return {
        "version": version,
        "rows": rows,
        "is_whole": hash_again(version) == version.sha256,
        "confirms": not version.assent and confirms_list(request.user, version),
        "others": others,
        **_compared(request, version),
    }


def _compared(request: StaffRequest, version: ListVersion) -> dict[str, Any]:
    """Against the version asked for, else the one before."""
    others = versions_of(version.campaign, version.unit, request.user)
    older: ListVersion | None
    asked = request.GET.get("with", "")
    if asked:
        if not is_key(asked):
            raise Http404
        older = get_object_or_404(others, number=int(asked))
    else:
        older = others.filter(number__lt=version.number).order_by("-number").first()
    if older is None:
        return {}
    return {"older": older, "comparison": compare(older, version)}
