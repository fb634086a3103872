"""One entry by hand: the checks of an import, the reason after the freeze, no second one."""

from importlib import import_module

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from campaign.services import Refused
from core.models import AuditEntry
from organisation.models import User
from tests.personas import World
from tests.threads import shared_database, together
from tests.visits.test_register_changes import by, froze, keeper, whole
from visits import services
from visits.choices import ChangeKind, Likeness, TargetKind
from visits.models import RegisterChange, Target
from visits.register.codes import holds_identity, resembles_identity, without_identity
from visits.register.names import place_and_name
from visits.services import changes, joining
from visits.services import register as additions
from visits.services.coverage import check_coverage

__all__ = ["keeper", "shared_database"]
NEW = "/visits/register/entries/new/"
HOUSEHOLD = {
    "户编号": "H-900",
    "户主姓名": "张建国",
    "村（社区）": "371524100201",
    "联系电话": "13812345678",
    "常住人口": "4",
}
ENTERPRISE = {
    "统一社会信用代码": "91350100M000100Y43",
    "企业名称": "东阿示范机械有限公司",
    "村（社区）": "371524100201",
    "规上": "是",
    "工业": "否",
    "规模": "小型",
}


def join(
    world: World,
    changes: dict[str, str] | None = None,
    kind: TargetKind = TargetKind.HOUSEHOLD,
    actor: User | None = None,
    **more: object,
) -> tuple[Target, bool]:
    values = (HOUSEHOLD if kind == TargetKind.HOUSEHOLD else ENTERPRISE) | (changes or {})
    return services.join_by_hand(
        campaign=world.campaign,
        kind=kind,
        values=values,
        actor=actor or world.office,
        **more,  # type: ignore[arg-type]
    )


def fields(values: dict[str, str], kind: str = "household") -> dict[str, str]:
    from visits.register.fields import FIELDS

    headings = [field.heading for field in FIELDS[TargetKind(kind)]]
    return {f"field_{headings.index(name)}": value for name, value in values.items()}


def post(world: World, values: dict[str, str], kind: str = "household", **more: str):
    return world.client(world.office).post(f"{NEW}{kind}/", fields(values, kind) | more)


### The service


def test_before_the_freeze_it_counts_at_once(keeper: World) -> None:
    target, is_new = join(keeper)
    assert (is_new, target.name, target.members) == (True, "张建国", 4)
    assert target.phone.open() == "13812345678"
    assert whole(keeper).registered == whole(keeper, keeper.village).pending == 1
    assert not RegisterChange.objects.exists()


def test_after_the_freeze_it_is_a_change_with_its_reason(keeper: World) -> None:
    keeper.households(1)
    frozen = froze(keeper)
    with pytest.raises(Refused, match="原因"):
        join(keeper)
    assert whole(keeper).registered == 1
    target, _ = join(keeper, reason="新迁入")
    change = RegisterChange.objects.get(target=target)
    assert (change.kind, change.freeze, change.reason) == (ChangeKind.JOIN, frozen, "新迁入")
    assert (change.actor, change.area_to) == (keeper.office, keeper.village)
    assert whole(keeper).registered == 2
    assert check_coverage(keeper.campaign) == []


@pytest.mark.parametrize(
    ("kind", "changes", "heading", "words"),
    [
        ("household", {"户编号": "H 1"}, "户编号", "应为数字、字母或短横"),
        ("household", {"户编号": ""}, "户编号", "必填"),
        ("household", {"户编号": "11010519491231002X"}, "户编号", "身份证号"),
        ("household", {"地址": "一号 11010519491231002X"}, "地址", "身份证号"),
        ("household", {"村（社区）": "371525100201"}, "村（社区）", "不在您的管辖范围"),
        ("household", {"村（社区）": "前关村"}, "村（社区）", "请同时填写乡镇"),
        ("household", {"常住人口": "100"}, "常住人口", "0 至 99"),
        ("household", {"联系电话": "12"}, "联系电话", "11 位手机号"),
        (
            "enterprise",
            {"统一社会信用代码": "91350100M000100Y4Z"},
            "统一社会信用代码",
            "I、O、S、V、Z",
        ),
        (
            "enterprise",
            {"统一社会信用代码": "91350100M000100Y44"},
            "统一社会信用代码",
            "校验位不对",
        ),
        ("enterprise", {"规上": "也许"}, "规上", "「是」或「否」"),
    ],
)
def test_it_is_checked_as_a_row_of_a_file(
    keeper: World, kind: str, changes: dict[str, str], heading: str, words: str
) -> None:
    with pytest.raises(services.NotAccepted) as refused:
        join(keeper, changes, TargetKind(kind))
    (error,) = refused.value.errors
    assert (error.column, words in error.text) == (heading, True)
    assert not Target.objects.exists()


def test_without_the_check_of_identities_one_would_be_registered(
    keeper: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("visits.register.rows.holds_identity", lambda text: False)
    assert join(keeper, {"户编号": "11010519491231002X"})[1]


def test_an_identity_is_told_by_its_day_and_check_digit() -> None:
    assert holds_identity("张三 11010519491231002X。")
    for other in ("110105194912310021", "371502002001-0001", "371502200101000001", "1" * 18, ""):
        assert not holds_identity(other)
    assert "1101" not in without_identity("号 11010519491231002X")


WRITTEN = [
    "110105194912310021",  # a wrong check digit
    "110105 19491231 002X",
    "110105-19491231-0021",
    "１１０１０５１９４９１２３１００２１",
    "张三110105194912310021（户主）",
    "13812345678 110105194912310021",
    "110105 194912 31 002 x",
]
NOT_WRITTEN = ["371502200101000001", "1" * 18, "110105194913310021", "1101051949123100210", ""]


@pytest.mark.parametrize("text", WRITTEN)
@pytest.mark.parametrize("heading", ["户主姓名", "地址"])
def test_no_number_of_a_card_stands_in_a_name_or_an_address(
    keeper: World, heading: str, text: str
) -> None:
    assert resembles_identity(text)
    assert "0021" not in without_identity(text)
    with pytest.raises(services.NotAccepted, match="身份证") as refused:
        join(keeper, {heading: text})
    (error,) = refused.value.errors
    assert (error.column, text in error.text) == (heading, False)
    with pytest.raises(services.NotAccepted, match="身份证"):
        join(keeper, {"地址" if heading == "地址" else "企业名称": text}, TargetKind.ENTERPRISE)
    assert not Target.objects.exists()


@pytest.mark.parametrize("text", NOT_WRITTEN)
def test_other_numbers_may_stand_in_an_address(keeper: World, text: str) -> None:
    assert not resembles_identity(text)
    assert without_identity(text) == text
    assert join(keeper, {"地址": text})[1]


def test_a_code_of_eighteen_digits_is_a_code(keeper: World) -> None:
    values = {"联系电话": "", "户编号": "110105194912310021"}
    assert join(keeper, values)[1]
    assert join(keeper, values | {"户编号": "110105-19491231-002X", "户主姓名": "李四"})[1]


def test_without_the_check_of_texts_a_wrong_number_would_be_registered(
    keeper: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("visits.register.rows.resembles_identity", lambda text: False)
    assert join(keeper, {"户主姓名": "110105194912310021"})[1]


def test_the_same_again_is_the_same_entry(keeper: World) -> None:
    first, _ = join(keeper)
    again, is_new = join(keeper)
    assert (again.pk, is_new) == (first.pk, False)
    assert whole(keeper).registered == 1
    with pytest.raises(Refused, match="已有这个编号"):
        join(keeper, {"户主姓名": "李四"})
    services.strike_target(**by(keeper, first))
    with pytest.raises(Refused, match="已有这个编号"):
        join(keeper)


def test_a_code_of_another_area_says_nothing_of_it(keeper: World) -> None:
    join(keeper, {"村（社区）": "371525100201"}, actor=keeper.city_office)
    with pytest.raises(Refused, match="已有这个编号") as refused:
        join(keeper)
    assert "白塔" not in str(refused.value)


def test_a_village_of_the_area_table(keeper: World) -> None:
    target, _ = services.join_by_hand(
        campaign=keeper.campaign,
        kind=TargetKind.VILLAGE,
        values={"村（社区）": "前关村", "乡镇（街道）": "刘集镇"},
        actor=keeper.office,
    )
    assert (target.code, target.name) == ("371524100201", "前关村")


def test_only_keepers_register(keeper: World) -> None:
    for who in (keeper.cadre, keeper.leader, keeper.discipline, keeper.system_admin):
        with pytest.raises(PermissionDenied):
            join(keeper, actor=who)
    assert not Target.objects.exists()


### Look-alikes


def test_what_looks_alike_is_named_first(keeper: World) -> None:
    first, _ = join(keeper)
    other = {"户编号": "H-901"}
    with pytest.raises(services.Alike) as alike:
        join(keeper, other)
    assert [(each.likeness, each.code, each.name) for each in alike.value.found] == [
        (Likeness.KNOWN_NAME, "H-900", "张*"),
        (Likeness.KNOWN_PHONE, "H-900", "张*"),
    ]
    assert join(keeper, other, seen=[first.pk])[1]


def test_nearly_the_same_name_is_enough(keeper: World) -> None:
    join(keeper, kind=TargetKind.ENTERPRISE)
    nearly = {
        "统一社会信用代码": "91330100799655058B",
        "企业名称": "东阿县示范机械（有限责任公司）",
    }
    with pytest.raises(services.Alike):
        join(keeper, nearly, TargetKind.ENTERPRISE)
    assert join(keeper, nearly | {"村（社区）": "371524100202"}, TargetKind.ENTERPRISE)[1]


def test_the_database_folds_names_as_the_program_does(keeper: World) -> None:
    for n, name in enumerate(["ABC 有限公司", "（甲）·乙-丙", "东阿县某厂", "欧阳 修"]):
        target, _ = join(keeper, {"户编号": f"F-{n}", "户主姓名": name, "联系电话": ""})
        kept = Target.objects.values_list("alike", flat=True).get(pk=target.pk)
        assert kept == place_and_name(target.area_id, target.name)


def test_what_is_struck_off_or_elsewhere_resembles_nothing(keeper: World) -> None:
    first, _ = join(keeper)
    services.strike_target(**by(keeper, first))
    join(keeper, {"户编号": "H-2", "村（社区）": "371525100201"}, actor=keeper.city_office)
    assert join(keeper, {"户编号": "H-901"})[1]


def test_without_the_question_a_second_one_would_be_registered(
    keeper: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    join(keeper)
    monkeypatch.setattr(joining, "registered_alike", lambda *given: [])
    join(keeper, {"户编号": "H-901"})
    assert whole(keeper).registered == 2


### The page


def test_the_page_registers_one(keeper: World) -> None:
    client = keeper.client(keeper.office)
    for kind in TargetKind.values:
        assert client.get(f"{NEW}{kind}/").status_code == 200
    assert client.get(f"{NEW}nothing/").status_code == 404
    answer = post(keeper, HOUSEHOLD)
    target = Target.objects.get()
    assert answer["Location"] == f"/visits/register/entries/{target.pk}/"
    assert post(keeper, HOUSEHOLD)["Location"] == answer["Location"]
    assert Target.objects.count() == 1
    listed = client.get("/visits/register/entries/").text
    assert f'href="{NEW}household/"' in listed


def test_what_is_wrong_stands_at_its_field(keeper: World) -> None:
    answer = post(keeper, ENTERPRISE | {"统一社会信用代码": "91350100M000100Y44"}, "enterprise")
    assert answer.status_code == 422
    assert "校验位不对" in answer.text
    assert "有 1 处要改" in answer.text
    assert post(keeper, {}).status_code == 422


def test_after_the_freeze_the_page_asks_why(keeper: World) -> None:
    keeper.households(1)
    froze(keeper)
    assert 'name="reason"' in keeper.client(keeper.office).get(f"{NEW}household/").text
    answer = post(keeper, HOUSEHOLD)
    assert (answer.status_code, "请写明原因" in answer.text) == (422, True)
    assert post(keeper, HOUSEHOLD, reason="新迁入").status_code == 302
    assert RegisterChange.objects.get().reason == "新迁入"


def test_look_alikes_are_confirmed_on_the_page(keeper: World) -> None:
    first, _ = join(keeper)
    other = HOUSEHOLD | {"户编号": "H-901"}
    asked = post(keeper, other)
    assert asked.status_code == 422
    assert "和已经登记的对象很像" in asked.text
    assert "张* · H-900" in asked.text
    assert "张建国 ·" not in asked.text
    assert post(keeper, other, distinct="on").status_code == 422  # nothing has been shown to it
    assert post(keeper, other, seen=str(first.pk)).status_code == 422
    assert post(keeper, other, seen=str(first.pk), distinct="on").status_code == 302
    assert Target.objects.count() == 2


def test_asking_for_a_telephone_is_noted_and_bounded(
    keeper: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    join(keeper)
    other = HOUSEHOLD | {"户编号": "H-901", "户主姓名": "李四"}
    assert "H-900" in post(keeper, other).text
    assert AuditEntry.objects.filter(act="visits.search_phone").count() == 1
    monkeypatch.setattr(import_module("visits.services.reveal"), "SEARCHES_PER_HOUR", 1)
    refused = post(keeper, other).text
    assert "张* · H-900" not in refused
    assert "一小时最多" in refused


@pytest.mark.parametrize("kind", TargetKind.values)
def test_queries_of_the_page(keeper: World, django_assert_num_queries, kind: str) -> None:
    client = keeper.client(keeper.office)
    client.get(f"{NEW}{kind}/")
    with django_assert_num_queries(8):
        client.get(f"{NEW}{kind}/")
    keeper.households(3)
    with django_assert_num_queries(8):
        client.get(f"{NEW}{kind}/")


### Villages after the freeze


def test_villages_join_a_frozen_register_with_a_reason(keeper: World) -> None:
    keeper.households(1)
    froze(keeper)
    client = keeper.client(keeper.office)
    assert 'name="reason"' in client.get("/visits/register/").text
    refused = client.post("/visits/register/villages/", {"reason": " "}, follow=True)
    assert "新增对象要写明原因" in refused.text
    assert Target.objects.count() == 1
    client.post("/visits/register/villages/", {"reason": "区划调整"})
    changes = RegisterChange.objects.filter(kind=ChangeKind.JOIN)
    assert {(each.target_kind, each.reason) for each in changes} == {("village", "区划调整")}
    assert changes.count() == 2
    assert check_coverage(keeper.campaign) == []


@pytest.mark.usefixtures("shared_database")
def test_of_many_at_once_one_registers(world: World) -> None:
    answers = together([lambda: join(world)[1]] * 4)
    assert sorted(answers) == [False, False, False, True]
    assert whole(world).registered == 1


@pytest.mark.usefixtures("shared_database")
def test_without_the_register_held_the_others_fail(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: on PostgreSQL, where writers do not wait for each other anyway."""
    for module in (joining, changes, additions):
        monkeypatch.setattr(module, "held_freeze", lambda campaign: None)
    answers = together([lambda: join(world)[1]] * 4)
    if connection.vendor == "postgresql":
        assert any(isinstance(each, Exception) for each in answers)
    assert Target.objects.count() == 1
