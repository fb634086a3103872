"""The numbers of the progress report."""

from collections import Counter
from datetime import date, datetime

import pytest
from django.utils import timezone

from core import calendars
from issues.choices import FILED, State
from issues.models import Issue
from organisation.models import Area
from reports.exports import category_table, rate_table
from reports.queries.progress import Progress, progress, readable_areas, way_to, widest_area
from tests.reports.conftest import Prefecture
from visits.choices import ENDED, NOT_RATED, Handling, Outcome, TargetKind, TargetState
from visits.models import Appeal, Target
from visits.queries import coverage_of


def report(city: Prefecture, area: Area, at: datetime, *, listed: int) -> Progress:
    """As the city's leader reads it."""
    way = [city.area("聊城市"), area]
    return progress(city.people["city leader"], city.campaign, way, at, listed=listed)


EVERYWHERE = ["聊城市", "东阿县", "阳谷县", "铜城镇", "刘集镇", "前村", "东村"]


@pytest.mark.parametrize("name", EVERYWHERE)
def test_coverage_equals_a_loop_over_the_register(
    filled: Prefecture, now: datetime, name: str
) -> None:
    area = filled.area(name)
    counted: Counter[tuple[str, str]] = Counter()
    for target in Target.objects.filter(campaign=filled.campaign):
        if Area.objects.get(pk=target.area_id).is_under(area.path):
            counted[target.kind, target.state] += 1
    found = report(filled, area, now, listed=20)
    for kind in TargetKind.values:
        for state in TargetState.values:
            assert getattr(found.picture.whole.cells[kind], state) == counted[kind, state]
    assert found.coverage == coverage_of(filled.campaign, area)
    assert found.coverage.covered + found.coverage.left == found.coverage.registered


@pytest.mark.parametrize("name", EVERYWHERE)
def test_problems_equal_a_loop_over_the_items(filled: Prefecture, now: datetime, name: str) -> None:
    area = filled.area(name)
    inside = [
        issue
        for issue in Issue.objects.select_related("unit__area")
        if issue.unit.area.is_under(area.path) and issue.state in FILED
    ]
    late = [
        issue
        for issue in inside
        if issue.state == State.RECTIFYING  # blue once its sign-off is applied for
        and calendars.current().workdays_left(date(2025, 10, 15), issue.due_on) < 0
    ]
    found = report(filled, area, now, listed=20)
    assert found.problems.filed == len(inside)
    assert found.problems.closed == sum(issue.state == State.CLOSED for issue in inside)
    assert found.problems.late == len(late)
    assert {row.number for row in found.late} == {issue.number for issue in late}
    by_category = Counter(issue.category_id for issue in inside)
    assert [row.problems.filed for row in found.categories] == [
        by_category[filled.category(number).pk] for number in range(1, 11)
    ]
    by_unit = Counter(issue.unit.name for issue in inside)
    assert {row.name: row.problems.filed for row in found.units} == by_unit


def test_the_page_leaves_out_what_nobody_has_written_and_the_file_does_not(
    filled: Prefecture, now: datetime
) -> None:
    found = report(filled, filled.area("东阿县"), now, listed=20)
    written = sum(1 for row in found.categories if row.problems.filed)
    page, file = category_table(found, with_empty=False), category_table(found)
    assert 0 < len(list(page.rows)) == written < len(list(file.rows)) == 10
    assert (page.note, file.note) == (
        f"另有 {10 - written} 类还没有备案的问题，导出的表里都列出。",
        "",
    )
    assert page.total == file.total


def test_what_is_registered_at_the_area_itself_has_a_row(filled: Prefecture, now: datetime) -> None:
    found = report(filled, filled.area("东阿县"), now, listed=20)
    assert [(row.name, row.total.registered, row.own) for row in found.areas] == [
        ("铜城镇", 10, False),
        ("刘集镇", 2, False),
        ("东阿县本级", 1, True),
    ]


def test_appeals_count_the_answered_and_the_late(filled: Prefecture) -> None:
    """Of two one was answered on the spot, which is on neither side."""
    area = filled.area("东阿县")
    appeal = Appeal.objects.get(due_on__isnull=False)
    day_before = timezone.make_aware(datetime.combine(appeal.due_on, datetime.min.time()))
    found = report(filled, area, day_before, listed=20).appeals
    # Of two one was answered on the spot.
    assert (found.done, found.whole, found.left, found.late) == (0, 1, 1, 0)
    after = calendars.current().due(appeal.due_on, 1)
    at = timezone.make_aware(datetime.combine(after, datetime.min.time()))
    assert report(filled, area, at, listed=20).appeals.late == 1


def test_the_rates_are_those_of_the_area(filled: Prefecture, now: datetime) -> None:
    """The same as of a loop over the appeals: 办结率 and 按时办结率, whole and of a village."""
    for name in EVERYWHERE:
        area = filled.area(name)
        own = [each for each in Appeal.objects.all() if each.area.is_under(area.path)]
        rates = {rate.name: rate for rate in report(filled, area, now, listed=1).rates}
        ended = sum(each.state in ENDED for each in own)
        assert len(rates) == 8
        assert (rates["办结率"].n, rates["办结率"].d) == (
            ended,
            sum(each.state not in NOT_RATED for each in own),
        )


def test_each_rate_stands_with_its_parts(filled: Prefecture, now: datetime) -> None:
    found = report(filled, filled.area("东阿县"), now, listed=1)
    rows = {row[0]: row for row in rate_table(found).rows}
    assert rows["办结率"][1:5] == (0, 1, 0.0, 1)
    assert "当场答复 1 件，其中抽查回访 0 件" in rate_table(found).note
    assert rows["满意率"][1:5] == (0, 0, None, 0)


def test_late_begins_on_the_first_working_day_after(prefecture: Prefecture) -> None:
    """Due on Friday: Saturday and Sunday are not late yet, just as the lamp shows it."""
    prefecture.problem(due_on=date(2025, 10, 17))
    area = prefecture.area("东阿县")
    zone = timezone.get_current_timezone()
    late = {
        day: report(
            prefecture, area, datetime(2025, 10, day, 9, tzinfo=zone), listed=20
        ).problems.late
        for day in (17, 18, 19, 20)
    }
    assert late == {17: 0, 18: 0, 19: 0, 20: 1}


def test_lists_the_oldest_late_problems_and_counts_them_all(
    filled: Prefecture, now: datetime
) -> None:
    found = report(filled, filled.area("聊城市"), now, listed=1)
    assert [row.title for row in found.late] == ["小事拖大"]
    assert found.late[0].workdays_late == 6  # 9 to 11 and 13 to 15 October: Saturday the 11th works
    assert found.problems.late == 2


def test_costs_nine_queries_whatever_the_size(
    filled: Prefecture, now: datetime, django_assert_num_queries: object
) -> None:
    city, county = filled.area("聊城市"), filled.area("东阿县")
    reader = filled.people["city leader"]
    assert widest_area(reader, filled.campaign) == city  # the grants are read
    with django_assert_num_queries(9):
        progress(reader, filled.campaign, [city], now, listed=20)
    for name in ("后村", "西村"):
        home = filled.register(name, TargetKind.HOUSEHOLD, 3)
        filled.visit(home[0], Outcome.EFFECTIVE, Handling.DISPATCH)
        filled.problem(category=7, due_on=date(2025, 9, 5))
    with django_assert_num_queries(9):
        progress(reader, filled.campaign, [city], now, listed=20)
    with django_assert_num_queries(9):
        progress(reader, filled.campaign, [city, county], now, listed=20)


def test_a_person_reads_the_areas_of_the_grant(prefecture: Prefecture) -> None:
    leader = prefecture.people["leader"]
    names = [area.name for area in readable_areas(leader, prefecture.campaign).order_by("code")]
    assert names == ["东阿县", "铜城镇", "前村", "后村", "刘集镇", "西村"]
    assert widest_area(leader, prefecture.campaign) == prefecture.area("东阿县")
    assert [a.name for a in way_to(leader, prefecture.campaign, prefecture.area("前村"))] == [
        "东阿县",
        "铜城镇",
        "前村",
    ]
    city = prefecture.people["city leader"]
    assert [a.name for a in way_to(city, prefecture.campaign, prefecture.area("铜城镇"))] == [
        "聊城市",
        "东阿县",
        "铜城镇",
    ]


def test_a_grant_above_the_campaign_begins_at_the_campaign(prefecture: Prefecture) -> None:
    prefecture.campaign.area = prefecture.area("东阿县")
    prefecture.campaign.save()
    city = prefecture.people["city leader"]
    assert widest_area(city, prefecture.campaign) == prefecture.area("东阿县")
    assert not readable_areas(city, prefecture.campaign).filter(name="阳谷县").exists()
