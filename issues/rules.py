"""In what capacity a person stands before one problem item.

The rule is on the person, not on the role (promise P4): whoever wrote an item or on it, or
answers for it or ever did, holds no reviewing capacity on it, whatever their grants; and the
discipline office does not sign off for the unit its signer is posted in or leads, nor what its
signer has let pass for somebody else.
"""

from collections.abc import Collection
from datetime import date, timedelta

from django.db.models import Exists, Q, QuerySet
from django.utils import timezone

from core.models import Job
from issues.choices import (
    LOOK_BACK_DAYS,
    NOT_HANDED_IN,
    SETTLED,
    SUPERVISED,
    Level,
    Source,
    State,
)
from issues.models import (
    LIST_KEEPERS,
    LIST_READERS,
    HandOver,
    Issue,
    IssueVersion,
    ListVersion,
    SupervisionSlip,
)
from issues.slip_way import UNIT_STEPS, Part, Step, steps_open
from issues.workflow import PASSES, Capacity, Move, available
from organisation.choices import UNIT_LEADERS, Role
from organisation.models import Posting, Unit, User
from organisation.queries import holders_of, unit_of
from organisation.scope import scope_of
from visits.choices import WITH_UNIT as IN_HAND
from visits.choices import AppealState
from visits.models import Appeal
from visits.rules import took_part_in

APPEALS_SUPERVISED = frozenset(IN_HAND | {AppealState.ANSWERED})
HANDLERS = (Role.LIAISON, *sorted(UNIT_LEADERS))


def capacities(user: User, issue: Issue) -> frozenset[Capacity]:
    """Every capacity of the person on this item. Reads ``issue.unit.area``."""
    own = _own_capacities(user, issue)
    if own & {Capacity.AUTHOR, Capacity.RESPONSIBLE} or has_had_part(user, issue):
        return own
    scope = scope_of(user)
    found = set(own)
    if scope.covers_unit(issue.unit, *UNIT_LEADERS):
        found.add(Capacity.UNIT_LEADER)
    if scope.covers_unit(issue.unit, Role.OFFICE):
        found.add(Capacity.OFFICE)
    if scope.covers_unit(issue.unit, Role.DISCIPLINE) and not _is_bound(user, issue):
        found.add(Capacity.DISCIPLINE)
    return frozenset(found)


def _own_capacities(user: User, issue: Issue) -> frozenset[Capacity]:
    """What the person is of this item itself; whoever wrote on it is its author too."""
    found = set()
    if user.pk == issue.author_id:
        found |= {Capacity.AUTHOR, Capacity.RESPONSIBLE}
    if user.pk == issue.responsible_id:
        found.add(Capacity.RESPONSIBLE)
    if issue.level == Level.UNIT and keeps_list(user, issue.unit):
        found.add(Capacity.KEEPER)
    if issue.level == Level.UNIT and has_written(user, issue):
        found.add(Capacity.AUTHOR)
    return frozenset(found)


def has_written(user: User, issue: Issue) -> bool:
    """A version of its text, such as who brought it in from a ledger for its author."""
    return issue.versions.filter(author=user).exists()


def has_had_part(user: User, issue: Issue) -> bool:
    """Has written on it, or answered for it before it was handed to another."""
    wrote = issue.versions.filter(author=user)
    part = Q(Exists(wrote)) | Q(Exists(_answered(user, issue)))
    return Issue.objects.filter(part, pk=issue.pk).exists()


def _answered(user: User, issue: Issue) -> QuerySet[HandOver]:
    return issue.hand_overs.filter(from_person=user)


def moves_for(user: User, issue: Issue) -> list[Move]:
    """The buttons of the item's page; the posts check the same table."""
    found = available(issue.state, issue.level, capacities(user, issue))
    return [move for move in found if not is_early(move, issue)]


def is_early(move: Move, issue: Issue) -> bool:
    """Whether nobody can know yet that what was put right has lasted."""
    if move.name != "consolidate" or issue.closed_at is None:
        return False
    return timezone.localdate() < lasts_from(issue)


def lasts_from(issue: Issue) -> date:
    """The first day on which a signed-off item may be found to have lasted (domain §2.5)."""
    assert issue.closed_at is not None
    return timezone.localdate(issue.closed_at) + timedelta(days=LOOK_BACK_DAYS[0])


def signs_off_sometimes(user: User, issue: Issue) -> bool:
    """The discipline office, of an item that is not its own and not of its own unit."""
    return Capacity.DISCIPLINE in capacities(user, issue)


def signs_off(user: User, issue: Issue) -> bool:
    """Whoever of the discipline office may sign the item off now."""
    return any(move.name == "sign_off" for move in moves_for(user, issue))


def judges_text(moves: Collection[Move]) -> bool:
    """Whoever of these may hand the text in or pass it is told what is not concrete in it."""
    return any(move.name in {"submit", "confirm", "file"} for move in moves)


def can_edit(user: User, issue: Issue) -> bool:
    """Only while it is a draft: the author, or whoever keeps the list of its unit."""
    if issue.state != State.DRAFT:
        return False
    if issue.level == Level.UNIT:
        return keeps_list(user, issue.unit)
    return user.pk == issue.author_id


def can_add_evidence(user: User, issue: Issue) -> bool:
    """The author or the responsible person, while the item is being put right."""
    return user.pk in {issue.author_id, issue.responsible_id} and issue.state == State.RECTIFYING


def can_report(user: User, issue: Issue) -> bool:
    """What was reached at a milestone: whoever shows what was done."""
    return can_add_evidence(user, issue)


def can_disclose(user: User, issue: Issue) -> bool:
    """The author, of an own problem found by oneself, with its handing in."""
    own = issue.level == Level.PERSONAL and issue.source == Source.SELF
    return own and can_edit(user, issue)


def can_ask_for_time(user: User, issue: Issue) -> bool:
    """Whoever answers for the item or wrote it, while it is being put right."""
    return can_add_evidence(user, issue)


def grants_time(user: User, issue: Issue) -> bool:
    """The office, of an item that is not its own."""
    return Capacity.OFFICE in capacities(user, issue)


def hands_over(user: User, issue: Issue) -> bool:
    """The unit's leaders and the office, of an item being put right that is not their own."""
    if issue.state != State.RECTIFYING:
        return False
    return bool(capacities(user, issue) & {Capacity.UNIT_LEADER, Capacity.OFFICE})


def can_choose_example(user: User, issue: Issue) -> bool:
    """The office, of what is signed off for good so far, and not its own."""
    good = issue.state in SETTLED and not issue.relapse_count
    return good and Capacity.OFFICE in capacities(user, issue)


def can_take_down(user: User, issue: Issue) -> bool:
    """Whoever wrote the item that an example tells of, and the office."""
    return user.pk == issue.author_id or Capacity.OFFICE in capacities(user, issue)


def can_write(user: User) -> bool:
    """Everybody who takes part keeps a list of own problems."""
    return scope_of(user).takes_part


def reviews(user: User) -> bool:
    """单位负责人、班子成员、作风办、纪委监委"""
    return scope_of(user).has(*UNIT_LEADERS, Role.OFFICE, Role.DISCIPLINE)


def reads_lists(user: User) -> bool:
    """联络员、单位负责人、作风办、纪委监委、领导"""
    return scope_of(user).has(*LIST_READERS)


def keeps_list(user: User, unit: Unit) -> bool:
    """The liaison and the leaders of a unit write its list. Reads ``unit.area``."""
    return scope_of(user).covers_unit(unit, *LIST_KEEPERS)


def makes_items_of(user: User, appeal: Appeal) -> bool:
    """The office of the appeal's area, and who keeps the list of the unit that has it.

    Reads ``appeal.unit.area`` and ``appeal.area``.
    """
    if appeal.unit is None or appeal.state == AppealState.MERGED:
        return False
    return keeps_list(user, appeal.unit) or scope_of(user).covers_area(appeal.area, Role.OFFICE)


def confirms_list(user: User, version: ListVersion) -> bool:
    """The head of the unit; a deputy where every head has written on it. Never who wrote."""
    scope = scope_of(user)
    writers = _writers_of(version)
    if user.pk in writers:
        return False
    if scope.covers_unit(version.unit, Role.UNIT_HEAD):
        return True
    heads = {head.pk for head in holders_of(Role.UNIT_HEAD, unit=version.unit)}
    return heads <= writers and scope.covers_unit(version.unit, Role.DEPUTY)


def can_claim(user: User, issue: Issue) -> bool:
    """A leader of the unit or above, of what others have brought before the unit."""
    if user.pk == issue.author_id and issue.level == Level.PERSONAL:
        return False
    if issue.state in NOT_HANDED_IN and not (
        issue.level == Level.UNIT and issue.state == State.DRAFT
    ):
        return False
    leads = scope_of(user).covers_unit(issue.unit, *UNIT_LEADERS, Role.LEADER)
    return leads and unit_of(user) is not None  # whose unit the own item will belong to


def draws_look_backs(user: User) -> bool:
    """纪委监委"""
    return scope_of(user).has(Role.DISCIPLINE)


def raises_slips(user: User, issue: Issue) -> bool:
    """The discipline office, on what is on file, for a unit it stands apart from."""
    reaches = scope_of(user).covers_unit(issue.unit, Role.DISCIPLINE)
    involved = user.pk in {issue.author_id, issue.responsible_id}
    if not reaches or involved or issue.state not in SUPERVISED:
        return False
    return not _stands_too_near(user, issue)


def raises_appeal_slips(user: User, appeal: Appeal) -> bool:
    """The discipline office, on what a unit has in hand, for a unit it stands apart from.

    Reads ``appeal.unit.area``.
    """
    if appeal.unit is None or appeal.state not in APPEALS_SUPERVISED:
        return False
    reaches = scope_of(user).covers_unit(appeal.unit, Role.DISCIPLINE)
    return reaches and not _near_appeal(user, appeal, appeal.unit)


def parts_in(user: User, slip: SupervisionSlip) -> frozenset[Part]:
    """Every part of the person in this slip. Reads ``slip.unit.area`` and ``slip.issue``.

    Whoever wrote the item, answers for it or answered the slip only answers: others of the
    unit sign, and the discipline office closes what it neither answered nor signed.
    """
    scope = scope_of(user)
    if user.pk in _involved(slip):
        return frozenset({Part.HANDLER})
    found = set()
    if scope.covers_unit(slip.unit, *HANDLERS):
        found.add(Part.HANDLER)
    leads = scope.covers_unit(slip.unit, *UNIT_LEADERS) and user.pk != slip.answered_by_id
    if leads and not (slip.issue and _answered(user, slip.issue).exists()):
        found.add(Part.UNIT_LEADER)
    if scope.covers_unit(slip.unit, Role.DISCIPLINE) and not _has_served(user, slip):
        found.add(Part.DISCIPLINE)
    return frozenset(found)


def steps_for(user: User, slip: SupervisionSlip) -> list[Step]:
    """The buttons of the slip's page; the posts check the same table."""
    return steps_open(slip.state, parts_in(user, slip))


def may_have_slip(user: User, job: Job) -> bool:
    """Whether the person may have the paper form of that slip, today."""
    found = SupervisionSlip.objects.visible_to(user)
    return found.filter(pk=job.arguments["slip"]).exists()


def _has_served(user: User, slip: SupervisionSlip) -> bool:
    """Has taken one of the unit's steps, or stands too near to its unit."""
    taken = slip.events.filter(actor=user, step__in=UNIT_STEPS)
    if taken.exists():
        return True
    if slip.issue is not None:
        return _stands_too_near(user, slip.issue)
    assert slip.appeal is not None
    return _near_appeal(user, slip.appeal, slip.unit)


def _involved(slip: SupervisionSlip) -> set[int | None]:
    """Who wrote the item or answers for it; whoever took the appeal up himself."""
    if slip.issue is not None:
        return {slip.issue.author_id, slip.issue.responsible_id}
    return {slip.appeal.handler_id} if slip.appeal is not None else set()


def _near_appeal(user: User, appeal: Appeal, unit: Unit) -> bool:
    """Has handled it, or belongs to the unit, one above or one below."""
    if took_part_in(user, appeal):
        return True
    posts = Posting.objects.filter(user=user).exclude(until__lt=timezone.localdate())
    paths = posts.values_list("unit__path", flat=True)
    return any(unit.path.startswith(path) or path.startswith(unit.path) for path in paths)


def _writers_of(version: ListVersion) -> set[int]:
    """Who froze it, and who wrote on any of its items."""
    wrote = IssueVersion.objects.filter(issue__list_entries__list_version=version)
    return {version.frozen_by_id, *wrote.values_list("author", flat=True)}


def _stands_too_near(user: User, issue: Issue) -> bool:
    """Has written on the item, answered for it, or belonged to its unit or near it since then.

    The database holds the same (migration ``signer_stands_apart``).
    """
    return has_had_part(user, issue) or _served_near(user, issue)


def _is_bound(user: User, issue: Issue) -> bool:
    """Belongs to the unit of the item or leads it, or has let the item pass on its way."""
    if scope_of(user).covers_unit(issue.unit, *UNIT_LEADERS) or _served_near(user, issue):
        return True
    return issue.events.filter(actor=user, move__in=PASSES).exists()


def _served_near(user: User, issue: Issue) -> bool:
    served = Posting.objects.filter(user=user).exclude(
        until__lt=timezone.localdate(issue.created_at)
    )
    own = issue.unit.path
    paths = served.values_list("unit__path", flat=True)
    return any(own.startswith(path) or path.startswith(own) for path in paths)
