"""Who of a team goes where: even, neighbours together, no quota; of two tabs one wins."""

import random
import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from core.models import AuditEntry
from organisation.models import User
from organisation.services.accounts import disable_account
from tests.personas import World
from visits import services
from visits.choices import Outcome, TeamSource, Way
from visits.models import Membership, Target, Team
from visits.services import split as services_split
from visits.services import team as services_team
from visits.services.team import Taken
from visits.splitting import shares


@pytest.fixture
def team(world: World) -> Team:
    """The cadre, the colleague and the head over the township; the colleague leads."""
    Team.objects.all().delete()
    Target.objects.all().delete()
    return services.create_team(
        campaign=world.campaign,
        name="刘集镇服务队",
        areas=[world.township],
        members={TeamSource.DEPARTMENT: [world.cadre, world.colleague, world.head]},
        leader=world.colleague,
    )


def split(world: World, team: Team, *members: User, **more: object) -> int:
    team.refresh_from_db()
    asked = {"area": None, "actor": world.colleague, "seen": team.splits} | more
    return services.split_targets(team=team, members=list(members), **asked)


def given(person: User) -> list[int]:
    return list(Target.objects.filter(assignee=person).order_by("pk").values_list("pk", flat=True))


def change(world: World, team: Team, *members: User, **more: object) -> Team:
    team.refresh_from_db()
    values = {
        "name": team.name,
        "areas": [world.township],
        "leader": None,
        "seen_version": team.version,
        "actor": world.organisation,
    } | more
    return services.change_team(team=team, members={TeamSource.DEPARTMENT: members}, **values)


### Arithmetic


@pytest.mark.parametrize("seed", range(40))
def test_pieces_are_even_whole_and_in_order(seed: int) -> None:
    chance = random.Random(seed)
    keys = list(range(chance.randrange(60)))
    people = list(range(1, chance.randrange(2, 9)))
    found = shares(keys, people)
    lengths = [len(piece) for _, piece in found]
    assert max(lengths) - min(lengths) <= 1
    assert [key for _, piece in found for key in piece] == keys
    assert [person for person, _ in found] == people


### Splitting


def test_it_is_even_and_villages_stay_together(world: World, team: Team) -> None:
    world.households(7)
    world.households(5, world.village2)
    assert split(world, team, world.cadre, world.head) == 12
    assert [len(given(each)) for each in (world.cadre, world.head)] == [6, 6]
    villages = [
        set(Target.objects.filter(assignee=each).values_list("area", flat=True))
        for each in (world.cadre, world.head)
    ]
    assert villages == [{world.village.pk}, {world.village.pk, world.village2.pk}]
    entry = AuditEntry.objects.get(act="visits.split_targets")
    assert entry.detail == {"number": 12, "people": 2}


def test_one_village_by_itself(world: World, team: Team) -> None:
    world.households(3)
    world.households(2, world.village2)
    assert split(world, team, world.cadre, area=world.village2) == 2
    assert Target.objects.filter(assignee=None).count() == 3
    entry = AuditEntry.objects.get(act="visits.split_targets")
    assert entry.detail == {"number": 2, "people": 1, "area": world.village2.pk}


def test_what_is_covered_or_another_teams_stays(world: World, team: Team) -> None:
    first, second, third = world.households(3)
    services.record_visit(
        token=uuid.uuid4(),
        target=first,
        author=world.cadre,
        visited_on=world.today,
        way=Way.HOME,
        outcome=Outcome.EFFECTIVE,
    )
    services.create_team(
        campaign=world.campaign,
        name="前关村服务队",
        areas=[world.village],
        members={TeamSource.GRID: [world.deputy]},
    )
    Target.objects.filter(pk=second.pk).update(assignee=world.deputy)
    assert split(world, team, world.cadre) == 1
    assert given(world.cadre) == [third.pk]
    assert given(world.deputy) == [second.pk]


def test_of_two_tabs_one_wins(world: World, team: Team) -> None:
    world.households(4)
    split(world, team, world.cadre)
    with pytest.raises(Taken, match="别人刚刚给这支服务队分过工"):
        split(world, team, world.head, seen=0)
    assert len(given(world.cadre)) == 4


def test_without_the_number_the_second_tab_would_win(
    world: World, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.households(4)
    split(world, team, world.cadre)

    class Careless(type(Team.objects.all())):  # type: ignore[misc]
        def filter(self, *args: object, **values: object) -> object:
            values.pop("splits", None)
            return super().filter(*args, **values)

    monkeypatch.setattr(Team, "objects", Careless.as_manager())
    Team.objects.model = Team
    split(world, team, world.head, seen=0)
    assert given(world.cadre) == []


def test_who_may_not(world: World, team: Team) -> None:
    world.households(2)
    for person in (world.cadre, world.head, world.discipline, world.leader, world.stranger_office):
        with pytest.raises(PermissionDenied, match="分工由服务队队长"):
            split(world, team, world.cadre, actor=person)
    for person in (world.colleague, world.office, world.organisation, world.city_office):
        assert split(world, team, world.cadre, actor=person) == 2


def test_only_members_get_something_and_something_must_be_left(world: World, team: Team) -> None:
    with pytest.raises(Taken, match="没有要走访的对象"):
        split(world, team, world.cadre)
    world.households(1)
    with pytest.raises(Taken, match="只能分给这支服务队的队员"):
        split(world, team, world.deputy)
    with pytest.raises(Taken, match="至少选一名"):
        split(world, team)
    team.refresh_from_db()
    assert team.splits == 0


def test_too_many_are_refused(world: World, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services_split, "SPLIT_AT_MOST", 2)
    world.households(3)
    with pytest.raises(Taken, match="一次最多分"):
        split(world, team, world.cadre)


def test_two_thousand_targets_take_few_statements(world: World, team: Team) -> None:
    world.households(2000)
    with CaptureQueriesContext(connection) as queries:
        assert split(world, team, world.cadre, world.colleague, world.head) == 2000
    assert len(queries) < 30


### One at a time, and back


def test_one_is_given_and_taken_back(world: World, team: Team) -> None:
    (target,) = world.households(1)
    for _ in range(2):  # the retry changes nothing
        services.give_target(target=target, person=world.cadre, actor=world.colleague, seen=0)
    assert AuditEntry.objects.filter(act="visits.give_target").count() == 1
    with pytest.raises(Taken, match="刚刚被分给了别人"):
        services.give_target(target=target, person=world.head, actor=world.colleague, seen=0)
    mine = {"target": target, "person": None, "seen": world.cadre.pk}
    target.refresh_from_db()
    with pytest.raises(PermissionDenied):
        services.give_target(actor=world.head, **mine)
    services.give_target(actor=world.cadre, **mine)
    assert given(world.cadre) == []


def test_nobody_outside_the_team_gives_or_gets(world: World, team: Team) -> None:
    (target,) = world.households(1)
    with pytest.raises(PermissionDenied):
        services.give_target(target=target, person=world.cadre, actor=world.cadre, seen=0)
    with pytest.raises(PermissionDenied):
        services.give_target(target=target, person=world.cadre, actor=world.discipline, seen=0)
    with pytest.raises(Taken, match="只能分给"):
        services.give_target(target=target, person=world.deputy, actor=world.colleague, seen=0)


def test_a_share_is_taken_back(world: World, team: Team) -> None:
    world.households(3)
    split(world, team, world.cadre, world.head)
    take = {"team": team, "person": world.cadre, "actor": world.colleague}
    assert services.take_back_targets(**take) == 2
    assert services.take_back_targets(**take) == 0
    assert AuditEntry.objects.filter(act="visits.take_back_targets").count() == 1
    assert len(given(world.head)) == 1


def test_who_leaves_gives_back(world: World, team: Team) -> None:
    world.households(4)
    split(world, team, world.cadre, world.head)
    change(world, team, world.head)
    assert (given(world.cadre), len(given(world.head))) == ([], 2)
    change(world, team, world.head, areas=[world.village2])
    assert given(world.head) == []


def test_without_giving_back_the_share_would_be_lost(
    world: World, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.households(4)
    split(world, team, world.cadre, world.head)
    monkeypatch.setattr(services_team, "release_uncovered", lambda *args: 0)
    change(world, team, world.head)
    assert len(given(world.cadre)) == 2


def test_who_still_covers_it_by_another_team_keeps_it(world: World, team: Team) -> None:
    world.households(2)
    split(world, team, world.cadre)
    services.create_team(
        campaign=world.campaign,
        name="前关村服务队",
        areas=[world.village],
        members={TeamSource.GRID: [world.cadre]},
    )
    services.dissolve_team(team=team, actor=world.organisation)
    assert len(given(world.cadre)) == 2


def test_a_move_takes_it_back(world: World, team: Team) -> None:
    (target,) = world.households(1)
    split(world, team, world.cadre)
    services.move_target(
        target=target, to=world.village2, reason="搬家", actor=world.office, seen=0
    )
    assert given(world.cadre) == []


def leased(world: World, target: Target) -> Target:
    """Taken by the cadre, as its page does it."""
    world.client(world.cadre).post(f"/visits/targets/{target.pk}/take/")
    target.refresh_from_db()
    assert target.taken_by == world.cadre
    return target


def test_a_move_gives_the_lease_back(world: World, team: Team) -> None:
    (target,) = world.households(1)
    leased(world, target)
    data = {"area": world.village2.code, "reason": "搬家", "seen": 0}
    address = f"/visits/register/entries/{target.pk}/move/"
    assert world.client(world.office).post(address, data).status_code == 302
    target.refresh_from_db()
    assert (target.area, target.taken_by, target.taken_until) == (world.village2, None, None)


def test_who_leaves_gives_the_lease_back(world: World, team: Team) -> None:
    here, there = world.households(1) + world.households(1, world.village2)
    leased(world, here), leased(world, there)
    services.create_team(
        campaign=world.campaign,
        name="后关村服务队",
        areas=[world.village2],
        members={TeamSource.GRID: [world.cadre]},
    )
    change(world, team, world.head)
    here.refresh_from_db()
    there.refresh_from_db()
    assert (here.taken_by, here.taken_until) == (None, None)
    assert there.taken_by == world.cadre  # whom the other team still sends there


### Pages


def test_mine_come_first_and_the_others_behind_a_tab(world: World, team: Team) -> None:
    world.households(3)
    client = world.client(world.cadre)
    assert "我的" not in client.get("/visits/").text.partition("picks")[2][:200]
    split(world, team, world.cadre, world.head)
    shown = client.get("/visits/")
    assert [row.entry.pk for row in shown.context["page"].rows] == given(world.cadre)[::-1]
    assert [each.left for each in shown.context["way"].villages] == [2]
    every = client.get("/visits/", {"whose": "team"})
    assert len(every.context["page"].rows) == 3
    assert "分给甲head" in every.text
    found = client.get(client.post("/visits/search/", {"words": "前关"})["Location"])
    assert len(found.context["page"].rows) == 3


def test_the_leader_splits_by_the_page(world: World, team: Team) -> None:
    world.households(4)
    client = world.client(world.colleague)
    page = client.get(f"/visits/teams/{team.pk}/split/")
    assert "前关村（4）" in page.text
    data = {"area": world.village.code, "members": [world.cadre.pk, world.head.pk], "seen": 0}
    answer = client.post(f"/visits/teams/{team.pk}/split/", data)
    assert answer["Location"] == f"/visits/teams/{team.pk}/split/"
    again = client.post(f"/visits/teams/{team.pk}/split/", data)
    assert (again.status_code, "别人刚刚给这支服务队分过工" in again.text) == (422, True)
    assert f"/visits/teams/{team.pk}/split/" in client.get(f"/visits/teams/{team.pk}/").text
    page = client.get(f"/visits/teams/{team.pk}/split/")
    assert page.text.count("还有 2 个没走访") == 2
    answer = client.post(f"/visits/teams/{team.pk}/take-back/", {"person": world.cadre.pk})
    assert given(world.cadre) == []
    assert world.client(world.cadre).get(f"/visits/teams/{team.pk}/split/").status_code == 403


def test_the_form_of_a_visit_gives_and_gives_back(world: World, team: Team) -> None:
    (target,) = world.households(1)
    leader, cadre = world.client(world.colleague), world.client(world.cadre)
    assert "分给谁去" in leader.get(f"/visits/targets/{target.pk}/visit/").text
    assert "分给谁去" not in cadre.get(f"/visits/targets/{target.pk}/visit/").text
    assert cadre.post(f"/visits/targets/{target.pk}/give/", {"seen": 0}).status_code == 403
    leader.post(f"/visits/targets/{target.pk}/give/", {"person": world.cadre.pk, "seen": 0})
    assert given(world.cadre) == [target.pk]
    assert "交回" in cadre.get(f"/visits/targets/{target.pk}/visit/").text
    cadre.post(f"/visits/targets/{target.pk}/give/", {"person": "", "seen": world.cadre.pk})
    assert given(world.cadre) == []
    assert "分给谁去" in world.client(world.office).get(f"/visits/targets/{target.pk}/").text


def test_who_has_left_the_service_gets_nothing_more(world: World, team: Team) -> None:
    """Neither by the page, where the share is to be taken back, nor by an old one."""
    world.households(4)
    split(world, team, world.cadre, world.head)
    disable_account(user=world.cadre, actor=world.system_admin)
    client, address = world.client(world.colleague), f"/visits/teams/{team.pk}/split/"
    page = client.get(address)
    members = page.context["form"].fields["members"]
    assert set(members.queryset) == {world.colleague, world.head}
    assert set(page.context["form"].initial["members"]) == {world.colleague.pk, world.head.pk}
    assert page.text.count("还有 2 个没走访；已离任，请收回") == 1
    answer = client.post(address, {"area": "", "members": [world.cadre.pk], "seen": 1})
    assert answer.status_code == 422
    with pytest.raises(Taken, match="有已离任的"):
        split(world, team, world.cadre)
    client.post(f"/visits/teams/{team.pk}/take-back/", {"person": world.cadre.pk})
    assert given(world.cadre) == []


def test_one_target_is_not_given_to_who_has_left(world: World, team: Team) -> None:
    (target,) = world.households(1)
    disable_account(user=world.cadre, actor=world.system_admin)
    client = world.client(world.colleague)
    offered = client.get(f"/visits/targets/{target.pk}/visit/").context["people"]
    assert set(offered) == {world.colleague, world.head}
    client.post(f"/visits/targets/{target.pk}/give/", {"person": world.cadre.pk, "seen": 0})
    assert given(world.cadre) == []
    Target.objects.filter(pk=target.pk).update(assignee=world.cadre)  # given before
    text = client.get(f"/visits/targets/{target.pk}/visit/").text
    assert f"这一个分给了{world.cadre.name}，已离任" in text


@pytest.mark.parametrize("number", [1, 3])
def test_queries_of_the_page_do_not_grow(
    world: World, team: Team, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    world.households(number)
    client = world.client(world.colleague)
    client.get(f"/visits/teams/{team.pk}/split/")
    with django_assert_num_queries(16):
        client.get(f"/visits/teams/{team.pk}/split/")


def test_there_is_no_place_for_a_quota(team: Team) -> None:
    names = {field.name for model in (Target, Team, Membership) for field in model._meta.fields}
    assert not {"quota", "score", "rank", "points"} & names


def test_what_another_team_has_given_meanwhile_stays(
    world: World, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, _ = world.households(2)
    shared = services_split.shares

    def meanwhile(keys: list[int], members: list[User]) -> object:
        Target.objects.filter(pk=home.pk).update(assignee=world.deputy)
        return shared(keys, members)

    monkeypatch.setattr(services_split, "shares", meanwhile)
    assert split(world, team, world.cadre) == 1
    assert given(world.deputy) == [home.pk]
