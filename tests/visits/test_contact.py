"""The unit that handles an appeal finds who raised it: with a reason, while it handles it."""

from importlib import import_module

import pytest
from django.core.exceptions import PermissionDenied

from core.models import AuditEntry
from organisation.choices import AreaLevel
from organisation.models import User
from tests.personas import World, make_area
from tests.visits.appeals import appeal_at, called, fresh, raised, step
from visits.models import Appeal, Target
from visits.services import merge_appeal, reveal_contact

revealing = import_module("visits.services.reveal")  # the package's name for it is the verb
BOARD = "/visits/appeals/"
PLAIN = (NAME, PHONE, ADDRESS) = ("欧阳建国", "13812345678", "东头石榴树旁 7 号")
REASON = "上门前电话约时间"


def known(appeal: Appeal) -> Appeal:
    """By a person with a telephone and an address."""
    target = Target.objects.get(pk=appeal.visit.target_id)
    target.name, target.phone, target.address = NAME, PHONE, ADDRESS
    target.save(update_fields=["name", "phone", "phone_index", "address"])
    return appeal


def ask(world: World, who: User, appeal: Appeal, reason: str = REASON) -> tuple[int, str]:
    sent = {"voice": appeal.voices.first().pk, "reason": reason}
    answer = world.client(who).post(f"{BOARD}{appeal.pk}/contact/", sent)
    return answer.status_code, answer.text


def plain_in(page: str) -> list[str]:
    return [each for each in PLAIN if each in page]


def looks() -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(act="visits.reveal"))


def offered(world: World, who: User, appeal: Appeal) -> bool:
    page = world.client(who).get(f"{BOARD}{appeal.pk}/").text
    assert plain_in(page) == []
    return f"{appeal.pk}/contact/" in page


@pytest.mark.parametrize("who", ["liaison", "head", "deputy"])
@pytest.mark.parametrize("until", ["assign", "sign", "pause"])
def test_while_it_is_with_the_unit(world: World, who: str, until: str) -> None:
    appeal = known(appeal_at(world, "assign" if until == "assign" else "sign"))
    if until == "pause":
        appeal = step(appeal, "pause", world.liaison, world)
    person = getattr(world, who)
    assert offered(world, person, appeal)
    status, page = ask(world, person, appeal)
    assert (status, plain_in(page)) == (200, list(PLAIN))
    (look,) = looks()
    assert (look.actor, look.subject) == (person, f"visits.Target:{appeal.visit.target_id}")
    assert look.detail == {"reason": REASON, "appeal": appeal.number}
    assert offered(world, person, appeal)  # and shows nothing any more


@pytest.mark.parametrize("until", ["", "answer", "close", "hotline"])
def test_neither_before_nor_afterwards(world: World, until: str) -> None:
    if until == "close":
        appeal = called(appeal_at(world, "answer"), world.organisation)
    elif until == "hotline":
        appeal = step(raised(world), "hotline", world.office, world)
    else:
        appeal = appeal_at(world, until)
    known(appeal)
    for who in ("liaison", "head"):
        person = getattr(world, who)
        if Appeal.objects.visible_to(person).filter(pk=appeal.pk).exists():
            assert not offered(world, person, appeal)
        status, page = ask(world, person, appeal)
        assert (status in {403, 404}, plain_in(page)) == (True, [])
        with pytest.raises(PermissionDenied):
            reveal_contact(appeal=appeal, voice=appeal.voices.get(), actor=person, reason=REASON)
    assert looks() == []


def test_nobody_of_other_units_and_nobody_who_only_assists(world: World) -> None:
    appeal = known(appeal_at(world, "sign"))
    assert ask(world, world.other_head, appeal)[0] == 404
    appeal.assisting.add(world.other_unit)
    assert not offered(world, world.other_head, appeal)
    for who in (world.other_head, world.office, world.organisation, world.cadre):
        status, page = ask(world, who, appeal)
        assert (status, plain_in(page)) == (403, [])
    assert looks() == []


def test_after_a_reassignment_only_the_new_unit(world: World) -> None:
    appeal = known(appeal_at(world, "sign"))
    appeal = step(appeal, "reassign", world.office, world)
    assert ask(world, world.liaison, appeal)[0] in {403, 404}
    assert ask(world, world.other_head, appeal)[0] == 200


def test_control_without_the_rule_anybody_would_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    appeal = known(appeal_at(world, "answer"))
    monkeypatch.setattr(revealing, "reaches_people", lambda *_: True)
    values = {"appeal": appeal, "voice": appeal.voices.get(), "reason": REASON}
    assert reveal_contact(**values, actor=world.other_head).phone == PHONE


def test_nobody_of_another_appeal(world: World) -> None:
    appeal, other = appeal_at(world, "sign"), known(appeal_at(world, "answer"))
    voice = other.voices.get()
    with pytest.raises(PermissionDenied):
        reveal_contact(appeal=appeal, voice=voice, actor=world.liaison, reason=REASON)
    sent = {"voice": voice.pk, "reason": REASON}
    answer = world.client(world.liaison).post(f"{BOARD}{appeal.pk}/contact/", sent)
    assert (answer.status_code, plain_in(answer.text)) == (422, [])


def test_those_who_were_merged_into_it_can_be_reached(world: World) -> None:
    into, one = appeal_at(world, "sign"), known(raised(world))
    merge_appeal(appeal=one, into=into, actor=world.office, seen=0, reason="同一件")
    sent = {"voice": fresh(into).voices.last().pk, "reason": REASON}
    answer = world.client(world.liaison).post(f"{BOARD}{into.pk}/contact/", sent)
    assert plain_in(answer.text) == list(PLAIN)


@pytest.mark.parametrize("reason", ["", "   ", "查一下"])
def test_without_a_reason_nothing_is_shown(world: World, reason: str) -> None:
    appeal = known(appeal_at(world, "sign"))
    status, page = ask(world, world.liaison, appeal, reason)
    assert (status, plain_in(page), looks()) == (422, [], [])
    assert "请写" in page


def test_it_counts_as_every_look_of_the_hour(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    appeal = known(appeal_at(world, "sign"))
    monkeypatch.setattr(revealing, "REVEALS_PER_HOUR", 1)
    assert ask(world, world.liaison, appeal)[0] == 200
    status, page = ask(world, world.liaison, appeal)
    assert (status, plain_in(page), "请过一会儿再看" in page) == (429, [], True)
    assert len(looks()) == 1


### Who calls back


def moved_away(world: World, appeal: Appeal) -> Appeal:
    """Into another county, where whoever calls back sees no register."""
    away = make_area("371525101777", "外县村", AreaLevel.VILLAGE, world.other_county)
    Target.objects.filter(pk=appeal.visit.target_id).update(area=away)
    return appeal


def test_who_calls_back_reaches_somebody_who_has_moved_away(world: World) -> None:
    appeal = moved_away(world, known(appeal_at(world, "answer")))
    client = world.client(world.organisation)
    page = client.get(f"{BOARD}{appeal.pk}/").text
    link = f"/visits/targets/{appeal.visit.target_id}/"
    assert (link in page, client.get(link).status_code) == (False, 404)
    assert offered(world, world.organisation, appeal)
    status, text = ask(world, world.organisation, appeal, "电话回访")
    assert (status, plain_in(text)) == (200, list(PLAIN))
    assert looks()[0].detail == {"reason": "电话回访", "appeal": appeal.number}


def test_the_link_to_the_register_stands_where_it_leads_somewhere(world: World) -> None:
    appeal = appeal_at(world, "answer")
    page = world.client(world.organisation).get(f"{BOARD}{appeal.pk}/").text
    assert f"/visits/targets/{appeal.visit.target_id}/" in page.split('id="call"')[1]


def test_who_calls_back_reaches_nobody_before_or_afterwards(world: World) -> None:
    appeal = moved_away(world, known(appeal_at(world, "sign")))
    assert ask(world, world.organisation, appeal)[0] == 403
    appeal = step(appeal, "answer", world.liaison, world)
    assert ask(world, world.discipline, appeal)[0] == 403
    appeal = called(appeal, world.organisation)
    assert not offered(world, world.organisation, appeal)
    assert ask(world, world.organisation, appeal)[0] == 403
    assert looks() == []
