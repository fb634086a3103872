"""The pages of the register's keepers: the list, one entry, its changes, the denominator."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import AuditEntry
from organisation.models import User
from tests.personas import World
from tests.searching import sealed
from tests.visits.test_register_changes import by, enterprises, froze, keeper, visit
from visits import services
from visits.choices import ChangeKind, TargetState
from visits.models import Freeze, RegisterChange, Target
from visits.queries.denominator import counts_of, last_change
from visits.services import changes as acts
from visits.tasks import apply_freeze

__all__ = ["keeper"]
LIST = "/visits/register/entries/"
FREEZE = "/visits/register/freeze/"


def page(world: World, address: str, person: User | None = None) -> str:
    answer = world.client(person or world.office).get(address)
    assert answer.status_code == 200
    return answer.text


def change(world: World, target: Target, act: str, **data: object) -> int:
    given = {"reason": "核对后改", "seen": "0"} | data
    return world.client(world.office).post(f"{LIST}{target.pk}/{act}/", given).status_code


### The list


def test_it_lists_the_keepers_areas_without_names(keeper: World) -> None:
    keeper.households(2)
    keeper.households(1, keeper.other_village)
    text = page(keeper, LIST)
    assert text.count("户*") == 2
    assert "户主" not in text
    assert page(keeper, LIST, keeper.city_office).count("户*") == 3


def test_it_is_searched_and_filtered(keeper: World) -> None:
    home, other = keeper.households(2)
    visit(keeper, home)
    services.strike_target(**by(keeper, other))
    row, struck = (f'href="{LIST}{each.pk}/"' for each in (home, other))
    assert row in page(keeper, sealed(f"{LIST}?words={home.code}"))
    assert struck not in page(keeper, sealed(f"{LIST}?words={other.code}"))
    assert struck in page(keeper, f"{LIST}?state=struck")
    assert row in page(keeper, f"{LIST}?state=visited&kind=household")
    assert "没有找到" in page(keeper, f"{LIST}?state=pending")
    answer = keeper.client(keeper.office).post(f"{LIST}search/", {"words": home.code})
    assert home.code not in answer["Location"]
    assert row in page(keeper, answer["Location"])


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_with_more_rows(keeper: World, number: int) -> None:
    keeper.households(number)
    client = keeper.client(keeper.office)
    client.get(LIST)
    with CaptureQueriesContext(connection) as queries:
        client.get(LIST)
    assert len(queries) == LIST_QUERIES


LIST_QUERIES = 10


def test_pages_go_on_by_position(keeper: World, settings) -> None:  # type: ignore[no-untyped-def]
    settings.PAGE_SIZE = 2
    homes = keeper.households(5)
    assert homes[2].code not in page(keeper, LIST)
    assert homes[2].code in page(keeper, f"{LIST}?after={homes[3].pk}")


### One entry


def test_an_entry_shows_its_changes_and_all_visits(keeper: World) -> None:
    twin, home = keeper.households(2)
    visit(keeper, twin)
    services.merge_targets(**by(keeper, twin), into=home)
    text = page(keeper, f"{LIST}{home.pk}/")
    assert "合并" in text
    assert "登记在并入的对象名下" in text
    text = page(keeper, f"{LIST}{twin.pk}/")
    assert f"{LIST}{home.pk}/" in text
    assert f"{LIST}{twin.pk}/return/" in text
    assert f"{LIST}{twin.pk}/leave/" not in text


def test_an_entry_of_others_is_not_found(keeper: World) -> None:
    (far,) = keeper.households(1, keeper.other_village)
    client = keeper.client(keeper.office)
    for place in ("", "leave/"):
        assert client.get(f"{LIST}{far.pk}/{place}").status_code == 404
    assert change(keeper, far, "leave") == 404
    assert client.get(f"{LIST}{keeper.households(1)[0].pk}/unknown/").status_code == 404


def test_each_change_is_done_by_its_form(keeper: World) -> None:
    home, other, third = keeper.households(3)
    (firm,) = [
        Target.objects.create(
            campaign=keeper.campaign,
            kind="enterprise",
            code="91" + "0" * 16,
            name="企业",
            area=keeper.village,
        )
    ]
    services.recount_coverage(campaign=keeper.campaign)
    assert change(keeper, home, "move", area=keeper.village2.code) == 302
    assert change(keeper, other, "merge", code=third.code) == 302
    new = {"code": "9" * 16, "name": "分出户", "members": "2", "heir": "new"}
    assert change(keeper, third, "split", seen=_last(), **new) == 302
    assert change(keeper, third, "leave", seen=_last()) == 302
    assert change(keeper, third, "return", seen=_last()) == 302
    assert change(keeper, firm, "correction", above_scale="on", size="micro") == 302
    assert [each.kind for each in RegisterChange.objects.order_by("id")] == [
        ChangeKind.MOVE,
        ChangeKind.MERGE,
        ChangeKind.SPLIT,
        ChangeKind.LEAVE,
        ChangeKind.RETURN,
        ChangeKind.CORRECTION,
    ]
    assert services.check_coverage(keeper.campaign) == []


def _last() -> int:
    return RegisterChange.objects.latest("id").pk


@pytest.mark.parametrize(
    ("act", "data", "why"),
    [
        ("leave", {"reason": ""}, "请写明原因"),
        ("leave", {"seen": "7"}, "别人刚刚改动过"),
        ("move", {"area": "371525100201"}, "没有这个代码"),
        ("move", {"area": "x"}, "没有这个代码"),
        ("merge", {"code": "x"}, "没有这个编号"),
        ("return", {}, "不用恢复"),
        ("correction", {"locality": ""}, "没有要更正的"),
        ("split", {"code": "", "name": ""}, "请填写新户编号"),
    ],
)
def test_what_is_wrong_is_said_in_the_form(
    keeper: World, act: str, data: dict[str, str], why: str
) -> None:
    (home,) = keeper.households(1)
    given = {"reason": "核对", "seen": "0"} | data
    answer = keeper.client(keeper.office).post(f"{LIST}{home.pk}/{act}/", given)
    assert (answer.status_code, why in answer.text) == (422, True)
    assert not RegisterChange.objects.exists()


def test_the_visitors_page_knows_what_left(keeper: World) -> None:
    (home,) = keeper.households(1)
    assert home.code in page(keeper, f"/visits/targets/{home.pk}/", keeper.cadre)
    services.strike_target(**by(keeper, home))
    text = page(keeper, f"/visits/targets/{home.pk}/", keeper.cadre)
    assert "已移出登记册" in text
    assert f"/visits/targets/{home.pk}/visit/" not in text
    assert f"/targets/{home.pk}/" not in page(keeper, "/visits/", keeper.cadre)


### The denominator


def test_the_office_sees_the_numbers_and_freezes_them(keeper: World) -> None:
    keeper.households(3)
    client = keeper.client(keeper.city_office)
    text = client.get(FREEZE).text
    assert "登记数 3" in text
    assert 'data-confirm="核定后不能撤销' in text
    seen = ",".join(f"{part}={n}" for part, n in counts_of(keeper.campaign).items())
    answer = client.post(FREEZE, {"seen": seen, "reason": ""})
    assert answer["Location"] == FREEZE
    from core.models import Job

    apply_freeze(job_id=str(Job.objects.get(kind="visits.apply_freeze").pk))
    text = client.get(FREEZE).text
    assert Freeze.objects.get().sha256 in text
    assert "重新核定" in text


def test_what_has_moved_meanwhile_is_shown_anew(keeper: World) -> None:
    keeper.households(1)
    client = keeper.client(keeper.city_office)
    seen = ",".join(f"{part}={n}" for part, n in counts_of(keeper.campaign).items())
    keeper.households(1)
    answer = client.post(FREEZE, {"seen": seen, "reason": ""})
    assert answer.status_code == 422
    assert "household=2" in answer.text
    assert not Freeze.objects.exists()


def test_others_read_the_denominator_and_do_not_fix_it(keeper: World) -> None:
    home, _ = keeper.households(2)
    froze(keeper)
    services.strike_target(**by(keeper, home))
    text = page(keeper, FREEZE, keeper.organisation)
    assert "核定记录" in text
    assert "移出 · 户*" in text
    assert "<button" not in text.split("<main")[1]
    assert f"分母由{keeper.city.name}作风办核定" in text
    answer = keeper.client(keeper.office).post(FREEZE, {"seen": "x", "reason": "x"})
    assert answer.status_code == 403


def test_the_state_of_an_entry_is_said_in_words(keeper: World) -> None:
    (home,) = keeper.households(1)
    assert TargetState.PENDING.label in page(keeper, f"{LIST}{home.pk}/")


### A wrong name, telephone, address


def corrected(world: World, target: Target, **data: object) -> int:
    return change(world, target, "correction", seen=last_change(target), **data)


def test_who_is_in_the_register_is_corrected_and_no_value_is_kept(keeper: World) -> None:
    (home,) = keeper.households(1)
    old = {"name": "张老三", "phone": "13811110000", "address": "老街 1 号", "members": "3"}
    new = {"name": "章老三", "phone": "138 2222 0000", "address": "新街 9 号", "members": "5"}
    assert corrected(keeper, home, **old) == 302
    form = page(keeper, f"{LIST}{home.pk}/correction/").split("<main")[1]
    assert not [value for name, value in old.items() if name != "members" and value in form]
    assert corrected(keeper, home, **new) == 302
    home.refresh_from_db()
    found = (home.name, home.phone.open(), home.address.open(), home.members)
    assert found == ("章老三", "13822220000", "新街 9 号", 5)
    assert list(Target.objects.with_phone("13822220000")) == [home]
    assert not Target.objects.with_phone("13811110000").exists()
    last = RegisterChange.objects.latest("id")
    assert last.corrected == {"name": [], "phone": [], "address": [], "members": []}
    entries = AuditEntry.objects.filter(act="visits.correct")
    said = str([*entries.values_list("detail"), *RegisterChange.objects.values_list("corrected")])
    assert entries.count() == 2
    for value in ("老三", "1381111", "1382222", "街"):
        assert value not in said
    assert "更正：名称、地址、联系电话、常住人口" in page(keeper, f"{LIST}{home.pk}/")


def test_without_the_list_of_what_is_personal_the_values_would_stay(
    keeper: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts, "PERSONAL", frozenset())
    (home,) = keeper.households(1)
    assert corrected(keeper, home, phone="13811110000", members="") == 302
    assert RegisterChange.objects.get().corrected == {"phone": ["", "13811110000"]}


def test_what_stays_empty_stays_and_a_telephone_can_be_taken_away(keeper: World) -> None:
    (home,) = keeper.households(1)
    name = home.name
    assert corrected(keeper, home, phone="13811110000", address="老街 1 号") == 302
    assert corrected(keeper, home, phone="", address="") == 422
    assert corrected(keeper, home, phone="无", locality="rural") == 302
    home.refresh_from_db()
    assert (home.name, home.phone.open(), home.address.open()) == (name, "", "老街 1 号")
    assert home.phone_index == ""
    assert not Target.objects.with_phone("13811110000").exists()


def test_an_enterprise_has_another_name_and_status(keeper: World) -> None:
    (firm,) = enterprises(keeper, 1, keeper.village)
    form = page(keeper, f"{LIST}{firm.pk}/correction/")
    assert f'value="{firm.name}"' in form
    assert 'name="members"' not in form
    assert corrected(keeper, firm, name="示范机械有限公司", status="cancelled") == 302
    firm.refresh_from_db()
    assert (firm.name, firm.status) == ("示范机械有限公司", "cancelled")
    last = RegisterChange.objects.latest("id")
    assert last.corrected == {"name": [], "status": ["", "cancelled"]}
    assert services.check_coverage(keeper.campaign) == []


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"phone": "138"}, "应为 11 位手机号"),
        ({"name": "张三110101199003077213"}, "身份证"),
        ({"address": "110101 19900307 7214"}, "身份证"),
        ({"members": "100"}, "99"),
        ({"address": "长" * 121}, "120"),
    ],
)
def test_a_wrong_correction_says_why(keeper: World, data: dict[str, str], why: str) -> None:
    (home,) = keeper.households(1)
    given = {"reason": "核对", "seen": "0"} | data
    answer = keeper.client(keeper.office).post(f"{LIST}{home.pk}/correction/", given)
    assert (answer.status_code, why in answer.text) == (422, True)
    assert not RegisterChange.objects.exists()


def test_the_new_household_has_a_telephone_and_an_address(keeper: World) -> None:
    (home,) = keeper.households(1)
    new = {"code": "9" * 16, "name": "分出户", "members": "2", "heir": "old"}
    assert change(keeper, home, "split", phone="12", **new) == 422
    place = {"phone": "0635-8241234", "address": "新街 9 号"}
    assert change(keeper, home, "split", **place, **new) == 302
    made = Target.objects.with_phone("0635-8241234").get()
    assert (made.name, made.address.open(), made.members) == ("分出户", "新街 9 号", 2)
