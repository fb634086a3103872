"""One-time links: made for one person by who may call back, answered by that person once."""

import secrets
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.db.models import Q
from django.utils import timezone

from campaign.services import require_open
from core import audit
from organisation.models import User
from visits.appeal_way import Part, Refused
from visits.choices import AppealState, CallResult, CallWay
from visits.models import Appeal, CallBackLink, Voice
from visits.queries.links import has_answered, hash_of, standing_link
from visits.rules import parts_in
from visits.services.appeal_steps import Stale
from visits.services.call_backs import (
    ASKED_ALREADY,
    NOT_ANSWERED,
    NOT_YOURS_TO_CALL,
    Said,
    keep_call,
)

LINK_DAYS = 7
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
CODE_LENGTH = 26  # 130 bits: a code is never guessed
ATTEMPTS = 5  # each failed one means that somebody else has just called about the same appeal
VOID = (
    "这个链接已失效：用过一次、过了期，或者这件事又有了新的进展，都会这样。"
    "如果您刚才已经提交，您的话已经记下了，不用再填；还有话要说，请等工作人员来电，"
    "或者告诉走访您的干部。"
)
BUSY = "同时有人在办这件事，您的回答还没有存上。请再点一次提交。"


MADE_ALREADY = "刚刚已经生成了一个链接，只在那一页显示。没有看到的话，请再生成一次。"


class Void(Exception):
    """No answer counts on this link; the same for whatever reason."""


@audit.atomic
def make_link(
    *, appeal: Appeal, voice: Voice, actor: User, seen: str = ""
) -> tuple[CallBackLink, str]:
    """A link for one person, with its code, which is kept nowhere; a former one opens no more.

    ``seen`` is the mark of the one that the page showed: a press sent twice makes one.

    Raises PermissionDenied, Refused, Stale; audited.
    """
    if Part.CALLER not in parts_in(actor, appeal):
        raise PermissionDenied(NOT_YOURS_TO_CALL)
    require_open(appeal.campaign_id)
    if appeal.state != AppealState.ANSWERED or voice.appeal_id != appeal.pk:
        raise Refused(NOT_ANSWERED)
    if has_answered(voice, appeal.redo_count):
        raise Refused(ASKED_ALREADY)
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    link = _kept(voice, appeal.redo_count, hash_of(code), actor, seen)
    audit.record(actor=actor, act="visits.make_call_back_link", subject=appeal)
    return link, code


def _kept(voice: Voice, round_: int, code_hash: str, actor: User, seen: str) -> CallBackLink:
    """In the place of the one that was seen; what is over was not shown."""
    values = {
        "code_hash": code_hash,
        "made_by": actor,
        "made_at": timezone.now(),
        "until": timezone.localdate() + timedelta(days=LINK_DAYS),
    }
    own = CallBackLink.objects.filter(voice=voice, round=round_)
    before = Q(code_hash__startswith=seen) if seen else Q(until__lt=timezone.localdate())
    if not own.filter(before, used_at=None).update(**values):
        try:
            with audit.atomic():
                CallBackLink.objects.create(voice=voice, round=round_, **values)
        except IntegrityError:
            if own.exists():
                raise Stale(MADE_ALREADY) from None
            raise
    return own.get()


def answer_by_link(*, code: str, result: CallResult, solved: bool, said: str = "") -> Appeal:
    """Keep what the person himself answers, as a call-back; once, however often it is sent.

    Raises Void where no answer counts, Refused when it has to be sent again; audited.
    """
    for _ in range(ATTEMPTS):
        try:
            return _answered(code, Said(result, solved, said, CallWay.LINK))
        except Stale:  # a call on the same appeal was faster; it may have settled it
            continue
    raise Refused(BUSY)


@audit.atomic
def _answered(code: str, said: Said) -> Appeal:
    link = standing_link(code)
    if link is None:
        raise Void(VOID)
    appeal = link.voice.appeal
    require_open(appeal.campaign_id)
    unused = CallBackLink.objects.filter(pk=link.pk, used_at=None, code_hash=link.code_hash)
    if unused.update(used_at=timezone.now()) != 1:
        raise Void(VOID)
    return keep_call(
        appeal=appeal,
        voice=link.voice,
        caller=link.made_by,
        actor=None,
        seen=appeal.step_count,
        said=said,
    )
