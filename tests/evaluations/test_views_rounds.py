"""The office's pages: who gets in, what they say, what they cost."""

import pytest
from django.conf import LazySettings

from core.models import Job
from evaluations import services
from evaluations.choices import Grade, RaterGroup, RoundState
from evaluations.models import Round
from tests.evaluations.conftest import (
    County,
    codes_for,
    group_of,
    rate_all,
    signed_in,
)

READ_PAGES = ["/rounds/", "/rounds/{pk}/"]
WORK_PAGES = ["/rounds/new/", "/rounds/{pk}/groups/", "/rounds/{pk}/open/"]
ACTIONS = ["/rounds/{pk}/open/", "/rounds/{pk}/close/", "/rounds/{pk}/codes/served/"]
FORM = {"title": "年终评议", "superior": 25, "peer": 25, "served": 50, "minimum": 5}
PLENTY = dict.fromkeys(RaterGroup, [Grade.VERY_GOOD] * 4 + [Grade.POOR] * 3)


@pytest.mark.parametrize("page", READ_PAGES)
@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("office", 200),
        ("leader", 200),
        ("discipline", 200),
        ("cadre", 403),
        ("system_admin", 403),
    ],
)
def test_who_reads(county: County, draft: Round, page: str, who: str, status: int) -> None:
    answer = signed_in(getattr(county, who)).get(page.format(pk=draft.pk))
    assert answer.status_code == status


@pytest.mark.parametrize("page", WORK_PAGES)
@pytest.mark.parametrize(
    ("who", "status"), [("office", 200), ("leader", 403), ("discipline", 403), ("cadre", 403)]
)
def test_who_prepares(county: County, draft: Round, page: str, who: str, status: int) -> None:
    answer = signed_in(getattr(county, who)).get(page.format(pk=draft.pk))
    assert answer.status_code == status


@pytest.mark.parametrize("page", [READ_PAGES[1], *WORK_PAGES[1:]])
def test_another_county_finds_nothing(county: County, draft: Round, page: str) -> None:
    assert signed_in(county.elsewhere).get(page.format(pk=draft.pk)).status_code == 404


@pytest.mark.parametrize("page", [*READ_PAGES, *WORK_PAGES])
def test_a_stranger_is_asked_to_sign_in(client: object, draft: Round, page: str) -> None:
    address = page.format(pk=draft.pk)
    answer = client.get(address)
    assert (answer.status_code, answer["Location"]) == (302, f"/login/?next={address}")


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize(
    ("who", "status"), [("leader", 403), ("cadre", 403), ("elsewhere", 404), ("system_admin", 403)]
)
def test_who_may_not_act(county: County, opened: Round, action: str, who: str, status: int) -> None:
    answer = signed_in(getattr(county, who)).post(action.format(pk=opened.pk), {"number": 3})
    opened.refresh_from_db()
    assert (answer.status_code, opened.state) == (status, RoundState.OPEN)
    assert not Job.objects.exists()


def test_the_list_of_another_county_is_empty(county: County, draft: Round) -> None:
    page = signed_in(county.elsewhere).get("/rounds/").content.decode()
    assert county.unit.name not in page
    assert "还没有评议" in page


def test_create(county: County) -> None:
    answer = signed_in(county.office).post("/rounds/new/", FORM | {"unit": county.unit.pk})
    rating = Round.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/rounds/{rating.pk}/")
    assert (rating.title, rating.unit, rating.state) == ("年终评议", county.unit, "draft")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"served": 40, "superior": 40, "peer": 20}, "服务对象的权重必须最大"),
        ({"served": 51}, "现在是 101%"),
        ({"minimum": 4}, "5"),
        ({"title": ""}, "必填"),
        ({"title": "第三季度评议"}, "同名"),
        ({"peer": ""}, "必填"),
    ],
)
def test_create_says_what_is_wrong(
    county: County, draft: Round, change: dict[str, object], sentence: str
) -> None:
    answer = signed_in(county.office).post("/rounds/new/", FORM | {"unit": county.unit.pk} | change)
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert Round.objects.count() == 1


def test_create_takes_no_unit_of_another_county(county: County) -> None:
    answer = signed_in(county.elsewhere).post("/rounds/new/", FORM | {"unit": county.unit.pk})
    assert answer.status_code == 200
    assert not Round.objects.exists()


def test_change_weights_until_the_opening(county: County, draft: Round) -> None:
    client = signed_in(county.office)
    change = FORM | {"superior": 20, "peer": 20, "served": 60}
    assert client.post(f"/rounds/{draft.pk}/groups/", change).status_code == 302
    assert group_of(draft).weight == 60
    services.open_round(rating=draft, actor=county.office)
    assert client.post(f"/rounds/{draft.pk}/groups/", FORM).status_code == 403
    assert group_of(draft).weight == 60


def test_open_and_close_ask_first(county: County, draft: Round) -> None:
    client = signed_in(county.office)
    for step, state in (("open", RoundState.OPEN), ("close", RoundState.CLOSED)):
        address = f"/rounds/{draft.pk}/{step}/"
        asked = client.get(address)
        draft.refresh_from_db()
        assert (asked.status_code, draft.state == state) == (200, False)
        assert client.post(address).status_code == 302
        draft.refresh_from_db()
        assert draft.state == state
        assert client.get(address).status_code == 404


def test_print_codes_asks_for_a_job(county: County, draft: Round, settings: LazySettings) -> None:
    settings.ALLOWED_HOSTS = ["bf.example"]
    client = signed_in(county.office)
    address = f"/rounds/{draft.pk}/codes/served/"
    answer = client.post(address, {"number": 30}, HTTP_HOST="bf.example")
    assert answer.status_code == 302
    job = Job.objects.get()
    assert job.arguments == {
        "round": draft.pk,
        "group": group_of(draft).pk,
        "number": 30,
        "base_url": "http://bf.example",
    }
    settings.BASE_URL = "https://pf.example"
    client.post(address, {"number": 1}, HTTP_HOST="bf.example")
    assert Job.objects.latest("queued_at").arguments["base_url"] == "https://pf.example"


@pytest.mark.parametrize(
    ("address", "warned"),
    [
        ("http://localhost:8000", True),
        ("http://127.0.0.1:8000", True),
        ("http://[::1]:8000", True),
        ("http://192.168.1.20:8000", False),
        ("https://localhost.example", False),
    ],
)
def test_slips_with_an_address_of_this_machine_are_warned_about(
    county: County, draft: Round, settings: LazySettings, address: str, warned: bool
) -> None:
    settings.BASE_URL = address
    client = signed_in(county.office)
    answer = client.post(f"/rounds/{draft.pk}/codes/served/", {"number": 1}, follow=True)
    said = [(message.level_tag, str(message)) for message in answer.context["messages"]]
    sentence = (
        "二维码里是本机地址，别人的手机打不开。请让系统管理员设置 BIANFANG_BASE_URL 后重新打印。"
    )
    done = ("success", "正在生成评议码，完成后在本页下载。")
    assert said == [done, *[("warning", sentence)] * warned]


@pytest.mark.parametrize(
    ("number", "sentence"),
    [("0", "至少打印 1 个"), ("501", "一次最多打印 500 个"), ("x", "要填整数"), ("", "请填写")],
)
def test_print_codes_says_what_is_wrong(
    county: County, draft: Round, number: str, sentence: str
) -> None:
    client = signed_in(county.office)
    answer = client.post(f"/rounds/{draft.pk}/codes/served/", {"number": number}, follow=True)
    assert sentence in answer.content.decode()
    assert not Job.objects.exists()


def test_an_unknown_group_is_not_found(county: County, draft: Round) -> None:
    client = signed_in(county.office)
    assert client.post(f"/rounds/{draft.pk}/codes/xx/", {"number": 1}).status_code == 404


def test_jobs_are_shown_to_who_asked_and_to_nobody_else(county: County, draft: Round) -> None:
    job = services.request_codes(
        group=group_of(draft), number=3, base_url="http://x", actor=county.office
    )
    page = f"/rounds/{draft.pk}/"
    assert f"job-{job.pk}" in signed_in(county.office).get(page).content.decode()
    assert f"job-{job.pk}" not in signed_in(county.leader).get(page).content.decode()


@pytest.mark.parametrize("who", ["office", "leader", "discipline"])
def test_an_open_round_shows_no_grades_to_anybody(county: County, opened: Round, who: str) -> None:
    """Two worlds with other grades look the same, until the close."""
    rate_all(opened, PLENTY)
    client = signed_in(getattr(county, who))
    first = client.get(f"/rounds/{opened.pk}/")
    assert (first.context["result"], first.context["round"].state) == (None, "open")
    assert "已评 5 份以上 / 共 7 个码" in first.content.decode()
    (code,) = codes_for(group_of(opened), 1)
    assert "满意率" not in first.content.decode()
    services.cast_ballot(typed=code, grades={"rectification": Grade.POOR, "style": Grade.POOR})
    second = client.get(f"/rounds/{opened.pk}/").content.decode()
    assert second.count("已评 5 份以上") == 3


def test_a_closed_round_shows_rates_with_their_parts(county: County, opened: Round) -> None:
    rate_all(opened, PLENTY)
    services.close_round(rating=opened, actor=county.office)
    page = signed_in(county.leader).get(f"/rounds/{opened.pk}/").content.decode()
    assert "<b>57.1%</b> <small>24/42</small>" in page
    assert page.count("<b>57.1%</b> <small>4/7</small>") == 6
    assert page.count("不满意 3") >= 6
    assert "74.29 <small>分</small>" in page


def test_a_withheld_group_is_named_with_the_reason(county: County, opened: Round) -> None:
    rate_all(opened, PLENTY | {RaterGroup.PEER: [Grade.VERY_POOR] * 4})
    services.close_round(rating=opened, actor=county.office)
    page = signed_in(county.office).get(f"/rounds/{opened.pk}/").content.decode()
    assert "样本不足" in page
    assert "同级部门的有效评议少于 5 份，为保护评议人不公布结果" in page
    assert "不合成" in page
    assert 'id="group-peer"' not in page


def test_the_list_costs_the_same_for_one_and_three(
    county: County, django_assert_num_queries: object
) -> None:
    for number in (1, 2, 3):
        rating = services.create_round(
            campaign=county.campaign, unit=county.unit, title=f"评议{number}", actor=county.office
        )
        services.open_round(rating=rating, actor=county.office)
        services.close_round(rating=rating, actor=county.office)
        if number != 2:
            client = signed_in(county.office)
            with django_assert_num_queries(8):
                client.get("/rounds/")


def test_the_page_of_a_round_costs_the_same_full_and_empty(
    county: County, opened: Round, django_assert_num_queries: object
) -> None:
    client = signed_in(county.office)
    with django_assert_num_queries(9):
        client.get(f"/rounds/{opened.pk}/")
    rate_all(opened, PLENTY)
    for _ in range(3):
        services.request_codes(
            group=group_of(opened), number=3, base_url="http://x", actor=county.office
        )
    with django_assert_num_queries(9):
        client.get(f"/rounds/{opened.pk}/")
