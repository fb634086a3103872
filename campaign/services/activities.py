"""Mobilisation, study and institutions: entered once by the unit."""

from collections.abc import Callable, Iterable
from datetime import date

from django.core.exceptions import PermissionDenied

from campaign.choices import ActivityKind, Watch
from campaign.models import Activity, Campaign, Category, Institution
from campaign.rules import speaks_for
from campaign.services.open import hold_open, require_open
from campaign.services.refused import Refused
from campaign.services.tasks import take_back_seen
from core import audit
from core.files import CheckedFile, delete_with
from organisation.models import Unit, User

NOT_YOURS = "这个单位的活动和制度由本单位的联络员和班子成员登记。"
NO_PART = "这个单位没有参加这次专项行动。"


@audit.atomic
def record_activity(
    *,
    campaign: Campaign,
    unit: Unit,
    kind: str,
    held_on: date,
    heads: int,
    summary: str,
    actor: User,
    file: CheckedFile | None = None,
) -> Activity:
    """One row for a meeting or study activity. Raises PermissionDenied, Refused; audited."""
    _require_own(campaign, unit, actor)
    activity = Activity.objects.create(
        campaign=campaign,
        unit=unit,
        kind=kind,
        held_on=held_on,
        heads=heads,
        summary=summary,
        recorded_by=actor,
        file=file.stored() if file else "",
        file_name=file.name if file else "",
    )
    audit.record(actor=actor, act="campaign.record_activity", subject=activity, kind=kind)
    return activity


@audit.atomic
def remove_activity(*, activity: Activity, actor: User) -> None:
    """Take back what was entered by mistake; its file and what was seen by it go too.

    Raises PermissionDenied, Refused when a stage has ended on it; audited.
    """
    campaign, unit = activity.campaign, activity.unit
    _require_own(campaign, unit, actor, hold_open)
    audit.record(actor=actor, act="campaign.remove_activity", subject=activity, kind=activity.kind)
    delete_with(activity.file)
    activity.delete()
    is_meeting = activity.kind == ActivityKind.MOBILISATION
    watch = Watch.MOBILISED if is_meeting else Watch.STUDIED
    take_back_seen(campaign=campaign, unit=unit, watch=watch, actor=actor)


@audit.atomic
def record_institution(
    *,
    campaign: Campaign,
    unit: Unit,
    name: str,
    document_number: str,
    issued_on: date,
    categories: Iterable[Category],
    actor: User,
) -> Institution:
    """One row for a 制度. Raises PermissionDenied, Refused; audited."""
    _require_own(campaign, unit, actor)
    if Institution.objects.filter(campaign=campaign, unit=unit, name=name).exists():
        raise Refused(f"本单位已经登记过《{name}》。")
    institution = Institution.objects.create(
        campaign=campaign,
        unit=unit,
        name=name,
        document_number=document_number,
        issued_on=issued_on,
        recorded_by=actor,
    )
    institution.categories.set(categories)
    audit.record(actor=actor, act="campaign.record_institution", subject=institution)
    return institution


@audit.atomic
def remove_institution(*, institution: Institution, actor: User) -> None:
    """Take back what was entered by mistake; what was seen by it goes too.

    Raises PermissionDenied, Refused when a stage has ended on it; audited.
    """
    campaign, unit = institution.campaign, institution.unit
    _require_own(campaign, unit, actor, hold_open)
    audit.record(actor=actor, act="campaign.remove_institution", subject=institution)
    institution.delete()
    take_back_seen(campaign=campaign, unit=unit, watch=Watch.INSTITUTION, actor=actor)


def _require_own(
    campaign: Campaign,
    unit: Unit,
    actor: User,
    still_open: Callable[[int], object] = require_open,
) -> None:
    """``hold_open`` for a deletion: of two at once, the second sees that none is left."""
    if not speaks_for(actor, unit):
        raise PermissionDenied(NOT_YOURS)
    still_open(campaign.pk)
    if not campaign.participants.filter(unit=unit, left_on=None).exists():
        raise Refused(NO_PART)
