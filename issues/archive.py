"""What stays of the problems when a campaign is archived, and what goes.

All items go, those of units too: their words are the cadres' own, and every row names who
wrote it, who answers for it and who signed. What a unit had to mend stays as numbers.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.db.models import BigIntegerField, CharField, Count, F, QuerySet, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Concat
from django.urls import reverse

from campaign.archive import named, summed
from campaign.archiving import Drop, Figure, Measure, Part
from campaign.models import Campaign
from core.models import Job, Notice, Reminder
from issues.choices import NOT_HANDED_IN, SETTLED, Assent, SlipState, Source, State
from issues.models import READERS as ITEM_READERS
from issues.models import (
    Achievement,
    AppealOrigin,
    Autosave,
    Claim,
    Consent,
    Disclosure,
    Draw,
    Evidence,
    EvidenceWish,
    Extension,
    GoodExample,
    HandOver,
    Issue,
    IssueEvent,
    IssueVersion,
    LedgerUpload,
    LikenessKeys,
    ListEntry,
    ListVersion,
    LongTerm,
    LookBack,
    Milestone,
    Origin,
    SavedView,
    SignOff,
    SlipEvent,
    SupervisionSlip,
)
from issues.services import BOOK_KIND, SLIP_KIND
from issues.services.imports import APPLY, CHECK, TOLD
from organisation.choices import Role

READERS = (*ITEM_READERS, Role.ORGANISATION, Role.LEADER)
FEWEST_AUTHORS = 5  # below it the categories of a unit would speak of persons
MEASURES = (
    Measure("issues/signed_off", "问题销号", READERS, table=True, is_rate=True),
    Measure("issues/states", "提交的问题", READERS, table=True),
    Measure("issues/lists", "确认的单位清单版本", READERS, table=True),
    Measure("issues/categories", "备案的问题，按类别", READERS),
    Measure("issues/sources", "备案的问题，按来源", READERS),
    Measure("issues/slips", "督办单审结", READERS, table=True, is_rate=True),
)


def figures(campaign: Campaign) -> Iterator[Figure]:
    """Drafts are their authors' alone and are not counted; the rest as the pages count it."""
    issues = Issue.objects.filter(campaign=campaign).order_by()
    handed_in = issues.exclude(state__in=NOT_HANDED_IN)
    found = handed_in.values_list("unit", "state").annotate(n=Count("pk"))
    yield from summed("issues/states", named(found, State))
    lists = ListVersion.objects.filter(campaign=campaign, assent=Assent.CONFIRMED).order_by()
    confirmed = lists.values("unit").annotate(n=Count("pk")).values_list("unit", "n")
    yield from summed("issues/lists", ((unit, "", n) for unit, n in confirmed))
    yield from _signed_off(issues.filed())
    yield from _kinds(issues.filed())
    yield from _slips(campaign)


def drops(campaign: Campaign) -> Iterator[Drop]:
    """What points at an item before the item; messages are found by its address."""
    of_campaign = {"issue__campaign": campaign}
    issues = Issue.objects.filter(campaign=campaign)
    address = _addresses_of(issues, "issues:issue-detail")
    yield from _slip_drops(campaign)
    yield Drop("问题的消息", Notice.objects.filter(url__in=address))
    yield Drop("问题的到期提醒", Reminder.objects.filter(url__in=address))
    yield Drop("常用筛选", SavedView.objects.filter(campaign=campaign))
    yield Drop("", LikenessKeys.objects.filter(**of_campaign))
    yield from _list_drops(campaign)
    books = Job.objects.filter(kind=BOOK_KIND, arguments__campaign=campaign.pk)
    yield Drop("打印的错题本", books, files="file")
    yield from _import_drops(campaign)
    yield Drop("好示例", GoodExample.objects.filter(**of_campaign))
    yield Drop("回头看", LookBack.objects.filter(**of_campaign))
    yield Drop("回头看抽取记录", Draw.objects.filter(campaign=campaign))
    yield Drop("销号签字", SignOff.objects.filter(**of_campaign))
    yield Drop("整改责任人变更", HandOver.objects.filter(**of_campaign))
    yield Drop("延期申请", Extension.objects.filter(**of_campaign))
    yield from _long_term(campaign)
    yield Drop("主动说明", Disclosure.objects.filter(**of_campaign))
    small = Evidence.objects.filter(**of_campaign).exclude(thumb="")
    yield Drop("", small, cleared={"thumb": ""}, files="thumb")
    yield Drop(
        "",
        Evidence.objects.filter(**of_campaign, replaces__isnull=False),
        cleared={"replaces": None},
    )
    yield Drop("佐证文件", Evidence.objects.filter(**of_campaign), files="file")
    yield Drop("", EvidenceWish.objects.filter(event__issue__campaign=campaign))
    yield Drop("问题的办理经过和意见", IssueEvent.objects.filter(**of_campaign))
    yield Drop("问题的历次文字", IssueVersion.objects.filter(**of_campaign))
    yield Drop("", Autosave.objects.filter(campaign=campaign))
    yield Drop("问题清单，含个人填写的全部内容", issues)


def _import_drops(campaign: Campaign) -> Iterator[Drop]:
    uploads = LedgerUpload.objects.filter(campaign=campaign)
    jobs = Job.objects.filter(kind__in=[CHECK, APPLY])
    of_upload = jobs.annotate(upload=Cast(KT("arguments__upload_id"), BigIntegerField()))
    asked = of_upload.filter(upload__in=uploads.values("pk"))
    events = uploads.annotate(event=Concat(Value(TOLD), Cast(F("pk"), CharField())))
    yield Drop("台账导入的消息", Notice.objects.filter(event__in=events.values("event")))
    yield Drop("台账导入的错误清单", asked, files="file")
    yield Drop("台账导入的记录和文件", uploads, files="file")


def _slip_drops(campaign: Campaign) -> Iterator[Drop]:
    slips = SupervisionSlip.objects.filter(campaign=campaign)
    of_slips = _addresses_of(slips, "issues:slip-detail")
    jobs = Job.objects.filter(kind=SLIP_KIND, arguments__campaign=campaign.pk)
    yield Drop("督办单的消息", Notice.objects.filter(url__in=of_slips))
    yield Drop("督办单的到期提醒", Reminder.objects.filter(url__in=of_slips))
    yield Drop("督办单的导出记录和文件", jobs, files="file")
    yield Drop("督办单的办理经过和意见", SlipEvent.objects.filter(slip__campaign=campaign))
    yield Drop("督办单", slips)


def _list_drops(campaign: Campaign) -> Iterator[Drop]:
    versions = ListVersion.objects.filter(campaign=campaign)
    address = _addresses_of(versions, "issues:list-version")
    yield Drop("单位问题清单的消息", Notice.objects.filter(url__in=address))
    yield Drop("", ListEntry.objects.filter(list_version__campaign=campaign))
    yield Drop("单位问题清单", versions)
    yield Drop("诉求列入清单的记录", AppealOrigin.objects.filter(unit_item__campaign=campaign))
    yield Drop("合并干部问题的记录", Origin.objects.filter(unit_item__campaign=campaign))
    yield Drop("认领", Claim.objects.filter(claimed__campaign=campaign))


def _long_term(campaign: Campaign) -> Iterator[Drop]:
    of_plan = {"plan__version__issue__campaign": campaign}
    results = Achievement.objects.filter(
        **{f"milestone__{way}": value for way, value in of_plan.items()}
    )
    yield Drop("长期坚持的阶段性成果", results)
    yield Drop("长期坚持的阶段节点", Milestone.objects.filter(**of_plan))
    yield Drop("长期坚持的同意", Consent.objects.filter(**of_plan))
    yield Drop("", LongTerm.objects.filter(version__issue__campaign=campaign))


PART = Part(MEASURES, figures, drops)


def _slips(campaign: Campaign) -> Iterator[Figure]:
    """Closed, of those raised and not withdrawn."""
    raised = SupervisionSlip.objects.filter(campaign=campaign).order_by()
    found = raised.exclude(state=SlipState.WITHDRAWN).values_list("unit", "state")
    yield from _done(found.annotate(n=Count("pk")), "issues/slips", {SlipState.CLOSED})


def _signed_off(filed: QuerySet[Issue]) -> Iterator[Figure]:
    found = filed.values_list("unit", "state").annotate(n=Count("pk"))
    yield from _done(found, "issues/signed_off", SETTLED)


def _done(
    rows: Iterable[tuple[int, str, int]], measure: str, states: Collection[str]
) -> Iterator[Figure]:
    """How many are in one of the states, of all of them, from (unit, state, number)."""
    whole: dict[int | None, int] = {None: 0}
    done: dict[int | None, int] = {None: 0}
    for unit, state, n in rows:
        for each in (None, unit):
            whole[each] = whole.get(each, 0) + n
            done[each] = done.get(each, 0) + (n if state in states else 0)
    for place, number in whole.items():
        yield Figure(measure, done[place], number, place)


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


def _addresses_of(rows: QuerySet[Any], route: str) -> QuerySet[Any, str]:
    """Where their pages are: that is all a message knows of what it is about."""
    before, after = reverse(route, args=[0]).split("0")
    address = Concat(Value(before), Cast(F("pk"), CharField()), Value(after))
    return rows.annotate(address=address).values_list("address", flat=True)
