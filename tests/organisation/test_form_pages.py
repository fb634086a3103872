"""Form pages: what one has to know stands beside the form; the secret can be copied."""

import pytest
from django.test import Client

from tests.personas import World

PAGES = {
    "person, new": ("office", "/people/new/", "登记以后"),
    "person, corrected": ("office", "/people/{cadre}/edit/", "办理须知"),
    "posting": ("office", "/people/{cadre}/posting/", "办理须知"),
    "person, moved": ("office", "/people/{cadre}/move/", "调动以后"),
    "person, leaving": ("office", "/people/{cadre}/retire/", "离任以后"),
    "right, new": ("security_admin", "/people/{cadre}/grants/new/", "怎样授权"),
    "right, taken back": ("office", "/people/{cadre}/grants/{right}/revoke/", "收回以后"),
    "unit, new": ("office", "/units/new/", "办理须知"),
    "unit, changed": ("office", "/units/{unit}/edit/", "办理须知"),
    "unit, moved": ("office", "/units/{unit}/move/", "移动以后"),
    "unit, closed": ("office", "/units/{unit}/close/", "撤销以前"),
    "policy": ("security_admin", "/policy/", "不能改的规则"),
    "second factor": ("cadre", "/account/authenticator/", "常见问题"),
}


def aside(client: Client, address: str) -> str:
    page = client.get(address).content.decode()
    assert page.count("<form") >= 1
    return page.partition("<aside")[2].partition("</aside>")[0]


@pytest.mark.parametrize(("persona", "address", "title"), PAGES.values(), ids=PAGES)
def test_beside_the_form_stands_what_one_has_to_know(
    world: World, persona: str, address: str, title: str
) -> None:
    right = world.cadre.grants.get().pk
    found = address.format(cadre=world.cadre.pk, unit=world.unit.pk, right=right)
    beside = aside(world.client(getattr(world, persona)), found)
    assert f'<h2 class="card-title">{title}</h2>' in beside
    assert beside.count("<li>") + beside.count("<dt>") >= 2


def test_who_gives_a_right_sees_those_there_are(world: World) -> None:
    beside = aside(world.client(world.office), f"/people/{world.liaison.pk}/grants/new/")
    assert "<b>联络员</b> 东阿县住建局" in beside


def test_the_secret_is_plain_text_with_a_button_that_only_the_script_shows(world: World) -> None:
    client = world.client(world.cadre)
    page = client.post("/account/authenticator/", {"begin": "1"}, follow=True)
    if "proof_password" in page.content.decode():
        page = client.post(
            "/account/authenticator/",
            {"begin": "1", "proof_password": "correct-horse-9"},
            follow=True,
        )
    shown = page.content.decode()
    groups = page.context["groups"]
    spans = " ".join(f"<span>{group}</span>" for group in groups)
    assert (len(groups), f'id="secret">{spans} </span>' in shown) == (8, True)
    assert 'data-copy="secret" hidden>复制密钥</button>' in shown
    assert "js/copy" in shown
