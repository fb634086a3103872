"""The pages of problem items: who gets in, what a post may change, what they say and cost."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from issues.choices import State
from issues.models import Issue
from issues.queries import shown_hash
from issues.workflow import MOVES, label_of
from organisation.models import Session, User
from tests.issues.conftest import NOTE, WAY, brought_to, people, prove, take
from tests.personas import ADMINISTRATORS, PASSWORD, World

ALL = [
    *("cadre", "colleague", "head", "deputy", "other_head", "office", "city_office", "discipline"),
    *("organisation", "leader", "city_leader", "stranger_office", "liaison"),
    *ADMINISTRATORS,
]
OFFICES = {"office", "city_office"}
SEES_SUBMITTED = {"cadre", "liaison", "head", "deputy", "discipline", *OFFICES}
MAY = {  # after which step, which move, by whom alone
    (None, "submit"): {"cadre"},
    (None, "withdraw"): {"cadre"},
    ("submit", "withdraw"): {"cadre"},
    ("submit", "confirm"): {"head", "deputy"},
    ("submit", "return"): {"head", "deputy"},
    ("confirm", "file"): OFFICES,
    ("confirm", "office_return"): OFFICES,
    ("file", "apply"): {"cadre"},
    ("apply", "unit_sign"): {"head", "deputy"},
    ("apply", "unit_refuse"): {"head", "deputy"},
    ("unit_sign", "sign_off"): {"discipline"},
    ("unit_sign", "refuse"): {"discipline"},
    ("sign_off", "consolidate"): {"discipline"},
    ("sign_off", "relapse"): {"discipline"},
}
XSS = "<script>alert(1)</script><b title='"


def path(issue: Issue, rest: str = "") -> str:
    return f"/issues/{issue.pk}/{rest}"


def statuses(world: World, address: str) -> dict[str, int]:
    return {name: world.client(who).get(address).status_code for name, who in people(world).items()}


def expected(allowed: set[str], otherwise: int = 404) -> dict[str, int]:
    refused = dict.fromkeys(ADMINISTRATORS, 403)
    return {name: 200 if name in allowed else otherwise for name in ALL} | refused


def post_move(browser: Client, issue: Issue, name: str, **changes: object) -> object:
    later = timezone.localdate() + timedelta(days=20)
    fields = {"note": NOTE, "due_on": later, "seen_hash": shown_hash(issue)} | changes
    return browser.post(path(issue, f"moves/{name}/"), fields)


def said(answer: object) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


# --- who gets in --------------------------------------------------------------


def test_a_draft_is_found_by_its_author_alone(world: World) -> None:
    assert statuses(world, path(world.issue())) == expected({"cadre"})


def test_a_submitted_item_is_found_by_its_reviewers_alone(world: World) -> None:
    assert statuses(world, path(brought_to(world, "submit"))) == expected(SEES_SUBMITTED)


def test_a_draft_is_edited_by_its_author_alone(world: World) -> None:
    assert statuses(world, path(world.issue(), "edit/")) == expected({"cadre"})


def test_a_submitted_item_is_edited_by_nobody(world: World) -> None:
    found = statuses(world, path(brought_to(world, "submit"), "edit/"))
    assert found == {name: 403 if name in SEES_SUBMITTED | ADMINISTRATORS else 404 for name in ALL}


def test_everybody_but_administrators_may_write(world: World) -> None:
    assert statuses(world, "/issues/new/") == expected(set(ALL) - ADMINISTRATORS)


def test_the_ledger_shows_each_person_only_theirs(world: World) -> None:
    issue, draft = brought_to(world, "submit"), world.issue(world.colleague)
    shown = people(world)
    for name in ADMINISTRATORS:
        assert world.client(shown.pop(name)).get("/issues/").status_code == 403
    for name, who in shown.items():
        answer = world.client(who).get("/issues/")
        visible = [issue] if name in SEES_SUBMITTED else [draft] if name == "colleague" else []
        assert (answer.status_code, list(answer.context["page"])) == (200, visible), name


@pytest.mark.parametrize("address", ["/issues/", "/issues/new/", "/issues/1/"])
def test_who_is_not_signed_in_is_asked_to(client: Client, db: None, address: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer["Location"]) == (302, f"/login/?next={address}")


@pytest.mark.parametrize("address", ["moves/submit/", "evidence/"])
def test_acts_are_posts(world: World, address: str) -> None:
    assert world.client(world.cadre).get(path(world.issue(), address)).status_code == 405


# --- moves --------------------------------------------------------------------


@pytest.mark.parametrize("until", [None, *WAY])
def test_the_post_of_every_move_by_every_wrong_person_changes_nothing(
    world: World, until: str | None
) -> None:
    issue = brought_to(world, until) if until else world.issue()
    before = Issue.objects.values().get(pk=issue.pk)
    events = issue.events.count()
    seen = set() if until is None else SEES_SUBMITTED
    for name, who in people(world).items():
        browser = world.client(who)
        for move in {each.name for each in MOVES}:
            if name in MAY.get((until, move), ()):
                continue
            status = post_move(browser, issue, move).status_code
            if name in ADMINISTRATORS:
                assert status == 403, (name, move)
                continue
            assert status in ({403, 422} if name in seen | {"cadre"} else {404}), (name, move)
    assert Issue.objects.values().get(pk=issue.pk) == before
    assert issue.events.count() == events


@pytest.mark.parametrize(
    ("until", "move", "name"),
    [(*way, name) for way, names in MAY.items() for name in sorted(names)],
)
def test_the_right_person_takes_the_step(
    world: World, until: str | None, move: str, name: str
) -> None:
    """Control of the test above: these posts do change the item."""
    issue = brought_to(world, until) if until else world.issue()
    if move == "apply":
        prove(issue, world.cadre)
    elif move == "consolidate":
        world.a_month_on(issue)
    before = issue.state
    answer = post_move(world.client(getattr(world, name)), issue, move)
    issue.refresh_from_db()
    assert issue.state != before
    assert said(answer) == [f"已{label_of(move)}。"]


def test_the_buttons_are_those_that_work(world: World) -> None:
    for until in [None, *WAY]:
        issue = brought_to(world, until) if until else world.issue()
        if until == "sign_off":
            world.a_month_on(issue)
        for name, who in people(world).items():
            answer = world.client(who).get(path(issue))
            if answer.status_code == 200:
                shown = {move.name for move in answer.context["moves"]}
                assert shown == {m for (u, m), who_may in MAY.items() if u == until and
                                 name in who_may}  # fmt: skip


def signed_in_long_ago(world: World, name: str) -> Client:
    browser = world.client(getattr(world, name))
    Session.objects.update(started_at=timezone.now() - timedelta(hours=1))
    return browser


def test_signing_off_asks_who_is_there_and_carries_the_note_along(world: World) -> None:
    issue = brought_to(world, "unit_sign")
    browser = signed_in_long_ago(world, "discipline")
    asked = post_move(browser, issue, "sign_off")
    assert "确认是您本人" in asked.content.decode()
    assert ("note", NOTE) in asked.context["carried"]
    issue.refresh_from_db()
    assert issue.state == State.UNIT_SIGNED
    wrong = post_move(browser, issue, "sign_off", proof_password="wrong")
    assert wrong.status_code == 422
    post_move(browser, issue, "sign_off", proof_password=PASSWORD)
    issue.refresh_from_db()
    assert issue.state == State.CLOSED


def test_who_signed_in_just_now_is_not_asked_again(world: World, settings: Settings) -> None:
    """Control of the test above: with a proof that lasts, nothing is asked."""
    settings.PROOF_SECONDS = 2 * 3600
    issue = brought_to(world, "unit_sign")
    post_move(signed_in_long_ago(world, "discipline"), issue, "sign_off")
    issue.refresh_from_db()
    assert issue.state == State.CLOSED


def test_other_steps_ask_nothing(world: World) -> None:
    issue = brought_to(world, "submit")
    post_move(signed_in_long_ago(world, "head"), issue, "confirm")
    issue.refresh_from_db()
    assert issue.state == State.CONFIRMED


def test_a_step_on_an_outdated_page_says_so(world: World) -> None:
    issue = brought_to(world, "submit")
    answer = post_move(world.client(world.head), issue, "confirm", seen_hash="0" * 64)
    assert said(answer) == ["这个问题刚刚被别人更新了，您看到的不是最新内容。请刷新页面后再操作。"]
    issue.refresh_from_db()
    assert issue.state == State.SUBMITTED


def test_a_step_without_what_was_seen_is_refused(world: World) -> None:
    issue = brought_to(world, "submit")
    answer = world.client(world.head).post(path(issue, "moves/confirm/"))
    assert said(answer) == ["提交的内容不完整，请刷新页面后再试。"]


def test_an_unknown_step_changes_nothing(world: World) -> None:
    issue = world.issue()
    assert post_move(world.client(world.cadre), issue, "close-now").status_code == 422
    issue.refresh_from_db()
    assert issue.state == State.DRAFT


# --- what the pages say and cost ----------------------------------------------


def test_what_people_type_is_text_on_every_page(world: World) -> None:
    issue = world.issue(title=XSS, event=XSS, place=XSS, measures=XSS)
    take(world, issue, "submit")
    world.move(issue, "return", world.head, XSS)
    browser = world.client(world.cadre)
    for address in ("/", "/issues/", path(issue), path(issue, "edit/"), "/inbox/"):
        page = browser.get(address, follow=True).content.decode()
        assert "<script>alert" not in page, address
        assert "<b title='" not in page, address
        assert "&lt;script&gt;alert(1)" in page, address


@pytest.mark.parametrize("number", [1, 3])
def test_the_detail_page_costs_the_same_for_one_and_three(
    world: World, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    issue = brought_to(world, "file")
    for shade in range(number):
        prove(issue, world.cadre, shade)
    browser = world.client(world.cadre)
    with django_assert_num_queries(18):
        answer = browser.get(path(issue))
    assert len(answer.context["evidence"]) == number


def test_the_ledger_goes_on_over_pages(world: World, settings: object) -> None:
    settings.PAGE_SIZE = 2
    issues = [world.issue() for _ in range(5)]
    browser, address, seen = world.client(world.cadre), "/issues/", []
    while address:
        page = browser.get(address).context["page"]
        seen += list(page)
        address = f"/issues/{page.following}" if page.following else ""
    assert seen == issues[::-1]


def test_a_page_for_somebody_with_nothing_says_what_to_do(world: World) -> None:
    page = world.client(world.colleague).get("/issues/").content.decode()
    assert "还没有问题" in page
    assert "对照作风十弊" in page
    admin = world.client(world.system_admin).get("/issues/").content.decode()
    assert "写一个问题" not in admin


def test_people_are_complete(world: World) -> None:
    """A persona added later must be placed in the tables above."""
    assert set(people(world)) == set(ALL)
    assert all(isinstance(who, User) for who in people(world).values())


def test_who_gets_an_item_back_sees_why_where_it_is_mended(world: World) -> None:
    issue = brought_to(world, "submit")
    world.move(issue, "return", world.head, "第二句看不出是哪一天，请补上。")
    browser = world.client(world.cadre)
    for address in (f"/issues/{issue.pk}/", f"/issues/{issue.pk}/edit/"):
        assert "第二句看不出是哪一天，请补上。" in browser.get(address).text, address
    for address in ("/issues/", "/issues/?waiting=on", "/", f"/issues/{issue.pk}/"):
        assert "退回修改" in browser.get(address).text, address
    world.move(issue, "submit", world.cadre)
    assert "退回修改" not in browser.get("/issues/").text


def test_a_draft_that_never_left_was_not_sent_back(world: World) -> None:
    issue = world.issue()
    browser = world.client(world.cadre)
    for address in ("/issues/", f"/issues/{issue.pk}/", f"/issues/{issue.pk}/edit/"):
        assert "退回" not in browser.get(address).text, address
