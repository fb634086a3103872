"""Guessing is slowed down by name and network, and lets go by itself (AU05)."""

from datetime import timedelta
from functools import partial

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.db.models import F
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from organisation.services.sessions import forget_old
from organisation.throttle import network_of
from tests.organisation.sign_in import sign_in, sign_in_from
from tests.personas import PASSWORD, World
from tests.threads import shared_database, together

__all__ = ["shared_database"]

OFFICE, ELSEWHERE = "10.20.30.40", "10.20.31.40"


def refuse(times: int, username: str = "leader", address: str = OFFICE) -> list[int]:
    """Wrong passwords, one after the other; their statuses."""
    answers = [sign_in_from(address, username, f"wrong-horse-{n}") for n in range(times)]
    return [answer.status_code for answer in answers]


def pass_minutes(minutes: int) -> None:
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=minutes))


def test_the_fifth_failure_closes_the_pair_for_the_right_password_too(world: World) -> None:
    assert refuse(5) == [200] * 4 + [429]
    answer = sign_in_from(OFFICE, "leader", PASSWORD)
    assert answer.status_code == 429
    assert "请 15 分钟后再试" in answer.content.decode()


def test_without_the_throttle_guessing_goes_on(world: World, settings: Settings) -> None:
    settings.AXES_ENABLED = False
    assert refuse(6) == [200] * 6
    assert sign_in_from(OFFICE, "leader", PASSWORD).status_code == 302


def test_colleagues_behind_the_same_address_go_on(world: World) -> None:
    refuse(6)
    assert sign_in_from(OFFICE, "cadre", PASSWORD).status_code == 302


def test_a_leader_attacked_from_elsewhere_goes_on(world: World) -> None:
    refuse(6, address=ELSEWHERE)
    assert sign_in_from(OFFICE, "leader", PASSWORD).status_code == 302


def test_another_address_of_the_same_network_is_no_way_out(world: World) -> None:
    refuse(5)
    assert sign_in_from("10.20.30.99", "leader", PASSWORD).status_code == 429


def test_another_browser_is_no_way_out(world: World) -> None:
    for n in range(5):
        client = Client(REMOTE_ADDR=OFFICE, HTTP_USER_AGENT=f"Browser {n}")
        sign_in(client, "leader", "wrong-horse-9")
    assert sign_in_from(OFFICE, "leader", PASSWORD).status_code == 429


def test_it_opens_by_itself_and_more_tries_do_not_hold_it_shut(world: World) -> None:
    refuse(5)
    pass_minutes(14)
    answer = sign_in_from(OFFICE, "leader", PASSWORD)
    assert "请 1 分钟后再试" in answer.content.decode()
    pass_minutes(1)
    assert sign_in_from(OFFICE, "leader", PASSWORD).status_code == 302


def test_the_right_password_forgets_the_failures(world: World) -> None:
    refuse(4)
    sign_in_from(OFFICE, "leader", PASSWORD)
    assert refuse(4) == [200] * 4


def test_capitals_are_no_way_out(world: World) -> None:
    refuse(3, "leader")
    assert refuse(2, "LEADER") == [200, 429]


def test_nothing_of_the_form_is_kept(world: World) -> None:
    refuse(5, "leader")
    (row,) = AccessAttempt.objects.all()
    kept = (row.get_data, row.post_data, row.user_agent, row.http_accept, row.path_info)
    assert kept == ("", "", "", "", "")
    assert "leader" not in row.username
    assert (AccessLog.objects.count(), AccessFailureLog.objects.count()) == (0, 0)


def test_what_is_over_is_deleted(world: World) -> None:
    refuse(1)
    pass_minutes(14)
    refuse(1, "cadre")
    pass_minutes(2)
    forget_old()
    assert AccessAttempt.objects.count() == 1


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.20.30.40", "10.20.30.0"),
        ("::ffff:10.20.30.40", "10.20.30.0"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("", "0.0.0.0"),
        ("no address", "0.0.0.0"),
    ],
)
def test_the_network_of_an_address(address: str, network: str) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR=address)
    assert network_of(request) == network


@pytest.mark.django_db(transaction=True)
def test_failures_at_the_same_moment_all_count(shared_database: None) -> None:
    """Twenty guesses at once: each is counted, and the door is shut behind them."""
    tries = [partial(sign_in_from, OFFICE, "leader", f"wrong-horse-{n}") for n in range(20)]
    answers = together(tries)
    assert {getattr(answer, "status_code", answer) for answer in answers} <= {200, 429}
    counted = AccessAttempt.objects.get().failures_since_start
    shut = [answer for answer in answers if answer.status_code == 429]
    assert counted >= 5
    assert len(shut) >= 20 - counted
    assert sign_in_from(OFFICE, "leader", "wrong-horse-9").status_code == 429
