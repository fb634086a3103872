"""campaign.views.calendar: who reads the calendar, who changes it, and what they are told."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from campaign import rules
from campaign.choices import DueFrom
from campaign.models import Campaign, StageTask
from campaign.queries.deadlines import dues_visible_to
from campaign.services import create_campaign
from core import calendar_moves, calendars
from core.calendar_moves import Kind
from core.models import AuditEntry, CalendarDay, CalendarYear
from core.workdays import Calendar
from organisation.choices import Role
from organisation.models import Area, User
from organisation.services import grant
from tests.core.test_calendar_files import HEADINGS
from tests.core.test_calendars import SOURCE, notice
from tests.core.workbooks import filled, workbook
from tests.known_years import calendar as known
from tests.personas import World
from tests.stages import four_stages

PAGE = "/campaign/calendar/"
CLOSURE = {"since": "2026-07-20", "until": "2026-07-22", "reason": "台风"}


@pytest.fixture
def keeper(world: World) -> User:
    return world.city_office


@pytest.fixture
def browser(world: World, keeper: User) -> Client:
    return world.client(keeper)


@pytest.fixture
def moving(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Calendar]]:
    """An app with seven deadlines, all of which move, and one with none."""
    seen: list[Calendar] = []

    def recompute(calendar: Calendar) -> int:
        seen.append(calendar)
        return 7

    kinds = [Kind("阶段任务", "项", recompute), Kind("诉求", "件", lambda calendar: 0)]
    monkeypatch.setattr(calendar_moves, "_kinds", kinds)
    return seen


def file_of(year: int = 2027, **changes: str) -> SimpleUploadedFile:
    lines = [
        [row.day, "", "是" if row.is_workday else "否", row.note] for row in notice(year, **changes)
    ]
    return SimpleUploadedFile("日历.xlsx", workbook([HEADINGS, *lines]))


def upload(browser: Client, file: SimpleUploadedFile, year: int = 2027) -> HttpResponse:
    data = {"year": year, "source": SOURCE, "file": file}
    return browser.post(reverse("campaign:calendar-upload"), data)


def sealed(response: HttpResponse) -> str:
    found = re.search(r'name="checked" value="([^"]+)"', response.text)
    assert found
    return found.group(1)


def land(browser: Client, checked: str) -> HttpResponse:
    return browser.post(reverse("campaign:calendar-land"), {"checked": checked}, follow=True)


def errors_in(response: HttpResponse) -> list[str]:
    """What stands in the red frame above."""
    found = re.search(r"data-error-summary>(.*?)</div>", response.text, re.DOTALL)
    assert found
    return re.findall(r"<(?:li|p)[^>]*>(.*?)</(?:li|p)>", found.group(1))


def years() -> set[int]:
    return set(CalendarYear.objects.values_list("year", flat=True))


### Reading


def test_each_day_off_the_pattern_has_its_letter(world: World) -> None:
    response = world.client(world.cadre).get(PAGE, {"year": "2026"})
    days = {day: works for day, works in known().exceptions.items() if day.year == 2026}
    assert response.text.count("<b>班</b>") == sum(days.values()) == 6
    assert response.text.count("<b>休</b>") == len(days) - 6
    assert response.text.count("个工作日</span>") == 12
    assert "全年 248 个工作日" in response.text
    assert 'title="2月14日　春节调休"' in response.text
    assert "暂定" not in response.text


def test_a_year_without_a_notice_says_that_it_is_provisional(world: World) -> None:
    response = world.client(world.cadre).get(PAGE, {"year": "2027"})
    assert response.text.count("<b>休</b>") == 7  # the statutory days that are no weekend
    assert '<span class="state state-warn">暂定</span>' in response.text
    assert "由作风办上传" in response.text


def test_this_month_is_marked_and_reached_from_the_top(world: World) -> None:
    client, month = world.client(world.cadre), world.today.month
    found = re.compile(r'class="cal-month cal-now" id="month-(\d+)"|href="#month-(\d+)">到本月<')
    this = client.get(PAGE, {"year": str(world.today.year)}).text
    assert found.findall(this) == [("", str(month)), (str(month), "")]
    assert found.findall(client.get(PAGE, {"year": str(world.today.year + 1)}).text) == []


@pytest.mark.parametrize(
    ("year", "shown", "links"),
    [
        ("2004", 2004, ["2005"]),
        ("2030", 2030, ["2029", "2031"]),
        ("2100", 2100, ["2099"]),
        *((bad, None, None) for bad in ("2003", "2101", "", "去年", "²⁰²⁶", "2026 ")),
    ],
)
def test_years_that_have_a_page(
    world: World, year: str, shown: int | None, links: list[str] | None
) -> None:
    response = world.client(world.cadre).get(PAGE, {"year": year})
    this = world.today.year
    assert f"<h1>{shown or this} 年工作日历" in response.text
    found = re.findall(r'href="/campaign/calendar/\?year=(\d+)" rel', response.text)
    assert found == (links or [str(this - 1), str(this + 1)])


def test_who_does_not_keep_it_is_offered_nothing_to_change(world: World, keeper: User) -> None:
    calendars.close_days(days=[date(2026, 7, 20)], reason="台风", actor=keeper)
    offers = ("calendar/closure/", "calendar/upload/", "calendar/reopen/")
    texts = [
        world.client(person).get(PAGE, {"year": "2026"}).text for person in (world.office, keeper)
    ]
    assert [[offer in text for offer in offers] for text in texts] == [[False] * 3, [True] * 3]
    assert all("7月20日（星期一）" in text and "<b>停</b>" in text for text in texts)


def test_reasons_are_text(world: World, keeper: User) -> None:
    calendars.close_days(days=[date(2026, 7, 20)], reason='"><script>', actor=keeper)
    response = world.client(world.cadre).get(PAGE, {"year": "2026"})
    assert '"><script>' not in response.text
    assert response.text.count("&quot;&gt;&lt;script&gt;") == 2


@pytest.mark.parametrize("closed", [1, 3])
def test_queries(
    world: World,
    keeper: User,
    closed: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    days = [date(2026, 7, 20) + timedelta(days=n) for n in range(closed)]
    calendars.close_days(days=days, reason="台风", actor=keeper)
    browser = world.client(keeper)
    browser.get(PAGE)
    with django_assert_num_queries(8):
        browser.get(PAGE, {"year": "2026"})


### Who keeps it


def run(world: World, area: Area) -> None:
    """A further campaign, which runs today."""
    days = four_stages(world.today, world.today + timedelta(days=9))
    create_campaign(name=area.name, area=area, organiser="作风办", stages=days, lists=[])


def test_the_office_of_the_whole_area_keeps_it(world: World, keeper: User) -> None:
    people = (keeper, world.office, world.city_leader, world.head, world.system_admin)
    assert [rules.keeps_calendar(person) for person in people] == [True] + [False] * 4


def test_without_a_campaign_only_the_topmost_office(world: World, keeper: User) -> None:
    type(world.campaign).objects.update(ends_on=world.today - timedelta(days=1))
    assert [rules.keeps_calendar(person) for person in (keeper, world.office)] == [True, False]


def test_the_office_of_the_campaigns_area_keeps_it_too(world: World) -> None:
    type(world.campaign).objects.update(area=world.county)
    people = (world.office, world.stranger_office)
    assert [rules.keeps_calendar(person) for person in people] == [True, False]


def test_of_two_campaigns_neither_county_moves_the_others_deadlines(world: World) -> None:
    type(world.campaign).objects.update(area=world.county)
    run(world, world.other_county)
    people = (world.office, world.stranger_office)
    assert [rules.keeps_calendar(person) for person in people] == [False, False]


@pytest.mark.parametrize("route", ["upload", "land", "closure", "close", "reopen"])
def test_a_county_office_is_refused_with_the_reason(world: World, route: str) -> None:
    before = calendars.stamp()
    address = reverse(f"campaign:calendar-{route}")
    response = world.client(world.office).post(address, CLOSURE | {"day": "2026-10-01"})
    assert response.status_code == 403
    assert "由管全域的作风办维护" in response.text
    assert calendars.stamp() == before


def test_without_the_rule_it_would_close_the_whole_city(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control turned off: a county taken for the top of the tree."""
    monkeypatch.setattr(rules, "TOP", 3)
    response = world.client(world.office).post(reverse("campaign:calendar-close"), CLOSURE)
    assert response.status_code == 302
    assert CalendarDay.objects.filter(source="closure").count() == 3


### A year's notice


def test_a_year_is_shown_first_and_lands_when_confirmed(
    browser: Client, keeper: User, moving: list[Calendar]
) -> None:
    response = upload(browser, file_of())
    assert response.status_code == 200
    assert "与暂定的日历相比" in response.text
    assert "<dt>改为放假</dt><dd>2月9日</dd>" in response.text
    assert "2月5日、2月14日、4月5日、6月9日、9月15日、10月1日</dd>" in response.text
    assert "<dt>要移动的期限</dt><dd>阶段任务 7 项</dd>" in response.text
    assert (2027 in years(), len(moving)) == (False, 1)
    response = land(browser, sealed(response))
    assert response.redirect_chain == [("/campaign/calendar/?year=2027", 302)]
    assert "2027 年工作日历已生效。阶段任务 7 项的期限已随之调整。" in response.text
    assert "暂定" not in response.text
    assert (CalendarYear.objects.get(year=2027).landed_by, len(moving)) == (keeper, 2)
    assert AuditEntry.objects.get(act="calendar.land_year").detail["deadlines"] == 7


def test_the_same_file_again_has_nothing_to_confirm(browser: Client) -> None:
    land(browser, sealed(upload(browser, file_of())))
    response = upload(browser, file_of())
    assert "与现有日历完全相同" in response.text
    assert 'name="checked"' not in response.text
    assert AuditEntry.objects.filter(act="calendar.land_year").count() == 1


def test_confirming_twice_lands_once(browser: Client) -> None:
    """A second press comes with what was true before the first."""
    checked = sealed(upload(browser, file_of()))
    land(browser, checked)
    assert errors_in(land(browser, checked)) == ["日历刚刚被别人改过，请重新上传核对。"]
    assert AuditEntry.objects.filter(act="calendar.land_year").count() == 1


def test_a_landed_year_is_replaced_after_what_changes_was_shown(browser: Client) -> None:
    land(browser, sealed(upload(browser, file_of())))
    response = upload(browser, file_of(d0304="off"))
    assert "与现有日历相比" in response.text
    assert "<dt>改为放假</dt><dd>3月4日</dd>" in response.text
    assert "<dt>改为上班</dt><dd>没有</dd>" in response.text
    land(browser, sealed(response))
    assert not calendars.read().is_workday(date(2027, 3, 4))


def test_the_template_of_a_known_year_is_that_year(browser: Client) -> None:
    response = browser.get(reverse("campaign:calendar-template"), {"year": "2026"})
    content = b"".join(response.streaming_content)
    assert "2026%E5%B9%B4" in response["Content-Disposition"]
    CalendarYear.objects.filter(year=2026).update(source=SOURCE)
    response = upload(browser, SimpleUploadedFile("a.xlsx", content), 2026)
    assert "与现有日历完全相同" in response.text


def test_a_template_with_one_line_too_many_is_refused_whole(browser: Client) -> None:
    content = b"".join(
        browser.get(reverse("campaign:calendar-template"), {"year": "2027"}).streaming_content
    )
    more = filled(content, [["2028-01-01", "", "是", ""], ["昨天", "", "也许", ""]])
    response = upload(browser, SimpleUploadedFile("a.xlsx", more))
    assert response.status_code == 422
    assert errors_in(response) == [
        "没有导入，文件里有 3 处要改。改好后重新上传：",
        "第 368 行「日期」：2028-01-01 不在 2027 年。",
        "第 369 行「日期」：「昨天」不是日期，请写成 2026-03-01 的样子。",
        "第 369 行「是否工作日」：「也许」应为「是」或「否」。",
    ]
    assert 2027 not in years()


def test_a_closure_in_the_template_is_no_holiday(browser: Client, keeper: User) -> None:
    """What is closed here stands beside the notice, not in it."""
    calendars.close_days(days=[date(2026, 7, 20)], reason="台风", actor=keeper)
    response = browser.get(reverse("campaign:calendar-template"), {"year": "2026"})
    content = b"".join(response.streaming_content)
    CalendarYear.objects.filter(year=2026).update(source=SOURCE)
    response = upload(browser, SimpleUploadedFile("a.xlsx", content), 2026)
    assert "与现有日历完全相同" in response.text


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "请选择要上传的文件。"),
        ({"year": "2101"}, "请填 2004 至 2100 之间的年份。"),
        ({"file": SimpleUploadedFile("a.xlsx", b"")}, "文件是空的"),
    ],
    ids=["nothing", "year", "empty file"],
)
def test_a_form_with_faults_comes_back(browser: Client, data: dict[str, object], said: str) -> None:
    response = browser.post(reverse("campaign:calendar-upload"), data)
    assert response.status_code == 422
    assert said in response.text
    assert errors_in(response) == ["没有保存，请改正下面标红的地方。"]


def test_what_was_shown_to_one_is_not_confirmed_by_another(world: World, browser: Client) -> None:
    checked = sealed(upload(browser, file_of()))
    grant(user=world.office, role=Role.OFFICE, since=world.today, area=world.city)
    response = land(world.client(world.office), checked)
    assert errors_in(response) == ["这是别人检查过的文件，请自己重新上传。"]
    assert 2027 not in years()


@pytest.mark.parametrize("spoil", [lambda text: text[:-1], lambda text: "x", lambda text: ""])
def test_what_was_shown_cannot_be_changed_on_the_way(browser: Client, spoil: object) -> None:
    checked = sealed(upload(browser, file_of()))
    assert callable(spoil)
    response = land(browser, spoil(checked))
    assert response.status_code == 422
    assert 2027 not in years()


def test_a_confirmation_has_its_time(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    checked = sealed(upload(browser, file_of()))
    monkeypatch.setattr("campaign.forms.calendar.CONFIRM_WITHIN", timedelta(seconds=-1))
    assert errors_in(land(browser, checked)) == ["确认页面已过期，请重新上传文件。"]
    assert 2027 not in years()


### Closures


def test_closing_and_opening_say_what_they_moved(browser: Client, moving: list[Calendar]) -> None:
    response = browser.post(reverse("campaign:calendar-close"), CLOSURE, follow=True)
    assert response.redirect_chain == [("/campaign/calendar/?year=2026#closures", 302)]
    assert "已登记停工，涉及 3 个工作日。阶段任务 7 项的期限已随之调整。" in response.text
    assert response.text.count("<b>停</b>") == 3
    data = {"day": "2026-07-21", "reason": "", "confirm": "1"}
    response = browser.post(reverse("campaign:calendar-reopen"), data, follow=True)
    assert "7月21日不再停工。阶段任务 7 项的期限已随之调整。" in response.text
    assert [moved.is_workday(date(2026, 7, 21)) for moved in moving] == [False, True]
    response = browser.post(reverse("campaign:calendar-reopen"), data)
    assert errors_in(response) == ["7月21日没有登记停工，可能刚刚已被撤销。"]


def test_a_closure_is_shown_first_with_what_it_moves(
    browser: Client, moving: list[Calendar]
) -> None:
    before = calendars.stamp()
    response = browser.post(reverse("campaign:calendar-closure"), CLOSURE)
    assert "<dt>不再上班</dt><dd>7月20日至7月22日，共 3 个工作日</dd>" in response.text
    assert "<dt>要后移的期限</dt><dd>阶段任务 7 项</dd>" in response.text
    assert (calendars.stamp(), AuditEntry.objects.filter(act__startswith="cal").exists()) == (
        before,
        False,
    )
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', response.text))
    assert {name: hidden[name] for name in CLOSURE} == CLOSURE


def test_the_end_of_a_closure_is_shown_first_with_what_it_moves(
    browser: Client, keeper: User, moving: list[Calendar]
) -> None:
    days = [date(2026, 7, 17), date(2026, 7, 18)]  # a Friday and a Saturday
    calendars.close_days(days=days, reason="台风", actor=keeper)
    before, address = calendars.stamp(), reverse("campaign:calendar-reopen")
    response = browser.post(address, {"day": "2026-07-17", "reason": "转晴"})
    assert "<dt>恢复上班</dt><dd>7月17日</dd>" in response.text
    assert "<dt>要移回的期限</dt><dd>阶段任务 7 项</dd>" in response.text
    saturday = browser.post(address, {"day": "2026-07-18", "reason": ""})
    assert "<dt>恢复上班</dt><dd>没有，这一天本来就不上班</dd>" in saturday.text
    acts = AuditEntry.objects.filter(act="calendar.reopen_day")
    assert (calendars.stamp(), acts.exists()) == (before, False)
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', response.text))
    hidden.pop("csrfmiddlewaretoken", "")
    assert hidden == {"day": "2026-07-17", "reason": "转晴", "confirm": "1"}
    done = browser.post(address, hidden, follow=True)
    assert "7月17日不再停工。阶段任务 7 项的期限已随之调整。" in done.text
    assert (calendars.stamp() == before, acts.get().detail["reason"]) == (False, "转晴")


def test_a_closure_moves_what_it_said_it_would(world: World, browser: Client) -> None:
    """The tasks of a campaign that runs, and the same number beforehand and afterwards."""
    first = calendars.current().due(world.today, 1)
    data = {"since": str(first), "until": str(first + timedelta(days=30)), "reason": "台风"}
    said = browser.post(reverse("campaign:calendar-closure"), data).text
    found = re.search(r"<dt>要后移的期限</dt><dd>(阶段任务 \d+ 项)</dd>", said)
    assert found
    moving = tasks_in(said)
    assert f"阶段任务 {len(moving)} 项" == found.group(1)
    tasks = StageTask.objects.filter(title__in=moving)
    assert {task.title: str(task.due_on) for task in tasks} == {
        title: before for title, (before, _) in moving.items()
    }
    done = browser.post(reverse("campaign:calendar-close"), data, follow=True)
    assert {task.title: str(task.due_on) for task in tasks.all()} == {
        title: after for title, (_, after) in moving.items()
    }
    assert f"{found.group(1)}的期限已随之调整。" in done.text


def tasks_in(page: str) -> dict[str, tuple[str, str]]:
    """The tasks named in a preview, with the old and the new day."""
    row = r'row-title">([^<]+)</span>.*?<s [^>]*>([\d-]+)</s><span[^>]*>([\d-]+)</span>'
    return {title: (before, after) for title, before, after in re.findall(row, page)}


def test_a_long_preview_names_the_first_tasks_and_counts_the_rest(
    world: World, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("campaign.views.calendar.SHIFTS_SHOWN", 2)
    StageTask.objects.update(due_from=DueFrom.STAGE_START, due_days=20, due_date=None)
    first = calendars.current().due(world.today, 1)
    data = {"since": str(first), "until": str(first + timedelta(days=30)), "reason": "台风"}
    said = browser.post(reverse("campaign:calendar-closure"), data).text
    found = re.search(r"阶段任务 (\d+) 项", said)
    assert found
    assert len(tasks_in(said)) == 2
    assert f"另有 {int(found[1]) - 2} 项" in said


def test_tasks_of_a_campaign_that_the_reader_does_not_know_are_not_named(world: World) -> None:
    assert len(dues_visible_to(world.city_office)) == 13
    Campaign.objects.update(area=world.other_county)
    assert dues_visible_to(world.office) == {}


def test_without_computed_deadlines_it_says_so(browser: Client) -> None:
    response = browser.post(reverse("campaign:calendar-close"), CLOSURE, follow=True)
    assert "没有需要调整的期限。" in response.text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"until": "2026-07-19"}, "「到」不能早于「从」。"),
        ({"until": "2003-07-19"}, "「到」不能早于「从」。"),
        ({"until": "2026-09-20"}, "一次最多登记 62 天"),
        ({"since": "2100-12-31", "until": "2101-01-02"}, "请填 2004 至 2100 年之间的日期。"),
        ({"since": "9999-12-31", "until": "9999-12-31"}, "请填 2004 至 2100 年之间的日期。"),
        ({"reason": " "}, "这个字段是必填项。"),
        ({"reason": "长" * 81}, "80"),
        ({"since": "2026-07-18", "until": "2026-07-19"}, "这些天本来就不上班"),
    ],
)
def test_a_closure_with_faults_comes_back(
    browser: Client, changes: dict[str, str], said: str
) -> None:
    for route in ("closure", "close"):
        response = browser.post(reverse(f"campaign:calendar-{route}"), CLOSURE | changes)
        assert (response.status_code, said in response.text) == (422, True)
    assert not CalendarDay.objects.filter(source="closure").exists()


@pytest.mark.parametrize("day", ["", "昨天", "9999-12-31"])
def test_a_day_that_cannot_be_opened(browser: Client, day: str) -> None:
    response = browser.post(reverse("campaign:calendar-reopen"), {"day": day})
    assert response.status_code == 422
    assert len(errors_in(response)) == 1
