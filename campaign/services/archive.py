"""Archiving a campaign: its numbers stay, what names people or was written by them goes.

All of it is one transaction, in a few statements for each table, and ends with the job that
asked for it: a worker that dies or has lost its job leaves everything as it was. Only the
stored files go after it; ``DroppedFile`` remembers them until they are gone.
"""

from collections.abc import Iterator
from datetime import date

from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from campaign import archiving
from campaign.archiving import Drop
from campaign.models import Campaign, DroppedFile, Total
from campaign.queries.archived import jobs_under_way, obstacles_to_archiving
from campaign.rules import keeps_campaign
from campaign.services.open import ARCHIVED, hold_open
from campaign.services.refused import Refused
from core import audit
from core.jobs import JobError, Running, request_job
from core.models import Job
from organisation.models import User

ARCHIVE = "campaign.archive"  # the task's name, and that of the act
BATCH = 500
NOT_YOURS = "这次专项行动由它所在区划的作风办归档。"


@audit.atomic
def request_archive(*, campaign: Campaign, actor: User, today: date) -> Job:
    """Ask for the archiving; while it is under way, that job is returned, whoever asked.

    Raises PermissionDenied without the right or when it is archived, Refused before its time.
    """
    _require_right(actor, campaign)
    held = hold_open(campaign.pk)
    if (under_way := jobs_under_way(held).first()) is not None:
        return under_way
    _require_time(held, today)
    return request_job(
        kind=ARCHIVE, title=f"归档：{held.name}"[:120], owner=actor, campaign=held.pk
    )


def archive_campaign(running: Running) -> None:
    """Do it, for the owner of the job as he stands today. Raises JobError."""
    actor = User.objects.get(pk=running.job.owner_id)
    campaigns = Campaign.objects.select_related("area")
    campaign = campaigns.get(pk=running.job.arguments["campaign"])
    running.progress(0, 1)
    try:
        _archive(campaign, actor, running)
    except (PermissionDenied, Refused) as refusal:
        raise JobError(f"没有归档：{refusal}") from refusal


@audit.atomic
def _archive(campaign: Campaign, actor: User, running: Running) -> None:
    _require_right(actor, campaign)
    hold_open(campaign.pk)
    _require_time(campaign, timezone.localdate())
    totals = _keep_totals(campaign)
    dropped = sum(_drop(each) for each in archiving.drops_of(campaign))
    _claim(campaign)
    audit.record(actor=actor, act=ARCHIVE, subject=campaign, totals=totals, dropped=dropped)
    transaction.on_commit(delete_dropped_files)
    running.finish(outcome={"totals": totals, "dropped": dropped})


def delete_dropped_files() -> int:
    """Delete the files of rows that are gone; returns how many. Safe to repeat."""
    number = 0
    while some := list(DroppedFile.objects.order_by("id")[:BATCH]):
        for row in some:
            default_storage.delete(row.name)
        number += DroppedFile.objects.filter(pk__in=[row.pk for row in some]).delete()[0]
    return number


def _require_right(actor: User, campaign: Campaign) -> None:
    if not keeps_campaign(actor, campaign):
        raise PermissionDenied(NOT_YOURS)


def _require_time(campaign: Campaign, today: date) -> None:
    if obstacles := obstacles_to_archiving(campaign, today):
        raise Refused("".join(obstacles))


def _claim(campaign: Campaign) -> None:
    """Of two that archive one wins; the other's work is undone with this."""
    open_one = Campaign.objects.filter(pk=campaign.pk, archived_at=None)
    if open_one.update(archived_at=timezone.now()) != 1:
        raise PermissionDenied(ARCHIVED)


def _keep_totals(campaign: Campaign) -> int:
    figures = archiving.figures_of(campaign)
    rows = [
        Total(
            campaign=campaign,
            unit_id=each.unit,
            measure=each.measure,
            part=each.part,
            n=each.n,
            d=each.d,
        )
        for each in figures
    ]
    Total.objects.bulk_create(rows, batch_size=BATCH)
    return len(rows)


def _drop(drop: Drop) -> int:
    """One statement whatever the number of rows; nothing goes along that was not named."""
    if drop.files:
        names = _files_of(drop.rows, drop.files)
        rows = (DroppedFile(name=name) for name in names)
        DroppedFile.objects.bulk_create(rows, batch_size=BATCH)
    if drop.cleared is not None:
        return drop.rows.update(**drop.cleared)
    return drop.rows._raw_delete(drop.rows.db)  # the database refuses when a row is needed


def _files_of(rows: QuerySet, column: str) -> Iterator[str]:
    stored = rows.exclude(**{column: ""}).order_by()
    return stored.values_list(column, flat=True).iterator()
