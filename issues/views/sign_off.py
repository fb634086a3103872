"""The page on which the discipline office signs, and the page of a signature."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from core.permissions import needs
from issues.choices import SLIP_OPEN
from issues.models import Issue
from issues.queries import content_hash, shown_hash, slips_of
from issues.queries.signed import (
    Seen,
    changes_since,
    checked,
    files_to_sign,
    lines_of,
    opinion_of,
    seen_now,
    signed_text,
    steps_to_sign,
    text_to_sign,
)
from issues.rules import moves_for, signs_off, signs_off_sometimes
from issues.views.items import NO_PART, visible_issue
from issues.views.shown import shown_of_plan
from organisation.models import User
from organisation.requests import StaffRequest
from organisation.rules import takes_part

NOT_YOURS = "销号由纪委监委办理；本人的问题、本单位的问题不能由本人销号。"


@require_safe
@needs(takes_part, NO_PART)
def sign_off_page(request: StaffRequest, pk: int) -> HttpResponse:
    """Exactly what a signature given now would bind."""
    issue = visible_issue(request, pk)
    if not signs_off_sometimes(request.user, issue):
        raise PermissionDenied(NOT_YOURS)
    if not signs_off(request.user, issue):  # it is signed, or back with who answers for it
        return redirect("issues:issue-detail", pk)
    return render(request, "issues/sign_off.html", shown_to_sign(request.user, issue))


def shown_to_sign(user: User, issue: Issue, seen: Seen | None = None) -> dict[str, Any]:
    """What the page shows; ``seen``: what stood there when a signature was refused."""
    text = text_to_sign(issue)
    return {
        "issue": issue,
        "text": text,
        "lines": lines_of(text.text),
        **shown_of_plan(user, issue),
        "evidence": files_to_sign(issue, user),
        "slips": [slip for slip in slips_of(issue) if slip.state in SLIP_OPEN],
        "steps": steps_to_sign(issue),
        "content": content_hash(issue),
        "seen_hash": shown_hash(issue),
        "seen": seen_now(issue),
        "changes": changes_since(issue, seen) if seen else [],
        "refusal": next(each for each in moves_for(user, issue) if each.is_return),
    }


@require_safe
@needs(takes_part, NO_PART)
def signature(request: StaffRequest, pk: int, sign_off: int) -> HttpResponse:
    """What was signed, as it was signed, and whether it is still the same."""
    issue = visible_issue(request, pk)
    rows = issue.sign_offs.select_related("signer", "responsible")
    signed = get_object_or_404(rows, pk=sign_off)
    text = signed_text(signed)
    context = {
        "issue": issue,
        "signed": signed,
        "text": text,
        "lines": lines_of(text.text) if text else [],
        "opinion": opinion_of(signed),
        "check": checked(signed),
    }
    return render(request, "issues/signature.html", context)
