"""Whether anything may still be written into a campaign: the one place that all apps ask."""

from django.core.exceptions import PermissionDenied
from django.db import connection

from campaign.models import Campaign

ARCHIVED = "这次专项行动已经归档，只能查看，不能再登记或修改。"


def require_open(campaign_id: int) -> None:
    """Raise PermissionDenied for an archived campaign; of any other it holds until the end of
    the transaction that nobody archives it.

    Writers do not wait for one another here, nor for an import, which an UPDATE lock would
    make them do; Django cannot ask for the lock that a foreign key takes.
    """
    sql = "SELECT archived_at FROM campaign_campaign WHERE id = %s"
    if connection.vendor == "postgresql":
        sql += " FOR KEY SHARE"
    with connection.cursor() as cursor:
        cursor.execute(sql, [campaign_id])
        (archived_at,) = cursor.fetchone()
    if archived_at:
        raise PermissionDenied(ARCHIVED)


def hold_open(campaign_id: int) -> Campaign:
    """The same, for what must not happen twice at once in a campaign: it waits for all others."""
    held = Campaign.objects.select_for_update().get(pk=campaign_id)
    if held.archived_at:
        raise PermissionDenied(ARCHIVED)
    return held
