"""The form saves itself while it is written; what it keeps is no item yet.

None of it is in the audit trail: it changes nothing that anybody else can see.
"""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.db.models import F, Q
from django.utils import timezone

from campaign.models import Campaign
from campaign.services import require_open
from core import audit
from issues.models import Autosave, Issue
from issues.rules import can_edit, can_write
from organisation.models import User

KEPT_DAYS = 30
NOT_YOURS = "只有本人可以修改，而且只能在草稿时修改。"
ELSEWHERE = "这个问题在另一个页面写得更新，这一页不再自动保存。请到那一页接着写。"
SAVED = "这个问题已经保存过了，这一页不再自动保存。请从问题清单打开它。"


class Outwritten(Exception):
    """Another tab has saved since; nothing was kept."""


@audit.atomic
def keep_words(
    *,
    person: User,
    campaign: Campaign,
    issue: Issue | None,
    token: UUID,
    words: Mapping[str, str],
    seen: int,
) -> Autosave:
    """Keep what stands in the form, over what this form has kept before (``seen``, 0: nothing).

    Raises PermissionDenied, Outwritten.
    """
    if not (can_edit(person, issue) if issue else can_write(person)):
        raise PermissionDenied(NOT_YOURS)
    require_open(campaign.pk)
    if issue is None and Issue.objects.filter(token=token).exists():
        raise Outwritten(SAVED)
    whose = {"person": person, "issue": issue} if issue else {"person": person, "token": token}
    values = {"words": json.dumps(dict(words), ensure_ascii=False), "saved_at": timezone.now()}
    if seen:
        kept = Autosave.objects.filter(**whose, number=seen)
        if kept.update(number=F("number") + 1, **values) != 1:
            raise Outwritten(ELSEWHERE)
        return Autosave.objects.get(**whose)
    try:
        with audit.atomic():
            return Autosave.objects.create(
                person=person, campaign=campaign, issue=issue, token=token, **values
            )
    except IntegrityError:
        raise Outwritten(ELSEWHERE) from None


@audit.atomic
def drop_words(*, person: User, autosave: Autosave) -> None:
    """The writer wants them no more."""
    if autosave.person_id != person.pk:
        raise PermissionDenied("这不是您写的内容。")
    autosave.delete()


def forget_old_words(today: date) -> int:
    """Drop what was left lying for a month, or whose campaign is over. Safe to repeat."""
    before = timezone.now() - timedelta(days=KEPT_DAYS)
    old = Autosave.objects.filter(Q(saved_at__lt=before) | Q(campaign__ends_on__lt=today))
    return old.delete()[0]
