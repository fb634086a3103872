"""The pages of the roster: found, narrowed, kept, masked, exported."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from core.jobs import run
from core.models import AuditEntry, Job
from organisation.choices import Role, Tier
from organisation.exports.roster import export_roster
from organisation.models import Grant, Posting, User
from organisation.services import (
    change_posting,
    correct_person,
    create_unit,
    grant,
    move_person,
    retire,
)
from organisation.services.exports import ROSTER_KIND
from organisation.services.reveal import SEARCHES_PER_HOUR
from tests.organisation.test_grants import forget_the_proof, held
from tests.organisation.test_people import PLAIN, again, history
from tests.personas import PASSWORD, World
from tests.searching import sealed

pytestmark = pytest.mark.django_db
NUMBER = "13812345678"


def shown(client: Client, query: str = "") -> set[str]:
    response = client.get(sealed(f"/people/{query}"))
    assert response.status_code == 200
    return {person.username for person in response.context["page"]}


@pytest.fixture
def with_number(world: World) -> World:
    correct_person(user=world.cadre, name="甲cadre", phone=NUMBER, actor=None)
    return world


### Who is seen


def test_everybody_sees_the_people_of_the_own_scope(world: World, settings: object) -> None:
    settings.PAGE_SIZE = 100
    unit = {"cadre", "colleague", "liaison", "head", "deputy"}
    county = set(User.objects.values_list("username", flat=True)) - {"stranger_office"}
    seen = {
        name: shown(world.client(getattr(world, name)))
        for name in ("liaison", "head", "deputy", "office", "organisation")
    }
    assert seen == dict.fromkeys(("liaison", "head", "deputy"), unit) | dict.fromkeys(
        ("office", "organisation"), county
    )
    assert shown(world.client(world.stranger_office)) == {"stranger_office"}
    assert shown(world.client(world.system_admin)) == county


def test_people_follow_their_unit(world: World) -> None:
    client = world.client(world.liaison)
    move_person(
        user=world.cadre,
        unit=world.other_unit,
        position="科长",
        on=world.today,
        actor=None,
        **PLAIN,
    )
    assert client.get(f"/people/{world.cadre.pk}/").status_code == 404
    assert "cadre" in shown(world.client(world.other_head))


def test_who_keeps_no_roster_is_told_so(world: World) -> None:
    for user in (world.cadre, world.discipline, world.leader, world.audit_admin):
        assert world.client(user).get("/people/").status_code == 403
    for user in (world.head, world.organisation, world.system_admin):
        assert world.client(user).get("/people/new/").status_code == 403


def test_a_foreign_person_is_not_found(world: World) -> None:
    foreign = world.stranger_office.pk
    client = world.client(world.office)
    pages = ("", "edit/", "posting/", "move/", "retire/", "grants/new/")
    answers = [client.get(f"/people/{foreign}/{page}").status_code for page in pages]
    answers.append(client.post(f"/people/{foreign}/phone/").status_code)
    answers.append(client.post(f"/people/{foreign}/account/reset-password/").status_code)
    assert answers == [404] * 8


@pytest.mark.parametrize("number", [1, 3])
def test_the_number_of_queries_does_not_grow_with_the_people(
    world: World, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    unit = create_unit(name="一科", kind="department", area=world.county, parent=world.unit)
    for count in range(number):
        world.person(f"p{count}", unit, Role.CADRE, unit=unit)
    client = world.client(world.liaison)
    client.get("/people/")
    with django_assert_num_queries(LIST_QUERIES):
        assert len(shown(client, f"?under={unit.pk}")) == number


LIST_QUERIES = 12


### Narrowing


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?words=甲collea", {"colleague"}),
        ("?words=HEAD", {"head", "other_head"}),
        ("?unit=民政", {"other_head"}),
        ("?role=deputy", {"deputy"}),
        ("?tier=leading", {"head"}),
        ("?power=allocates", {"head"}),
        ("?power=approves", set()),
        ("?state=disabled", {"colleague"}),
        ("?state=initial", {"deputy"}),
        ("?words=甲colle&state=initial", set()),
        ("?under=999999", set()),
        ("?under=none", set()),
        ("?words=nobody", set()),
    ],
)
def test_the_roster_is_narrowed(world: World, query: str, expected: set[str]) -> None:
    change_posting(
        user=world.head,
        position="局长",
        tier=Tier.LEADING,
        powers=["allocates"],
        on=world.today,
        actor=None,
    )
    User.objects.filter(pk=world.colleague.pk).update(is_active=False)
    User.objects.filter(pk=world.deputy.pk).update(password_is_initial=True)
    assert shown(world.client(world.office), query) == expected


def test_disabled_people_are_left_out_until_asked_for(world: World) -> None:
    User.objects.filter(pk=world.colleague.pk).update(is_active=False)
    client = world.client(world.liaison)
    assert "colleague" not in shown(client)
    assert "colleague" in shown(client, "?state=all")
    assert shown(client, "?words=collea") == {"colleague"}


def test_a_value_that_is_no_choice_narrows_nothing(world: World) -> None:
    client = world.client(world.liaison)
    assert shown(client, "?tier=kings&power=x&role=superuser&state=y") == shown(client)


def test_a_whole_number_finds_its_person_and_stands_in_no_address(with_number: World) -> None:
    client = with_number.client(with_number.liaison)
    response = client.post("/people/search/", {"words": "138 1234 5678"})
    assert [person.username for person in response.context["page"]] == ["cadre"]
    assert NUMBER not in response.content.decode()
    entry = AuditEntry.objects.latest("id")
    assert (entry.act, entry.detail) == ("organisation.search_phone", {})
    response = client.post("/people/search/", {"words": NUMBER[:10]})
    assert response["Location"].startswith("/people/?words=")
    assert NUMBER[:10] not in response["Location"]
    assert shown(client, f"?words={NUMBER}") == set()


def test_a_foreign_number_finds_nobody(with_number: World) -> None:
    client = with_number.client(with_number.stranger_office)
    response = client.post("/people/search/", {"words": NUMBER})
    assert list(response.context["page"]) == []


def test_numbers_are_not_guessed_without_end(with_number: World) -> None:
    client = with_number.client(with_number.liaison)
    answers = [
        client.post("/people/search/", {"words": NUMBER}).status_code
        for _ in range(SEARCHES_PER_HOUR + 1)
    ]
    assert answers == [200] * SEARCHES_PER_HOUR + [429]


### Numbers


def test_a_number_is_masked_and_shown_once_for_a_reason(with_number: World) -> None:
    client = with_number.client(with_number.liaison)
    address = f"/people/{with_number.cadre.pk}/"
    assert "138****5678" in client.get(address).content.decode()
    response = client.post(f"{address}phone/", {"reason": "核对值班表"})
    assert response.context["revealed"] == NUMBER
    assert NUMBER not in client.get(address).content.decode()
    entry = AuditEntry.objects.latest("id")
    assert (entry.act, entry.actor) == ("organisation.reveal", with_number.liaison)
    response = client.post(f"{address}phone/", {"reason": "看看"})
    assert (response.status_code, NUMBER in response.content.decode()) == (422, False)


def test_administrators_see_accounts_and_nothing_of_business(with_number: World) -> None:
    change_posting(
        user=with_number.cadre,
        position="科长",
        tier=Tier.KEY_POST,
        powers=["approves"],
        on=with_number.today,
        actor=None,
    )
    address = f"/people/{with_number.cadre.pk}/"
    business = ("关键岗位干部", "审批权", "138****5678")
    for admin in (with_number.system_admin, with_number.security_admin):
        client = with_number.client(admin)
        page, listed = (client.get(each).content.decode() for each in (address, "/people/"))
        assert [word for word in business if word in page + listed] == []
        assert client.post(f"{address}phone/", {"reason": "核对值班表"}).status_code == 403
        assert shown(client, "?tier=key_post&power=approves") == shown(client)
        found = client.post("/people/search/", {"words": NUMBER})
        assert found["Location"].startswith("/people/?words=")
    page = with_number.client(with_number.liaison).get(address).content.decode()
    assert [word for word in business if word in page] == list(business)


### Keeping


def new_person(world: World, **changes: object) -> dict[str, object]:
    return {
        "name": "张三",
        "username": "ZhangSan",
        "phone": NUMBER,
        "unit": world.unit.name,
        "position": "科员",
        "tier": "ordinary",
        "since": str(world.today),
    } | changes


def test_somebody_is_put_into_the_roster_and_the_password_shown_once(world: World) -> None:
    client = world.client(world.liaison)
    response = client.post("/people/new/", new_person(world))
    person = User.objects.get(username="ZhangSan")
    password = response.context["password"]
    assert person.check_password(password)
    assert (person.password_is_initial, held(person)) == (True, {"cadre"})
    assert password in response.content.decode()
    assert response["Cache-Control"] == "no-store"
    assert password not in client.get(f"/people/{person.pk}/").content.decode()


@pytest.mark.parametrize("login", ["ZS", "z.s_1-a@b"])
def test_the_page_takes_the_login_names_that_the_import_takes(world: World, login: str) -> None:
    world.client(world.liaison).post("/people/new/", new_person(world, username=login))
    assert User.objects.filter(username=login).exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"username": "张三"}, "username"),
        ({"username": "a"}, "username"),
        ({"username": "a" * 41}, "username"),
        ({"username": ".zhang"}, "username"),
        ({"username": "CADRE"}, "__all__"),
        ({"username": "cadre"}, "__all__"),
        ({"name": ""}, "name"),
        ({"phone": "123"}, "phone"),
        ({"unit": "没有"}, "unit"),
        ({"unit": "东阿县民政局"}, "unit"),
        ({"tier": "king"}, "tier"),
        ({"powers": ["approves"]}, "tier"),
        ({"powers": ["rules"], "tier": "leading"}, "powers"),
        ({"since": "2999-01-01"}, "__all__"),
        ({"since": "heute"}, "since"),
    ],
)
def test_a_wrong_field_is_named(world: World, changes: dict[str, object], field: str) -> None:
    before = User.objects.count()
    response = world.client(world.liaison).post("/people/new/", new_person(world, **changes))
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    assert User.objects.count() == before


def test_a_person_is_corrected_promoted_moved_and_retired_by_the_pages(world: World) -> None:
    client = world.client(world.office)
    address = f"/people/{world.cadre.pk}/"
    client.post(f"{address}edit/", {"name": "李四", "phone": NUMBER})
    posting = {"position": "科长", "tier": "key_post", "powers": ["enforces"]}
    client.post(f"{address}posting/", posting | {"on": str(world.today - timedelta(days=5))})
    client.post(
        f"{address}move/",
        posting | {"unit": world.other_unit.name, "on": str(world.today - timedelta(days=2))},
    )
    client.post(f"{address}retire/", {"on": str(world.today)})
    kept = again(world.cadre)
    assert (kept.name, kept.phone.open(), kept.is_active) == ("李四", NUMBER, False)
    assert history(kept) == [
        ("东阿县住建局", "科员", -365, -6),
        ("东阿县住建局", "科长", -5, -3),
        ("东阿县民政局", "科长", -2, 0),
    ]


def test_the_pages_say_what_will_end(world: World) -> None:
    grant(user=world.head, role=Role.LEADER, area=world.county, since=world.today)
    world.client(world.head)
    client = world.client(world.office)
    move = client.get(f"/people/{world.head.pk}/move/").context
    assert [[each.role for each in move[name]] for name in ("lost", "kept")] == [
        ["unit_head"],
        ["leader"],
    ]
    leave = client.get(f"/people/{world.head.pk}/retire/").context
    assert ({each.role for each in leave["rights"]}, leave["sessions"]) == (
        {"unit_head", "leader"},
        1,
    )


def test_a_number_stays_when_left_empty_and_goes_when_told(with_number: World) -> None:
    client = with_number.client(with_number.liaison)
    address = f"/people/{with_number.cadre.pk}/edit/"
    client.post(address, {"name": "甲cadre", "phone": ""})
    assert again(with_number.cadre).phone.open() == NUMBER
    client.post(address, {"name": "甲cadre", "phone": "", "forget_phone": "on"})
    assert again(with_number.cadre).phone.open() == ""


def test_a_move_to_where_one_is_says_so(world: World) -> None:
    data = {"unit": world.unit.name, "position": "科长", "tier": "ordinary"}
    response = world.client(world.office).post(
        f"/people/{world.cadre.pk}/move/", data | {"on": str(world.today)}
    )
    form = response.context["form"]
    assert form.errors == {
        "__all__": ["甲cadre已在东阿县住建局任职。只改职务的，请用「修改任职」。"]
    }
    assert world.unit.name not in list(form.fields["unit"].widget.names)


def test_nobody_moves_or_retires_himself(world: World) -> None:
    client = world.client(world.liaison)
    pages = ("posting/", "move/", "retire/")
    answers = [client.get(f"/people/{world.liaison.pk}/{page}").status_code for page in pages]
    assert answers == [403] * 3


def test_whom_the_keeper_does_not_post_has_no_buttons_for_it(world: World) -> None:
    pages = ("edit/", "posting/", "move/", "retire/")
    answers = {}
    for user, person in (
        (world.liaison, world.head),
        (world.office, world.head),
        (world.office, world.audit_admin),
    ):
        client, address = world.client(user), f"/people/{person.pk}/"
        page = client.get(address).content.decode()
        statuses = [client.get(f"{address}{page}").status_code for page in pages]
        shown = [f'href="{address}{each}"' in page for each in pages]
        assert shown == [status == 200 for status in statuses]
        answers[user.username, person.username] = statuses
    assert answers == {
        ("liaison", "head"): [200, 403, 403, 403],
        ("office", "head"): [200] * 4,
        ("office", "audit_admin"): [403] * 4,
    }


def test_who_has_left_is_neither_moved_nor_retired_again(world: World) -> None:
    retire(user=world.cadre, on=world.today, actor=None)
    client = world.client(world.office)
    pages = ("posting/", "move/", "retire/")
    answers = [client.get(f"/people/{world.cadre.pk}/{page}").status_code for page in pages]
    assert answers == [403] * 3


def test_who_has_left_comes_back_by_the_page(world: World) -> None:
    client = world.client(world.liaison)
    address = f"/people/{world.cadre.pk}/"
    assert not client.get(address).context["can_return"]
    assert client.get(f"{address}return/").status_code == 403
    retire(user=world.cadre, on=world.today - timedelta(days=1), actor=None)
    assert f"{address}return/" in client.get(address).content.decode()
    form = client.get(f"{address}return/").context["form"]
    assert form.initial == {"unit": world.unit.name, "position": "科员"}
    data = {"unit": world.unit.name, "position": "副科长", "tier": "ordinary"}
    response = client.post(f"{address}return/", data | {"on": str(world.today)})
    password = response.context["password"]
    assert password in response.content.decode()
    assert response["Cache-Control"] == "no-store"
    assert (again(world.cadre).check_password(password), again(world.cadre).is_active) == (
        True,
        True,
    )
    assert not client.get(address).context["can_return"]


def test_the_button_to_come_back_is_not_there_where_it_would_be_refused(world: World) -> None:
    retire(user=world.cadre, on=world.today, actor=None)
    Posting.objects.filter(user=world.discipline).update(until=world.today - timedelta(days=1))
    client = world.client(world.office)
    for person in (world.cadre, world.discipline):
        assert not client.get(f"/people/{person.pk}/").context["can_return"]


@pytest.mark.parametrize(
    ("days_ago", "expected"), [(0, (403, True)), (1, (200, False))], ids=["last day", "next"]
)
def test_the_page_to_come_back_opens_on_the_day_after_the_last(
    world: World, days_ago: int, expected: tuple[int, bool]
) -> None:
    """As the service has it: on the last day the person is still in office."""
    retire(user=world.cadre, on=world.today - timedelta(days=days_ago), actor=None)
    page = world.client(world.liaison).get(f"/people/{world.cadre.pk}/return/")
    assert (page.status_code, "任职的最后一天" in page.text) == expected


def test_the_page_to_come_back_names_the_rights_that_stand_in_the_way(world: World) -> None:
    Posting.objects.filter(user=world.discipline).update(until=world.today - timedelta(days=1))
    page = world.client(world.office).get(f"/people/{world.discipline.pk}/return/")
    assert (page.status_code, "请先请安全管理员收回" in page.text) == (403, True)


def test_the_frame_keeps_the_readers_own_posting(world: World) -> None:
    """A page about somebody else must not put that one's post beside the reader's name."""
    Posting.objects.filter(user=world.office).update(position="主任")
    page = world.client(world.office).get(f"/people/{world.cadre.pk}/").content.decode()
    assert "东阿县作风办 · 主任" in page


### Export


def asked_for(world: World, user: User, **criteria: str) -> Job:
    client = world.client(user)
    response = client.post("/people/export/", criteria)
    assert response["Location"] == "/people/exports/"
    return Job.objects.get(kind=ROSTER_KIND, owner=user)


def rows_of(job: Job) -> list[list[object]]:
    run(str(job.pk), export_roster)
    job.refresh_from_db()
    assert (job.state, job.message) == ("done", "")
    with job.file.open("rb") as file:
        sheet = load_workbook(BytesIO(file.read())).worksheets[0]
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    heading = next(number for number, row in enumerate(rows) if row[0] == "姓名")
    return [row for row in rows[heading:] if row[1] is not None]


def test_the_narrowed_roster_is_exported_with_masked_numbers(with_number: World) -> None:
    heading, *rows = rows_of(asked_for(with_number, with_number.liaison, words="cadre"))
    since = with_number.today - timedelta(days=365)
    ((*cells, began, roles, state, tier, _powers, phone),) = [
        [*row[:4], row[4].date(), *row[5:]] for row in rows
    ]
    assert cells == ["甲cadre", "cadre", "东阿县住建局", "科员"]
    assert (began, roles, state) == (since, "干部", "启用")
    assert (tier, phone) == ("普通党员干部", "138****5678")
    assert heading[-1] == "手机"


def test_an_administrators_file_holds_accounts_only(with_number: World) -> None:
    heading, *rows = rows_of(asked_for(with_number, with_number.system_admin))
    assert heading == ["姓名", "登录名", "单位", "职务", "任职起", "角色", "账号"]
    assert len(rows) == User.objects.count() - 1  # all but the other county's


def test_who_lost_the_right_gets_no_file(world: World) -> None:
    job = asked_for(world, world.head)
    Grant.objects.filter(user=world.head).update(revoked_at=timezone.now())
    run(str(job.pk), export_roster)
    job.refresh_from_db()
    assert (job.state, bool(job.file)) == ("failed", False)


def test_the_same_file_is_made_once_and_asked_for_after_proof(world: World) -> None:
    client = world.client(world.liaison)
    forget_the_proof(world.liaison)
    client.post("/people/export/")
    assert Job.objects.count() == 0
    for _ in range(2):
        client.post("/people/export/", {"proof_password": PASSWORD})
    assert Job.objects.count() == 1
    assert client.get("/people/exports/").status_code == 200
