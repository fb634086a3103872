"""Additions to the register: one writer for new targets, whoever brings them."""

from collections import Counter
from collections.abc import Sequence

from django.db import transaction
from django.db.models import F

from campaign.models import Campaign
from core import audit
from organisation.models import User
from visits.models import CoverageCount, Target


@transaction.atomic
def add_targets(*, campaign: Campaign, targets: Sequence[Target], actor: User | None) -> int:
    """Add new targets to the register, all or nothing, and count them as waiting."""
    Target.objects.bulk_create(targets, batch_size=500)
    classes = Counter(_class_of(target) for target in targets)
    for (area_id, kind, above_scale, industrial), number in classes.items():
        count, _ = CoverageCount.objects.get_or_create(
            campaign=campaign,
            area_id=area_id,
            kind=kind,
            above_scale=above_scale,
            industrial=industrial,
        )
        CoverageCount.objects.filter(pk=count.pk).update(pending=F("pending") + number)
    audit.record(actor=actor, act="visits.add_targets", subject=campaign, number=len(targets))
    return len(targets)


def _class_of(target: Target) -> tuple[int, str, bool, bool]:
    return target.area_id, target.kind, target.above_scale, target.industrial
