"""What a password must be, and how it is changed (AU01 to AU04)."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from pytest_django.fixtures import Settings

from organisation.models import UsedPassword, User
from organisation.passwords import READABLE, new_initial_password
from tests.organisation.sign_in import acts, is_signed_in, rule, sign_in
from tests.personas import PASSWORD, World

NEW = "quiet-river-stone"
PAGE = "/account/password/"


def faults(password: str, user: User | None = None) -> int:
    try:
        validate_password(password, user)
    except ValidationError as error:
        return len(error.messages)
    return 0


def change(world: World, new: str = NEW, old: str = PASSWORD, again: str = "") -> object:
    world.cadre.refresh_from_db()  # else the sign-in would belong to the password before
    form = {"old": old, "new": new, "again": again or new}
    return world.client(world.cadre).post(PAGE, form)


@pytest.mark.parametrize(
    "password",
    [
        "tree lamp w",
        "  spaces around kept  ",
        "青山绿水一条小路弯弯",
        "Vq7#" * 32,
        "k7mp-3xtw-9fhq",
    ],
)
def test_good_ones(world: World, password: str) -> None:
    assert faults(password, world.cadre) == 0


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("tree lamp", "密码太短"),
        ("Vq7#" * 32 + "x", "密码最长 128 个字符"),
        ("1qaz2wsx3edc", "太常见"),
        ("bianfang-tree-lamp", "「bianfang」"),
        ("tree-ZuoFeng-lamp", "「zuofeng」"),
        ("东阿县住建局 2026 年", "「东阿县住建局」"),
        ("东阿 tree lamp", "「东阿」"),
        ("qwertyuiop12345", "连号、键盘连排"),
        ("aaaaaaaaaaaabbbb", "连号、键盘连排"),
        ("fdsa4321zzzzzzz", "连号、键盘连排"),
        ("colleague2026", "登录名或姓名"),
    ],
)
def test_bad_ones(world: World, password: str, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        validate_password(password, world.colleague)


def test_names_of_the_place_come_from_the_settings(world: World, settings: Settings) -> None:
    assert faults("donge-tree-lamp", world.cadre) == 0
    settings.PASSWORD_WORDS = ["donge"]
    assert faults("DongE-tree-lamp", world.cadre) == 1


def test_complexity_is_a_switch(world: World) -> None:
    assert faults("tree lamp window", world.cadre) == 0
    rule(complexity=True)
    assert faults("tree lamp window", world.cadre) == 1
    assert faults("Tree lamp window", world.cadre) == 0


def test_initial_passwords_are_random_and_readable() -> None:
    made = {new_initial_password() for _ in range(200)}
    assert len(made) == 200
    assert len(READABLE) == 32
    assert not set("0O1lI") & set("".join(made))
    assert all(re.fullmatch(rf"[{READABLE}]{{4}}(-[{READABLE}]{{4}}){{2}}", each) for each in made)


### Changing it


def test_a_change_asks_for_the_old_one(world: World) -> None:
    assert change(world, old="wrong-horse-9").status_code == 422
    assert User.objects.get(pk=world.cadre.pk).check_password(PASSWORD)
    assert change(world).status_code == 302
    assert User.objects.get(pk=world.cadre.pk).check_password(NEW)
    assert acts("accounts.change_password") == ["accounts.change_password"]


def test_guessing_the_old_one_is_throttled_like_signing_in(world: World) -> None:
    statuses = [change(world, old=f"wrong-horse-{n}").status_code for n in range(5)]
    assert statuses == [422] * 4 + [429]
    assert change(world).status_code == 429


@pytest.mark.parametrize(
    ("new", "again", "why"),
    [
        (NEW, "quiet-river-stoned", "两遍输入的新密码不一样"),
        (PASSWORD, "", "新密码与现在的相同"),
        ("short", "", "密码太短，至少要 10 个字符"),
    ],
)
def test_a_change_that_is_refused_says_why(world: World, new: str, again: str, why: str) -> None:
    answer = change(world, new, again=again)
    assert answer.status_code == 422
    assert why in answer.content.decode()


def test_the_new_one_is_taken_unaltered(world: World) -> None:
    new = "  quiet river stone  "
    change(world, new)
    assert sign_in(world.client(world.head), "cadre", new).status_code == 302
    user = User.objects.get(pk=world.cadre.pk)
    assert (user.check_password(new), user.check_password(new.strip())) == (True, False)


def test_the_fields_help_password_managers(world: World) -> None:
    page = world.client(world.cadre).get(PAGE).content.decode()
    assert re.findall(r'name="(\w+)" autocomplete="([\w-]+)"', page) == [
        ("old", "current-password"),
        ("new", "new-password"),
        ("again", "new-password"),
    ]
    assert "onpaste" not in page
    assert "maxlength" not in page


### The first and the old one lead to the change


def test_an_initial_password_is_changed_before_anything_else(world: World) -> None:
    User.objects.filter(pk=world.cadre.pk).update(password_is_initial=True)
    client = world.client(world.cadre)
    for page in ("/inbox/", "/", "/account/", "/account/authenticator/"):
        assert client.get(page)["Location"] == PAGE
    client.post(PAGE, {"old": PASSWORD, "new": NEW, "again": NEW})
    assert is_signed_in(client)
    assert User.objects.get(pk=world.cadre.pk).password_is_initial is False


def test_the_way_out_is_open_before_the_change(world: World) -> None:
    User.objects.filter(pk=world.cadre.pk).update(password_is_initial=True)
    assert world.client(world.cadre).post("/logout/")["Location"] == "/login/"


def test_rotation_is_a_switch(world: World) -> None:
    User.objects.update(password_set_at=timezone.now() - timedelta(days=90))
    client = world.client(world.cadre)
    assert is_signed_in(client)
    rule(password_days=91)
    assert is_signed_in(client)
    rule(password_days=90)
    assert client.get("/inbox/")["Location"] == PAGE


def test_history_is_a_switch(world: World) -> None:
    """Off: nothing is kept, and the last but one may come back."""
    words = ["quiet-river-stone", "amber-cloud-table", "silver-fern-bridge"]

    def take(old: str, new: str) -> int:
        return change(world, new, old=old).status_code

    assert [take(PASSWORD, words[0]), take(words[0], PASSWORD)] == [302, 302]
    assert UsedPassword.objects.count() == 0
    rule(password_history=3)
    assert [take(PASSWORD, words[0]), take(words[0], words[1])] == [302, 302]
    assert take(words[1], PASSWORD) == 422
    assert take(words[1], words[2]) == 302
    assert take(words[2], PASSWORD) == 302
    assert UsedPassword.objects.count() == 3
