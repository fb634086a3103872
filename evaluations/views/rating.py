"""The raters' pages: public, without sign-in, without a session, and without a trace.

The code travels in the address's fragment (which no server sees) and in posted bodies,
never in a path or a query. Refusals answer 200, so that no log line is written for them.
"""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from core.permissions import everyone, needs
from evaluations import services
from evaluations.forms import BallotForm, CodeForm
from evaluations.models import Code

View = Callable[[HttpRequest], HttpResponse]


def _on_own_phone(view: View) -> View:
    """Refuse on a device where staff is signed in: raters rate on their own (threats X14)."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            return render(request, "evaluations/rate_signed_in.html", status=403)
        return view(request)

    return guarded


@require_http_methods(["GET", "HEAD", "POST"])
@needs(everyone)
@sensitive_post_parameters()
@_on_own_phone
def rate(request: HttpRequest) -> HttpResponse:
    """Take the code; a usable one brings the ballot."""
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data["code"]
        try:
            code = services.usable_code(typed)
        except services.Refused as refusal:
            form.add_error("code", str(refusal))
        else:
            return _ballot_page(request, BallotForm(initial={"code": typed}), code)
    return render(request, "evaluations/rate.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(everyone)
@sensitive_post_parameters()
@_on_own_phone
def ballot(request: HttpRequest) -> HttpResponse:
    """Count the ballot. Whoever comes here without one starts at the code."""
    if request.method != "POST":
        return redirect("evaluations:rate")
    form = BallotForm(request.POST)
    try:
        if form.is_valid():
            services.cast_ballot(typed=form.cleaned_data["code"], grades=form.grades())
            return redirect("evaluations:thanks")
        code = services.usable_code(request.POST.get("code", ""))
    except services.Refused as refusal:
        return _start_again(request, str(refusal))
    return _ballot_page(request, form, code)


@require_safe
@needs(everyone)
@_on_own_phone
def thanks(request: HttpRequest) -> HttpResponse:
    """Thank everybody in the same words: nothing here tells who rated what, or whether."""
    return render(request, "evaluations/rate_thanks.html")


def _ballot_page(request: HttpRequest, form: BallotForm, code: Code) -> HttpResponse:
    context = {"form": form, "group": code.round_group, "round": code.round_group.round}
    return render(request, "evaluations/rate_ballot.html", context)


def _start_again(request: HttpRequest, reason: str) -> HttpResponse:
    form = CodeForm({"code": ""})
    form.errors.clear()
    form.add_error("code", reason)
    return render(request, "evaluations/rate.html", {"form": form})
