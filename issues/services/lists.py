"""Writes on the problem lists of units: items, where they come from, claims, versions."""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.utils import timezone

from campaign.models import Campaign, Category, Participant
from campaign.services import require_open
from campaign.services.open import hold_open
from core import audit, notices
from core.notices import Message
from issues.choices import Assent, Level, State
from issues.models import Claim, Issue, ListEntry, ListVersion, Origin
from issues.queries.items import findings_of, page_of_item, shown_hash
from issues.queries.lists import (
    fingerprint,
    items_of_cadres,
    items_of_list,
    latest_texts,
    list_hash,
    page_of_version,
    share_of,
)
from issues.rules import can_claim, confirms_list, keeps_list
from issues.services.items import Stale, Text, begin_item, take_step, write_issue
from issues.workflow import Capacity, Refused
from organisation.choices import Role
from organisation.models import Unit, User
from organisation.queries import holders_of

NOT_YOURS_TO_KEEP = "单位问题清单由本单位联络员和班子成员编制。"
NOT_YOURS_TO_CONFIRM = "清单由单位主要负责人确认；本人参与编制的，由没有参与编制的班子成员确认。"
NOT_YOURS_TO_CLAIM = "只有单位班子成员和领导可以认领，自己写的问题不用认领。"
NOBODY_CONFIRMS = (
    "这份清单没有人可以确认：单位主要负责人参与了填写，也没有别的班子成员。"
    "请联系作风办，给一位没有参与填写的班子成员授权后再定稿。"
)
NO_PART = "这个单位没有参加这次专项行动。"
LIST_CHANGED = "清单刚刚有变化，您看到的不是最新内容。请核对后再办。"
ALREADY = "这个版本已经办过。请刷新页面查看。"


@audit.atomic
def write_unit_item(
    *,
    campaign: Campaign,
    unit: Unit,
    author: User,
    category: Category,
    text: Text,
    origins: Collection[Issue] = (),
    token: UUID | None = None,
) -> Issue:
    """Begin an item of the unit, made of those of its cadres that are named, or of none.

    ``text`` holds the responsible person and leader too. The same token gives the same item.
    Raises PermissionDenied for whoever does not keep the list.
    """
    _require_keeper(campaign, unit, author)
    values = {"campaign": campaign, "unit": unit, "category": category, "level": Level.UNIT}
    item = begin_item(author, token, **values, **text)
    _take_in(item, origins, author)
    return item


@audit.atomic
def take_in(*, unit_item: Issue, items: Collection[Issue], actor: User) -> None:
    """Add items of cadres to what a draft of the unit was made of; those it has, it keeps."""
    _require_draft(unit_item, actor)
    _take_in(unit_item, items, actor)


@audit.atomic
def take_out(*, origin: Origin, actor: User) -> None:
    """An item of a cadre was not meant; the trail keeps that it had been taken in."""
    _require_draft(origin.unit_item, actor)
    if Origin.objects.filter(pk=origin.pk).delete()[0]:
        audit.record(
            actor=actor, act="issues.take_out", subject=origin.unit_item, item=origin.item_id
        )


@audit.atomic
def claim_item(
    *,
    claimed: Issue,
    actor: User,
    category: Category,
    text: Text,
    token: UUID | None = None,
) -> Issue:
    """Answer for a problem of the unit or of one below with an item of one's own.

    Returns the own item, a draft; a second claim of the same returns the first. Raises
    PermissionDenied.
    """
    if not can_claim(actor, claimed):
        raise PermissionDenied(NOT_YOURS_TO_CLAIM)
    earlier = Claim.objects.filter(claimed=claimed, leader=actor).select_related("own_item")
    if first := earlier.first():
        return first.own_item
    try:
        with audit.atomic():
            own = write_issue(
                campaign=claimed.campaign, author=actor, category=category, text=text, token=token
            )
            claim = Claim.objects.create(claimed=claimed, leader=actor, own_item=own)
            audit.record(actor=actor, act="issues.claim", subject=claimed, own_item=own.pk)
    except IntegrityError:  # sent twice at once
        return earlier.get().own_item
    notices.send(_claim_messages(claim))
    return own


@audit.atomic
def freeze_list(*, campaign: Campaign, unit: Unit, actor: User, seen: str) -> ListVersion:
    """Make the list as it stands version N, hand its drafts in, and ask the head.

    ``seen`` is the fingerprint of what the person saw. Raises PermissionDenied, Stale, and
    Refused when nothing is new, a version waits already, an item is not concrete, or nobody may
    confirm it.
    """
    hold_open(campaign.pk)  # first: two who hold the weaker lock would wait for one another
    _require_keeper(campaign, unit, actor)
    items = list(items_of_list(campaign, unit))
    if seen != fingerprint(items):
        raise Stale(LIST_CHANGED)
    drafts = [item for item in items if item.state == State.DRAFT]
    _require_freezable(campaign, unit, drafts)
    version = _keep_version(campaign, unit, items, actor)
    for item in drafts:
        _step(item, "submit", actor, Capacity.KEEPER)
    audit.record(
        actor=actor,
        act="issues.freeze_list",
        subject=version,
        number=version.number,
        sha256=version.sha256,
        items=len(items),
    )
    heads = _heads(version)
    if not heads:
        raise Refused(NOBODY_CONFIRMS)
    _tell(version, heads, f"{unit.name}问题清单第 {version.number} 版等您确认")
    return version


@audit.atomic
def confirm_list(*, version: ListVersion, actor: User, seen: str) -> ListVersion:
    """The head's assent: the items handed in with it go to the office.

    ``seen`` is the version's hash. Raises PermissionDenied, Stale.
    """
    _decide(version, actor, Assent.CONFIRMED, seen)
    for item in _handed_in(version):
        _step(item, "confirm", actor, Capacity.UNIT_LEADER)
    audit.record(actor=actor, act="issues.confirm_list", subject=version, sha256=version.sha256)
    offices = holders_of(Role.OFFICE, unit=version.unit)
    _tell(version, offices, f"{version.unit.name}问题清单第 {version.number} 版等您审核备案")
    return version


@audit.atomic
def return_list(*, version: ListVersion, actor: User, seen: str, note: str) -> ListVersion:
    """The head sends it back with a reason; its items are drafts again, the version stays.

    Raises PermissionDenied, Stale, Refused.
    """
    if not note.strip():
        raise Refused("请写明退回的理由：哪几条、怎么改。")
    _decide(version, actor, Assent.RETURNED, seen, note.strip())
    for item in _handed_in(version):
        _step(item, "return", actor, Capacity.UNIT_LEADER, note=note)
    audit.record(actor=actor, act="issues.return_list", subject=version)
    title = f"{version.unit.name}问题清单第 {version.number} 版退回修改"
    _tell(version, [version.frozen_by], title, note.strip())
    return version


def _require_keeper(campaign: Campaign, unit: Unit, actor: User) -> None:
    if not keeps_list(actor, unit):
        raise PermissionDenied(NOT_YOURS_TO_KEEP)
    require_open(campaign.pk)
    if not Participant.objects.filter(campaign=campaign, unit=unit, left_on=None).exists():
        raise Refused(NO_PART)


def _require_draft(unit_item: Issue, actor: User) -> None:
    _require_keeper(unit_item.campaign, unit_item.unit, actor)
    if (
        not Issue.objects.filter(pk=unit_item.pk, level=Level.UNIT, state=State.DRAFT)
        .select_for_update()
        .exists()
    ):
        raise Stale(LIST_CHANGED)


def _take_in(unit_item: Issue, items: Collection[Issue], actor: User) -> None:
    """Only what the unit's cadres have handed in; another's is left out without a word."""
    keys = [item.pk for item in items]
    own = items_of_cadres(unit_item.campaign, unit_item.unit).filter(pk__in=keys).order_by("id")
    for item in own:
        origin, is_new = Origin.objects.get_or_create(
            unit_item=unit_item, item=item, defaults={"taken_by": actor}
        )
        if is_new:
            audit.record(actor=actor, act="issues.take_in", subject=unit_item, item=origin.item_id)


def _require_freezable(campaign: Campaign, unit: Unit, drafts: Collection[Issue]) -> None:
    if not drafts:
        raise Refused("清单没有新的内容。先写一条单位问题，或改好被退回的，再定稿。")
    if ListVersion.objects.filter(campaign=campaign, unit=unit, assent="").exists():
        raise Refused("上一版还在等单位主要负责人确认，确认或退回以后才能再定稿。")
    for item in drafts:
        said = [finding.say for finding in findings_of(item) if finding.refuses]
        if said:
            raise Refused(f"{item.number}「{item.title}」还不能提交：{''.join(said)}")


def _keep_version(
    campaign: Campaign, unit: Unit, items: Collection[Issue], actor: User
) -> ListVersion:
    texts = latest_texts(items)
    rows = [(item.pk, item.version, texts[item.pk]) for item in items]
    latest = ListVersion.objects.filter(campaign=campaign, unit=unit).order_by("-number").first()
    share = share_of(campaign, unit)
    version = ListVersion.objects.create(
        campaign=campaign,
        unit=unit,
        number=latest.number + 1 if latest else 1,
        sha256=list_hash(rows),
        listed=share.listed,
        people=share.people,
        frozen_by=actor,
    )
    ListEntry.objects.bulk_create(
        ListEntry(list_version=version, issue_id=pk, version=number, text_sha256=sha)
        for pk, number, sha in rows
    )
    return version


def _decide(version: ListVersion, actor: User, assent: Assent, seen: str, note: str = "") -> None:
    require_open(version.campaign_id)
    if not confirms_list(actor, version):
        raise PermissionDenied(NOT_YOURS_TO_CONFIRM)
    if seen != version.sha256:
        raise Stale(LIST_CHANGED)
    decided = ListVersion.objects.filter(pk=version.pk, assent="").update(
        assent=assent, assented_by=actor, assented_at=timezone.now(), note=note
    )
    if decided != 1:
        raise Stale(ALREADY)
    version.refresh_from_db()


def _handed_in(version: ListVersion) -> Iterable[Issue]:
    items = Issue.objects.filter(list_entries__list_version=version, state=State.SUBMITTED)
    return items.select_related("campaign", "unit__area", "category").order_by("id")


def _step(item: Issue, name: str, actor: User, capacity: Capacity, note: str = "") -> None:
    take_step(
        item,
        name,
        actor=actor,
        held={capacity},
        note=note,
        seen_hash=shown_hash(item),
        with_list=True,
    )


def _heads(version: ListVersion) -> list[User]:
    """Who may confirm it: the heads, or the deputies where every head has written on it."""
    holders = [
        person
        for role in (Role.UNIT_HEAD, Role.DEPUTY)
        for person in holders_of(role, unit=version.unit)
    ]
    return [person for person in holders if confirms_list(person, version)]


def _tell(version: ListVersion, people: Iterable[User], title: str, body: str = "") -> None:
    event = f"issues.list:{version.pk}:{version.assent}"
    page = page_of_version(version)
    notices.send(Message(event, person.pk, title, body, page) for person in people)


def _claim_messages(claim: Claim) -> list[Message]:
    """Whoever wrote it learns that a leader answers for it too."""
    title = f"{claim.leader.name}认领了问题「{claim.claimed.title}」"
    page = page_of_item(claim.claimed)
    return [Message(f"issues.claim:{claim.pk}", claim.claimed.author_id, title, "", page)]
