"""A campaign brings its own list, and a cadre finds the right row in it."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.conftest import PHONE
from tests.journeys.people import said, sign_in
from tests.stack import Stack

NewPage = Callable[..., Page]
NAME = "8 个方面 33 种表现"


def _csv() -> bytes:
    rows = [f"第 {n // 5 + 1} 方面,第 {n + 1} 种表现" for n in range(33)]
    return "\n".join(["方面,表现", *rows]).encode()


def test_a_list_is_uploaded_and_chosen_from(stack: Stack, new_page: NewPage) -> None:
    office = sign_in(new_page(), stack, "shizuofengban")
    office.goto("/campaign/1/lists/")
    office.get_by_role("link", name="上传清单").click()
    office.get_by_label("新清单的名称").fill(NAME)
    file = {"name": "33.csv", "mimeType": "text/csv", "buffer": _csv()}
    office.get_by_label("Excel 或 CSV 文件").set_input_files(file)  # type: ignore[arg-type]
    office.get_by_role("button", name="上传并检查").click()
    expect(office.get_by_text("33 种表现", exact=True)).to_be_visible()
    office.get_by_role("button", name="确认生效").click()
    said(office, f"「{NAME}」已生效")

    page = sign_in(new_page(width=PHONE), stack, "ganbu")
    page.goto("/issues/new/")
    chosen = page.locator("[data-chosen]")
    _by_keyboard(page)
    expect(chosen).to_have_text("2. 工作“慵懒散”问题")
    page.get_by_role("tab", name=NAME).click()
    page.get_by_role("searchbox").fill("第 7 方面")
    expect(page.locator("label.category:visible")).to_have_count(3)
    page.get_by_role("searchbox").fill("没有这样的")
    expect(page.get_by_text("没有找到")).to_be_visible()
    page.get_by_role("searchbox").fill("第 33 种")
    page.locator("label.category:visible").click()
    expect(chosen).to_have_text("33. 第 33 种表现")
    expect(page.locator("label.category:visible")).to_have_count(0)
    assert page.locator("[name=category]:checked").count() == 1
    expect(chosen).to_be_focused()


def _by_keyboard(page: Page) -> None:
    """From one list to the next with the arrows, into it, and down; the rows stay open."""
    page.get_by_role("tab", name="作风十弊").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="五类突出问题")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("tabpanel")).to_be_visible()
