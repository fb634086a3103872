"""A form that saves itself, in the browser: what comes back, to whom, and for how long."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import PHONE
from tests.journeys.people import said, sign_in
from tests.stack import Stack

pytestmark = pytest.mark.journey
NewPage = Callable[..., Page]
WRITTEN = "9月3日，李某来交材料，我让他回去等了9天。"
TITLE = "材料压了九天没有录入"
ITSELF = 20_000  # milliseconds; the form waits five seconds after the last key


def typed(page: Page) -> None:
    """Begin a problem, and wait until the form says that it has kept it."""
    page.goto("/issues/new/")
    page.get_by_role("radio").first.check()
    page.locator("#id_title").fill(TITLE)
    page.locator("#id_event").press_sequentially(WRITTEN)
    expect(page.locator("[data-autosave-said]")).to_contain_text("已自动保存", timeout=ITSELF)


def new_tab(page: Page) -> Page:
    """The tab is closed as a phone does it, without a word; another is opened."""
    page.close()
    return page.context.new_page()


def test_typed_words_outlive_a_closed_tab_and_go_when_they_are_handed_in(
    stack: Stack, new_page: NewPage
) -> None:
    page = sign_in(new_page(width=PHONE), stack, "ganbu3")
    typed(page)

    page = new_tab(page)
    page.goto("/issues/new/")
    expect(page.locator("#kept")).to_contain_text("写到一半的内容还在")
    expect(page.locator("#id_event")).to_have_value("")
    page.get_by_role("link", name="接着上次写的").click()
    expect(page.locator("#id_event")).to_have_value(WRITTEN)

    page.get_by_role("button", name="存为草稿").click()
    said(page, "草稿已保存")
    page.goto("/issues/new/")
    expect(page.locator("#kept")).to_have_count(0)


def test_the_last_words_of_a_refused_form_are_kept(stack: Stack, new_page: NewPage) -> None:
    """Who writes on and submits at once finds them again, also without pausing before."""
    page = sign_in(new_page(width=PHONE), stack, "ganbu4")
    typed(page)
    page.locator("#id_measures").fill("建一本登记本")
    page.get_by_role("button", name="提交单位审核").click()
    expect(page.locator(".is-invalid").first).to_be_visible()
    expect(page.locator("[data-autosave-said]")).to_contain_text("已自动保存", timeout=ITSELF)
    page = new_tab(page)
    page.goto("/issues/new/?kept=1")
    expect(page.locator("#id_measures")).to_have_value("建一本登记本")


def test_whoever_signs_in_on_the_same_phone_finds_nothing(stack: Stack, new_page: NewPage) -> None:
    page = sign_in(new_page(width=PHONE), stack, "lianluoyuan")
    typed(page)
    page = new_tab(page)
    page.context.clear_cookies()  # all else that a browser keeps is still there

    sign_in(page, stack, "juzhang")
    for address in ("/issues/new/", "/issues/new/?kept=1"):
        page.goto(address)
        expect(page.locator("#kept")).to_have_count(0)
        expect(page.locator("#id_event")).to_have_value("")
        assert WRITTEN not in page.content()
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert WRITTEN not in kept
