"""Handing an item on: who may, to whom, once; and who answered for it once reviews nothing."""

from importlib import import_module
from types import ModuleType

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client

from core import append_only
from core.models import AuditEntry, Notice
from issues import rules
from issues.choices import Pace, State
from issues.models import Extension, HandOver, Issue, SignOff
from issues.queries import shown_hash, slips_waiting_for, still_named, waiting_for
from issues.queries.hand_overs import successors
from issues.services import Stale, add_evidence, ask_for_time, hand_over, make_move, raise_slip
from issues.slip_way import Part
from issues.workflow import Capacity, Refused
from organisation.choices import Role
from organisation.models import Posting, User
from organisation.services import create_unit, grant, retire
from tests.issues.conftest import (
    brought_to,
    checked,
    people,
    prove,
    put_in,
    take,
    unit_item_brought_to,
)
from tests.personas import World
from tests.threads import together

MAY = {"head", "deputy", "office", "city_office"}
SIGNER = "signer_stands_apart"


def handed(
    world: World,
    issue: Issue,
    to: User | None = None,
    actor: User | None = None,
    *,
    seen: int = 0,
    reason: str = "已经调走",
) -> HandOver:
    return hand_over(
        issue=issue,
        actor=actor or world.head,
        to_person=to or world.colleague,
        reason=reason,
        seen=seen,
    )


def anew(person: User) -> User:
    """Without the rights that were read before."""
    return User.objects.get(pk=person.pk)


def test_the_item_of_somebody_who_left_is_finished(world: World) -> None:
    """The dead end: the account is closed, and another takes it to its end."""
    issue = brought_to(world, "file")
    retire(user=world.cadre, on=world.today, actor=world.liaison)
    handed(world, issue)
    prove(issue, world.colleague)
    take(world, issue, "apply", world.colleague)
    take(world, issue, "unit_sign")
    take(world, issue, "sign_off")
    assert issue.state == State.CLOSED
    assert SignOff.objects.get().responsible == world.colleague


@pytest.mark.parametrize("level", ["personal", "unit"])
def test_only_leaders_and_the_office_hand_over(world: World, level: str) -> None:
    """Neither the author nor who answers for it, nor anybody who only reads."""
    bring = brought_to if level == "personal" else unit_item_brought_to
    issue = bring(world, "file")
    to = world.person("newcomer", world.unit, Role.CADRE, unit=world.unit)
    assert {name for name, who in people(world).items() if rules.hands_over(who, issue)} == MAY
    for name, who in people(world).items():
        if name not in MAY:
            with pytest.raises(PermissionDenied):
                handed(world, issue, to, who)
    for number, name in enumerate(sorted(MAY)):
        to = world.person(f"next{number}", world.unit, Role.CADRE, unit=world.unit)
        handed(world, issue, to, getattr(world, name), seen=number)
        assert Issue.objects.get(pk=issue.pk).responsible == to


def test_only_while_it_is_being_put_right(world: World) -> None:
    issue = world.issue()
    for state in State:
        put_in(issue, state, world.discipline)
        assert rules.hands_over(world.head, issue) is (state == State.RECTIFYING)
        if state != State.RECTIFYING:
            with pytest.raises(PermissionDenied):
                handed(world, issue)


def test_applied_for_meanwhile_it_stays_where_it_is(world: World) -> None:
    """The condition of the write, for a page that was read before."""
    issue = brought_to(world, "file")
    read = Issue.objects.select_related("unit__area", "campaign").get(pk=issue.pk)
    prove(issue, world.cadre)
    take(world, issue, "apply")
    with pytest.raises(Stale):
        handed(world, read)
    assert (Issue.objects.get().responsible, HandOver.objects.count()) == (world.cadre, 0)


def test_handed_on_meanwhile_the_former_applies_for_nothing(world: World) -> None:
    issue = brought_to(world, "file")
    item = unit_item_brought_to(world, "file")
    for each, former in ((issue, world.cadre), (item, world.colleague)):
        prove(each, former)
    to = world.person("newcomer", world.unit, Role.CADRE, unit=world.unit)
    read = Issue.objects.select_related("unit__area", "campaign").get(pk=item.pk)
    handed(world, item, to)
    with pytest.raises(Stale):
        take(world, read, "apply", world.colleague)
    with pytest.raises(PermissionDenied):
        take(world, item, "apply", world.colleague)
    take(world, item, "apply", to)


def test_to_whom(world: World) -> None:
    """The others of the unit today who take part and may sign in."""
    issue = brought_to(world, "file")
    section = create_unit(name="窗口", kind=world.unit.kind, area=world.county, parent=world.unit)
    below = world.person("below", section, Role.CADRE, unit=section)
    left = world.person("left", world.unit, Role.CADRE, unit=world.unit)
    retire(user=left, on=world.today, actor=world.liaison)
    moved = world.person("moved", world.unit, Role.CADRE, unit=world.unit)
    Posting.objects.filter(user=moved).update(until=world.today)
    keeper = world.person("keeper", world.unit, Role.SYSTEM_ADMIN, area=world.county)
    can = {world.colleague, world.liaison, world.head, world.deputy, below}
    assert set(successors(issue)) == can
    for other in (world.cadre, left, moved, keeper, world.other_head, world.office):
        with pytest.raises(Refused, match="现在在岗的另一个人"):
            handed(world, issue, anew(other))
    handed(world, issue, below)


def test_a_reason_is_required(world: World) -> None:
    issue = brought_to(world, "file")
    with pytest.raises(Refused, match="变更的原因"):
        handed(world, issue, reason="  ")
    assert Issue.objects.get().responsible == world.cadre


def test_of_two_tabs_one_counts(world: World) -> None:
    """Also where it has come back to the first one meanwhile."""
    issue = brought_to(world, "file")
    read = Issue.objects.select_related("unit__area", "campaign").get(pk=issue.pk)
    handed(world, issue)
    with pytest.raises(Stale):
        handed(world, read, world.liaison)
    handed(world, issue, world.cadre, seen=1)
    with pytest.raises(Stale):
        handed(world, issue, world.liaison, seen=0)
    assert [each.number for each in issue.hand_overs.all()] == [1, 2]
    assert Issue.objects.get().responsible == world.cadre


@pytest.mark.usefixtures("shared_database")
def test_of_two_at_the_same_moment_one_counts(world: World) -> None:
    issue = brought_to(world, "file")
    whole = Issue.objects.select_related("unit__area", "campaign")
    outcomes = together(
        [
            lambda to=to: handed(world, whole.get(pk=issue.pk), to)
            for to in (world.colleague, world.liaison)
        ]
    )
    assert sorted(type(each).__name__ for each in outcomes) == ["HandOver", "Stale"]
    assert Issue.objects.get().responsible == HandOver.objects.get().to_person


def test_the_new_person_is_told_and_may_do_all(world: World) -> None:
    issue = brought_to(world, "file")
    extension = ask_for_time(
        issue=issue, actor=world.cadre, to_day=world.campaign.ends_on, reason="等设备"
    )
    assert issue not in waiting_for(world.colleague)
    done = handed(world, issue)
    event = f"issues.handed_over:{done.pk}"
    told = {each.person: each.title for each in Notice.objects.filter(event=event)}
    assert set(told) == {world.colleague, world.cadre}
    assert told[world.colleague].endswith("改由您整改")
    assert Extension.objects.get(decision="") == extension
    assert issue in waiting_for(world.colleague)
    add_evidence(issue=issue, actor=world.colleague, file=checked())
    Extension.objects.update(decision="moot", decided_at=done.at)
    ask_for_time(issue=issue, actor=world.colleague, to_day=world.campaign.ends_on, reason="等设备")
    take(world, issue, "apply", world.colleague)
    entry = AuditEntry.objects.get(act="issues.hand_over")
    assert entry.detail == {"from_person": world.cadre.pk, "to_person": world.colleague.pk}
    assert entry.actor == world.head


def test_the_author_keeps_what_he_may(world: World) -> None:
    issue = brought_to(world, "file")
    handed(world, issue)
    held = rules.capacities(world.cadre, issue)
    assert held == {Capacity.AUTHOR, Capacity.RESPONSIBLE}
    prove(issue, world.cadre)
    take(world, issue, "apply", world.cadre)


def test_a_good_example_does_not_name_the_former(world: World) -> None:
    """Also one whose name is an everyday word: he is a person of the item all the same."""
    issue = unit_item_brought_to(world, "file")
    former = world.person("former", world.unit, Role.CADRE, unit=world.unit)
    User.objects.filter(pk=former.pk).update(name="高兴")
    handed(world, issue, former)
    handed(world, issue, seen=1)
    assert still_named(issue, {"before": "高兴没有录入"}) == ["高兴"]
    issue.hand_overs.all().delete()
    assert still_named(issue, {"before": "高兴没有录入"}) == []


### Promise P4, for who answers for it now and for who did before


def of_two_leaders(world: World) -> tuple[Issue, User, User]:
    """An item of the unit applied for, handed from one leader of it to another."""
    issue = unit_item_brought_to(world, "file")
    first = world.person("first", world.unit, Role.DEPUTY, unit=world.unit)
    second = world.person("second", world.unit, Role.DEPUTY, unit=world.unit)
    for person in (first, second):
        grant(user=person, role=Role.OFFICE, since=world.today, area=world.county)
        grant(user=person, role=Role.DISCIPLINE, since=world.today, area=world.county)
    handed(world, issue, first)
    handed(world, issue, second, seen=1)
    return issue, anew(first), anew(second)


def test_neither_reviews_it(world: World) -> None:
    issue, first, second = of_two_leaders(world)
    assert rules.capacities(first, issue) == {Capacity.KEEPER}
    assert rules.capacities(second, issue) == {Capacity.KEEPER, Capacity.RESPONSIBLE}
    prove(issue, second)
    take(world, issue, "apply", second)
    for person in (first, second):
        for state in State:
            put_in(issue, state, world.discipline)
            found = {move.capacity for move in rules.moves_for(person, issue)}
            assert found <= {Capacity.KEEPER, Capacity.RESPONSIBLE}
            assert (issue in waiting_for(person)) is (
                person == second and state == State.RECTIFYING
            )
        put_in(issue, State.APPLIED, world.discipline)
        with pytest.raises((PermissionDenied, Refused)):
            take(world, issue, "unit_sign", person)
    take(world, issue, "unit_sign", world.head)


def test_without_the_rule_the_former_would_review_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control of the test above, of the rule and of the queue that says the same."""
    issue, first, second = of_two_leaders(world)
    prove(issue, second)
    take(world, issue, "apply", second)
    monkeypatch.setattr(rules, "has_had_part", lambda user, issue: False)
    HandOver.objects.all().delete()
    assert Capacity.UNIT_LEADER in rules.capacities(first, issue)
    assert Capacity.UNIT_LEADER not in rules.capacities(second, issue)
    assert issue in waiting_for(first)
    assert issue not in waiting_for(second)


def test_who_hands_it_to_himself_reviews_it_no_more(world: World) -> None:
    issue = brought_to(world, "file")
    handed(world, issue, world.deputy, world.deputy)
    prove(issue, world.deputy)
    take(world, issue, "apply", world.deputy)
    assert rules.moves_for(world.deputy, issue) == []
    with pytest.raises(Refused):
        take(world, issue, "unit_sign", world.deputy)
    take(world, issue, "unit_sign", world.head)  # who hands over is not bound by it


def test_who_handed_it_over_reviews_it(world: World) -> None:
    issue = brought_to(world, "file")
    handed(world, issue)
    prove(issue, world.colleague)
    take(world, issue, "apply", world.colleague)
    take(world, issue, "unit_sign", world.head)
    assert issue.state == State.UNIT_SIGNED


def former_in_discipline(world: World) -> tuple[Issue, User]:
    """Ready for its signature; who answered for it before is of the discipline office since,
    and was posted elsewhere in all the books."""
    issue = brought_to(world, "file")
    former = world.person("former", world.unit, Role.CADRE, unit=world.unit)
    handed(world, issue, former)
    handed(world, issue, world.colleague, seen=1)
    Posting.objects.filter(user=former).update(unit=world.discipline_unit)
    former.grants.all().delete()
    grant(user=former, role=Role.DISCIPLINE, since=world.today, area=world.county)
    prove(issue, world.colleague)
    take(world, issue, "apply", world.colleague)
    take(world, issue, "unit_sign")
    return issue, anew(former)


def test_the_former_signs_nothing_off(world: World) -> None:
    """By page, service and SQL."""
    issue, former = former_in_discipline(world)
    assert issue not in waiting_for(former)
    browser = world.client(former)
    assert browser.get(f"/issues/{issue.pk}/sign-off/").status_code == 403
    with pytest.raises(PermissionDenied):
        take(world, issue, "sign_off", former)
    with pytest.raises(IntegrityError, match=SIGNER), transaction.atomic():
        signed(issue, former)
    take(world, issue, "sign_off")


def test_without_the_hand_over_the_database_lets_him_sign(world: World) -> None:
    """Control: it is the row of the hand-over that the trigger reads."""
    issue, former = former_in_discipline(world)
    issue.hand_overs.all().delete()
    assert issue in waiting_for(former)
    assert [move.name for move in rules.moves_for(former, issue)] == ["sign_off", "refuse"]
    signed(issue, former)


def signed(issue: Issue, signer: User) -> SignOff:
    return SignOff.objects.create(
        issue=issue, signer=signer, responsible_id=issue.responsible_id, version=1, evidence=[]
    )


def test_the_migration_of_the_trigger_goes_back_and_forth(world: World) -> None:
    """The rule as it stood before, and again as it stands."""
    migration = import_module("issues.migrations.0022_signer_never_answered")
    issue, former = former_in_discipline(world)
    connection.check_constraints()  # PostgreSQL alters no table before
    put(migration, "")
    signed(issue, former)
    SignOff.objects.all().delete()
    put(migration, migration.ANSWERED)
    with pytest.raises(IntegrityError, match=SIGNER), transaction.atomic():
        signed(issue, former)


def put(migration: ModuleType, answered: str) -> None:
    found = migration.clash(connection.vendor, answered)
    with connection.cursor() as cursor:
        for statement in getattr(migration, connection.vendor)(found):
            cursor.execute(statement)


@pytest.mark.parametrize("control", [False, True])
def test_nor_does_he_countersign_or_close_a_slip_on_it(world: World, control: bool) -> None:
    issue, first, second = of_two_leaders(world)
    slip = raise_slip(
        issue=issue, actor=world.discipline, request="查清", pace=Pace.URGENT, token=None
    )
    type(slip).objects.update(state="answered", answered_by=world.liaison)
    slip.refresh_from_db()
    if control:
        HandOver.objects.all().delete()
    assert (Part.UNIT_LEADER in rules.parts_in(first, slip)) is control
    assert (slip in slips_waiting_for(first)) is control
    assert Part.UNIT_LEADER not in rules.parts_in(second, slip)
    assert slip not in slips_waiting_for(second)
    assert Part.UNIT_LEADER in rules.parts_in(world.head, slip)


### In the database, and in the browser


BAD = {
    "hand_over_to_another": {"to_person": "cadre"},
    "hand_over_not_of_ones_own": {"by": "cadre"},
    "hand_over_has_a_reason": {"reason": ""},
    "hand_over_once": {"number": 1},
}


@pytest.mark.parametrize("name", BAD)
def test_the_database_refuses(world: World, name: str) -> None:
    issue = brought_to(world, "file")
    handed(world, issue)
    row = {"from_person": "cadre", "to_person": "colleague", "by": "head", "reason": "调走"}
    row |= {"number": 2} | BAD[name]
    row |= {key: getattr(world, str(row[key])) for key in ("from_person", "to_person", "by")}
    found = "hand_over_once|issues_handover.issue_id" if name == "hand_over_once" else name
    with pytest.raises(IntegrityError, match=found), transaction.atomic():
        HandOver.objects.create(issue=issue, **row)


def test_what_was_handed_over_stays_written(world: World) -> None:
    row = handed(world, brought_to(world, "file"))
    with pytest.raises(DatabaseError, match="is append-only"), transaction.atomic():
        row.save()
    connection.check_constraints()  # PostgreSQL alters no table before
    append_only.thaw(connection, "issues_handover")  # the control switched off
    row.save()


def test_it_is_handed_over_in_the_browser(world: World) -> None:
    issue = brought_to(world, "file")
    page = f"/issues/{issue.pk}/"
    head, cadre = world.client(world.head), world.client(world.cadre)
    assert "变更整改责任人" in head.get(page).text
    assert "变更整改责任人" not in cadre.get(page).text
    empty = head.post(f"{page}hand-over/", {"seen": "0"})
    assert (empty.status_code, set(empty.context["hand_over_form"].errors)) == (
        422, {"to_person", "reason"},
    )  # fmt: skip
    elsewhere = sent(head, page, world.other_head)
    assert (elsewhere.status_code, HandOver.objects.count()) == (422, 0)
    assert sent(head, page, world.colleague).status_code == 302
    twice = sent(head, page, world.liaison)
    assert (twice.status_code, HandOver.objects.count()) == (422, 1)
    assert "请刷新页面" in twice.text
    for browser in (head, cadre, world.client(world.colleague)):
        text = browser.get(page).text
        assert f"{world.cadre.name} → {world.colleague.name}" in text
        assert "长期病休" in text
    assert sent(cadre, page, world.liaison).status_code == 403
    new = world.client(world.colleague).get(page).text
    assert "上传佐证" in new
    assert "申请延期" in new


def sent(browser: Client, page: str, to: User) -> object:
    form = {"seen": "0", "to_person": str(to.pk), "reason": "长期病休"}
    return browser.post(f"{page}hand-over/", form)


def test_a_step_on_the_same_page_still_counts_for_the_author(world: World) -> None:
    """What is signed is the content; who answers for it is no part of it."""
    issue = brought_to(world, "file")
    prove(issue, world.cadre)
    seen = shown_hash(issue)
    handed(world, issue)
    make_move(issue=issue, name="apply", actor=world.cadre, note="做完了", seen_hash=seen)
    assert issue.state == State.APPLIED
