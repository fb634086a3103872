"""The list of a unit: from its cadres' items to versions, the head's assent, and the office."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from core.models import Notice
from issues.choices import Level, State
from issues.models import Claim, Issue, IssueVersion, ListEntry, ListVersion, Origin
from issues.queries import lists_waiting_for, shown_hash
from issues.queries.lists import (
    candidates,
    compare,
    fingerprint,
    hash_again,
    items_of_list,
    kin_of,
    merged_text,
    people_without_a_list,
    share_of,
)
from issues.rules import capacities, confirms_list
from issues.services import (
    Stale,
    claim_item,
    confirm_list,
    freeze_list,
    lists,
    return_list,
    rewrite_issue,
    take_in,
    take_out,
    write_unit_item,
)
from issues.workflow import Capacity, Refused
from organisation.choices import Role
from organisation.models import Grant, Posting, User
from organisation.services import grant
from tests.issues.conftest import (
    brought_to,
    confirmed,
    frozen,
    people,
    take,
    unit_item,
    unit_item_brought_to,
)
from tests.personas import World

HOMES = ("liaison", "head", "deputy", "office", "colleague", "other_head")


def titles(person: User) -> list[str]:
    return list(Notice.objects.filter(person=person).order_by("id").values_list("title", flat=True))


def standing(world: World) -> list[Issue]:
    return list(items_of_list(world.campaign, world.unit))


def rewritten(issue: Issue, actor: User, text: dict[str, object]) -> Issue:
    return rewrite_issue(
        issue=issue,
        author=actor,
        category=issue.category,
        text=text,
        seen_version=issue.version,
    )


### Made of the cadres' items


def test_an_item_remembers_what_it_was_made_of(world: World) -> None:
    first = brought_to(world, "submit")
    second = brought_to(world, "submit", world.issue(world.colleague, event="等了三天没人接电话。"))
    draft = world.issue()
    foreign = world.issue(world.other_head)
    world.move(foreign, "submit", world.other_head)
    assert list(candidates(world.campaign, world.unit)) == [first, second]
    item = unit_item(world, [first, second, draft, foreign])
    kept = item.origins.values_list("item", "taken_by")
    assert list(kept) == [(first.pk, world.liaison.pk), (second.pk, world.liaison.pk)]
    assert list(candidates(world.campaign, world.unit)) == []
    assert kin_of(item.pk) == {item.pk, first.pk, second.pk}
    first.refresh_from_db()
    assert (first.state, first.level) == (State.SUBMITTED, Level.PERSONAL)
    take_out(origin=item.origins.first(), actor=world.head)
    assert list(candidates(world.campaign, world.unit)) == [first]
    take_in(unit_item=item, items=[first, second], actor=world.deputy)
    assert item.origins.count() == 2


def test_what_was_withdrawn_frees_the_cadres_items(world: World) -> None:
    first = brought_to(world, "submit")
    item = unit_item(world, [first])
    world.move(item, "withdraw", world.head, "并到另一条")
    assert list(candidates(world.campaign, world.unit)) == [first]


def test_the_merged_text_tells_every_event_that_fits(world: World) -> None:
    long = world.issue(event="压" * 980)
    both = merged_text([world.issue(), world.issue(world.colleague)])
    assert str(both["event"]).count("群众来补办证明") == 2
    assert both["nature"] == "common"
    spring = world.issue(happened_on=date(2026, 3, 5))
    assert "1. 2026年3月5日，" in str(merged_text([spring, world.issue()])["event"])
    assert str(merged_text([world.issue(), long])["event"]).count("压") == 1
    assert merged_text([long])["event"] == long.event


def test_the_merged_text_leaves_open_when_and_where_it_was(world: World) -> None:
    here, there = world.issue(), world.issue(world.colleague, place="河西村")
    merged = merged_text([here, there])
    assert (merged["happened_on"], merged["place"]) == (here.happened_on, "")
    later = world.issue(happened_on=here.happened_on + timedelta(days=1))
    assert merged_text([here, later])["happened_on"] is None
    assert merged_text([here])["place"] == here.place


def test_the_share_counts_people_with_a_list(world: World) -> None:
    brought_to(world, "submit")
    world.issue(world.colleague)  # a draft is no list
    share = share_of(world.campaign, world.unit)
    assert (share.listed, share.people) == (1, 5)
    without = people_without_a_list(world.campaign, world.unit)
    assert sorted(without) == sorted(
        each.name for each in (world.colleague, world.liaison, world.head, world.deputy)
    )


### Who writes it, who sees it


def test_the_units_own_people_write_and_nobody_else(world: World) -> None:
    for name, person in people(world).items():
        arguments = {
            "campaign": world.campaign, "unit": world.unit, "category": world.category,
            "text": world.text(leader=world.head, responsible=world.colleague),
        }  # fmt: skip
        if name in {"liaison", "head", "deputy"}:
            assert write_unit_item(author=person, **arguments).level == Level.UNIT
        else:
            with pytest.raises(PermissionDenied):
                write_unit_item(author=person, **arguments)


def test_a_draft_of_the_unit_is_seen_by_those_who_keep_its_list(world: World) -> None:
    item = unit_item(world)
    seen = {
        name
        for name, who in people(world).items()
        if Issue.objects.visible_to(who).filter(pk=item.pk).exists()
    }
    assert seen == {"liaison", "head", "deputy", "colleague"} - {"colleague"}
    confirmed(world)
    seen = {
        name
        for name, who in people(world).items()
        if Issue.objects.visible_to(who).filter(pk=item.pk).exists()
    }
    assert seen == {
        "liaison", "head", "deputy", "colleague", "office", "city_office", "discipline",
        "leader", "city_leader",
    }  # fmt: skip


def test_a_leader_sees_items_of_units_and_none_of_persons(world: World) -> None:
    own = brought_to(world, "file")
    item = unit_item_brought_to(world, "confirm")
    seen = Issue.objects.visible_to(world.leader)
    assert (list(seen), own in seen) == ([item], False)


### Versions


def test_a_version_holds_the_list_as_it_stood(world: World) -> None:
    first, second = unit_item(world), unit_item(world, title="排队两小时")
    version = frozen(world)
    assert (version.number, version.listed, version.people) == (1, 0, 5)
    entries = list(version.entries.values_list("issue", "version"))
    assert entries == [(first.pk, 1), (second.pk, 1)]
    assert hash_again(version) == version.sha256
    assert {item.state for item in standing(world)} == {State.SUBMITTED}
    assert titles(world.head) == [f"{world.unit.name}问题清单第 1 版等您确认"]
    assert list(lists_waiting_for(world.head)) == [version]
    assert list(lists_waiting_for(world.deputy)) == []


def test_nothing_is_frozen_twice(world: World) -> None:
    unit_item(world)
    frozen(world)
    with pytest.raises(Refused, match="没有新的内容"):
        frozen(world)
    unit_item(world, title="排队两小时")
    with pytest.raises(Refused, match="还在等单位主要负责人确认"):
        frozen(world)
    assert ListVersion.objects.count() == 1


def test_what_was_not_seen_is_not_frozen(world: World) -> None:
    item = unit_item(world)
    seen = fingerprint(standing(world))
    rewritten(item, world.head, world.text(title="改过"))
    with pytest.raises(Stale):
        freeze_list(campaign=world.campaign, unit=world.unit, actor=world.liaison, seen=seen)
    assert not ListVersion.objects.exists()


def test_with_the_fingerprint_ignored_it_would(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = unit_item(world)
    seen = fingerprint(standing(world))
    rewritten(item, world.head, world.text(title="改过"))
    monkeypatch.setattr(lists, "fingerprint", lambda items: seen)
    freeze_list(campaign=world.campaign, unit=world.unit, actor=world.liaison, seen=seen)
    assert ListVersion.objects.exists()


def test_an_item_that_is_not_concrete_holds_the_whole_list_up(world: World) -> None:
    unit_item(world)
    vague = unit_item(world, place="", title="服务不够好")
    with pytest.raises(Refused, match=vague.number):
        frozen(world)
    assert {item.state for item in standing(world)} == {State.DRAFT}
    assert not ListVersion.objects.exists()


def test_items_go_with_the_list_and_in_no_other_way(world: World) -> None:
    item = unit_item(world)
    for name, actor in (("submit", "liaison"), ("confirm", "head")):
        with pytest.raises((Refused, PermissionDenied)):
            world.move(item, name, getattr(world, actor))
    frozen(world)
    item.refresh_from_db()
    for name in ("confirm", "return"):
        with pytest.raises(Refused, match="随单位问题清单"):
            world.move(item, name, world.head, "理由")


def test_the_head_confirms_and_the_office_is_told_once(world: World) -> None:
    unit_item(world)
    unit_item(world, title="排队两小时")
    version = confirmed(world)
    assert version.assented_by == world.head
    assert {item.state for item in standing(world)} == {State.CONFIRMED}
    assert titles(world.office) == [f"{world.unit.name}问题清单第 1 版等您审核备案"]
    with pytest.raises(Stale):
        confirm_list(version=version, actor=world.head, seen=version.sha256)


def test_the_head_returns_it_with_a_reason(world: World) -> None:
    unit_item(world)
    version = frozen(world)
    with pytest.raises(Refused):
        return_list(version=version, actor=world.head, seen=version.sha256, note=" ")
    return_list(version=version, actor=world.head, seen=version.sha256, note="第一条没写在哪里")
    assert [item.state for item in standing(world)] == [State.DRAFT]
    (title, *_) = titles(world.liaison)
    assert title == f"{world.unit.name}问题清单第 1 版退回修改"
    assert frozen(world).number == 2


def test_a_version_is_confirmed_only_as_it_was_shown(world: World) -> None:
    unit_item(world)
    version = frozen(world)
    with pytest.raises(Stale):
        confirm_list(version=version, actor=world.head, seen="0" * 64)
    assert not ListVersion.objects.exclude(assent="").exists()


def test_nobody_else_confirms(world: World) -> None:
    unit_item(world)
    version = frozen(world)
    able = {name for name, who in people(world).items() if confirms_list(who, version)}
    assert able == {"head"}
    for name in ("deputy", "liaison", "office", "discipline", "cadre"):
        with pytest.raises(PermissionDenied):
            confirm_list(version=version, actor=getattr(world, name), seen=version.sha256)


def test_a_head_who_wrote_on_it_leaves_it_to_a_deputy(world: World) -> None:
    item = unit_item(world)
    rewritten(item, world.head, world.text(title="局长改过的"))
    version = frozen(world)
    able = {name for name, who in people(world).items() if confirms_list(who, version)}
    assert able == {"deputy"}
    assert list(lists_waiting_for(world.deputy)) == [version]
    assert capacities(world.head, Issue.objects.get(pk=item.pk)) == {
        Capacity.AUTHOR, Capacity.KEEPER,
    }  # fmt: skip


def test_with_the_rule_off_the_writer_would_confirm(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = unit_item(world)
    rewritten(item, world.head, world.text(title="局长改过的"))
    version = frozen(world)
    monkeypatch.setattr(lists, "confirms_list", lambda user, version: True)
    confirm_list(version=version, actor=world.head, seen=version.sha256)
    assert version.assented_by == world.head


def test_the_database_lets_nobody_confirm_an_own_version(world: World) -> None:
    grant(user=world.liaison, role=Role.UNIT_HEAD, since=world.today, unit=world.unit)
    unit_item(world)
    version = frozen(world)
    decided = {"assent": "confirmed", "assented_at": timezone.now()}
    rows = ListVersion.objects.filter(pk=version.pk)
    with (
        pytest.raises(IntegrityError, match="list_version_nobody_confirms_own"),
        transaction.atomic(),
    ):
        rows.update(assented_by=world.liaison, **decided)
    assert rows.update(assented_by=world.head, **decided) == 1


def test_entries_stay_as_they_were_frozen(world: World) -> None:
    unit_item(world)
    frozen(world)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        ListEntry.objects.update(version=2)


def test_a_changed_text_shows(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody with the database puts another version's hash into the place of the frozen one."""
    item = unit_item(world)
    version = frozen(world)
    ListVersion.objects.filter(pk=version.pk).update(sha256="0" * 64)
    version.refresh_from_db()
    assert hash_again(version) != version.sha256
    assert IssueVersion.objects.filter(issue=item).count() == 1


def test_two_versions_are_compared_field_by_field(world: World) -> None:
    first, gone = unit_item(world), unit_item(world, title="不办了")
    older = frozen(world)
    return_list(version=older, actor=world.head, seen=older.sha256, note="第二条合并")
    gone.refresh_from_db()
    world.move(gone, "withdraw", world.liaison, "并到第一条")
    first.refresh_from_db()
    text = world.text(place="二楼窗口", leader=world.deputy, responsible=world.colleague)
    rewritten(first, world.liaison, text)
    new = unit_item(world, title="电话没人接")
    newer = frozen(world)
    found = compare(older, newer)
    assert [change.issue for change in found.added] == [new]
    assert [change.issue for change in found.gone] == [gone]
    (change,) = found.changed
    assert change.issue == first
    assert [(each.label, each.before, each.after) for each in change.lines] == [
        ("地点", "窗口受理台", "二楼窗口"),
        ("责任领导", world.head.name, world.deputy.name),
    ]
    assert found.same == 0


### The office


def test_the_office_files_one_and_returns_one(world: World) -> None:
    good, vague = unit_item(world), unit_item(world, title="服务态度")
    confirmed(world)
    for item in (good, vague):
        item.refresh_from_db()
    take(world, good, "file")
    world.move(vague, "office_return", world.office, "“服务态度”没有写是哪一次")
    assert (good.state, vague.state) == (State.RECTIFYING, State.DRAFT)
    assert "退回修改" in titles(world.liaison)[-1]
    second = frozen(world)
    assert second.number == 2
    assert [item.state for item in standing(world)] == [State.RECTIFYING, State.SUBMITTED]


def test_whoever_answers_for_it_mends_and_applies(world: World) -> None:
    item = unit_item_brought_to(world, "sign_off")
    assert item.state == State.CLOSED
    assert item.events.get(move="apply").actor == world.colleague
    assert item.events.get(move="unit_sign").actor == world.head


### Claims


def test_a_leader_claims_with_an_item_of_his_own(world: World) -> None:
    item = unit_item_brought_to(world, "confirm")
    own = claim_item(claimed=item, actor=world.leader, category=world.category, text=world.text())
    assert (own.author, own.level, own.state) == (world.leader, Level.PERSONAL, State.DRAFT)
    again = claim_item(claimed=item, actor=world.leader, category=world.category, text=world.text())
    assert (again, Claim.objects.count()) == (own, 1)
    assert titles(world.liaison)[-1] == f"{world.leader.name}认领了问题「{item.title}」"


def test_who_may_claim(world: World) -> None:
    cadres = brought_to(world, "submit")
    able = set()
    for name, person in people(world).items():
        try:
            with transaction.atomic():
                claim_item(claimed=cadres, actor=person, category=world.category, text=world.text())
            able.add(name)
        except PermissionDenied:
            pass
    assert able == {"head", "deputy", "leader", "city_leader"}


### Pages


def test_the_list_costs_the_same_for_one_and_three(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    browser = world.client(world.liaison)
    for title in ("一", "二", "三"):
        unit_item(world, [brought_to(world, "submit")], title=title)
        brought_to(world, "submit")
        with django_assert_num_queries(21):
            browser.get(f"/issues/lists/{world.unit.pk}/")


def test_ticked_items_go_into_a_new_one(world: World) -> None:
    first = brought_to(world, "submit")
    browser = world.client(world.liaison)
    page = f"/issues/lists/{world.unit.pk}/"
    answer = browser.post(f"{page}take-in/", {"items": [first.pk]})
    assert answer.headers["Location"] == f"{page}new/?item={first.pk}"
    form = browser.get(answer.headers["Location"]).context["form"]
    assert form.initial["event"] == first.event
    assert form.initial["leader"] == world.head
    sent = world.text(category=world.category.pk, leader=world.head.pk,
                      responsible=world.colleague.pk, origins=[first.pk])  # fmt: skip
    answer = browser.post(f"{page}new/", sent)
    assert answer.status_code == 302
    assert Origin.objects.get().item == first


def test_the_office_returns_a_vague_item_from_the_list(world: World) -> None:
    vague = unit_item(world, cause="有时工作效率不够高，服务意识有待加强。")
    version = confirmed(world)
    vague.refresh_from_db()
    page = f"/issues/list-versions/{version.pk}/"
    browser = world.client(world.office)
    answer = browser.get(page)
    (row,) = answer.context["rows"]
    note = "".join(finding.say for finding in row["hints"]["said"])
    assert "有时" in note
    sent = {"note": note, "seen_hash": shown_hash(vague), "back": version.pk}
    answer = browser.post(f"/issues/{vague.pk}/moves/office_return/", sent)
    assert answer.headers["Location"] == page
    shown = world.client(world.liaison).get(f"/issues/{vague.pk}/").content.decode()
    assert note.splitlines()[0] in shown


def test_a_version_waits_on_the_heads_home_page(world: World) -> None:
    unit_item(world)
    frozen(world)
    assert "问题清单第 1 版" in world.client(world.head).get("/").content.decode()
    assert "问题清单第 1 版" not in world.client(world.deputy).get("/").content.decode()


def test_each_finds_on_the_home_page_what_the_list_wants_of_them(world: World) -> None:
    issue = unit_item(world)
    frozen(world)
    pages = {who: lambda who=who: world.client(getattr(world, who)).get("/").text for who in HOMES}
    assert [who for who in HOMES if "要确认的单位清单" in pages[who]()] == ["head"]
    version = lists_waiting_for(world.head).get()
    confirm_list(version=version, actor=world.head, seen=version.sha256)
    assert [who for who in HOMES if "报来要审核的单位清单" in pages[who]()] == ["office"]
    issue.refresh_from_db()
    take(world, issue, "office_return", world.office)
    assert [who for who in HOMES if "退回要改的单位问题" in pages[who]()] == [
        "liaison",
        "head",
        "deputy",
    ]
    assert [who for who in HOMES if "报来要审核的单位清单" in pages[who]()] == []


def test_of_a_version_only_the_text_that_stands_there_is_filed(world: World) -> None:
    issue = unit_item(world)
    version = confirmed(world)
    issue.refresh_from_db()
    world.move(issue, "office_return", world.office, "写清哪个窗口、哪一天")
    people = {"leader": world.head, "responsible": world.colleague}
    rewritten(issue, world.liaison, world.text(**people, place="政务大厅三号窗口"))
    second = confirmed(world)
    offered = {
        each.pk: [
            [move.name for move in row["moves"]]
            for row in world.client(world.office)
            .get(f"/issues/list-versions/{each.pk}/")
            .context["rows"]
        ]
        for each in (version, second)
    }
    assert offered == {version.pk: [[]], second.pk: [["file", "office_return"]]}
    page = world.client(world.office).get(f"/issues/list-versions/{version.pk}/").text
    assert "看现在的文字" in page


def test_a_plan_is_not_filed_from_the_list(world: World) -> None:
    """Its page shows the reason and the milestones; the list does not."""
    issue = unit_item(world, **world.long_term())
    page = world.client(world.office).get(f"/issues/list-versions/{confirmed(world).pk}/").text
    assert f"/issues/{issue.pk}/moves/file/" not in page
    assert "看长期坚持的安排" in page


def without_leaders(world: World) -> None:
    """The unit has one head and nobody else who may review."""
    Grant.objects.filter(role__in=[Role.DEPUTY]).delete()
    Grant.objects.filter(role=Role.UNIT_HEAD).exclude(user=world.head).delete()


def test_a_list_that_nobody_may_confirm_is_not_frozen(world: World) -> None:
    unit_item(world)
    issue = unit_item(world)
    people = {"leader": world.head, "responsible": world.colleague}
    rewritten(issue, world.head, world.text(**people))
    without_leaders(world)
    with pytest.raises(Refused, match="没有人可以确认"):
        frozen(world)
    assert not ListVersion.objects.exists()
    grant(user=world.deputy, role=Role.DEPUTY, since=world.today, unit=world.unit)  # control
    assert frozen(world).number == 1


def test_who_claims_hands_in_at_once_or_keeps_a_draft(world: World) -> None:
    claimed = unit_item_brought_to(world, "confirm")
    page = f"/issues/{claimed.pk}/claim/"
    sent = world.text(category=world.category.pk, discloses="on", token=uuid4())
    world.client(world.head).post(page, sent | {"submit": "1"})
    world.client(world.deputy).post(page, sent | {"draft": "1", "token": uuid4()})
    own = {claim.leader: claim.own_item for claim in Claim.objects.select_related("own_item")}
    assert own[world.head].state == State.SUBMITTED
    assert own[world.head].disclosure.person == world.head
    assert own[world.deputy].state == State.DRAFT


def test_who_belongs_to_no_unit_is_not_led_into_a_claim(world: World) -> None:
    claimed = unit_item_brought_to(world, "confirm")
    Posting.objects.filter(user=world.leader).delete()
    page = world.client(world.leader).get(f"/issues/{claimed.pk}/").text
    assert f"/issues/{claimed.pk}/claim/" not in page
    assert world.client(world.leader).get(f"/issues/{claimed.pk}/claim/").status_code == 403
