"""The frozen denominator, and what happens to the register: the sum holds at every level."""

import random
import uuid
from dataclasses import dataclass
from hashlib import sha256
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from campaign.services import Refused
from core.models import AuditEntry, Job, Notice
from organisation.choices import Role
from organisation.models import Area
from tests.personas import World
from visits import services
from visits.choices import (
    OUTCOMES_OF,
    ChangeKind,
    Outcome,
    Size,
    TargetKind,
    TargetState,
    Way,
)
from visits.coverage import Coverage
from visits.models import (
    CoverageCount,
    Freeze,
    FrozenCount,
    RegisterChange,
    Target,
    Team,
    Visit,
)
from visits.queries import coverage_of
from visits.queries.denominator import (
    counts_of,
    current_freeze,
    fingerprint,
    last_change,
    visits_of,
)
from visits.services import NewHousehold
from visits.services import changes as acts
from visits.services import register as additions
from visits.services import visit as visiting
from visits.services.coverage import check_coverage
from visits.tasks import apply_freeze
from visits.tasks import check_coverage as nightly_check


@pytest.fixture
def keeper(world: World) -> World:
    """A world whose cadre's team covers the whole city, and whose city office keeps all of it."""
    world.team.areas.set([world.city])
    Target.objects.all().delete()
    return world


def enterprises(world: World, number: int, area: Area, **more: object) -> list[Target]:
    start = Target.objects.filter(kind=TargetKind.ENTERPRISE).count()
    targets = [
        Target(
            campaign=world.campaign,
            kind=TargetKind.ENTERPRISE,
            code=f"91{start + n:016d}",
            name=f"企业{start + n}",
            area=area,
            **more,
        )
        for n in range(number)
    ]
    services.add_targets(
        campaign=world.campaign, targets=targets, actor=world.city_office, reason="新办"
    )
    return targets


def froze(world: World, reason: str = "") -> Freeze:
    return services.freeze_register(
        campaign=world.campaign,
        actor=world.city_office,
        seen=counts_of(world.campaign),
        reason=reason,
    )


def visit(world: World, target: Target, outcome: str = Outcome.EFFECTIVE) -> Visit:
    return services.record_visit(
        token=uuid.uuid4(),
        target=target,
        author=world.cadre,
        visited_on=world.today,
        way=Way.HOME,
        outcome=Outcome(outcome),
    )


def now(target: Target) -> Target:
    return Target.objects.select_related("area", "campaign__area").get(pk=target.pk)


def by(world: World, target: Target) -> dict[str, object]:
    return {
        "target": now(target),
        "reason": "核对后改",
        "actor": world.city_office,
        "seen": last_change(target),
    }


def whole(world: World, area: Area | None = None) -> Coverage:
    return coverage_of(world.campaign, area or world.city)


### Freezing


def test_the_hash_is_over_the_sorted_lines(keeper: World) -> None:
    homes = keeper.households(3)
    firms = enterprises(keeper, 2, keeper.village2, industrial=True, size=Size.MICRO)
    lines = [f"household\t{t.code}\t{t.area.code}\t0\t0\t\t\n" for t in homes]
    lines += [f"enterprise\t{t.code}\t{t.area.code}\t0\t1\tmicro\t\n" for t in firms]
    frozen = froze(keeper)
    assert frozen.sha256 == sha256("".join(sorted(lines)).encode()).hexdigest()
    assert (frozen.number, frozen.registered) == (1, 5)
    assert frozen.counts["household"] == 3
    assert frozen.counts["not_small"] == 0 if "not_small" in frozen.counts else True
    assert frozen.counts["small"] == frozen.counts["industrial"] == 2
    assert FrozenCount.objects.get(area=keeper.village, kind="household").registered == 3
    entry = AuditEntry.objects.get(act="visits.freeze")
    assert entry.detail == {"number": 5, "sha256": frozen.sha256}


def test_the_hash_does_not_depend_on_visits(keeper: World) -> None:
    (home, *_) = keeper.households(3)
    before = fingerprint(keeper.campaign)
    visit(keeper, home)
    assert fingerprint(keeper.campaign) == before
    services.strike_target(**by(keeper, home))
    assert fingerprint(keeper.campaign)[0] == 2


def test_only_the_office_of_the_whole_campaign_freezes(keeper: World) -> None:
    keeper.households(1)
    seen = counts_of(keeper.campaign)
    for person in (keeper.office, keeper.organisation, keeper.leader, keeper.cadre):
        with pytest.raises(PermissionDenied):
            services.freeze_register(campaign=keeper.campaign, actor=person, seen=seen)
    assert not Freeze.objects.exists()


def test_what_was_not_seen_is_not_frozen(keeper: World) -> None:
    seen = counts_of(keeper.campaign)
    with pytest.raises(Refused, match="空的"):
        services.freeze_register(campaign=keeper.campaign, actor=keeper.city_office, seen=seen)
    keeper.households(1)
    seen = counts_of(keeper.campaign)
    keeper.households(1)
    with pytest.raises(Refused, match="变动"):
        services.freeze_register(campaign=keeper.campaign, actor=keeper.city_office, seen=seen)


def test_counters_that_do_not_fit_are_not_frozen(keeper: World) -> None:
    keeper.households(2)
    CoverageCount.objects.filter(area=keeper.city).update(pending=F("pending") + 1)
    with pytest.raises(Refused, match="登记册有 2 个对象，计数是 3 个"):
        froze(keeper)


def test_it_is_done_again_only_for_a_reason(keeper: World) -> None:
    keeper.households(1)
    froze(keeper)
    with pytest.raises(Refused, match="原因"):
        froze(keeper)
    assert froze(keeper, "区划调整").number == 2
    assert current_freeze(keeper.campaign) == Freeze.objects.get(number=2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Freeze.objects.create(
            campaign=keeper.campaign,
            number=3,
            at=F("pk") and Freeze.objects.first().at,  # type: ignore[union-attr]
            frozen_by=keeper.city_office,
            registered=1,
            counts={},
            sha256="",
        )


def test_it_is_done_in_the_background(keeper: World) -> None:
    keeper.households(2)
    asked = {
        "campaign": keeper.campaign,
        "actor": keeper.city_office,
        "seen": counts_of(keeper.campaign),
    }
    job = services.request_freeze(**asked)
    assert services.request_freeze(**asked) == job
    apply_freeze(job_id=str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.outcome) == (Job.State.DONE, {"number": 1})
    with pytest.raises(Refused, match="重新核定"):
        services.request_freeze(**asked)


def test_a_job_that_comes_too_late_says_why(keeper: World) -> None:
    keeper.households(2)
    job = services.request_freeze(
        campaign=keeper.campaign, actor=keeper.city_office, seen=counts_of(keeper.campaign)
    )
    keeper.households(1)
    apply_freeze(job_id=str(job.pk))
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert "变动" in job.message
    assert not Freeze.objects.exists()


@pytest.mark.parametrize("model", [Freeze, FrozenCount, RegisterChange])
def test_the_database_refuses_to_change_a_row(keeper: World, model) -> None:  # type: ignore[no-untyped-def]
    (home,) = keeper.households(1)
    froze(keeper)
    services.strike_target(**by(keeper, home))
    number = "registered" if model is not RegisterChange else "target_id"
    assert model.objects.exists()
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.update(**{number: 7})


### Additions after the freeze


def test_before_the_freeze_the_register_grows_freely(keeper: World) -> None:
    keeper.households(2)
    assert not RegisterChange.objects.exists()


def test_after_the_freeze_an_addition_needs_a_reason(keeper: World) -> None:
    keeper.households(1)
    frozen = froze(keeper)
    with pytest.raises(Refused, match="原因"):
        keeper.households(1)
    assert Target.objects.count() == whole(keeper).registered == 1
    enterprises(keeper, 2, keeper.village2)
    joins = RegisterChange.objects.filter(kind=ChangeKind.JOIN, freeze=frozen)
    assert {(each.area_to_id, each.reason) for each in joins} == {(keeper.village2.pk, "新办")}
    assert whole(keeper).registered == 3
    assert check_coverage(keeper.campaign) == []


def test_without_the_question_for_the_reason_the_denominator_would_grow(
    keeper: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper.households(1)
    froze(keeper)
    monkeypatch.setattr(additions, "held_freeze", lambda campaign: None)
    keeper.households(1)
    assert [fault.true for fault in check_coverage(keeper.campaign)] == [1, 1, 1, 1]


def test_a_single_entry_joins_by_hand(keeper: World) -> None:
    keeper.households(1)
    froze(keeper)
    new = Target(kind=TargetKind.HOUSEHOLD, code="9" * 16, name="新户", area=keeper.village)
    joined = services.join_target(
        campaign=keeper.campaign, target=new, reason="新迁入", actor=keeper.office
    )
    assert joined.changes.get().kind == ChangeKind.JOIN
    again = Target(kind=TargetKind.HOUSEHOLD, code="9" * 16, name="新户", area=keeper.village)
    with pytest.raises(Refused, match="已有"):
        services.join_target(
            campaign=keeper.campaign, target=again, reason="新迁入", actor=keeper.office
        )


### Changes


def test_who_leaves_takes_the_count_but_not_the_visits(keeper: World) -> None:
    home, _ = keeper.households(2)
    visit(keeper, home)
    services.strike_target(**by(keeper, home))
    assert whole(keeper) == whole(keeper, keeper.village) == Coverage(pending=1)
    assert home.visits.count() == 1
    assert now(home).state == TargetState.VISITED
    with pytest.raises(Refused, match="移出"):
        services.strike_target(**by(keeper, home))
    services.restore_target(**by(keeper, home))
    assert whole(keeper) == Coverage(pending=1, visited=1)
    with pytest.raises(Refused, match="不用恢复"):
        services.restore_target(**by(keeper, home))


def test_what_is_struck_off_is_not_visited(keeper: World) -> None:
    (home,) = keeper.households(1)
    services.strike_target(**by(keeper, home))
    with pytest.raises(PermissionDenied):
        visit(keeper, home)
    assert not Visit.objects.exists()


def test_a_visit_that_crosses_with_the_leaving_is_refused(
    keeper: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The right to visit was asked just before the entry was struck off."""
    (home,) = keeper.households(1)
    monkeypatch.setattr(visiting, "can_visit", lambda author, target: True)
    services.strike_target(**by(keeper, home))
    with pytest.raises(PermissionDenied, match="刚刚移出"):
        visit(keeper, home)
    assert not Visit.objects.exists()


def test_a_visit_that_crosses_with_a_move_counts_at_the_new_place(keeper: World) -> None:
    (home,) = keeper.households(1)
    services.move_target(**by(keeper, home), to=keeper.village2)
    visit(keeper, home)  # whose page still says the old village
    assert whole(keeper, keeper.village2) == Coverage(visited=1)
    assert check_coverage(keeper.campaign) == []


def test_without_looking_again_the_visit_would_count_at_the_old_place(
    keeper: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper.households(1)
    (home,) = keeper.households(1)
    services.move_target(**by(keeper, home), to=keeper.village2)
    monkeypatch.setattr(visiting, "hold", lambda pk: [home])
    visit(keeper, home)
    assert len(check_coverage(keeper.campaign)) == 2  # the old village's and the new one's


def test_a_move_counts_in_both_paths(keeper: World) -> None:
    home, _ = keeper.households(2)
    visit(keeper, home, Outcome.REFUSED)
    froze(keeper)
    change = services.move_target(**by(keeper, home), to=keeper.other_village)
    assert (change.area_from, change.area_to) == (keeper.village, keeper.other_village)
    assert whole(keeper, keeper.county) == Coverage(pending=1)
    assert whole(keeper, keeper.other_county) == Coverage(refused=1)
    assert whole(keeper) == Coverage(pending=1, refused=1)
    assert check_coverage(keeper.campaign) == []


def test_a_move_stays_inside_the_keepers_areas(keeper: World) -> None:
    (home,) = keeper.households(1)
    with pytest.raises(PermissionDenied):
        services.move_target(
            target=now(home), to=keeper.other_village, reason="搬家", actor=keeper.office, seen=0
        )
    with pytest.raises(PermissionDenied):
        services.strike_target(
            target=now(home), reason="搬家", actor=keeper.stranger_office, seen=0
        )
    assert not RegisterChange.objects.exists()


def test_a_village_does_not_move(keeper: World) -> None:
    services.register_villages(campaign=keeper.campaign, actor=keeper.city_office)
    place = Target.objects.get(area=keeper.village)
    with pytest.raises(Refused, match="不能迁移"):
        services.move_target(**by(keeper, place), to=keeper.village2)


@pytest.mark.parametrize("heir", ["old", "new"])
def test_a_household_splits_and_its_visits_stay_with_one(keeper: World, heir: str) -> None:
    (home,) = keeper.households(1)
    visit(keeper, home)
    froze(keeper)
    parts = [NewHousehold("8" * 16, "儿子", members=3), NewHousehold("7" * 16, "女儿")]
    stays = home.code if heir == "old" else "8" * 16
    made = services.split_household(**by(keeper, home), into=parts, state_stays_with=stays)
    assert [each.code for each in made] == ["8" * 16, "7" * 16]
    visited = Target.objects.get(state=TargetState.VISITED)
    assert visited.code == stays
    assert visited.visits.count() == 1
    assert visited.last_visited_on == keeper.today
    assert Target.objects.filter(last_visited_on=None).count() == 2
    assert whole(keeper) == Coverage(pending=2, visited=1)
    assert check_coverage(keeper.campaign) == []


def test_a_split_is_refused_whole(keeper: World) -> None:
    home, other = keeper.households(2)
    one = NewHousehold("8" * 16, "儿子")
    for into, stays, why in (
        ([], home.code, "至少"),
        ([one], "?", "哪一户"),
        ([one, one], home.code, "重复"),
        ([NewHousehold(other.code, "儿子")], home.code, "重复"),
        ([NewHousehold("110101199003077213", "儿子")], home.code, "身份证"),
        ([NewHousehold("8" * 16, "张三110101199003077213")], home.code, "身份证"),
        ([NewHousehold("8" * 16, "110101199003077214")], home.code, "身份证"),
        ([NewHousehold("8" * 16, "儿子", address="110101 19900307 7214")], home.code, "身份证"),
        ([NewHousehold("８八", "儿子")], home.code, "短横"),
    ):
        with pytest.raises(Refused, match=why):
            services.split_household(**by(keeper, home), into=into, state_stays_with=stays)
    assert Target.objects.count() == 2
    assert not RegisterChange.objects.exists()


def test_visits_of_an_entry_are_found_by_their_index(keeper: World) -> None:
    """An OR over entries and visits reads all of both."""
    (home,) = keeper.households(1)
    with CaptureQueriesContext(connection) as asked:
        list(visits_of(home))
    assert len(asked) == 2
    assert not any(" OR " in each["sql"] or "JOIN" in each["sql"] for each in asked)


def test_two_entries_become_one_with_all_visits(keeper: World) -> None:
    twin, home = keeper.households(2)
    (far,) = keeper.households(1, keeper.other_village)
    visit(keeper, twin)
    visit(keeper, home, Outcome.ABSENT)
    froze(keeper)
    services.merge_targets(**by(keeper, twin), into=now(home))
    assert visits_of(home).count() == 2
    assert now(home).state == TargetState.VISITED
    assert now(home).last_visited_on == keeper.today
    assert whole(keeper) == Coverage(visited=1, pending=1)
    services.merge_targets(**by(keeper, home), into=now(far))
    assert visits_of(far).count() == 2
    assert whole(keeper) == whole(keeper, keeper.other_village) == Coverage(visited=1)
    assert check_coverage(keeper.campaign) == []
    services.restore_target(**by(keeper, home))  # both visits but one stay with the far one
    assert now(home).state == TargetState.ABSENT
    services.restore_target(**by(keeper, twin))
    assert whole(keeper) == Coverage(pending=1, absent=1, visited=1)
    assert check_coverage(keeper.campaign) == []


def test_only_like_entries_merge(keeper: World) -> None:
    home, other = keeper.households(2)
    (firm,) = enterprises(keeper, 1, keeper.village)
    for into in (home, firm):
        with pytest.raises(Refused, match="同一册"):
            services.merge_targets(**by(keeper, home), into=now(into))
    services.merge_targets(**by(keeper, other), into=now(home))
    with pytest.raises(Refused, match="并入"):
        services.strike_target(**by(keeper, other))


def test_a_wrong_attribute_is_corrected(keeper: World) -> None:
    (firm,) = enterprises(keeper, 1, keeper.village, size=Size.MICRO)
    visit(keeper, firm)
    froze(keeper)
    corrected = {"above_scale": True, "size": "", "industrial": False}
    change = services.correct_target(**by(keeper, firm), corrected=corrected)
    assert change.corrected == {"above_scale": [False, True], "size": ["micro", ""]}
    counted = CoverageCount.objects.get(area=keeper.city, visited=1)
    assert (counted.above_scale, counted.small) == (True, False)
    assert check_coverage(keeper.campaign) == []
    for wrong in ({"above_scale": True}, {"members": 3}, {"size": "huge"}, {"status": "x"}):
        with pytest.raises(Refused):
            services.correct_target(**by(keeper, firm), corrected=wrong)
    (home,) = enterprises(keeper, 1, keeper.village)
    Target.objects.filter(pk=home.pk).exists()


def test_of_two_tabs_one_wins(keeper: World) -> None:
    (home,) = keeper.households(1)
    first, second = by(keeper, home), by(keeper, home)
    services.move_target(**first, to=keeper.village2)
    with pytest.raises(Refused, match="别人刚刚"):
        services.move_target(**second, to=keeper.other_village)
    assert now(home).area == keeper.village2


def test_without_the_question_what_was_seen_both_tabs_would_win(
    keeper: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home,) = keeper.households(1)
    first, second = by(keeper, home), by(keeper, home)
    services.move_target(**first, to=keeper.village2)
    monkeypatch.setattr(acts, "last_change", lambda target: second["seen"])
    services.move_target(**second, to=keeper.other_village)
    assert now(home).area == keeper.other_village


def test_a_change_has_a_reason_and_is_audited_without_it(keeper: World) -> None:
    (home,) = keeper.households(1)
    with pytest.raises(Refused, match="原因"):
        services.strike_target(target=now(home), reason=" ", actor=keeper.office, seen=0)
    change = services.strike_target(
        target=now(home), reason="户主 张三 搬走", actor=keeper.office, seen=0
    )
    entry = AuditEntry.objects.get(act="visits.strike")
    assert entry.subject == f"visits.RegisterChange:{change.pk}"
    assert entry.detail == {"target": home.pk}


### Checks


def test_the_check_names_each_wrong_counter(keeper: World) -> None:
    keeper.households(2)
    froze(keeper)
    call_command("check_coverage", stdout=StringIO())
    CoverageCount.objects.filter(area=keeper.village).update(pending=3, visited=1)
    told = StringIO()
    with pytest.raises(CommandError, match="2 处"):
        call_command("check_coverage", campaign=keeper.campaign.pk, stdout=told)
    assert told.getvalue().splitlines() == [
        "干部作风整顿：前关村（371524100201）：群众，现为 待走访 3、已走访 1，应为 待走访 2",
        "干部作风整顿：前关村（371524100201）：群众登记数（核定数加新增减移出），现为 4，应为 2",
    ]
    call_command("recount_coverage", stdout=StringIO())
    call_command("check_coverage", stdout=StringIO())
    with pytest.raises(CommandError, match="没有编号"):
        call_command("check_coverage", campaign=0 - 1, stdout=StringIO())


def test_the_check_sees_what_left_without_an_entry(keeper: World) -> None:
    """The counters fit the register, but the register is not what was frozen."""
    home, _ = keeper.households(2)
    froze(keeper)
    Target.objects.filter(pk=home.pk).update(struck_at=Freeze.objects.get().at)
    services.recount_coverage(campaign=keeper.campaign)
    assert [(f.said, f.true) for f in check_coverage(keeper.campaign)] == [(1, 2)] * 4


def test_a_wrong_counter_is_told_to_the_operators_once_a_day(keeper: World) -> None:
    keeper.households(2)
    nightly_check()
    assert not Notice.objects.filter(event__startswith="visits.miscounted").exists()
    CoverageCount.objects.filter(area=keeper.village).update(pending=3)
    nightly_check()
    nightly_check()
    (notice,) = Notice.objects.filter(event__startswith="visits.miscounted")
    assert notice.title == "覆盖计数有 1 处不对"
    assert notice.person.grants.get().role == Role.SYSTEM_ADMIN


### Random histories


@dataclass
class History:
    """Things that happen to the register, drawn by a seed."""

    world: World
    chance: random.Random
    villages: list[Area]
    number: int = 0

    def step(self) -> None:
        self.number += 1
        acts = [self.visit] * 5 + [self.leave, self.come_back, self.split, self.move]
        present = list(Target.objects.registered())
        if not present:
            return self.join(None)
        act = self.chance.choice([*acts, self.merge, self.correct, self.join])
        return act(self.chance.choice(present))

    def join(self, target: Target | None) -> None:
        place = self.chance.choice(self.villages)
        enterprises(self.world, 1, place, industrial=self.chance.random() < 0.5)

    def visit(self, target: Target) -> None:
        visit(self.world, target, self.chance.choice(OUTCOMES_OF[TargetKind(target.kind)]))

    def leave(self, target: Target) -> None:
        services.strike_target(**by(self.world, target))

    def come_back(self, target: Target) -> None:
        if struck := list(Target.objects.exclude(struck_at=None)):
            services.restore_target(**by(self.world, self.chance.choice(struck)))

    def split(self, target: Target) -> None:
        new = NewHousehold(f"5{self.number:015d}", "分户")
        stays = self.chance.choice([target.code, new.code])
        services.split_household(**by(self.world, target), into=[new], state_stays_with=stays)

    def move(self, target: Target) -> None:
        services.move_target(**by(self.world, target), to=self.chance.choice(self.villages))

    def merge(self, target: Target) -> None:
        into = self.chance.choice(list(Target.objects.registered()))
        services.merge_targets(**by(self.world, target), into=now(into))

    def correct(self, target: Target) -> None:
        corrected = {
            "above_scale": self.chance.random() < 0.5,
            "size": self.chance.choice(Size.values),
        }
        services.correct_target(**by(self.world, target), corrected=corrected)


@pytest.mark.parametrize("seed", range(6))
def test_after_any_history_the_sum_holds_at_every_level(keeper: World, seed: int) -> None:
    villages = [keeper.village, keeper.village2, keeper.other_village, keeper.township]
    history = History(keeper, random.Random(seed), villages)
    keeper.households(4)
    enterprises(keeper, 3, keeper.other_village, above_scale=True)
    froze(keeper)
    done = 0
    for _ in range(40):
        try:
            history.step()
            done += 1
        except Refused:
            pass
        assert check_coverage(keeper.campaign) == []
        assert whole(keeper).registered == Target.objects.registered().count()
    assert done > 20
    total = Freeze.objects.get().registered
    joined = RegisterChange.objects.exclude(area_to=None).filter(area_from=None).count()
    left = RegisterChange.objects.exclude(area_from=None).filter(area_to=None).count()
    assert whole(keeper).registered == total + joined - left


@pytest.mark.parametrize("forgotten", ["shift_counts", "_strike", "_restated"])
def test_a_history_with_one_part_forgotten_is_found(
    keeper: World, monkeypatch: pytest.MonkeyPatch, forgotten: str
) -> None:
    twin, home = keeper.households(2)
    visit(keeper, twin)
    nothing: list[object] = []
    monkeypatch.setattr(acts, forgotten, lambda *args, **more: nothing)
    services.merge_targets(**by(keeper, twin), into=now(home))
    if forgotten == "_restated":
        assert now(home).state == TargetState.PENDING
    else:
        assert check_coverage(keeper.campaign)
    assert Team.objects.exists()
