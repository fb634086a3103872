"""A person's own account: password, second factor, sign-ins."""

from urllib.parse import quote, urlencode

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import crypto
from core.permissions import needs, signed_in
from organisation import throttle
from organisation.choices import SECOND_FACTOR_ROLES
from organisation.forms.account import ConfirmCodeForm, PasswordForm
from organisation.middleware import SECOND_FACTOR, to_login
from organisation.models import Authenticator, Session, User
from organisation.passwords import is_older
from organisation.queries.sessions import open_sessions
from organisation.requests import (
    StaffRequest,
    ask_proof,
    is_password,
    locked_text,
    record_proved,
)
from organisation.rules import keeps_policy
from organisation.scope import scope_of
from organisation.services.accounts import change_password
from organisation.services.second_factor import (
    renew_recovery_codes,
    set_up_authenticator,
    unused_codes,
)
from organisation.services.sessions import end_session, end_sessions

SECRET = "authenticator"  # noqa: S105 -- the name in the session, where it is kept sealed
SECRET_LABEL = "organisation.Authenticator.new"  # noqa: S105 -- what it is sealed under


@require_safe
@needs(signed_in)
def account(request: StaffRequest) -> HttpResponse:
    """What guards one's account, and where one is signed in."""
    context = {
        "authenticator": _authenticator(request.user),
        "codes_left": unused_codes(request.user),
        "needs_second_factor": _needs_second_factor(request),
        "sessions": open_sessions(user=request.user, policy=request.policy),
        "this_key": request.session.session_key,
        "keeps_policy": keeps_policy(request.user),
    }
    return render(request, "organisation/account.html", context)


### The password


@require_http_methods(["GET", "HEAD", "POST"])
@needs(signed_in)
@sensitive_post_parameters()
def password(request: StaffRequest) -> HttpResponse:
    """Change one's password; an initial or an old one leads here before anything else."""
    form = PasswordForm(_posted(request), user=request.user)
    if not form.is_valid():
        return _password_page(request, form, status=422 if form.is_bound else 200)
    if not is_password(request, form.cleaned_data["old"]):
        locked = throttle.is_locked(request)
        text = locked_text(request, request.user.username) if locked else "现在的密码不对。"
        form.add_error("old", text)
        return _password_page(request, form, status=429 if locked else 422)
    was_forced = request.user.password_is_initial or _is_too_old(request)
    key = request.session.session_key or ""
    change_password(user=request.user, password=form.cleaned_data["new"], key=key)
    update_session_auth_hash(request, request.user)
    record_proved(request)
    messages.success(request, "密码已修改。在其他地方的登录已全部退出。")
    return redirect(settings.LOGIN_REDIRECT_URL if was_forced else "organisation:account")


def _password_page(request: StaffRequest, form: PasswordForm, status: int) -> HttpResponse:
    user = request.user
    why = "initial" if user.password_is_initial else ""
    days = request.policy.password_days
    context = {"form": form, "why": why, "days": days, "forced": why or _is_too_old(request)}
    return render(request, "organisation/account_password.html", context, status=status)


### The second factor


@require_http_methods(["GET", "HEAD", "POST"])
@needs(signed_in)
@sensitive_post_parameters()
def authenticator(request: StaffRequest) -> HttpResponse:
    """Set up the one-time password app, or put another in its place."""
    if _must_come_back(request):
        return to_login(request, "code")
    if request.method == "POST" and "begin" in request.POST:
        return _begin(request)
    secret = _secret(request)
    if not secret:
        return _authenticator_page(request)
    form = ConfirmCodeForm(_posted(request))
    if not form.is_valid():
        return _authenticator_page(request, secret, form, 422 if form.is_bound else 200)
    key = request.session.session_key or ""
    code = form.cleaned_data["code"].replace(" ", "")
    codes = set_up_authenticator(user=request.user, secret=secret, code=code, key=key)
    if not codes:
        form.add_error("code", "口令不对。请核对手机时间是否准确，输入应用里最新的 6 位数字。")
        return _authenticator_page(request, secret, form, 422)
    del request.session[SECRET]
    request.session[SECOND_FACTOR] = True
    request.session.cycle_key()
    return _codes_page(
        request, codes, "动态口令已启用。下次登录时，输完密码再输手机上的 6 位数字。"
    )


@require_POST
@needs(signed_in)
def recovery_codes(request: StaffRequest) -> HttpResponse:
    """Ten new recovery codes in place of the old ones."""
    if _authenticator(request.user) is None:
        raise Http404
    if asked := ask_proof(request):
        return asked
    codes = renew_recovery_codes(user=request.user)
    return _codes_page(request, codes, "新的恢复码已生成，以前的全部作废。")


def _begin(request: StaffRequest) -> HttpResponse:
    if asked := ask_proof(request):
        return asked
    request.session[SECRET] = crypto.seal(Authenticator.new_secret(), SECRET_LABEL)
    return redirect("organisation:authenticator")


def _secret(request: HttpRequest) -> str:
    sealed = request.session.get(SECRET, "")
    return crypto.unseal(sealed, SECRET_LABEL) if sealed else ""


def _must_come_back(request: StaffRequest) -> bool:
    """Whether a sign-in made with the password alone belongs to someone who has the app."""
    return SECOND_FACTOR not in request.session and _authenticator(request.user) is not None


def _authenticator_page(
    request: StaffRequest,
    secret: str = "",
    form: ConfirmCodeForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "authenticator": _authenticator(request.user),
        "forced": _needs_second_factor(request) and SECOND_FACTOR not in request.session,
        "form": form,
        "groups": [secret[at : at + 4] for at in range(0, len(secret), 4)],
        "qr": _qr(_address(request.user, secret)) if secret else "",
    }
    return render(request, "organisation/account_authenticator.html", context, status=status)


def _address(user: User, secret: str) -> str:
    """What authenticator apps read out of the code."""
    label = quote(f"遍访:{user.username}")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': '遍访'})}"


def _qr(text: str) -> str:
    """The QR code as an address that an <img> takes."""
    return str(segno.make(text, micro=False).svg_data_uri(scale=4, border=2))


def _codes_page(request: HttpRequest, codes: list[str], said: str) -> HttpResponse:
    context = {"codes": codes, "said": said}
    return render(request, "organisation/account_codes.html", context)


### Sign-ins


@require_POST
@needs(signed_in)
def session_end(request: StaffRequest, reference: str) -> HttpResponse:
    """End one of one's own sign-ins."""
    session = _own_session(request, reference)
    end_session(session=session, actor=request.user)
    messages.success(request, "那处登录已退出。")
    return redirect("organisation:account")


@require_POST
@needs(signed_in)
def sessions_end_others(request: StaffRequest) -> HttpResponse:
    """End all of one's sign-ins but this one."""
    key = request.session.session_key or ""
    ended = end_sessions(user=request.user, actor=request.user, except_key=key)
    messages.success(request, f"已退出其他 {ended} 处登录。" if ended else "没有其他登录。")
    return redirect("organisation:account")


def _own_session(request: StaffRequest, reference: str) -> Session:
    for session in open_sessions(user=request.user, policy=request.policy):
        if session.reference == reference and session.session_key != request.session.session_key:
            return session
    raise Http404


### What the pages ask about the request and the person


def _posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _authenticator(user: User) -> Authenticator | None:
    return Authenticator.objects.filter(user=user, confirmed=True).first()


def _needs_second_factor(request: StaffRequest) -> bool:
    return request.policy.second_factor and scope_of(request.user).has(*SECOND_FACTOR_ROLES)


def _is_too_old(request: StaffRequest) -> bool:
    days = request.policy.password_days
    return bool(days) and is_older(request.user, days)
