"""The audit trail's page and file: for its administrator, of the people under the grant."""

from datetime import datetime, time, timedelta
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from pytest_django.fixtures import Settings

from core import audit
from core.audit_check import verify
from core.models import AuditEntry, Job
from organisation.choices import AreaLevel, Role
from organisation.models import User
from organisation.queries.audit import AuditCriteria, as_written, subject_of, trail
from organisation.services.audit import AUDIT_KIND, request_audit_export
from organisation.tasks import export_audit
from tests.personas import World, make_area
from tests.searching import sealed

LIST = "/audit/"
PAGE_QUERIES = 10


@pytest.fixture
def client(world: World) -> Client:
    return world.client(world.audit_admin)


@pytest.fixture
def city_admin(world: World) -> User:
    return world.person("city_audit", world.office_unit, Role.AUDIT_ADMIN, area=world.city)


def note(actor: User | None, act: str = "visits.record", **detail: object) -> int:
    subject = actor or User.objects.earliest("pk")
    audit.record_alone(actor=actor, act=act, subject=subject, **detail)
    return AuditEntry.objects.latest("id").id


def seen(viewer: User, **criteria: str) -> set[int]:
    return set(trail(viewer, AuditCriteria(**criteria)).values_list("id", flat=True))


def test_the_grant_bounds_what_is_read(world: World, city_admin: User) -> None:
    own = note(world.cadre)
    other_county = note(world.stranger_office)
    nobody = note(None)
    unplaced = note(User.objects.create(username="unplaced", name="丙"))
    written = {own, other_county, nobody, unplaced}
    assert seen(world.audit_admin) & written == {own}
    assert seen(city_admin) & written == written
    make_area("371600000000", "滨州市", AreaLevel.CITY)  # a second tree, not the admin's
    assert seen(city_admin) & written == written
    for other in (world.system_admin, world.security_admin, world.office, world.leader):
        assert seen(other) == set()


def test_every_filter_narrows(world: World) -> None:
    old = note(world.cadre, "visits.record")
    last = note(world.head, "issues.write")
    viewer = world.audit_admin
    assert seen(viewer, act="issues.write") & {old, last} == {last}
    assert seen(viewer, person="甲cadre") & {old, last} == {old}
    assert seen(viewer, person=" CADRE ") & {old, last} == {old}
    assert seen(viewer, words=f"user:{world.head.pk}") & {old, last} == {last}
    assert seen(viewer, words=f"人员 {world.head.pk}") & {old, last} == {last}
    assert seen(viewer, words="人员") >= {old, last}
    assert seen(viewer, words="visits") == seen(viewer, words="VISITS")
    assert seen(viewer, person="没有这个人") == set()


def test_a_day_is_a_day_of_the_place_and_the_last_one_belongs_to_it(world: World) -> None:
    number = note(world.cadre)
    today = timezone.localdate()
    yesterday, tomorrow = (str(today + timedelta(days=days)) for days in (-1, 1))
    viewer = world.audit_admin
    assert number in seen(viewer, since=str(today), until=str(today))
    assert number not in seen(viewer, since=tomorrow)
    assert number not in seen(viewer, until=yesterday)
    entries = AuditEntry.objects.filter(pk=number)
    begin = timezone.make_aware(datetime.combine(today, time.min))
    assert entries.between(begin, begin + timedelta(days=1)).exists()


def test_the_page_says_who_did_what(world: World, client: Client) -> None:
    number = note(world.cadre, "access.denied", path="/visits/", method="GET")
    page = client.get(LIST, {"act": "access.denied"}).content.decode()
    assert page.count("<b>被拒绝访问</b>") == 1
    for text in (f"第 {number} 条", "甲cadre（cadre） · 东阿县住建局", "页面：/visits/；方式：GET"):
        assert page.count(text) == 1


def test_the_page_goes_on_to_older_entries(world: World, client: Client) -> None:
    numbers = [note(world.cadre, "visits.record") for _ in range(25)]
    address, shown = f"{LIST}?act=visits.record", []
    while address:
        page = client.get(address).context["page"]
        shown += [line.number for line in page.rows]
        address = page.following and f"{LIST}{page.following}"
    assert shown == numbers[::-1]


@pytest.mark.parametrize("given", [{"since": "昨天"}, {"act": "x"}, {"until": "2026-13-01"}])
def test_a_wrong_filter_narrows_nothing(client: Client, given: dict[str, str]) -> None:
    answer = client.get(LIST, given)
    assert (answer.status_code, answer.context["written"]) == (200, {})


def test_nothing_found_says_what_to_do(client: Client) -> None:
    page = client.get(sealed(f"{LIST}?person=没有这个人")).content.decode()
    assert page.count("放宽时间，或清除筛选条件再看。") == 1


def test_the_page_costs_the_same_for_few_and_many(
    world: World, client: Client, django_assert_num_queries
) -> None:
    client.get(LIST)
    for number in (1, 18):
        for _ in range(number):
            note(world.cadre)
        with django_assert_num_queries(PAGE_QUERIES):
            client.get(LIST)


def test_the_export_holds_what_the_page_shows(world: World) -> None:
    for number in range(3):
        note(world.cadre, "visits.record", target=number)
    note(world.stranger_office, "visits.record", target=9)
    criteria = AuditCriteria(act="visits.record")
    job = request_audit_export(actor=world.audit_admin, criteria=criteria)
    assert request_audit_export(actor=world.audit_admin, criteria=criteria) == job
    export_audit(job_id=str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.outcome["rows"]) == (Job.State.DONE, 3)
    sheet = load_workbook(BytesIO(job.file.read())).worksheets[0]
    cells = [row for row in sheet.iter_rows(values_only=True) if isinstance(row[0], int)]
    entries = AuditEntry.objects.filter(act="visits.record", actor=world.cadre).order_by("-id")
    assert [(row[0], row[2], row[5], row[8], row[9]) for row in cells] == [
        (entry.id, "甲cadre", "登记走访", f"走访对象编号：{entry.detail['target']}", entry.hash)
        for entry in entries
    ]


def test_the_export_is_kept_in_the_trail_it_exports(world: World) -> None:
    request_audit_export(actor=world.audit_admin, criteria=AuditCriteria())
    entry = AuditEntry.objects.latest("id")
    assert (entry.actor, entry.act, entry.detail) == (
        world.audit_admin,
        "jobs.request",
        {"kind": AUDIT_KIND},
    )
    assert verify().faults == []


def test_who_has_lost_the_right_gets_no_file(world: World) -> None:
    job = request_audit_export(actor=world.audit_admin, criteria=AuditCriteria())
    world.audit_admin.grants.update(revoked_at=timezone.now())
    export_audit(job_id=str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.file.name) == (Job.State.FAILED, "")
    assert job.message.startswith("您现在没有查看审计记录的权限")


def test_too_long_an_export_is_refused_not_cut(world: World, settings: Settings) -> None:
    settings.EXPORT_MAX_ROWS = 2
    note(world.cadre)
    note(world.cadre)
    job = request_audit_export(actor=world.audit_admin, criteria=AuditCriteria())
    export_audit(job_id=str(job.pk))
    job.refresh_from_db()
    assert job.message == "审计记录超过 2 条，不能导出。请缩小时间范围，分几次导出。"


def test_the_button_asks_for_the_file_and_the_page_shows_it(world: World, client: Client) -> None:
    answer = client.post(reverse("organisation:audit-export"), {"act": "visits.record"})
    assert (answer.status_code, answer.url) == (302, LIST)
    job = Job.objects.get(kind=AUDIT_KIND)
    assert (job.owner, job.arguments) == (world.audit_admin, {"act": "visits.record"})
    assert client.get(LIST).content.decode().count(f'id="job-{job.pk}"') == 1


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("人员 12", "organisation.User:12"),
        ("人员12", "organisation.User:12"),
        (" 走访 ", "visits.Visit:"),
        ("visits.Visit:7", "visits.Visit:7"),
        ("别的 12", "别的 12"),
        ("", ""),
    ],
)
def test_a_subject_is_typed_as_it_is_shown(typed: str, written: str) -> None:
    assert as_written(typed) == written


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("visits.Visit:12", "走访 12"),
        ("visits.Gone:12", "visits.Gone:12"),
        ("nonsense", "nonsense"),
    ],
)
def test_a_subject_in_words(subject: str, shown: str) -> None:
    assert subject_of(subject) == shown
