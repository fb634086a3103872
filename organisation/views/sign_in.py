"""Signing in, in one step or two, and out."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from core.permissions import everyone, needs, signed_in
from organisation import throttle
from organisation.forms.sign_in import CodeForm, SignInForm
from organisation.middleware import SECOND_FACTOR
from organisation.models import Authenticator, SecurityPolicy, User
from organisation.requests import StaffRequest, address_of, locked_text, wait_text
from organisation.services.second_factor import Answer, check_code
from organisation.services.sessions import accept_sign_in, end_sign_in, refuse_sign_in
from organisation.sessions import STARTED

BACKEND = "organisation.passwords.PasswordBackend"
PENDING = "pending"  # in the session, between the two steps
FEW_CODES = 3


@require_http_methods(["GET", "HEAD", "POST"])
@needs(everyone)
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """The first step; someone already signed in goes home."""
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    form = SignInForm(request, data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _password_accepted(request, form.get_user())
    if form.is_bound and form.is_refused:
        return _password_refused(request, form)
    return _login_page(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(everyone)
@sensitive_post_parameters("code")
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """The second step, for five minutes after the first."""
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    user = _pending_user(request)
    if user is None:
        request.session.pop(PENDING, None)
        return redirect(f"{resolve_url(settings.LOGIN_URL)}?why=code")
    form = CodeForm(request.POST or None)
    if not form.is_valid():
        return _code_page(request, form)
    answer = check_code(user=user, code=form.cleaned_data["code"])
    if not answer.by:
        refuse_sign_in(username=user.username, address=address_of(request), step="code")
        form.add_error("code", wait_text(answer))
        return _code_page(request, form, status=429 if answer.wait_seconds else 422)
    _warn_of_recovery(request, answer)
    return _signed_in(request, user, by=answer.by, next_page=request.session[PENDING]["next"])


@require_POST
@needs(signed_in)
def sign_out(request: StaffRequest) -> HttpResponse:
    """End the sign-in on the server, and let the browser forget what it kept."""
    end_sign_in(user=request.user, why="logout")
    logout(request)
    response = redirect(settings.LOGOUT_REDIRECT_URL)
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


### The first step


def _password_accepted(request: HttpRequest, user: User) -> HttpResponse:
    next_page = _next_page(request)
    if not Authenticator.objects.filter(user=user, confirmed=True).exists():
        return _signed_in(request, user, by="password", next_page=next_page)
    request.session.cycle_key()
    request.session[PENDING] = {
        "user": user.pk,
        "hash": user.get_session_auth_hash(),
        "at": timezone.now().timestamp(),
        "next": next_page,
    }
    return redirect("organisation:login-code")


def _password_refused(request: HttpRequest, form: SignInForm) -> HttpResponse:
    """Nothing in the answer tells whether the name is known, disabled or has no password left."""
    username, locked = form.cleaned_data["username"], throttle.is_locked(request)
    if throttle.was_counted(request):
        refuse_sign_in(
            username=username, address=address_of(request), step="password", locked=locked
        )
    if locked:
        text = locked_text(request, username)
        return _login_page(request, SignInForm(request), status=429, locked=text)
    return _login_page(request, form)


def _login_page(
    request: HttpRequest, form: SignInForm, status: int = 200, **context: Any
) -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    context |= {"form": form, "next": given.get("next", ""), "why": _why(request)}
    return render(request, "organisation/login.html", context, status=status)


def _why(request: HttpRequest) -> str:
    """Why somebody who was signed in is asked again."""
    why = request.GET.get("why", "")
    if why == "code":
        return "没有在 5 分钟内输入动态口令，请重新登录。"
    if why not in {"idle", "hours"}:
        return ""
    policy = SecurityPolicy.objects.in_force()
    if why == "idle":
        passed = f"已有 {policy.idle_minutes} 分钟没有操作"
    else:
        passed = f"这次登录已满 {policy.session_hours} 小时"
    return f"{passed}，为安全起见已退出。请重新登录，会回到刚才的页面。"


### The second step


def _pending_user(request: HttpRequest) -> User | None:
    """Who has given the password a short time ago and still has it."""
    pending = request.session.get(PENDING)
    if not pending or pending["at"] + settings.SECOND_STEP_SECONDS <= timezone.now().timestamp():
        return None
    user = User.objects.filter(pk=pending["user"], is_active=True).first()
    if user and constant_time_compare(pending["hash"], user.get_session_auth_hash()):
        return user
    return None


def _code_page(request: HttpRequest, form: CodeForm, status: int = 200) -> HttpResponse:
    return render(request, "organisation/login_code.html", {"form": form}, status=status)


def _warn_of_recovery(request: HttpRequest, answer: Answer) -> None:
    if answer.by == "recovery":
        left = f"这个恢复码已用掉，还剩 {answer.codes_left} 个。"
        messages.warning(request, f"{left}手机丢失或换了手机，请在“我的账号”里重新设置动态口令。")


### In


def _signed_in(request: HttpRequest, user: User, *, by: str, next_page: str) -> HttpResponse:
    """Begin the sign-in under a new key, and go where the person wanted to."""
    request.session.pop(PENDING, None)
    request.session.pop(STARTED, None)
    login(request, user, backend=BACKEND)
    if by != "password":
        request.session[SECOND_FACTOR] = True
    accept_sign_in(user=user, by=by)
    return redirect(next_page or settings.LOGIN_REDIRECT_URL)


def _next_page(request: HttpRequest) -> str:
    """The page that was asked for, when it is one of ours."""
    page = request.POST.get("next", request.GET.get("next", ""))
    safe = url_has_allowed_host_and_scheme(
        page, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return page if safe else ""
