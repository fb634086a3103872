"""Sharing the work of a team out, giving one target, taking back."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from core.paging import is_key
from core.permissions import needs
from organisation.models import User
from organisation.requests import StaffRequest
from organisation.rules import takes_part
from visits import services
from visits.forms.split import GiveForm, SplitForm
from visits.models import Target, Team
from visits.queries.split import members_to_give_to, shares_of, teams_to_give_in, villages_of
from visits.rules import can_visit, splits_work
from visits.services.split import NOT_YOURS_TO_SPLIT
from visits.views.visit import NO_PART

ASK_AGAIN = "请重新选择队员后再提交。"


@require_http_methods(["GET", "HEAD", "POST"])
@needs(takes_part, NO_PART)
def team_split(request: StaffRequest, pk: int) -> HttpResponse:
    """What is left of a team's areas, evenly among those who are chosen."""
    team = _team(request, pk)
    villages, shares = villages_of(team), shares_of(team)
    cancel = f"/visits/teams/{team.pk}/"
    form = SplitForm(
        request.POST or None, team=team, villages=villages, shares=shares, cancel_url=cancel
    )
    if request.method == "POST" and form.is_valid():
        try:
            number = services.split_targets(team=team, actor=request.user, **form.split())
        except services.Taken as taken:
            form.add_error(None, str(taken))
        else:
            people = len(form.cleaned_data["members"])
            messages.success(request, f"已把 {number} 个对象平均分给 {people} 人，相邻的分在一起。")
            return redirect("visits:team-split", pk)
    status = 422 if request.method == "POST" else 200
    context = {"team": team, "form": form, "shares": shares, "villages": villages}
    return render(request, "visits/team_split.html", context, status=status)


@require_POST
@needs(takes_part, NO_PART)
def team_take_back(request: StaffRequest, pk: int) -> HttpResponse:
    """Take back what is left of a member's share."""
    team = _team(request, pk)
    key = request.POST.get("person", "")
    members = User.objects.filter(memberships__team=team)
    person = members.filter(pk=int(key)).first() if is_key(key) else None
    if person is None:
        messages.error(request, ASK_AGAIN)
        return redirect("visits:team-split", pk)
    number = services.take_back_targets(team=team, person=person, actor=request.user)
    messages.success(request, f"已从{person.name}收回 {number} 个，可以重新分。")
    return redirect("visits:team-split", pk)


@require_POST
@needs(takes_part, NO_PART)
def target_give(request: StaffRequest, pk: int) -> HttpResponse:
    """Give one target to a member, or take it back."""
    targets = Target.objects.visible_to(request.user).select_related("area", "campaign")
    target = get_object_or_404(targets, pk=pk)
    people = members_to_give_to(request.user, target)
    teams = teams_to_give_in(request.user, target)
    if target.assignee_id != request.user.pk and not teams.exists():
        raise PermissionDenied(NOT_YOURS_TO_SPLIT)
    form = GiveForm(request.POST, people=people)
    if not form.is_valid():
        messages.error(request, ASK_AGAIN)
    else:
        try:
            services.give_target(target=target, actor=request.user, **form.cleaned_data)
        except services.Taken as taken:
            messages.error(request, str(taken))
        else:
            person = form.cleaned_data["person"]
            done = f"已分给{person.name}。" if person else "已收回，全队都可以去。"
            messages.success(request, done)
    goes_there = can_visit(request.user, target)
    return redirect("visits:visit-create" if goes_there else "visits:target-detail", pk)


def _team(request: StaffRequest, pk: int) -> Team:
    teams = Team.objects.visible_to(request.user).select_related("campaign")
    team = get_object_or_404(teams, pk=pk)
    if not splits_work(request.user, team):
        raise PermissionDenied(NOT_YOURS_TO_SPLIT)
    return team
