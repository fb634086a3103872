"""Who of a team goes where: shared out evenly on request, given one by one, taken back.

It tells people where to begin and weighs nothing: there is no quota, whoever is nearer may
go, and a visit that has been made is always logged.
"""

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied

from campaign.services import require_open
from core import audit
from organisation.models import Area, User
from visits.models import Membership, Target, TargetQuerySet, Team
from visits.queries.split import (
    in_areas_of,
    members_to_give_to,
    teams_to_give_in,
    to_split,
)
from visits.rules import splits_work
from visits.services.team import Taken
from visits.splitting import shares

KEYS_AT_ONCE = 900  # SQLite takes 999 parameters
SPLIT_AT_MOST = 20_000  # of one request: a team has some thousands; more is a county by mistake
NOT_YOURS_TO_SPLIT = "分工由服务队队长，或者编组这支服务队的作风办、组织部安排。"
SPLIT_MEANWHILE = "别人刚刚给这支服务队分过工。请看看新的分工，再决定要不要重新分。"
NOBODY = "请至少选一名队员。"
NOT_A_MEMBER = "只能分给这支服务队的队员，请重新选择。"
HAS_LEFT = "选的人里有已离任的，请重新选择。"
NOTHING_LEFT = "这里没有要走访的对象了，不用分工。"
TOO_MANY = f"一次最多分 {SPLIT_AT_MOST:,} 个对象，请按村（社区）分几次。"
GIVEN_MEANWHILE = "这个对象刚刚被分给了别人，您的安排没有保存。请看过再定。"


@audit.atomic
def split_targets(
    *, team: Team, area: Area | None, members: Sequence[User], actor: User, seen: int
) -> int:
    """Share what is left in the area (or all areas) of the team out evenly; how many.

    What the members had been given there is shared out anew; what another team gave to its
    own people stays. Neighbours stay together, in the order of the area tree. ``seen`` is how
    often the team had been split when the page was shown: of two tabs one wins. Raises
    PermissionDenied, Taken. A few statements for each member, whatever the number.
    """
    require_open(team.campaign_id)
    if not splits_work(actor, team):
        raise PermissionDenied(NOT_YOURS_TO_SPLIT)
    if not Team.objects.filter(pk=team.pk, splits=seen).update(splits=seen + 1):
        raise Taken(SPLIT_MEANWHILE)
    _require_members(team, members)  # with the team held, which nobody leaves meanwhile
    _require_in_service(members)
    rows = to_split(team, area).order_by("area__path", "pk").values_list("pk", flat=True)
    keys = list(rows[: SPLIT_AT_MOST + 1])
    if not keys or len(keys) > SPLIT_AT_MOST:
        raise Taken(TOO_MANY if keys else NOTHING_LEFT)
    _hold(sorted(keys))
    free = to_split(team)
    number = sum(_given(free, person, piece) for person, piece in shares(keys, members))
    audit.record(
        actor=actor,
        act="visits.split_targets",
        subject=team,
        number=number,
        people=len(members),
        **({"area": area.pk} if area else {}),
    )
    return number


@audit.atomic
def give_target(*, target: Target, person: User | None, actor: User, seen: int) -> Target:
    """Give one target to a member of a team that covers it, or (None) take it back.

    Who has it may give it back. ``seen`` is the key of who had it on the page, 0 for nobody; what
    is so already stays. Raises PermissionDenied, Taken where somebody was quicker.
    """
    require_open(target.campaign_id)
    _hold_teams(target, actor)
    _require_right_to_give(target, person, actor)
    before = seen or None
    after = person.pk if person else None
    as_seen = Target.objects.filter(pk=target.pk, assignee=before).registered()
    if before != after and as_seen.update(assignee=after):
        audit.record(actor=actor, act="visits.give_target", subject=target, to=after or 0)
    target.refresh_from_db()
    if target.assignee_id != after:
        raise Taken(GIVEN_MEANWHILE)
    return target


@audit.atomic
def take_back_targets(*, team: Team, person: User, actor: User) -> int:
    """Nobody has any more what is left of a member's share in the team's areas; how many."""
    require_open(team.campaign_id)
    if not splits_work(actor, team):
        raise PermissionDenied(NOT_YOURS_TO_SPLIT)
    # Sent twice, the second waits here, and then finds nothing that the person still has.
    list(Team.objects.select_for_update(no_key=True).filter(pk=team.pk))
    _require_members(team, [person])
    share = in_areas_of(team).filter(assignee=person)
    _hold(list(share.order_by("pk").values_list("pk", flat=True)))
    number = share.update(assignee=None)
    if number:
        audit.record(
            actor=actor,
            act="visits.take_back_targets",
            subject=team,
            number=number,
            person=person.pk,
        )
    return number


def _hold(keys: Sequence[int]) -> None:
    """In the order of the keys, as everybody takes targets."""
    for start in range(0, len(keys), KEYS_AT_ONCE):
        some = Target.objects.filter(pk__in=keys[start : start + KEYS_AT_ONCE])
        list(some.order_by("pk").select_for_update(no_key=True).values_list("pk"))


def _given(free: TargetQuerySet, person: User, keys: Sequence[int]) -> int:
    number = 0
    for start in range(0, len(keys), KEYS_AT_ONCE):
        # A visit may have covered some since they were read, or another team given them.
        rows = free.filter(pk__in=keys[start : start + KEYS_AT_ONCE]).order_by()
        number += rows.update(assignee=person)
    return number


def _require_members(team: Team, people: Sequence[User]) -> None:
    if not people:
        raise Taken(NOBODY)
    members = Membership.objects.filter(team=team).values_list("user", flat=True)
    if not {person.pk for person in people} <= set(members):
        raise Taken(NOT_A_MEMBER)


def _require_in_service(people: Sequence[User]) -> None:
    gone = User.objects.filter(pk__in=[person.pk for person in people], is_active=False)
    if gone.exists():
        raise Taken(HAS_LEFT)


def _hold_teams(target: Target, actor: User) -> None:
    """Nobody leaves a team meanwhile through which the target is given."""
    teams = teams_to_give_in(actor, target).order_by("pk").values_list("pk", flat=True)
    held = Team.objects.filter(pk__in=list(teams)).order_by("pk")
    list(held.select_for_update(no_key=True).values_list("pk"))


def _require_right_to_give(target: Target, person: User | None, actor: User) -> None:
    gives_back = person is None and target.assignee_id == actor.pk
    if gives_back:
        return
    if not teams_to_give_in(actor, target).exists():
        raise PermissionDenied(NOT_YOURS_TO_SPLIT)
    if person and not members_to_give_to(actor, target).filter(pk=person.pk).exists():
        raise Taken(NOT_A_MEMBER)
