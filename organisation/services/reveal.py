"""Looking at a telephone number: told to the trail, without the number, and only so often."""

from datetime import timedelta

from django.utils import timezone

from core import audit
from core.models import AuditEntry
from organisation.models import User
from organisation.services.grants import hold_person
from organisation.services.refused import Refused

SHORTEST_REASON = 4  # characters
SEARCHES_PER_HOUR = 30  # by telephone; more would be guessing numbers (threats X43)
REVEALS_PER_HOUR = 60  # one a minute; more would be copying the roster (threats X41)
SEARCH, REVEAL = "organisation.search_phone", "organisation.reveal"


@audit.atomic
def reveal_phone(*, user: User, reason: str, actor: User) -> str:
    """The plain number, for a reason that the audit trail keeps. Raises Refused."""
    if len(reason.strip()) < SHORTEST_REASON:
        raise Refused(f"请写明查看原因，至少 {SHORTEST_REASON} 个字。")
    _check_rate(actor, REVEAL, REVEALS_PER_HOUR, "查看手机号")
    audit.record(actor=actor, act=REVEAL, subject=user, reason=reason.strip())
    return user.phone.open()


@audit.atomic
def note_phone_search(*, actor: User) -> None:
    """Keep that somebody searched by telephone number, not for which. Raises Refused."""
    _check_rate(actor, SEARCH, SEARCHES_PER_HOUR, "按手机号查找")
    audit.record(actor=actor, act=SEARCH, subject=actor)


def _check_rate(actor: User, act: str, most: int, what: str) -> None:
    """The person's requests at one moment are counted one by one."""
    hold_person(actor)
    since = timezone.now() - timedelta(hours=1)
    if AuditEntry.objects.filter(actor=actor, act=act, at__gt=since).count() >= most:
        raise Refused(f"一小时最多{what} {most} 次，请过一会儿再来。")
