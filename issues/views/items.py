"""Pages of problem items."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaign.models import Campaign, Category
from campaign.queries import running_campaigns
from campaign.requests import CampaignRequest, campaign_of
from core.paging import is_key
from core.permissions import needs
from issues import services
from issues.choices import MILESTONES, Level, State
from issues.concreteness import NAMES, Span
from issues.forms.evidence import EvidenceForm
from issues.forms.extensions import ExtensionForm
from issues.forms.items import IssueForm, LiveCheck, told
from issues.forms.lists import LedItemForm, UnitItemForm
from issues.forms.slips import SlipForm
from issues.milestones import names_of
from issues.models import TEXT_FIELDS, Autosave, Claim, Issue
from issues.queries import (
    Like,
    evidence_of,
    example_of,
    findings_of,
    last_due_of_relapse,
    lessons,
    like_items,
    likes_of,
    plan_of,
    returned_of,
    shown_hash,
    sign_offs_of,
    slips_of,
    strangers,
    wish_of,
)
from issues.queries.appeals import appeal_origins_of
from issues.queries.autosave import words_left, words_of
from issues.queries.lists import kin_of, origins_of
from issues.rules import (
    can_add_evidence,
    can_ask_for_time,
    can_choose_example,
    can_claim,
    can_edit,
    can_take_down,
    grants_time,
    judges_text,
    lasts_from,
    moves_for,
    raises_slips,
    reads_lists,
    signs_off_sometimes,
)
from issues.services import Stale
from issues.views.shown import brought_in_by, shown_of_hand_over, shown_of_plan
from issues.workflow import Refused
from organisation.models import User
from organisation.queries import unit_of
from organisation.requests import StaffRequest
from organisation.rules import takes_part

DAYS = {"happened_on", "due_on"} | {names_of(number).day for number in range(MILESTONES + 1)}
NO_PART = "这个账号不参与专项行动，看不到问题清单。请用参与专项行动的账号登录。"
NO_TEXT = "这个账号不参与专项行动，没有要核查的问题。请用参与专项行动的账号登录。"


@require_http_methods(["GET", "HEAD", "POST"])
@needs(takes_part, NO_PART)
def issue_create(request: CampaignRequest) -> HttpResponse:
    """Write a new item; a new draft, or straight to the unit."""
    campaign = campaign_or_refuse(request)
    submitting = "submit" in request.POST
    form = IssueForm(
        request.POST or None,
        campaign=campaign,
        submitting=submitting,
        author=request.user,
        cancel_url="/issues/",
        initial=_left(request, campaign),
    )
    if request.method == "POST" and form.is_valid():
        issue = services.write_issue(
            campaign=campaign,
            author=request.user,
            category=form.cleaned_data["category"],
            text=form.text(),
            token=form.cleaned_data["token"],
        )
        return saved(request, issue, submitting, form)
    return _form_page(request, form)


@require_POST
@needs(takes_part, NO_TEXT)
def issue_check(request: StaffRequest) -> HttpResponse:
    """What is not concrete yet in the text being written; nothing of it is kept."""
    form = LiveCheck(request.POST)
    form.full_clean()
    sent = form.cleaned_data
    running = (each for each in running_campaigns(request.user) if each.pk == sent.get("campaign"))
    spans = (Span(each.starts_on, each.ends_on) for each in running)
    origins = {int(key) for key in request.POST.getlist("origins") if is_key(key)}
    context = {
        "hints": told(form.check(next(spans, None))),
        "likes": _likes(request, sent | {"origins": origins}, sent.get("issue")),
        "faulty": form,
        "names": NAMES,
    }
    return render(request, "issues/_checked.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(takes_part, NO_PART)
def issue_update(request: StaffRequest, pk: int) -> HttpResponse:
    """Change a draft."""
    issue = visible_issue(request, pk)
    if not can_edit(request.user, issue):
        raise PermissionDenied(services.NOT_YOURS_TO_EDIT)
    submitting = "submit" in request.POST and issue.level == Level.PERSONAL
    form = _form_of(issue)(
        request.POST or None,
        campaign=issue.campaign,
        submitting=submitting,
        cancel_url=f"/issues/{pk}/",
        initial=_initial(issue) | _left(request, issue.campaign, issue),
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.rewrite_issue(
                issue=issue,
                author=request.user,
                category=form.cleaned_data["category"],
                text=form.text(),
                seen_version=form.cleaned_data["seen_version"] or 0,
            )
        except Stale as error:
            form.add_error(None, str(error))
        else:
            return saved(request, issue, submitting, form)
    return _form_page(request, form, issue)


@require_safe
@needs(takes_part, NO_PART)
def issue_detail(request: StaffRequest, pk: int) -> HttpResponse:
    """One item: its text, evidence, history, and the steps this person may take."""
    issue = visible_issue(request, pk)
    return render(request, "issues/issue_detail.html", detail_context(request, issue))


def visible_issue(request: StaffRequest, pk: int) -> Issue:
    issues = Issue.objects.visible_to(request.user)
    return get_object_or_404(
        issues.select_related(
            "unit__area", "author", "responsible", "category", "campaign", "disclosure"
        ),
        pk=pk,
    )


def campaign_or_refuse(request: CampaignRequest) -> Campaign:
    campaign = campaign_of(request)
    if campaign is None:
        raise PermissionDenied("现在没有正在进行的专项行动，不能填写问题清单。")
    if unit_of(request.user) is None:
        raise PermissionDenied(services.NO_POSTING)
    return campaign


def _form_of(issue: Issue) -> Callable[..., IssueForm]:
    if issue.level == Level.UNIT:
        return partial(UnitItemForm, unit=issue.unit)
    if issue.leader_id:
        return partial(LedItemForm, unit=issue.unit)
    return IssueForm


def _initial(issue: Issue) -> dict[str, Any]:
    names = (*TEXT_FIELDS, "source", "nature", "category", "leader", "responsible")
    plan = plan_of(issue)
    text = {name: getattr(issue, name) for name in names} | (plan.values() if plan else {})
    return text | {"seen_version": issue.version, "discloses": hasattr(issue, "disclosure")}


def _left(request: StaffRequest, campaign: Campaign, issue: Issue | None = None) -> dict[str, Any]:
    """What the form kept by itself, if the person wants to go on with it."""
    asked = request.method != "POST" and request.GET.get("kept") == "1"
    kept = words_left(request.user, campaign, issue) if asked else None
    if kept is None:
        return {}
    words = words_of(kept)
    days = {name: _day(each) for name, each in words.items() if name in DAYS}
    category = _category(campaign, words.get("category", ""))
    return words | days | {"category": category, "token": kept.token}


def _category(campaign: Campaign, key: str) -> Category | None:
    examined = Category.objects.examined().filter(taxonomy__campaign=campaign)
    return examined.filter(pk=int(key)).first() if is_key(key) else None


def _day(words: str) -> date | None:
    try:
        return date.fromisoformat(words)
    except ValueError:
        return None


def _form_page(request: StaffRequest, form: IssueForm, issue: Issue | None = None) -> HttpResponse:
    text = form.cleaned_data if form.is_bound else form.initial
    likes = _likes(request, text, issue.pk if issue else None)
    category = text.get("category")
    context: dict[str, Any] = {
        "form": form,
        "issue": issue,
        "likes": likes,
        "returned": returned_of(issue) if issue else None,
        "lessons": lessons(request.user, category, at=issue) if category else None,
    }
    if issue and issue.level == Level.UNIT:
        return render(request, "issues/unit_item_form.html", context | {"unit": issue.unit})
    kept = words_left(request.user, form.campaign, issue)
    context |= {
        "autosaves": True,
        "kept": kept,
        "goes_on": kept and (request.GET.get("kept") == "1" or _is_of(kept, request)),
    }
    return render(request, "issues/issue_form.html", context)


def _is_of(kept: Autosave | None, request: StaffRequest) -> bool:
    """Whether the form that was sent, and refused, is the one that kept itself."""
    return kept is not None and request.POST.get("token") == str(kept.token)


def _likes(request: StaffRequest, text: Mapping[str, Any], but: int | None) -> list[Like]:
    """What the text in a form is like; ``but``: the item itself."""
    found = like_items(text.get("event") or "", reader=request.user, except_issue=but)
    if not found:
        return []
    origins = {getattr(each, "pk", each) for each in text.get("origins") or ()}
    return strangers(found, origins | (kin_of(but) if but else set()))


def saved(request: StaffRequest, issue: Issue, submitting: bool, form: IssueForm) -> HttpResponse:
    """After the text of a form was kept: hand it in where that was asked, and say what came."""
    if issue.level == Level.UNIT:
        messages.success(request, "已保存，随清单一起定稿。")
        return redirect("issues:issue-detail", issue.pk)
    if not submitting:
        messages.success(request, "草稿已保存，只有您自己看得到。")
        if form.cleaned_data["discloses"]:
            messages.warning(request, "「主动说明」从提交时算起，提交时请再勾选一次。")
        return redirect("issues:issue-detail", issue.pk)
    try:
        services.make_move(
            issue=issue,
            name="submit",
            actor=request.user,
            discloses=form.cleaned_data["discloses"],
            seen_hash=shown_hash(issue),
        )
    except (Refused, Stale) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _submitted(issue))
    return redirect("issues:issue-detail", issue.pk)


def _submitted(issue: Issue) -> str:
    fields = {finding.field for finding in findings_of(issue)}
    if not fields:
        return "已提交，等单位负责人审核。"
    return f"已提交，等单位负责人审核。有 {len(fields)} 处写得还不够具体，审核时会看到提示。"


def _lasts_from(user: User, issue: Issue) -> date | None:
    """The day from which who looks back may find that it has lasted, while that is to come."""
    is_young = issue.state == State.CLOSED and lasts_from(issue) > timezone.localdate()
    return lasts_from(issue) if is_young and signs_off_sometimes(user, issue) else None


def _nobody_next(user: User, issue: Issue) -> str:
    """To whom the item belongs: that nobody may take the step it waits for."""
    is_own = user.pk in {issue.author_id, issue.responsible_id}
    return services.STUCK if is_own and services.is_stuck(issue) else ""


def _more_time(user: User, issue: Issue) -> dict[str, Any]:
    """Whether the person may ask for more time, and what stands against it."""
    may = can_ask_for_time(user, issue)
    return {"can_ask_for_time": may, "no_more_time": services.no_more_time(issue) if may else ""}


def detail_context(request: StaffRequest, issue: Issue) -> dict[str, Any]:
    today = timezone.localdate()
    events = list(issue.events.select_related("actor"))
    moves = moves_for(request.user, issue)
    editable = can_edit(request.user, issue)
    judges = editable or judges_text(moves)
    return {
        "issue": issue,
        "returned": events[-1] if events and events[-1].is_return else None,
        "wish": wish_of(events),
        "seen_hash": shown_hash(issue),
        "first_due": today + timedelta(days=1),
        "last_due": last_due_of_relapse(issue, today),
        "moves": moves,
        "nobody_next": _nobody_next(request.user, issue),
        "lasts_from": _lasts_from(request.user, issue),
        "hints": told(findings_of(issue)) if judges else None,
        "likes": likes_of(issue, request.user) if judges else [],
        "can_edit": editable,
        "origins": origins_of(issue, request.user),
        "appeal_origins": appeal_origins_of(issue, request.user),
        "claims": issue.claims.select_related("leader", "own_item"),
        "claim_of": Claim.objects.filter(own_item=issue).select_related("claimed").first(),
        "can_claim": can_claim(request.user, issue),
        "reads_lists": reads_lists(request.user),
        "can_add_evidence": can_add_evidence(request.user, issue),
        "evidence_form": EvidenceForm(),
        **evidence_of(issue),
        "events": events,
        "sign_offs": sign_offs_of(issue),
        "example": example_of(issue),
        "can_choose_example": can_choose_example(request.user, issue),
        "can_take_down": can_take_down(request.user, issue),
        "extensions": issue.extensions.select_related("asked_by", "decided_by"),
        **_more_time(request.user, issue),
        "grants_time": grants_time(request.user, issue),
        "extension_form": ExtensionForm(),
        **shown_of_hand_over(request.user, issue),
        "slips": slips_of(issue),
        "raises_slips": raises_slips(request.user, issue),
        "slip_form": SlipForm(),
        "brought_in_by": brought_in_by(request.user, issue),
        **shown_of_plan(request.user, issue),
    }
