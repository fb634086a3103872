"""The book of mistakes: its owner's alone, on the screen and on paper."""

import io

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image
from pypdf import PdfReader

from core import jobs
from core.files import check_upload
from core.models import Job
from issues.choices import Level, State
from issues.exports import book as export
from issues.exports.photos import EDGE, thumbnail
from issues.models import Evidence, Issue
from issues.queries import book as queries
from issues.queries import book_of, leaves, lessons
from issues.services import BOOK_KIND, add_evidence, request_book
from issues.views import book as views
from issues.workflow import Refused
from tests.issues.conftest import NOTE, brought_to, people, prove, put_in, take, upload
from tests.personas import World


@pytest.fixture
def closed(world: World) -> Issue:
    return brought_to(world, "sign_off")


def addresses(issue: Issue) -> list[str]:
    page = f"/issues/book/{issue.pk}/"
    return [page, f"{page}photos/{issue.evidence.get().pk}/"]


def test_nobody_else_opens_a_page_of_it(world: World, closed: Issue) -> None:
    for name, who in people(world).items():
        client = world.client(who)
        got = {client.get(each).status_code for each in addresses(closed)}
        got.add(client.post(f"/issues/book/{closed.pk}/export/").status_code)
        expected = {200, 302} if name == "cadre" else {404}
        assert got == ({403} if name.endswith("_admin") else expected), name
    assert Job.objects.filter(kind=BOOK_KIND).get().owner == world.cadre


def test_with_the_scope_switched_off_her_head_would_read_it(
    world: World, closed: Issue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "book_of", lambda user: queries.book_of(world.cadre))
    page = world.client(world.head).get(f"/issues/book/{closed.pk}/")
    assert closed.event in page.content.decode()


def test_the_index_has_one_s_own_alone(world: World, closed: Issue) -> None:
    theirs = world.issue(world.colleague, title="同事的问题")
    withdrawn = world.issue(title="撤回的问题")
    world.move(withdrawn, "withdraw", world.cadre, "重复了")
    of_unit = world.issue(title="单位的问题")
    Issue.objects.filter(pk=of_unit.pk).update(level=Level.UNIT)
    draft = world.issue(title="草稿的问题")
    page = world.client(world.cadre).get("/issues/book/")
    assert [each.pk for each in page.context["page"].rows] == [draft.pk, closed.pk]
    assert theirs.title not in page.content.decode()


def test_a_book_without_a_page_says_what_to_do(world: World) -> None:
    page = world.client(world.colleague).get("/issues/book/").content.decode()
    assert "错题本还是空的" in page
    assert "生成整本" not in page
    answer = world.client(world.colleague).post("/issues/book/export/", follow=True)
    assert "错题本里还没有题" in answer.content.decode()


def test_the_page_goes_from_the_mistake_to_what_became_of_it(world: World, closed: Issue) -> None:
    text = world.client(world.cadre).get(f"/issues/book/{closed.pk}/").content.decode()
    order = ["错在哪", "为什么错", "怎么改", "改得怎样", "整改前", "整改后", NOTE]
    places = [text.index(each) for each in order]
    assert places == sorted(places)
    photo = closed.evidence.get()
    assert f'src="/issues/book/{closed.pk}/photos/{photo.pk}/"' in text
    assert "销号。" in text


def test_after_a_relapse_it_stands_there_how_often(world: World, closed: Issue) -> None:
    take(world, closed, "relapse", world.discipline)
    text = world.client(world.cadre).get(f"/issues/book/{closed.pk}/").content.decode()
    assert "再犯 1 次" in text
    assert "回头看：反弹" in text


def test_after_the_second_application_its_note_stands_there(world: World, closed: Issue) -> None:
    take(world, closed, "relapse", world.discipline)
    closed.refresh_from_db()
    prove(closed, world.cadre, shade=3)
    world.move(closed, "apply", world.cadre, "第二次改完了")
    (leaf,) = leaves(book_of(world.cadre).filter(pk=closed.pk))
    assert leaf.applied.note == "第二次改完了"
    assert (len(leaf.photos), len(leaf.papers)) == (2, 0)


def test_pages_take_three_queries_more_however_many(world: World) -> None:
    def taken() -> int:
        with CaptureQueriesContext(
            connection,
        ) as ran:
            list(leaves(book_of(world.cadre)))
        return len(ran)

    brought_to(world, "file")
    once = taken()
    for _ in range(2):
        brought_to(world, "file")
    assert (once, taken()) == (4, 4)


### 举一反三


def test_the_same_mistake_is_counted_for_its_owner(world: World) -> None:
    older = [world.issue(title=f"第{n}次") for n in range(7)]
    world.issue(world.colleague)
    now = world.issue()
    found = lessons(world.cadre, now.category, at=now)
    assert found.nth == 8
    assert [each.pk for each in found.earlier] == [each.pk for each in older[:1:-1]]
    assert lessons(world.cadre, now.category, at=older[0]).nth == 1


def test_what_was_taken_back_or_archived_does_not_count(world: World) -> None:
    gone = world.issue()
    world.move(gone, "withdraw", world.cadre, "重复了")
    assert lessons(world.cadre, gone.category).nth == 1
    world.issue()
    assert lessons(world.cadre, gone.category).nth == 2
    world.campaign.archived_at = gone.created_at
    world.campaign.save(update_fields=["archived_at"])
    assert lessons(world.cadre, gone.category).nth == 1


def test_they_are_two_queries(world: World, django_assert_num_queries) -> None:
    issue = world.issue()
    lessons(world.cadre, issue.category)
    with django_assert_num_queries(2):
        lessons(world.cadre, issue.category)


def test_they_stand_beside_the_form_once_a_category_is_chosen(world: World) -> None:
    mine = world.issue(title="以前写过的")
    client = world.client(world.cadre)
    aside = client.get("/issues/lessons/", {"category": mine.category_id}).content.decode()
    assert "这是第 2 次" in aside
    assert f'href="/issues/book/{mine.pk}/"' in aside
    assert "以前写过的" not in client.get("/issues/new/").content.decode()
    draft = world.issue()
    assert "以前写过的" in client.get(f"/issues/{draft.pk}/edit/").content.decode()


@pytest.mark.parametrize("category", ["", "x", "0", "-1", "9" * 30, "999999"])
def test_beside_the_form_of_no_category_there_is_nothing(world: World, category: str) -> None:
    answer = world.client(world.cadre).get("/issues/lessons/", {"category": category})
    assert (answer.status_code, answer.content.strip()) == (200, b"")


### On paper


def printed(world: World, issue: Issue | None = None) -> Job:
    job = request_book(actor=world.cadre, campaign=world.campaign, issue=issue)
    jobs.run(str(job.pk), export.export_book)
    job.refresh_from_db()
    return job


def pages_of(job: Job) -> list[str]:
    assert (job.state, job.message) == (Job.State.DONE, "")
    with jobs.open_file(job) as file:
        return ["".join(p.extract_text().split()) for p in PdfReader(io.BytesIO(file.read())).pages]


def test_the_whole_book_has_a_cover_and_a_page_a_problem(world: World, closed: Issue) -> None:
    world.issue(title="第二题", event="窗口没有人。" * 150, measures="每天清一遍。\n" * 60)
    cover, first, *rest = pages_of(printed(world))
    assert [each for each in ["甲cadre", "东阿县住建局", "共2题"] if each not in cover] == []
    assert closed.number in first
    assert "".join(NOTE.split()) in first
    assert "—2—" in first
    assert "第二题" in rest[0]
    assert len(rest) > 1  # long text flows on


def test_one_page_is_printed_without_a_cover(world: World, closed: Issue) -> None:
    world.issue(title="第二题")
    (page,) = pages_of(printed(world, closed))
    assert closed.number in page
    assert "第二题" not in page


def test_photos_are_in_it_and_small(world: World) -> None:
    issue = brought_to(world, "file")
    large = io.BytesIO()
    Image.effect_noise((2400, 1800), 60).convert("RGB").save(large, "JPEG", quality=95)
    image = upload(name="大图.jpg")
    image.file, image.size = io.BytesIO(large.getvalue()), len(large.getvalue())
    added = add_evidence(issue=issue, actor=world.cadre, file=check_upload(image))
    take(world, issue, "apply", world.cadre)
    with Image.open(io.BytesIO(thumbnail(added))) as small:
        assert max(small.size) == EDGE
    job = printed(world, issue)
    with jobs.open_file(job) as file:
        (page,) = PdfReader(io.BytesIO(file.read())).pages
        assert len(page.images) == 1


def test_a_photo_whose_file_is_gone_spoils_nothing(world: World, closed: Issue) -> None:
    photo = closed.evidence.get()
    photo.file.storage.delete(photo.file.name)
    assert len(pages_of(printed(world))) == 2
    address = f"/issues/book/{closed.pk}/photos/{photo.pk}/"
    assert world.client(world.cadre).get(address).status_code == 404


def test_the_file_is_its_owner_s(world: World, closed: Issue) -> None:
    job = printed(world)
    got = {
        name: world.client(who).get(f"/jobs/{job.pk}/file/") for name, who in people(world).items()
    }
    assert {name for name, answer in got.items() if answer.status_code == 200} == {"cadre"}


def test_the_work_takes_the_owner_as_he_stands_then(world: World, closed: Issue) -> None:
    job = request_book(actor=world.cadre, campaign=world.campaign, issue=closed)
    Job.objects.filter(pk=job.pk).update(owner=world.head)
    jobs.run(str(job.pk), export.export_book)
    job.refresh_from_db()
    assert (job.state, job.file.name) == (Job.State.FAILED, "")
    assert "没有可以打印的题" in job.message


def test_too_many_for_one_file_are_refused_and_not_cut(
    world: World, closed: Issue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "LEAVES_AT_MOST", 1)
    world.issue()
    job = printed(world)
    assert job.state == Job.State.FAILED
    assert "分别打印" in job.message


def test_asked_for_twice_it_is_made_once(world: World, closed: Issue) -> None:
    client = world.client(world.cadre)
    for _ in range(2):
        assert client.post("/issues/book/export/").status_code == 302
    assert Job.objects.filter(kind=BOOK_KIND).count() == 1


def test_a_page_of_somebody_else_is_not_asked_for(world: World, closed: Issue) -> None:
    with pytest.raises(PermissionDenied):
        request_book(actor=world.head, campaign=world.campaign, issue=closed)
    with pytest.raises(Refused):
        request_book(actor=world.head, campaign=world.campaign)


def test_of_another_campaign_there_is_no_page(world: World, closed: Issue) -> None:
    client = world.client(world.cadre)
    for asked in ("999", "x", "9" * 30):
        assert client.get("/issues/book/", {"campaign": asked}).status_code == 404
    assert client.get("/issues/book/", {"campaign": world.campaign.pk}).status_code == 200


def test_a_paper_is_no_photo(world: World, closed: Issue) -> None:
    put_in(closed, State.RECTIFYING, world.discipline)
    Evidence.objects.update(name="总结.pdf")
    photo = closed.evidence.get()
    address = f"/issues/book/{closed.pk}/photos/{photo.pk}/"
    assert world.client(world.cadre).get(address).status_code == 404
