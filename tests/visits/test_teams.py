"""Teams: who makes them up, names as they stand in a list, and two windows."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from core.models import AuditEntry
from organisation.choices import Role
from organisation.models import Area, User
from organisation.services.accounts import disable_account
from tests.personas import World
from tests.threads import shared_database, together
from tests.visits.test_visit_service import call_on
from visits import services
from visits.choices import TeamSource
from visits.models import Membership, Team, Visit
from visits.rules import keeps_team
from visits.services import team as team_service

__all__ = ["shared_database"]


def sent(world: World, **more: str) -> dict[str, str]:
    return {
        "name": "二队",
        "areas": f"{world.village.name}\n {world.township.name}  {world.village2.name} \n",
        "department": f"{world.cadre.name}\n{world.colleague.username}",
        "posted": "",
        "grid": world.head.name,
        "leader": world.colleague.name,
    } | more


def make(world: World, **more: object) -> Team:
    values = {
        "name": "三队",
        "areas": [world.village2],
        "members": {TeamSource.GRID: [world.colleague]},
        "actor": world.organisation,
    }
    return services.create_team(campaign=world.campaign, **values | more)  # type: ignore[arg-type]


def test_names_are_pasted_one_a_line(world: World) -> None:
    client = world.client(world.organisation)
    answer = client.post("/visits/teams/new/", sent(world))
    team = Team.objects.get(name="二队")
    assert (answer.status_code, answer["Location"]) == (302, f"/visits/teams/{team.pk}/")
    assert set(team.areas.all()) == {world.village, world.village2}
    rows = team.memberships.values_list("user", "source", "is_leader")
    assert set(rows) == {
        (world.cadre.pk, TeamSource.DEPARTMENT, False),
        (world.colleague.pk, TeamSource.DEPARTMENT, True),
        (world.head.pk, TeamSource.GRID, False),
    }
    entry = AuditEntry.objects.filter(act="visits.create_team").last()
    assert (entry.actor, entry.subject) == (world.organisation, f"visits.Team:{team.pk}")


CALLED = [
    "姜楼新村",
    "姜楼镇 姜楼新村",
    "姜楼镇　姜楼新村村委会",
    "姜楼新村居民委员会",
    "姜楼镇 姜楼新村村民委员会",
]


@pytest.mark.parametrize("line", CALLED)
def test_a_village_is_called_as_in_the_register(world: World, line: str) -> None:
    Area.objects.filter(pk=world.township.pk).update(name="姜楼镇")
    Area.objects.filter(pk=world.village.pk).update(name="姜楼新村村民委员会")
    client = world.client(world.organisation)
    assert client.post("/visits/teams/new/", sent(world, areas=line)).status_code == 302
    assert set(Team.objects.get(name="二队").areas.all()) == {world.village}


def test_a_whole_name_comes_before_what_people_call_it(world: World) -> None:
    Area.objects.filter(pk=world.village.pk).update(name="姜楼新村村民委员会")
    Area.objects.filter(pk=world.village2.pk).update(name="姜楼新村居民委员会")
    client = world.client(world.organisation)
    both = client.post("/visits/teams/new/", sent(world, areas="姜楼新村"))
    assert (both.status_code, "「姜楼新村」有几个" in both.text) == (422, True)
    sent_whole = sent(world, areas="姜楼新村居民委员会")
    assert client.post("/visits/teams/new/", sent_whole).status_code == 302
    assert set(Team.objects.get(name="二队").areas.all()) == {world.village2}


def test_without_short_names_a_village_is_not_found(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("visits.forms.team.full_names", lambda name: {name})
    Area.objects.filter(pk=world.village.pk).update(name="姜楼新村村民委员会")
    client = world.client(world.organisation)
    assert client.post("/visits/teams/new/", sent(world, areas="姜楼新村")).status_code == 422


FAULTS = [
    ({"areas": "没有这个村"}, "没有叫「没有这个村」的地方"),
    ({"areas": ""}, "请填写包联区域，至少一个。"),
    ({"name": ""}, "请填写服务队的名称。"),
    ({"department": "没有这个人"}, "没有找到「没有这个人」"),
    ({"department": "", "grid": ""}, "请至少写一名队员"),
    ({"leader": "别人"}, "名单里没有找到「别人」"),
    ({"name": "民情书记服务1队"}, "已经有一支服务队叫这个名字"),
]


@pytest.mark.parametrize(("wrong", "told"), FAULTS)
def test_a_fault_is_told_at_its_field(world: World, wrong: dict[str, str], told: str) -> None:
    answer = world.client(world.organisation).post("/visits/teams/new/", sent(world, **wrong))
    assert answer.status_code == 422
    assert told in answer.text
    assert Team.objects.count() == 1


def test_somebody_in_two_sources_is_told(world: World) -> None:
    twice = sent(world, posted=world.cadre.name)
    answer = world.client(world.organisation).post("/visits/teams/new/", twice)
    assert "写在了两个来源里" in answer.text


def test_of_two_with_one_name_the_unit_decides(world: World) -> None:
    other = User.objects.create(
        username="twin", name=world.cadre.name, password="!", unit=world.office_unit
    )
    client = world.client(world.organisation)
    page = client.post("/visits/teams/new/", sent(world, leader=""))
    assert f"「{world.cadre.name}」有几个：" in page.text
    named = f"{other.name} {world.office_unit.name}\n{world.colleague.username}"
    assert client.post("/visits/teams/new/", sent(world, department=named)).status_code == 302
    assert other in Team.objects.get(name="二队").members.all()


def test_people_and_areas_of_others_are_not_found(world: World) -> None:
    client = world.client(world.organisation)
    stranger = sent(world, department=world.stranger_office.username)
    assert "没有找到" in client.post("/visits/teams/new/", stranger).text
    far = sent(world, areas=world.other_village.code)
    assert "没有叫「" in client.post("/visits/teams/new/", far).text


def test_a_member_from_elsewhere_stays_on_the_roll(world: World) -> None:
    """The city had made up the team; the county saves it as its form shows it."""
    guest = world.person("guest", world.far_unit, Role.CADRE, unit=world.far_unit)
    members = {TeamSource.POSTED: [guest], TeamSource.GRID: [world.colleague]}
    team = make(world, members=members, actor=world.city_office)
    client, address = world.client(world.organisation), f"/visits/teams/{team.pk}/change/"
    shown = client.get(address).context["form"].initial
    assert guest.name in shown["posted"]
    assert client.post(address, shown | {"name": "新三队"}).status_code == 302
    assert set(team.members.all()) == {guest, world.colleague}
    other = f"/visits/teams/{world.team.pk}/change/"  # where the person does not belong
    answer = client.post(other, sent(world, posted=shown["posted"], seen_version="1"))
    assert (answer.status_code, "没有找到" in answer.text) == (422, True)


def test_who_has_left_the_service_is_to_be_struck_off_the_roll(world: World) -> None:
    disable_account(user=world.cadre, actor=world.system_admin)
    client, address = world.client(world.organisation), f"/visits/teams/{world.team.pk}/change/"
    shown = client.get(address).context["form"].initial
    answer = client.post(address, shown | {"grid": world.colleague.username})
    assert answer.status_code == 422
    assert f"{world.cadre.name} {world.unit.name}」已离任，请删去这一行。" in answer.text
    without = shown | {"department": "", "posted": "", "grid": world.colleague.username}
    assert client.post(address, without).status_code == 302
    assert set(world.team.members.all()) == {world.colleague}


def test_a_changed_roll_changes_who_visits(world: World) -> None:
    (target,) = world.households(1)
    client = world.client(world.organisation)
    page = client.get(f"/visits/teams/{world.team.pk}/change/")
    assert world.cadre.name in page.text
    changed = sent(world, department=world.colleague.username, grid="", seen_version="1")
    assert client.post(f"/visits/teams/{world.team.pk}/change/", changed).status_code == 302
    with pytest.raises(PermissionDenied):
        call_on(world, target)
    call_on(world, target, author=world.colleague)
    world.team.refresh_from_db()
    assert (world.team.name, world.team.version) == ("二队", 2)


def test_of_two_windows_the_second_is_told(world: World) -> None:
    client = world.client(world.organisation)
    address = f"/visits/teams/{world.team.pk}/change/"
    assert client.post(address, sent(world, seen_version="1")).status_code == 302
    answer = client.post(address, sent(world, name="别的", seen_version="1"))
    assert (answer.status_code, "刚才被别人改过" in answer.text) == (422, True)
    world.team.refresh_from_db()
    assert world.team.name == "二队"


@pytest.mark.usefixtures("shared_database")
def test_at_once_one_change_wins(world: World) -> None:
    def change(name: str) -> Team:
        return services.change_team(
            team=Team.objects.get(pk=world.team.pk),
            seen_version=1,
            name=name,
            areas=[world.village],
            members={TeamSource.GRID: [world.cadre, world.colleague]},
            leader=world.cadre,
            actor=world.organisation,
        )

    found = together([lambda n=n: change(f"队{n}") for n in range(8)])
    assert sum(isinstance(each, Team) for each in found) == 1
    assert Membership.objects.filter(team=world.team).count() == 2


def test_without_the_version_the_second_undoes_the_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: whoever saves last wins."""
    real = Team.objects.filter
    client, address = world.client(world.organisation), f"/visits/teams/{world.team.pk}/change/"
    client.post(address, sent(world, seen_version="1"))
    monkeypatch.setattr(
        team_service.Team.objects,
        "filter",
        lambda **asked: real(**{k: v for k, v in asked.items() if k != "version"}),
    )
    assert client.post(address, sent(world, name="别的", seen_version="1")).status_code == 302


def test_dissolving_keeps_the_visits(world: World) -> None:
    (target,) = world.households(1)
    call_on(world, target)
    answer = world.client(world.organisation).post(f"/visits/teams/{world.team.pk}/dissolve/")
    assert answer.status_code == 302
    assert (Team.objects.count(), Membership.objects.count(), Visit.objects.count()) == (0, 0, 1)
    entry = AuditEntry.objects.get(act="visits.dissolve_team")
    assert entry.detail == {"name": "民情书记服务1队"}


def test_a_team_that_reaches_further_is_not_changed_by_a_county(world: World) -> None:
    """A county sees the team that has a village of it, and leaves it to those above."""
    world.team.areas.add(world.other_village)
    assert not keeps_team(world.organisation, world.team)
    client = world.client(world.organisation)
    assert client.get(f"/visits/teams/{world.team.pk}/").status_code == 200
    assert client.get(f"/visits/teams/{world.team.pk}/change/").status_code == 403
    with pytest.raises(PermissionDenied):
        services.dissolve_team(team=world.team, actor=world.organisation)


@pytest.mark.parametrize("name", ["cadre", "head", "liaison", "discipline", "system_admin"])
def test_who_keeps_no_teams_makes_none(world: World, name: str) -> None:
    with pytest.raises(PermissionDenied):
        make(world, actor=getattr(world, name))
    with pytest.raises(PermissionDenied):
        make(world, areas=[], actor=world.organisation)


def test_a_team_has_one_leader_and_a_person_once(world: World) -> None:
    team = make(world, members={TeamSource.GRID: [world.colleague, world.cadre]})
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(team=team, user=world.cadre)
    team.memberships.filter(user=world.cadre).update(is_leader=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        team.memberships.update(is_leader=True)


def test_the_list_is_searched_by_team_area_and_member(world: World) -> None:
    make(world)
    client = world.client(world.organisation)
    for words, found in [
        ("三队", ["三队"]),
        (world.village.name, ["民情书记服务1队"]),
        (world.colleague.name, ["三队"]),
        ("没有的", []),
    ]:
        page = client.post("/visits/teams/search/", {"words": words}, follow=True)
        rows = page.context["page"].rows
        assert [row.team.name for row in rows] == found
    assert "没有找到" in page.text


def test_a_row_says_how_far_its_areas_are(world: World) -> None:
    """An area inside another one of the team is not counted twice."""
    world.team.areas.add(world.township)
    target, _ = world.households(2)
    call_on(world, target)
    (row,) = world.client(world.cadre).get("/visits/teams/").context["page"].rows
    assert (row.members, row.coverage.covered, row.coverage.registered) == (1, 1, 2)


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same(
    world: World, number: int, django_assert_num_queries: object
) -> None:
    for n in range(number):
        make(world, name=f"队{n}")
    client = world.client(world.organisation)
    client.get("/visits/teams/")
    with django_assert_num_queries(11):  # type: ignore[operator]
        client.get("/visits/teams/")
