"""What stays of a sign-off: the signature, the look back, and the draw of look-backs."""

import secrets
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from campaign.models import Campaign
from campaign.services.open import hold_open
from core import audit, sampling
from issues.choices import ALWAYS_LOOKED_AT, LOOK_BACK_DAYS, Verdict
from issues.models import Draw, Issue, LookBack, SignOff
from issues.queries import undrawn_look_backs
from issues.rules import draws_look_backs
from issues.workflow import Move, Refused
from organisation.models import User

FINDINGS = {"consolidate": Verdict.CONSOLIDATED, "relapse": Verdict.RELAPSED}
LEAST_PERCENT = 10  # domain §2.5


def keep_sign_off(issue: Issue, move: Move, actor: User, content: str) -> None:
    """Of a step: its signature with the day of its look back, or what a look back found."""
    if move.name == "sign_off":
        _plan_look_back(_signature(issue, actor, content))
    elif move.name in FINDINGS:
        LookBack.objects.filter(issue=issue, finding="").update(
            finding=FINDINGS[move.name], looked_by=actor, looked_at=timezone.now()
        )


def _signature(issue: Issue, signer: User, content: str) -> SignOff:
    version = issue.versions.order_by("-number").first()
    assert version is not None
    files = issue.evidence.current()
    return SignOff.objects.create(
        issue=issue,
        signer=signer,
        responsible_id=issue.responsible_id,
        version=version.number,
        text_sha256=version.sha256,
        evidence=[{"name": file.name, "sha256": file.sha256} for file in files],
        content_hash=content,
    )


def _plan_look_back(sign_off: SignOff) -> None:
    first, last = LOOK_BACK_DAYS
    days = first + secrets.randbelow(last - first + 1)
    LookBack.objects.create(
        sign_off=sign_off,
        issue_id=sign_off.issue_id,
        due_on=timezone.localdate() + timedelta(days=days),
        is_drawn=sign_off.issue.source in ALWAYS_LOOKED_AT,
    )


@audit.atomic
def draw_look_backs(*, campaign: Campaign, percent: int, actor: User) -> Draw:
    """Draw a share of the signed-off items in reach that no draw has passed over yet.

    The seed is made here and kept, so nobody chooses it and anybody can repeat the draw.
    Raises PermissionDenied, Refused; audited.
    """
    if not draws_look_backs(actor):
        raise PermissionDenied("回头看由纪委监委抽取。")
    if not LEAST_PERCENT <= percent <= 100:
        raise Refused(f"抽取比例要在 {LEAST_PERCENT}% 到 100% 之间。")
    hold_open(campaign.pk)  # two at once would draw from the same items
    population = sorted(undrawn_look_backs(campaign, actor).values_list("pk", flat=True))
    if not population:
        raise Refused("没有等待抽取的已销号问题。")
    seed = secrets.token_hex(16)
    made = Draw.objects.create(
        campaign=campaign,
        drawn_by=actor,
        seed=seed,
        percent=percent,
        population=population,
        drawn=sampling.draw(seed, population, percent),
    )
    LookBack.objects.filter(pk__in=population).update(draw=made)
    LookBack.objects.filter(pk__in=made.drawn).update(is_drawn=True)
    audit.record(
        actor=actor,
        act="issues.draw_look_backs",
        subject=made,
        seed=seed,
        percent=percent,
        of=len(population),
        drawn=len(made.drawn),
    )
    return made
