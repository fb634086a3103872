"""Sign-ins: begun under a new key, ended on the server, listed (SE01 to SE04)."""

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.test import Client
from django.utils import timezone

from organisation.models import Session, User
from organisation.services.accounts import disable_account, enable_account, reset_password
from organisation.services.sessions import end_sessions, forget_old
from organisation.sessions import SessionStore, agent_label
from tests.organisation.sign_in import acts, is_signed_in, rule, sign_in
from tests.personas import PASSWORD, World

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36"


def make_older(**age: float) -> None:
    """As if every sign-in had begun, and was last used, so long ago."""
    then = timezone.now() - timedelta(**age)
    Session.objects.update(started_at=then, seen_at=then)


def test_signing_in_makes_a_row_that_its_owner_recognises(world: World) -> None:
    client = Client(REMOTE_ADDR="10.1.2.3", HTTP_USER_AGENT=CHROME)
    sign_in(client, "cadre", PASSWORD)
    row = Session.objects.get(user=world.cadre)
    assert (row.address, row.agent) == ("10.1.2.3", "Chrome · Windows")
    assert row.session_key == client.cookies["sessionid"].value


def test_a_key_from_before_is_worth_nothing(world: World, client: Client) -> None:
    planted = SessionStore()
    planted["seen"] = "before"
    planted.create()
    client.cookies["sessionid"] = planted.session_key
    sign_in(client, "cadre", PASSWORD)
    assert client.cookies["sessionid"].value != planted.session_key
    other = Client()
    other.cookies["sessionid"] = planted.session_key
    assert not is_signed_in(other)


def test_signing_out_ends_it_on_the_server(world: World) -> None:
    client = world.client(world.cadre)
    key = client.cookies["sessionid"].value
    client.post("/logout/")
    assert not Session.objects.filter(pk=key).exists()
    client.cookies["sessionid"] = key
    assert not is_signed_in(client)


### Two limits


@pytest.mark.parametrize(("minutes", "goes_on"), [(29, True), (30, False)])
def test_the_idle_limit(world: World, minutes: int, goes_on: bool) -> None:
    client = world.client(world.cadre)
    Session.objects.update(seen_at=timezone.now() - timedelta(minutes=minutes))
    assert is_signed_in(client) is goes_on


@pytest.mark.parametrize(("hours", "goes_on"), [(11.9, True), (12, False)])
def test_the_limit_of_one_sign_in(world: World, hours: float, goes_on: bool) -> None:
    client = world.client(world.cadre)
    Session.objects.update(started_at=timezone.now() - timedelta(hours=hours))
    assert is_signed_in(client) is goes_on


def test_the_limits_are_those_of_the_policy(world: World) -> None:
    client = world.client(world.cadre)
    make_older(minutes=40)
    rule(idle_minutes=60)
    assert is_signed_in(client)
    make_older(hours=2)
    rule(idle_minutes=240, session_hours=1)
    assert not is_signed_in(client)


def test_what_is_over_is_gone_on_the_server(world: World) -> None:
    client = world.client(world.cadre)
    make_older(minutes=30)
    client.get("/inbox/")
    assert not Session.objects.filter(user=world.cadre).exists()
    assert acts("logout") == ["logout"]


def test_the_login_page_says_why_and_leads_back(world: World) -> None:
    client = world.client(world.cadre)
    make_older(minutes=30)
    answer = client.get("/issues/?state=draft")
    assert answer["Location"] == "/login/?why=idle&next=%2Fissues%2F%3Fstate%3Ddraft"
    page = client.get(answer["Location"]).content.decode()
    assert "已有 30 分钟没有操作，为安全起见已退出" in page
    back = sign_in(client, "cadre", PASSWORD, next="/issues/?state=draft")
    assert back["Location"] == "/issues/?state=draft"


def test_a_form_leads_back_to_its_page_and_never_elsewhere(world: World) -> None:
    client = world.client(world.cadre)
    make_older(minutes=30)
    page = "http://testserver/issues/new/"
    answer = client.post("/inbox/read-all/", headers={"Referer": page})
    assert answer["Location"] == "/login/?why=idle&next=%2Fissues%2Fnew%2F"
    client = world.client(world.cadre)
    make_older(minutes=30)
    answer = client.post("/inbox/read-all/", headers={"Referer": "https://evil.example/x"})
    assert answer["Location"] == "/login/?why=idle"


def test_a_fragment_takes_the_whole_page_to_the_login(world: World) -> None:
    client = world.client(world.cadre)
    make_older(minutes=30)
    current = {"HX-Request": "true", "HX-Current-URL": "http://testserver/issues/"}
    answer = client.get("/inbox/", headers=current)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["HX-Redirect"] == "/login/?why=idle&next=%2Fissues%2F"


def test_last_used_is_written_once_a_minute(world: World) -> None:
    client = world.client(world.cadre)
    for seconds, is_written in ((50, False), (60, True)):
        then = timezone.now() - timedelta(seconds=seconds)
        Session.objects.update(seen_at=then)
        client.get("/inbox/")
        assert (Session.objects.get(user=world.cadre).seen_at > then) is is_written


def test_a_page_that_asks_by_itself_keeps_nobody_in(world: World) -> None:
    client = world.client(world.cadre)
    make_older(minutes=20)
    before = Session.objects.get().seen_at
    client.get("/jobs/00000000-0000-0000-0000-000000000000/")
    assert Session.objects.get().seen_at == before


### Ended by somebody


def test_a_new_password_ends_all_others(world: World) -> None:
    here, elsewhere = world.client(world.cadre), world.client(world.cadre)
    new = "quiet-river-stone"
    form = {"old": PASSWORD, "new": new, "again": new}
    started = Session.objects.get(pk=here.cookies["sessionid"].value).started_at
    assert here.post("/account/password/", form).status_code == 302
    assert Session.objects.filter(user=world.cadre).count() == 1
    assert is_signed_in(here)
    assert not is_signed_in(elsewhere)
    assert Session.objects.get(user=world.cadre).started_at == started


def test_one_and_all_others_are_ended_from_the_account_page(world: World) -> None:
    here, phone, office = (world.client(world.cadre) for _ in range(3))
    key = phone.cookies["sessionid"].value
    reference = Session.objects.get(pk=key).reference
    assert key not in here.get("/account/").content.decode()
    here.post(f"/account/sessions/{reference}/end/")
    assert [is_signed_in(each) for each in (here, phone, office)] == [True, False, True]
    here.post("/account/sessions/end-others/")
    assert [is_signed_in(each) for each in (here, office)] == [True, False]


def test_nobody_ends_another_s(world: World) -> None:
    other = world.client(world.colleague)
    reference = Session.objects.get().reference
    answer = world.client(world.cadre).post(f"/account/sessions/{reference}/end/")
    assert answer.status_code == 404
    assert is_signed_in(other)


def test_a_disabled_person_is_out_with_the_next_request(world: World) -> None:
    client = world.client(world.cadre)
    disable_account(user=world.cadre, actor=world.system_admin)
    assert not is_signed_in(client)
    assert sign_in(client, "cadre", PASSWORD).status_code == 200
    enable_account(user=world.cadre, actor=world.system_admin)
    assert sign_in(client, "cadre", PASSWORD).status_code == 302
    assert acts("accounts.disable", "accounts.enable") == ["accounts.disable", "accounts.enable"]


def test_a_reset_password_ends_what_runs(world: World) -> None:
    client = world.client(world.cadre)
    reset_password(user=world.cadre, actor=world.system_admin)
    assert not is_signed_in(client)


def test_the_administrator_ends_a_person_s_sign_ins(world: World) -> None:
    clients = [world.client(world.cadre), world.client(world.cadre)]
    bystander = world.client(world.colleague)
    assert end_sessions(user=world.cadre, actor=world.system_admin) == 2
    assert [is_signed_in(each) for each in (*clients, bystander)] == [False, False, True]


def test_a_sign_in_ended_while_a_request_runs_does_not_come_back(world: World) -> None:
    client = world.client(world.cadre)
    store = SessionStore(client.cookies["sessionid"].value)
    store["late"] = 1
    end_sessions(user=world.cadre, actor=None)
    with pytest.raises(UpdateError):
        store.save()
    assert not Session.objects.exists()


def test_what_is_over_is_deleted_daily(world: World) -> None:
    world.client(world.cadre)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    forget_old()
    assert Session.objects.count() == 0


@pytest.mark.parametrize(
    ("agent", "label"),
    [
        (CHROME, "Chrome · Windows"),
        (f"{CHROME} Edg/126.0", "Edge · Windows"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/1 Mobile MicroMessenger/8", "微信 · 安卓手机"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Safari/604", "Safari · iPhone"),
        ("", "浏览器"),
    ],
)
def test_short_names_of_browsers(agent: str, label: str) -> None:
    assert agent_label(agent) == label


def test_the_page_costs_one_query_for_the_policy(
    world: World, django_assert_num_queries: object
) -> None:
    """Session, person, policy; the rest is the inbox and the frame."""
    client = world.client(world.cadre)
    with django_assert_num_queries(7) as asked:
        client.get("/inbox/")
    assert len([q for q in asked if "securitypolicy" in q["sql"]]) == 1


def test_people_keep_their_row_when_they_are_anonymous(world: World, client: Client) -> None:
    client.get("/login/")
    assert Session.objects.count() == 0
    assert User.objects.filter(sessions=None).count() == User.objects.count()
