"""Signing in and out."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from core.hashers import hash_of_initial
from core.models import AuditEntry
from organisation.models import SecurityPolicy, User
from tests.organisation.sign_in import WRONG, acts, is_signed_in, sign_in, sign_in_from
from tests.personas import PASSWORD, World


def visible_text(response: object) -> str:
    """The page without what differs by request: the token and the name that was typed."""
    page = response.content.decode()
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)
    return re.sub(r'value="[^"]*"', "", page)


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


### The same answer and the same work, whoever is asked for (AU08)


class CountingHasher(MD5PasswordHasher):
    """Notes each run, since the runs are what takes time."""

    runs: Counter[str] = Counter()

    def encode(self, password: str, salt: str, **others: object) -> str:
        self.runs["runs"] += 1
        return super().encode(password, salt)


@pytest.fixture
def hasher_runs(settings: Settings) -> Iterator[Counter[str]]:
    settings.PASSWORD_HASHERS = [
        f"{__name__}.CountingHasher",
        "core.hashers.InitialPasswordHasher",
    ]
    CountingHasher.runs.clear()
    yield CountingHasher.runs
    CountingHasher.runs.clear()


def people_of_every_kind(world: World) -> list[str]:
    """Known, unknown, disabled, with an initial password that is over, with one of an import."""
    User.objects.filter(pk=world.colleague.pk).update(is_active=False)
    User.objects.filter(pk=world.deputy.pk).update(
        password_is_initial=True, password_set_at=timezone.now() - timedelta(days=15)
    )
    User.objects.filter(pk=world.head.pk).update(password=hash_of_initial("k7mp-3xtw-9fhq-2bnd"))
    return ["cadre", "nobody", "colleague", "deputy", "head"]


@pytest.mark.parametrize("password", ["wrong-horse-9", PASSWORD])
def test_each_kind_of_refusal_costs_the_same_and_reads_the_same(
    world: World, hasher_runs: Counter[str], password: str
) -> None:
    names = people_of_every_kind(world)[1 if password == PASSWORD else 0 :]
    work, answers = {}, set()
    for name in names:
        hasher_runs.clear()
        answer = sign_in(Client(), name, password)
        work[name] = hasher_runs["runs"]
        answers.add((answer.status_code, visible_text(answer)))
    assert work == dict.fromkeys(names, 1)
    assert len(answers) == 1
    assert WRONG in answers.pop()[1]


def test_a_closed_pair_costs_and_reads_the_same_for_every_name(
    world: World, hasher_runs: Counter[str]
) -> None:
    names = people_of_every_kind(world)
    for name in names * 5:
        sign_in_from("10.9.8.7", name, "wrong-horse-9")
    hasher_runs.clear()
    answers = [sign_in_from("10.9.8.7", name, PASSWORD) for name in names]
    assert [answer.status_code for answer in answers] == [429] * 5
    assert len({visible_text(answer) for answer in answers}) == 1
    assert hasher_runs["runs"] == 0


### First sign-in (AU04)


def test_an_initial_password_is_good_for_its_days_only(world: World, client: Client) -> None:
    days = SecurityPolicy.objects.in_force().initial_password_days
    passed = timezone.now() - timedelta(days=days)
    people = User.objects.filter(pk=world.cadre.pk)
    people.update(password_is_initial=True, password_set_at=passed)
    assert WRONG in sign_in(client, "cadre", PASSWORD).content.decode()
    people.update(password_set_at=passed + timedelta(minutes=1))
    assert sign_in(client, "cadre", PASSWORD).status_code == 302


def test_one_s_own_password_is_good_however_old(world: World, client: Client) -> None:
    passed = timezone.now() - timedelta(days=900)
    User.objects.filter(pk=world.cadre.pk).update(password_set_at=passed)
    assert sign_in(client, "cadre", PASSWORD).status_code == 302


### What is written down


def test_the_trail_knows_who_was_in_and_who_was_refused(world: World) -> None:
    sign_in_from("10.1.2.3", "cadre", "wrong-horse-9")
    sign_in_from("10.1.2.3", "cadre", PASSWORD)
    refused, accepted = AuditEntry.objects.filter(act__startswith="login.").order_by("pk")
    subject = f"organisation.User:{world.cadre.pk}"
    assert (refused.act, refused.subject, refused.actor_id) == ("login.refused", subject, None)
    assert refused.detail == {"address": "10.1.2.3", "step": "password", "locked": False}
    assert (accepted.act, accepted.subject) == ("login.accepted", subject)
    assert (accepted.address, accepted.detail) == ("10.1.2.3", {"by": "password"})


def test_a_name_that_nobody_has_is_written_nowhere(world: World, caplog: object) -> None:
    """Somebody in a hurry types the password where the name belongs."""
    for _ in range(6):
        sign_in_from("10.1.2.3", "correct-horse-9-typed-early", "x")
    rows = AuditEntry.objects.filter(act="login.refused")
    assert [row.detail["locked"] for row in rows.order_by("pk")] == [False] * 4 + [True]
    kept = [str(row.__dict__) for row in rows] + [caplog.text]
    assert [text for text in kept if "typed-early" in text] == []


def test_signing_out_is_written_down_and_clears_the_browser(world: World) -> None:
    client = world.client(world.cadre)
    answer = client.post("/logout/")
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert acts("logout") == ["logout"]
