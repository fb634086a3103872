"""What stays of the problems when a campaign is archived, and what goes.

All items go, those of units too: their words are the cadres' own, and every row names who
wrote it, who answers for it and who signed. What a unit had to mend stays as numbers.
"""

from collections.abc import Iterable, Iterator

from django.db.models import CharField, Count, F, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse

from campaign.archive import named, summed
from campaign.archiving import Drop, Figure, Measure, Part
from campaign.models import Campaign
from core.models import Notice, Reminder
from issues.choices import NOT_HANDED_IN, SETTLED, Source, State
from issues.models import READERS as ITEM_READERS
from issues.models import (
    Draw,
    Evidence,
    Extension,
    Issue,
    IssueEvent,
    IssueVersion,
    LikenessKeys,
    LookBack,
    SignOff,
)
from organisation.choices import Role

READERS = (*ITEM_READERS, Role.ORGANISATION, Role.LEADER)
FEWEST_AUTHORS = 5  # below it the categories of a unit would speak of persons
MEASURES = (
    Measure("issues/signed_off", "问题销号", READERS, table=True, is_rate=True),
    Measure("issues/states", "提交的问题", READERS, table=True),
    Measure("issues/categories", "备案的问题，按类别", READERS),
    Measure("issues/sources", "备案的问题，按来源", READERS),
)


def figures(campaign: Campaign) -> Iterator[Figure]:
    """Drafts are their authors' alone and are not counted; the rest as the pages count it."""
    issues = Issue.objects.filter(campaign=campaign).order_by()
    handed_in = issues.exclude(state__in=NOT_HANDED_IN)
    found = handed_in.values_list("unit", "state").annotate(n=Count("pk"))
    yield from summed("issues/states", named(found, State))
    yield from _signed_off(issues.filed())
    yield from _kinds(issues.filed())


def drops(campaign: Campaign) -> Iterator[Drop]:
    """What points at an item before the item; messages are found by its address."""
    of_campaign = {"issue__campaign": campaign}
    issues = Issue.objects.filter(campaign=campaign)
    address = _addresses_of(issues)
    yield Drop("问题的消息", Notice.objects.filter(url__in=address))
    yield Drop("问题的到期提醒", Reminder.objects.filter(url__in=address))
    yield Drop("", LikenessKeys.objects.filter(**of_campaign))
    yield Drop("回头看", LookBack.objects.filter(**of_campaign))
    yield Drop("回头看抽取记录", Draw.objects.filter(campaign=campaign))
    yield Drop("销号签字", SignOff.objects.filter(**of_campaign))
    yield Drop("延期申请", Extension.objects.filter(**of_campaign))
    yield Drop("佐证文件", Evidence.objects.filter(**of_campaign), files="file")
    yield Drop("问题的办理经过和意见", IssueEvent.objects.filter(**of_campaign))
    yield Drop("问题的历次文字", IssueVersion.objects.filter(**of_campaign))
    yield Drop("问题清单，含个人填写的全部内容", issues)


PART = Part(MEASURES, figures, drops)


def _signed_off(filed: QuerySet[Issue]) -> Iterator[Figure]:
    whole: dict[int | None, int] = {None: 0}
    done: dict[int | None, int] = {None: 0}
    for unit, state, n in filed.values_list("unit", "state").annotate(n=Count("pk")):
        for each in (None, unit):
            whole[each] = whole.get(each, 0) + n
            done[each] = done.get(each, 0) + (n if state in SETTLED else 0)
    for unit, number in whole.items():
        yield Figure("issues/signed_off", done[unit], number, unit)


def _kinds(filed: QuerySet[Issue]) -> Iterator[Figure]:
    """By category and by source; of a unit only where several people have written."""
    authors = filed.values("unit").annotate(authors=Count("author", distinct=True))
    open_units = {row["unit"] for row in authors if row["authors"] >= FEWEST_AUTHORS}
    by_category = filed.values_list(
        "unit", "category__taxonomy__name", "category__number", "category__name"
    ).annotate(n=Count("pk"))
    by_category = by_category.order_by("category__taxonomy__name", "category__number")
    rows = [(unit, f"{list_} {number}. {name}", n) for unit, list_, number, name, n in by_category]
    yield from _parts("issues/categories", rows, open_units)
    by_source = filed.values_list("unit", "source").annotate(n=Count("pk"))
    yield from _parts("issues/sources", named(by_source, Source), open_units)


def _parts(
    measure: str, rows: Iterable[tuple[int, str, int]], open_units: set[int]
) -> Iterator[Figure]:
    kept = [(unit if unit in open_units else None, part, n) for unit, part, n in rows]
    return (each for each in summed(measure, kept) if each.part)


def _addresses_of(issues: QuerySet[Issue]) -> QuerySet[Issue, str]:
    """Where the pages of the items are: that is all a message knows of its item."""
    before, after = reverse("issues:issue-detail", args=[0]).split("0")
    address = Concat(Value(before), Cast(F("pk"), CharField()), Value(after))
    return issues.annotate(address=address).values_list("address", flat=True)
