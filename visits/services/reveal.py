"""Looking at personal data: told to the trail, without the data, and only so often."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from core import audit
from core.models import AuditEntry
from organisation.models import User
from visits.models import Appeal, Target, Voice
from visits.queries import Shown
from visits.rules import can_reveal, reaches_people

REASON_LENGTH = 4  # characters of a reason, at least
SEARCHES_PER_HOUR = 30  # by telephone; more would be guessing numbers (threats X43)
REVEALS_PER_HOUR = 60  # one call-back a minute; more would be copying the register (X41)
NOT_YOURS_TO_REACH = (
    "群众的联系方式，办理期间只有主办单位办理这件诉求的人能看，答复以后只有回访的人能看。"
)
SEARCH, REVEAL = "visits.search_phone", "visits.reveal"


class TooOften(Exception):
    """The person's share of the hour is used up; the text says so, in Chinese."""


@audit.atomic
def reveal(*, target: Target, actor: User, reason: str) -> Shown:
    """The target with its personal data; who looked and why is kept in the audit trail.

    Raises PermissionDenied without the right or without a reason, and TooOften.
    """
    if not can_reveal(actor, target):
        raise PermissionDenied("您不能查看这个走访对象的个人信息。")
    return _revealed(target, actor, reason)


@audit.atomic
def reveal_contact(*, appeal: Appeal, voice: Voice, actor: User, reason: str) -> Shown:
    """Who raised the appeal, with his data, for the unit that handles it or for who calls back.

    Raises PermissionDenied without the right or without a reason, and TooOften; audited as
    every look at the target, with the number of the appeal.
    """
    if voice.appeal_id != appeal.pk or not reaches_people(actor, appeal):
        raise PermissionDenied(NOT_YOURS_TO_REACH)
    return _revealed(voice.visit.target, actor, reason, appeal=appeal.number)


def _revealed(target: Target, actor: User, reason: str, **more: int) -> Shown:
    if len(reason.strip()) < REASON_LENGTH:
        raise PermissionDenied(f"请写明查看原因，至少 {REASON_LENGTH} 个字。")
    if _used(actor, REVEAL) >= REVEALS_PER_HOUR:
        raise TooOften(f"一小时最多查看 {REVEALS_PER_HOUR} 次个人信息，请过一会儿再看。")
    audit.record(actor=actor, act=REVEAL, subject=target, reason=reason.strip(), **more)
    return Shown(target, is_plain=True)


@audit.atomic
def note_phone_search(*, actor: User) -> None:
    """Keep that the person searched by telephone number, not for which. Raises TooOften."""
    if _used(actor, SEARCH) >= SEARCHES_PER_HOUR:
        raise TooOften(
            f"一小时最多按电话查找 {SEARCHES_PER_HOUR} 次，请过一会儿再找，或改用姓名、编号查找。"
        )
    audit.record(actor=actor, act=SEARCH, subject=actor)


def _used(actor: User, act: str) -> int:
    """How often in the last hour; the person's requests at one moment count one by one."""
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    since = timezone.now() - timedelta(hours=1)
    return AuditEntry.objects.filter(actor=actor, act=act, at__gt=since).count()
