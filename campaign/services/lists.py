"""The lists of a campaign: their rows are the campaign's own and may all be changed."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import ProtectedError

from campaign.models import Category, Taxonomy
from campaign.services.open import hold_open
from campaign.services.refused import Refused
from core import audit
from organisation.models import User

STALE = "别人刚刚改过这个清单，没有保存。请重新打开页面再改。"


class Row(NamedTuple):
    """One row as it shall be; without ``pk`` a new one."""

    pk: int | None
    name: str
    gloss: str


@audit.atomic
def change_list(*, taxonomy: Taxonomy, rows: Sequence[Row], actor: User) -> None:
    """Make the list these rows, in this order; what is left out goes, unless problems use it.

    A row whose words change is no example any more. Raises Refused; audited.
    """
    if not rows:
        raise Refused("清单至少要有一行。")
    hold_open(taxonomy.campaign_id)
    present = {row.pk: row for row in taxonomy.categories.all()}
    if not {row.pk for row in rows if row.pk} <= present.keys():
        raise Refused(STALE)
    _remove([row for pk, row in present.items() if pk not in {row.pk for row in rows}])
    _make_room(taxonomy, len(present) + len(rows))
    for number, row in enumerate(rows, start=1):
        _put(taxonomy, number, row, present.get(row.pk or 0))
    audit.record(actor=actor, act="campaign.change_list", subject=taxonomy, name=taxonomy.name)


def _remove(rows: Sequence[Category]) -> None:
    for row in rows:
        try:
            row.delete()
        except ProtectedError as error:
            raise Refused(f"「{row.name}」已有问题使用，不能删除，可以改名。") from error


def _make_room(taxonomy: Taxonomy, beyond: int) -> None:
    """Numbers are unique: those that stand go out of the way first."""
    for row in taxonomy.categories.order_by("-number"):
        Category.objects.filter(pk=row.pk).update(number=row.number + beyond)


def _put(taxonomy: Taxonomy, number: int, row: Row, present: Category | None) -> None:
    if present is None:
        Category.objects.create(taxonomy=taxonomy, number=number, name=row.name, gloss=row.gloss)
        return
    is_same = (present.name, present.gloss) == (row.name, row.gloss)
    Category.objects.filter(pk=present.pk).update(
        number=number,
        name=row.name,
        gloss=row.gloss,
        is_example=present.is_example and is_same,
    )
