"""A new colleague: from the liaison's Excel file to the first sign-in on a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import DESKTOP, PHONE
from tests.journeys.people import check_roster, choose_password, sign_in, take_in_roster
from tests.stack import Stack

pytestmark = pytest.mark.journey
NewPage = Callable[..., Page]
OWN_PASSWORD = "秋收以后-去前关村-修路灯"


def test_from_the_roster_to_the_first_sign_in(stack: Stack, new_page: NewPage) -> None:
    liaison = sign_in(new_page(width=DESKTOP), stack, "lianluoyuan")
    unit = liaison.locator(".dropdown-header").inner_text().split(" · ")[0]
    colleague = ["XIN-01", "新来的", unit, "科员", "普通党员干部"]
    password = take_in_roster(liaison, [colleague])["XIN-01"]
    liaison.reload()
    expect(liaison.get_by_text("已领取", exact=True)).to_be_visible()

    phone = new_page(width=PHONE)
    phone.goto("/login/")
    phone.get_by_label("登录名").fill("XIN-01")
    phone.locator("[name=password]").fill(password)
    phone.get_by_role("button", name="登录").click()
    phone.wait_for_url("**/account/password/*")
    phone.goto("/issues/")
    assert phone.url.endswith("/account/password/")
    choose_password(phone, password, OWN_PASSWORD)
    phone.goto("/")
    expect(phone.get_by_role("heading", name="我的待办")).to_be_visible()

    check_roster(liaison, [colleague])
    expect(liaison.get_by_text("没有需要改动的")).to_be_visible()
