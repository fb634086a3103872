"""On which days a visit may have been: the same on the page, on paper, in services, in rows."""

import uuid
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.uploads import Outrun
from core.workbook import Row
from tests.personas import World
from visits import services
from visits.choices import Outcome, Way
from visits.models import Target, Visit
from visits.queries import versions_of
from visits.services import correction as services_correction
from visits.services import visit as services_visit
from visits.services.many_visits import PaperVisit, token_of, write_visits
from visits.sheet.reading import Span, read_lines

REASON = "山里没有信号"


@pytest.fixture
def home(world: World) -> Target:
    (target,) = world.households(1)
    return Target.objects.select_related("campaign").get(pk=target.pk)


def record(world: World, home: Target, day: date, late_reason: str = "", **more: object) -> Visit:
    values = {
        "token": uuid.uuid4(),
        "author": world.cadre,
        "way": Way.HOME,
        "outcome": Outcome.EFFECTIVE,
    } | more
    return services.record_visit(target=home, visited_on=day, late_reason=late_reason, **values)


def correct(world: World, visit: Visit, day: date, late_reason: str = "") -> Visit:
    return services.correct_visit(
        visit=visit,
        actor=world.cadre,
        seen_version=Visit.objects.get(pk=visit.pk).version,
        reason="选错了",
        visited_on=day,
        way=Way.HOME,
        outcome=Outcome.EFFECTIVE,
        late_reason=late_reason,
    )


def line_of(world: World, home: Target, day: date, late_reason: str = "") -> list[object]:
    """The lines that a sheet with one row comes to."""
    of = world.campaign
    values = {
        "类别": home.get_kind_display(),
        "编号": home.code,
        "走访日期": day.isoformat(),
        "补录原因": late_reason,
    }
    lines, errors = read_lines([Row(2, values)], Span(of.starts_on, of.ends_on, world.today))
    assert bool(lines) != bool(errors)
    return lines


# --- every door -------------------------------------------------------------------------


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    days=st.one_of(st.integers(-60, 60), st.sampled_from([-41, -40, -4, -3, 0, 1])),
    reason=st.sampled_from(["", " ", REASON]),
)
def test_all_doors_take_the_same_days(world: World, home: Target, days: int, reason: str) -> None:
    day = world.today + timedelta(days=days)
    fits = world.campaign.starts_on <= day <= world.today
    taken = fits and (days >= -3 or reason == REASON)
    assert bool(line_of(world, home, day, reason)) == taken
    with transaction.atomic():
        if taken:
            assert record(world, home, day, reason).is_late == (days < -3)
        else:
            with pytest.raises(PermissionDenied):
                record(world, home, day, reason)
        transaction.set_rollback(True)
    with transaction.atomic():
        values = {"visited_on": day, "way": "home", "outcome": "effective", "late_reason": reason}
        client = world.client(world.cadre)
        answer = client.post(
            f"/visits/targets/{home.pk}/visit/", values | {"token": str(uuid.uuid4())}
        )
        assert (answer.status_code == 302, Visit.objects.count()) == (taken, int(taken))
        transaction.set_rollback(True)
    with transaction.atomic():
        visit = record(world, home, world.today, heard="说了路灯的事")
        if taken:
            assert correct(world, visit, day, reason).visited_on == day
        else:
            with pytest.raises(PermissionDenied):
                correct(world, visit, day, reason)
        transaction.set_rollback(True)


def test_a_sheet_that_midnight_makes_late_is_read_again(world: World, home: Target) -> None:
    (line,) = line_of(world, home, world.today - timedelta(days=3))
    each = PaperVisit(line, home, token_of(world.campaign, world.cadre, home, line))
    more = {"campaign": world.campaign, "author": world.cadre, "entered_by": world.cadre}
    at = timezone.make_aware(datetime.combine(world.today, time(12)))
    with pytest.raises(Outrun):
        write_visits(visits=[each], received_at=at + timedelta(days=1), **more)
    assert len(write_visits(visits=[each], received_at=at, **more)) == 1


# --- corrections ------------------------------------------------------------------------


def test_a_correction_moves_no_visit_behind_its_entry(world: World, home: Target) -> None:
    before = world.today - timedelta(days=2)
    at = timezone.make_aware(datetime.combine(before, time(18)))
    visit = record(world, home, before, received_at=at)
    with pytest.raises(PermissionDenied, match="不能晚于录入的那天"):
        correct(world, visit, world.today)
    page = world.client(world.cadre).post(
        f"/visits/log/{visit.pk}/correct/",
        {
            "visited_on": world.today,
            "way": "home",
            "outcome": "effective",
            "reason": "选错了",
            "seen_version": 1,
        },
    )
    assert page.status_code == 422
    assert "不能晚于录入的那天" in page.text


def test_a_correction_into_the_past_says_why_on_its_page(world: World, home: Target) -> None:
    visit = record(world, home, world.today)
    address, client = f"/visits/log/{visit.pk}/correct/", world.client(world.cadre)
    names = [field.name for field in client.get(address).context["form"].visible_fields()]
    assert "late_reason" not in names
    sent = {
        "visited_on": world.today - timedelta(days=20),
        "way": "home",
        "outcome": "effective",
        "reason": "选错了",
        "seen_version": 1,
    }
    page = client.post(address, sent)
    assert set(page.context["form"].errors) == {"late_reason"}
    assert len(page.context["form"].visible_fields()) <= 8
    assert client.post(address, sent | {"late_reason": REASON}).status_code == 302
    visit.refresh_from_db()
    assert (visit.late_reason, visit.is_late) == (REASON, True)
    after = correct(world, visit, world.today - timedelta(days=19))  # the reason stands
    assert (after.late_reason, after.version) == (REASON, 3)
    assert versions_of(after)[0].text["补录原因"] == REASON


# --- the database -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "late_reason", "stands"),
    [
        ("0 00:00:00", "", True),
        ("-1 23:59:59", "", False),
        ("3 23:59:59", "", True),
        ("4 00:00:00", "", False),
        ("4 00:00:00", REASON, True),
        ("-1 12:00:00", REASON, False),
    ],
)
def test_the_database_knows_the_days(
    world: World, home: Target, moment: str, late_reason: str, stands: bool
) -> None:
    """By the clock of China, whatever the zone of the session."""
    visit = record(world, home, world.today)
    days, clock = moment.split()
    day = world.today + timedelta(days=int(days))
    at = timezone.make_aware(datetime.combine(day, time.fromisoformat(clock)))
    row = Visit.objects.filter(pk=visit.pk)
    if stands:
        assert row.update(received_at=at, late_reason=late_reason) == 1
        return
    with pytest.raises(IntegrityError), transaction.atomic():
        row.update(received_at=at, late_reason=late_reason)


def test_without_the_check_the_database_refuses(
    world: World, home: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the tests above: the services' check is what they see."""
    for module in (services_visit, services_correction):
        monkeypatch.setattr(module, "require_day", lambda *_args, **_more: None)
    with pytest.raises((IntegrityError, Visit.DoesNotExist)), transaction.atomic():
        record(world, home, world.today - timedelta(days=20))
    record(world, home, date(2020, 1, 1), REASON)
    visit = record(world, home, world.today)
    with pytest.raises(IntegrityError), transaction.atomic():
        correct(world, visit, world.today - timedelta(days=20))


# --- both times -------------------------------------------------------------------------


def test_rows_of_late_visits_show_both_times(world: World, home: Target) -> None:
    record(world, home, world.today - timedelta(days=2))
    client, note = world.client(world.cadre), f"{world.today} 补录"
    pages = [
        "/visits/log/",
        f"/visits/targets/{home.pk}/visit/",
        f"/visits/targets/{home.pk}/",
    ]
    assert [note in client.get(page).text for page in pages] == [False] * 3
    record(world, home, world.today - timedelta(days=20), REASON)
    assert [note in client.get(page).text for page in pages] == [True] * 3
    entry = world.client(world.office).get(f"/visits/register/entries/{home.pk}/")
    assert note in entry.text


# --- rows of an earlier version ---------------------------------------------------------


@pytest.fixture
def unchecked(world: World) -> Iterator[None]:
    """The rows as a database without these constraints took them."""
    is_sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        if is_sqlite:
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for name in ("visit_before_its_entry", "visit_late_with_reason"):
                cursor.execute(f"ALTER TABLE visits_visit DROP CONSTRAINT {name}")
        yield
        if is_sqlite:
            cursor.execute("PRAGMA ignore_check_constraints = OFF")


def test_older_rows_get_what_they_lack(world: World, home: Target, unchecked: None) -> None:
    today, far = world.today, world.today - timedelta(days=20)
    before = today - timedelta(days=2)
    noon = timezone.make_aware(datetime.combine(before, time(12)))
    sound, late, told, after = (record(world, home, today) for _ in range(4))
    Visit.objects.filter(pk=late.pk).update(visited_on=far)
    Visit.objects.filter(pk=told.pk).update(visited_on=far, late_reason=REASON)
    Visit.objects.filter(pk=after.pk).update(received_at=noon)
    migration = import_module("visits.migrations.0033_late_reasons_so_far")
    migration.fill(apps, SimpleNamespace(connection=connection))
    rows = Visit.objects.in_bulk()
    found = [(rows[v.pk].visited_on, rows[v.pk].late_reason) for v in (sound, late, told, after)]
    assert found == [(today, ""), (far, migration.NOT_SAID), (far, REASON), (before, "")]
