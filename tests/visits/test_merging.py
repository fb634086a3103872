"""Merging: what it is likest to comes first, and a wrong merge is taken back whole."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from core.models import AuditEntry
from organisation.choices import AreaLevel
from organisation.models import User
from tests.personas import World, make_area
from tests.visits.appeals import a_working_day_later, appeal_at, called, fresh, raised, step
from visits.appeal_way import Refused
from visits.choices import AppealState, CallResult
from visits.forms import appeals as forms
from visits.models import Appeal, Voice
from visits.queries import appeals as queries
from visits.queries import unit_rates
from visits.queries.appeals import counts_of, most_alike, to_merge_with
from visits.queries.unit_rates import counts_by_unit
from visits.services import Stale, merge_appeal, unmerge_appeal
from visits.services import merging as service

BOARD = "/visits/appeals/"
WHY = "一处是路灯，一处是水管"


def merged(world: World, one: Appeal, into: Appeal) -> Appeal:
    merge_appeal(appeal=one, into=into, actor=world.office, seen=one.step_count, reason="同一件")
    return fresh(one)


def taken_out(world: World, one: Appeal, who: User | None = None) -> Appeal:
    one = fresh(one)
    unmerge_appeal(appeal=one, actor=who or world.office, seen=one.step_count, reason=WHY)
    return fresh(one)


CLOCK = ("state", "unit_id", "handler_id", "issued_on", "counted_from", "workdays", "due_on")


def clock_of(appeal: Appeal) -> list[object]:
    return [getattr(appeal, name) for name in CLOCK]


@pytest.mark.parametrize("until", ["", "assign", "sign"])
def test_taken_out_it_is_what_it_was(
    world: World, monkeypatch: pytest.MonkeyPatch, until: str
) -> None:
    one, into = appeal_at(world, until), appeal_at(world, "sign")
    before = clock_of(one)
    merged(world, one, into)
    a_working_day_later(monkeypatch)
    one = taken_out(world, one)
    assert (clock_of(one), one.merged_into) == (before, None)
    assert [each.content for each in one.voices.all()] == ["路灯不亮"]
    assert into.voices.count() == 1
    assert [one.events.last().step, into.events.last().step] == ["unmerge", "give_out"]
    assert {one.events.last().note, into.events.last().note} == {WHY}
    told = AuditEntry.objects.get(act="visits.appeal_unmerge")
    assert (told.actor, told.detail["item"]) == (world.office, into.pk)
    assert fresh(into).step_count == into.step_count + 1


def test_the_unit_goes_on_with_it(world: World) -> None:
    one = appeal_at(world, "sign")
    merged(world, one, appeal_at(world, "sign"))
    one = called(step(taken_out(world, one), "answer", world.liaison, world), world.organisation)
    assert one.state == AppealState.CLOSED


def test_those_merged_into_it_before_go_with_it(world: World) -> None:
    inner, one, into = (raised(world) for _ in range(3))
    merged(world, inner, one)
    merged(world, fresh(one), into)
    with pytest.raises(Refused, match="又并入"):
        taken_out(world, inner)
    one = taken_out(world, one)
    assert set(one.voices.values_list("raised_as", flat=True)) == {one.pk, inner.pk}
    assert taken_out(world, inner).voices.get().raised_as == inner


def test_without_a_clock_it_waits_to_be_assigned(world: World) -> None:
    """As those do that were merged before the clock was kept."""
    one = appeal_at(world, "sign")
    merged(world, one, raised(world))
    Appeal.objects.filter(pk=one.pk).update(counted_from=None, workdays=None, due_on=None)
    one = taken_out(world, one)
    assert (one.state, one.unit, one.has_clock) == (AppealState.UNASSIGNED, None, True)
    assert one.due_on


def test_after_a_change_of_the_calendar_it_is_reckoned_anew(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = appeal_at(world, "sign")
    merged(world, one, raised(world))
    later = date(2030, 1, 7)
    monkeypatch.setattr("visits.services.deadlines.reckoned", lambda *_: later)
    assert taken_out(world, one).due_on == later


### When it is too late


def ended(world: World, into: Appeal) -> None:
    into = step(fresh(into), "answer", world.liaison, world)
    for voice in (0, 1):
        into = called(into, world.organisation, voice=voice)
    assert into.state == AppealState.CLOSED


def asked(world: World, into: Appeal) -> None:
    into = step(fresh(into), "answer", world.liaison, world)
    called(into, world.organisation, CallResult.UNREACHABLE, solved=None, voice=1)


def last_to_ask(world: World, into: Appeal) -> None:
    called(step(fresh(into), "answer", world.liaison, world), world.organisation)


TOO_LATE = [(ended, "已经办结"), (asked, "回访过"), (last_to_ask, "都已回访")]


@pytest.mark.parametrize(("go", "why"), TOO_LATE)
def test_too_late_the_page_and_the_post_say_so(
    world: World, go: Callable[[World, Appeal], None], why: str
) -> None:
    into, one = appeal_at(world, "sign"), raised(world)
    merged(world, one, into)
    go(world, into)
    client, address = world.client(world.office), f"{BOARD}{one.pk}/"
    page = client.get(address).text
    assert why in page
    assert f"{address}unmerge/" not in page
    again = client.post(f"{address}unmerge/", {"reason": WHY, "seen": 1})
    assert (again.status_code, fresh(one).state) == (422, AppealState.MERGED)
    assert Voice.objects.filter(appeal=into).count() == 2


@pytest.mark.parametrize(("go", "why"), TOO_LATE)
def test_control_without_the_rule_it_would_go(
    world: World, monkeypatch: pytest.MonkeyPatch, go: Callable[[World, Appeal], None], why: str
) -> None:
    into, one = appeal_at(world, "sign"), raised(world)
    merged(world, one, into)
    go(world, into)
    monkeypatch.setattr(service, "against_taking_out", lambda _: "")
    assert taken_out(world, one).state == AppealState.UNASSIGNED


def test_while_others_are_still_to_be_asked_it_may_go(world: World) -> None:
    into, one = appeal_at(world, "sign"), raised(world)
    merged(world, one, into)
    into = step(fresh(into), "answer", world.liaison, world)
    taken_out(world, one)
    assert called(fresh(into), world.organisation).state == AppealState.CLOSED


### Who, and of two tabs one


def test_only_the_office_of_both(world: World) -> None:
    one = merged(world, raised(world), raised(world))
    for who in (world.liaison, world.organisation, world.stranger_office, world.leader):
        with pytest.raises(PermissionDenied):
            taken_out(world, one, who)
    with pytest.raises(PermissionDenied):
        taken_out(world, raised(world))


def test_control_without_the_right_anybody_takes_it_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = merged(world, raised(world), raised(world))
    monkeypatch.setattr(service, "takes_out", lambda *_: True)
    assert taken_out(world, one, world.liaison).state == AppealState.UNASSIGNED


def test_of_two_tabs_one_wins(world: World) -> None:
    one = merged(world, raised(world), raised(world))
    other_tab = fresh(one)
    taken_out(world, one)
    with pytest.raises(Stale):
        unmerge_appeal(appeal=other_tab, actor=world.office, seen=1, reason=WHY)
    assert AuditEntry.objects.filter(act="visits.appeal_unmerge").count() == 1


def test_it_needs_a_reason(world: World) -> None:
    one = merged(world, raised(world), raised(world))
    with pytest.raises(Refused, match="撤销理由"):
        unmerge_appeal(appeal=one, actor=world.office, seen=1, reason=" ")
    address = f"{BOARD}{one.pk}/"
    client = world.client(world.office)
    assert f"{address}unmerge/" in client.get(address).text
    assert f"{address}unmerge/" not in world.client(world.organisation).get(address).text
    assert client.post(f"{address}unmerge/", {"reason": "", "seen": 1}).status_code == 422
    assert client.post(f"{address}unmerge/", {"reason": WHY, "seen": 1}).status_code == 302
    assert "撤销并入" in client.get(address).text


### Rates


def late_and_back(world: World, monkeypatch: pytest.MonkeyPatch) -> Appeal:
    one, into = appeal_at(world, "sign"), raised(world)
    a_working_day_later(monkeypatch, 8)
    merged(world, one, into)
    return taken_out(world, one)


def test_a_breach_stays_and_counts_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    one = late_and_back(world, monkeypatch)
    for _ in range(2):
        assert counts_of(Appeal.objects.all()).answered_late == 1
        assert counts_by_unit(Appeal.objects.all())[world.unit.pk].answered_late == 1
        if one.state == AppealState.HANDLING:
            one = step(one, "answer", world.liaison, world)
    assert one.answered_in_time is False


def test_control_it_would_count_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    late_and_back(world, monkeypatch)
    monkeypatch.setattr(unit_rates, "_taken_out_again", queries.AppealEvent.objects.none)
    assert counts_by_unit(Appeal.objects.all())[world.unit.pk].answered_late == 2


def test_where_its_clock_does_not_go_on_the_unit_stays_late(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = appeal_at(world, "sign")
    a_working_day_later(monkeypatch, 8)
    merged(world, one, raised(world))
    Appeal.objects.filter(pk=one.pk).update(counted_from=None, workdays=None, due_on=None)
    assert taken_out(world, one).state == AppealState.UNASSIGNED
    assert counts_by_unit(Appeal.objects.all())[world.unit.pk].answered_late == 1


### The form


def test_the_likest_comes_first(world: World) -> None:
    one = raised(world, content="村东头三号路灯不亮")
    pipe = raised(world, content="自来水管漏水")
    lamp = raised(world, content="村东头的3号路灯不亮了")
    road = raised(world, content="村口路面坑洼")
    found = most_alike(one, to_merge_with(world.office, one))
    assert (found[0], set(found)) == (lamp, {pipe, lamp, road})
    page = world.client(world.office).get(f"{BOARD}{one.pk}/").text
    options = page.split('name="into"')[1].split("</select>")[0]
    assert options.index("3号路灯") < options.index("坑洼") != options.index("漏水")
    assert f"{lamp} · {lamp.area.parent.name}{lamp.area.name} · 村东头的3号路灯不亮了" in options
    assert f'data-text="{lamp}：村东头的3号路灯不亮了"' in options
    assert "data-confirm-shows" in page
    assert f"{one}：村东头三号路灯不亮" in page.split('data-confirm="')[1]


def test_one_of_a_grid_is_compared_with_the_whole_township(world: World) -> None:
    """Not with its own village alone; the page offers the other, and the other it."""
    grid = make_area("371524101001001", "第一网格", AreaLevel.GRID, world.village)
    near = make_area("371524101777", "邻村", AreaLevel.VILLAGE, world.township)
    far = make_area("371524909777", "远村", AreaLevel.VILLAGE, world.other_township)
    one, other, away = (raised(world, content=f"路灯不亮 {n}") for n in range(3))
    for appeal, area in ((one, grid), (other, near), (away, far)):
        Appeal.objects.filter(pk=appeal.pk).update(area=area)
    assert list(to_merge_with(world.office, fresh(one))) == [other]
    assert list(to_merge_with(world.office, fresh(other))) == [one]
    sent = {"into": other.pk, "reason": "同一件", "seen": 0}
    answer = world.client(world.office).post(f"{BOARD}{one.pk}/merge/", sent)
    assert (answer.status_code, fresh(one).merged_into_id) == (302, other.pk)


def test_control_by_age_it_would_not(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    one = raised(world, content="村东头三号路灯不亮")
    raised(world, content="村东头的3号路灯不亮了")
    road = raised(world, content="村口路面坑洼")
    monkeypatch.setattr(queries, "_likeness", lambda *_: 0.0)
    assert most_alike(one, to_merge_with(world.office, one))[0] == road


def test_one_that_is_not_shown_can_still_be_named(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "SHOWN_TO_MERGE", 1)
    one, other = raised(world), raised(world, content="自来水管漏水")
    raised(world)
    others = to_merge_with(world.office, one)
    form = forms.MergeForm(
        {"into": other.pk, "reason": "同一件", "seen": 0}, others=others, alike=[]
    )
    assert form.is_valid()
    assert len(most_alike(one, others)) == 1
