"""Rights: given, refused, taken back; and the database behind the services."""

from collections.abc import Callable
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import IntegrityError
from django.utils import timezone

from core.models import AuditEntry
from organisation import rules
from organisation.choices import ADMINISTRATORS, UNIT_ROLES, Role
from organisation.models import Grant, Session, User
from organisation.services import Refused, close_unit, create_unit, create_user, grant, post, revoke
from tests.organisation.test_people import drop_trigger
from tests.personas import World
from tests.threads import shared_database, together

__all__ = ["shared_database"]
pytestmark = pytest.mark.django_db


def plain(world: World) -> User:
    """Posted, and without any right."""
    user = create_user(username="plain", name="无权")
    post(user=user, unit=world.unit, position="科员", since=world.today)
    return user


def held(user: User) -> set[str]:
    found = Grant.objects.current(timezone.localdate()).filter(user=user)
    return set(found.values_list("role", flat=True))


### Who may give what


def place(world: World, role: Role) -> dict[str, object]:
    return {"unit": world.unit} if role in UNIT_ROLES else {"area": world.township}


@pytest.mark.parametrize("role", list(Role))
def test_the_security_administrator_gives_every_role(world: World, role: Role) -> None:
    made = grant(
        user=plain(world),
        role=role,
        since=world.today,
        granted_by=world.security_admin,
        **place(world, role),
    )
    assert (held(made.user), made.granted_by) == ({role.value}, world.security_admin)


def test_others_give_what_the_table_says(world: World) -> None:
    """Who gives, and the roles that person may give in the county."""
    everybody = {
        name: {role for role in Role if rules.can_grant(user, role, **place(world, role))}
        for name, user in {
            "office": world.office,
            "liaison": world.liaison,
            "head": world.head,
            "organisation": world.organisation,
            "discipline": world.discipline,
            "leader": world.leader,
            "system_admin": world.system_admin,
            "security_admin": world.security_admin,
            "audit_admin": world.audit_admin,
            "stranger_office": world.stranger_office,
        }.items()
    }
    assert everybody == {key: set() for key in everybody} | {
        "office": set(UNIT_ROLES),
        "security_admin": set(Role),
    }


def test_only_security_and_office_come_to_the_page(world: World) -> None:
    users = vars(world).values()
    givers = {
        each.username for each in users if isinstance(each, User) and rules.gives_rights(each)
    }
    assert givers == {"security_admin", "office", "city_office", "stranger_office"}


### What is refused


def bad_grants(world: World) -> dict[str, tuple[Callable[[], object], str]]:
    closed = close_unit(
        unit=create_unit(name="旧局", kind="department", area=world.county),
        on=world.today,
        actor=None,
    )
    user, disabled = plain(world), create_user(username="off", name="停用")
    post(user=disabled, unit=world.unit, position="科员", since=world.today)
    User.objects.filter(pk=disabled.pk).update(is_active=False)
    year_ago = world.today - timedelta(days=365)
    by = {"user": user, "since": world.today, "granted_by": world.security_admin}
    twins = "三类管理员之间、管理员与业务角色之间不能兼任。请先收回原有权限。"
    return {
        "a business role to an administrator": (
            lambda: grant(**by | {"user": world.system_admin}, role=Role.CADRE, unit=world.unit),
            f"甲system_admin已是系统管理员（自 {year_ago} 起），不能再任干部：{twins}",
        ),
        "an administrator's to a cadre": (
            lambda: grant(**by | {"user": world.cadre}, role=Role.AUDIT_ADMIN, area=world.county),
            f"甲cadre已是干部（自 {year_ago} 起），不能再任审计管理员：{twins}",
        ),
        "two administrators' to one": (
            lambda: grant(
                **by | {"user": world.audit_admin}, role=Role.SYSTEM_ADMIN, area=world.county
            ),
            f"甲audit_admin已是审计管理员（自 {year_ago} 起），不能再任系统管理员：{twins}",
        ),
        "to oneself": (
            lambda: grant(
                **by | {"user": world.security_admin}, role=Role.SECURITY_ADMIN, area=world.township
            ),
            "不能给自己授权，请由另一名安全管理员或作风办办理。",
        ),
        "to somebody out of scope": (
            lambda: grant(
                **by | {"user": world.stranger_office}, role=Role.LEADER, area=world.county
            ),
            "甲stranger_office不在您负责的范围内，不能授权。",
        ),
        "over an area out of scope": (
            lambda: grant(**by, role=Role.LEADER, area=world.other_county),
            "您不能授予冠县的领导权限：超出您负责的范围或权限。",
        ),
        "over more than one's scope": (
            lambda: grant(**by, role=Role.LEADER, area=world.city),
            "您不能授予聊城市的领导权限：超出您负责的范围或权限。",
        ),
        "over a unit out of scope": (
            lambda: grant(**by, role=Role.LIAISON, unit=world.far_unit),
            "您不能授予冠县住建局的联络员权限：超出您负责的范围或权限。",
        ),
        "more than the office gives": (
            lambda: grant(
                **by | {"granted_by": world.office}, role=Role.OFFICE, area=world.township
            ),
            "您不能授予刘集镇的作风办权限：超出您负责的范围或权限。",
        ),
        "by a liaison": (
            lambda: grant(**by | {"granted_by": world.liaison}, role=Role.CADRE, unit=world.unit),
            "无权不在您负责的范围内，不能授权。",
        ),
        "a unit's role over an area": (
            lambda: grant(**by, role=Role.UNIT_HEAD, area=world.county),
            "单位主要负责人的权限要落在一个单位上，请选择单位，不选区划。",
        ),
        "an area's role over a unit": (
            lambda: grant(**by, role=Role.OFFICE, unit=world.unit),
            "作风办的权限要落在一个区划上，请选择区划，不选单位。",
        ),
        "over a closed unit": (
            lambda: grant(**by, role=Role.LIAISON, unit=closed),
            f"旧局已于 {world.today} 撤销，不能再授权。",
        ),
        "to a disabled account": (
            lambda: grant(**by | {"user": disabled}, role=Role.CADRE, unit=world.unit),
            "停用的账号已停用，请先启用再授权。",
        ),
        "the same again": (
            lambda: grant(**by | {"user": world.cadre}, role=Role.CADRE, unit=world.unit),
            "甲cadre已有东阿县住建局的干部权限，不用重复授权。",
        ),
        "ending before it begins": (
            lambda: grant(**by, role=Role.CADRE, unit=world.unit, until=year_ago),
            f"权限的截止日期 {year_ago} 早于开始日期 {world.today}，请改正。",
        ),
        "one's own taken back": (
            lambda: revoke(grant=world.security_admin.grants.get(), actor=world.security_admin),
            "不能收回自己的权限，请由另一名安全管理员或作风办办理。",
        ),
        "another's taken back by the office": (
            lambda: revoke(grant=world.discipline.grants.get(), actor=world.office),
            "东阿县的纪委监委权限不由您收回。",
        ),
        "a foreign one taken back": (
            lambda: revoke(grant=world.stranger_office.grants.get(), actor=world.security_admin),
            "冠县的作风办权限不由您收回。",
        ),
    }


def test_what_cannot_be_is_refused_with_its_sentence(world: World) -> None:
    said, expected = {}, {}
    for name, (act, sentence) in bad_grants(world).items():
        before = list(Grant.objects.order_by("pk").values())
        with pytest.raises(Refused) as caught:
            act()
        assert list(Grant.objects.order_by("pk").values()) == before
        said[name], expected[name] = str(caught.value), sentence
    assert said == expected


def test_without_the_rule_the_office_would_make_an_office(world: World) -> None:
    with patch.object(rules, "can_grant", lambda *args, **kwargs: True):
        made = grant(
            user=world.cadre,
            role=Role.OFFICE,
            area=world.city,
            since=world.today,
            granted_by=world.office,
        )
    assert made.role == Role.OFFICE


def test_roles_of_different_times_do_not_clash(world: World) -> None:
    user = plain(world)
    yesterday = world.today - timedelta(days=1)
    grant(user=user, role=Role.CADRE, unit=world.unit, since=yesterday, until=yesterday)
    grant(user=user, role=Role.AUDIT_ADMIN, area=world.county, since=world.today)
    taken = Grant.objects.get(user=user, role=Role.AUDIT_ADMIN)
    revoke(grant=taken, actor=world.security_admin)
    grant(user=user, role=Role.CADRE, unit=world.unit, since=world.today)
    assert held(user) == {"cadre"}


### What the database holds, whoever writes


def clashing(world: World) -> Grant:
    return Grant.objects.create(
        user=world.audit_admin, role=Role.OFFICE, area=world.county, since=world.today
    )


def test_the_database_keeps_administrators_apart(world: World) -> None:
    with pytest.raises(IntegrityError):
        clashing(world)


def test_without_its_trigger_an_administrator_would_do_business(world: World) -> None:
    drop_trigger("organisation_grant", "administrators_exclude_every_role")
    clashing(world)
    assert held(world.audit_admin) == {"audit_admin", "office"}


def test_the_database_refuses_a_right_given_to_oneself(world: World) -> None:
    with pytest.raises(IntegrityError):
        Grant.objects.create(
            user=world.cadre,
            role=Role.LEADER,
            area=world.county,
            since=world.today,
            granted_by=world.cadre,
        )


@pytest.mark.parametrize("role", sorted(ADMINISTRATORS))
def test_of_two_rights_at_the_same_moment_one_is_refused(shared_database: None, role: Role) -> None:
    world = World().build()
    user = plain(world)
    give = {"user": user, "since": world.today, "granted_by": world.security_admin}
    outcomes = together(
        [
            lambda: grant(**give, role=role, area=world.county),
            lambda: grant(**give, role=Role.LIAISON, unit=world.unit),
        ]
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Grant", "Refused"]
    assert len(held(user)) == 1


### Taken back


def test_a_right_taken_back_ends_at_once_and_is_kept(world: World) -> None:
    given = world.head.grants.get()
    taken = revoke(grant=given, actor=world.office)
    assert held(world.head) == set()
    assert (taken.revoked_by, taken.revoked_at is not None) == (world.office, True)
    entry = AuditEntry.objects.filter(act="organisation.revoke").get()
    assert (entry.actor, entry.subject) == (world.office, f"organisation.Grant:{given.pk}")
    with pytest.raises(Refused) as caught:
        revoke(grant=given, actor=world.office)
    assert str(caught.value) == "甲head的这项单位主要负责人权限已经结束，不用再收回。"


def test_a_right_taken_back_is_refused_on_the_next_request(world: World) -> None:
    client = world.client(world.head)
    assert client.get("/people/").status_code == 200
    revoke(grant=world.head.grants.get(), actor=world.office)
    assert client.get("/people/")["Location"] == "/login/?next=/people/"
    client.force_login(world.head)
    assert client.get("/people/").status_code == 403


def test_even_a_session_that_went_on_would_be_refused(world: World) -> None:
    """The right is asked of the database at every request; ending the session comes on top."""
    client = world.client(world.head)
    with patch("organisation.services.grants.end_sessions"):
        revoke(grant=world.head.grants.get(), actor=world.office)
    assert Session.objects.filter(user=world.head).count() == 1
    assert client.get("/people/").status_code == 403


def test_a_new_right_acts_on_the_next_request_of_the_same_browser(world: World) -> None:
    client = world.client(world.cadre)
    assert client.get("/people/").status_code == 403
    grant(user=world.cadre, role=Role.LIAISON, unit=world.unit, since=world.today)
    assert client.get("/people/").status_code == 200


### Pages


def right(world: World, **changes: object) -> dict[str, object]:
    return {
        "role": "liaison",
        "unit": world.unit.name,
        "area": "",
        "since": str(world.today),
        "until": "",
    } | changes


def forget_the_proof(user: User) -> None:
    long_ago = timezone.now() - timedelta(hours=1)
    Session.objects.filter(user=user).update(started_at=long_ago)


def test_a_right_is_given_by_the_page_after_proof(world: World) -> None:
    client = world.client(world.security_admin)
    forget_the_proof(world.security_admin)
    address = f"/people/{world.cadre.pk}/grants/new/"
    asked = client.post(address, right(world))
    assert "organisation/proof.html" in [template.name for template in asked.templates]
    assert held(world.cadre) == {"cadre"}
    client.post(address, right(world, proof_password="correct-horse-9"))
    assert held(world.cadre) == {"cadre", "liaison"}


def test_a_right_is_taken_back_by_the_page_after_proof(world: World) -> None:
    given = world.head.grants.get()
    client = world.client(world.office)
    address = f"/people/{world.head.pk}/grants/{given.pk}/revoke/"
    assert client.get(address).status_code == 200
    forget_the_proof(world.office)
    client.post(address)
    assert held(world.head) == {"unit_head"}
    client.post(address, {"proof_password": "correct-horse-9"})
    assert held(world.head) == set()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"role": "superuser"}, "role"),
        ({"unit": ""}, "unit"),
        ({"unit": "没有这个单位"}, "unit"),
        ({"role": "office"}, "area"),
        ({"role": "office", "area": "0"}, "area"),
        ({"since": "2020-01-01"}, "since"),
    ],
)
def test_a_wrong_field_is_named(world: World, changes: dict[str, str], field: str) -> None:
    client = world.client(world.security_admin)
    response = client.post(f"/people/{world.cadre.pk}/grants/new/", right(world, **changes))
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])


def test_a_clash_is_said_on_the_form(world: World) -> None:
    response = world.client(world.security_admin).post(
        f"/people/{world.cadre.pk}/grants/new/",
        right(world, role="audit_admin", area=world.county.pk),
    )
    assert response.status_code == 422
    assert "甲cadre已是干部" in response.content.decode()


def test_the_office_is_offered_unit_roles_only(world: World) -> None:
    page = world.client(world.office).get(f"/people/{world.cadre.pk}/grants/new/")
    offered = {value for value, _ in page.context["form"].fields["role"].choices if value}
    assert (offered, "area" in page.context["form"].fields) == (set(UNIT_ROLES), False)


def test_nobody_comes_to_his_own_right(world: World) -> None:
    client = world.client(world.security_admin)
    own = world.security_admin
    answers = [
        client.get(f"/people/{own.pk}/grants/new/").status_code,
        client.post(f"/people/{own.pk}/grants/{own.grants.get().pk}/revoke/").status_code,
    ]
    assert answers == [403, 403]


def test_a_foreign_right_is_not_found(world: World) -> None:
    client = world.client(world.security_admin)
    foreign, near = world.stranger_office, world.cadre
    addresses = (
        f"/people/{foreign.pk}/grants/new/",
        f"/people/{foreign.pk}/grants/{foreign.grants.get().pk}/revoke/",
        f"/people/{near.pk}/grants/{foreign.grants.get().pk}/revoke/",
    )
    assert [client.post(address).status_code for address in addresses] == [404, 404, 404]


def test_who_would_give_himself_a_right_is_told_who_does(world: World) -> None:
    user = world.security_admin
    page = world.client(user).get(f"/people/{user.pk}/grants/new/")
    assert page.status_code == 403
    assert "不能给自己授权，请由另一名安全管理员或作风办办理。" in page.content.decode()
    own = user.grants.get().pk
    page = world.client(user).get(f"/people/{user.pk}/grants/{own}/revoke/")
    assert page.status_code == 403
    assert "不能收回自己的权限，请由另一名安全管理员或作风办办理。" in page.content.decode()


def test_the_office_is_refused_the_page_of_an_administrator(world: World) -> None:
    """With the sentence that the service says; the security administrator may go on."""
    address = f"/people/{world.audit_admin.pk}/grants/new/"
    said = "三类管理员之间、管理员与业务角色之间不能兼任。请先收回原有权限。"
    client = world.client(world.office)
    for page in (client.get(address), client.post(address)):
        assert (page.status_code, said in page.content.decode()) == (403, True)
    assert world.client(world.security_admin).get(address).status_code == 200


def test_with_that_control_off_the_page_opens(world: World) -> None:
    with patch.object(rules, "finds_a_role_for", rules.can_give_to):
        page = world.client(world.office).get(f"/people/{world.audit_admin.pk}/grants/new/")
    assert page.status_code == 200
