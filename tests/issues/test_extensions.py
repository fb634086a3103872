"""More time: asked for by whoever puts right, granted by the office, counted and capped."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.models import Notice
from issues.choices import Decision, State
from issues.models import Extension, Issue
from issues.queries import waiting_for
from issues.services import ask_for_time, decide_on_time
from issues.workflow import Refused
from organisation.choices import Role
from organisation.models import User
from organisation.services import grant
from tests.issues.conftest import brought_to, people, prove, take
from tests.personas import World
from tests.threads import together

OFFICES = {"office", "city_office"}


def asked(world: World, issue: Issue | None = None, days: int = 5) -> Extension:
    issue = issue or brought_to(world, "file")
    return ask_for_time(
        issue=issue,
        actor=world.cadre,
        to_day=issue.due_on + timedelta(days=days),
        reason="设备要到下周才到货",
    )


def decided(world: World, extension: Extension, decision: Decision, note: str = "") -> Extension:
    extension = Extension.objects.select_related("issue__unit__area", "issue__campaign").get(
        pk=extension.pk
    )
    return decide_on_time(extension=extension, actor=world.office, decision=decision, note=note)


def test_granting_moves_the_deadline_and_counts(world: World) -> None:
    issue = brought_to(world, "file")
    before = issue.due_on
    decided(world, asked(world, issue), Decision.GRANTED)
    issue.refresh_from_db()
    assert (issue.due_on, issue.extension_count) == (before + timedelta(days=5), 1)
    (told,) = Notice.objects.filter(person=world.cadre, event__startswith="issues.extension_dec")
    assert told.title.endswith("作风办同意")


def test_a_refusal_says_why_and_moves_nothing(world: World) -> None:
    issue = brought_to(world, "file")
    extension = asked(world, issue)
    with pytest.raises(Refused, match="请写明理由"):
        decided(world, extension, Decision.REFUSED, " ")
    decided(world, extension, Decision.REFUSED, "设备可以先借用")
    before = issue.due_on
    issue.refresh_from_db()
    assert (issue.due_on, issue.extension_count) == (before, 0)
    assert Notice.objects.get(person=world.cadre, title__contains="不同意").body == "设备可以先借用"


def test_there_are_no_more_than_the_cap(world: World) -> None:
    issue = brought_to(world, "file")
    for _ in range(settings.EXTENSIONS_AT_MOST):
        issue.refresh_from_db()
        decided(world, asked(world, issue), Decision.GRANTED)
    issue.refresh_from_db()
    with pytest.raises(Refused, match="不能再延"):
        asked(world, issue)


def test_with_the_cap_reached_meanwhile_nothing_is_granted(world: World) -> None:
    issue = brought_to(world, "file")
    extension = asked(world, issue)
    Issue.objects.update(extension_count=settings.EXTENSIONS_AT_MOST)
    with pytest.raises(Refused, match="情况已经变化"):
        decided(world, extension, Decision.GRANTED)
    assert Extension.objects.get().decision == ""


@pytest.mark.parametrize("days", [0, -1, 10**4])
def test_the_new_day_is_later_and_within_the_campaign(world: World, days: int) -> None:
    with pytest.raises(Refused, match="新的时限要比原时限晚"):
        asked(world, days=days)


def test_an_overdue_one_is_put_off_to_a_day_to_come(world: World) -> None:
    issue = brought_to(world, "file")
    Issue.objects.update(due_on=world.today - timedelta(days=9))
    issue.refresh_from_db()
    with pytest.raises(Refused):
        asked(world, issue, days=5)  # past as well
    asked(world, issue, days=12)


def test_one_is_open_at_a_time(world: World) -> None:
    issue = brought_to(world, "file")
    asked(world, issue)
    with pytest.raises(Refused, match="已经申请过延期"):
        asked(world, issue)


def test_only_who_puts_it_right_asks_and_only_meanwhile(world: World) -> None:
    issue = brought_to(world, "file")
    day = issue.due_on + timedelta(days=3)
    for name, who in people(world).items():
        if name != "cadre":
            with pytest.raises(PermissionDenied):
                ask_for_time(issue=issue, actor=who, to_day=day, reason="等设备")
    prove(issue, world.cadre)
    take(world, issue, "apply")
    with pytest.raises(PermissionDenied):
        asked(world, issue)


def test_only_the_office_decides_and_never_on_its_own(world: World) -> None:
    extension = asked(world)
    extension = Extension.objects.select_related("issue__unit__area").get(pk=extension.pk)
    for name, who in people(world).items():
        if name not in OFFICES:
            with pytest.raises(PermissionDenied):
                decide_on_time(extension=extension, actor=who, decision=Decision.GRANTED)
    grant(user=world.cadre, role=Role.OFFICE, since=world.today, area=world.county)
    both = User.objects.get(pk=world.cadre.pk)
    with pytest.raises(PermissionDenied):
        decide_on_time(extension=extension, actor=both, decision=Decision.GRANTED)
    with pytest.raises(IntegrityError, match="extension_nobody_grants_own"), transaction.atomic():
        Extension.objects.update(decision="granted", decided_by=both, decided_at=timezone.now())


def test_an_item_applied_for_meanwhile_is_not_put_off(world: World) -> None:
    issue = brought_to(world, "file")
    extension = asked(world, issue)
    prove(issue, world.cadre)
    take(world, issue, "apply")
    with pytest.raises(Refused, match="情况已经变化"):
        decided(world, extension, Decision.GRANTED)
    issue.refresh_from_db()
    assert (issue.state, issue.extension_count) == (State.APPLIED, 0)


def test_who_applies_for_sign_off_needs_no_more_time(world: World) -> None:
    issue = brought_to(world, "file")
    extension = asked(world, issue)
    prove(issue, world.cadre)
    take(world, issue, "apply")
    extension.refresh_from_db()
    assert (extension.decision, extension.decided_by, bool(extension.decided_at)) == (
        Decision.MOOT,
        None,
        True,
    )
    assert not waiting_for(world.office).exists()
    assert "已申请销号，不再需要" in world.client(world.cadre).get(f"/issues/{issue.pk}/").text
    take(world, issue, "unit_refuse", world.head)
    asked(world, issue)


def test_nobody_decides_that_it_is_needed_no_more(world: World) -> None:
    extension = asked(world)
    address = f"/issues/{extension.issue_id}/extensions/{extension.pk}/"
    assert world.client(world.office).post(address, {"decision": "moot"}).status_code == 400
    with pytest.raises(Refused, match="同意或不同意"):
        decided(world, extension, Decision.MOOT, "不用了")
    with pytest.raises(IntegrityError, match="extension_is_decided"), transaction.atomic():
        Extension.objects.update(
            decision="moot", decided_by=world.office, decided_at=timezone.now()
        )


def test_applied_for_and_asked_for_at_the_same_moment(world: World, shared_database: None) -> None:
    """Whichever comes first, no request is left open on what is applied for."""
    issue = brought_to(world, "file")
    prove(issue, world.cadre)
    outcomes = together([lambda: asked(world, issue), lambda: take(world, issue, "apply")])
    assert any(isinstance(each, Issue) for each in outcomes), outcomes
    assert not Extension.objects.filter(decision="").exists()


def test_the_row_of_the_office_says_what_is_asked_for(world: World) -> None:
    issue = brought_to(world, "file")
    assert "申请延期" not in world.client(world.office).get("/").text
    asked(world, issue)
    for address in ("/", "/issues/?waiting=on"):
        assert "申请延期" in world.client(world.office).get(address).text


def test_it_waits_for_the_offices_and_for_nobody_else(world: World) -> None:
    extension = asked(world)
    waits = {name for name, who in people(world).items() if waiting_for(who).exists()}
    assert waits == {*OFFICES, "cadre"}  # whose rectification it is
    told = Notice.objects.filter(event=f"issues.extension:{extension.pk}")
    assert {each.person for each in told} == {world.office, world.city_office}
    decided(world, extension, Decision.GRANTED)
    assert not waiting_for(world.office).exists()


@pytest.mark.usefixtures("shared_database")
def test_of_two_decisions_at_once_one_counts(world: World) -> None:
    extension = asked(world)
    outcomes = together(
        [
            lambda decision=decision: decided(world, extension, decision, "意见")
            for decision in (Decision.GRANTED, Decision.REFUSED)
        ]
    )
    assert sorted(type(each).__name__ for each in outcomes) == ["Extension", "Refused"]
    issue = Issue.objects.get(pk=extension.issue_id)
    granted = Extension.objects.get().decision == Decision.GRANTED
    assert issue.extension_count == granted


def test_it_is_asked_for_and_granted_in_the_browser(world: World) -> None:
    issue = brought_to(world, "file")
    cadre, office = world.client(world.cadre), world.client(world.office)
    address = f"/issues/{issue.pk}/"
    empty = cadre.post(f"{address}extensions/", {"to_day": "", "reason": ""})
    assert (empty.status_code, set(empty.context["extension_form"].errors)) == (
        422, {"to_day", "reason"},
    )  # fmt: skip
    day = issue.due_on + timedelta(days=4)
    cadre.post(f"{address}extensions/", {"to_day": day, "reason": "设备未到"})
    assert "等作风办决定" in cadre.get(address).text
    assert "同意延期" not in cadre.get(address).text
    assert "同意延期" in office.get(address).text
    office.post(f"{address}extensions/{Extension.objects.get().pk}/", {"decision": "granted"})
    assert "已延 1 次" in cadre.get(address).text


def test_the_page_says_why_there_is_no_more_time_instead_of_asking_in_vain(world: World) -> None:
    issue = brought_to(world, "file")
    ask, browser = f"/issues/{issue.pk}/extensions/", world.client(world.cadre)
    assert ask in browser.get(f"/issues/{issue.pk}/").text  # control
    for changes, why in (
        ({"extension_count": settings.EXTENSIONS_AT_MOST}, "不能再延"),
        ({"due_on": issue.campaign.ends_on, "extension_count": 0}, "专项行动结束"),
    ):
        Issue.objects.filter(pk=issue.pk).update(**changes)
        page = browser.get(f"/issues/{issue.pk}/").text
        assert ask not in page
        assert why in page
        with pytest.raises(Refused, match=why):
            ask_for_time(
                issue=Issue.objects.get(pk=issue.pk),
                actor=world.cadre,
                to_day=issue.campaign.ends_on,
                reason="设备没有到货。",
            )
