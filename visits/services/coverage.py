"""Counting the register anew, to prove or mend the counters."""

from typing import Any

from django.db.models import Count, Q

from campaign.models import Campaign
from campaign.services import require_open
from core import audit
from visits.choices import TargetState
from visits.models import CoverageCount, Target


@audit.atomic
def recount_coverage(*, campaign: Campaign) -> int:
    """Count the register anew and mend the counters; returns how many were wrong.

    Of an archived campaign the counters are all that is left: PermissionDenied.
    """
    require_open(campaign.pk)
    wrong = 0
    counted: dict[tuple[int, str, bool, bool], dict[str, Any]] = {
        (row["area_id"], row["kind"], row["above_scale"], row["industrial"]): dict(row)
        for row in Target.objects.filter(campaign=campaign)
        .values("area_id", "kind", "above_scale", "industrial")
        .annotate(**{f"n_{s}": Count("pk", filter=Q(state=s)) for s in TargetState.values})
    }
    for count in CoverageCount.objects.filter(campaign=campaign):
        key = (count.area_id, count.kind, count.above_scale, count.industrial)
        row = counted.pop(key, None) or {}
        true = {state: row.get(f"n_{state}", 0) for state in TargetState.values}
        if any(getattr(count, state) != number for state, number in true.items()):
            CoverageCount.objects.filter(pk=count.pk).update(**true)
            wrong += 1
    for (area_id, kind, above_scale, industrial), row in counted.items():
        CoverageCount.objects.create(
            campaign=campaign,
            area_id=area_id,
            kind=kind,
            above_scale=above_scale,
            industrial=industrial,
            **{state: row[f"n_{state}"] for state in TargetState.values},
        )
        wrong += 1
    return wrong
