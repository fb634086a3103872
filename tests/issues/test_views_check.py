"""The concreteness check on the pages: live, at submission, and where an item is judged."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client

from campaign.models import Campaign
from core.models import AuditEntry
from issues.choices import State
from issues.concreteness import MISSING, NAMES
from issues.models import Issue, IssueVersion
from issues.services import items
from issues.workflow import Refused
from tests.issues.conftest import take
from tests.issues.test_views import path
from tests.issues.test_views_writing import form_of
from tests.personas import World
from tests.security.attack import writes

CHECK = "/issues/check/"
VAGUE = "有时服务态度不够好，工作效率有待提高。"  # no event at all
WEAK = "5月12日接待李某时，态度不够热情。"  # a day and a person, but nothing happens
FORM = "application/x-www-form-urlencoded"


def checked(browser: Client, **values: object) -> str:
    answer = browser.post(CHECK, values)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_live_check_names_sentence_and_gaps(world: World) -> None:
    page = checked(world.client(world.cadre), event=VAGUE, place="一楼")
    assert f"「{VAGUE[:-1]}」没有写是哪一次" in page
    assert {name for name in MISSING if f'href="#id_{name}"' in page} == {*MISSING} - {"place"}


def test_a_good_text_is_praised_and_an_empty_one_left_in_peace(world: World) -> None:
    browser = world.client(world.cadre)
    assert "写得具体" in checked(browser, **form_of(world))
    assert "边写边查" in checked(browser)


def test_the_live_check_keeps_nothing(world: World) -> None:
    browser = world.client(world.cadre)
    before = AuditEntry.objects.count()
    with writes() as statements:
        checked(browser, **form_of(world, event=VAGUE))
    assert [each for each in statements if "issues_" in each] == []
    assert (Issue.objects.count(), AuditEntry.objects.count()) == (0, before)


def test_the_live_check_knows_the_campaigns_last_day(world: World) -> None:
    browser, outside = world.client(world.cadre), "整改时限要在专项行动期间"
    late = form_of(world, due_on=world.campaign.ends_on + timedelta(days=1))
    asked = browser.get("/issues/new/").context["form"].campaign.pk
    assert outside in checked(browser, **late, campaign=asked)
    assert outside not in checked(browser, **late, campaign="9" * 31)
    Campaign.objects.update(ends_on=world.today - timedelta(days=1))
    assert outside not in checked(browser, **late, campaign=asked)


def test_the_live_check_counts_what_is_too_long(world: World) -> None:
    page = checked(world.client(world.cadre), event="字" * 20_000)
    assert "写了 20000 个字，最多 1000 个字" in page


def test_what_is_pasted_is_shown_as_text(world: World) -> None:
    page = checked(world.client(world.cadre), measures="<img src=x onerror=alert(1)>加强学习")
    assert "&lt;img" in page
    assert "<img" not in page


def test_a_submission_without_an_event_is_refused_at_its_field(world: World) -> None:
    answer = world.client(world.cadre).post("/issues/new/", form_of(world, event=VAGUE, submit="1"))
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == ["event"]
    assert Issue.objects.count() == 0


def test_a_draft_without_an_event_is_kept_and_told(world: World) -> None:
    browser = world.client(world.cadre)
    browser.post("/issues/new/", form_of(world, event=VAGUE, draft="1"))
    issue = Issue.objects.get()
    for page in (path(issue), path(issue, "edit/")):
        assert f"「{VAGUE[:-1]}」没有写是哪一次" in browser.get(page).content.decode()


def test_a_warning_stops_nothing_and_is_counted(world: World) -> None:
    sent = form_of(world, event=WEAK, root_cause="宗旨意识淡薄。", submit="1")
    answer = world.client(world.cadre).post("/issues/new/", sent, follow=True)
    assert Issue.objects.get().state == State.SUBMITTED
    assert "有 2 处写得还不够具体，审核时会看到提示。" in answer.content.decode()


def test_warnings_stand_beside_the_refusal_of_another_field(world: World) -> None:
    sent = form_of(world, event=VAGUE, root_cause="宗旨意识淡薄。", submit="1")
    form = world.client(world.cadre).post("/issues/new/", sent).context["form"]
    assert list(form.errors) == ["event"]
    assert [finding.field for finding in form.said["said"]] == ["root_cause"]


def test_who_judges_the_text_sees_the_warnings(world: World) -> None:
    issue = take(world, world.issue(event=WEAK), "submit")
    people = ("cadre", "head", "deputy", "office", "liaison")
    assert [name for name in people if is_told(world, issue, name)] == ["head", "deputy"]
    take(world, issue, "confirm")
    assert [name for name in people if is_told(world, issue, name)] == ["office"]
    take(world, issue, "file")
    assert [name for name in people if is_told(world, issue, name)] == []


def is_told(world: World, issue: Issue, name: str) -> bool:
    page = world.client(getattr(world, name)).get(path(issue)).content.decode()
    return "只是评价" in page


def test_the_service_refuses_what_the_form_did_not_see(world: World) -> None:
    with pytest.raises(Refused, match="没有写是哪一次"):
        take(world, world.issue(event=VAGUE), "submit")
    late = world.issue(due_on=world.campaign.ends_on + timedelta(days=1))
    with pytest.raises(Refused, match="整改时限要在专项行动期间"):
        take(world, late, "submit")


def test_without_the_services_check_it_would_pass(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(items, "_require_concrete", lambda issue: None)
    assert take(world, world.issue(event=VAGUE), "submit").state == State.SUBMITTED


# ---- what it is like ------------------------------------------------------------------------

COPIED = "3月12日王庄村李某来问低保怎么申请，我没有一次说清要带的材料，让他前后跑了三趟。"


def test_a_copy_is_named_to_its_own_author_only(world: World) -> None:
    issue = take(world, world.issue(event=COPIED), "submit")
    own = checked(world.client(world.cadre), event=COPIED)
    assert f"{issue.number}「{issue.title}」有 100% 相同" in own
    assert f'href="{path(issue)}"' in own
    other = checked(world.client(world.stranger_office), event=COPIED)
    assert "这段经过与别人交的一个问题大同小异" in other
    assert issue.number not in other
    assert issue.title not in other


def test_an_item_is_not_like_itself(world: World) -> None:
    issue = world.issue(event=COPIED)
    browser = world.client(world.cadre)
    assert "相同" not in checked(browser, event=COPIED, issue=issue.pk)
    for page in (path(issue), path(issue, "edit/")):
        assert "相同" not in browser.get(page).content.decode()


def test_who_judges_a_copy_is_told(world: World) -> None:
    first = take(world, world.issue(event=COPIED), "submit")
    copy = world.issue(world.colleague, event=COPIED.replace("李某", "赵某"))
    take(world, copy, "submit", world.colleague)
    page = world.client(world.head).get(path(copy)).content.decode()
    assert f"这段经过与{first.number}「{first.title}」有" in page
    assert f'href="{path(first)}"' in page


# ---- what people paste ----------------------------------------------------------------------


def test_words_from_word_are_kept_without_their_controls(world: World) -> None:
    pasted = "\ufeff压了\x079天，\x0b李某\t来了三次\x00。\r\n👍"
    body = urlencode(form_of(world, event=pasted, place="一楼\x0b大厅", draft="1"))
    world.client(world.cadre).generic("POST", "/issues/new/", body, content_type=FORM)
    issue = Issue.objects.get()
    assert (issue.event, issue.place) == ("压了9天，\n李某 来了三次。\n👍", "一楼 大厅")
    assert IssueVersion.objects.get().text["event"] == issue.event


def test_twenty_thousand_signs_come_back_whole(world: World) -> None:
    text = "字" * 19_999 + "尾"
    answer = world.client(world.cadre).post("/issues/new/", form_of(world, event=text, submit="1"))
    page = answer.content.decode()
    said = "写了 20000 个字，最多 1000 个字。内容还在框里，请删短后再保存。"
    assert answer.context["form"].errors == {"event": [said]}
    assert text in page
    assert "maxlength" not in page  # the browser would cut what is pasted


def test_the_form_checks_itself_while_one_writes(world: World) -> None:
    page = world.client(world.cadre).get("/issues/new/").content.decode()
    assert f'hx-post="{CHECK}"' in page


def below(page: str, name: str) -> str:
    """What stands in the place below a field."""
    (found,) = re.findall(rf'<div class="beside" id="beside_{name}".*?</div>', page, re.S)
    return str(found)


def test_each_hint_of_the_live_check_goes_below_its_field(world: World) -> None:
    page = checked(world.client(world.cadre), event=VAGUE, place="字" * 61)
    form = world.client(world.cadre).get("/issues/new/").content.decode()
    for name in NAMES:
        assert "hx-swap-oob" in below(page, name)
        assert "<p" not in below(form, name)  # it says nothing before a word is written
    assert f"「{VAGUE[:-1]}」没有写是哪一次" in below(page, "event")
    assert "写了 61 个字" in below(page, "place")
    assert "<p" not in below(page, "cause")  # a gap is told above the buttons only


def test_the_hints_of_a_kept_draft_stand_below_its_fields(world: World) -> None:
    issue = world.issue(event=VAGUE)
    page = world.client(world.cadre).get(path(issue, "edit/")).content.decode()
    assert f"「{VAGUE[:-1]}」没有写是哪一次" in below(page, "event")
    assert "hx-swap-oob" not in page
