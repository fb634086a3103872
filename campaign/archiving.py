"""What stays of a campaign that is archived and what goes: each app says it for its own rows.

Numbers stay, as ``Figure``; what names a person or was written by one goes, as ``Drop``. The
same drops are counted for the page that asks, and carried out by the archiving itself.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from campaign.models import Campaign


@dataclass(frozen=True)
class Measure:
    """One kind of number that is kept, and the roles that read it where they hold a right.

    Without ``readers`` everybody who knows the campaign reads it. In ``table`` it is a column
    of the list of units.
    """

    key: str
    label: str
    readers: Collection[str] | None = None
    table: bool = False
    is_rate: bool = False


@dataclass(frozen=True)
class Figure:
    """A number, or ``n`` of ``d``; of one unit or of all, whole or of a part such as a state."""

    measure: str
    n: int
    d: int | None = None
    unit: int | None = None
    part: str = ""


@dataclass(frozen=True)
class Drop:
    """Rows that are deleted; with ``cleared`` they stay, and these columns get these values.

    ``files`` names a column of stored files, which are deleted in either case. Without a
    ``label`` the rows are not counted on the page: they only link others.
    """

    label: str
    rows: "QuerySet[Any]"
    cleared: Mapping[str, object] | None = None
    files: str = ""


def _nothing(campaign: "Campaign") -> Iterable[Any]:
    return ()


@dataclass(frozen=True)
class Part:
    """One app's part: its measures and their figures, what goes (in this order), and sentences
    on what has to be brought to an end before."""

    measures: tuple[Measure, ...] = ()
    figures: "Callable[[Campaign], Iterable[Figure]]" = _nothing
    drops: "Callable[[Campaign], Iterable[Drop]]" = _nothing
    obstacles: "Callable[[Campaign], Iterable[str]]" = _nothing


_parts: dict[str, Part] = {}


def archive_with(name: str, part: Part) -> None:
    """Said once by each app when it starts; ``name`` is what people call its part."""
    _parts[name] = part


def groups() -> Mapping[str, tuple[Measure, ...]]:
    """The measures of all apps under the names of their parts."""
    return {name: part.measures for name, part in _parts.items() if part.measures}


def measures() -> Iterator[Measure]:
    for part in _parts.values():
        yield from part.measures


def figures_of(campaign: "Campaign") -> Iterator[Figure]:
    for part in _parts.values():
        yield from part.figures(campaign)


def drops_of(campaign: "Campaign") -> Iterator[Drop]:
    """What points at other apps' rows first: the apps above before those below."""
    for part in reversed(_parts.values()):
        yield from part.drops(campaign)


def obstacles_of(campaign: "Campaign") -> list[str]:
    return [text for part in _parts.values() for text in part.obstacles(campaign)]
