"""Who reads names, telephones and addresses, on every page, and what is kept of it."""

import uuid
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.utils import timezone

from core.crypto import is_sealed
from core.models import AuditEntry
from organisation.models import User
from tests.architecture.packages import ROOT
from tests.personas import World
from tests.searching import sealed
from visits import rules, services
from visits.choices import Outcome, TargetKind, Way
from visits.models import RegisterUpload, Target, Visit
from visits.queries import shown_to
from visits.services import add_targets, record_visit

revealing = import_module("visits.services.reveal")  # the package's name for it is the verb
NAME, PHONE, ADDRESS = "欧阳建国", "13812345678", "前关村东头石榴树旁 7 号"
PLAIN = (NAME, "建国", PHONE, "12345678", "石榴树")
REASON = "电话回访核实"
MASKED_READERS = ("office", "city_office", "organisation")


@pytest.fixture
def target(world: World) -> Target:
    """A household that the cadre's team covers."""
    made = Target(
        campaign=world.campaign,
        kind=TargetKind.HOUSEHOLD,
        code="H-1",
        name=NAME,
        area=world.village,
        phone=PHONE,
        address=ADDRESS,
    )
    add_targets(campaign=world.campaign, targets=[made], actor=world.office)
    return Target.objects.get(code="H-1")


@pytest.fixture
def visit(world: World, target: Target) -> Visit:
    return record_visit(
        token=uuid.uuid4(),
        target=target,
        author=world.cadre,
        visited_on=world.today,
        way=Way.HOME,
        outcome=Outcome.EFFECTIVE,
    )


def pages(target: Target, visit: Visit) -> list[str]:
    return [
        "/visits/",
        sealed(f"/visits/?words={NAME}"),
        f"/visits/targets/{target.pk}/",
        f"/visits/targets/{target.pk}/visit/",
        "/visits/log/",
        sealed(f"/visits/log/?words={NAME}"),
        f"/visits/log/{visit.pk}/",
        "/",
        "/progress/",
        "/notices/",
    ]


def without_typed(browser: Client, address: str) -> str:
    """The page but for the search box, which gives back what was typed into it."""
    page = browser.get(address).content.decode()
    return page.replace(f'value="{NAME}"', "")


def plain_in(text: str) -> list[str]:
    return [value for value in PLAIN if value in text]


@pytest.mark.parametrize(
    "persona", [*MASKED_READERS, "head", "discipline", "leader", "city_leader"]
)
def test_nobody_outside_the_team_reads_plain_values(
    world: World, target: Target, visit: Visit, persona: str
) -> None:
    browser = world.client(getattr(world, persona))
    found = {page: plain_in(without_typed(browser, page)) for page in pages(target, visit)}
    assert {page: values for page, values in found.items() if values} == {}


def test_the_team_reads_them_where_it_needs_them(
    world: World, target: Target, visit: Visit
) -> None:
    """The same search, so that it can be seen to find what there is."""
    browser = world.client(world.cadre)
    detail = browser.get(f"/visits/targets/{target.pk}/").content.decode()
    assert [value in detail for value in (NAME, PHONE, ADDRESS)] == [True] * 3
    assert "查看个人信息" not in detail
    assert NAME in browser.get("/visits/log/").content.decode()
    form = browser.get(f"/visits/targets/{target.pk}/visit/").content.decode()
    assert [value in form for value in (NAME, PHONE, ADDRESS)] == [True] * 3


@pytest.mark.parametrize("persona", MASKED_READERS)
def test_with_the_rule_switched_off_the_others_would_read_them(
    world: World, target: Target, monkeypatch: pytest.MonkeyPatch, persona: str
) -> None:
    monkeypatch.setattr(Target, "masked_name", property(lambda self: self.name))
    monkeypatch.setattr("core.fields.Sealed.__str__", lambda self: self.open())
    page = world.client(getattr(world, persona)).get(f"/visits/targets/{target.pk}/")
    assert plain_in(page.content.decode()) == list(PLAIN)


@pytest.mark.parametrize("persona", MASKED_READERS)
def test_the_masks_on_the_pages(world: World, target: Target, visit: Visit, persona: str) -> None:
    browser = world.client(getattr(world, persona))
    detail = browser.get(f"/visits/targets/{target.pk}/").content.decode()
    assert [text in detail for text in ("欧阳*", "138****5678", "前关村***")] == [True] * 3
    assert "欧阳*" in browser.get("/visits/log/").content.decode()


def test_names_of_enterprises_and_villages_are_not_personal(world: World) -> None:
    for kind in (TargetKind.ENTERPRISE, TargetKind.VILLAGE):
        assert str(Target(kind=kind, name="欧阳机械有限公司")) == "欧阳机械有限公司"
    assert str(Target(kind=TargetKind.HOUSEHOLD, name=NAME)) == "欧阳*"


def test_who_left_the_team_reads_masks(world: World, target: Target, visit: Visit) -> None:
    """Also of the own visits, which stay in sight."""
    world.team.members.remove(world.cadre)
    page = world.client(world.cadre).get(f"/visits/log/{visit.pk}/")
    assert (page.status_code, plain_in(page.content.decode())) == (200, [])
    assert world.client(world.cadre).get(f"/visits/targets/{target.pk}/").status_code == 404


def test_a_list_is_decided_with_the_same_queries_for_one_and_many(
    world: World, django_assert_num_queries: object
) -> None:
    for number in (1, 30):
        targets = world.households(number)
        user = User.objects.get(pk=world.cadre.pk)
        with django_assert_num_queries(3):  # grants, team areas, targets
            shown = shown_to(user, targets)
        assert [row.is_plain for row in shown] == [True] * number


def test_no_template_reads_past_the_masks() -> None:
    """Templates get a ``Shown``; the row behind it is for what is not personal."""
    past = ("entry.name", "entry.phone", "entry.address", "visit.target.", ".open")
    files = sorted((ROOT / "templates" / "visits").glob("*.html"))
    assert len(files) > 5
    assert [(f.name, text) for f in files for text in past if text in f.read_text()] == []


# --- the reveal ---------------------------------------------------------------


def ask(world: World, user: User, target: Target, reason: str = REASON) -> tuple[int, str]:
    answer = world.client(user).post(f"/visits/targets/{target.pk}/reveal/", {"reason": reason})
    return answer.status_code, answer.content.decode()


def reveals() -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(act="visits.reveal"))


@pytest.mark.parametrize("persona", MASKED_READERS)
def test_a_reason_shows_the_values_once_and_is_kept(
    world: World, target: Target, persona: str
) -> None:
    user = getattr(world, persona)
    status, page = ask(world, user, target)
    assert (status, plain_in(page)) == (200, list(PLAIN))
    (entry,) = reveals()
    assert (entry.actor, entry.subject) == (user, f"visits.Target:{target.pk}")
    assert entry.detail == {"reason": REASON}
    again = world.client(user).get(f"/visits/targets/{target.pk}/").content.decode()
    assert plain_in(again) == []


def test_the_answer_is_kept_nowhere(world: World, target: Target) -> None:
    browser = world.client(world.office)
    answer = browser.post(f"/visits/targets/{target.pk}/reveal/", {"reason": REASON})
    assert answer["Cache-Control"] == "no-store"
    kept = str(dict(browser.session))
    kept += str(browser.cookies) + str(list(AuditEntry.objects.values()))
    assert plain_in(kept) == []


@pytest.mark.parametrize("reason", ["", "   ", "核实 ", "查一下"])
def test_without_a_reason_nothing_is_shown(world: World, target: Target, reason: str) -> None:
    status, page = ask(world, world.office, target, reason)
    assert (status, plain_in(page), reveals()) == (200, [], [])
    assert "请写" in page
    with pytest.raises(PermissionDenied, match="请写明查看原因"):
        services.reveal(target=target, actor=world.office, reason=reason)


def test_strangers_find_nothing_and_administrators_have_no_right(
    world: World, target: Target
) -> None:
    for user, status in (
        (world.stranger_office, 404),
        (world.head, 404),
        (world.discipline, 404),
        (world.leader, 404),
        (world.system_admin, 403),
        (world.security_admin, 403),
        (world.audit_admin, 403),
    ):
        answered, page = ask(world, user, target)
        assert (answered, plain_in(page)) == (status, []), user
        with pytest.raises(PermissionDenied):
            services.reveal(target=target, actor=user, reason=REASON)
    assert reveals() == []


def test_without_the_rule_a_stranger_would_read(
    world: World, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revealing, "can_reveal", lambda user, target: True)
    shown = services.reveal(target=target, actor=world.stranger_office, reason=REASON)
    assert shown.phone == PHONE
    assert not rules.can_reveal(world.stranger_office, target)


def test_copying_the_register_by_reveals_ends_at_the_hours_share(
    world: World, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revealing, "REVEALS_PER_HOUR", 2)
    assert [ask(world, world.office, target)[0] for _ in range(3)] == [200, 200, 429]
    _, page = ask(world, world.office, target)
    assert (plain_in(page), "请过一会儿再看" in page, len(reveals())) == ([], True, 2)
    assert ask(world, world.organisation, target)[0] == 200  # each has an own share


# --- the search by telephone --------------------------------------------------


def search(browser: Client, words: str, where: str = "/visits/search/") -> tuple[int, str]:
    answer = browser.post(where, {"words": words})
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize("words", [PHONE, "138 1234 5678", "+86 138-1234-5678"])
def test_a_whole_number_finds_the_household(world: World, target: Target, words: str) -> None:
    status, page = search(world.client(world.cadre), words)
    assert (status, NAME in page) == (200, True)
    entry = AuditEntry.objects.get(act="visits.search_phone")
    assert (entry.actor, entry.subject) == (world.cadre, f"organisation.User:{world.cadre.pk}")
    assert entry.detail == {}


def test_another_number_finds_nothing(world: World, target: Target) -> None:
    status, page = search(world.client(world.cadre), "13812345679")
    assert (status, "包联区域里没有对象登记了这个电话" in page) == (200, True)
    assert NAME not in page


def test_a_landline_is_found_too(world: World, target: Target) -> None:
    Target.objects.filter(pk=target.pk).update(phone="0635-8241234")
    assert NAME in search(world.client(world.cadre), "（0635）8241234")[1]


@pytest.mark.parametrize("words", ["1381234567", "138", "欧阳"])
def test_other_words_go_to_the_lists_own_address(world: World, target: Target, words: str) -> None:
    for where, there in (("/visits/search/", "/visits/"), ("/visits/log/search/", "/visits/log/")):
        answer = world.client(world.cadre).post(where, {"words": words, "kind": ""}, follow=True)
        (address, status), *_ = answer.redirect_chain
        assert (status, address.split("?")[0]) == (302, there)
    assert AuditEntry.objects.filter(act="visits.search_phone").count() == 0


def test_a_number_in_the_address_is_no_search_by_telephone(world: World, target: Target) -> None:
    """Only the search box finds one, by its index, and that is written down."""
    page = world.client(world.cadre).get(sealed(f"/visits/?words={PHONE}")).content.decode()
    assert NAME not in page


def test_the_office_finds_visits_by_number_and_reads_the_mask(
    world: World, target: Target, visit: Visit
) -> None:
    status, page = search(world.client(world.office), PHONE, "/visits/log/search/")
    assert (status, "欧阳*" in page, plain_in(page)) == (200, True, [])
    _, page = search(world.client(world.stranger_office), PHONE, "/visits/log/search/")
    assert ("欧阳*" in page, "没有找到" in page) == (False, True)


def test_numbers_cannot_be_tried_one_after_another(
    world: World, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = world.client(world.cadre)
    tried = [search(browser, f"138123456{n:02}")[0] for n in range(30)]
    assert tried == [200] * 30
    for where in ("/visits/search/", "/visits/log/search/"):
        status, page = search(browser, PHONE, where)
        assert (status, NAME in page, "一小时最多按电话查找 30 次" in page) == (429, False, True)
    later = timezone.now() + timedelta(hours=1)
    monkeypatch.setattr(revealing, "timezone", SimpleNamespace(now=lambda: later))
    assert NAME in search(browser, PHONE)[1]


def test_without_the_limit_they_could(
    world: World, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revealing, "SEARCHES_PER_HOUR", 10**6)
    browser = world.client(world.cadre)
    found = [n for n in range(60, 95) if NAME in search(browser, f"138123456{n:02}")[1]]
    assert found == [78]


# --- what lies in the database ------------------------------------------------


def every_text_column() -> str:
    """All rows of all tables, as the database holds them."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        rows: list[object] = []
        for table in tables:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows += cursor.fetchall()
    return str(rows)


def test_no_table_holds_a_telephone_or_an_address(
    world: World, target: Target, visit: Visit
) -> None:
    services.reveal(target=target, actor=world.office, reason=REASON)
    services.note_phone_search(actor=world.office)
    held = every_text_column()
    assert [value in held for value in (PHONE, "12345678", "石榴树")] == [False] * 3
    assert NAME in held  # a name can be searched for, so it is not encrypted: the control


@pytest.mark.skipif(connection.vendor != "sqlite", reason="looks into SQLite's file")
@pytest.mark.django_db(transaction=True)
def test_the_database_file_holds_no_plain_value(world: World, tmp_path: Path) -> None:
    """Also not after a value has been changed; a plain column beside it is the control."""
    (target,) = world.households(1)
    target.phone, target.address, target.name = "13987654321", "前关村西头枣树旁", "控制对照名"
    target.save()
    target.phone, target.address = PHONE, ADDRESS
    target.save()
    copy = tmp_path / "copy.sqlite3"
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(copy)])
    content = copy.read_bytes()
    sentinels = (PHONE, "13987654321", "石榴树", "枣树")
    assert [text.encode() in content for text in sentinels] == [False] * 4
    assert "控制对照名".encode() in content


migration = import_module("visits.migrations.0003_encrypt_addresses")


def write_raw(target: Target, address: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE visits_target SET address = %s WHERE id = %s", [address, target.pk])


def raw_addresses() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT address FROM visits_target ORDER BY id")
        return [address for (address,) in cursor.fetchall()]


def test_the_migration_encrypts_what_stands_there_and_goes_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.rotation.BATCH", 2)
    plain = ["一街 1 号", "", "二街 2 号", "三街 3 号", "四街 4 号"]
    for target, address in zip(world.households(5), plain, strict=True):
        write_raw(target, address)
    migration.encrypt(apps, None)
    held = raw_addresses()
    assert [is_sealed(text) for text in held] == [bool(address) for address in plain]
    migration.encrypt(apps, None)  # killed and begun again: what is done stays
    assert raw_addresses() == held
    in_order = Target.objects.order_by("pk")
    assert [target.address.open() for target in in_order] == plain
    migration.decrypt(apps, None)
    assert raw_addresses() == plain


def test_the_migration_clears_personal_values_out_of_reports(world: World) -> None:
    quoted = "登记册里是「张三」，文件里是「张三丰」。"
    upload = RegisterUpload.objects.create(
        campaign=world.campaign,
        kind=TargetKind.HOUSEHOLD,
        uploaded_by=world.office,
        report={
            "rows": 3,
            "errors": [
                [2, "户主姓名", "changed", quoted],
                [2, "常住人口", "changed", "登记册里是「3」，文件里是「4」。"],
                [3, "地址", "missing", "必填"],
            ],
        },
    )
    migration.clear_reports(apps, None)
    upload.refresh_from_db()
    assert upload.report["errors"] == [
        [2, "户主姓名", "changed", "与登记册里的不一致，请核对"],
        [2, "常住人口", "changed", "登记册里是「3」，文件里是「4」。"],
        [3, "地址", "missing", "必填"],
    ]
