"""People: enrolled, posted, moved, corrected, retired."""

from collections.abc import Callable
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from core.models import AuditEntry
from organisation import rules
from organisation.choices import Role, Tier
from organisation.models import Grant, Posting, Session, Unit, User
from organisation.queries import unit_of
from organisation.scope import scope_of
from organisation.services import (
    Refused,
    change_posting,
    close_unit,
    correct_person,
    create_unit,
    create_user,
    enrol,
    grant,
    move_person,
    post,
    retire,
    reveal_phone,
)
from organisation.services.reveal import REVEALS_PER_HOUR
from tests.personas import World
from tests.threads import shared_database, together

__all__ = ["shared_database"]
pytestmark = pytest.mark.django_db
PLAIN = {"tier": Tier.ORDINARY, "powers": []}


def again(user: User) -> User:
    return User.objects.get(pk=user.pk)


def history(user: User) -> list[tuple[str, str, int, int | None]]:
    """Unit, position, and begin and end in days from today."""
    today = timezone.localdate()
    rows = Posting.objects.filter(user=user).select_related("unit").order_by("since")
    return [
        (
            row.unit.name,
            row.position,
            (row.since - today).days,
            (row.until - today).days if row.until else None,
        )
        for row in rows
    ]


def roles(user: User) -> set[tuple[str, str]]:
    found = Grant.objects.current(timezone.localdate()).filter(user=user)
    return {(each.role, str(each.unit or each.area)) for each in found}


def move(world: World, user: User, unit: Unit, *, days_ago: int = 0, **changes: object) -> Posting:
    values = {"position": "科长", "actor": world.office} | PLAIN | changes
    return move_person(user=user, unit=unit, on=world.today - timedelta(days=days_ago), **values)


### Enrolling


def test_a_new_person_has_account_posting_and_the_cadres_right(world: World) -> None:
    user = enrol(
        username="zhangsan",
        name="张三",
        unit=world.unit,
        position="科员",
        since=world.today,
        phone="13812345678",
        password="k7mp-3xtw-9fhq",
        actor=world.liaison,
    )
    kept = again(user)
    assert (kept.unit, kept.password_is_initial, kept.phone.open()) == (
        world.unit,
        True,
        "13812345678",
    )
    assert kept.check_password("k7mp-3xtw-9fhq")
    assert history(user) == [("东阿县住建局", "科员", 0, None)]
    assert roles(user) == {("cadre", "东阿县住建局")}
    acts = AuditEntry.objects.order_by("-id").values_list("act", "actor")[:3]
    assert list(acts) == [
        ("organisation.grant", world.liaison.pk),
        ("organisation.post", world.liaison.pk),
        ("organisation.create_user", world.liaison.pk),
    ]


def test_no_half_person_stays_behind(world: World) -> None:
    before = User.objects.count()
    data = {"name": "张三", "position": "科员", "since": world.today, "actor": world.liaison}
    with pytest.raises(Refused):
        enrol(username="zhangsan", unit=world.other_unit, **data)
    assert User.objects.count() == before


### Moving


def test_a_move_ends_one_posting_and_begins_the_next(world: World) -> None:
    move(world, world.cadre, world.other_unit, days_ago=3)
    assert history(world.cadre) == [
        ("东阿县住建局", "科员", -365, -4),
        ("东阿县民政局", "科长", -3, None),
    ]
    assert (unit_of(world.cadre), again(world.cadre).unit) == (world.other_unit, world.other_unit)


def test_on_the_day_it_began_a_posting_is_corrected_in_place(world: World) -> None:
    move(world, world.cadre, world.other_unit)
    move(world, again(world.cadre), world.office_unit, position="主任")
    assert history(world.cadre) == [
        ("东阿县住建局", "科员", -365, -1),
        ("东阿县作风办", "主任", 0, None),
    ]
    entry = AuditEntry.objects.filter(act="organisation.correct_posting").get()
    assert entry.detail == {
        "to": world.cadre.pk,
        "unit": [world.other_unit.pk, world.office_unit.pk],
        "position": ["科长", "主任"],
    }


def test_rights_over_the_old_unit_and_below_end_with_a_move(world: World) -> None:
    below = create_unit(name="一科", kind="department", area=world.county, parent=world.unit)
    for role, unit in ((Role.DEPUTY, below), (Role.LIAISON, world.other_unit)):
        grant(user=world.head, role=role, unit=unit, since=world.today)
    grant(user=world.head, role=Role.DISCIPLINE, area=world.county, since=world.today)
    assert scope_of(again(world.head)).has(Role.UNIT_HEAD)
    move(world, world.head, world.other_unit)
    assert roles(world.head) == {
        ("liaison", "东阿县民政局"),
        ("discipline", "东阿县"),
        ("cadre", "东阿县民政局"),
    }
    taken = Grant.objects.filter(user=world.head).exclude(revoked_at=None)
    assert {(each.role, each.revoked_by) for each in taken} == {
        ("unit_head", world.office),
        ("deputy", world.office),
    }


def test_an_administrator_gets_no_business_right_by_a_move(world: World) -> None:
    move(world, world.system_admin, world.unit, actor=None)
    assert roles(world.system_admin) == {("system_admin", "东阿县")}


def test_a_move_signs_the_person_out(world: World) -> None:
    client = world.client(world.head)
    assert client.get("/people/").status_code == 200
    move(world, world.head, world.other_unit)
    assert Session.objects.filter(user=world.head).count() == 0
    assert client.get("/people/")["Location"] == "/login/?next=/people/"


def test_of_two_moves_at_the_same_moment_one_is_refused(shared_database: None) -> None:
    world = World().build()
    tries = [(again(world.cadre), unit) for unit in (world.other_unit, world.office_unit)]
    outcomes = together([lambda who=who, unit=unit: move(world, who, unit) for who, unit in tries])
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Posting", "Refused"]
    assert len(history(world.cadre)) == 2
    assert roles(world.cadre) == {("cadre", str(again(world.cadre).unit))}


### In the same unit


def test_another_position_keeps_the_old_one_as_history(world: World) -> None:
    posting = change_posting(
        user=world.cadre,
        position="科长",
        tier=Tier.KEY_POST,
        powers=["approves"],
        on=world.today - timedelta(days=1),
        actor=world.liaison,
    )
    assert history(world.cadre) == [
        ("东阿县住建局", "科员", -365, -2),
        ("东阿县住建局", "科长", -1, None),
    ]
    assert (posting.tier, posting.approves, posting.enforces) == ("key_post", True, False)
    assert roles(world.cadre) == {("cadre", "东阿县住建局")}


def test_a_correction_is_audited_and_never_names_the_number(world: World) -> None:
    correct_person(user=world.cadre, name="李四", phone="13812345678", actor=world.liaison)
    entry = AuditEntry.objects.latest("id")
    assert (entry.act, entry.detail) == (
        "organisation.correct_person",
        {"name": ["甲cadre", "李四"], "phone": True},
    )
    kept = again(world.cadre)
    assert (kept.name, kept.phone.open(), str(kept.phone)) == (
        "李四",
        "13812345678",
        "138****5678",
    )
    correct_person(user=kept, name="李四", actor=world.liaison)
    assert AuditEntry.objects.latest("id") == entry


### Leaving


def test_leaving_ends_posting_rights_account_and_sessions(world: World) -> None:
    grant(user=world.office, role=Role.LEADER, area=world.county, since=world.today)
    client = world.client(world.office)
    retire(user=world.office, on=world.today, actor=None)
    assert history(world.office) == [("东阿县作风办", "科员", -365, 0)]
    assert roles(world.office) == set()
    assert not again(world.office).is_active
    assert client.get("/people/")["Location"] == "/login/?next=/people/"
    assert AuditEntry.objects.latest("id").act == "organisation.retire"


### What is refused


def bad_acts(world: World) -> dict[str, tuple[Callable[[], object], str]]:
    cadre, office, liaison = world.cadre, world.office, world.liaison
    today, tomorrow = world.today, world.today + timedelta(days=1)
    began = today - timedelta(days=365)
    closed = close_unit(
        unit=create_unit(name="旧局", kind="department", area=world.county),
        on=today,
        actor=None,
    )
    nobody = create_user(username="nobody", name="无任职")
    gone = Unit(pk=10**9, name="没有", area=world.county, path="/1000000000/")
    begin = {"user": nobody, "position": "科员", "since": today}
    change = {"user": cadre, "position": "科员", "on": today, "actor": liaison}
    return {
        "a login name twice": (
            lambda: create_user(username="cadre", name="张三"),
            "登录名「cadre」已有人使用（不分大小写），请换一个。",
        ),
        "a login name in another case": (
            lambda: create_user(username="Cadre", name="张三"),
            "登录名「Cadre」已有人使用（不分大小写），请换一个。",
        ),
        "two units at once": (
            lambda: post(user=cadre, unit=world.other_unit, position="科长", since=today),
            f"甲cadre自 {began} 至今任东阿县住建局科员，与 {today} 起的新任职重叠。",
        ),
        "a unit nobody knows": (
            lambda: post(unit=gone, **begin),
            "没有这个单位，可能已被更改。请刷新页面后再选。",
        ),
        "a closed unit": (
            lambda: post(unit=closed, **begin),
            f"旧局已于 {today} 撤销，不能再任职。请另选单位。",
        ),
        "the future": (
            lambda: post(unit=world.unit, **begin | {"since": tomorrow}),
            f"任职日期 {tomorrow} 还没有到，请填今天或以前的日期。",
        ),
        "powers of an ordinary one": (
            lambda: change_posting(**change | {"tier": Tier.ORDINARY, "powers": ["approves"]}),
            ("甲cadre有审批权、执法权或资金分配权，不能列为普通党员干部。请改为关键岗位干部。"),
        ),
        "a power nobody knows": (
            lambda: change_posting(**change | {"tier": Tier.LEADING, "powers": ["rules"]}),
            "不认识的权力：rules。",
        ),
        "no change": (
            lambda: change_posting(**change | PLAIN),
            "甲cadre的职务、人员类别和权力没有变动。",
        ),
        "before the posting began": (
            lambda: move(world, cadre, world.other_unit, days_ago=366),
            (
                f"甲cadre自 {began} 至今任东阿县住建局科员，"
                f"变动日期 {began - timedelta(days=1)} 不能早于这一天。"
            ),
        ),
        "to where one is": (
            lambda: move(world, cadre, world.unit),
            "甲cadre已在东阿县住建局任职。只改职务的，请用「修改任职」。",
        ),
        "without a posting": (
            lambda: move(world, nobody, world.unit),
            "无任职现在没有任职，请先登记任职。",
        ),
        "out of scope": (
            lambda: move(world, cadre, world.other_unit, actor=liaison),
            "东阿县民政局不在您负责的范围内，不能办理甲cadre的变动。",
        ),
        "from out of scope": (
            lambda: move(world, world.stranger_office, world.unit, actor=office),
            "冠县住建局不在您负责的范围内，不能办理甲stranger_office的变动。",
        ),
        "oneself": (
            lambda: move(world, liaison, world.other_unit, actor=liaison),
            "不能给自己办理调动，请其他联络员或作风办办理。",
        ),
        "an administrator leaves": (
            lambda: retire(user=world.audit_admin, on=today, actor=office),
            "甲audit_admin是审计管理员，请先请安全管理员收回这项权限，再来办理。",
        ),
        "leaving before coming": (
            lambda: retire(user=cadre, on=began - timedelta(days=1), actor=office),
            (
                f"甲cadre自 {began} 至今任东阿县住建局科员，"
                f"离任日期 {began - timedelta(days=1)} 不能早于这一天。"
            ),
        ),
        "no name": (
            lambda: correct_person(user=cadre, name=" ", actor=office),
            "请填写姓名。",
        ),
        "a correction out of scope": (
            lambda: correct_person(user=world.stranger_office, name="新名", actor=office),
            "冠县住建局不在您负责的范围内，不能办理甲stranger_office的变动。",
        ),
    }


def test_what_cannot_be_is_refused_with_its_sentence(world: World) -> None:
    said, expected = {}, {}
    for name, (act, sentence) in bad_acts(world).items():
        before = list(Posting.objects.order_by("pk").values()), User.objects.count()
        with pytest.raises(Refused) as caught:
            act()
        assert (list(Posting.objects.order_by("pk").values()), User.objects.count()) == before
        said[name], expected[name] = str(caught.value), sentence
    assert said == expected


def test_a_page_that_saw_another_unit_is_refused(world: World) -> None:
    seen = again(world.cadre)
    move(world, world.cadre, world.other_unit)
    with pytest.raises(Refused) as caught:
        move(world, seen, world.office_unit)
    assert str(caught.value) == "甲cadre刚刚调到了东阿县民政局。请刷新页面查看后再操作。"


def test_without_the_rule_a_liaison_would_move_people_of_others(world: World) -> None:
    with patch.object(rules, "keeps_people_of", lambda user, unit: True):
        move(world, world.cadre, world.other_unit, actor=world.liaison)
    assert again(world.cadre).unit == world.other_unit


### What the database holds, whoever writes


def overlapping(world: World) -> Posting:
    return Posting.objects.create(
        user=world.cadre,
        unit=world.other_unit,
        position="科长",
        since=world.today - timedelta(days=30),
        until=world.today - timedelta(days=1),
    )


def test_the_database_refuses_two_postings_on_one_day(world: World) -> None:
    with pytest.raises(IntegrityError):
        overlapping(world)


def test_without_its_trigger_a_person_would_stand_in_two_units(world: World) -> None:
    drop_trigger("organisation_posting", "postings_of_a_person_overlap")
    overlapping(world)
    assert Posting.objects.filter(user=world.cadre).count() == 2


def drop_trigger(table: str, name: str) -> None:
    """Inside the test's transaction, which puts it back."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"DROP TRIGGER {name} ON {table}")
        else:
            cursor.execute(f"DROP TRIGGER {name}_insert")


### Telephone numbers


def test_a_number_is_shown_for_a_reason_that_is_kept(world: World) -> None:
    correct_person(user=world.cadre, name="甲cadre", phone="13812345678", actor=None)
    shown = reveal_phone(user=again(world.cadre), reason="核对值班表", actor=world.liaison)
    entry = AuditEntry.objects.latest("id")
    assert (shown, entry.act, entry.subject, entry.detail) == (
        "13812345678",
        "organisation.reveal",
        f"organisation.User:{world.cadre.pk}",
        {"reason": "核对值班表"},
    )


def test_without_a_reason_or_too_often_no_number_is_shown(world: World) -> None:
    with pytest.raises(Refused) as caught:
        reveal_phone(user=world.cadre, reason=" 看看 ", actor=world.liaison)
    assert str(caught.value) == "请写明查看原因，至少 4 个字。"
    for _ in range(REVEALS_PER_HOUR):
        reveal_phone(user=world.cadre, reason="核对值班表", actor=world.liaison)
    with pytest.raises(Refused) as caught:
        reveal_phone(user=world.cadre, reason="核对值班表", actor=world.liaison)
    assert str(caught.value) == "一小时最多查看手机号 60 次，请过一会儿再来。"
