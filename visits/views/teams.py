"""Pages of the 民情书记服务队: the list, one team, making it up."""

from dataclasses import replace

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaign.models import Campaign
from campaign.requests import CampaignRequest, campaign_of
from core.forms import cleaned
from core.paging import page_of
from core.permissions import needs
from core.sought import opened, to_list
from organisation.requests import StaffRequest
from organisation.rules import takes_part
from visits import services
from visits.forms.team import TeamForm
from visits.models import Team
from visits.queries import team_rows, teams_to_show
from visits.rules import keeps_team, keeps_teams, splits_work
from visits.services.team import NOT_YOURS
from visits.views.visit import NO_PART

NO_CAMPAIGN = "现在没有正在进行的专项行动，不能编组服务队。"


@require_safe
@needs(takes_part, NO_PART)
def team_list(request: CampaignRequest) -> HttpResponse:
    """The teams of one's areas, and one's own."""
    campaign = campaign_of(request)
    words = opened(request.GET, "words").get("words", "")
    context = {"campaign": campaign, "words": words, "keeps_teams": keeps_teams(request.user)}
    if campaign is None:
        return render(request, "visits/team_list.html", context)
    page = page_of(teams_to_show(request.user, campaign, words), request)
    shown = replace(page, rows=team_rows(page.rows))
    return render(request, "visits/team_list.html", context | {"page": shown})


@require_POST
@needs(takes_part, NO_PART)
def team_search(request: StaffRequest) -> HttpResponse:
    """On to the list, narrowed."""
    words = cleaned(request.POST.get("words", "")).strip()
    return to_list("visits:team-list", {"words": words}, "words")


@require_safe
@needs(takes_part, NO_PART)
def team_detail(request: StaffRequest, pk: int) -> HttpResponse:
    """One team: who belongs to it, and how far its areas are."""
    team = _visible_team(request, pk)
    (row,) = team_rows([team])
    context = {
        "team": team,
        "row": row,
        "members": team.memberships.select_related("user__unit"),
        "keeps_team": keeps_team(request.user, team),
        "splits_work": splits_work(request.user, team),
    }
    return render(request, "visits/team_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(keeps_teams, NOT_YOURS)
def team_create(request: CampaignRequest) -> HttpResponse:
    """Make up a new team."""
    campaign = campaign_of(request)
    if campaign is None:
        raise PermissionDenied(NO_CAMPAIGN)
    form = _form(request, campaign)
    if request.method == "POST" and form.is_valid():
        try:
            team = services.create_team(campaign=campaign, actor=request.user, **form.team())
        except services.Taken as taken:
            form.add_error("name", str(taken))
        else:
            messages.success(request, f"已编组{team.name}，队员的待走访里会出现这些区域。")
            return redirect("visits:team-detail", team.pk)
    return _form_page(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(keeps_teams, NOT_YOURS)
def team_update(request: StaffRequest, pk: int) -> HttpResponse:
    """Change its name, areas and members."""
    team = _kept_team(request, pk)
    form = _form(request, team.campaign, team)
    if request.method == "POST" and form.is_valid():
        seen = form.cleaned_data["seen_version"] or 0
        try:
            services.change_team(team=team, actor=request.user, seen_version=seen, **form.team())
        except services.Taken as taken:
            form.add_error(None, str(taken))
        else:
            messages.success(request, "已保存，从现在起按新的名单走访。")
            return redirect("visits:team-detail", pk)
    return _form_page(request, form, team)


@require_POST
@needs(keeps_teams, NOT_YOURS)
def team_dissolve(request: StaffRequest, pk: int) -> HttpResponse:
    """End a team; what it has visited stays."""
    team = _kept_team(request, pk)
    services.dissolve_team(team=team, actor=request.user)
    messages.success(request, f"已解散{team.name}。走访记录都在，它的区域请另外安排。")
    return redirect("visits:team-list")


def _form(request: StaffRequest, campaign: Campaign, team: Team | None = None) -> TeamForm:
    cancel = f"/visits/teams/{team.pk}/" if team else "/visits/teams/"
    return TeamForm(
        request.POST or None,
        keeper=request.user,
        campaign=campaign,
        team=team,
        cancel_url=cancel,
    )


def _form_page(request: StaffRequest, form: TeamForm, team: Team | None = None) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "team": team}
    return render(request, "visits/team_form.html", context, status=status)


def _visible_team(request: StaffRequest, pk: int) -> Team:
    teams = Team.objects.visible_to(request.user).select_related("campaign")
    return get_object_or_404(teams, pk=pk)


def _kept_team(request: StaffRequest, pk: int) -> Team:
    team = _visible_team(request, pk)
    if not keeps_team(request.user, team):
        raise PermissionDenied(NOT_YOURS)
    return team
