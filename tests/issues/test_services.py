"""issues.services: writing, every step of the way, evidence, who is told."""

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from core.models import AuditEntry
from issues.choices import State
from issues.concreteness import MISSING
from issues.models import Issue, IssueEvent, IssueVersion, hash_of
from issues.queries import content_hash, shown_hash
from issues.services import Stale, make_move, rewrite_issue, write_issue
from issues.workflow import MOVES, Refused
from organisation.models import Posting
from organisation.services import create_user
from tests.issues.conftest import NOTE, WAY, brought_to, prove, take, unit_item_brought_to
from tests.personas import World

RETURNS = [  # after which step, the return, who gives it, where it leads
    ("submit", "return", "head", State.DRAFT),
    ("submit", "return", "deputy", State.DRAFT),
    ("confirm", "office_return", "office", State.DRAFT),
    ("apply", "unit_refuse", "head", State.RECTIFYING),
    ("unit_sign", "refuse", "discipline", State.RECTIFYING),
]


def acts() -> list[str]:
    found = AuditEntry.objects.filter(act__startswith="issues.").order_by("id")
    return list(found.values_list("act", flat=True))


def test_a_personal_item_goes_the_whole_way(world: World) -> None:
    issue = brought_to(world, "sign_off")
    assert (issue.state, issue.signed_off_by, issue.unit_signed_by) == (
        State.CLOSED,
        world.discipline,
        world.head,
    )
    assert timezone.now() - issue.closed_at < timedelta(minutes=1)
    events = issue.events.values_list("move", "actor", "from_state", "to_state")
    assert list(events) == [
        ("submit", world.cadre.pk, "draft", "submitted"),
        ("confirm", world.head.pk, "submitted", "confirmed"),
        ("file", world.office.pk, "confirmed", "rectifying"),
        ("apply", world.cadre.pk, "rectifying", "applied"),
        ("unit_sign", world.head.pk, "applied", "unit_signed"),
        ("sign_off", world.discipline.pk, "unit_signed", "closed"),
    ]
    assert acts() == [
        "issues.write",
        "issues.submit",
        "issues.confirm",
        "issues.file",
        "issues.add_evidence",
        "issues.apply",
        "issues.unit_sign",
        "issues.sign_off",
    ]


def test_the_sign_off_binds_the_text_and_the_evidence(world: World) -> None:
    issue = brought_to(world, "sign_off")
    text = issue.versions.get().sha256
    evidence = issue.evidence.get().sha256
    bound = hash_of({"text": text, "evidence": [evidence]})
    assert issue.events.last().content_hash == bound == content_hash(issue)
    assert issue.events.first().content_hash == hash_of({"text": text, "evidence": []})


def test_every_saved_text_is_kept(world: World) -> None:
    issue = world.issue()
    rewrite_issue(
        issue=issue,
        author=world.cadre,
        category=world.category,
        text=world.text(title="材料被搁置 12 天"),
        seen_version=1,
    )
    kept = issue.versions.values_list("number", "text__title", "author")
    assert list(kept) == [
        (1, "材料被搁置 9 天", world.cadre.pk),
        (2, "材料被搁置 12 天", world.cadre.pk),
    ]
    assert issue.version == 2
    assert all(version.sha256 == hash_of(version.text) for version in issue.versions.all())


def test_a_unit_item_passes_the_office_too(world: World) -> None:
    issue = unit_item_brought_to(world, "unit_sign")
    with pytest.raises(Refused):
        world.move(issue, "sign_off", world.discipline)
    world.move(issue, "office_pass", world.office)
    assert issue.state == State.OFFICE_PASSED
    world.move(issue, "sign_off", world.discipline)
    assert issue.state == State.CLOSED


@pytest.mark.parametrize(("name", "actor"), [("office_refuse", "office"), ("refuse", "discipline")])
def test_a_unit_item_is_returned(world: World, name: str, actor: str) -> None:
    issue = unit_item_brought_to(world, "unit_sign")
    if actor == "discipline":
        world.move(issue, "office_pass", world.office)
    world.move(issue, name, getattr(world, actor), "照片看不清")
    assert (issue.state, issue.unit_signed_by) == (State.RECTIFYING, None)


@pytest.mark.parametrize(("until", "name", "actor", "target"), RETURNS)
def test_every_return_has_its_reason_and_leads_back(
    world: World, until: str, name: str, actor: str, target: State
) -> None:
    issue = brought_to(world, until)
    before = issue.state
    with pytest.raises(Refused):
        world.move(issue, name, getattr(world, actor), "  ")
    world.move(issue, name, getattr(world, actor), " 写清是哪天 ")
    assert (issue.state, issue.unit_signed_by) == (target, None)
    event = issue.events.last()
    assert (event.move, event.from_state, event.note) == (name, before, "写清是哪天")
    notice = issue.author.notices.order_by("id").last()
    who = next(each.capacity.value for each in MOVES if each.name == name)
    news = f"问题「{issue.title}」：{who}已{event.label}"
    assert (notice.title, notice.body) == (news, "写清是哪天")


@pytest.mark.parametrize(("until", "name", "actor", "target"), RETURNS)
def test_after_a_return_the_item_can_still_be_closed(
    world: World, until: str, name: str, actor: str, target: State
) -> None:
    issue = brought_to(world, until)
    world.move(issue, name, getattr(world, actor), "写清时间")
    rest = list(WAY) if target == State.DRAFT else ["apply", "unit_sign", "sign_off"]
    for step in rest:
        if step == "apply":
            prove(issue, world.cadre, shade=2)
        take(world, issue, step)
    assert issue.state == State.CLOSED


@pytest.mark.parametrize("name", WAY)
def test_no_step_is_taken_twice(world: World, name: str) -> None:
    issue = brought_to(world, name)
    state, events = issue.state, issue.events.count()
    with pytest.raises(Refused):
        take(world, issue, name)
    issue.refresh_from_db()
    assert (issue.state, issue.events.count()) == (state, events)


def test_a_text_changed_after_the_page_was_read_is_not_submitted(world: World) -> None:
    issue = world.issue()
    seen = shown_hash(issue)
    rewrite_issue(
        issue=issue,
        author=world.cadre,
        category=world.category,
        text=world.text(event="换了一件事。"),
        seen_version=1,
    )
    with pytest.raises(Stale):
        make_move(issue=issue, name="submit", actor=world.cadre, seen_hash=seen)
    issue.refresh_from_db()
    assert (issue.state, issue.events.count()) == (State.DRAFT, 0)


def test_evidence_added_after_the_page_was_read_stops_the_step(world: World) -> None:
    issue = brought_to(world, "file")
    prove(issue, world.cadre)
    seen = shown_hash(issue)
    prove(issue, world.cadre, shade=2)
    with pytest.raises(Stale):
        make_move(issue=issue, name="apply", actor=world.cadre, note=NOTE, seen_hash=seen)
    issue.refresh_from_db()
    assert issue.state == State.RECTIFYING


def test_of_two_tabs_one_saves(world: World) -> None:
    issue = world.issue()
    saving = {"issue": issue, "author": world.cadre, "category": world.category, "seen_version": 1}
    rewrite_issue(**saving, text=world.text(place="一楼大厅"))
    with pytest.raises(Stale):
        rewrite_issue(**saving, text=world.text(place="二楼大厅"))
    issue.refresh_from_db()
    assert (issue.place, issue.version, issue.versions.count()) == ("一楼大厅", 2, 2)


def test_a_submitted_text_is_fixed(world: World) -> None:
    issue = brought_to(world, "submit")
    with pytest.raises(PermissionDenied):
        rewrite_issue(
            issue=issue,
            author=world.cadre,
            category=world.category,
            text=world.text(),
            seen_version=1,
        )


def test_the_same_form_sent_again_is_the_same_item(world: World) -> None:
    token = uuid.uuid4()
    sent = {
        "campaign": world.campaign,
        "category": world.category,
        "text": world.text(),
        "token": token,
    }
    first = write_issue(author=world.cadre, **sent)
    assert write_issue(author=world.cadre, **sent) == first
    with pytest.raises(PermissionDenied):
        write_issue(author=world.colleague, **sent)
    assert (Issue.objects.count(), IssueVersion.objects.count()) == (1, 1)
    assert acts() == ["issues.write"]


def test_without_a_token_each_call_writes_an_item(world: World) -> None:
    assert world.issue() != world.issue()


@pytest.mark.parametrize("name", MISSING)
def test_what_a_draft_lacks_is_named(world: World, name: str) -> None:
    issue = world.issue(**{name: None if name.endswith("_on") else ""})
    with pytest.raises(Refused) as refused:
        take(world, issue, "submit")
    assert str(refused.value) == f"还不能提交：{MISSING[name]}请点「修改」补全。"
    issue.refresh_from_db()
    assert (issue.state, issue.events.count()) == (State.DRAFT, 0)


def test_an_empty_draft_is_told_everything_it_lacks(world: World) -> None:
    issue = world.issue(**{n: None if n.endswith("_on") else "" for n in MISSING})
    with pytest.raises(Refused) as refused:
        take(world, issue, "submit")
    assert str(refused.value) == "还不能提交：" + "".join(MISSING.values()) + "请点「修改」补全。"


def test_a_withdrawn_item_keeps_its_text_and_its_reason(world: World) -> None:
    issue = brought_to(world, "submit")
    world.move(issue, "withdraw", world.cadre, "事情记错了")
    assert (issue.state, issue.event) == (State.WITHDRAWN, world.text()["event"])
    assert issue.versions.get().text["event"] == world.text()["event"]
    assert issue.events.last().note == "事情记错了"
    assert issue in Issue.objects.visible_to(world.head)
    for name in WAY:
        with pytest.raises((Refused, PermissionDenied)):
            take(world, issue, name)


def test_an_item_belongs_to_the_unit_of_its_author(world: World) -> None:
    issue = world.issue()
    assert (issue.unit, issue.author, issue.responsible) == (world.unit, world.cadre, world.cadre)


def test_who_has_no_posting_or_takes_no_part_writes_nothing(world: World) -> None:
    nobody = create_user(username="nobody", name="无任职")
    for person in (nobody, world.system_admin):
        with pytest.raises(PermissionDenied):
            world.issue(person)
    assert Issue.objects.count() == 0


def test_a_person_whose_posting_ended_writes_in_the_new_unit(world: World) -> None:
    Posting.objects.filter(user=world.cadre).update(until=world.today - timedelta(days=1))
    Posting.objects.create(
        user=world.cadre, unit=world.other_unit, position="科员", since=world.today
    )
    assert world.issue().unit == world.other_unit


def test_steps_are_kept_even_when_two_have_the_same_name(world: World) -> None:
    issue = brought_to(world, "submit")
    world.move(issue, "return", world.head, "请补上地点")
    take(world, issue, "submit")
    moves = list(IssueEvent.objects.filter(issue=issue).values_list("move", flat=True))
    assert moves == ["submit", "return", "submit"]


def test_a_draft_whose_deadline_has_passed_meanwhile_is_not_handed_in(world: World) -> None:
    issue = world.issue()
    yesterday = world.today - timedelta(days=1)
    assert issue.campaign.starts_on <= yesterday
    Issue.objects.filter(pk=issue.pk).update(due_on=yesterday)
    issue.refresh_from_db()
    with pytest.raises(Refused, match="整改时限"):
        take(world, issue, "submit")
    Issue.objects.filter(pk=issue.pk).update(due_on=world.today)  # control
    issue.refresh_from_db()
    assert take(world, issue, "submit").state == State.SUBMITTED
