"""Whom the office alone posts, whom nobody, and who comes back."""

from collections.abc import Callable
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.utils import timezone

from core.models import AuditEntry
from organisation import rules
from organisation.choices import Role
from organisation.models import Grant, Posting, Unit, User
from organisation.services import (
    Refused,
    change_posting,
    correct_person,
    create_unit,
    grant,
    reinstate,
    retire,
)
from tests.organisation.test_people import PLAIN, again, history, move, roles
from tests.personas import World

pytestmark = pytest.mark.django_db


### Whom the office alone posts


def acts_on(world: World, user: User, actor: User) -> dict[str, Callable[[], object]]:
    """What a keeper does with a person, inside the own unit."""
    below = create_unit(name="一科", kind="department", area=world.county, parent=world.unit)
    change = {"user": user, "position": "组长", "on": world.today, "actor": actor} | PLAIN
    return {
        "move": lambda: move(world, user, below, actor=actor),
        "change": lambda: change_posting(**change),
        "retire": lambda: retire(user=user, on=world.today, actor=actor),
    }


def refusals(acts: dict[str, Callable[[], object]]) -> set[str]:
    said = set()
    for act in acts.values():
        with pytest.raises(Refused) as caught:
            act()
        said.add(str(caught.value))
    return said


def test_the_liaison_posts_nobody_who_leads_or_will(world: World) -> None:
    tomorrow = world.today + timedelta(days=1)
    grant(user=world.cadre, role=Role.DISCIPLINE, area=world.county, since=tomorrow)
    said = refusals(acts_on(world, world.head, world.liaison))
    Unit.objects.filter(name="一科").update(name="旧一科")
    said |= refusals(acts_on(world, world.cadre, world.liaison))
    rest = "，任职、调动和离任由作风办办理，请联系作风办。"
    assert said == {f"甲head是单位主要负责人{rest}", f"甲cadre是纪委监委{rest}"}
    retire(user=world.head, on=world.today, actor=world.office)
    assert not again(world.head).is_active


def test_without_the_rule_the_liaison_would_retire_the_head(world: World) -> None:
    with patch.object(rules, "roles_given", lambda person: set()):
        retire(user=world.head, on=world.today, actor=world.liaison)
    assert not again(world.head).is_active


def test_the_liaison_still_corrects_the_head_and_posts_a_colleague(world: World) -> None:
    assert correct_person(user=world.head, name="新名", actor=world.liaison).name == "新名"
    acts_on(world, world.colleague, world.liaison)["move"]()
    assert again(world.colleague).unit.name == "一科"


def test_the_office_posts_and_corrects_no_administrator(world: World) -> None:
    admin, office = world.system_admin, world.office
    acts = acts_on(world, admin, office)
    acts["correct"] = lambda: correct_person(user=admin, name="新名", actor=office)
    assert refusals(acts) == {
        "甲system_admin是系统管理员，请先请安全管理员收回这项权限，再来办理。"
    }
    Grant.objects.filter(user=admin).update(revoked_at=timezone.now())
    assert correct_person(user=admin, name="新名", actor=office).name == "新名"


### Coming back


def come_back(world: World, user: User, *, days_ago: int = 0, **changes: object) -> str:
    values = {"unit": world.unit, "position": "科员", "actor": world.liaison} | PLAIN | changes
    return reinstate(user=user, on=world.today - timedelta(days=days_ago), **values)


def left(world: World, user: User, *, days_ago: int = 5) -> User:
    return retire(user=user, on=world.today - timedelta(days=days_ago), actor=None)


def test_who_comes_back_is_posted_and_signs_in_with_a_new_password(world: World) -> None:
    grant(user=world.head, role=Role.LEADER, area=world.county, since=world.today)
    password = come_back(world, left(world, world.head), days_ago=2)
    kept = again(world.head)
    assert history(kept) == [
        ("东阿县住建局", "科员", -365, -5),
        ("东阿县住建局", "科员", -2, None),
    ]
    assert (kept.is_active, kept.password_is_initial, kept.check_password(password)) == (True,) * 3
    assert roles(kept) == {("cadre", "东阿县住建局")}
    acts = AuditEntry.objects.order_by("-id").values_list("act", "actor")[:6]
    assert list(acts) == [
        (act, world.liaison.pk)
        for act in (
            "organisation.reinstate",
            "accounts.reset_password",
            "login.end_sessions",
            "accounts.enable",
            "organisation.grant",
            "organisation.post",
        )
    ]


def test_the_liaison_takes_nobody_back_into_another_unit_or_from_one(world: World) -> None:
    for user, unit in ((world.cadre, world.other_unit), (world.other_head, world.unit)):
        with pytest.raises(Refused) as caught:
            come_back(world, left(world, user), unit=unit)
        assert str(caught.value).startswith("东阿县民政局不在您负责的范围内")
        assert not again(user).is_active


def test_who_is_there_has_just_left_or_is_oneself_does_not_come_back(world: World) -> None:
    began, today = world.today - timedelta(days=365), world.today
    left(world, world.colleague, days_ago=0)
    for user, sentence in (
        (world.cadre, f"甲cadre自 {began} 至今任东阿县住建局科员，与 {today} 起的新任职重叠。"),
        (
            world.colleague,
            f"甲colleague自 {began} 至 {today}任东阿县住建局科员，与 {today} 起的新任职重叠。",
        ),
        (world.liaison, "不能给自己办理返岗，请其他联络员或作风办办理。"),
    ):
        with pytest.raises(Refused) as caught:
            come_back(world, user)
        assert str(caught.value) == sentence


def without_posting(world: World, user: User) -> User:
    """Somebody whose posting alone has ended, the rights not."""
    Posting.objects.filter(user=user).update(until=world.today - timedelta(days=5))
    return again(user)


def test_no_account_of_weight_is_had_by_taking_its_owner_back(world: World) -> None:
    said = {}
    for user in (world.system_admin, world.discipline):
        with pytest.raises(Refused) as caught:
            come_back(world, without_posting(world, user), actor=world.office)
        said[user.username] = str(caught.value)
    assert said == {
        "system_admin": "甲system_admin还有系统管理员的权限，请先请安全管理员收回，再办返岗。",
        "discipline": "甲discipline还有纪委监委的权限，请先请安全管理员收回，再办返岗。",
    }


def test_without_the_rule_the_office_would_have_the_password_of_the_discipline(
    world: World,
) -> None:
    user = without_posting(world, world.discipline)
    with patch.object(rules, "roles_given", lambda person: set()):
        password = come_back(world, user, actor=world.office)
    assert again(user).check_password(password)
