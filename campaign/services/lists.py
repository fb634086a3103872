"""The lists of a campaign: their rows are the campaign's own and may all be changed."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db.models import ProtectedError
from django.db.models.deletion import Collector

from campaign.choices import ListKind
from campaign.models import Campaign, Category, Taxonomy
from campaign.services.open import hold_open
from campaign.services.refused import Refused
from core import audit
from organisation.models import User

STALE = "别人刚刚改过这个清单，没有保存。请重新打开页面再改。"
TAKEN = "已有同名的清单，没有保存。请换个名称，或选那份清单上传。"


class Row(NamedTuple):
    """One row as it shall be; without ``pk`` a new one."""

    pk: int | None
    name: str
    gloss: str
    aspect: str = ""


@audit.atomic
def change_list(*, taxonomy: Taxonomy, rows: Sequence[Row], actor: User) -> None:
    """Make the list these rows, in this order; what is left out goes, unless problems use it.

    Rows of one aspect come to stand together. A row whose words change is no example any more.
    Raises Refused; audited.
    """
    if not rows:
        raise Refused("清单至少要有一行。")
    hold_open(taxonomy.campaign_id)
    present = {row.pk: row for row in taxonomy.categories.all()}
    if not {row.pk for row in rows if row.pk} <= present.keys():
        raise Refused(STALE)
    _remove([row for pk, row in present.items() if pk not in {row.pk for row in rows}])
    _make_room(taxonomy, len(present) + len(rows))
    for number, row in enumerate(in_groups(rows), start=1):
        _put(taxonomy, number, row, present.get(row.pk or 0))
    audit.record(actor=actor, act="campaign.change_list", subject=taxonomy, name=taxonomy.name)


@audit.atomic
def land_list(
    *,
    campaign: Campaign,
    taxonomy: Taxonomy | None,
    name: str,
    rows: Sequence[Row],
    seen: str,
    actor: User,
) -> bool:
    """Make a list what an uploaded file says; without ``taxonomy`` a new one of that name.

    ``seen``: the fingerprint of the list that the rows were compared with. Done again it changes
    nothing. False when the list was so before. Raises Refused; audited.
    """
    hold_open(campaign.pk)
    found = taxonomy or campaign.taxonomies.filter(name=name).first()
    if found and words_of(found) == [row[1:] for row in in_groups(rows)]:
        return False
    if found is None:
        kind = ListKind.PROBLEM
        found = Taxonomy.objects.create(campaign=campaign, name=name, kind=kind)
    elif taxonomy is None:
        raise Refused(TAKEN)
    if stamp_of(taxonomy) != seen:
        raise Refused(STALE)
    change_list(taxonomy=found, rows=rows, actor=actor)
    return True


def words_of(taxonomy: Taxonomy) -> list[tuple[str, str, str]]:
    """The rows as they stand: name, gloss, aspect."""
    return list(taxonomy.categories.order_by("number").values_list("name", "gloss", "aspect"))


def stamp_of(taxonomy: Taxonomy | None) -> str:
    """A fingerprint of a list as it stands; of none, nothing."""
    if taxonomy is None:
        return ""
    rows = taxonomy.categories.order_by("number").values_list("pk", "name", "gloss", "aspect")
    return hashlib.sha256(json.dumps(list(rows)).encode()).hexdigest()


def in_groups(rows: Iterable[Row]) -> list[Row]:
    """The rows, those of one aspect together where the first of them stands."""
    rows = list(rows)
    order = {aspect: place for place, aspect in enumerate(dict.fromkeys(r.aspect for r in rows))}
    return sorted(rows, key=lambda row: order[row.aspect])


def is_used(row: Category) -> bool:
    """Whether something stands on the row, so that it cannot go."""
    try:
        Collector(using="default").collect([row])
    except ProtectedError:
        return True
    return False


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
        words = {"aspect": row.aspect, "name": row.name, "gloss": row.gloss}
        Category.objects.create(taxonomy=taxonomy, number=number, **words)
        return
    is_same = (present.name, present.gloss) == (row.name, row.gloss)
    Category.objects.filter(pk=present.pk).update(
        number=number,
        aspect=row.aspect,
        name=row.name,
        gloss=row.gloss,
        is_example=present.is_example and is_same,
    )
