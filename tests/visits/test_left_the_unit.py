"""Who took an appeal up and has left the unit since: it is the unit's, and no longer his."""

from collections.abc import Callable

import pytest

from core.choices import Addressee
from core.models import Notice, Reminder
from core.notices import reminders
from organisation.choices import Tier
from organisation.models import User
from organisation.scope import scope_of
from organisation.services import move_person, retire
from tests.personas import World
from tests.visits.appeals import called, fresh, raised, step
from tests.visits.test_appeal_reminders import paused_since, told, waited
from visits import rules
from visits.choices import AppealState, CallResult, Handling
from visits.models import Appeal
from visits.queries.appeals import waiting_for

BOARD = "/visits/appeals/"
REASON = "上门前电话约时间"


def transferred(world: World, who: User) -> None:
    """To another unit, where he has a business role."""
    move_person(
        user=who,
        unit=world.other_unit,
        position="科员",
        tier=Tier.ORDINARY,
        powers=(),
        on=world.today,
        actor=None,
    )
    assert scope_of(User.objects.get(pk=who.pk)).takes_part


def retired(world: World, who: User) -> None:
    retire(user=who, on=world.today, actor=None)


LEFT = [transferred, retired]
Leave = Callable[[World, User], None]


def taken_up(world: World) -> Appeal:
    """By the visitor, for his own unit."""
    return raised(world, Handling.OWN_UNIT)


def acts(world: World, who: User, appeal: Appeal) -> dict[str, int]:
    """The answers to a step, to asking for days, to looking at a telephone."""
    client, at = world.client(who), f"{BOARD}{appeal.pk}/"
    sent = {
        "days/": {"workdays": 2, "reason": "等材料"},
        "contact/": {"voice": appeal.voices.get().pk, "reason": REASON},
        "steps/pause/": {"seen": appeal.step_count, "note": "等群众补充"},
    }
    return {name: client.post(at + name, data).status_code for name, data in sent.items()}


def test_after_a_transfer_he_takes_no_step_of_it(world: World) -> None:
    appeal = taken_up(world)
    transferred(world, world.cadre)
    who = User.objects.get(pk=world.cadre.pk)
    assert set(acts(world, who, appeal).values()) == {403}
    assert fresh(appeal).state == AppealState.HANDLING
    assert not waiting_for(who).exists()
    assert waiting_for(world.liaison).filter(pk=appeal.pk).exists()


def test_while_he_is_posted_in_it_he_does(world: World) -> None:
    appeal = taken_up(world)
    assert waiting_for(world.cadre).filter(pk=appeal.pk).exists()
    assert set(acts(world, world.cadre, appeal).values()) == {302, 200}


def test_control_by_the_name_alone_he_would(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    appeal = taken_up(world)
    transferred(world, world.cadre)
    monkeypatch.setattr(rules, "has_its_handler", lambda _: True)
    assert acts(world, User.objects.get(pk=world.cadre.pk), appeal)["steps/pause/"] == 302


@pytest.mark.parametrize("leave", LEFT)
def test_what_comes_back_is_told_to_the_liaison(world: World, leave: Leave) -> None:
    appeal = step(taken_up(world), "answer", world.cadre, world)
    leave(world, world.cadre)
    Notice.objects.all().delete()
    called(fresh(appeal), world.organisation, CallResult.DISSATISFIED, solved=False)
    assert set(Notice.objects.values_list("person__username", flat=True)) == {"liaison"}


def reminded(world: World, appeal: Appeal) -> set[str]:
    """Whose work it is said to be, once its clock has run out."""
    told(world, appeal, 1)
    rows = Reminder.objects.filter(kind="appeal", addressee=Addressee.PERSON)
    return set(rows.values_list("person__username", flat=True))


@pytest.mark.parametrize("leave", LEFT)
def test_the_liaison_is_reminded(world: World, leave: Leave) -> None:
    appeal = taken_up(world)
    leave(world, world.cadre)
    assert reminded(world, appeal) == {"liaison"}


def test_while_he_is_there_he_is_reminded(world: World) -> None:
    assert reminded(world, taken_up(world)) == {"cadre"}


def test_of_what_waits_the_liaison_is_told(world: World) -> None:
    appeal = step(taken_up(world), "pause", world.cadre, world)
    paused_since(world, 5)
    assert dict(waited())["cadre"] == "person"
    Reminder.objects.all().delete()
    transferred(world, world.cadre)
    reminders.put(world.today)
    assert fresh(appeal).handler == world.cadre
    assert dict(waited()) == {"liaison": "person", "office": "office"}
