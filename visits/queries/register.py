"""What an import of a register and an entry by hand are checked against."""

from collections.abc import Iterator, Sequence

from django.db.models import QuerySet

from campaign.models import Campaign
from organisation.choices import AreaLevel
from organisation.models import Area, User
from organisation.scope import scope_of
from visits.choices import TargetKind
from visits.models import RegisterUpload, Target
from visits.register.places import Gazetteer, Grid, Village
from visits.register.rows import Entry
from visits.rules import KEEPERS

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


def gazetteer_for(user: User, campaign: Campaign) -> Gazetteer:
    """All villages for the checks of an import, and which of them the person registers.

    The grids are read when the first row asks for one.
    """
    own = set(_own_villages(user, campaign).values_list("pk", flat=True))
    villages = Area.objects.filter(level=AreaLevel.VILLAGE).order_by("code")
    rows = villages.values_list("pk", "code", "name", "parent__name")
    found = (Village(*row, in_scope=row[0] in own) for row in rows)
    return Gazetteer(found, grids=_grids)


def _grids() -> Iterator[Grid]:
    rows = Area.objects.filter(level=AreaLevel.GRID).order_by("code")
    return map(Grid._make, rows.values_list("pk", "code", "name", "parent_id"))


def villages_to_register(user: User, campaign: Campaign) -> QuerySet[Area]:
    """The villages of the person's areas that the campaign's register does not hold."""
    held = Target.objects.filter(campaign=campaign, kind=TargetKind.VILLAGE).values("code")
    return _own_villages(user, campaign).exclude(code__in=held).order_by("code")


def _own_villages(user: User, campaign: Campaign) -> QuerySet[Area]:
    inside = scope_of(user).areas(KEEPERS, field="")
    return Area.objects.under(campaign.area).filter(inside, level=AreaLevel.VILLAGE)


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
