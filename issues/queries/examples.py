"""Whose names stand around an item, and what is left of its text without them."""

from collections.abc import Iterator

from django.db.models import Q

from issues.anonymity import (
    SHORTEST,
    Kind,
    Name,
    Piece,
    forms_of_person,
    forms_of_place,
    forms_of_unit,
    left_in,
    mask,
)
from issues.choices import SETTLED
from issues.models import GoodExample, Issue
from organisation.models import Area, Posting, Unit, User
from organisation.queries import paths_above


def names_around(issue: Issue) -> list[Name]:
    """People, units and places that the item's text may name. Reads ``issue.unit.area``.

    Of its own surroundings in every form in which people write them: whoever is in its unit,
    in one below or above it, or had to do with the item; the units and places of its area, and
    those above. Of the rest of the campaign's area full names of three signs or more: shorter
    ones are everyday words too often.
    """
    near = [*_people(issue), *_places_and_units(issue)]
    return [*near, *(each for each in _far(issue) if not each.doubtful)]


def draft_of(issue: Issue, names: list[Name]) -> dict[str, tuple[Piece, ...]]:
    """What an example of the item would say, in pieces: names replaced, the rest kept."""
    applied = issue.events.filter(move="apply").order_by("-id").first()
    texts = {
        "title": issue.title,
        "before": issue.event,
        "why": f"{issue.cause}\n{issue.root_cause}",
        "how": f"{issue.direction}\n{issue.measures}",
        "after": applied.note if applied else "",
    }
    return {field: mask(text, names) for field, text in texts.items()}


def still_named(issue: Issue, texts: dict[str, str]) -> list[str]:
    """The names around the item that still stand in these texts beyond doubt."""
    return left_in("\n".join(texts.values()), names_around(issue))


def example_of(issue: Issue) -> GoodExample | None:
    """The one made of it that is shown now; only what is signed off has one."""
    if issue.state not in SETTLED:
        return None
    return issue.examples.shown().first()


def _people(issue: Issue) -> Iterator[Name]:
    path = issue.unit.path
    near = Posting.objects.filter(Q(unit__path__under=path) | Q(unit__path__in=paths_above(path)))
    own = set(issue.events.values_list("actor", flat=True))
    own |= {issue.author_id, issue.responsible_id}
    own |= set(issue.hand_overs.values_list("from_person", flat=True))
    people = User.objects.filter(Q(pk__in=own) | Q(pk__in=near.values("user")))
    for pk, name in people.values_list("pk", "name"):
        yield from forms_of_person(name, sure=pk in own)


def _places_and_units(issue: Issue) -> Iterator[Name]:
    path, area = issue.unit.path, issue.unit.area.path
    above = Q(path__in=paths_above(area))
    over = list(Area.objects.filter(above).values_list("name", flat=True))
    for name in Area.objects.filter(above | Q(path__under=area)).values_list("name", flat=True):
        yield from forms_of_place(name)
    near = Q(path__under=path) | Q(path__in=paths_above(path)) | Q(area__path__under=area)
    for name in Unit.objects.filter(near).values_list("name", flat=True):
        yield from forms_of_unit(name, over)


def _far(issue: Issue) -> Iterator[Name]:
    path = issue.campaign.area.path
    people = User.objects.filter(postings__unit__area__path__under=path).distinct()
    named = {
        Kind.PERSON: people.values_list("name", flat=True),
        Kind.UNIT: Unit.objects.filter(area__path__under=path).values_list("name", flat=True),
        Kind.PLACE: Area.objects.filter(path__under=path).values_list("name", flat=True),
    }
    for kind, names in named.items():
        yield from (Name(name, kind, doubtful=len(name) <= SHORTEST) for name in names)
