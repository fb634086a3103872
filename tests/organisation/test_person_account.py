"""What is done to an account from the person's page."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.models import AuditEntry
from organisation.choices import Role
from organisation.models import Authenticator, Grant, SecurityPolicy, Session, User
from organisation.views.person import ACTS
from tests.organisation.test_grants import forget_the_proof
from tests.organisation.test_people import again
from tests.personas import PASSWORD, World

pytestmark = pytest.mark.django_db


def offered(world: World, user: User, person: User) -> list[str]:
    response = world.client(user).get(f"/people/{person.pk}/")
    return [act.name for act in response.context["acts"]]


def in_full_use(world: World, *people: User) -> None:
    """Signed in, with an authenticator: every act on the account has a meaning."""
    for person in people:
        Authenticator.objects.create(user=person, confirmed=True)
        world.client(person)


def test_the_buttons_are_those_that_are_allowed(world: World) -> None:
    in_full_use(world, world.cadre, world.discipline, world.audit_admin, world.leader)
    every = [name for name in ACTS if name != "enable"]
    assert offered(world, world.system_admin, world.cadre) == every
    alone = [name for name in every if name != "reset-second-factor"]
    for weighty in (world.discipline, world.audit_admin, world.leader):
        assert offered(world, world.system_admin, weighty) == alone
        assert offered(world, world.security_admin, weighty) == ["reset-second-factor"]
    assert offered(world, world.system_admin, world.system_admin) == []
    assert offered(world, world.liaison, world.cadre) == ["reset-password"]
    assert offered(world, world.liaison, world.head) == []
    assert offered(world, world.liaison, world.liaison) == []
    assert offered(world, world.security_admin, world.cadre) == []


def test_what_would_change_nothing_is_not_offered_and_does_nothing(world: World) -> None:
    admin, cadre = world.system_admin, world.cadre
    assert offered(world, admin, cadre) == ["disable", "reset-password"]
    User.objects.filter(pk=cadre.pk).update(is_active=False)
    assert offered(world, admin, again(cadre)) == ["enable"]
    client, address = world.client(admin), f"/people/{cadre.pk}/"
    before = AuditEntry.objects.latest("id")
    for act in ("disable", "reset-password", "reset-second-factor", "end-sessions"):
        response = client.post(f"{address}account/{act}/", follow=True)
        assert "现在不用办理这一项" in response.content.decode()
    assert AuditEntry.objects.latest("id") == before


def test_the_office_is_offered_no_right_for_an_administrator(world: World) -> None:
    offers = {
        (giver.username, person.username): world.client(giver)
        .get(f"/people/{person.pk}/")
        .context["can_grant"]
        for giver in (world.office, world.security_admin)
        for person in (world.cadre, world.audit_admin)
    }
    assert offers == {
        ("office", "cadre"): True,
        ("office", "audit_admin"): False,
        ("security_admin", "cadre"): True,
        ("security_admin", "audit_admin"): True,
    }


def test_the_page_says_until_when_a_password_is_good(world: World) -> None:
    response = world.client(world.liaison).post(f"/people/{world.cadre.pk}/account/reset-password/")
    days = SecurityPolicy.objects.in_force().initial_password_days
    end = timezone.localtime(again(world.cadre).password_set_at + timedelta(days=days))
    assert f"{end:%Y-%m-%d %H:%M}，" in response.content.decode()


def test_rights_to_come_and_of_a_disabled_account_weigh_as_well(world: World) -> None:
    in_full_use(world, world.cadre)
    tomorrow = world.today + timedelta(days=1)
    Grant.objects.create(user=world.cadre, role=Role.DISCIPLINE, area=world.county, since=tomorrow)
    assert offered(world, world.liaison, world.cadre) == []
    assert offered(world, world.security_admin, world.cadre) == ["reset-second-factor"]
    User.objects.filter(pk=world.head.pk).update(is_active=False)
    assert offered(world, world.liaison, again(world.head)) == []


def test_what_is_not_offered_is_refused(world: World) -> None:
    people = {"liaison": world.head, "system_admin": world.system_admin, "office": world.liaison}
    answers = {
        (name, act): world.client(getattr(world, name))
        .post(f"/people/{person.pk}/account/{act}/")
        .status_code
        for name, person in people.items()
        for act in ACTS
    }
    assert set(answers.values()) == {403}
    nothing = world.client(world.system_admin).post(f"/people/{world.cadre.pk}/account/burn/")
    assert nothing.status_code == 404


def test_an_account_is_switched_off_and_on(world: World) -> None:
    client, theirs = world.client(world.system_admin), world.client(world.cadre)
    address = f"/people/{world.cadre.pk}/account"
    client.post(f"{address}/disable/")
    assert not again(world.cadre).is_active
    assert theirs.get("/issues/").status_code == 302
    client.post(f"{address}/enable/")
    assert again(world.cadre).is_active


def test_a_new_password_is_shown_in_the_answer_alone(world: World) -> None:
    client = world.client(world.liaison)
    world.client(world.cadre)
    response = client.post(f"/people/{world.cadre.pk}/account/reset-password/")
    password = response.context["password"]
    person = again(world.cadre)
    assert (person.check_password(password), person.password_is_initial) == (True, True)
    assert Session.objects.filter(user=person).count() == 0
    assert password not in client.get(f"/people/{person.pk}/").content.decode()
    kept = AuditEntry.objects.values_list("detail", flat=True)
    assert [detail for detail in kept if password in str(detail)] == []


def test_the_second_factor_is_reset_after_proof(world: World) -> None:
    client = world.client(world.system_admin)
    in_full_use(world, world.cadre)
    forget_the_proof(world.system_admin)
    address = f"/people/{world.cadre.pk}/account/reset-second-factor/"
    client.post(address)
    assert not AuditEntry.objects.filter(act="accounts.reset_second_factor").exists()
    client.post(address, {"proof_password": PASSWORD})
    assert AuditEntry.objects.filter(act="accounts.reset_second_factor").count() == 1


def test_sessions_are_ended(world: World) -> None:
    theirs = world.client(world.cadre)
    world.client(world.system_admin).post(f"/people/{world.cadre.pk}/account/end-sessions/")
    assert theirs.get("/issues/").status_code == 302
