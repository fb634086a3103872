"""The pages of evidence: each fetch is kept, strangers find nothing."""

import io
import resource
import zipfile
import zlib
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core.models import AuditEntry
from issues.models import Evidence, Issue
from issues.queries import shown_hash
from tests.issues.conftest import brought_to, prove, take, upload
from tests.issues.test_views import ALL, SEES_SUBMITTED, expected, path, said, statuses
from tests.personas import ADMINISTRATORS, World


def test_evidence_is_fetched_by_whoever_sees_the_item_and_each_fetch_is_kept(
    world: World,
) -> None:
    issue = brought_to(world, "file")
    evidence = prove(issue, world.cadre)
    address = path(issue, f"evidence/{evidence.pk}/")
    assert statuses(world, address) == expected(SEES_SUBMITTED)
    fetches = AuditEntry.objects.filter(act="issues.fetch_evidence")
    assert set(fetches.values_list("actor__username", "subject")) == {
        (name, f"issues.Evidence:{evidence.pk}") for name in SEES_SUBMITTED
    }
    assert fetches.count() == len(SEES_SUBMITTED)


def test_evidence_is_handed_out_as_it_was_kept(world: World) -> None:
    issue = brought_to(world, "file")
    evidence = prove(issue, world.cadre)
    answer = world.client(world.office).get(path(issue, f"evidence/{evidence.pk}/"))
    assert b"".join(answer.streaming_content) == evidence.file.open("rb").read()
    assert answer["Content-Disposition"].startswith("attachment; ")


def test_evidence_whose_file_is_lost_is_told_and_not_counted_as_fetched(world: World) -> None:
    issue = brought_to(world, "file")
    evidence = prove(issue, world.cadre)
    evidence.file.storage.delete(evidence.file.name)
    answer = world.client(world.office).get(path(issue, f"evidence/{evidence.pk}/"))
    assert answer.status_code == 404
    assert f"佐证「{evidence.name}」的登记还在" in answer.text
    assert "请把这个文件名告诉系统管理员" in answer.text
    assert not AuditEntry.objects.filter(act="issues.fetch_evidence").exists()


def test_evidence_is_not_reached_through_another_item(world: World) -> None:
    evidence = prove(brought_to(world, "file"), world.cadre)
    own = world.issue(world.colleague)
    address = path(own, f"evidence/{evidence.pk}/")
    assert world.client(world.colleague).get(address).status_code == 404
    assert not AuditEntry.objects.filter(act="issues.fetch_evidence").exists()


def test_evidence_is_uploaded_once(world: World) -> None:
    issue, browser = brought_to(world, "file"), world.client(world.cadre)
    first = browser.post(path(issue, "evidence/"), {"file": upload(), "note": "公示照片"})
    assert (first.status_code, said(first)) == (302, ["佐证已上传。"])
    again = browser.post(path(issue, "evidence/"), {"file": upload()})
    assert again.status_code == 422
    assert "这份文件已经上传过了。" in again.content.decode()
    issue.refresh_from_db()
    assert (Evidence.objects.get().note, issue.evidence_count) == ("公示照片", 1)


@pytest.mark.parametrize("name", sorted(set(ALL) - {"cadre"}))
def test_evidence_of_others_is_not_uploaded(world: World, name: str) -> None:
    issue = brought_to(world, "file")
    browser = world.client(getattr(world, name))
    answer = browser.post(path(issue, "evidence/"), {"file": upload()})
    assert answer.status_code == (403 if name in SEES_SUBMITTED | ADMINISTRATORS else 404)
    assert Evidence.objects.count() == 0


def test_closing_is_offered_once_there_is_evidence(world: World) -> None:
    """Otherwise a long account would be typed, refused, and lost."""
    issue, browser = brought_to(world, "file"), world.client(world.cadre)
    button = path(issue, "moves/apply/")
    page = browser.get(path(issue)).content.decode()
    assert (button in page, "先上传佐证材料" in page) == (False, True)
    prove(issue, world.cadre)
    assert button in browser.get(path(issue)).content.decode()


def test_an_empty_upload_is_told(world: World) -> None:
    issue = brought_to(world, "file")
    answer = world.client(world.cadre).post(path(issue, "evidence/"), {})
    assert answer.status_code == 422
    assert set(answer.context["evidence_form"].errors) == {"file"}


def test_several_files_come_at_once_and_a_bad_one_is_named(world: World) -> None:
    issue, browser = brought_to(world, "file"), world.client(world.cadre)
    files = [upload(1, "一.png"), upload(2, "二.png"), upload(3, "程序.exe")]
    answer = browser.post(path(issue, "evidence/"), {"file": files})
    assert said(answer) == [
        "「程序.exe」没有收：只收图片（JPG、PNG）、PDF、Word(.docx)和 Excel(.xlsx)文件。",
        "佐证已上传 2 份。",
    ]
    issue.refresh_from_db()
    assert issue.evidence_count == 2


BOMB = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x4e\x20\0\0\x27\x10\x08\x02\0\0\0"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("照片.jpg", b"MZ\x90\0 this program cannot be run in DOS mode"),
        ("大图.png", BOMB + zlib.crc32(BOMB[12:]).to_bytes(4, "big")),
        ("脚本.pdf", b"<script>alert(1)</script>"),
        ("图.svg", b"<svg onload='alert(1)'/>"),
        ("空.pdf", b""),
    ],
)
def test_what_is_not_what_it_says_is_refused_on_the_page(
    world: World, name: str, content: bytes
) -> None:
    issue, browser = brought_to(world, "file"), world.client(world.cadre)
    for address in ("evidence/", f"evidence/{prove(issue, world.cadre).pk}/replace/"):
        browser.post(path(issue, address), {"file": SimpleUploadedFile(name, content)})
    assert [each.name for each in Evidence.objects.all()] == ["公示栏.jpg"]


def big_picture() -> bytes:
    """A whole picture of 200 million pixels in a few kilobytes."""
    row = b"\0" * (20_000 // 8 + 1)
    squeeze = zlib.compressobj(9)
    packed = b"".join(squeeze.compress(row) for _ in range(10_000)) + squeeze.flush()
    head = (20_000).to_bytes(4, "big") + (10_000).to_bytes(4, "big") + bytes([1, 0, 0, 0, 0])
    parts = ((b"IHDR", head), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(each).to_bytes(4, "big") + kind + each + zlib.crc32(kind + each).to_bytes(4, "big")
        for kind, each in parts
    )


def packed_sheet() -> bytes:
    """A workbook of some kilobytes whose one sheet unpacks to 60 MB."""
    packed = io.BytesIO()
    archive = zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED)
    with archive, archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
        for _ in range(60):
            sheet.write(b" " * 1024 * 1024)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("name", "make", "why"),
    [
        ("照片.jpg", lambda: b"MZ\x90\0 cannot be run in DOS mode", "图片打不开，可能已损坏"),
        ("大图.png", big_picture, "图片像素过大，请缩小后再上传。"),
        ("台账.xlsx", packed_sheet, "文件解开后过大，没有收。"),
    ],
)
def test_a_bomb_is_refused_with_the_reason_and_takes_no_memory(
    world: World, name: str, make: Callable[[], bytes], why: str
) -> None:
    issue, browser, content = brought_to(world, "file"), world.client(world.cadre), make()
    browser.get(path(issue))  # what the page itself takes is taken by now
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = browser.post(path(issue, "evidence/"), {"file": SimpleUploadedFile(name, content)})
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert (answer.status_code, Evidence.objects.count()) == (422, 0)
    assert f"「{name}」没有收：{why}" in answer.text
    assert grown < 24 * 1024, f"{grown} KB"


def test_a_script_is_told_where_to_go(world: World) -> None:
    """What shows the progress goes on by itself, so that the message is not lost on the way."""
    issue, browser = brought_to(world, "file"), world.client(world.cadre)
    headers = {"HX-Request": "true"}
    answer = browser.post(path(issue, "evidence/"), {"file": upload()}, headers=headers)
    assert (answer.status_code, answer["HX-Redirect"]) == (204, path(issue))
    again = browser.post(path(issue, "evidence/"), {"file": upload()}, headers=headers)
    assert said(again)[-1] == "「公示栏.jpg」没有收：这份文件已经上传过了。"


def test_a_small_picture_is_for_who_sees_the_item_and_no_download(world: World) -> None:
    issue = brought_to(world, "file")
    evidence = prove(issue, world.cadre)
    address = path(issue, f"evidence/{evidence.pk}/thumb/")
    assert statuses(world, address) == expected(SEES_SUBMITTED)
    assert world.client(world.cadre).get(address)["Content-Type"] == "image/jpeg"
    assert not AuditEntry.objects.filter(act="issues.fetch_evidence").exists()


def test_a_file_is_exchanged_and_taken_back_by_page(world: World) -> None:
    issue, browser = brought_to(world, "file"), world.client(world.cadre)
    old = prove(issue, world.cadre)
    answer = browser.post(path(issue, f"evidence/{old.pk}/replace/"), {"file": upload(2)})
    assert said(answer) == ["已换上新的一份，旧的留在记录里。"]
    newer = issue.evidence.current().get()
    answer = browser.post(path(issue, f"evidence/{newer.pk}/take-back/"), {"why": ""})
    assert said(answer)[-1] == "请写明收回的原因，例如：传错了文件。"
    browser.post(path(issue, f"evidence/{newer.pk}/take-back/"), {"why": "传错了文件"})
    page = browser.get(path(issue))
    assert (page.context["evidence"], page.context["dropped"]) == ([], [old, newer])
    assert "传错了文件" in page.text


def test_who_sends_it_back_may_say_what_he_would_like_to_see(world: World) -> None:
    issue = brought_to(world, "apply")
    fields = {
        "note": "看不出时限。",
        "why": "公示栏近照，要看时限",
        "seen_hash": shown_hash(issue),
    }
    world.client(world.head).post(path(issue, "moves/unit_refuse/"), fields)
    page = world.client(world.cadre).get(path(issue))
    assert page.context["wish"].why == "公示栏近照，要看时限"
    prove(Issue.objects.get(pk=issue.pk), world.cadre, 5)
    take(world, Issue.objects.get(pk=issue.pk), "apply")
    assert world.client(world.cadre).get(path(issue)).context["wish"] is None
