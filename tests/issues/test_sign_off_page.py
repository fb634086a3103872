"""The page on which is signed, and the page of a signature: what they show and what they bind."""

import pytest
from django.core.files.base import ContentFile
from pytest_django import DjangoAssertNumQueries

from issues.choices import State
from issues.models import Issue, SignOff
from issues.queries import content_hash, shown_hash
from issues.queries.signed import Seen, checked
from issues.services import rewrite_issue
from tests.issues.conftest import brought_to, prove, put_in, take
from tests.issues.slips import raised
from tests.issues.test_views import SEES_SUBMITTED, expected, path, said, statuses
from tests.personas import ADMINISTRATORS, World


def signed_from_page(world: World, issue: Issue) -> object:
    """Open the page and post its form as it stands there; returns a function that posts it."""
    browser = world.client(world.discipline)
    page = browser.get(path(issue, "sign-off/")).context
    fields = {"note": "现场看过。", "seen_hash": page["seen_hash"], "seen": str(page["seen"])}
    return lambda: browser.post(path(issue, "moves/sign_off/"), fields, follow=True)


def signed_after(world: World, issue: Issue, seen: str) -> object:
    """A signature on what stood there another day."""
    fields = {"seen_hash": "0" * 64, "seen": seen}
    return world.client(world.discipline).post(path(issue, "moves/sign_off/"), fields)


def changed_and_applied_again(world: World, issue: Issue) -> None:
    """Sent back, given another text and one more file, and brought to the signer again."""
    world.move(issue, "refuse", world.discipline, "补一份回访记录。")
    prove(issue, world.cadre, shade=7)
    take(world, issue, "apply")
    take(world, issue, "unit_sign")


def test_the_page_is_for_who_signs_and_for_nobody_else(world: World) -> None:
    issue = brought_to(world, "unit_sign")
    refused = dict.fromkeys(SEES_SUBMITTED | ADMINISTRATORS, 403)
    assert statuses(world, path(issue, "sign-off/")) == expected(set()) | refused | {
        "discipline": 200
    }


def test_the_page_shows_exactly_what_is_signed(world: World) -> None:
    issue = brought_to(world, "unit_sign")
    page = world.client(world.discipline).get(path(issue, "sign-off/"))
    text, file = issue.versions.get(), issue.evidence.get()
    lines = {line.label: line.text for line in page.context["lines"]}
    assert lines["事情经过"] == issue.event
    assert lines["整改类型"] == "限期整改"
    assert lines["类别"] == issue.category.name
    for shown in (text.sha256, file.sha256, content_hash(issue), "第 1 版文字和 1 份佐证"):
        assert shown in page.text
    assert [step.move for step in page.context["steps"]] == ["apply", "unit_sign"]


def test_the_page_names_other_items_with_the_same_file(world: World) -> None:
    issue = brought_to(world, "unit_sign")
    shown = world.client(world.discipline).get(path(issue, "sign-off/")).text
    assert "同一份文件" not in shown
    other = brought_to(world, "unit_sign", world.issue(world.colleague))
    draft = world.issue(world.head)
    assert [each.sha256 for each in other.evidence.all()] == [issue.evidence.get().sha256]
    page = world.client(world.discipline).get(path(issue, "sign-off/")).text
    assert f'同一份文件也是 <a href="{path(other)}">{other.number}</a> 的佐证' in page
    assert draft.number not in page


def test_the_page_says_that_a_slip_is_still_open(world: World) -> None:
    issue = brought_to(world, "unit_sign")
    page = path(issue, "sign-off/")
    assert "还没有审结" not in world.client(world.discipline).get(page).text
    slip = raised(world, issue)
    assert f"{slip}</a>（待签收）" in world.client(world.discipline).get(page).text


def test_the_page_of_the_item_leads_there_and_does_not_sign_itself(world: World) -> None:
    issue = brought_to(world, "unit_sign")
    page = world.client(world.discipline).get(path(issue)).text
    assert "核对并销号" in page
    assert path(issue, "moves/sign_off/") not in page


def test_what_the_page_showed_is_signed_with_the_opinion(world: World) -> None:
    issue = brought_to(world, "unit_sign")
    signed_from_page(world, issue)()
    sign_off = SignOff.objects.get()
    assert sign_off.content_hash == content_hash(issue)
    page = world.client(world.head).get(path(issue, f"sign-offs/{sign_off.pk}/"))
    assert (page.context["check"].holds, page.context["opinion"]) == (True, "现场看过。")


def test_a_change_meanwhile_is_told_and_nothing_is_signed(world: World) -> None:
    issue = brought_to(world, "unit_sign")
    sign = signed_from_page(world, issue)
    changed_and_applied_again(world, issue)
    answer = sign()
    assert [(each.label, each.after) for each in answer.context["changes"]] == [
        ("佐证", "公示栏.jpg")
    ]
    assert "上次没有签成" in answer.text
    issue.refresh_from_db()
    assert (issue.state, SignOff.objects.count()) == (State.UNIT_SIGNED, 0)


def test_without_the_comparison_what_nobody_has_seen_is_signed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control of the test above."""
    issue = brought_to(world, "unit_sign")
    sign, seen = signed_from_page(world, issue), shown_hash(issue)
    changed_and_applied_again(world, issue)
    monkeypatch.setattr("issues.services.items.shown_hash", lambda issue: seen)
    sign()
    issue.refresh_from_db()
    assert issue.state == State.CLOSED


def test_another_text_is_told_line_by_line(world: World) -> None:
    issue = world.issue()
    text = world.text(place="政务大厅 3 号窗口")
    rewrite_issue(
        issue=issue, author=world.cadre, category=world.category, text=text, seen_version=1
    )
    brought_to(world, "unit_sign", issue)
    files = [issue.evidence.get().sha256[:16]]
    seen = Seen(1, tuple(files))
    page = signed_after(world, issue, str(seen))
    assert [(each.label, each.before, each.after) for each in page.context["changes"]] == [
        ("地点", "窗口受理台", "政务大厅 3 号窗口")
    ]


@pytest.mark.parametrize("seen", ["", "x", "3-", "-", "99999999999999999999", "٣-ab"])
def test_words_of_nobody_are_left_alone(world: World, seen: str) -> None:
    issue = brought_to(world, "unit_sign")
    assert signed_after(world, issue, seen).status_code == 422


def test_who_signs_twice_is_shown_the_item(world: World) -> None:
    issue = brought_to(world, "unit_sign")
    sign = signed_from_page(world, issue)
    sign()
    answer = sign()
    assert "issues/issue_detail.html" in [each.name for each in answer.templates]
    assert "状态已经变化" in answer.text
    assert SignOff.objects.count() == 1


def test_a_file_that_is_another_or_gone_is_told(world: World) -> None:
    issue = brought_to(world, "sign_off")
    sign_off, file = SignOff.objects.get(), issue.evidence.get().file
    assert checked(sign_off).holds
    storage, name = file.storage, file.name
    storage.delete(name)
    assert [(each.is_there, each.holds) for each in checked(sign_off).files] == [(False, False)]
    storage.save(name, ContentFile(b"something else"))
    assert [(each.is_there, each.holds) for each in checked(sign_off).files] == [(True, False)]
    page = world.client(world.cadre).get(path(issue, f"sign-offs/{sign_off.pk}/"))
    assert "与签字时不一致" in page.text


def test_a_text_that_is_another_is_told(world: World) -> None:
    issue = brought_to(world, "unit_sign")
    put_in(issue, State.CLOSED, world.discipline)  # a signature with other fingerprints
    found = checked(SignOff.objects.get())
    assert (found.text_holds, found.whole_holds, found.holds) == (False, False, False)


def test_a_signature_is_found_by_who_finds_the_item_and_only_there(world: World) -> None:
    issue = brought_to(world, "sign_off")
    sign_off = SignOff.objects.get()
    assert statuses(world, path(issue, f"sign-offs/{sign_off.pk}/")) == expected(SEES_SUBMITTED)
    own = world.issue(world.colleague)
    browser = world.client(world.colleague)
    assert browser.get(path(own, f"sign-offs/{sign_off.pk}/")).status_code == 404


@pytest.mark.parametrize("files", [1, 3])
def test_what_the_page_costs(
    world: World, files: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    issue = brought_to(world, "file")
    for shade in range(2, files + 1):
        prove(issue, world.cadre, shade)
    prove(issue, world.cadre)
    take(world, issue, "apply")
    take(world, issue, "unit_sign")
    browser = world.client(world.discipline)
    browser.get(path(issue, "sign-off/"))
    with django_assert_num_queries(28):
        browser.get(path(issue, "sign-off/"))


def test_the_refusal_of_the_page_sends_it_back(world: World) -> None:
    issue = brought_to(world, "unit_sign")
    browser = world.client(world.discipline)
    fields = {"seen_hash": shown_hash(issue), "note": "照片看不清。"}
    assert said(browser.post(path(issue, "moves/refuse/"), fields)) == ["已退回整改。"]


def sent_back_and_in_again(world: World, issue: Issue) -> None:
    """The same text and the same files, brought to the signer once more."""
    world.move(issue, "refuse", world.discipline, "公示栏照片看不清时限。")
    take(world, issue, "apply")
    take(world, issue, "unit_sign")


def test_a_page_from_before_it_was_sent_back_signs_nothing(world: World) -> None:
    issue = brought_to(world, "unit_sign")
    sign = signed_from_page(world, issue)
    sent_back_and_in_again(world, issue)
    answer = sign()
    assert "公示栏照片看不清时限" in answer.text
    issue.refresh_from_db()
    assert (issue.state, SignOff.objects.count()) == (State.UNIT_SIGNED, 0)


def test_without_the_last_step_in_the_fingerprint_the_old_page_signs(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: a page is known by the content alone."""
    for place in ("issues.services.items", "issues.views.sign_off", "tests.personas"):
        monkeypatch.setattr(f"{place}.shown_hash", content_hash)
    issue = brought_to(world, "unit_sign")
    sign = signed_from_page(world, issue)
    sent_back_and_in_again(world, issue)
    sign()
    issue.refresh_from_db()
    assert issue.state == State.CLOSED
