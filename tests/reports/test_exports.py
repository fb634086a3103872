"""The progress report as files: the same numbers as on the screen, and nothing alive in them."""

import io
import re
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from pypdf import PdfReader

from core import jobs
from core.jobs import LeaseLost, Running, request_job
from core.models import Job
from organisation.models import Grant
from reports import exports
from reports.choices import FileFormat
from reports.exports import all_tables, export_progress
from reports.queries.progress import progress
from reports.services import PROGRESS_KIND, request_progress_export, retry_export
from tests.papers import MILLIMETRE, placed
from tests.reports.conftest import Prefecture

Made = Callable[..., Job]


@pytest.fixture
def made(filled: Prefecture) -> Made:
    """Build the file of an area for a person; returns the finished job."""

    def build(file_format: FileFormat, *, area: str = "东阿县", person: str = "leader") -> Job:
        job = request_progress_export(
            actor=filled.people[person],
            campaign=filled.campaign,
            area=filled.area(area),
            file_format=file_format,
        )
        jobs.run(str(job.pk), export_progress)
        job.refresh_from_db()
        return job

    return build


def workbook_of(job: Job) -> Workbook:
    return load_workbook(io.BytesIO(job.file.read()))


def pdf_of(job: Job) -> PdfReader:
    return PdfReader(io.BytesIO(job.file.read()))


def plain(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_screen_excel_and_pdf_show_the_same_numbers(
    filled: Prefecture, made: Made, client: Client
) -> None:
    client.force_login(filled.people["leader"])
    page = plain(re.sub(r"<[^>]+>", " ", client.get(reverse("reports:progress")).content.decode()))
    book = workbook_of(made(FileFormat.XLSX))
    paper = plain("".join(page.extract_text() for page in pdf_of(made(FileFormat.PDF)).pages))
    reader, way = filled.people["leader"], [filled.area("东阿县")]
    tables = all_tables(progress(reader, filled.campaign, way, timezone.now(), listed=99))
    assert [sheet.title for sheet in book] == [table.title for table in tables]
    for table, sheet in zip(tables, book, strict=True):
        rows = [*table.rows, *([table.total] if table.total else [])]
        written = [tuple(cell.value for cell in row) for row in sheet.iter_rows(min_row=3)]
        # Excel gives dates back as datetimes.
        written = [
            tuple(value.date() if hasattr(value, "date") else value for value in row)
            for row in written
        ]
        assert written[: len(rows)] == [tuple(row) for row in rows]
        for row in table.shown_rows():
            line = plain("".join(cell.text for cell in row))
            assert line in paper, f"{table.title}: {line}"
            is_figure = table.title == "总体进展"  # large, above the tables
            if not is_figure and any(cell.text not in {"0", ""} for cell in row[1:]):
                assert line in page, f"{table.title}: {line}"


def test_excel_keeps_types_and_freezes_the_headings(made: Made) -> None:
    book = workbook_of(made(FileFormat.XLSX))
    sheet = book["总体进展"]
    assert sheet.freeze_panes == "A3"
    name, done, whole, rate, left, _ = (cell for cell in sheet[3])
    assert (name.value, done.value, whole.value, left.value) == ("全部覆盖", 6, 13, 7)
    assert (rate.value, rate.number_format) == (0.461, "0.0%")
    late = book["逾期未销号问题"]
    assert late["D3"].is_date
    assert "系统生成，非正式公文" in str(sheet.cell(sheet.max_row, 1).value)


def test_text_that_looks_like_a_formula_stays_text(filled: Prefecture, made: Made) -> None:
    payloads = ['=HYPERLINK("http://evil/","看")', "+1+1", "-2", "@SUM(A1)", "\t=1+1"]
    for title in payloads:
        filled.problem(title=title)
    sheet = workbook_of(made(FileFormat.XLSX))["逾期未销号问题"]
    cells = [cell for (cell,) in sheet.iter_rows(min_row=3, min_col=2, max_col=2)]
    found = {cell.value: cell.data_type for cell in cells if cell.value in payloads}
    assert found == dict.fromkeys(payloads, "s")


def test_pdf_is_a4_with_the_text_block_of_the_standard(made: Made) -> None:
    reader = pdf_of(made(FileFormat.PDF))
    sizes = [
        tuple(
            round(float(side) / MILLIMETRE) for side in (page.mediabox.width, page.mediabox.height)
        )
        for page in reader.pages
    ]
    assert set(sizes) == {(210, 297), (297, 210)}
    assert sizes[0] == (210, 297)
    assert sizes[-1] == (297, 210)
    body = [each for each in placed(reader.pages[0]) if not each[2].startswith(("—", "系统"))]
    assert min(x for x, _, _ in body) >= 28
    assert max(y for _, y, _ in body) <= 297 - 35


def test_pdf_numbers_its_pages_and_names_who_took_it(made: Made) -> None:
    texts = [plain(page.extract_text()) for page in pdf_of(made(FileFormat.PDF)).pages]
    for number, text in enumerate(texts, start=1):
        assert f"—{number}—" in text
        assert "系统生成，非正式公文。张leader" in text


def test_the_file_holds_only_the_asked_area(filled: Prefecture, made: Made) -> None:
    paper = "".join(page.extract_text() for page in pdf_of(made(FileFormat.PDF)).pages)
    assert "阳谷县住建局" not in paper
    city = made(FileFormat.PDF, area="聊城市", person="city leader")
    assert "阳谷县住建局" in "".join(page.extract_text() for page in pdf_of(city).pages)


def test_a_list_that_is_too_long_is_refused_with_words(settings: object, made: Made) -> None:
    settings.EXPORT_MAX_ROWS = 1
    job = made(FileFormat.XLSX)
    assert (job.state, job.file.name) == (Job.State.FAILED, "")
    assert job.message == "有一张表超过 1 行，不能导出。请选择下一级区域分别导出。"


def test_a_long_pdf_is_sent_to_excel(monkeypatch: pytest.MonkeyPatch, made: Made) -> None:
    monkeypatch.setattr(exports, "PDF_MAX_ROWS", 1)
    assert made(FileFormat.PDF).message.startswith(
        "有一张表超过 1 行，不适合做成 PDF。请导出 Excel"
    )
    assert made(FileFormat.XLSX).state == Job.State.DONE


def test_a_right_lost_meanwhile_stops_the_file(filled: Prefecture) -> None:
    leader = filled.people["leader"]
    job = request_progress_export(
        actor=leader,
        campaign=filled.campaign,
        area=filled.area("东阿县"),
        file_format=FileFormat.XLSX,
    )
    Grant.objects.filter(user=leader).update(until=timezone.localdate() - timedelta(days=1))
    jobs.run(str(job.pk), export_progress)
    job.refresh_from_db()
    assert (job.state, job.file.name) == (Job.State.FAILED, "")
    assert job.message.startswith("您现在没有查看这个区域的权限")


def test_progress_is_told_in_steps(filled: Prefecture, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    tell = Running.progress
    monkeypatch.setattr(
        Running, "progress", lambda self, *step: (told.append(step), tell(self, *step))
    )
    job = request_progress_export(
        actor=filled.people["leader"],
        campaign=filled.campaign,
        area=filled.area("东阿县"),
        file_format=FileFormat.XLSX,
    )
    jobs.run(str(job.pk), export_progress)
    job.refresh_from_db()
    assert told == [(0, 3), (1, 3), (2, 3)]
    assert (job.state, job.done, job.total) == (Job.State.DONE, 3, 3)


def test_a_worker_that_lost_its_claim_leaves_no_file_and_the_work_is_redone(
    filled: Prefecture, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = request_progress_export(
        actor=filled.people["leader"],
        campaign=filled.campaign,
        area=filled.area("东阿县"),
        file_format=FileFormat.XLSX,
    )
    finish = Running.finish

    def lose_then_finish(self: Running, **result: object) -> None:
        Job.objects.filter(pk=job.pk).update(
            claim=uuid.uuid4(), lease_until=timezone.now() - timedelta(seconds=1)
        )
        with pytest.raises(LeaseLost):
            finish(self, **result)
        raise LeaseLost

    monkeypatch.setattr(Running, "finish", lose_then_finish)
    jobs.run(str(job.pk), export_progress)
    job.refresh_from_db()
    assert (job.state, job.file.name) == (Job.State.RUNNING, "")
    assert [path for path in settings.MEDIA_ROOT.rglob("*.xlsx") if path.is_file()] == []
    monkeypatch.setattr(Running, "finish", finish)
    jobs.run(str(job.pk), export_progress)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.DONE, 2)
    assert len(list(settings.MEDIA_ROOT.rglob("*.xlsx"))) == 1
    assert job.file.name.endswith(".xlsx")


def test_the_same_request_under_way_is_one_job(filled: Prefecture) -> None:
    ask = {"actor": filled.people["leader"], "campaign": filled.campaign}
    first = request_progress_export(**ask, area=filled.area("东阿县"), file_format=FileFormat.XLSX)
    assert (
        request_progress_export(**ask, area=filled.area("东阿县"), file_format=FileFormat.XLSX)
        == first
    )
    assert (
        request_progress_export(**ask, area=filled.area("东阿县"), file_format=FileFormat.PDF)
        != first
    )
    assert (
        request_progress_export(**ask, area=filled.area("铜城镇"), file_format=FileFormat.XLSX)
        != first
    )
    jobs.run(str(first.pk), export_progress)
    assert (
        request_progress_export(**ask, area=filled.area("东阿县"), file_format=FileFormat.XLSX)
        != first
    )


def test_a_retry_asks_for_the_same_again(filled: Prefecture) -> None:
    leader = filled.people["leader"]
    failed = request_job(
        kind=PROGRESS_KIND,
        title="东阿县专项行动进展（Excel）",
        owner=leader,
        campaign=filled.campaign.pk,
        area="371524000000",
        format="xlsx",
    )
    Job.objects.filter(pk=failed.pk).update(state=Job.State.FAILED)
    again = retry_export(actor=leader, job=failed)
    assert (again.pk != failed.pk, again.arguments, again.title) == (
        True,
        failed.arguments,
        failed.title,
    )


### Outsiders


def shown_on_page(filled: Prefecture, made: Made, client: Client) -> tuple[bool, list[object]]:
    client.force_login(filled.people["discipline"])
    answer = client.get(reverse("reports:progress"), {"area": filled.area("东阿县").code})
    table = exports.area_table(answer.context["found"])
    enterprises = list(table.total[1:4])
    assert ("<small>2/3</small>" in answer.text) == (enterprises[0] is not None)
    return "少于5个的数字" in plain(answer.text), enterprises


def shown_in_excel(filled: Prefecture, made: Made, client: Client) -> tuple[bool, list[object]]:
    sheet = workbook_of(made(FileFormat.XLSX, person="discipline"))["分区域走访覆盖"]
    rows = {row[0]: row[1:] for row in sheet.iter_rows(values_only=True)}
    told = any("少于 5 个的数字" in str(name) for name in rows)
    return told, [None if cell == "—" else cell for cell in rows["合计"][:3]]


def shown_on_paper(filled: Prefecture, made: Made, client: Client) -> tuple[bool, list[object]]:
    pages = pdf_of(made(FileFormat.PDF, person="discipline")).pages
    text = plain("".join(page.extract_text() for page in pages))
    line = re.search(r"企业覆盖(—{3}|23)", text)
    assert line, text[:600]
    kept = [None] * 3 if line[1] == "———" else [2, 3, 0.666]
    return "少于5个的数字" in text, kept


SHOWN = (shown_on_page, shown_in_excel, shown_on_paper)


@pytest.mark.parametrize("shown", SHOWN)
def test_an_outsider_sees_no_small_cell(
    filled: Prefecture, made: Made, client: Client, shown: Callable[..., object]
) -> None:
    """Of the county's three enterprises, and of what would give them away."""
    assert shown(filled, made, client) == (True, [None] * 3)


@pytest.mark.parametrize("shown", SHOWN)
def test_without_the_question_an_outsider_would(
    filled: Prefecture,
    made: Made,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    shown: Callable[..., object],
) -> None:
    monkeypatch.setattr("visits.queries.picture.sees_small_cells", lambda user, area: True)
    assert shown(filled, made, client) == (False, [2, 3, 0.666])


def test_the_chart_leaves_out_what_is_withheld(filled: Prefecture, client: Client) -> None:
    client.force_login(filled.people["discipline"])
    answer = client.get(reverse("reports:progress"), {"area": filled.area("东阿县").code})
    shown = {line.name for line in answer.context["found"].areas if line.total}
    assert set(answer.context["chart"]["names"]) == shown
    assert "刘集镇" not in shown  # two enterprises and nothing else
