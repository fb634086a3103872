"""The slips: read back from the PDF, and made live exactly when they are handed out."""

import uuid
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
import segno
from django.conf import LazySettings
from django.utils import timezone
from pypdf import PdfReader

from core import jobs
from core.models import Job
from evaluations import exports, services, tasks
from evaluations.models import Code, Round
from tests.evaluations.conftest import County, cast, group_of


@pytest.fixture(autouse=True)
def files(settings: LazySettings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def job(county: County, opened: Round) -> Job:
    return services.request_codes(
        group=group_of(opened), number=12, base_url="https://bf.example", actor=county.office
    )


def text_of(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]


def test_each_code_stands_once_with_what_the_rater_needs(opened: Round) -> None:
    codes = services.new_codes(12)
    done: list[tuple[int, int]] = []
    pdf = exports.slips_pdf(
        group_of(opened), codes, "https://bf.example",
        progress=lambda part, whole: done.append((part, whole)),
    )  # fmt: skip
    pages = text_of(pdf)
    assert len(pages) == 2
    joined = "".join(pages).replace("\n", "").replace(" ", "")
    for code in codes:
        typed = "-".join(code[n : n + 4] for n in range(0, 26, 4))
        assert joined.count(typed) == 1
        assert services.tidy(typed) == code
    for sentence in (
        "东昌府区行政审批服务局",
        "第三季度评议",
        "服务对象评",
        "https://bf.example/rate/",
        "不对应任何人",
        "被评单位的人不得在旁边看",
    ):
        assert joined.count(sentence) == 12
    assert done == [(5, 12)]


def test_pages_are_a4(opened: Round) -> None:
    pdf = exports.slips_pdf(
        group_of(opened), services.new_codes(1), "http://x", progress=lambda part, whole: None
    )
    box = PdfReader(BytesIO(pdf)).pages[0].mediabox
    assert (round(box.width), round(box.height)) == (595, 842)


def test_the_qr_holds_the_code_behind_the_hash_sign(opened: Round) -> None:
    code = services.new_codes(1)[0]
    link = exports.rating_link("https://bf.example", code)
    assert link == f"https://bf.example/rate/#{code}"
    drawn = str(exports._slip(code, "https://bf.example").qr)
    assert drawn == segno.make(link, error="m", micro=False).svg_inline(border=2, omitsize=True)


def test_the_job_makes_live_codes_and_a_file_that_expires(
    county: County, opened: Round, job: Job, settings: LazySettings
) -> None:
    assert Code.objects.count() == 0
    tasks.print_codes(job_id=str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.outcome, job.file_name) == (
        "done", {"number": 12}, "评议码-服务对象-12个.pdf",
    )  # fmt: skip
    hours = (job.expires_at - timezone.now()) / timedelta(hours=1)
    assert settings.SLIP_FILE_HOURS - 1 < hours <= settings.SLIP_FILE_HOURS
    pages = "".join(text_of(job.file.read()))
    printed = {services.tidy(line) for line in pages.splitlines() if line.count("-") == 6}
    stored = set(Code.objects.filter(used=False).values_list("hash", flat=True))
    assert {services.code_hash(code) for code in printed} == stored
    cast(printed.pop(), 5)


def test_a_second_message_makes_no_second_codes(job: Job) -> None:
    tasks.print_codes(job_id=str(job.pk))
    first = set(Code.objects.values_list("hash", flat=True))
    tasks.print_codes(job_id=str(job.pk))
    assert set(Code.objects.values_list("hash", flat=True)) == first


def test_a_lost_worker_leaves_neither_codes_nor_file(job: Job, files: Path) -> None:
    """Its job was taken over while it drew: what it made must not come alive."""
    running = jobs._claim(job.pk)
    Job.objects.filter(pk=job.pk).update(claim=uuid.uuid4())
    with pytest.raises(jobs.LeaseLost):
        services.deliver_codes(
            running=running,
            group=group_of(Round.objects.get()),
            codes=services.new_codes(3),
            slips=b"%PDF-",
        )
    assert Code.objects.count() == 0
    assert [path for path in files.rglob("*") if path.is_file()] == []


def test_the_next_worker_starts_from_nothing(job: Job) -> None:
    jobs._claim(job.pk)
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    tasks.print_codes(job_id=str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.attempts, Code.objects.count()) == ("done", 2, 12)


def test_a_round_closed_meanwhile_gets_no_codes(county: County, opened: Round, job: Job) -> None:
    services.close_round(rating=opened, actor=county.office)
    tasks.print_codes(job_id=str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.message) == ("failed", "评议已经结束，没有生成评议码。")
    assert Code.objects.count() == 0
