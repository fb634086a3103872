"""Fixing the denominator: one act of the office, with the numbers that it saw (domain §1.3)."""

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from campaign.models import Campaign
from campaign.services import Refused, require_open
from core import audit, jobs
from core.models import Job
from organisation.models import User
from visits.models import Freeze, FrozenCount
from visits.queries.denominator import counts_of, fingerprint, registered_by_area
from visits.rules import freezes
from visits.services.register import held_freeze

APPLY = "visits.apply_freeze"
ONLY_OFFICE = "只有专项行动的作风办可以核定分母。"
MOVED = "登记册刚刚有变动，和您看到的数字不一样了。请看看新的数字，再核定。"
EMPTY = "登记册还是空的，导入企业、村居和群众后再核定。"
AGAIN = "分母已经核定过。重新核定要写明原因。"
MISCOUNTED = (
    "登记册有 {lines} 个对象，计数是 {counted} 个，不一致，没有核定。请运行维护人员先核对计数。"
)


@audit.atomic
def request_freeze(
    *, campaign: Campaign, actor: User, seen: dict[str, int], reason: str = ""
) -> Job:
    """Ask for the freeze in the background; while one is under way that one is returned."""
    require_open(campaign.pk)
    _require(campaign, actor, seen, reason)
    return jobs.request_once(
        kind=APPLY,
        title="核定登记册分母",
        owner=actor,
        campaign=campaign.pk,
        seen=seen,
        reason=reason.strip(),
    )


def apply_freeze(running: jobs.Running) -> None:
    """The work of the job. Raises JobError for what is not possible any more."""
    asked = running.job.arguments
    try:
        frozen = freeze_register(
            campaign=Campaign.objects.get(pk=asked["campaign"]),
            actor=User.objects.get(pk=running.job.owner_id),
            seen=asked["seen"],
            reason=asked["reason"],
        )
    except (PermissionDenied, Refused) as why:
        raise jobs.JobError(f"没有核定：{why}") from why
    running.finish(outcome={"number": frozen.number})


@audit.atomic
def freeze_register(
    *, campaign: Campaign, actor: User, seen: dict[str, int], reason: str = ""
) -> Freeze:
    """Fix the register as it is: its numbers, everywhere, and the hash of its lines.

    ``seen`` are the numbers that the person confirmed (``counts_of``). From now on every
    addition needs a reason. Raises PermissionDenied without the right, Refused when the
    numbers are others, when the counters do not fit the register, or without a reason for
    doing it again.
    """
    require_open(campaign.pk)
    before = held_freeze(campaign)
    _require(campaign, actor, seen, reason)
    lines, sha256 = fingerprint(campaign)
    by_area = registered_by_area(campaign)
    counted = sum(n for (area, _), n in by_area.items() if area == campaign.area_id)
    if counted != lines:
        raise Refused(MISCOUNTED.format(lines=lines, counted=counted))
    frozen = Freeze.objects.create(
        campaign=campaign,
        number=before.number + 1 if before else 1,
        at=timezone.now(),
        frozen_by=actor,
        reason=reason.strip(),
        registered=lines,
        counts=seen,
        sha256=sha256,
    )
    FrozenCount.objects.bulk_create(
        [
            FrozenCount(freeze=frozen, area_id=area, kind=kind, registered=number)
            for (area, kind), number in sorted(by_area.items())
        ],
        batch_size=200,
    )
    audit.record(actor=actor, act="visits.freeze", subject=frozen, number=lines, sha256=sha256)
    return frozen


def _require(campaign: Campaign, actor: User, seen: dict[str, int], reason: str) -> None:
    if not freezes(actor, campaign):
        raise PermissionDenied(ONLY_OFFICE)
    if not any(seen.values()):
        raise Refused(EMPTY)
    if seen != counts_of(campaign):
        raise Refused(MOVED)
    if campaign.freezes.exists() and not reason.strip():
        raise Refused(AGAIN)
