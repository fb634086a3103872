"""Corrections of visits: kept words, a target judged anew, and one window that wins."""

import random
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, transaction

from core.models import AuditEntry
from tests.personas import World
from tests.threads import shared_database, together
from tests.visits.test_visit_service import call_on, counters, fresh, states
from visits import services
from visits.choices import OUTCOMES_OF, Outcome, TargetKind, TargetState, Way
from visits.coverage import state_after
from visits.models import Target, Visit, VisitVersion
from visits.queries import versions_of
from visits.services import check_coverage, correction, recount_coverage
from visits.services import visit as visit_service

__all__ = ["shared_database"]


def correct(world: World, visit: Visit, outcome: Outcome, **more: object) -> Visit:
    """The cadre's correction of what stands there now."""
    values = {
        "seen_version": Visit.objects.get(pk=visit.pk).version,
        "reason": "选错了",
        "visited_on": visit.visited_on,
        "way": Way.HOME,
        "actor": world.cadre,
    }
    return services.correct_visit(visit=visit, outcome=outcome, **values | more)  # type: ignore[arg-type]


def test_the_former_words_stay(world: World) -> None:
    visit = call_on(world, world.households(1)[0], heard="说了路灯的事", companions="李四")
    after = correct(world, visit, Outcome.ABSENT, reason=" 记错了门 ", heard="没有人")
    assert (after.outcome, after.heard, after.companions, after.version) == (
        Outcome.ABSENT,
        "没有人",
        "",
        2,
    )
    (former,) = versions_of(after)
    assert former.text == {
        "日期": str(world.today),
        "方式": "入户走访",
        "结果": "有效走访",
        "同行人": "李四",
        "了解到的情况": "说了路灯的事",
    }
    assert (former.version.reason, former.version.replaced_by) == ("记错了门", world.cadre)
    entry = AuditEntry.objects.get(act="visits.correct_visit")
    assert (entry.actor, entry.detail) == (world.cadre, {"number": 2})


def test_a_correction_takes_a_coverage_back(world: World) -> None:
    target, _ = world.households(2)
    visit = call_on(world, target)
    correct(world, visit, Outcome.ABSENT)
    assert (fresh(target).state, counters(world)) == (
        TargetState.ABSENT,
        states(pending=1, absent=1),
    )
    assert recount_coverage(campaign=world.campaign) == 0


def test_another_visit_keeps_it_covered(world: World) -> None:
    target = world.households(1)[0]
    visit = call_on(world, target)
    call_on(world, target)
    correct(world, visit, Outcome.REFUSED)
    assert (fresh(target).state, counters(world)) == (TargetState.VISITED, states(visited=1))


def test_the_last_day_is_reckoned_anew(world: World) -> None:
    target, before = world.households(1)[0], world.today - timedelta(days=2)
    visit = call_on(world, target)
    correct(world, visit, Outcome.EFFECTIVE, visited_on=before)
    assert fresh(target).last_visited_on == before


@pytest.mark.parametrize("name", ["colleague", "head", "office", "organisation", "system_admin"])
def test_only_who_logged_it_corrects(world: World, name: str) -> None:
    visit = call_on(world, world.households(1)[0])
    world.team.members.add(world.colleague)
    with pytest.raises(PermissionDenied):
        correct(world, visit, Outcome.ABSENT, actor=getattr(world, name))
    assert VisitVersion.objects.count() == 0


@pytest.mark.parametrize("days", [1, -999, 999])
def test_a_day_outside_is_refused(world: World, days: int) -> None:
    visit = call_on(world, world.households(1)[0])
    with pytest.raises(PermissionDenied):
        correct(world, visit, Outcome.ABSENT, visited_on=world.today + timedelta(days=days))


def test_an_outcome_of_another_kind_is_refused(world: World) -> None:
    visit = call_on(world, world.households(1)[0])
    with pytest.raises(PermissionDenied, match="空挂户只用于群众"):
        correct(world, visit, Outcome.GONE)


def test_nothing_new_is_no_correction(world: World) -> None:
    visit = call_on(world, world.households(1)[0])
    with pytest.raises(services.Superseded, match="和现在的一样"):
        correct(world, visit, Outcome.EFFECTIVE)
    assert VisitVersion.objects.count() == 0


def test_of_two_windows_one_wins(world: World) -> None:
    visit = call_on(world, world.households(1)[0])
    correct(world, visit, Outcome.ABSENT, seen_version=1)
    with pytest.raises(services.Superseded, match="别的窗口"):
        correct(world, visit, Outcome.REFUSED, seen_version=1)
    assert Visit.objects.get().outcome == Outcome.ABSENT


@pytest.mark.usefixtures("shared_database")
def test_at_once_one_correction_wins(world: World) -> None:
    target = world.households(1)[0]
    visit = call_on(world, target)
    outcomes = [Outcome.ABSENT, Outcome.REFUSED, Outcome.EMPTY] * 3
    found = together(
        [
            lambda o=o: correct(world, Visit.objects.get(pk=visit.pk), o, seen_version=1)
            for o in outcomes
        ]
    )
    assert sum(isinstance(each, Visit) for each in found) == 1
    assert VisitVersion.objects.count() == 1
    assert recount_coverage(campaign=world.campaign) == 0


@pytest.mark.usefixtures("shared_database")
def test_visits_and_corrections_at_once_leave_the_right_state(world: World) -> None:
    """A correction that has not seen the other visit must not undo what that reached."""
    for target in world.households(6):
        visit = call_on(world, target)
        together(
            [
                lambda visit=visit: correct(world, visit, Outcome.ABSENT, seen_version=1),
                lambda target=target: call_on(world, target),
            ]
        )
        assert fresh(target).state == TargetState.VISITED
    assert counters(world) == states(visited=6)
    assert recount_coverage(campaign=world.campaign) == 0


@pytest.mark.parametrize("seed", range(3))
def test_counters_equal_a_recount_after_any_corrections(world: World, seed: int) -> None:
    chance = random.Random(seed)
    targets, outcomes = world.households(5), OUTCOMES_OF[TargetKind.HOUSEHOLD]
    visits = [call_on(world, chance.choice(targets), chance.choice(outcomes)) for _ in range(12)]
    for _ in range(20):
        visit, outcome = chance.choice(visits), chance.choice(outcomes)
        correct(world, visit, outcome, heard=str(chance.random()))
    for target in targets:
        made = Visit.objects.filter(target=target).values_list("outcome", flat=True)
        best = max(
            [TargetState.PENDING, *(state_after("pending", each) for each in made)],
            key=list(TargetState).index,
        )
        assert fresh(target).state == best
    assert recount_coverage(campaign=world.campaign) == 0


def test_the_database_keeps_the_former_words(world: World) -> None:
    correct(world, call_on(world, world.households(1)[0]), Outcome.ABSENT)
    with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
        VisitVersion.objects.update(reason="别的原因")


# --- the same token with something else ---------------------------------------------


def test_other_content_under_a_token_is_told(world: World) -> None:
    target = world.households(1)[0]
    visit = call_on(world, target, heard="一")
    with pytest.raises(services.OtherContent) as told:
        call_on(world, target, heard="二", token=visit.token)
    assert told.value.visit == visit
    assert (Visit.objects.get().heard, counters(world)) == ("一", states(visited=1))


def test_a_repetition_after_a_correction_is_a_repetition(world: World) -> None:
    """What was sent first is compared, not what stands there now."""
    target = world.households(1)[0]
    visit = call_on(world, target, heard="一")
    correct(world, visit, Outcome.ABSENT)
    assert call_on(world, target, heard="一", token=visit.token) == visit
    assert Visit.objects.get().outcome == Outcome.ABSENT


def test_without_the_comparison_the_second_is_lost_in_silence(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control."""
    monkeypatch.setattr(visit_service, "fingerprint", lambda *sent: "")
    target = world.households(1)[0]
    visit = call_on(world, target, heard="一")
    assert call_on(world, target, heard="二", token=visit.token) == visit
    assert Visit.objects.get().heard == "一"


# --- pages ----------------------------------------------------------------------------


def test_the_form_says_409_and_leads_to_the_saved_one(world: World) -> None:
    target, client = world.households(1)[0], world.client(world.cadre)
    address = f"/visits/targets/{target.pk}/visit/"
    sent = {
        "visited_on": str(world.today),
        "way": "home",
        "outcome": "effective",
        "heard": "一",
        "token": "00000000-0000-0000-0000-000000000007",
    }
    assert client.post(address, sent).status_code == 302
    assert client.post(address, sent).status_code == 302
    answer = client.post(address, sent | {"heard": "二"})
    assert answer.status_code == 409
    assert f"/visits/log/{Visit.objects.get().pk}/correct/" in answer.text
    assert "二</textarea>" in answer.text  # nothing that was written is lost


def test_a_correction_by_the_page(world: World) -> None:
    visit, client = call_on(world, world.households(1)[0]), world.client(world.cadre)
    address = f"/visits/log/{visit.pk}/correct/"
    page = client.get(address)
    assert page.status_code == 200
    assert 'value="1"' in page.text
    sent = {
        "visited_on": str(world.today),
        "way": "home",
        "outcome": "absent",
        "heard": "",
        "companions": "",
        "reason": "敲错了门",
        "seen_version": "1",
    }
    assert client.post(address, sent | {"reason": ""}).status_code == 422
    assert client.post(address, sent).status_code == 302
    page = client.get(f"/visits/log/{visit.pk}/")
    assert "更正过 1 次" in page.text
    assert "敲错了门" in page.text
    answer = client.post(address, sent)
    assert answer.status_code == 422
    assert "别的窗口" in answer.text


# --- while the register changes -------------------------------------------------------


def split_meanwhile(world: World, monkeypatch: pytest.MonkeyPatch) -> tuple[Visit, Target]:
    """The correction has the visit in hand when its household is split, and waits for it."""
    (home,) = world.households(1)
    visit = call_on(world, home)
    hold, waiting = correction.hold, [home.pk]

    def held(*keys: int) -> list[Target]:
        if waiting and waiting.pop():
            services.split_household(
                target=home,
                into=[services.NewHousehold("8" * 16, "儿子")],
                state_stays_with="8" * 16,
                reason="分家",
                actor=world.office,
                seen=0,
            )
        return hold(*keys)

    monkeypatch.setattr(correction, "hold", held)
    correct(world, visit, outcome=Outcome.ABSENT)
    return visit, Target.objects.get(code="8" * 16)


def test_a_correction_judges_the_household_that_has_the_visit_by_then(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, heir = split_meanwhile(world, monkeypatch)
    assert heir.state == TargetState.ABSENT
    assert check_coverage(world.campaign) == []


def test_without_the_second_look_the_other_one_is_judged(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control."""
    monkeypatch.setattr(
        correction, "_held_target", lambda visit: correction.hold(visit.target_id)[0]
    )
    _, heir = split_meanwhile(world, monkeypatch)
    assert heir.state == TargetState.VISITED
