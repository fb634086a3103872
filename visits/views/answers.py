"""The people's own pages: public, without sign-in, one for each call-back link.

A dead link answers 200 and in the same words, whatever it died of: nothing tells whether it was
ever alive, and no line of the log is written with a code in it.
"""

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from core.permissions import everyone, needs
from organisation import throttle
from visits import services
from visits.appeal_way import Refused
from visits.forms.answers import AnswerForm
from visits.models import CallBackLink
from visits.queries.links import is_known, standing_link

Page = Callable[..., HttpResponse]
DOOR = "call-back links"  # what the throttle counts the guesses under


def _unlisted(view: Page) -> Page:
    """Keep the page out of the indexes of search engines."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return response

    return guarded


@require_http_methods(["GET", "HEAD", "POST"])
@needs(everyone)
@sensitive_post_parameters()
@_unlisted
def answer(request: HttpRequest, code: str) -> HttpResponse:
    """Ask whether it is solved and whether the person is content; take the answer once."""
    if request.user.is_authenticated:
        return render(request, "visits/answer_signed_in.html")
    if throttle.is_shut(request, DOOR):
        return _void(request, wait=throttle.minutes_at_door(request, DOOR))
    form = AnswerForm(request.POST if request.method == "POST" else None)
    try:
        if form.is_valid():
            services.answer_by_link(code=code, **form.answer())
            return redirect("visits:answer-thanks")
    except Refused as refusal:
        form.add_error(None, str(refusal))
    except services.Void:
        return _unknown(request, code)
    except PermissionDenied:  # archived
        return _void(request)
    link = standing_link(code)
    return _page(request, link, form) if link else _unknown(request, code)


@require_safe
@needs(everyone)
@_unlisted
def thanks(request: HttpRequest) -> HttpResponse:
    """Thank everybody in the same words."""
    return render(request, "visits/answer_thanks.html")


def _unknown(request: HttpRequest, code: str) -> HttpResponse:
    """Count a guess; who follows a link that was alive once is no guesser."""
    if not is_known(code):
        throttle.count_guess(request, DOOR)
    return _void(request)


def _void(request: HttpRequest, wait: int = 0) -> HttpResponse:
    context = {"text": services.VOID, "wait": wait}
    return render(request, "visits/answer_void.html", context)


def _page(request: HttpRequest, link: CallBackLink, form: AnswerForm) -> HttpResponse:
    context = {"form": form, "voice": link.voice, "appeal": link.voice.appeal}
    return render(request, "visits/answer.html", context)
