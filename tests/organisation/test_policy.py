"""The rules of signing in, kept by the security administrator (AU03)."""

import pytest
from django.db import IntegrityError, transaction

from core.models import AuditEntry
from organisation.forms.policy import BOUNDS, HELP, PRESET
from organisation.models import SecurityPolicy
from organisation.services.policy import change_policy
from tests.personas import World

PAGE = "/policy/"
FORM = {
    "second_factor": "on",
    "password_days": "0",
    "password_history": "0",
    "initial_password_days": "7",
    "idle_minutes": "30",
    "session_hours": "12",
}


def test_the_defaults_are_those_of_current_guidance(world: World) -> None:
    SecurityPolicy.objects.all().delete()
    policy = SecurityPolicy.objects.in_force()
    assert policy.second_factor is True
    assert (policy.complexity, policy.password_days, policy.password_history) == (False, 0, 0)
    assert (policy.idle_minutes, policy.session_hours, policy.initial_password_days) == (30, 12, 14)


def test_every_rule_stands_on_the_page_with_its_help(world: World) -> None:
    page = world.client(world.security_admin).get(PAGE)
    rules = [field.name for field in SecurityPolicy._meta.fields if field.name != "id"]
    assert sorted(HELP) == sorted(rules)
    assert [text for text in HELP.values() if text not in page.content.decode()] == []


def test_who_switches_the_second_factor_on_is_told_that_he_is_next(world: World) -> None:
    """Beside the field, and so it is."""
    client = world.client(world.security_admin)
    field = client.get(PAGE).context["form"]["second_factor"]
    assert "包括您本人" in field.help_text
    client.post(PAGE, FORM)
    assert client.get(PAGE)["Location"] == "/account/authenticator/"


def test_a_change_acts_at_once_and_is_written_down_with_old_and_new(world: World) -> None:
    answer = world.client(world.security_admin).post(PAGE, FORM)
    assert answer["Location"] == PAGE
    policy = SecurityPolicy.objects.in_force()
    assert (policy.second_factor, policy.initial_password_days) == (True, 7)
    (entry,) = AuditEntry.objects.filter(act="accounts.change_policy")
    assert entry.actor_id == world.security_admin.pk
    changes = {"second_factor": [False, True], "initial_password_days": [14, 7]}
    assert entry.detail["changes"] == changes


def test_nothing_changed_writes_nothing(world: World) -> None:
    assert change_policy(values={"idle_minutes": 30}, actor=world.security_admin) == []
    assert not AuditEntry.objects.filter(act="accounts.change_policy").exists()


def test_the_preset_shows_what_would_change_and_saves_nothing(world: World) -> None:
    page = world.client(world.security_admin).get(PAGE, {"preset": "1"})
    assert {change.name: change.after for change in page.context["changes"]} == PRESET
    assert "无操作自动退出（分钟）：30 → 15" in page.content.decode()
    assert SecurityPolicy.objects.get().idle_minutes == 30


@pytest.mark.parametrize("name", sorted(BOUNDS))
def test_form_and_database_have_the_same_bounds(world: World, name: str) -> None:
    client = world.client(world.security_admin)
    for value in (BOUNDS[name][0] - 1, BOUNDS[name][1] + 1):
        assert client.post(PAGE, FORM | {name: str(value)}).status_code == 422
        with pytest.raises(IntegrityError), transaction.atomic():
            SecurityPolicy.objects.update(**{name: value})
    for value in BOUNDS[name]:
        SecurityPolicy.objects.update(**{name: value})


@pytest.mark.parametrize("persona", ["office", "system_admin", "audit_admin"])
def test_nobody_else_opens_it(world: World, persona: str) -> None:
    answer = world.client(getattr(world, persona)).get(PAGE)
    assert answer.status_code == 403
    assert "安全策略由安全管理员设置" in answer.content.decode()
