"""Signing in and out."""

import re

import pytest
from django.test import Client

from organisation.models import User
from tests.personas import PASSWORD, World

WRONG = "用户名或密码不对，或初始密码已过期。请检查后重试；忘记密码请找本单位联络员。"


def sign_in(client: Client, username: str, password: str, **more: str) -> object:
    return client.post("/login/", {"username": username, "password": password, **more})


def visible_text(response: object) -> str:
    """The page without what differs by request: the token and the name that was typed."""
    page = response.content.decode()
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)
    return re.sub(r'value="[^"]*"', "", page)


def is_signed_in(client: Client) -> bool:
    return client.get("/inbox/").status_code == 200


def test_right_password_goes_home(world: World, client: Client) -> None:
    response = sign_in(client, "cadre", PASSWORD)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert is_signed_in(client)


def test_wrong_unknown_and_disabled_get_the_same_answer(world: World, client: Client) -> None:
    User.objects.filter(pk=world.colleague.pk).update(is_active=False)
    answers = [
        sign_in(client, "cadre", "wrong-horse-9"),
        sign_in(client, "nobody", PASSWORD),
        sign_in(client, "colleague", PASSWORD),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len({visible_text(answer) for answer in answers}) == 1
    assert WRONG in visible_text(answers[0])
    assert not is_signed_in(client)


def test_a_password_is_never_shown_again(world: World, client: Client) -> None:
    assert "wrong-horse-9" not in sign_in(client, "cadre", "wrong-horse-9").content.decode()


def test_a_person_disabled_while_signed_in_is_out(world: World) -> None:
    client = world.client(world.cadre)
    assert is_signed_in(client)
    User.objects.filter(pk=world.cadre.pk).update(is_active=False)
    assert not is_signed_in(client)


def test_the_way_back_is_kept_when_it_is_ours(world: World, client: Client) -> None:
    assert client.get("/issues/?state=draft")["Location"] == "/login/?next=/issues/%3Fstate%3Ddraft"
    shown = client.get("/login/?next=/issues/").content.decode()
    assert '<input type="hidden" name="next" value="/issues/">' in shown
    assert sign_in(client, "cadre", PASSWORD, next="/issues/")["Location"] == "/issues/"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "///evil.example",
        "javascript:alert(1)",
        "http:///evil.example",
        "\\\\evil.example",
        "/\\evil.example",
    ],
)
def test_the_way_back_never_leaves_the_site(world: World, client: Client, target: str) -> None:
    assert sign_in(client, "cadre", PASSWORD, next=target)["Location"] == "/"


def test_signing_in_changes_the_session(world: World, client: Client) -> None:
    """A session made before the sign-in must not become the signed-in one."""
    client.cookies["sessionid"] = "planted"
    sign_in(client, "cadre", PASSWORD)
    assert client.cookies["sessionid"].value != "planted"
    assert client.cookies["sessionid"]["httponly"] is True


def test_someone_signed_in_goes_home(world: World) -> None:
    response = world.client(world.cadre).get("/login/")
    assert (response.status_code, response["Location"]) == (302, "/")


def test_sign_out_by_post_only(world: World) -> None:
    client = world.client(world.cadre)
    assert client.get("/logout/").status_code == 405
    assert is_signed_in(client)
    assert client.post("/logout/")["Location"] == "/login/"
    assert not is_signed_in(client)


def test_forms_need_their_token(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    assert sign_in(client, "cadre", PASSWORD).status_code == 403
    client.force_login(world.cadre)
    assert client.post("/logout/").status_code == 403
