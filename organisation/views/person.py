"""One person's page, and what is done to the account from there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from core.permissions import needs
from organisation import rules, services
from organisation.forms.people import RevealForm
from organisation.models import Authenticator, SecurityPolicy, User
from organisation.queries import people as reads
from organisation.requests import StaffRequest, ask_proof
from organisation.services import Refused, accounts, sessions

ONLY_ACCOUNTS = (
    "账号由系统管理员办理；重要岗位的动态口令由安全管理员重设；"
    "作风办和联络员只能重设普通干部的密码。"
)
NOT_HIS = "这一项不由您办理：本人的账号、重要岗位的动态口令等，请联系系统管理员或安全管理员。"
NOTHING_TO_DO = "这个账号现在不用办理这一项，可能刚刚有变动，请看下面的账号状态。"


@dataclass(frozen=True)
class Act:
    """Something done to an account, and how the page asks and answers."""

    name: str
    label: str
    question: str
    done: str
    do: Callable[..., object]


ACTS = {
    act.name: act
    for act in (
        Act(
            "disable",
            "停用账号",
            "停用后立即退出登录，不能再登录。确定停用？",
            "账号已停用，登录已全部退出。",
            accounts.disable_account,
        ),
        Act("enable", "启用账号", "确定启用？", "账号已启用。", accounts.enable_account),
        Act(
            "reset-password",
            "重设密码",
            "原密码立即作废，登录全部退出。确定重设？",
            "密码已重设。",
            accounts.reset_password,
        ),
        Act(
            "reset-second-factor",
            "重设动态口令",
            "原动态口令和恢复码立即作废。请先当面或打电话核实是本人。确定重设？",
            "动态口令已清除，本人下次登录时重新绑定。",
            accounts.reset_second_factor,
        ),
        Act(
            "end-sessions",
            "退出全部登录",
            "这个人在所有设备上的登录都会退出。确定？",
            "登录已全部退出。",
            sessions.end_sessions,
        ),
    )
}


@require_POST
@needs(rules.keeps_accounts, ONLY_ACCOUNTS)
def person_account(request: StaffRequest, pk: int, act: str) -> HttpResponse:
    """Do one thing to the account; a new password is shown in this answer and never again."""
    person = visible_person(request, pk)
    if act not in ACTS:
        raise Http404
    if act not in allowed_acts(request.user, person):
        raise PermissionDenied(NOT_HIS)
    if act not in meaningful_acts(person):
        messages.info(request, NOTHING_TO_DO)
        return redirect("organisation:person-detail", pk)
    if act == "reset-second-factor" and (asked := ask_proof(request)):
        return asked
    answer = ACTS[act].do(user=person, actor=request.user)
    if act == "reset-password":
        return password_page(request, person, str(answer), f"已重设{person.name}的密码")
    messages.success(request, f"{person.name}：{ACTS[act].done}")
    return redirect("organisation:person-detail", pk)


@require_POST
@needs(rules.sees_business, "管理员只办理账号，不查看手机号。")
def person_reveal(request: StaffRequest, pk: int) -> HttpResponse:
    """The whole number once, in this answer, for a reason that is kept."""
    person = visible_person(request, pk)
    form = RevealForm(request.POST)
    if not form.is_valid():
        context = detail_context(request, person) | {"reveal_form": form}
        return render(request, "organisation/person.html", context, status=422)
    reason = form.cleaned_data["reason"]
    try:
        phone = services.reveal_phone(user=person, reason=reason, actor=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("organisation:person-detail", pk)
    context = detail_context(request, person) | {"revealed": phone}
    return render(request, "organisation/person.html", context)


def acts_for(user: User, person: User) -> list[Act]:
    """What this reader may do to that account, and what has a meaning as it is now."""
    names = allowed_acts(user, person) & meaningful_acts(person)
    return [act for act in ACTS.values() if act.name in names]


def allowed_acts(user: User, person: User) -> set[str]:
    """What this reader may do to that account, whatever its state."""
    allowed = set()
    if rules.can_manage_account(user, person):
        allowed |= {"disable", "enable", "reset-password", "end-sessions"}
    if rules.can_reset_password(user, person):
        allowed.add("reset-password")
    if rules.can_reset_second_factor(user, person):
        allowed.add("reset-second-factor")
    return allowed


def meaningful_acts(person: User) -> set[str]:
    """What would change something: nobody signs out who is not signed in."""
    found = {"disable", "reset-password"} if person.is_active else {"enable"}
    if has_second_factor(person):
        found.add("reset-second-factor")
    if reads.session_count(person):
        found.add("end-sessions")
    return found


def has_second_factor(person: User) -> bool:
    return Authenticator.objects.filter(user=person, confirmed=True).exists()


def password_page(
    request: StaffRequest, person: User, password: str, done: str, *, is_new: bool = False
) -> HttpResponse:
    """The one answer that shows a new password; ``done`` says how it came about."""
    days = SecurityPolicy.objects.in_force().initial_password_days
    context = {
        "person": person,
        "password": password,
        "done": done,
        "is_new": is_new,
        "valid_until": (person.password_set_at or timezone.now()) + timedelta(days=days),
    }
    return render(request, "organisation/person_password.html", context)


def visible_person(request: StaffRequest, pk: int) -> User:
    """The person, when the reader's scope reaches him; else 404."""
    people = User.objects.visible_to(request.user).select_related("unit__area")
    person: User = get_object_or_404(people, pk=pk)
    return person


def detail_context(request: StaffRequest, person: User) -> dict[str, Any]:
    """Everything the person's page shows; administrators see account data only."""
    user = request.user
    rights = reads.rights_of(person)
    posting = reads.open_posting(person)
    return {
        "person": person,
        "present": posting,  # "posting" is the reader's own, in the frame of every page
        "postings": reads.postings_of(person),
        "rights": [(each, rules.can_revoke(user, each)) for each in rights.now],
        "rights_before": rights.before,
        "business": rules.sees_business(user),
        "has_second_factor": has_second_factor(person),
        "sessions": reads.session_count(person),
        "acts": acts_for(user, person),
        "can_edit": rules.can_correct(user, person),
        "can_move": posting is not None and rules.can_post(user, person),
        "can_return": rules.can_reinstate(user, person) and not reads.is_in_office(person),
        "can_grant": person.is_active and rules.finds_a_role_for(user, person),
        "reveal_form": RevealForm(),
    }


def posted(request: StaffRequest) -> QueryDict | None:
    """What was sent, even when it is nothing; None when the page is only looked at."""
    return request.POST if request.method == "POST" else None


def status_of(form: Form) -> int:
    """422 for a form that goes back with its errors."""
    return 422 if form.is_bound and form.errors else 200
