"""The first administrators of an installation: no default account, no default password (AU04)."""

import io
import re

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from core.models import AuditEntry
from organisation.choices import Role
from organisation.models import Grant, SecurityPolicy, User
from tests.organisation.sign_in import sign_in
from tests.personas import World


def appoint(username: str = "first", area: str = "371524000000", unit: str = "大数据局") -> str:
    said = io.StringIO()
    options = {"name": "赵管", "role": "security_admin", "area": area, "unit": unit}
    call_command("appoint", username, stdout=said, **options)
    return said.getvalue()


@pytest.mark.django_db
def test_a_new_installation_has_no_account() -> None:
    assert User.objects.count() == 0


def test_the_appointed_signs_in_and_changes_the_password_first(
    world: World, client: Client
) -> None:
    (password,) = re.findall(r"初始密码 ([\w-]+)", appoint())
    assert sign_in(client, "first", password)["Location"] == "/"
    assert client.get("/")["Location"] == "/account/password/"
    right = Grant.objects.get(user__username="first")
    assert (right.role, right.area) == (Role.SECURITY_ADMIN, world.county)
    kept = " ".join(map(str, AuditEntry.objects.values_list("detail", flat=True)))
    assert password not in kept


def test_the_second_factor_comes_next(world: World, client: Client) -> None:
    SecurityPolicy.objects.all().delete()
    (password,) = re.findall(r"初始密码 ([\w-]+)", appoint())
    sign_in(client, "first", password)
    new = "quiet-river-stone"
    client.post("/account/password/", {"old": password, "new": new, "again": new})
    assert client.get("/")["Location"] == "/account/authenticator/"


def test_two_people_get_two_passwords_and_one_unit(world: World) -> None:
    first, second = appoint("first"), appoint("second")
    assert re.findall(r"初始密码 ([\w-]+)", first) != re.findall(r"初始密码 ([\w-]+)", second)
    assert len(set(User.objects.filter(name="赵管").values_list("unit", flat=True))) == 1


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"username": "cadre"}, "已有人使用"),
        ({"area": "999"}, "没有代码为 999 的区划"),
        ({"username": "x" * 41}, "登录名要有 1 到 40 个字符"),
    ],
)
def test_what_cannot_be_is_refused_whole(world: World, options: dict[str, str], why: str) -> None:
    before = User.objects.count()
    with pytest.raises(CommandError, match=why):
        appoint(**options)
    assert User.objects.count() == before
