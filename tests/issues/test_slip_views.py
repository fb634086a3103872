"""The pages of supervision slips, and the paper form."""

import io
import uuid

import pytest
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader
from pytest_django.fixtures import DjangoAssertNumQueries

from core.models import Job
from issues.choices import Pace
from issues.exports.slips import slip_pdf
from issues.filters import SlipFilter
from issues.models import SupervisionSlip
from issues.queries import slips
from issues.services import SLIP_KIND, raise_due_slips, request_slip_file
from issues.services.slip_deadlines import due_of
from issues.tasks import export_slip
from tests.issues.conftest import brought_to
from tests.issues.slips import fresh, overdue, raised, slip_at, step
from tests.personas import World


def text_of(content: bytes) -> str:
    reader = PdfReader(io.BytesIO(content))
    return "".join("".join(page.extract_text().split()) for page in reader.pages)


### Raising one


def test_the_form_says_which_day_each_choice_means(world: World) -> None:
    issue = brought_to(world, "file")
    text = world.client(world.discipline).get(f"/issues/{issue.pk}/").text
    days = {pace: due_of(world.today, pace) for pace in Pace}
    for pace, day in days.items():
        assert f"{pace.label}（到 {day.year}年{day.month}月{day.day}日）" in text
    sent = {"request": "三天内办结", "pace": "urgent", "token": str(uuid.uuid4())}
    world.client(world.discipline).post(f"/issues/{issue.pk}/slips/", sent)
    assert SupervisionSlip.objects.get().due_on == days[Pace.URGENT]


### The list


def test_the_list_is_empty_and_says_so(world: World) -> None:
    assert "没有督办单" in world.client(world.head).get("/issues/slips/").text


def test_the_list_shows_what_one_may_see(world: World) -> None:
    raised(world)
    assert "材料被搁置" in world.client(world.head).get("/issues/slips/").text
    assert "材料被搁置" not in world.client(world.other_head).get("/issues/slips/").text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, {"new", "late"}),
        ({"words": "住建局"}, {"new", "late"}),
        ({"words": "民政局"}, set()),
        ({"words": "群众"}, {"late"}),
        ({"words": "1"}, {"new"}),
        ({"words": "督办〔2026〕2号"}, {"late"}),
        ({"state": "received"}, {"late"}),
        ({"late": "on"}, {"late"}),
        ({"waiting": "on"}, {"new", "late"}),
    ],
)
def test_it_is_narrowed(world: World, query: dict[str, str], expected: set[str]) -> None:
    new = raised(world)
    late = slip_at(world, "receive", raised(world, _issue(world, "让群众白跑一趟")))
    past = world.today.replace(year=world.today.year - 1)
    SupervisionSlip.objects.filter(pk=late.pk).update(counted_from=past, due_on=past)
    request = RequestFactory().get("/", query)
    request.user = world.head
    found = SlipFilter(request.GET, slips(world.head), request=request).qs
    names = {new.pk: "new", late.pk: "late"}
    assert {names[each.pk] for each in found} == expected


def _issue(world: World, title: str) -> object:
    return brought_to(world, "file", world.issue(title=title))


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_as_often_for_many(
    world: World, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(number):
        raised(world, brought_to(world, "file"))
    client = world.client(world.head)
    client.get("/issues/slips/")
    with django_assert_num_queries(7):
        assert client.get("/issues/slips/").text.count("row-link") == number


@pytest.mark.parametrize("until", ["receive", "close"])
def test_the_page_asks_as_often_at_every_step(
    world: World, until: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    slip = slip_at(world, until)
    client = world.client(world.head)
    client.get(f"/issues/slips/{slip.pk}/")
    with django_assert_num_queries(10):
        client.get(f"/issues/slips/{slip.pk}/")


### The way in the browser


def test_from_the_item_to_the_closure(world: World) -> None:
    issue = brought_to(world, "file")
    discipline = world.client(world.discipline)
    page = discipline.get(f"/issues/{issue.pk}/")
    assert "出具督办单" in page.text
    assert "出具督办单" not in world.client(world.head).get(f"/issues/{issue.pk}/").text
    address = f"/issues/{issue.pk}/slips/"
    empty = discipline.post(address, {"request": "", "pace": "urgent", "token": ""})
    assert (empty.status_code, set(empty.context["slip_form"].errors)) == (
        422, {"request", "token"},
    )  # fmt: skip
    data = {"request": "三天内当面答复群众。", "pace": "urgent", "token": uuid.uuid4()}
    assert discipline.post(address, data).status_code == 302
    slip = SupervisionSlip.objects.get()
    assert str(slip) in world.client(world.head).get(f"/issues/{issue.pk}/").text
    for name, who in (("receive", "liaison"), ("answer", "cadre"), ("sign", "head"),
                      ("close", "discipline")):  # fmt: skip
        client = world.client(getattr(world, who))
        assert str(slip) in client.get("/").text  # it waits on the home page
        page = client.get(f"/issues/slips/{slip.pk}/")
        assert f"/steps/{name}/" in page.text
        data = {"note": "已当面答复", "seen": fresh(slip).step_count}
        client.post(f"/issues/slips/{slip.pk}/steps/{name}/", data)
    assert fresh(slip).state == "closed"
    assert str(slip) not in world.client(world.discipline).get("/").text


def test_what_stands_against_a_step_is_said(world: World) -> None:
    slip = raised(world)
    client = world.client(world.head)
    step(fresh(slip), "receive", world.liaison)
    address = f"/issues/slips/{slip.pk}/steps/"
    for name, data, said in (
        ("receive", {"seen": 0}, "状态已经变化"),
        ("answer", {"seen": 0, "note": "办了"}, "刚刚被别人办理了"),
        ("answer", {"seen": 1, "note": " "}, "请填写办理结果"),
        ("answer", {"seen": "x"}, "提交的内容不完整"),
    ):
        assert said in client.post(f"{address}{name}/", data, follow=True).text


### On paper


def test_the_paper_has_every_field(world: World) -> None:
    slip = slip_at(world, "sign")
    step(slip, "redo", world.discipline, "只写了打算")
    for name, who in (("answer", "cadre"), ("sign", "head"), ("close", "discipline")):
        step(fresh(slip), name, getattr(world, who), {"answer": "已当面道歉"}.get(name, "属实"))
    slip = SupervisionSlip.objects.select_related("issue__responsible", "campaign").get()
    text = text_of(slip_pdf(slip, world.head, timezone.localtime()))
    day = f"{world.today.year}年{world.today.month}月{world.today.day}日"
    for words in (
        f"督办〔{world.today.year}〕1号", "督办事项材料被搁置9天", "承办单位东阿县住建局",
        "纪委监委交办", f"{slip.due_on.year}年{slip.due_on.month}月{slip.due_on.day}日",
        "查清原因，三天内当面答复群众。", "甲liaison", "已当面道歉甲cadre", f"同意。甲head{day}",
        "退回重办只写了打算", f"审结意见属实甲discipline{day}", "系统生成，非正式公文。甲head",
    ):  # fmt: skip
        assert words in text, words


def test_an_open_one_is_not_signed_on_paper(world: World) -> None:
    overdue(world)
    raise_due_slips(world.today)
    slip = SupervisionSlip.objects.select_related("issue__responsible", "campaign").get()
    content = slip_pdf(slip, world.head, timezone.localtime())
    text = text_of(content)
    assert "系统按规则" in text
    assert "同意" not in text
    assert len(PdfReader(io.BytesIO(content)).pages) == 1


def test_the_file_comes_by_a_job_and_twice_pressed_is_one(world: World) -> None:
    slip = raised(world)
    client = world.client(world.head)
    for _ in range(2):
        client.post(f"/issues/slips/{slip.pk}/file/")
    job = Job.objects.get(kind=SLIP_KIND)
    export_slip(job_id=str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.file_name) == (Job.State.DONE, f"{slip}.pdf")
    page = client.get(f"/issues/slips/{slip.pk}/")
    assert f"下载 {slip}.pdf" in page.text
    fetched = client.get(reverse("core:job-file", args=[job.pk]))
    assert text_of(b"".join(fetched.streaming_content)).count(str(slip)) == 1
    assert request_slip_file(slip=slip, actor=world.head).pk != job.pk


def test_who_may_not_see_the_slip_any_more_gets_no_file(world: World) -> None:
    slip = raised(world)
    job = request_slip_file(slip=slip, actor=world.head)
    world.head.grants.update(revoked_at=timezone.now())
    export_slip(job_id=str(job.pk))
    job.refresh_from_db()
    assert (job.state, "没有查看这张督办单的权限" in job.message) == (Job.State.FAILED, True)
