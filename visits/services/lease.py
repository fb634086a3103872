"""Taking a target for some days, so that two teams do not knock at one door."""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.utils import timezone

from campaign.services import require_open
from core import audit
from organisation.models import User
from visits.models import Target
from visits.rules import can_visit
from visits.services.visit import NOT_YOURS

COVERED = "这里已经走访到了，不用再认领；要再去，直接登记走访。"


class TakenByOther(Exception):
    """Somebody else has taken it or it waits for nobody; the text says so, in Chinese."""


@audit.atomic
def take_target(*, target: Target, actor: User) -> Target:
    """Take it for ``settings.TARGET_TAKEN_DAYS`` days; then it returns by itself.

    Whoever has it already has it from today on; the same twice a day is once. Raises
    PermissionDenied outside the actor's teams, TakenByOther.
    """
    require_open(target.campaign_id)
    if not can_visit(actor, target):
        raise PermissionDenied(NOT_YOURS)
    until = timezone.localdate() + timedelta(days=settings.TARGET_TAKEN_DAYS)
    free = Target.objects.filter(pk=target.pk).registered().left().filter(~_is_others(actor))
    other = free.exclude(taken_by=actor, taken_until=until)
    if other.update(taken_by=actor, taken_until=until):
        audit.record(actor=actor, act="visits.take_target", subject=target)
    elif not free.exists():
        raise TakenByOther(_why(target))
    target.refresh_from_db()
    return target


@audit.atomic
def give_back_target(*, target: Target, actor: User) -> None:
    """Others may take it again; nothing happens where the actor has not taken it."""
    require_open(target.campaign_id)
    own = Target.objects.filter(pk=target.pk, taken_by=actor)
    if own.update(taken_by=None, taken_until=None):
        audit.record(actor=actor, act="visits.give_back_target", subject=target)


def _is_others(actor: User) -> Q:
    return Q(taken_until__gte=timezone.localdate()) & ~Q(taken_by=actor)


def _why(target: Target) -> str:
    now = Target.objects.select_related("taken_by").get(pk=target.pk)
    if now.is_covered or now.taken_by is None or now.taken_until is None:
        return COVERED
    return f"{now.taken_by.name}已认领到 {now.taken_until:%m月%d日}，请先问一声，免得重复上门。"
