"""Kill -9 in the middle of an export: after a restart there is the file, or an honest failure."""

import io
import os
import re
import signal
import time

import pytest
from openpyxl import load_workbook
from playwright.sync_api import APIResponse, Browser, Page

from tests.journeys.people import sign_in
from tests.stack import Stack

pytestmark = pytest.mark.journey
TRIES = 5
RECOVERY_SECONDS = 120


def test_an_export_survives_its_worker(stack: Stack, browser: Browser) -> None:
    context = browser.new_context(base_url=stack.url, locale="zh-CN")
    page = sign_in(context.new_page(), stack, "lingdao")
    ended = _wait_until_finished(page, job := _interrupted_export(page, stack))
    if "已完成" in ended:
        answer = page.request.get(f"/jobs/{job}/file/")
        assert answer.ok
        assert load_workbook(io.BytesIO(answer.body())).worksheets
    else:
        assert "未完成" in ended
        assert "请重" in ended
    context.close()


def _interrupted_export(page: Page, stack: Stack) -> str:
    """An export whose worker was killed at work; the product runs again when this returns."""
    for _ in range(TRIES):
        job = _start_export(page)
        while "排队中" in (state := _job(page, job).text()):
            time.sleep(0.01)
        if "处理中" not in state:
            continue
        _kill_worker_and_start_again(stack)
        if "处理中" in _job(page, job).text():
            return job
    pytest.fail(f"none of {TRIES} exports was still at work when its worker was killed")


def _kill_worker_and_start_again(stack: Stack) -> None:
    os.killpg(os.getpgid(stack.pids["worker"]), signal.SIGKILL)
    assert stack.process is not None
    try:
        assert stack.process.wait(30) != 0, "the supervisor stops when a part of it dies"
    finally:
        stack.stop()
        stack.start()


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
