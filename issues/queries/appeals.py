"""Reads between appeals and items of units: what an item is made of, and what became of one."""

from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from issues.choices import Nature, Source, State
from issues.models import AppealOrigin, Issue, SupervisionSlip
from issues.queries.slips import page_of_slip
from issues.rules import makes_items_of, raises_appeal_slips
from organisation.models import User
from visits.choices import AppealState
from visits.followers import Followed, Line, Offer
from visits.models import Appeal

ROOM = {"title": 60, "event": 1000, "place": 60}
MADE = "列入单位问题清单"


def appeals_to_take(user: User, appeal: Appeal) -> QuerySet[Appeal]:
    """The appeal, and others of its unit and campaign that the person may see."""
    seen = Appeal.objects.visible_to(user).exclude(state=AppealState.MERGED)
    found = seen.filter(unit=appeal.unit_id, campaign=appeal.campaign_id)
    return found.select_related("area__parent", "visit").order_by("pk")


def text_of_appeals(appeals: Sequence[Appeal]) -> dict[str, object]:
    """What a form begins with; nothing of it says who the people are."""
    first = appeals[0]
    event = "\n".join(_told(each) for each in appeals)
    return {
        "title": first.content.split("\n")[0][: ROOM["title"]],
        "happened_on": first.visit.visited_on,
        "place": _place(first)[: ROOM["place"]],
        "event": event[: ROOM["event"]],
        "source": Source.VISITS,
        "nature": Nature.COMMON if len(appeals) > 1 else Nature.INDIVIDUAL,
    }


def _told(appeal: Appeal) -> str:
    day = appeal.visit.visited_on
    again = f"重办 {appeal.redo_count} 次。" if appeal.redo_count else ""
    answer = f"答复：{appeal.answer}" if appeal.answer else ""
    said = f"{day:%-m月%-d日}，{_place(appeal)}群众走访时反映：{appeal.content}（{appeal}）。"
    return f"{said}{again}{answer}"


def _place(appeal: Appeal) -> str:
    above = appeal.area.parent
    return f"{above.name if above else ''}{appeal.area.name}"


def appeal_origins_of(issue: Issue, reader: User) -> QuerySet[AppealOrigin]:
    """The appeals it was made of; ``is_open`` for those that the reader may see."""
    seen = Appeal.objects.visible_to(reader).filter(pk=OuterRef("appeal"))
    origins = AppealOrigin.objects.filter(unit_item=issue).select_related("appeal")
    return origins.annotate(is_open=Exists(seen))


def followed_by_items(user: User, appeal: Appeal) -> Followed:
    """For the appeal's page: the items made of it, and the way to one; a draft is its unit's."""
    lines = tuple(line for _, line in _made(user, AppealOrigin.objects.filter(appeal=appeal)))
    offered = not lines and makes_items_of(user, appeal)
    address = reverse("issues:appeal-item", args=[appeal.pk])
    return Followed(lines, (Offer(MADE, address),) if offered else ())


def items_made_of(user: User, appeals: QuerySet[Appeal]) -> dict[int, Line]:
    """By the key of an appeal, the newest item made of it, as its page would say it; one query."""
    return dict(_made(user, AppealOrigin.objects.filter(appeal__in=appeals.values("pk"))))


def _made(user: User, origins: QuerySet[AppealOrigin]) -> Iterator[tuple[int, Line]]:
    """The standing items with the appeal of each; of a draft only who may open it hears."""
    seen = Issue.objects.visible_to(user).filter(pk=OuterRef("unit_item"))
    standing = origins.exclude(unit_item__state=State.WITHDRAWN).select_related("unit_item")
    for row in standing.annotate(is_open=Exists(seen)).order_by("pk"):
        if row.is_open or row.unit_item.state != State.DRAFT:
            yield row.appeal_id, _line(row.unit_item, row.is_open)


def followed_by_slips(user: User, appeal: Appeal) -> Followed:
    """For the appeal's page: the slips on it that the reader may see, and raising one."""
    found = SupervisionSlip.objects.visible_to(user).filter(appeal=appeal).order_by("-pk")
    lines = tuple(
        Line("督办单", f"{slip} {slip.get_state_display()}", page_of_slip(slip)) for slip in found
    )
    address = reverse("issues:appeal-slip", args=[appeal.pk])
    offered = raises_appeal_slips(user, appeal)
    return Followed(lines, (Offer("出具督办单", address),) if offered else ())


def offer_of_group(user: User, keys: Sequence[int]) -> Offer | None:
    """The way to one item of several appeals; its form asks who may."""
    if not keys:
        return None
    first, *others = keys
    also = urlencode({"also": others}, doseq=True)
    address = reverse("issues:appeal-item", args=[first])
    return Offer(MADE, f"{address}?{also}" if also else address)


def _line(issue: Issue, is_open: bool) -> Line:
    text = f"{issue.number} {issue.get_state_display()}"
    url = reverse("issues:issue-detail", args=[issue.pk]) if is_open else ""
    return Line("单位问题", text, url)
