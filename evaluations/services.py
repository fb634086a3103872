"""Writes on rating rounds, codes and tallies.

What keeps a rating unlinkable (promise P5, threats X01-X07):

- A code belongs to a group's pool, not to a person, and holds no time.
- A rating is no row. It adds one to two counters, and the same UPDATE rewrites every
  counter of its group, so that PostgreSQL's hidden ``xmin`` and ``ctid`` are the same
  story for all of them. The counters exist from the start: none is born with a ballot.
- Codes are stored in the order of their hashes, and once more at the close, so that
  neither ``rowid`` nor ``ctid`` keeps the order of printing or of use.
- Rating writes no audit row, no log line, no session.

What stays (docs say so): who compares two backups taken right before and after one
ballot sees that ballot's grades and its code's hash, though not whose code it was; on
PostgreSQL dead row versions say the same until VACUUM.
"""

import hashlib
import re
import secrets
from collections.abc import Mapping
from io import BytesIO
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Case, F, Model, PositiveIntegerField, When
from django.utils import timezone

from campaign.models import Campaign
from campaign.services import require_open
from core import audit, jobs
from core.models import Job
from evaluations.choices import Dimension, Grade, RaterGroup, RoundState
from evaluations.models import Code, Round, RoundGroup, Tally
from evaluations.queries import code_by_hash
from evaluations.scoring import SMALLEST_MINIMUM, weight_faults
from organisation.models import Unit, User

DEFAULT_WEIGHTS = {RaterGroup.SUPERIOR: 25, RaterGroup.PEER: 25, RaterGroup.SERVED: 50}
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
CODE_LENGTH = 26  # 130 bits: a code is never guessed
LOOK_ALIKES = str.maketrans({"I": "1", "L": "1", "O": "0"})
PRINT_JOB = "evaluations.print_codes"
MOST_CODES = 500  # of one print; larger groups print several times


class Refused(Exception):
    """Something stands in the way; the Chinese text says what to do."""


@audit.atomic
def create_round(
    *,
    campaign: Campaign,
    unit: Unit,
    title: str,
    actor: User,
    weights: Mapping[RaterGroup, int] = DEFAULT_WEIGHTS,
    minimum: int = SMALLEST_MINIMUM,
) -> Round:
    """Prepare a round with its three groups and all counters at zero, audited.

    Raises ValidationError for weights, a minimum or a title that cannot be.
    """
    require_open(campaign.pk)
    _check(weights, minimum)
    if Round.objects.filter(campaign=campaign, unit=unit, title=title).exists():
        raise ValidationError({"title": "这个单位已经有同名的评议，请换一个名称。"})
    rating = Round.objects.create(campaign=campaign, unit=unit, title=title, minimum=minimum)
    for group in RaterGroup:
        row = RoundGroup.objects.create(round=rating, group=group, weight=weights[group])
        Tally.objects.bulk_create(
            Tally(round_group=row, dimension=dimension, grade=grade)
            for dimension in Dimension
            for grade in Grade
        )
    _record(rating, actor, "create", weights=_plain(weights), minimum=minimum)
    return rating


@audit.atomic
def set_groups(
    *, rating: Round, weights: Mapping[RaterGroup, int], minimum: int, actor: User
) -> None:
    """Change weights and minimum of a round that is still being prepared, audited.

    Raises ValidationError for impossible values, Refused once the round has opened.
    """
    require_open(rating.campaign_id)
    _check(weights, minimum)
    if Round.objects.filter(pk=rating.pk, state=RoundState.DRAFT).update(minimum=minimum) != 1:
        raise Refused("评议已经开始，权重和最少份数不能再改。")
    for group, weight in weights.items():
        RoundGroup.objects.filter(round=rating, group=group).update(weight=weight)
    _record(rating, actor, "set_groups", weights=_plain(weights), minimum=minimum)


@audit.atomic
def open_round(*, rating: Round, actor: User) -> None:
    """Begin rating; from here on weights and minimum stand. Raises Refused if not prepared."""
    require_open(rating.campaign_id)
    moved = Round.objects.filter(pk=rating.pk, state=RoundState.DRAFT).update(
        state=RoundState.OPEN, opened_at=timezone.now()
    )
    if moved != 1:
        raise Refused("评议已经开始过，不能重复开始。请刷新页面查看。")
    weights = {RaterGroup(row.group): row.weight for row in rating.groups.all()}
    _check(weights, rating.minimum)
    _record(rating, actor, "open", weights=_plain(weights), minimum=rating.minimum)


@audit.atomic
def close_round(*, rating: Round, actor: User) -> None:
    """End rating for good and shuffle what is left. Raises Refused unless it is open."""
    require_open(rating.campaign_id)
    moved = Round.objects.filter(pk=rating.pk, state=RoundState.OPEN).update(
        state=RoundState.CLOSED, closed_at=timezone.now()
    )
    if moved != 1:
        raise Refused("评议不在进行中，不能结束。请刷新页面查看。")
    _seal(rating)
    _record(rating, actor, "close")


@audit.atomic
def request_codes(*, group: RoundGroup, number: int, base_url: str, actor: User) -> Job:
    """Ask for a PDF of new one-time codes; a worker makes it (see ``print_codes``)."""
    if not 1 <= number <= MOST_CODES:
        raise ValidationError({"number": f"一次可打印 1 到 {MOST_CODES} 个，多的请分几次打印。"})
    require_open(group.round.campaign_id)
    if group.round.state == RoundState.CLOSED:
        raise Refused("评议已经结束，不能再打印评议码。")
    return jobs.request_job(
        kind=PRINT_JOB,
        title=f"评议码：{group.round.unit.name}·{group.get_group_display()} {number} 个",
        owner=actor,
        round=group.round_id,
        group=group.pk,
        number=number,
        base_url=base_url,
    )


def new_codes(number: int) -> list[str]:
    """Fresh random codes, plain. They may be printed and hashed, never stored or logged."""
    return ["".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)) for _ in range(number)]


@audit.atomic
def add_codes(*, group: RoundGroup, batch: UUID, codes: list[str]) -> None:
    """Put the hashes into the group's pool, in the order of the hashes; all or nothing.

    Whatever an earlier, unfinished attempt left under the same batch becomes void.
    Raises Refused when the round has closed meanwhile.
    """
    require_open(group.round.campaign_id)
    if _locked(group.round_id).state == RoundState.CLOSED:
        raise Refused("评议已经结束，没有生成评议码。")
    Code.objects.filter(batch=batch).delete()
    Code.objects.bulk_create(
        [
            Code(hash=digest, round_group=group, batch=batch)
            for digest in sorted(code_hash(code) for code in codes)
        ],
        batch_size=500,
    )


@audit.atomic
def deliver_codes(
    *, running: jobs.Running, group: RoundGroup, codes: list[str], slips: bytes
) -> None:
    """Make the codes live and hand over their slips, together or not at all, audited.

    A worker that has lost its job brings neither into being: its slips show codes that
    nobody knows. Raises LeaseLost or Refused.
    """
    running.keep_alive()
    add_codes(group=group, batch=running.job.pk, codes=codes)
    _record(group.round, running.job.owner, "print_codes", group=group.group, number=len(codes))
    running.finish(
        outcome={"number": len(codes)},
        file=BytesIO(slips),
        file_name=f"评议码-{group.get_group_display()}-{len(codes)}个.pdf",
        keep_hours=settings.SLIP_FILE_HOURS,
    )


def code_hash(code: str) -> str:
    """What is stored of a code. Plain SHA-256: 130 random bits need neither salt nor key,
    and printed slips outlive a change of SECRET_KEY."""
    return hashlib.sha256(f"bianfang.code:{code}".encode()).hexdigest()


def tidy(typed: str) -> str:
    """A code as people type it, read as it was printed: case, spaces and look-alikes."""
    return re.sub(r"[\s\-–—_.]", "", typed).upper().translate(LOOK_ALIKES)


def usable_code(typed: str) -> Code:
    """The code, its round and unit, if it may be used now; raises Refused with what to do.

    Every answer costs one look-up by hash.
    """
    code = code_by_hash(code_hash(tidy(typed)))
    if code is None:
        raise Refused("没有这个评议码。请对照纸条核对后重新输入，或者再扫一次二维码。")
    state = code.round_group.round.state
    if state == RoundState.CLOSED:
        raise Refused("这次评议已经结束，不再接收评议。谢谢您的关心。")
    if code.used:
        raise Refused("这个评议码已经用过了，每个码只能评一次。如果刚才是您提交的，已经计入。")
    if state == RoundState.DRAFT:
        raise Refused("这次评议还没有开始，请留好纸条，过些时候再来。")
    return code


@audit.atomic
def cast_ballot(*, typed: str, grades: Mapping[Dimension, Grade]) -> None:
    """Spend the code and count the grades, once, together or not at all. Not audited.

    The round's row is held, so that no ballot slips in after the close; the code is spent
    by a conditional write that must hit one row. Raises Refused like ``usable_code``.
    """
    found = usable_code(typed)
    _locked(found.round_group.round_id)
    code = usable_code(typed)  # read again: what was true before the lock may not be now
    if Code.objects.filter(pk=code.pk, used=False).update(used=True) != 1:
        raise Refused("这个评议码已经用过了，每个码只能评一次。如果刚才是您提交的，已经计入。")
    _count(code.round_group, grades)


def _count(group: RoundGroup, grades: Mapping[Dimension, Grade]) -> None:
    """Add one per dimension, by one UPDATE that rewrites every counter of the group."""
    given = [
        When(dimension=dimension, grade=grades[dimension], then=F("count") + 1)
        for dimension in Dimension
    ]
    rewritten = Tally.objects.filter(round_group=group).update(
        count=Case(*given, default=F("count"), output_field=PositiveIntegerField())
    )
    if rewritten != len(Dimension) * len(Grade):
        raise RuntimeError("a round group without all its counters")


def _seal(rating: Round) -> None:
    """Write codes and counters anew in an order that says nothing about their use."""
    codes = list(Code.objects.filter(round_group__round=rating).order_by("hash"))
    Code.objects.filter(round_group__round=rating).delete()
    Code.objects.bulk_create(codes, batch_size=500)
    Tally.objects.filter(round_group__round=rating).update(count=F("count"))


def _locked(round_id: int) -> Round:
    """The round as it is now, held until the transaction ends."""
    return Round.objects.select_for_update(no_key=True).get(pk=round_id)


def _check(weights: Mapping[RaterGroup, int], minimum: int) -> None:
    faults = weight_faults(weights, heaviest=RaterGroup.SERVED)
    if minimum < SMALLEST_MINIMUM:
        faults.append(f"最少份数不能小于 {SMALLEST_MINIMUM}，否则可能看出是谁评的。")
    if faults:
        raise ValidationError(faults)


def _plain(weights: Mapping[RaterGroup, int]) -> dict[str, int]:
    return {group.value: weight for group, weight in weights.items()}


def _record(rating: Round, actor: Model, verb: str, **detail: object) -> None:
    audit.record(actor=actor, act=f"evaluations.{verb}", subject=rating, **detail)
