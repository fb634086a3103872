"""Reads on the register: what is left, and coverage at every level."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from campaign.choices import Audience
from campaign.models import Campaign, StageTask
from organisation.choices import AreaLevel
from organisation.models import Area, Unit, User
from organisation.scope import scope_of
from visits.choices import Outcome, TargetKind, TargetState, Way
from visits.coverage import Coverage
from visits.models import (
    CoverageCount,
    Membership,
    RegisterUpload,
    Target,
    TargetQuerySet,
    Team,
    Visit,
    VisitVersion,
    team_areas,
)
from visits.register.places import Gazetteer, Village
from visits.register.rows import Entry
from visits.rules import KEEPERS

STATES = tuple(TargetState.values)
CODES_PER_QUERY = 900  # SQLite takes 999 parameters
ENTRY_FIELDS = (
    "code",
    "name",
    "area_id",
    "members",
    "above_scale",
    "industrial",
    "size",
    "status",
)
SEALED_FIELDS = ("address", "phone")


@dataclass(frozen=True)
class Shown:
    """A target as one reader sees it: plainly, or with what is personal masked."""

    entry: Target
    is_plain: bool

    @property
    def name(self) -> str:
        return self.entry.name if self.is_plain else self.entry.masked_name

    @property
    def address(self) -> str:
        return self.entry.address.open() if self.is_plain else str(self.entry.address)

    @property
    def phone(self) -> str:
        return self.entry.phone.open() if self.is_plain else str(self.entry.phone)


@dataclass(frozen=True)
class AreaCoverage:
    """One area's coverage, whole and by kind."""

    area: Area
    total: Coverage
    by_kind: dict[str, Coverage]


def coverage_of(campaign: Campaign, area: Area) -> Coverage:
    """Coverage of everything in the area."""
    return _coverage_each(campaign, [area])[0].total


def whole_coverage(campaign: Campaign) -> AreaCoverage:
    """Coverage of the campaign's whole area, by kind. Reads ``campaign.area``."""
    (found,) = _coverage_each(campaign, [campaign.area])
    return found


def coverage_at(campaign: Campaign, area: Area) -> tuple[AreaCoverage, list[AreaCoverage]]:
    """Coverage of what is registered at the area itself, and of each of its children.

    Two queries, whatever the number of children.
    """
    whole, *below = _coverage_each(campaign, [area, *area.children.all()])
    own = {
        kind: whole.by_kind[kind] - sum((each.by_kind[kind] for each in below), Coverage())
        for kind in TargetKind.values
    }
    return AreaCoverage(area, sum(own.values(), Coverage()), own), below


def _coverage_each(campaign: Campaign, areas: list[Area]) -> list[AreaCoverage]:
    """Coverage of each of the areas, each with all below it; one query."""
    found = {area.pk: dict.fromkeys(TargetKind.values, Coverage()) for area in areas}
    rows: Any = CoverageCount.objects.filter(campaign=campaign, area__in=found)
    for area, kind, *numbers in rows.values_list("area", "kind", *STATES):
        found[area][kind] += Coverage(**dict(zip(STATES, numbers, strict=True)))
    return [
        AreaCoverage(area, sum(found[area.pk].values(), Coverage()), found[area.pk])
        for area in areas
    ]


def team_targets(user: User, campaign: Campaign) -> TargetQuerySet:
    """Everything the person's teams cover, visited or not."""
    found = Target.objects.assigned_to(user).registered().filter(campaign=campaign)
    return found.select_related("area", "taken_by", "assignee")


@dataclass(frozen=True)
class VillageLeft:
    """A village of one's teams and how many targets of it are left.

    ``is_last``: the person's last visit was there.
    """

    code: str
    name: str
    left: int
    is_last: bool


def villages_left(user: User, campaign: Campaign) -> list[VillageLeft]:
    """Where something is left, first where the person was last, then by code; three queries."""
    within = Q(pk__in=[])
    areas = team_areas(user).filter(team__campaign=campaign)
    for path in areas.values_list("area__path", flat=True):
        within |= Q(area__path__under=path)
    counters = CoverageCount.objects.filter(
        within, campaign=campaign, area__level=AreaLevel.VILLAGE
    )
    left = F("pending") + F("absent") + F("refused")
    rows: Any = (
        counters.values("area", "area__code", "area__name", "area__path")
        .annotate(left=Sum(left))
        .filter(left__gt=0)
        .order_by("area__code")
    )
    last = _last_path(user, campaign)
    found = [
        VillageLeft(row["area__code"], row["area__name"], row["left"], row["area__path"] in last)
        for row in rows
    ]
    return sorted(found, key=lambda row: not row.is_last)


def villages_given(user: User, campaign: Campaign) -> list[VillageLeft]:
    """The same of what the person has been given."""
    own = Target.objects.given_to(user).left().filter(campaign=campaign).order_by()
    rows: Any = own.values_list("area__code", "area__name", "area__path")
    last = _last_path(user, campaign)
    found = [
        VillageLeft(code, name, left, path in last)
        for code, name, path, left in rows.annotate(left=Count("pk")).order_by("area__code")
    ]
    return sorted(found, key=lambda row: not row.is_last)


def _last_path(user: User, campaign: Campaign) -> str:
    """The path of the area of the person's last visit."""
    visits = Visit.objects.filter(author=user, target__campaign=campaign).order_by("-id")
    return visits.values_list("target__area__path", flat=True).first() or ""


def as_last_time(user: User, campaign: Campaign) -> dict[str, object]:
    """How and with whom the person went the last time, to be taken over by the next form."""
    visits = Visit.objects.filter(author=user, target__campaign=campaign).order_by("-id")
    return dict(visits.values("way", "companions").first() or {})


def team_coverage(user: User, campaign: Campaign) -> list[AreaCoverage]:
    """Coverage of each area that the person's teams cover, by kind; two queries.

    An area inside another of them is part of that one, and not counted a second time.
    """
    covered = team_areas(user).filter(team__campaign=campaign).values("area_id")
    areas = list(Area.objects.filter(pk__in=covered).select_related("parent"))
    return _coverage_each(campaign, [area for area in areas if not _inside_another(area, areas)])


def shown_to(user: User, targets: Iterable[Target]) -> list[Shown]:
    """The targets in their order, plain where a team of the person covers them; one query."""
    targets = list(targets)
    covered: set[int] = set()
    if scope_of(user).takes_part:
        own = Target.objects.assigned_to(user).filter(pk__in={target.pk for target in targets})
        covered = set(own.values_list("pk", flat=True))
    return [Shown(target, target.pk in covered) for target in targets]


def _inside_another(area: Area, areas: Iterable[Area]) -> bool:
    return any(area.is_under(other.path) and area.pk != other.pk for other in areas)


def gazetteer_for(user: User, campaign: Campaign) -> Gazetteer:
    """All villages for the checks of an import, and which of them the person registers."""
    own = set(_own_villages(user, campaign).values_list("pk", flat=True))
    villages = Area.objects.filter(level=AreaLevel.VILLAGE).order_by("code")
    return Gazetteer(
        Village(pk, code, name, township, in_scope=pk in own)
        for pk, code, name, township in villages.values_list("pk", "code", "name", "parent__name")
    )


def villages_to_register(user: User, campaign: Campaign) -> QuerySet[Area]:
    """The villages of the person's areas that the campaign's register does not hold."""
    held = Target.objects.filter(campaign=campaign, kind=TargetKind.VILLAGE).values("code")
    return _own_villages(user, campaign).exclude(code__in=held).order_by("code")


def registered_entries(
    campaign: Campaign, kind: TargetKind, codes: Sequence[str]
) -> dict[str, Entry]:
    """The registered targets among the codes, by code; one query for each 900 of them."""
    found: dict[str, Entry] = {}
    for start in range(0, len(codes), CODES_PER_QUERY):
        targets = Target.objects.filter(
            campaign=campaign, kind=kind, code__in=codes[start : start + CODES_PER_QUERY]
        )
        for values in targets.values(*ENTRY_FIELDS, *SEALED_FIELDS):
            opened = {name: values[name].open() for name in SEALED_FIELDS}
            found[values["code"]] = Entry(row=0, **values | opened)
    return found


def own_uploads(user: User, campaign: Campaign) -> QuerySet[RegisterUpload]:
    """The person's uploads, newest first."""
    uploads = RegisterUpload.objects.visible_to(user).filter(campaign=campaign)
    return uploads.select_related("job").order_by("-id")


def _own_villages(user: User, campaign: Campaign) -> QuerySet[Area]:
    inside = scope_of(user).areas(KEEPERS, field="")
    return Area.objects.under(campaign.area).filter(inside, level=AreaLevel.VILLAGE)


def covered(task: StageTask) -> set[int]:
    """For the office whether its campaign's register is covered as asked; for a unit, that of
    the unit's area. An empty register is not covered."""
    campaign = task.stage.campaign
    if task.audience == Audience.OFFICE:
        return {campaign.pk} if _reaches(coverage_of(campaign, campaign.area), task) else set()
    units = Unit.objects.filter(participant__campaign=campaign).select_related("area")
    areas = list({unit.area_id: unit.area for unit in units}.values())
    found = _coverage_each(campaign, areas)
    reached = {each.area.pk for each in found if _reaches(each.total, task)}
    return {unit.pk for unit in units if unit.area_id in reached}


def _reaches(coverage: Coverage, task: StageTask) -> bool:
    registered = coverage.registered
    return registered > 0 and coverage.covered * 100 >= registered * task.threshold


@dataclass(frozen=True)
class Former:
    """What a visit said before a correction, in words, and the correction."""

    version: VisitVersion
    text: dict[str, str]


def versions_of(visit: Visit) -> list[Former]:
    """What the visit said before, the last first; no query for one never corrected."""
    if visit.version == 1:
        return []
    rows = visit.versions.select_related("replaced_by").order_by("-number")
    return [Former(row, _in_words(row.text)) for row in rows]


def _in_words(text: dict[str, str]) -> dict[str, str]:
    return {
        "日期": text["visited_on"],
        **({"几点": text["began"][:5]} if text.get("began") else {}),
        "方式": dict(Way.choices).get(text["way"], text["way"]),
        "结果": dict(Outcome.choices).get(text["outcome"], text["outcome"]),
        "同行人": text["companions"],
        "了解到的情况": text["heard"],
    }


@dataclass(frozen=True)
class TeamRow:
    """A team as a list shows it: how many belong to it, and how far its areas are."""

    team: Team
    areas: list[Area]
    members: int
    coverage: Coverage


def team_rows(teams: Sequence[Team]) -> list[TeamRow]:
    """The teams with what their rows show; three queries, whatever their number."""
    through = Team.areas.through.objects.filter(team__in=teams).select_related("area")
    pairs = [(pair.team_id, pair.area) for pair in through.order_by("area__code")]
    members: dict[int, int] = dict(
        Membership.objects.filter(team__in=teams)
        .order_by()
        .values_list("team")
        .annotate(number=Count("pk"))
    )
    areas = list({area.pk: area for _, area in pairs}.values())
    campaigns = {team.campaign for team in teams}
    found = {
        (campaign.pk, each.area.pk): each.total
        for campaign in campaigns
        for each in _coverage_each(campaign, areas)
    }
    rows = []
    for team in teams:
        own = [area for key, area in pairs if key == team.pk]
        outer = [area for area in own if not _inside_another(area, own)]
        total = sum((found[team.campaign_id, area.pk] for area in outer), Coverage())
        rows.append(TeamRow(team, own, members.get(team.pk, 0), total))
    return rows


def teams_to_show(user: User, campaign: Campaign, words: str) -> QuerySet[Team]:
    """The teams the person may see; with words those of that name, area or member."""
    found = Team.objects.visible_to(user).filter(campaign=campaign).select_related("campaign")
    if not words:
        return found
    of_area = Team.areas.through.objects.filter(area__name__icontains=words).values("team")
    of_member = Membership.objects.filter(user__name__icontains=words).values("team")
    return found.filter(Q(name__icontains=words) | Q(pk__in=of_area) | Q(pk__in=of_member))


def people_to_enlist(keeper: User, names: Collection[str]) -> list[User]:
    """Those of the keeper's areas who have one of the names or log in with it; one query."""
    within = scope_of(keeper).units(KEEPERS)
    called = Q(name__in=names) | Q(username__in=names)
    return list(User.objects.filter(within, called, is_active=True).select_related("unit__area"))


def areas_to_cover(keeper: User, campaign: Campaign, names: Collection[str]) -> list[Area]:
    """Those of the keeper's areas in the campaign with one of the names or codes; one query."""
    within = scope_of(keeper).areas(KEEPERS, field="")
    called = Q(name__in=names) | Q(code__in=names)
    found = Area.objects.under(campaign.area).filter(within, called)
    return list(found.select_related("parent"))
