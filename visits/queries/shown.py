"""A target as one reader sees it, plainly or masked."""

from collections.abc import Iterable
from dataclasses import dataclass

from organisation.models import User
from organisation.scope import scope_of
from visits.models import Target


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


def shown_to(user: User, targets: Iterable[Target]) -> list[Shown]:
    """The targets in their order, plain where a team of the person covers them; one query."""
    targets = list(targets)
    covered: set[int] = set()
    if scope_of(user).takes_part:
        own = Target.objects.assigned_to(user).filter(pk__in={target.pk for target in targets})
        covered = set(own.values_list("pk", flat=True))
    return [Shown(target, target.pk in covered) for target in targets]
