"""Grave acts ask who is there once more (AU09)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from organisation.models import SecurityPolicy, Session
from tests.organisation.sign_in import acts, code, hold_phone, sign_in_from
from tests.personas import PASSWORD, World

PAGE = "/policy/"
FORM = {
    "password_days": "0",
    "password_history": "0",
    "initial_password_days": "14",
    "idle_minutes": "20",
    "session_hours": "12",
}


@pytest.fixture
def client(world: World) -> Client:
    """The security administrator, signed in eleven minutes ago."""
    client = world.client(world.security_admin)
    be_signed_in_since(minutes=11)
    return client


def be_signed_in_since(minutes: int) -> None:
    Session.objects.update(started_at=timezone.now() - timedelta(minutes=minutes))


def is_changed() -> bool:
    return SecurityPolicy.objects.get().idle_minutes == 20


def test_a_fresh_sign_in_counts_as_proof(client: Client) -> None:
    be_signed_in_since(minutes=9)
    client.post(PAGE, FORM)
    assert is_changed()


def test_an_older_one_is_asked_and_nothing_happens_before(client: Client) -> None:
    answer = client.post(PAGE, FORM)
    assert answer.templates[0].name == "organisation/proof.html"
    assert not is_changed()


def test_the_form_comes_along(client: Client) -> None:
    """Every field, several values of one name too; never the proof itself."""
    given = FORM | {"extra": ["a", '"b"'], "csrfmiddlewaretoken": "t", "proof_code": "1"}
    page = client.post(PAGE, given)
    kept = dict.fromkeys(FORM) | {"extra": None}
    assert [name for name, _ in page.context["carried"]] == [*FORM, "extra", "extra"]
    assert set(kept) == {name for name, _ in page.context["carried"]}
    assert '<input type="hidden" name="extra" value="&quot;b&quot;">' in page.content.decode()


def test_the_password_is_proof_for_ten_minutes(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.post(PAGE, FORM | {"proof_password": PASSWORD})["Location"] == PAGE
    assert is_changed()
    assert acts("proof.accepted") == ["proof.accepted"]
    now = timezone.now()
    for minutes, status in ((9, 302), (10.1, 200)):
        later = now + timedelta(minutes=minutes)
        monkeypatch.setattr("django.utils.timezone.now", lambda later=later: later)
        assert client.post(PAGE, FORM).status_code == status


def test_a_wrong_password_is_no_proof(client: Client) -> None:
    answer = client.post(PAGE, FORM | {"proof_password": "wrong-horse-9"})
    assert answer.status_code == 422
    assert "密码不对，请重新输入。" in answer.content.decode()
    assert not is_changed()
    assert acts("proof.refused") == ["proof.refused"]


def test_guessing_is_throttled_together_with_signing_in(client: Client) -> None:
    for n in range(3):
        sign_in_from("127.0.0.1", "security_admin", f"wrong-horse-{n}")
    wrong = FORM | {"proof_password": "wrong-horse-9"}
    assert [client.post(PAGE, wrong).status_code for _ in range(2)] == [422, 429]
    assert client.post(PAGE, FORM | {"proof_password": PASSWORD}).status_code == 429
    assert not is_changed()


def test_who_has_an_authenticator_gives_its_code_as_well(world: World, client: Client) -> None:
    hold_phone(world.security_admin)
    form = FORM | {"proof_password": PASSWORD}
    assert client.post(PAGE, form).status_code == 422
    wrong = form | {"proof_code": f"{(int(code()) + 1) % 1_000_000:06d}"}
    assert client.post(PAGE, wrong).status_code == 422
    assert not is_changed()


def test_password_and_code_are_proof(world: World, client: Client) -> None:
    hold_phone(world.security_admin)
    client.post(PAGE, FORM | {"proof_password": PASSWORD, "proof_code": code()})
    assert is_changed()


def test_new_recovery_codes_ask_as_well(world: World, client: Client) -> None:
    codes = hold_phone(world.security_admin)
    asked = client.post("/account/recovery-codes/")
    assert asked.templates[0].name == "organisation/proof.html"
    proof = {"proof_password": PASSWORD, "proof_code": code()}
    shown = client.post("/account/recovery-codes/", proof)
    assert len(shown.context["codes"]) == 10
    assert not set(shown.context["codes"]) & set(codes)
