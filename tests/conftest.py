"""Fixtures for all tests: the running product and a browser that looks at it."""

import gc
import math
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.apps import apps
from django.db import transaction
from django.db.backends.base.operations import BaseDatabaseOperations
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from pytest_django.fixtures import Settings

from core import append_only, calendars
from core.models import AuditEntry, AuditHead
from tests import known_years

if TYPE_CHECKING:
    from tests.stack import Stack  # pytest loads it, so that it can rewrite its assertions

pytest_plugins = [
    "tests.stack",
    "tests.kept",
    "tests.personas",
    "tests.architecture.objects",
]

# Playwright keeps an event loop in this thread, which Django takes for a sign of
# asynchronous code. It is the only loop here, and it never touches the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

ROOT = Path(__file__).resolve().parent.parent
ARTIFACTS = ROOT / "var" / "test-artifacts" / os.environ.get("BIANFANG_TEST_SIZE", "embedded")
PHONE = 375
DESKTOP = 1440
ACTION_MILLISECONDS = 10_000
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
_failed = pytest.StashKey[bool]()

NewPage = Callable[..., Page]


def pytest_collection_finish() -> None:
    """What is loaded by now stays: looking through it for garbage again and again took a tenth
    of the time of every test."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def nothing_drawn() -> Iterator[None]:
    """One in ten answers given on the spot is called back: tests of other things know which.

    For the whole run: worlds that many tests share are made before the first of them.
    """
    with pytest.MonkeyPatch.context() as certain:
        certain.setattr("visits.services.spot.ONE_IN", 2**256)
        yield


@pytest.fixture(autouse=True)
def quick_settings(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What only costs time inside one process: slow hashes, hashed file names.

    The calendar is known without a query, and forgotten when a test has changed it.
    """
    settings.CALENDAR_SECONDS = math.inf
    monkeypatch.setattr(calendars, "_snapshot", calendars.Snapshot(known_years.kept()))
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.AUDIT_HEADS_FILE = tmp_path / "audit-heads.txt"
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.fixture(scope="session", autouse=True)
def append_only_tables_survive_a_flush() -> Iterator[None]:
    """Tests with real commits empty all tables in the end, which the triggers would refuse.

    They are away for that one statement; then they, the head of the audit chain and the
    calendar stand again, whatever the test did to them.
    """
    flush = BaseDatabaseOperations.execute_sql_flush
    guarded = {AuditEntry._meta.db_table}

    def flush_unguarded(operations: BaseDatabaseOperations, sql: list[str]) -> None:
        connection = operations.connection
        guarded.update(append_only.guarded(connection))
        with transaction.atomic():
            for table in guarded:
                append_only.remove(connection, table)
            flush(operations, sql)
            AuditHead.objects.create()
            known_years.land(apps, None)
            for table in guarded:
                append_only.install(connection, table)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", flush_unguarded)
        yield


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Remember whether the test failed, for the screenshot at its end."""
    report = yield
    item.stash[_failed] = item.stash.get(_failed, False) or report.failed
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium; without one the journeys are skipped, and named in the end."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    path = path or shutil.which("google-chrome")
    if not path:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield started
        started.close()


@pytest.fixture
def new_page(browser: Browser, stack: "Stack", request: pytest.FixtureRequest) -> Iterator[NewPage]:
    """Open pages of separate people: `new_page(width=PHONE)`; each has its own cookies."""
    pages: list[Page] = []
    errors: list[str] = []

    def open_page(*, width: int = DESKTOP, height: int | None = None) -> Page:
        context = browser.new_context(
            base_url=stack.url,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport={"width": width, "height": height or (812 if width <= PHONE else 900)},
            has_touch=width <= PHONE,
        )
        context.set_default_timeout(ACTION_MILLISECONDS)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))
        page.on("console", lambda message: errors.extend(policy_violations(message)))
        pages.append(page)
        return page

    yield open_page
    if request.node.stash.get(_failed, False):
        save_screenshots(request.node.nodeid, pages)
    for page in pages:
        page.context.close()
    assert not errors, "the browser reported:\n" + "\n".join(errors)


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """One page at the width of a desktop."""
    return new_page(width=DESKTOP)


@pytest.fixture
def phone(new_page: NewPage) -> Page:
    """One page at the width of a phone."""
    return new_page(width=PHONE)


def policy_violations(message: ConsoleMessage) -> list[str]:
    """Console messages that say the page broke its Content-Security-Policy."""
    broken = message.type == "error" and "Content Security Policy" in message.text
    return [message.text] if broken else []


def save_screenshots(test: str, pages: list[Page]) -> None:
    """Keep what each page showed when the test failed."""
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^\w.-]+", "-", test.removeprefix("tests/"))[-120:]
    for number, page in enumerate(pages, start=1):
        page.screenshot(path=ARTIFACTS / f"{name}-{number}.png", full_page=True)
