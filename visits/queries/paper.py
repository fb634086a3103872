"""What an import of visits from paper asks of the register and of the visits so far."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from campaign.models import Campaign
from organisation.models import User
from visits.choices import TargetKind
from visits.models import Target, TargetQuerySet, Visit, VisitUpload
from visits.queries import shown_to

KEYS_PER_QUERY = 900  # SQLite takes 999 parameters


def targets_by_code(
    author: User, campaign: Campaign, wanted: Collection[tuple[TargetKind, str]]
) -> dict[tuple[str, str], Target]:
    """Those of the author's teams among the codes; one query for each 900 of a kind."""
    found: dict[tuple[str, str], Target] = {}
    own = Target.objects.assigned_to(author).registered().filter(campaign=campaign)
    for kind in TargetKind:
        codes = sorted(code for each, code in wanted if each == kind)
        for some in _parts(codes):
            for target in own.filter(kind=kind, code__in=some):
                found[target.kind, target.code] = target
    return found


def tokens_known(tokens: Sequence[UUID]) -> set[UUID]:
    """Under which of these a visit is saved already."""
    known: set[UUID] = set()
    for some in _parts(tokens):
        known |= set(Visit.objects.filter(token__in=some).values_list("token", flat=True))
    return known


def to_fill_in(author: User, campaign: Campaign, most: int) -> TargetQuerySet:
    """What is left for the author, village by village: what was given to the person, if
    anything was; otherwise what the teams have left."""
    left = Target.objects.assigned_to(author).left().filter(campaign=campaign)
    given = left.given_to(author)
    rows = (given if given.exists() else left).select_related("area__parent")
    return rows.order_by("area__path", "pk")[:most]


def rows_to_fill_in(
    reader: User, author: User, campaign: Campaign, most: int
) -> Iterator[tuple[str, str, str, str]]:
    """The first columns of the template, with names as the reader may see them."""
    targets = list(to_fill_in(author, campaign, most))
    for some in _parts(targets):
        for shown in shown_to(reader, some):
            entry = shown.entry
            yield entry.get_kind_display(), entry.code, shown.name, entry.area.in_full


def own_paper(user: User) -> QuerySet[VisitUpload]:
    """The person's uploads of visits from paper, newest first."""
    uploads: QuerySet[VisitUpload] = VisitUpload.objects.visible_to(user)
    return uploads.select_related("job", "campaign", "author", "uploaded_by").order_by("-id")


def _parts(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), KEYS_PER_QUERY):
        yield rows[start : start + KEYS_PER_QUERY]
