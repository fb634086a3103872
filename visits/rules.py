"""Who may do what with the register, the teams and visits."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from campaign.models import Campaign
from core.models import Job
from organisation.choices import Role
from organisation.models import Area, Posting, Unit, User
from organisation.scope import scope_of
from visits.appeal_way import HANDLING_STEPS, Part
from visits.choices import WITH_UNIT, AppealState
from visits.models import (
    READERS,
    TRUTH_READERS,
    UNIT_HANDLERS,
    Appeal,
    AppealEvent,
    Membership,
    Target,
    Team,
    TruthCheck,
    Visit,
)

KEEPERS = (Role.OFFICE, Role.ORGANISATION)
INSIDERS = (*KEEPERS, Role.LEADER)
COVERAGE_READERS = (*INSIDERS, Role.DISCIPLINE)


def can_import_register(user: User) -> bool:
    """作风办、组织部"""
    return scope_of(user).has(*KEEPERS)


def still_imports(user: User, job: Job) -> bool:
    """Whether the person may have the list of faults of an upload, today."""
    return can_import_register(user)


def keeps_areas(user: User) -> bool:
    """Whether the register is kept for an area, whose progress the keeper may then read."""
    return scope_of(user).reaches_areas(KEEPERS)


def keeps_teams(user: User) -> bool:
    """作风办、组织部，在授权的区域内"""
    return scope_of(user).reaches_areas(KEEPERS)


def keeps_teams_of(user: User, areas: Collection[Area]) -> bool:
    """Whether all the areas are those of the keeper, and there is one at all."""
    scope = scope_of(user)
    return bool(areas) and all(scope.covers_area(area, *KEEPERS) for area in areas)


def keeps_team(user: User, team: Team) -> bool:
    """Whether the person may change a team: all its areas are within reach."""
    return keeps_teams_of(user, list(team.areas.all()))


def splits_work(user: User, team: Team) -> bool:
    """Its leader, and whoever may change the team."""
    leads = Membership.objects.filter(team=team, user=user, is_leader=True)
    return (scope_of(user).takes_part and leads.exists()) or keeps_team(user, team)


def keeps(user: User, area: Area) -> bool:
    """Whether the register of the area is the person's to keep."""
    return scope_of(user).covers_area(area, *KEEPERS)


def can_read_coverage(user: User) -> bool:
    """领导、作风办、组织部、纪委监委（按区划授权）"""
    return scope_of(user).reaches_areas(COVERAGE_READERS)


def lists_targets(user: User) -> bool:
    """作风办、组织部（按区划授权）"""
    return scope_of(user).reaches_areas(READERS)


def lists_targets_of(user: User, area: Area) -> bool:
    """Whether the person may read the entries of the area, and not its totals alone."""
    return scope_of(user).covers_area(area, *READERS)


def sees_small_cells(user: User, area: Area) -> bool:
    """Whether the area is the person's own as its office, organisation department or leader."""
    return scope_of(user).covers_area(area, *INSIDERS)


def can_freeze(user: User) -> bool:
    """作风办"""
    return scope_of(user).reaches_areas([Role.OFFICE])


def freezes(user: User, campaign: Campaign) -> bool:
    """The office of the campaign's whole area. Reads ``campaign.area``."""
    return scope_of(user).covers_area(campaign.area, Role.OFFICE)


def can_visit(user: User, target: Target) -> bool:
    """Only a member of a team that covers the target logs a visit to it."""
    own = Target.objects.assigned_to(user).registered()
    return own.filter(pk=target.pk).exists()


def can_correct(user: User, visit: Visit) -> bool:
    """Who made a visit or brought it in from paper, as long as its campaign is not archived."""
    logged = user.pk in {visit.author_id, visit.entered_by_id}
    return logged and visit.target.campaign.archived_at is None


def can_read_plainly(user: User, target: Target) -> bool:
    """The members of a team that covers the target must find the door; nobody else need."""
    return scope_of(user).takes_part and can_visit(user, target)


def people_to_enter_for(user: User, campaign: Campaign) -> QuerySet[User]:
    """Whose visits the person may bring in from paper: the members of the own teams, and, as
    a liaison, the members of any team who belong to the unit."""
    scope = scope_of(user)
    if not scope.takes_part:
        return User.objects.none()
    own = Membership.objects.filter(team__campaign=campaign, user=user).values("team")
    together = Membership.objects.filter(team__in=own).values("user")
    members = Membership.objects.filter(team__campaign=campaign).values("user")
    of_unit = Q(pk__in=members) & scope.units([Role.LIAISON])
    return User.objects.filter(Q(pk__in=together) | of_unit, is_active=True)


def enters_for(user: User, author: User, campaign: Campaign) -> bool:
    """Whether the person may bring in the author's visits from paper."""
    return people_to_enter_for(user, campaign).filter(pk=author.pk).exists()


def reads_flags(user: User) -> bool:
    """组织部（按区划授权）"""
    return scope_of(user).reaches_areas(TRUTH_READERS)


def draws_visits_of(user: User, area: Area) -> bool:
    """Whether the area is one of the organisation department's."""
    return scope_of(user).covers_area(area, *TRUTH_READERS)


def checks_visit(user: User, check: TruthCheck) -> bool:
    """Of the organisation department, and neither the visitor nor anybody beside him.

    Reads ``check.visit.target.area``.
    """
    visit = check.visit
    if not scope_of(user).covers_area(visit.target.area, *TRUTH_READERS):
        return False
    logged = {visit.author_id, visit.entered_by_id}
    own = Membership.objects.filter(user=user, team__campaign=check.draw.campaign_id)
    together = Membership.objects.filter(team__in=own.values("team"), user__in=logged - {None})
    return user.pk not in logged and not together.exists()


def can_reveal(user: User, target: Target) -> bool:
    """Whoever sees the target may ask for its personal data, with a reason that is kept."""
    return Target.objects.visible_to(user).filter(pk=target.pk).exists()


### Appeals


def dispatches_appeals(user: User) -> bool:
    """作风办"""
    return scope_of(user).has(Role.OFFICE)


def dispatches(user: User, appeal: Appeal) -> bool:
    """The office of the area in which it was raised. Reads ``appeal.area``."""
    return scope_of(user).covers_area(appeal.area, Role.OFFICE)


def takes_out(user: User, appeal: Appeal) -> bool:
    """The office of both areas, of a merged one and of that it was merged into.

    Reads ``appeal.area`` and ``appeal.merged_into.area``.
    """
    into = appeal.merged_into
    return into is not None and dispatches(user, appeal) and dispatches(user, into)


def calls_back(user: User) -> bool:
    """组织部、作风办"""
    return scope_of(user).has(*KEEPERS)


def parts_in(user: User, appeal: Appeal) -> frozenset[Part]:
    """Every part of the person in this appeal. Reads ``appeal.unit.area`` and ``appeal.area``."""
    scope = scope_of(user)
    found = set()
    if dispatches(user, appeal):
        found.add(Part.OFFICE)
    if handles(user, appeal):
        found.add(Part.UNIT)
    keeps_area = scope.covers_area(appeal.area, *KEEPERS)
    if keeps_area and Part.UNIT not in found and not stands_too_near(user, appeal):
        found.add(Part.CALLER)
    return frozenset(found)


def handles(user: User, appeal: Appeal) -> bool:
    """Whoever answers for the unit that has it, or took it up and still belongs to it."""
    if appeal.unit is None:
        return False
    scope = scope_of(user)
    if scope.covers_unit(appeal.unit, *UNIT_HANDLERS):
        return True
    return user.pk == appeal.handler_id and scope.takes_part and has_its_handler(appeal)


def handler_is_there(prefix: str = "") -> Exists:
    """Of a row of appeals: who took it up has an account and a post in the unit, or below it.

    ``prefix`` leads to the appeal from another table. After a transfer or at the end of service
    it is the unit's again, not his.
    """
    posts = Posting.objects.current(timezone.localdate())
    of_unit = Q(unit__path__startswith=OuterRef(f"{prefix}unit__path"))
    return Exists(posts.filter(of_unit, user=OuterRef(f"{prefix}handler"), user__is_active=True))


def has_its_handler(appeal: Appeal) -> bool:
    """Whether the one who took it up is still there to handle it."""
    if appeal.handler_id is None or appeal.unit_id is None:
        return False
    return Appeal.objects.filter(handler_is_there(), pk=appeal.pk).exists()


def reaches_people(user: User, appeal: Appeal) -> bool:
    """Whoever has the next part in it must find them: to handle it, or to call back."""
    return reaches_as(parts_in(user, appeal), appeal)


def reaches_as(parts: Collection[Part], appeal: Appeal) -> bool:
    """The unit while it has the appeal, the callers while it waits to be called back on."""
    if appeal.state == AppealState.ANSWERED:
        return Part.CALLER in parts
    return appeal.state in WITH_UNIT and Part.UNIT in parts


def stands_too_near(user: User, appeal: Appeal) -> bool:
    """Has handled it, or is posted in a unit that has, had or assists in it, or below one.

    Whoever answered it on the spot has handled it. The database holds the same (migration
    ``only_people_close``).
    """
    if took_part_in(user, appeal):
        return True
    steps = AppealEvent.objects.filter(appeal=appeal, step__in=HANDLING_STEPS)
    helping = appeal.assisting.values("pk")
    handled = Unit.objects.filter(
        Q(pk=appeal.unit_id) | Q(pk__in=helping) | Q(pk__in=steps.values("unit"))
    )
    posts = Posting.objects.filter(user=user).exclude(until__lt=timezone.localdate())
    served = list(posts.values_list("unit__path", flat=True))
    return any(path.startswith(own.path) for own in handled for path in served)


def took_part_in(user: User, appeal: Appeal) -> bool:
    """Took the appeal up himself, or has taken one of the unit's steps."""
    steps = AppealEvent.objects.filter(appeal=appeal, step__in=HANDLING_STEPS, actor=user)
    return user.pk == appeal.handler_id or steps.exists()


def decides_on_days(user: User, appeal: Appeal, asked_by: int) -> bool:
    """The office of the area; never on one's own application."""
    return user.pk != asked_by and scope_of(user).covers_area(appeal.area, Role.OFFICE)
