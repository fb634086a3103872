"""What a person does in the browser, in the words of the main job."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.core.workbooks import workbook
from tests.stack import Stack

JOB_MILLISECONDS = 60_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROSTER = ["登录名（工号）", "姓名", "单位（编号或全称）", "职务", "人员类别"]


def password_of(stack: Stack) -> str:
    """The demo's password, as ``serve`` shows it."""
    text = (Path(stack.folder) / "demo_accounts.txt").read_text(encoding="utf-8")
    found = re.search(r"密码都是 (\S+?)）", text)
    assert found, text
    return found.group(1)


def sign_in(page: Page, stack: Stack, username: str) -> Page:
    page.goto("/login/")
    page.get_by_label("登录名").fill(username)
    page.get_by_label("密码").fill(password_of(stack))
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="我的待办")).to_be_visible()
    return page


def said(page: Page, text: str) -> None:
    """The page tells the person this."""
    expect(page.locator("#messages")).to_contain_text(text)


def covered(page: Page, area: str) -> int:
    """How many of an area's targets the work list shows as covered."""
    value = page.locator(f"#area-{area} .figure-value")
    return int(re.sub(r"\D", "", value.inner_text().split("/")[0]))


def begin_campaign(office: Page, name: str) -> None:
    """A campaign of the county from its template."""
    office.goto("/campaign/new/three_visits/")
    office.get_by_label("名称").fill(name)
    areas = office.locator("[name=area] option").all_inner_texts()
    county = next(label for label in areas if label.strip(" 　") == "东阿县")
    office.locator("[name=area]").select_option(label=county)
    office.get_by_label("主办").or_(office.locator("[name=organiser]")).first.fill("县作风办")
    office.locator("main").get_by_role("button", name="新建专项行动").click()
    said(office, "已")


def check_roster(keeper: Page, rows: list[list[str]]) -> None:
    """Send people in and wait for their check."""
    keeper.goto("/people/import/")
    keeper.get_by_label("Excel 文件").set_input_files(
        {"name": "花名册.xlsx", "mimeType": XLSX, "buffer": workbook([ROSTER, *rows])}
    )
    keeper.get_by_role("button", name="上传并检查").click()
    expect(keeper.locator(".figures")).to_be_visible(timeout=JOB_MILLISECONDS)


def take_in_roster(keeper: Page, rows: list[list[str]]) -> dict[str, str]:
    """New people, with the first passwords that their slips give."""
    check_roster(keeper, rows)
    keeper.get_by_role("button", name=f"确认导入，办理 {len(rows)} 项").click()
    taking = keeper.get_by_role("button", name="领取密码条（只有一次）")
    expect(taking).to_be_visible(timeout=JOB_MILLISECONDS)
    with keeper.expect_download() as slips:
        taking.click()
    text = "\n".join(page.extract_text() for page in PdfReader(slips.value.path()).pages)
    passwords = re.findall(r"\b\w{4}-\w{4}-\w{4}-\w{4}\b", text)
    names = re.findall("|".join(row[0] for row in rows), text)
    assert len(passwords) == len(names) == len(rows), text
    return dict(zip(names, passwords, strict=True))


def choose_password(page: Page, initial: str, own: str) -> None:
    """At the first sign-in."""
    page.locator("[name=old]").fill(initial)
    page.locator("[name=new]").fill(own)
    page.locator("[name=again]").fill(own)
    page.get_by_role("button", name="修改密码").click()
    expect(page.locator("#messages")).to_contain_text("密码")
