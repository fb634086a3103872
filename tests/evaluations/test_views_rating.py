"""The raters' pages: easy to use, and silent afterwards."""

import pytest
from django.db.models import Sum
from django.test import Client

from evaluations import services
from evaluations.choices import Grade
from evaluations.models import Code, Round, Tally
from tests.evaluations.conftest import County, cast, codes_for, group_of, signed_in

GRADES = {"rectification": "4", "style": "0"}


@pytest.fixture
def code(opened: Round) -> str:
    (made,) = codes_for(group_of(opened), 1)
    return made


def counted() -> int:
    return Tally.objects.aggregate(total=Sum("count"))["total"]


def test_the_way_of_a_rater(client: Client, code: str) -> None:
    assert client.get("/rate/").status_code == 200
    ballot = client.post("/rate/", {"code": code}).content.decode()
    assert "东昌府区行政审批服务局" in ballot
    assert ballot.count('type="radio"') == 12
    assert counted() == 0
    answer = client.post("/rate/ballot/", {"code": code} | GRADES)
    assert (answer.status_code, answer["Location"]) == (302, "/rate/thanks/")
    given = Tally.objects.filter(count=1).values_list("dimension", "grade")
    assert set(given) == {("rectification", 4), ("style", 0)}


def test_the_ballot_needs_the_token_of_its_form(code: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/rate/ballot/", {"code": code} | GRADES).status_code == 403
    assert counted() == 0


def test_an_open_question_is_pointed_out_and_the_rest_kept(client: Client, code: str) -> None:
    answer = client.post("/rate/ballot/", {"code": code, "style": "3"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "请为「问题整改」选一项" in page
    assert page.count(" checked") == 1
    assert counted() == 0


@pytest.mark.parametrize("grade", ["6", "-1", "x", "4.5"])
def test_a_grade_that_is_not_on_the_ballot_counts_nothing(
    client: Client, code: str, grade: str
) -> None:
    client.post("/rate/ballot/", {"code": code, "rectification": grade, "style": "3"})
    assert counted() == 0


@pytest.mark.parametrize("page", ["/rate/", "/rate/ballot/"])
def test_a_refusal_says_why_and_counts_nothing(
    client: Client, county: County, opened: Round, page: str
) -> None:
    used, fresh = codes_for(group_of(opened), 2)
    cast(used, Grade.GOOD)

    def said(code: str) -> str:
        answer = client.post(page, {"code": code} | GRADES)
        assert (answer.status_code, answer.templates[0].name) == (200, "evaluations/rate.html")
        return answer.context["form"].errors["code"][0]

    assert said(used).startswith("这个评议码已经用过了")
    assert said("Z" * 26).startswith("没有这个评议码")
    services.close_round(rating=opened, actor=county.office)
    assert said(fresh).startswith("这次评议已经结束")
    assert counted() == 2


def test_an_empty_code_is_asked_for(client: Client, opened: Round) -> None:
    answer = client.post("/rate/", {"code": ""})
    assert answer.context["form"].errors["code"] == ["请输入纸条上的评议码。"]
    assert client.post("/rate/ballot/", {}).templates[0].name == "evaluations/rate.html"


def test_the_back_button_leads_to_the_start(client: Client) -> None:
    answer = client.get("/rate/ballot/")
    assert (answer.status_code, answer["Location"]) == (302, "/rate/")


def test_no_page_may_be_kept_and_none_holds_the_answers(client: Client, code: str) -> None:
    pages = [
        client.get("/rate/"),
        client.post("/rate/", {"code": code}),
        client.post("/rate/ballot/", {"code": code} | GRADES),
        client.get("/rate/thanks/"),
    ]
    assert {page["Cache-Control"] for page in pages} == {"no-store"}
    assert "sessionid" not in client.cookies
    thanks = pages[3].content.decode()
    for trace in (code, "东昌府区", "满意", "不了解"):
        assert trace not in thanks


@pytest.mark.parametrize("page", ["/rate/", "/rate/ballot/", "/rate/thanks/"])
def test_a_device_with_staff_signed_in_is_refused(county: County, code: str, page: str) -> None:
    """Threat X14; the answer is the same for a good code and a bad one."""
    client = signed_in(county.cadre)
    answers = [client.get(page)]
    if page != "/rate/thanks/":
        answers += [client.post(page, {"code": each} | GRADES) for each in (code, "Z" * 26)]
    for answer in answers:
        assert answer.status_code == 403
        assert "请先退出登录" in answer.content.decode()
        assert "东昌府区" not in answer.content.decode()
    assert counted() == 0
    assert not Code.objects.filter(used=True).exists()


def test_the_pages_cost_little(
    client: Client, code: str, django_assert_num_queries: object
) -> None:
    with django_assert_num_queries(0):
        client.get("/rate/")
    with django_assert_num_queries(1):
        client.post("/rate/", {"code": code})
    with django_assert_num_queries(7):  # two look-ups, the round's row, two writes, begin and end
        client.post("/rate/ballot/", {"code": code} | GRADES)
    with django_assert_num_queries(0):
        client.get("/rate/thanks/")
