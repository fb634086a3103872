"""What is with 12345 goes out as a workbook, and its results come back, all or nothing."""

import io
from collections.abc import Sequence

import pytest
from django.core.exceptions import PermissionDenied
from openpyxl import load_workbook
from pytest_django.fixtures import DjangoAssertNumQueries

from core.models import AuditEntry
from core.uploads import UploadState
from organisation.models import User
from tests.core.workbooks import saved, workbook
from tests.personas import World
from tests.visits.appeals import called, fresh, raised, step
from visits.choices import AppealState
from visits.models import Appeal, AppealEvent, HotlineUpload
from visits.services import hotline as service
from visits.services import merge_appeal, request_hotline, take_appeal_step, upload_hotline
from visits.sheet.hotline import FIELDS
from visits.tasks import apply_hotline, check_hotline

HEADINGS = [field.heading for field in FIELDS]
BOARD = "/visits/appeals/hotline/"


def handed(world: World, number: str = "LC1", content: str = "路灯不亮") -> Appeal:
    return step(raised(world, content=content), "hotline", world.office, world, number=number)


def row(appeal: Appeal, result: str = "", back: str = "", **changes: object) -> list[object]:
    given: dict[str, object] = {
        "编号": str(appeal.number),
        "12345工单号": appeal.hotline_number,
        "办理结果": result,
        "退回理由": back,
    }
    return [(given | changes).get(heading, "") for heading in HEADINGS]


def check(world: World, *rows: Sequence[object], actor: User | None = None) -> HotlineUpload:
    return checked(world, workbook([HEADINGS, *rows]), actor)


def checked(world: World, content: bytes, actor: User | None = None) -> HotlineUpload:
    made = upload_hotline(
        campaign=world.campaign, name="结果.xlsx", content=content, actor=actor or world.office
    )
    check_hotline(job_id=str(made.job_id))
    return again(made)


def apply(upload: HotlineUpload) -> HotlineUpload:
    job = request_hotline(upload=upload, actor=upload.uploaded_by)
    apply_hotline(job_id=str(job.pk))
    return again(upload)


def again(upload: HotlineUpload) -> HotlineUpload:
    return HotlineUpload.objects.select_related("job", "uploaded_by", "campaign").get(pk=upload.pk)


def counts(upload: HotlineUpload) -> tuple[int, ...]:
    """Results, returns, known, blank, wrong."""
    words = ("results", "backs", "known", "blank", "wrong")
    return tuple(upload.report[word] for word in words)


def faults(upload: HotlineUpload) -> list[tuple[object, ...]]:
    return [tuple(error[:3]) for error in upload.report["errors"]]


### Out


def book_of(world: World, who: User, name: str = "export") -> list[list[object]]:
    answer = world.client(who).get(f"{BOARD}{name}/")
    sheet = load_workbook(io.BytesIO(b"".join(answer))).worksheets[0]
    return [list(line) for line in sheet.iter_rows(values_only=True)]


def test_what_is_with_12345_goes_out(world: World) -> None:
    appeal = handed(world)
    raised(world, content="没有转交")
    title, headings, first, stamp = book_of(world, world.office)
    assert title[0] == "12345转办诉求"
    assert headings == HEADINGS
    assert (first[0], first[1], first[3]) == (str(appeal.number), "LC1", "路灯不亮")
    assert first[4] == f"{appeal.area.parent.name}{appeal.area.name}"
    assert first[5].date() == world.today
    assert first[6].date() > world.today
    assert first[7:] == [None, None]
    assert "甲office" in str(stamp[0])
    assert AuditEntry.objects.filter(act="visits.fetch_hotline").count() == 1


def test_the_words_of_all_that_were_merged_go_out(world: World) -> None:
    """Each once, and of nobody who they are."""
    into = raised(world)
    for words in ("路灯又不亮", "晚上看不见路", "路灯不亮"):
        one = raised(world, content=words)
        merge_appeal(appeal=one, into=into, actor=world.office, seen=0, reason="同一件")
    step(fresh(into), "hotline", world.office, world, number="LC1")
    assert book_of(world, world.office)[2][3] == "路灯不亮\n路灯又不亮\n晚上看不见路"


def test_no_person_is_in_it(world: World) -> None:
    target = handed(world).visit.target
    text = str(book_of(world, world.office)[2])
    assert target.name not in text
    assert target.code not in text


def test_it_holds_one_s_own_areas_only(world: World) -> None:
    handed(world)
    assert len(book_of(world, world.stranger_office)) == 3
    assert len(book_of(world, world.city_office)) == 4


def test_a_file_says_when_there_are_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("visits.exports.hotline.MAX_ROWS", 1)
    first = handed(world)
    handed(world, "LC2")
    rows = book_of(world, world.office)
    assert rows[2][0] == str(first.number)
    assert "共 2 件，这里是最早的 1 件" in str(rows[3][0])


@pytest.mark.parametrize("name", ["export", "waiting"])
@pytest.mark.parametrize("who", ["head", "organisation", "discipline", "leader"])
def test_nobody_else_fetches_it(world: World, who: str, name: str) -> None:
    assert world.client(getattr(world, who)).get(f"{BOARD}{name}/").status_code == 403


def test_what_waits_to_be_assigned_goes_out_without_a_number(world: World) -> None:
    handed(world)
    appeal = raised(world, content="路面坑洼")
    back = step(handed(world, "LC2"), "hotline_back", world.office, world)
    title, headings, first, second, _stamp = book_of(world, world.office, "waiting")
    assert (title[0], headings) == ("待转12345诉求", HEADINGS)
    assert [first[0], *first[2:4]] == [str(appeal.number), None, "路面坑洼"]
    assert (second[0], second[2]) == (str(back.number), "其他")
    assert [line[place] for line in (first, second) for place in (1, 5, 6, 7, 8)] == [None] * 10
    assert len(book_of(world, world.stranger_office, "waiting")) == 3
    assert AuditEntry.objects.filter(act="visits.fetch_to_hand_over").count() == 2
    text = str(first)
    assert appeal.visit.target.name not in text
    assert appeal.visit.target.code not in text


def test_the_fetched_file_filled_in_is_read(world: World) -> None:
    """With its title and the stamp below the list."""
    appeal = handed(world)
    answer = world.client(world.office).get(f"{BOARD}export/")
    book = load_workbook(io.BytesIO(b"".join(answer)))
    book.worksheets[0].cell(3, 8).value = "已换灯"
    upload = apply(checked(world, saved(book)))
    assert counts(upload) == (1, 0, 0, 0, 0)
    assert fresh(appeal).answer == "已换灯"


### In


def test_results_and_returns_are_the_steps_of_the_page(world: World) -> None:
    done, back, silent = handed(world, "LC1"), handed(world, "LC2"), handed(world, "LC3")
    upload = check(world, row(done, "已换灯"), row(back, "", "不属于受理范围"), row(silent))
    assert (upload.state, counts(upload)) == (UploadState.CHECKED, (1, 1, 0, 1, 0))
    assert fresh(done).state == AppealState.HOTLINE
    upload = apply(upload)
    assert (upload.state, upload.file.name) == (UploadState.APPLIED, "")
    after = fresh(done)
    assert (after.state, after.answer) == (AppealState.ANSWERED, "已换灯")
    assert fresh(back).state == AppealState.UNASSIGNED
    assert fresh(silent).state == AppealState.HOTLINE
    event = AppealEvent.objects.filter(appeal=done).latest("pk")
    assert (event.step, event.actor) == ("hotline_result", world.office)
    acts = AuditEntry.objects.filter(act__startswith="visits.appeal_hotline_")
    assert acts.count() == 2
    assert AuditEntry.objects.get(act="visits.import_hotline").detail["items"] == 2


def test_who_brought_the_result_in_does_not_call_back(world: World) -> None:
    appeal = handed(world)
    apply(check(world, row(appeal, "已换灯")))
    with pytest.raises(PermissionDenied):
        called(fresh(appeal), world.office)
    assert called(fresh(appeal), world.organisation).state == AppealState.CLOSED


def test_the_same_file_again_changes_nothing(world: World) -> None:
    done, back = handed(world, "LC1"), handed(world, "LC2")
    rows = [row(done, "已换灯"), row(back, "", "不属于受理范围")]
    apply(check(world, *rows))
    events = AppealEvent.objects.count()
    upload = apply(check(world, *rows))
    assert (upload.state, counts(upload)) == (UploadState.APPLIED, (0, 0, 2, 0, 0))
    assert AppealEvent.objects.count() == events


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"编号": "99"}, ("编号", "unknown")),
        ({"编号": ""}, ("编号", "missing")),
        ({"编号": "乙"}, ("编号", "unknown")),
        ({"退回理由": "不办"}, ("退回理由", "both")),
        ({"12345工单号": "LC9"}, ("12345工单号", "outside")),
        ({"办理结果": "好" * 1001}, ("办理结果", "format")),
    ],
)
def test_a_faulty_row_is_told_and_nothing_is_written(
    world: World, change: dict[str, object], fault: tuple[str, str]
) -> None:
    good, bad = handed(world, "LC1"), handed(world, "LC2")
    upload = check(world, row(good, "已换灯"), row(bad, "已换灯", **change))
    assert upload.state == UploadState.REFUSED
    assert (3, *fault) in faults(upload)
    with pytest.raises(PermissionDenied):
        request_hotline(upload=upload, actor=world.office)
    assert fresh(good).state == AppealState.HOTLINE


def test_numbers_that_stand_twice(world: World) -> None:
    one, two = handed(world, "LC1"), handed(world, "LC2")
    upload = check(
        world,
        row(one, "已换灯"),
        row(one, "又换灯", **{"12345工单号": ""}),
        row(two, "已换灯", **{"12345工单号": "LC1"}),
    )
    assert (3, "编号", "repeated") in faults(upload)
    assert (4, "12345工单号", "repeated") in faults(upload)


def test_what_is_not_with_12345_any_more(world: World) -> None:
    appeal = handed(world)
    step(appeal, "hotline_result", world.office, world)
    assert faults(check(world, row(appeal, "已换灯"))) == [(2, "编号", "moved")]


def test_what_was_never_there_is_unknown_or_not_yet_there(world: World) -> None:
    assigned = step(raised(world), "assign", world.office, world)
    assert faults(check(world, row(assigned, "已换灯"))) == [(2, "编号", "unknown")]
    waiting = row(raised(world), "已换灯", **{"12345工单号": "LC5"})
    assert faults(check(world, waiting)) == [(2, "编号", "not_yet")]


def test_another_s_area_is_unknown(world: World) -> None:
    appeal = handed(world)
    upload = check(world, row(appeal, "已换灯"), actor=world.stranger_office)
    assert faults(upload) == [(2, "编号", "unknown")]


def test_without_the_scope_another_s_area_would_be_answered(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    appeal = handed(world)
    everything = lambda user, campaign: Appeal.objects.filter(campaign=campaign)  # noqa: E731
    monkeypatch.setattr("visits.queries.hotline._own", everything)
    assert not faults(check(world, row(appeal, "已换灯"), actor=world.stranger_office))


def test_a_step_taken_between_check_and_confirmation_is_told(world: World) -> None:
    one, two = handed(world, "LC1"), handed(world, "LC2")
    upload = check(world, row(one, "已换灯"), row(two, "已修好"))
    step(two, "hotline_back", world.office, world)
    upload = apply(upload)
    assert (upload.state, faults(upload)) == (UploadState.REFUSED, [(3, "编号", "moved")])
    assert fresh(one).state == AppealState.HOTLINE


def test_a_step_taken_during_the_writing_makes_it_begin_anew(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a step under its feet nothing is left half done."""
    one, two = handed(world, "LC1"), handed(world, "LC2")
    upload = check(world, row(one, "已换灯"), row(two, "已修好"))
    plain, faster = take_appeal_step, [two]

    def outrun(*, appeal: Appeal, **given: object) -> Appeal:
        if appeal == two and faster:
            faster.clear()
            raise service.Stale
        return plain(appeal=appeal, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(service, "take_appeal_step", outrun)
    upload = apply(upload)
    assert (upload.state, counts(upload)) == (UploadState.APPLIED, (2, 0, 0, 0, 0))
    assert AppealEvent.objects.filter(appeal=one, step="hotline_result").count() == 1


@pytest.mark.parametrize("who", ["head", "organisation", "discipline"])
def test_nobody_else_brings_results_in(world: World, who: str) -> None:
    with pytest.raises(PermissionDenied):
        check(world, actor=getattr(world, who))


### Handed over by the workbook


def going(appeal: Appeal, number: str, category: str = "水电气暖") -> list[object]:
    return row(appeal, **{"12345工单号": number, "类别": category})


def handed_over() -> int:
    return AppealEvent.objects.filter(step="hotline").count()


def test_the_fetched_file_with_numbers_hands_over(world: World) -> None:
    goes, stays = raised(world), raised(world, content="路面坑洼")
    answer = world.client(world.office).get(f"{BOARD}waiting/")
    book = load_workbook(io.BytesIO(b"".join(answer)))
    book.worksheets[0].cell(3, 2).value = 20261124000001
    book.worksheets[0].cell(3, 3).value = "水电气暖"
    upload = checked(world, saved(book))
    assert (upload.report["handed"], counts(upload)) == (1, (0, 0, 0, 1, 0))
    assert handed_over() == 0
    upload = apply(upload)
    appeal = fresh(goes)
    assert (appeal.state, appeal.hotline_number) == (AppealState.HOTLINE, "20261124000001")
    assert (appeal.category, appeal.due_on, appeal.step_count) == ("utilities", None, 1)
    assert fresh(stays).state == AppealState.UNASSIGNED
    assert AuditEntry.objects.filter(act="visits.appeal_hotline").count() == 1


def test_numbers_and_results_come_in_one_file_and_again(world: World) -> None:
    new, there = raised(world), handed(world, "LC1")
    rows = [going(new, "LC2"), row(there, "已换灯")]
    upload = apply(check(world, *rows))
    assert (upload.report["handed"], counts(upload)) == (1, (1, 0, 0, 0, 0))
    upload = apply(check(world, *rows))
    assert (upload.report["handed"], counts(upload)) == (0, (0, 0, 1, 1, 0))
    assert handed_over() == 2


def test_what_came_back_goes_under_a_new_number_only(world: World) -> None:
    """A sheet of results that lay about does not hand over what 12345 sent back meanwhile."""
    appeal = step(handed(world, "LC1"), "hotline_back", world.office, world)
    upload = check(world, row(appeal))
    assert (upload.report["handed"], counts(upload)) == (0, (0, 0, 1, 0, 0))
    assert check(world, going(appeal, "LC2", "")).report["handed"] == 1


def test_the_category_of_the_row_corrects(world: World) -> None:
    appeal = step(handed(world, "LC1"), "hotline_back", world.office, world)
    assert appeal.category == "other"
    apply(check(world, going(appeal, "LC2", "住房")))
    assert (fresh(appeal).category, fresh(appeal).hotline_number) == ("housing", "LC2")


@pytest.mark.parametrize(
    ("number", "category", "fault"),
    [
        ("LC2", "", ("类别", "missing")),
        ("LC2", "园林", ("类别", "format")),
        ("LC" * 21, "其他", ("12345工单号", "format")),
        ("LC1", "其他", ("12345工单号", "taken")),
    ],
)
def test_a_number_that_cannot_be_is_told_by_its_row(
    world: World, number: str, category: str, fault: tuple[str, str]
) -> None:
    handed(world, "LC1")
    good, bad = raised(world), raised(world)
    upload = check(world, going(good, "LC7"), going(bad, number, category))
    assert (upload.state, faults(upload)) == (UploadState.REFUSED, [(3, *fault)])
    assert handed_over() == 1


def test_one_number_for_two_appeals(world: World) -> None:
    one, two = raised(world), raised(world)
    upload = check(world, going(one, "LC1"), going(two, "LC1"))
    assert faults(upload) == [(3, "12345工单号", "repeated")]


def test_another_number_than_it_went_under(world: World) -> None:
    there, gone = handed(world, "LC1"), handed(world, "LC2")
    gone = step(gone, "hotline_result", world.office, world)
    upload = check(world, going(there, "LC8"), going(gone, "LC9"))
    assert faults(upload) == [(2, "12345工单号", "outside"), (3, "编号", "moved")]


def test_without_the_look_at_numbers_two_appeals_share_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control."""
    handed(world, "LC1")
    monkeypatch.setattr(service, "taken_numbers", lambda user, campaign, outside: {})
    assert not faults(check(world, going(raised(world), "LC1")))


def test_assigned_between_check_and_confirmation_nothing_goes(world: World) -> None:
    one, two = raised(world), raised(world)
    upload = check(world, going(one, "LC1"), going(two, "LC2"))
    step(two, "assign", world.office, world)
    upload = apply(upload)
    assert (upload.state, faults(upload)) == (UploadState.REFUSED, [(3, "编号", "unknown")])
    assert (fresh(one).state, handed_over()) == (AppealState.UNASSIGNED, 0)


def test_another_s_area_is_not_handed_over(world: World) -> None:
    upload = check(world, going(raised(world), "LC1"), actor=world.stranger_office)
    assert faults(upload) == [(2, "编号", "unknown")]


### Pages


def test_the_page_counts_and_leads_on(world: World) -> None:
    client = world.client(world.office)
    assert "现在没有诉求在 12345" in client.get(BOARD).text
    handed(world)
    assert "导出 1 件" in client.get(BOARD).text
    assert "导出待分派" not in client.get(BOARD).text
    raised(world)
    assert "导出待分派 1 件" in client.get(BOARD).text
    assert BOARD in client.get("/visits/appeals/").text
    assert BOARD not in world.client(world.head).get("/visits/appeals/").text


def test_from_the_form_to_the_result(world: World) -> None:
    appeal = handed(world)
    client = world.client(world.office)
    file = io.BytesIO(workbook([HEADINGS, row(appeal, "已换灯")]))
    file.name = "结果.xlsx"
    sent = client.post(BOARD, {"file": file})
    upload = HotlineUpload.objects.get()
    assert sent.url == f"{BOARD}{upload.pk}/"
    check_hotline(job_id=str(upload.job_id))
    assert "确认登记 1 件" in client.get(sent.url).text
    client.post(f"{sent.url}apply/")
    apply_hotline(job_id=str(again(upload).job_id))
    assert "已登记 1 件" in client.get(sent.url).text
    listed = client.get(BOARD).text
    assert "结果 1，退回 0" in listed
    assert "已登记</span>" in listed
    assert "已导入" not in listed
    assert world.client(world.city_office).get(sent.url).status_code == 404


def test_faults_stand_on_the_page(world: World) -> None:
    upload = check(world, row(handed(world), "已换灯", "不办"))
    page = world.client(world.office).get(f"{BOARD}{upload.pk}/").text
    assert "办理结果和退回理由只能填一个" in page
    assert "结果和退回都填了 1" in page


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_asks_as_often_for_many(
    world: World, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for each in range(number):
        check(world, row(handed(world, f"LC{each}"), "已换灯"))
    client = world.client(world.office)
    client.get(BOARD)
    with django_assert_num_queries(10):
        client.get(BOARD)


### By hand: one number, one appeal


def send(world: World, appeal: Appeal, name: str, number: str) -> tuple[int, str]:
    data = {"seen": appeal.step_count, "number": number, "category": "other", "note": "抄错一位"}
    answer = world.client(world.office).post(f"/visits/appeals/{appeal.pk}/steps/{name}/", data)
    return answer.status_code, answer.text


def test_a_number_of_another_is_refused_by_hand_too(world: World) -> None:
    first, second = handed(world), raised(world)
    status, text = send(world, second, "hotline", " LC1 ")
    assert status == 422
    assert f"工单号「LC1」已经登记在{first}上" in text
    assert fresh(second).state == AppealState.UNASSIGNED
    assert send(world, second, "hotline", "LC2")[0] == 302


def test_without_the_check_two_stand_under_one_number(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("visits.services.appeal_steps.taken_numbers", lambda *_: {})
    second = raised(world)
    handed(world)
    assert send(world, second, "hotline", "LC1")[0] == 302
    assert Appeal.objects.filter(hotline_number="LC1").count() == 2


def test_a_mistyped_number_is_corrected_and_free_again(world: World) -> None:
    first, second = handed(world), raised(world)
    assert "更正工单号" in world.client(world.office).get(f"/visits/appeals/{first.pk}/").text
    for wrong in ("", "LC1"):
        assert send(world, first, "renumber", wrong)[0] == 422
    assert send(world, first, "renumber", "LC9")[0] == 302
    now = fresh(first)
    assert (now.state, now.hotline_number) == (AppealState.HOTLINE, "LC9")
    assert AppealEvent.objects.filter(appeal=first, step="renumber", note="抄错一位").exists()
    assert send(world, second, "hotline", "LC1")[0] == 302
    assert send(world, fresh(second), "renumber", "LC9")[0] == 422


def test_what_came_back_may_go_under_its_own_number_again(world: World) -> None:
    appeal = step(handed(world), "hotline_back", world.office, world)
    assert send(world, appeal, "hotline", "LC1")[0] == 302
