"""One-time codes and recovery codes (AU06, AU07)."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from core.models import AuditEntry
from organisation.models import Authenticator, RecoveryCode, Session, User
from organisation.services.accounts import reset_password, reset_second_factor
from organisation.services.second_factor import Answer, check_code
from tests.organisation.sign_in import (
    SECRET,
    acts,
    code,
    forget_refusals,
    hold_phone,
    is_signed_in,
    rule,
    sign_in,
    unused,
)
from tests.personas import PASSWORD, World
from tests.threads import shared_database, together

__all__ = ["shared_database"]


@pytest.fixture
def codes(world: World) -> Iterator[list[str]]:
    """The cadre has an authenticator and these recovery codes."""
    return hold_phone(world.cadre)


def second_step(client: Client, typed: str) -> object:
    return client.post("/login/code/", {"code": typed})


def test_the_password_alone_opens_nothing(world: World, codes: list[str], client: Client) -> None:
    assert sign_in(client, "cadre", PASSWORD)["Location"] == "/login/code/"
    assert not is_signed_in(client)


def test_without_an_authenticator_the_password_is_enough(world: World, client: Client) -> None:
    sign_in(client, "cadre", PASSWORD)
    assert is_signed_in(client)


def test_password_and_code_lead_on(world: World, codes: list[str], client: Client) -> None:
    sign_in(client, "cadre", PASSWORD, next="/issues/")
    before = client.cookies["sessionid"].value
    assert second_step(client, code())["Location"] == "/issues/"
    assert is_signed_in(client)
    assert client.cookies["sessionid"].value != before
    assert acts("login.accepted") == ["login.accepted"]


def test_a_wrong_code_is_refused_and_written_down(
    world: World, codes: list[str], client: Client
) -> None:
    sign_in(client, "cadre", PASSWORD)
    wrong = f"{(int(code()) + 1) % 1_000_000:06d}"
    assert second_step(client, wrong).status_code == 422
    assert not is_signed_in(client)
    assert acts("login.refused") == ["login.refused"]


def test_a_code_counts_once(world: World, codes: list[str]) -> None:
    used = code()
    assert check_code(user=world.cadre, code=used).by == "totp"
    assert check_code(user=world.cadre, code=used).by == ""
    forget_refusals()
    assert check_code(user=world.cadre, code=code(steps=1)).by == "totp"


def test_one_step_of_a_wrong_clock_is_allowed(world: World, codes: list[str]) -> None:
    assert check_code(user=world.cadre, code=code(steps=-2)).by == ""
    forget_refusals()
    assert check_code(user=world.cadre, code=code(steps=-1)).by == "totp"


@pytest.mark.django_db(transaction=True)
def test_a_code_counts_once_at_the_same_moment_too(shared_database: None) -> None:
    user = User.objects.create(username="a", name="甲")
    hold_phone(user)
    answers = together([partial(check_code, user=user, code=code())] * 8)
    assert sorted(answer.by for answer in answers) == [""] * 7 + ["totp"]


def test_after_a_refusal_the_next_try_waits_longer_each_time(
    world: World, codes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [timezone.now()]
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock[0])
    waits = []
    for _ in range(12):
        assert check_code(user=world.cadre, code="1234567") == Answer()
        waits.append(check_code(user=world.cadre, code=code()).wait_seconds)
        clock[0] += timedelta(seconds=waits[-1])
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 512, 512]


def test_the_authenticator_itself_refuses_while_it_waits(world: World, codes: list[str]) -> None:
    device = Authenticator.objects.get()
    device.verify_token("1234567")
    assert device.verify_token(code()) is False
    forget_refusals()
    assert Authenticator.objects.get().verify_token(code()) is True


def test_the_second_step_is_for_five_minutes(
    world: World, codes: list[str], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(client, "cadre", PASSWORD)
    later = timezone.now() + timedelta(minutes=5)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert second_step(client, code())["Location"] == "/login/?why=code"
    assert not is_signed_in(client)


@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "md5$other"}])
def test_who_is_disabled_or_reset_between_the_steps_stays_outside(
    world: World, codes: list[str], client: Client, change: dict[str, object]
) -> None:
    sign_in(client, "cadre", PASSWORD)
    User.objects.filter(pk=world.cadre.pk).update(**change)
    assert second_step(client, code())["Location"] == "/login/?why=code"


### Recovery codes


def test_a_recovery_code_opens_once(world: World, codes: list[str], client: Client) -> None:
    sign_in(client, "cadre", PASSWORD)
    second_step(client, codes[3].upper().replace("-", " "))
    assert is_signed_in(client)
    assert unused(world.cadre) == 9
    assert check_code(user=world.cadre, code=codes[3]).by == ""


def test_recovery_codes_are_kept_as_hashes(world: World, codes: list[str]) -> None:
    kept = " ".join(RecoveryCode.objects.values_list("hash", flat=True))
    assert [each for each in codes if each in kept or each.replace("-", "") in kept] == []
    assert len(set(codes)) == 10
    assert {len(each.replace("-", "")) for each in codes} == {24}


def test_another_s_recovery_code_opens_nothing(world: World, codes: list[str]) -> None:
    others = hold_phone(world.colleague)
    assert check_code(user=world.cadre, code=others[0]).by == ""


### What a reset leaves standing


def test_a_reset_password_does_not_pass_the_second_step(
    world: World, codes: list[str], client: Client
) -> None:
    password = reset_password(user=world.cadre, actor=world.system_admin)
    assert sign_in(client, "cadre", password)["Location"] == "/login/code/"
    assert not is_signed_in(client)


def test_resetting_the_second_factor_is_an_act_of_its_own(
    world: World, codes: list[str], client: Client
) -> None:
    running = world.client(world.cadre)
    reset_second_factor(user=world.cadre, actor=world.system_admin)
    assert (Authenticator.objects.count(), RecoveryCode.objects.count()) == (0, 0)
    assert acts("accounts.reset_second_factor") == ["accounts.reset_second_factor"]
    assert not is_signed_in(running)
    sign_in(client, "cadre", PASSWORD)
    assert is_signed_in(client)


### Who has to have one


@pytest.mark.parametrize(
    ("persona", "is_led"),
    [
        ("office", True),
        ("discipline", True),
        ("leader", True),
        ("system_admin", True),
        ("security_admin", True),
        ("audit_admin", True),
        ("cadre", False),
        ("head", False),
    ],
)
def test_grave_roles_set_it_up_before_anything_else(
    world: World, persona: str, is_led: bool
) -> None:
    client = world.client(getattr(world, persona))
    assert is_signed_in(client)
    rule(second_factor=True)
    answer = client.get("/inbox/")
    assert answer.get("Location", "") == ("/account/authenticator/" if is_led else "")


def test_setting_up_takes_a_code_and_opens_the_way(world: World) -> None:
    rule(second_factor=True)
    world.client(world.office)  # another browser, which this ends
    client = world.client(world.office)
    client.post("/account/authenticator/", {"begin": "1"})
    page = client.get("/account/authenticator/")
    secret = "".join(page.context["groups"])
    assert "data:image/svg+xml" in page.content.decode()
    assert client.post("/account/authenticator/", {"code": "000000x"}).status_code == 422
    assert not is_signed_in(client)
    shown = client.post("/account/authenticator/", {"code": code(secret=secret)})
    assert len(shown.context["codes"]) == 10
    assert is_signed_in(client)
    assert Session.objects.filter(user=world.office).count() == 1
    device = Authenticator.objects.get(user=world.office)
    assert device.secret.open() == secret
    assert acts("accounts.set_up_authenticator") == ["accounts.set_up_authenticator"]


def test_the_secret_is_nowhere_plain(world: World) -> None:
    hold_phone(world.cadre)
    stored = Authenticator.objects.get().secret.stored
    assert SECRET not in stored


def test_the_authenticator_page_asks_who_has_one_for_it_first(world: World) -> None:
    """A sign-in by the password alone cannot put another phone in the place of the right one."""
    hold_phone(world.cadre)
    client = world.client(world.cadre)
    answer = client.post("/account/authenticator/", {"begin": "1"})
    assert answer["Location"].startswith("/login/?why=code")
    assert not is_signed_in(client)


def test_the_operator_helps_where_no_administrator_is_left(world: World) -> None:
    hold_phone(world.security_admin)
    call_command("reset_second_factor", "security_admin", stdout=StringIO())
    assert not Authenticator.objects.filter(user=world.security_admin).exists()
    entry = AuditEntry.objects.get(act="accounts.reset_second_factor")
    assert (entry.actor, entry.subject) == (None, f"organisation.User:{world.security_admin.pk}")
    with pytest.raises(CommandError, match="没有登录名为 nobody 的人"):
        call_command("reset_second_factor", "nobody")
