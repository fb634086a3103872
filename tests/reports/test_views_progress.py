"""The progress page and the list of exports, by person."""

import json
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaign.models import Campaign
from core import jobs
from core.models import AuditEntry, Job
from reports.exports import export_progress
from reports.services import PROGRESS_KIND
from tests.reports.conftest import Prefecture

PAGE = reverse("reports:progress")
READERS = ["city leader", "leader", "office", "organisation", "discipline"]
OTHERS = [
    "cadre",
    "head of 东阿县住建局",
    "leader of a unit",
    "system admin",
    "security admin",
    "audit admin",
]


@pytest.fixture
def leader(filled: Prefecture, client: Client) -> Client:
    client.force_login(filled.people["leader"])
    return client


def first_column(html: str, title: str) -> list[str]:
    """The row headings of one table of the page."""
    caption = f'<caption class="visually-hidden">{title}</caption>'
    table = html.split(caption)[1].split("</table>", maxsplit=1)[0]
    body = table.split("<tbody>")[1].split("</tbody>")[0]
    return re.findall(r'<th scope="row"[^>]*>(?:<a[^>]*>)?([^<]*)', body)


@pytest.mark.parametrize("person", READERS)
def test_leaders_and_offices_read_it(prefecture: Prefecture, client: Client, person: str) -> None:
    client.force_login(prefecture.people[person])
    assert client.get(PAGE).status_code == 200


@pytest.mark.parametrize("person", OTHERS)
def test_others_have_no_right(prefecture: Prefecture, client: Client, person: str) -> None:
    client.force_login(prefecture.people[person])
    answer = client.get(PAGE)
    assert (answer.status_code, "作风办申请" in answer.content.decode()) == (403, True)
    asked = client.post(reverse("reports:progress-export"), {"format": "xlsx"})
    assert (asked.status_code, Job.objects.count()) == (403, 0)


def test_a_stranger_is_sent_to_sign_in(db: None, client: Client) -> None:
    assert client.get(PAGE).url.startswith(reverse("organisation:login"))


@pytest.mark.parametrize("code", ["371521000000", "371500000000", "371521100201", "x"])
def test_an_area_outside_the_grant_does_not_exist(leader: Client, code: str) -> None:
    assert leader.get(PAGE, {"area": code}).status_code == 404
    asked = leader.post(reverse("reports:progress-export"), {"area": code, "format": "xlsx"})
    assert (asked.status_code, Job.objects.count()) == (404, 0)


def test_the_way_down_ends_at_the_village(leader: Client) -> None:
    county = leader.get(PAGE).content.decode()
    assert f'href="{PAGE}?area=371524100000"' in county
    assert first_column(county, "分区域走访覆盖") == ["铜城镇", "刘集镇", "东阿县本级"]
    township = leader.get(PAGE, {"area": "371524100000"}).content.decode()
    assert f'href="{PAGE}?area=371524100201"' in township
    assert f'href="{PAGE}?area=371524000000"' in township  # the way back
    village = leader.get(PAGE, {"area": "371524100201"}).content.decode()
    assert first_column(village, "分区域走访覆盖") == ["前村"]


def test_the_rest_stands_beside_the_rate(leader: Client) -> None:
    page = leader.get(PAGE).content.decode()
    cards = re.findall(
        r'figure-label">([^<]+)<.*?<b>([\d.]+%)</b> <small>([\d,/]+)</small>'
        r'.*?figure-note">([^<]+)',
        page,
        re.DOTALL,
    )
    assert [(name, rate, parts, rest.strip(" ·")) for name, rate, parts, rest in cards] == [
        ("全部覆盖", "46.1%", "6/13", "还剩 7"),
        ("企业覆盖", "66.6%", "2/3", "还剩 1"),
        ("村居覆盖", "100.0%", "1/1", "全部完成"),
        ("群众覆盖", "33.3%", "3/9", "还剩 6"),
        ("诉求答复", "0.0%", "0/1", "还剩 1"),
        ("问题销号", "25.0%", "1/4", "还剩 3"),
    ]


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("", ["铜城镇", "刘集镇", "东阿县本级"]),
        ("total-share", ["铜城镇", "刘集镇", "东阿县本级"]),
        ("-total-share", ["东阿县本级", "刘集镇", "铜城镇"]),
        ("-left", ["铜城镇", "刘集镇", "东阿县本级"]),
        ("household-share", ["铜城镇", "刘集镇", "东阿县本级"]),  # without any: last
        ("nonsense", ["铜城镇", "刘集镇", "东阿县本级"]),
    ],
)
def test_areas_are_sorted_on_the_server(leader: Client, sort: str, names: list[str]) -> None:
    page = leader.get(PAGE, {"sort": sort}).content.decode()
    assert first_column(page, "分区域走访覆盖") == names
    assert "<tfoot>" in page.split("分区域走访覆盖</caption>")[1].split("</table>")[0]


def test_the_chart_draws_the_numbers_of_the_table(leader: Client) -> None:
    page = leader.get(PAGE).content.decode()
    data = json.loads(re.search(r'id="chart-data" type="application/json">(.*?)</script>', page)[1])
    assert data == {
        "names": ["铜城镇", "刘集镇", "东阿县本级"],
        "covered": [4, 1, 1],
        "left": [6, 1, 0],
    }


def test_nothing_to_show_says_what_to_do(prefecture: Prefecture, client: Client) -> None:
    client.force_login(prefecture.people["leader"])
    page = client.get(PAGE).content.decode()
    assert ("还没有登记走访对象" in page, "还没有备案的问题" in page) == (True, True)
    Campaign.objects.update(starts_on="2098-01-01")
    assert "今天没有进行中的专项行动" in client.get(PAGE).content.decode()


def test_names_no_person(filled: Prefecture, client: Client) -> None:
    """Totals of areas and units only: nobody is listed or ranked (P1)."""
    client.force_login(filled.people["city leader"])
    page = client.get(PAGE).content.decode()
    others = [user.name for key, user in filled.people.items() if key != "city leader"]
    assert [name for name in others if name in page] == []


def test_the_page_costs_the_same_with_one_and_three(
    filled: Prefecture, leader: Client, django_assert_num_queries: object
) -> None:
    leader.get(PAGE)
    with django_assert_num_queries(18):
        leader.get(PAGE)
    for day in (1, 2):
        filled.problem(unit="铜城镇政府", category=day, title=f"拖延{day}")
    with django_assert_num_queries(18):
        leader.get(PAGE)


def test_export_answers_with_the_job_and_its_file(filled: Prefecture, leader: Client) -> None:
    asked = leader.post(
        reverse("reports:progress-export"),
        {"area": "371524100000", "format": "xlsx"},
        headers={"HX-Request": "true"},
    )
    job = Job.objects.get()
    assert f'hx-get="{reverse("core:job-status", args=[job.pk])}"' in asked.content.decode()
    assert (job.kind, job.title, job.owner) == (
        PROGRESS_KIND,
        "铜城镇专项行动进展（Excel）",
        filled.people["leader"],
    )
    assert AuditEntry.objects.filter(act="jobs.request").count() == 1
    jobs.run(str(job.pk), export_progress)
    file = leader.get(reverse("core:job-file", args=[job.pk]))
    assert b"".join(file.streaming_content).startswith(b"PK")
    assert AuditEntry.objects.filter(act="jobs.fetch_file").count() == 1


def test_without_javascript_the_export_goes_to_the_list(leader: Client) -> None:
    asked = leader.post(reverse("reports:progress-export"), {"format": "pdf"})
    assert asked.url == reverse("reports:export-list")
    assert "东阿县专项行动进展（PDF）" in leader.get(asked.url).content.decode()


def test_an_unknown_format_is_a_bad_request(leader: Client) -> None:
    assert leader.post(reverse("reports:progress-export"), {"format": "exe"}).status_code == 400
    assert Job.objects.count() == 0


def test_export_only_by_post(leader: Client) -> None:
    assert leader.get(reverse("reports:progress-export")).status_code == 405


def test_a_file_belongs_to_the_one_who_asked(filled: Prefecture, leader: Client) -> None:
    leader.post(reverse("reports:progress-export"), {"format": "xlsx"})
    job = Job.objects.get()
    jobs.run(str(job.pk), export_progress)
    for person in ("city leader", "office", "system admin", "audit admin"):
        other = Client()
        other.force_login(filled.people[person])
        assert other.get(reverse("core:job-file", args=[job.pk])).status_code == 404
        assert other.get(reverse("core:job-status", args=[job.pk])).status_code == 404
        assert job.title not in other.get(reverse("reports:export-list")).content.decode()
        assert other.post(reverse("reports:export-retry", args=[job.pk])).status_code in (403, 404)
    assert Job.objects.count() == 1


def test_the_list_shows_state_size_and_a_way_to_try_again(
    filled: Prefecture, leader: Client
) -> None:
    assert "还没有导出过" in leader.get(reverse("reports:export-list")).content.decode()
    leader.post(reverse("reports:progress-export"), {"format": "xlsx"})
    job = Job.objects.get()
    retry = reverse("reports:export-retry", args=[job.pk])
    jobs.run(str(job.pk), export_progress)
    page = leader.get(reverse("reports:export-list")).content.decode()
    assert ("KB" in page, reverse("core:job-file", args=[job.pk]) in page, retry in page) == (
        True,
        True,
        False,
    )
    Job.objects.update(state=Job.State.FAILED, file="", message="处理时出错")
    page = leader.get(reverse("reports:export-list")).content.decode()
    assert ("处理时出错" in page, retry in page) == (True, True)
    assert leader.post(retry).url == reverse("reports:export-list")
    newest = Job.objects.order_by("-queued_at").first()
    assert (newest.pk != job.pk, newest.state, newest.arguments) == (
        True,
        Job.State.QUEUED,
        job.arguments,
    )


def test_an_expired_file_is_gone_and_can_be_made_again(leader: Client) -> None:
    leader.post(reverse("reports:progress-export"), {"format": "xlsx"})
    job = Job.objects.get()
    jobs.run(str(job.pk), export_progress)
    Job.objects.update(expires_at=timezone.now())
    jobs.expire_files()
    assert leader.get(reverse("core:job-file", args=[job.pk])).status_code == 404
    page = leader.get(reverse("reports:export-list")).content.decode()
    assert ("已过保留期" in page, reverse("reports:export-retry", args=[job.pk]) in page) == (
        True,
        True,
    )
