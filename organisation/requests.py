"""The request of somebody who has signed in, and the proof that it is still the same person."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from organisation import throttle
from organisation.forms.sign_in import ProofForm
from organisation.models import Authenticator, SecurityPolicy, User
from organisation.services.second_factor import Answer, check_code
from organisation.services.sessions import record_proof
from organisation.sessions import SessionStore

PROVED = "proved_at"


class StaffRequest(HttpRequest):
    """A request behind the login, which the middleware asks of every page."""

    user: User
    session: SessionStore
    policy: SecurityPolicy  # the rules in force, read once by the middleware


def address_of(request: HttpRequest) -> str:
    """Where the request comes from, after TrustedProxies."""
    return str(request.META.get("REMOTE_ADDR", ""))


def ask_proof(request: StaffRequest) -> HttpResponse | None:
    """None when the person has proved himself within ten minutes; else the page that asks.

    ``if asked := ask_proof(request): return asked`` at the top of a POST. The page posts to
    the same address and carries the form along, without files: those are chosen again.
    Signing in counts as proof. Refusals are throttled together with those of signing in.
    """
    if _is_proved(request):
        return None
    if "proof_password" not in request.POST:
        return _page(request, ProofForm(needs_code=_has_code(request.user)))
    form = ProofForm(request.POST, needs_code=_has_code(request.user))
    if not form.is_valid():
        return _page(request, form, status=422)
    if fault := _fault(request, form):
        record_proof(user=request.user, accepted=False)
        form.add_error(None, fault)
        return _page(request, form, status=429 if throttle.is_locked(request) else 422)
    record_proved(request)
    record_proof(user=request.user, accepted=True)
    return None


def is_password(request: StaffRequest, password: str) -> bool:
    """Whether it is the person's own password; wrong ones count as refused sign-ins do."""
    username = request.user.username
    found = authenticate(request, username=username, password=password)
    if found == request.user:
        throttle.forgive(request, username)
    return bool(found == request.user)


def record_proved(request: HttpRequest) -> None:
    """Note in the session that the person has just proved himself."""
    request.session[PROVED] = timezone.now().timestamp()


def locked_text(request: HttpRequest, username: str) -> str:
    """What somebody locked out is told."""
    minutes = throttle.minutes_to_wait(request, username)
    return f"连续输错次数太多，请 {minutes} 分钟后再试。到时会自动恢复，不用找人解锁。"


def wait_text(answer: Answer) -> str:
    """What is said of a refused one-time code."""
    if answer.wait_seconds:
        return f"刚才输错过，请等 {answer.wait_seconds} 秒后再试。"
    return "动态口令不对或已经用过。请看手机上最新的 6 位数字；每个口令只能用一次。"


def _is_proved(request: StaffRequest) -> bool:
    """By a proof, or by the sign-in itself."""
    last = request.session.get(PROVED, 0)
    if row := request.session.row:
        last = max(last, row.started_at.timestamp())
    since = timezone.now() - timedelta(seconds=settings.PROOF_SECONDS)
    return bool(last > since.timestamp())


def _has_code(user: User) -> bool:
    return Authenticator.objects.filter(user=user, confirmed=True).exists()


def _fault(request: StaffRequest, form: ProofForm) -> str:
    """What is wrong with the proof, for the person; empty when it holds."""
    if not is_password(request, form.cleaned_data["proof_password"]):
        if throttle.is_locked(request):
            return locked_text(request, request.user.username)
        return "密码不对，请重新输入。"
    if not form.needs_code:
        return ""
    answer = check_code(user=request.user, code=form.cleaned_data["proof_code"])
    return "" if answer.by else wait_text(answer)


def _page(request: StaffRequest, form: ProofForm, status: int = 200) -> HttpResponse:
    """The question, with everything that was posted as hidden fields beside it."""
    left_out = {"csrfmiddlewaretoken", *ProofForm.base_fields}
    carried = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in left_out
        for value in values
    ]
    context = {"form": form, "carried": carried, "had_files": bool(request.FILES)}
    return render(request, "organisation/proof.html", context, status=status)
