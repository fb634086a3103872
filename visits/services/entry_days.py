"""On which days a visit may have been, for every way of entering or correcting one."""

from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from campaign.models import Campaign
from visits.entry import fault_of_entry


def fault_of_visit(
    campaign: Campaign, *, visited_on: date, received_at: datetime, late_reason: str
) -> str:
    """Why it cannot stand, in Chinese; empty when it can."""
    return fault_of_entry(
        visited_on,
        late_reason,
        received_on=timezone.localdate(received_at),
        today=timezone.localdate(),
        starts_on=campaign.starts_on,
        ends_on=campaign.ends_on,
    )


def require_day(
    campaign: Campaign, *, visited_on: date, received_at: datetime, late_reason: str
) -> None:
    """Raises PermissionDenied for a day that cannot be, and for a late one without its reason."""
    fault = fault_of_visit(
        campaign, visited_on=visited_on, received_at=received_at, late_reason=late_reason
    )
    if fault:
        raise PermissionDenied(fault)
