"""A step that is refused: nothing happens, it is said why, and what was written is still there."""

from datetime import timedelta

import pytest

from issues.choices import State
from issues.models import IssueEvent, ListVersion
from issues.queries import last_due_of_relapse, shown_hash
from tests.issues.conftest import brought_to, prove, take
from tests.issues.slips import raised, slip_at
from tests.issues.test_lists import frozen, unit_item
from tests.issues.test_views import path, post_move, said
from tests.personas import World

REASON = "请写明是哪一天、哪个窗口、来办事的人等了多久。"
TOO_LONG = "哪一天、哪个窗口？" * 200  # 1,800 signs
FULL = ["写了 1800 个字，最多 1000 个字。内容还在框里，请删短后再保存。"]


def test_a_reason_that_is_too_long_is_not_lost(world: World) -> None:
    issue = brought_to(world, "submit")
    answer = post_move(world.client(world.head), issue, "return", note=TOO_LONG)
    assert (answer.status_code, said(answer)) == (422, FULL)
    assert f">{TOO_LONG}</textarea>" in answer.text
    assert f'id="fault-return">{FULL[0]}</div>' in answer.text
    issue.refresh_from_db()
    assert issue.state == State.SUBMITTED


def test_what_the_browser_would_cut_it_does_not_cut(world: World) -> None:
    issue = brought_to(world, "submit")
    page = world.client(world.head).get(path(issue)).text
    assert 'id="note-return" name="note" rows="3" required></textarea>' in page


def test_a_reason_for_what_has_changed_meanwhile_stands_in_the_form_again(world: World) -> None:
    issue = brought_to(world, "file")
    prove(issue, world.cadre)
    take(world, issue, "apply")
    fields = {"note": REASON, "why": "窗口叫号的照片", "seen_hash": "0" * 64}
    answer = post_move(world.client(world.head), issue, "unit_refuse", **fields)
    assert answer.status_code == 422
    assert "不是最新内容" in said(answer)[0]
    assert f">{REASON}</textarea>" in answer.text
    assert 'value="窗口叫号的照片"' in answer.text
    assert answer.text.count(REASON) == 1, "in its own form only"
    assert f'name="seen_hash" value="{shown_hash(issue)}"' in answer.text


def test_a_step_that_is_offered_no_more_leaves_its_words_to_copy(world: World) -> None:
    issue = brought_to(world, "submit")
    take(world, issue, "confirm", world.deputy)
    answer = post_move(world.client(world.head), issue, "return", note=REASON)
    assert answer.status_code == 422
    assert f'<span class="pre-line">{REASON}</span>' in answer.text
    assert f">{REASON}</textarea>" not in answer.text


def test_a_deadline_too_far_leaves_all_that_was_written(world: World) -> None:
    issue = brought_to(world, "sign_off")
    day = last_due_of_relapse(issue, world.today) + timedelta(days=1)
    answer = post_move(world.client(world.discipline), issue, "relapse", note=REASON, due_on=day)
    assert answer.status_code == 422
    assert f">{REASON}</textarea>" in answer.text
    assert f'name="due_on" required value="{day:%Y-%m-%d}"' in answer.text


def test_an_opinion_beside_a_signature_that_is_void_is_not_lost(world: World) -> None:
    issue = brought_to(world, "unit_sign")
    browser = world.client(world.discipline)
    answer = post_move(browser, issue, "sign_off", note="请三个月后再看一次。", seen_hash="0" * 64)
    assert answer.status_code == 422
    assert "issues/sign_off.html" in [each.name for each in answer.templates]
    assert ">请三个月后再看一次。</textarea>" in answer.text


def test_an_item_that_went_back_to_its_author_is_not_shown(world: World) -> None:
    issue = brought_to(world, "submit")
    page = world.client(world.head)
    take(world, issue, "return", world.deputy)
    assert post_move(page, issue, "confirm").status_code == 404


@pytest.mark.parametrize("note", [TOO_LONG, REASON])
def test_many_items_go_back_with_a_reason_that_fits_or_none_does(world: World, note: str) -> None:
    issue = brought_to(world, "submit")
    sent = {
        "issue": [issue.pk],
        f"step-{issue.pk}": "return",
        f"hash-{issue.pk}": shown_hash(issue),
        "back": "on",
        "note": note,
    }
    answer = world.client(world.head).post("/issues/bulk/take/", sent)
    gone = note == REASON
    assert IssueEvent.objects.filter(move="return", note=note).exists() is gone
    assert (answer.status_code, said(answer)) == ((200, []) if gone else (422, FULL))
    assert gone or f">{TOO_LONG}</textarea>" in answer.text


def test_what_was_written_on_a_slip_is_not_lost(world: World) -> None:
    slip = slip_at(world, "receive", raised(world))
    browser, address = world.client(world.cadre), f"/issues/slips/{slip.pk}/steps/answer/"
    for note, seen in ((TOO_LONG, slip.step_count), (REASON, slip.step_count - 1)):
        answer = browser.post(address, {"note": note, "seen": seen})
        assert answer.status_code == 422
        assert f">{note}</textarea>" in answer.text
    browser.post(address, {"note": REASON, "seen": slip.step_count})
    answer = browser.post(address, {"note": TOO_LONG, "seen": slip.step_count})
    assert f'<span class="pre-line">{TOO_LONG}</span>' in answer.text


def test_the_head_does_not_lose_the_reason_for_a_list(world: World) -> None:
    unit_item(world)
    version = frozen(world)
    browser, address = world.client(world.head), f"/issues/list-versions/{version.pk}/return/"
    for note, seen in ((TOO_LONG, version.sha256), (REASON, "0" * 64)):
        answer = browser.post(address, {"note": note, "seen": seen})
        assert (answer.status_code, f">{note}</textarea>" in answer.text) == (422, True)
    assert ListVersion.objects.get().assent == ""
