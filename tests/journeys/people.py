"""What a person does in the browser, in the words of the main job."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.stack import Stack


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
