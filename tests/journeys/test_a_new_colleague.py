"""A new colleague: from the liaison's Excel file to the first sign-in on a phone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.conftest import DESKTOP, PHONE
from tests.core.workbooks import workbook
from tests.journeys.people import sign_in
from tests.stack import Stack

pytestmark = pytest.mark.journey
NewPage = Callable[..., Page]
JOB_MILLISECONDS = 60_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADINGS = ["登录名（工号）", "姓名", "单位（编号或全称）", "职务", "人员类别"]
OWN_PASSWORD = "秋收以后-去前关村-修路灯"


def test_from_the_roster_to_the_first_sign_in(stack: Stack, new_page: NewPage) -> None:
    liaison = sign_in(new_page(width=DESKTOP), stack, "lianluoyuan")
    unit = liaison.locator(".dropdown-header").inner_text().split(" · ")[0]
    _upload(liaison, [["XIN-01", "新来的", unit, "科员", "普通党员干部"]])
    liaison.get_by_role("button", name="确认导入，办理 1 项").click()
    taking = liaison.get_by_role("button", name="领取密码条（只有一次）")
    expect(taking).to_be_visible(timeout=JOB_MILLISECONDS)
    with liaison.expect_download() as slips:
        taking.click()
    text = PdfReader(slips.value.path()).pages[0].extract_text()
    (password,) = re.findall(r"\b\w{4}-\w{4}-\w{4}-\w{4}\b", text)
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
    _choose_password(phone, password)
    phone.goto("/")
    expect(phone.get_by_role("heading", name="我的待办")).to_be_visible()

    _upload(liaison, [["XIN-01", "新来的", unit, "科员", "普通党员干部"]])
    expect(liaison.get_by_text("没有需要改动的")).to_be_visible()


def _upload(page: Page, rows: list[list[str]]) -> None:
    """Send a roster in and wait for its check."""
    page.goto("/people/import/")
    page.get_by_label("Excel 文件").set_input_files(
        {"name": "花名册.xlsx", "mimeType": XLSX, "buffer": workbook([HEADINGS, *rows])}
    )
    page.get_by_role("button", name="上传并检查").click()
    expect(page.locator(".figures")).to_be_visible(timeout=JOB_MILLISECONDS)


def _choose_password(page: Page, initial: str) -> None:
    page.locator("[name=old]").fill(initial)
    page.locator("[name=new]").fill(OWN_PASSWORD)
    page.locator("[name=again]").fill(OWN_PASSWORD)
    page.get_by_role("button", name="修改密码").click()
    expect(page.locator("#messages")).to_contain_text("密码")
