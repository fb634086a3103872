"""长期坚持: a reason, milestones, the office's consent, and never alone for what was on television.

Form, service and database each hold the same; each is asked with the others out of the way.
"""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from core import append_only
from core.models import AuditEntry
from issues.choices import MILESTONE_DAYS, Kind, LongReason, Source, State
from issues.forms.items import IssueForm
from issues.milestones import Plan, Step, faults
from issues.models import (
    Achievement,
    Consent,
    Disclosure,
    Evidence,
    Issue,
    IssueVersion,
    LongTerm,
    Milestone,
)
from issues.queries import content_hash, last_due_of_relapse, ledger, long_term_of
from issues.queries.criteria import light_is
from issues.services import (
    Stale,
    ask_for_time,
    long_term,
    replace_evidence,
    report_milestone,
    rewrite_issue,
    take_back_evidence,
    write_issue,
)
from issues.workflow import Refused
from organisation.models import User
from tests.issues.conftest import NOTE, brought_to, checked, people, prove, take
from tests.personas import World

OFFICES = {"office", "city_office"}
DONE = "已办结 12 户，名单贴在公示栏。"


def written(world: World, *days: int, **changes: object) -> Issue:
    return write_issue(
        campaign=world.campaign,
        author=world.cadre,
        category=world.category,
        text=world.long_term(*days, **changes),
    )


def filed(world: World, *days: int) -> Issue:
    return brought_to(world, "file", written(world, *days))


def milestones(issue: Issue) -> list[Milestone]:
    found = Milestone.objects.filter(
        plan__version__issue=issue, plan__version__number=issue.version
    )
    return list(found.select_related("plan__version__issue__unit__area").order_by("number"))


def report(issue: Issue, actor: User, result: str = DONE) -> None:
    for each in milestones(issue):
        report_milestone(milestone=each, actor=actor, result=result)


# ---- the plan -------------------------------------------------------------------------------


def plan(world: World, *days: int | None, at_once: int | None = None, **more: object) -> Plan:
    steps = [] if at_once is None else [step(world, 0, at_once)]
    steps += [step(world, number, n) for number, n in enumerate(days, 1)]
    return Plan(**{"reason": "history", "steps": tuple(steps)} | more)


def step(world: World, number: int, days: int | None) -> Step:
    day = None if days is None else world.today + timedelta(days=days)
    return Step(number, day, DONE)


PLANS = [  # milestones and the part put right first in so many days, the end, source, faults
    ((30,), None, 30, "self", []),
    ((30, 60, 89), None, 89, "self", []),
    ((31,), None, 31, "self", ["step1_day"]),
    ((30, 61), None, 61, "self", ["step2_day"]),
    ((0,), None, 0, "self", ["step1_day"]),
    ((20, 20), None, 20, "self", ["step2_day"]),
    ((20, 10), None, 10, "self", ["step2_day"]),
    ((20,), None, 25, "self", ["step1_day"]),
    ((None, 20), None, 20, "self", ["step1_day"]),
    ((), None, 20, "self", ["step1_day"]),
    ((), 10, 20, "self", ["step1_day"]),
    ((20,), None, 20, "television", ["at_once"]),
    ((20,), 10, 20, "television", []),
    ((20,), 0, 20, "television", []),
    ((20,), 21, 20, "television", ["at_once_due"]),
    ((20, 45), 31, 45, "self", ["at_once_due"]),
    ((20,), -1, 20, "self", ["at_once_due"]),
]


@pytest.mark.parametrize("row", PLANS)
def test_a_plan_at_its_edges(world: World, row: tuple) -> None:
    days, at_once, due, source, faulty = row
    due_on = world.today + timedelta(days=due)
    made = plan(world, *days, at_once=at_once)
    found = [each.field for each in faults(made, today=world.today, due_on=due_on, source=source)]
    assert found == faulty
    sent = world.text(kind="long_term", due_on=due_on, source=source) | made.values()
    form = IssueForm(
        sent | {"category": world.category.pk}, campaign=world.campaign, submitting=True
    )
    assert sorted(form.errors) == sorted(faulty)


def test_a_plan_needs_one_of_the_three_reasons(world: World) -> None:
    for reason in ("", "busy"):
        made = plan(world, 20, reason=reason)
        due_on = world.today + timedelta(days=20)
        found = list(faults(made, today=world.today, due_on=due_on, source="self"))
        assert [each.field for each in found] == ["long_reason"]


def test_what_the_form_sends_is_what_it_shows_again(world: World) -> None:
    made = plan(world, 20, 45, at_once=5)
    assert Plan.of({"kind": "long_term"} | made.values()) == made
    assert Plan.of({"kind": "by_date"} | made.values()) is None


# ---- text, versions, hash -------------------------------------------------------------------


def test_the_plan_belongs_to_the_version_and_its_hash(world: World) -> None:
    issue = written(world)
    first, before = issue.versions.get(), content_hash(issue)
    assert first.text["long_reason"] == "history"
    assert first.text["step1_day"] == str(world.today + timedelta(days=20))
    text = world.long_term(20, 45)
    text["plan"] = plan(world, 21, 45)
    rewrite_issue(
        issue=issue, author=world.cadre, category=world.category, text=text, seen_version=1
    )
    assert content_hash(issue) != before
    assert [each.due_on for each in milestones(issue)] == [
        world.today + timedelta(days=n) for n in (21, 45)
    ]
    assert first.long_term.milestones.count() == 2  # the old one stays


def test_another_kind_has_no_plan(world: World) -> None:
    written(world, kind=Kind.BY_DATE)
    assert not LongTerm.objects.exists()


def test_plan_is_only_changed_in_a_draft(world: World) -> None:
    issue = filed(world)
    with pytest.raises(PermissionDenied):
        rewrite_issue(
            issue=issue,
            author=world.cadre,
            category=world.category,
            text=world.long_term(30),
            seen_version=1,
        )


# ---- consent --------------------------------------------------------------------------------


def test_filing_is_the_offices_consent_to_what_it_saw(world: World) -> None:
    issue = brought_to(world, "confirm", written(world))
    seen = content_hash(issue)
    take(world, issue, "file")
    given = Consent.objects.get()
    assert (given.given_by, given.content_hash) == (world.office, seen)
    assert "甲office同意" in world.client(world.cadre).get(f"/issues/{issue.pk}/").text


def test_a_returned_plan_needs_a_new_consent(world: World) -> None:
    issue = brought_to(world, "confirm", written(world))
    take(world, issue, "office_return", world.office)
    rewrite_issue(
        issue=issue,
        author=world.cadre,
        category=world.category,
        text=world.long_term(30),
        seen_version=1,
    )
    brought_to(world, "file", issue)
    assert Consent.objects.get().plan.version.number == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"plan": None}, "为什么不能一次改完"),
        ({"source": Source.TELEVISION}, "电视问政的问题不能只写长期坚持"),
        ({"plan": Plan("history", ())}, "至少写一个阶段节点"),
    ],
)
def test_without_a_sound_plan_it_is_not_handed_in(
    world: World, changes: dict[str, object], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = written(world, **changes)
    with pytest.raises(Refused, match=said):
        take(world, issue, "submit")
    monkeypatch.setattr(long_term, "faults", lambda *args, **more: [])  # the control switched off
    brought_to(world, "confirm", issue)
    with pytest.raises(DatabaseError, match="consent_is_to_a_plan"), transaction.atomic():
        consent(issue, world.office)  # and the database holds it still


def consent(issue: Issue, person: User) -> Consent:
    kept = LongTerm.objects.get(version__issue=issue, version__number=issue.version)
    return Consent.objects.create(plan=kept, given_by=person)


def test_a_milestone_gone_by_is_not_filed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    issue = brought_to(world, "confirm", written(world))
    monkeypatch.setattr(long_term.timezone, "localdate", lambda: world.today + timedelta(days=21))
    with pytest.raises(Refused, match="日子已经过了"):
        take(world, issue, "file")
    monkeypatch.setattr(long_term, "has_passed", lambda *_: False)
    take(world, issue, "file")


def test_the_database_files_none_without_consent(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = brought_to(world, "confirm", written(world))
    rows = Issue.objects.filter(pk=issue.pk)
    with pytest.raises(IntegrityError, match="long_term_has_consent"), transaction.atomic():
        rows.update(state=State.RECTIFYING)
    with monkeypatch.context() as off:
        off.setattr(long_term, "_consent", lambda *_: None)
        with pytest.raises(IntegrityError, match="long_term_has_consent"), transaction.atomic():
            take(world, issue, "file")
    plain = brought_to(world, "file")
    with pytest.raises(IntegrityError, match="long_term_has_consent"), transaction.atomic():
        Issue.objects.filter(pk=plain.pk).update(kind=Kind.LONG_TERM)
    consent(issue, world.office)
    assert rows.update(state=State.RECTIFYING) == 1  # Control: with consent both let it through.


@pytest.mark.parametrize("own", ["author", "responsible"])
def test_nobody_consents_to_an_own_plan(world: World, own: str) -> None:
    issue = brought_to(world, "confirm", written(world))
    Issue.objects.filter(pk=issue.pk).update(**{own: world.colleague})
    with pytest.raises(IntegrityError, match="consent_is_to_a_plan"), transaction.atomic():
        consent(issue, world.colleague)
    consent(issue, world.office)


@pytest.mark.parametrize("days", [(31,), (30, 61), (20, 45, 80)])
def test_the_database_counts_thirty_days(world: World, days: tuple[int, ...]) -> None:
    issue = written(world, *days)
    with pytest.raises(IntegrityError, match="consent_is_to_a_plan"), transaction.atomic():
        consent(issue, world.office)
    near = written(world, 30, 60, 89)
    consent(near, world.office)


def test_only_the_office_consents(world: World) -> None:
    issue = brought_to(world, "confirm", written(world))
    for name, who in people(world).items():
        if name not in OFFICES:
            with pytest.raises((PermissionDenied, Refused)):
                world.move(issue, "file", who)
    assert not Consent.objects.exists()


@pytest.mark.parametrize("model", [LongTerm, Milestone, Consent, Achievement, Disclosure])
def test_plan_consent_result_and_disclosure_stay(world: World, model: type) -> None:
    issue = written(world)
    world.move(issue, "submit", world.cadre)
    Disclosure.objects.create(issue=issue, person=world.cadre, text_sha256="0" * 64)
    take(world, issue, "confirm")
    take(world, issue, "file")
    report(issue, world.cadre)
    row = model.objects.order_by("pk").first()
    with pytest.raises(DatabaseError, match="is append-only"), transaction.atomic():
        row.save()
    connection.check_constraints()  # PostgreSQL alters no table before
    append_only.thaw(connection, model._meta.db_table)  # the control switched off
    row.save()


# ---- milestones -----------------------------------------------------------------------------


def test_sign_off_is_applied_for_when_every_milestone_is_reported(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = filed(world)
    prove(issue, world.cadre)
    first, second = milestones(issue)
    report_milestone(milestone=first, actor=world.cadre, result=DONE)
    with pytest.raises(Refused, match=r"还没有报告：第 2 个节点$"):
        take(world, issue, "apply")
    with monkeypatch.context() as off:  # the database holds the same
        off.setattr(long_term, "_require_reported", lambda *_: None)
        with pytest.raises(IntegrityError, match="long_term_is_reported"), transaction.atomic():
            take(world, issue, "apply")
    report_milestone(milestone=second, actor=world.cadre, result=DONE)
    take(world, issue, "apply")
    for name in ("unit_sign", "sign_off"):
        take(world, issue, name)
    world.move(issue, "relapse", world.discipline, NOTE)
    assert issue.state == State.RECTIFYING


def test_a_result_is_said_once_and_by_who_puts_right(world: World) -> None:
    issue = filed(world)
    first, _ = milestones(issue)
    for name, who in people(world).items():
        if name != "cadre":
            with pytest.raises(PermissionDenied):
                report_milestone(milestone=first, actor=who, result=DONE)
    for empty in (" ", "无"):
        with pytest.raises(Refused):
            report_milestone(milestone=first, actor=world.cadre, result=empty)
    made = report_milestone(milestone=first, actor=world.cadre, result=DONE, file=checked())
    issue.refresh_from_db()
    assert (made.evidence, issue.evidence_count) == (issue.evidence.get(), 1)
    with pytest.raises(Stale, match="已经报告过"):
        report_milestone(milestone=first, actor=world.cadre, result=DONE, file=checked(2))
    assert issue.evidence.count() == Achievement.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Achievement.objects.create(milestone=first, reported_by=world.cadre, result=DONE)
    told = AuditEntry.objects.filter(act="issues.report_milestone")
    assert [each.detail for each in told] == [{"milestone": 1}]


def test_not_before_it_is_filed(world: World) -> None:
    issue = brought_to(world, "confirm", written(world))
    with pytest.raises(PermissionDenied):
        report(issue, world.cadre)


def test_a_missed_milestone_turns_the_lamp_yellow(
    world: World, moved: Callable[[Issue, int], None]
) -> None:
    issue = filed(world)
    assert lamp(world, issue) == ("green", False)
    moved(issue, 25)  # the first was to be reached five days ago
    assert lamp(world, issue) == ("yellow", True)
    page = world.client(world.cadre).get("/issues/").text
    assert "light-yellow" in page
    assert "节点逾期" in page
    report(issue, world.cadre)
    assert lamp(world, issue) == ("green", False)


def lamp(world: World, issue: Issue) -> tuple[str, bool]:
    row = ledger(world.cadre).with_lights(world.today).get(pk=issue.pk)
    assert Issue.objects.filter(light_is(row.light, world.today)).get() == row
    return row.light, row.is_behind


@pytest.fixture
def moved(world: World) -> Callable[[Issue, int], None]:
    """The first milestone back into the past, by so many days from its day."""

    def back(issue: Issue, days: int) -> None:
        first = milestones(issue)[0]
        connection.check_constraints()  # PostgreSQL alters no table before
        append_only.thaw(connection, "issues_milestone")
        assert first.due_on is not None
        Milestone.objects.filter(pk=first.pk).update(due_on=first.due_on - timedelta(days=days))

    return back


def test_an_old_versions_milestone_does_not_count(
    world: World, moved: Callable[[Issue, int], None]
) -> None:
    issue = brought_to(world, "confirm", written(world))
    moved(issue, 25)
    take(world, issue, "office_return", world.office)
    rewrite_issue(
        issue=issue,
        author=world.cadre,
        category=world.category,
        text=world.long_term(20, 45),
        seen_version=1,
    )
    brought_to(world, "file", issue)
    assert lamp(world, issue) == ("green", False)


def test_more_time_is_thirty_days_at_a_time(world: World) -> None:
    issue = filed(world)
    for days, is_too_much in ((31, True), (30, False)):
        day = issue.due_on + timedelta(days=days)
        if is_too_much:
            with pytest.raises(Refused, match="一次最多延 30 天"):
                ask_for_time(issue=issue, actor=world.cadre, to_day=day, reason="等判决")
        else:
            ask_for_time(issue=issue, actor=world.cadre, to_day=day, reason="等判决")


# ---- in the browser -------------------------------------------------------------------------


def sent(world: World, **changes: object) -> dict[str, object]:
    made = plan(world, 20, 45, at_once=5)
    text = world.text(category=world.category.pk, kind="long_term")
    return text | {"due_on": world.today + timedelta(days=45)} | made.values() | changes


def test_a_long_term_problem_goes_its_way_in_the_browser(world: World) -> None:
    client = world.client(world.cadre)
    page = client.get("/issues/new/").text
    assert '<details class="plan">' in page
    refused = client.post("/issues/new/", sent(world, source="television", at_once="",
                                               at_once_due="", submit="1"))  # fmt: skip
    assert list(refused.context["form"].errors) == ["at_once"]
    assert '<details class="plan" open>' in refused.text
    client.post("/issues/new/", sent(world, source="television", submit="1"))
    issue = Issue.objects.get()
    assert (issue.state, len(milestones(issue))) == (State.SUBMITTED, 3)
    take(world, issue, "confirm")
    office = world.client(world.office)
    assert "就是同意按长期坚持整改" in office.get(f"/issues/{issue.pk}/").text
    take(world, issue, "file")
    _reported_in(client, issue)


def _reported_in(client: Client, issue: Issue) -> None:
    first, *_ = milestones(issue)
    address = f"/issues/{issue.pk}/milestones/{first.pk}/"
    empty = client.post(address, {"result": ""})
    forms = dict(empty.context["milestones"])
    assert (empty.status_code, set(forms[first].errors)) == (422, {"result"})
    assert not any(forms[each].errors for each in forms if each != first)
    assert client.post(address, {"result": DONE}).status_code == 302
    assert "已经报告过" in client.post(address, {"result": DONE}, follow=True).text
    assert f"成果：{DONE}" in client.get(f"/issues/{issue.pk}/").text


def test_a_result_leads_to_the_file_that_counts_today(world: World) -> None:
    """Exchanged twice, then taken back."""
    issue = filed(world)
    milestone = milestones(issue)[0]
    reported = report_milestone(
        milestone=milestone, actor=world.cadre, result=DONE, file=checked(1)
    ).evidence
    page = world.client(world.cadre)

    def shown() -> str:
        text = page.get(f"/issues/{issue.pk}/").text
        (line,) = re.findall(r'<p class="milestone-result mb-0">(.*?)</p>', text)
        return line

    def link(to: Evidence) -> str:
        return f'<a href="/issues/{issue.pk}/evidence/{to.pk}/">{to.name}</a>'

    assert f"{link(reported)} <span" in shown()
    second = replace_evidence(evidence=fresh(reported), actor=world.cadre, file=checked(2))
    third = replace_evidence(evidence=fresh(second), actor=world.cadre, file=checked(3))
    assert f"{link(third)}（已更换）" in shown()
    assert f"换下的：{link(second)}</span>" in shown()
    assert shown().index(link(second)) < shown().index(link(reported))
    for each in (reported, second, third):
        assert page.get(f"/issues/{issue.pk}/evidence/{each.pk}/").status_code == 200
    take_back_evidence(evidence=fresh(third), actor=world.cadre, why="传错了")
    assert f"{link(third)}（已收回）" in shown()


@pytest.mark.parametrize(("times", "queries"), [(0, 5), (1, 6), (4, 6)])
def test_however_often_it_was_exchanged_it_is_read_at_once(
    world: World, times: int, queries: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    issue = filed(world)
    milestone = milestones(issue)[0]
    file = report_milestone(
        milestone=milestone, actor=world.cadre, result=DONE, file=checked(1)
    ).evidence
    chain = [file]
    for number in range(times):
        newest = fresh(chain[0])
        file = replace_evidence(evidence=newest, actor=world.cadre, file=checked(number + 2))
        chain.insert(0, file)
    with django_assert_num_queries(queries):
        plan = long_term_of(issue)
        assert plan.milestones.all()[0].achievement.files == chain
    assert Achievement.objects.get().files == chain


def fresh(evidence: Evidence) -> Evidence:
    """As a page reads it."""
    return Evidence.objects.select_related("issue").get(pk=evidence.pk)


def test_a_draft_may_have_half_a_plan_and_shows_it_again(world: World) -> None:
    client = world.client(world.cadre)
    client.post("/issues/new/", sent(world, step1_shows="", long_reason="", draft="1"))
    issue = Issue.objects.get()
    initial = client.get(f"/issues/{issue.pk}/edit/").context["form"].initial
    assert initial["step1_day"] == world.today + timedelta(days=20)
    assert initial["step1_shows"] == initial["long_reason"] == ""
    assert IssueVersion.objects.get().text["step2_shows"] == DONE


def test_the_words_and_the_kind_are_coherent(world: World) -> None:
    """「长期坚持」 without a reason is warned of; with kind, reason and milestones it is not."""
    words = {"measures": "长期坚持每周清一遍待办夹。", "direction": "长期坚持，久久为功。"}
    client = world.client(world.cadre)
    bare = client.post("/issues/check/", sent(world, **words, kind="by_date")).text
    assert "没有写为什么不能一次改完" in bare
    planned = client.post("/issues/check/", sent(world, **words)).text
    assert "没有写为什么不能一次改完" not in planned
    vague = client.post("/issues/check/", sent(world, step1_shows="进一步提高认识")).text
    assert 'href="#id_step1_shows"' in vague
    assert LongReason.HISTORY in sent(world)["long_reason"]


def test_a_relapse_of_a_long_term_item_has_as_long_as_a_milestone(world: World) -> None:
    issue = world.issue(**world.long_term())
    by_date = world.issue()
    assert last_due_of_relapse(issue, world.today) == world.today + timedelta(days=MILESTONE_DAYS)
    assert last_due_of_relapse(by_date, world.today) > world.today + timedelta(days=MILESTONE_DAYS)
