"""Kill -9 in the middle of an export: after a restart there is the file, or an honest failure."""

import io
import os
import re
import signal
import time
from collections.abc import Iterator

import pytest
from openpyxl import load_workbook
from playwright.sync_api import APIResponse, Browser, Page

from tests.journeys.people import sign_in
from tests.stack import Stack, new_stack

pytestmark = pytest.mark.journey
TRIES = 12
RECOVERY_SECONDS = 120


@pytest.fixture
def own_stack() -> Iterator[Stack]:
    with new_stack() as stack:
        stack.start()
        yield stack


def test_an_export_survives_its_worker(own_stack: Stack, browser: Browser) -> None:
    context = browser.new_context(base_url=own_stack.url, locale="zh-CN")
    page = sign_in(context.new_page(), own_stack, "lingdao")
    job = _kill_in_the_middle(page, own_stack)
    assert own_stack.process is not None
    assert own_stack.process.wait(30) != 0, "the supervisor stops when a part of it dies"

    own_stack.start()
    ended = _wait_until_finished(page, job)
    if "已完成" in ended:
        answer = page.request.get(f"/jobs/{job}/file/")
        assert answer.ok
        assert load_workbook(io.BytesIO(answer.body())).worksheets
    else:
        assert "未完成" in ended
        assert "请重" in ended
    context.close()


def _kill_in_the_middle(page: Page, stack: Stack) -> str:
    """Start exports until one is seen at work, and kill the worker's processes right then."""
    for _ in range(TRIES):
        job = _start_export(page)
        while "排队中" in (state := _job(page, job).text()):
            time.sleep(0.01)
        if "处理中" in state:
            os.killpg(os.getpgid(stack.pids["worker"]), signal.SIGKILL)
            if "处理中" in _job(page, job).text():
                return job
            pytest.fail("the job ended in the very moment of the kill")
    pytest.fail(f"none of {TRIES} exports was seen at work")


def _start_export(page: Page) -> str:
    page.goto("/progress/")
    token = page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    area = page.locator("[name=area]").first.input_value()
    answer = page.request.post(
        "/progress/export/",
        form={"csrfmiddlewaretoken": token, "area": area, "format": "xlsx"},
        headers={"HX-Request": "true", "Referer": page.url},
    )
    found = re.search(r"job-([0-9a-f-]{36})", answer.text())
    assert found, answer.text()
    return found.group(1)


def _job(page: Page, job: str) -> APIResponse:
    return page.request.get(f"/jobs/{job}/")


def _wait_until_finished(page: Page, job: str) -> str:
    deadline = time.monotonic() + RECOVERY_SECONDS
    while time.monotonic() < deadline:
        text = _job(page, job).text()
        if "已完成" in text or "未完成" in text:
            return text
        time.sleep(0.5)
    raise AssertionError("the job neither finished nor failed")
