"""Draws the pages of the demo at 375 and 1440 px: `make screenshots`.

All of them go to var/screenshots/; those named in KEPT also to docs/screenshots/.
"""

import os
import shutil
import sys
from pathlib import Path

import django
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()  # what the tests share imports the models

from tests.conftest import CHROMIUM_FLAGS, DESKTOP, PHONE  # noqa: E402
from tests.journeys.people import sign_in  # noqa: E402
from tests.stack import Stack, new_stack  # noqa: E402

DRAWN = ROOT / "var" / "screenshots"
KEPT_FOLDER = ROOT / "docs" / "screenshots"
PAGES = {
    "": ["/login/", "/rate/", "/h/unknown/", "/h/thanks/", "/no-such-page/"],
    "ganbu": [
        "/",
        "/visits/",
        "/visits/log/",
        "/issues/",
        "/issues/new/",
        "/issues/1/",
        "/issues/book/",
        "/issues/book/1/",
        "/issues/74/",
        "/issues/examples/",
        "/inbox/",
        "/inbox/channels/",
        "/inbox/channels/dingtalk/",
        "/progress/",
        "/account/",
        "/account/password/",
        "/account/authenticator/",
    ],
    "lianluoyuan": [
        "/people/",
        "/people/import/",
        "/units/",
        "/issues/import/",
        "/issues/lists/2/",
        "/issues/lists/2/new/",
        "/issues/75/",
        "/issues/75/edit/",
    ],
    "juzhang": [
        "/",
        "/issues/?waiting=on",
        "/issues/2/",
        "/issues/slips/",
        "/issues/slips/1/",
        "/issues/list-versions/2/",
        "/issues/74/claim/",
    ],
    "zuofengban": [
        "/",
        "/visits/",
        "/visits/log/1/",
        "/visits/paper/",
        "/visits/appeals/",
        "/visits/appeals/1/",
        "/visits/appeals/3/",
        "/visits/appeals/rates/",
        "/visits/appeals/hotline/",
        "/issues/of-appeal/1/",
        "/issues/",
        "/issues/?level=personal&source=self&sort=due",
        "/issues/views/",
        "/issues/exports/",
        "/issues/4/",
        "/issues/9/example/",
        "/issues/lists/",
        "/issues/list-versions/2/",
        "/issues/list-versions/2/?with=1",
        "/visits/register/",
        "/visits/teams/",
        "/visits/teams/new/",
        "/visits/teams/1/",
        "/visits/teams/1/split/",
        "/visits/register/entries/",
        "/visits/register/entries/new/household/",
        "/rounds/",
        "/rounds/new/",
        "/rounds/2/",
        "/people/",
        "/people/9/",
        "/people/9/move/",
        "/people/9/retire/",
        "/people/new/",
        "/units/",
        "/units/2/",
        "/units/import/",
        "/campaign/calendar/",
    ],
    "jiwei": [
        "/",
        "/issues/slips/",
        "/issues/slips/1/",
        "/issues/look-backs/",
        "/issues/6/",
        "/issues/6/sign-off/",
        "/issues/7/",
        "/issues/7/sign-offs/1/",
        "/issues/73/",
    ],
    "zuzhibu": ["/visits/truth/", "/visits/truth/draws/"],
    "shizuofengban": [
        "/visits/coverage/",
        "/visits/coverage/left/?area=371524000000&state=pending",
        "/visits/register/freeze/",
        "/visits/register/entries/1/",
        "/visits/register/entries/1/move/",
        "/campaign/",
        "/campaign/all/",
        "/campaign/new/",
        "/campaign/new/yamen/",
        "/campaign/1/dates/",
        "/campaign/1/lists/",
        "/campaign/1/lists/upload/",
        "/campaign/1/stages/mobilisation/",
        "/campaign/1/stages/self_examination/",
        "/campaign/1/stages/supervision/tasks/new/",
        "/campaign/1/units/",
        "/campaign/1/archive/",
    ],
    "lingdao": ["/", "/visits/coverage/", "/campaign/", "/progress/", "/rounds/1/", "/exports/"],
    "xitong": ["/", "/status/", "/issues/", "/people/9/"],
    "anquan": ["/", "/policy/", "/people/9/grants/new/"],
    "shenji": ["/", "/audit/"],
}
KEPT = {"ganbu-home-375", "ganbu-visits-375", "jiwei-issues_6-1440", "lingdao-progress-1440"}


def main() -> int:
    """Start the demo, draw every page for every person, stop."""
    shutil.rmtree(DRAWN, ignore_errors=True)
    DRAWN.mkdir(parents=True)
    with new_stack() as stack, sync_playwright() as playwright:
        stack.start()
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=CHROMIUM_FLAGS
        )
        wide = [
            _draw(browser, stack, person, width) for person in PAGES for width in (PHONE, DESKTOP)
        ]
        browser.close()
    overflowing = [name for names in wide for name in names]
    for name in overflowing:
        print(f"wider than the screen: {name}")
    print(f"drawn: {len(list(DRAWN.glob('*.png')))} pictures in {DRAWN.relative_to(ROOT)}")
    return 1 if overflowing else 0


def _draw(browser: Browser, stack: Stack, person: str, width: int) -> list[str]:
    """Draw one person's pages at one width; returns those that scroll sideways."""
    context = browser.new_context(
        base_url=stack.url, locale="zh-CN", viewport={"width": width, "height": 900}
    )
    page = context.new_page()
    if person:
        sign_in(page, stack, person)
    found = [_draw_page(page, person, address, width) for address in PAGES[person]]
    context.close()
    return [name for name in found if name]


def _draw_page(page: Page, person: str, address: str, width: int) -> str:
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(400)  # charts draw themselves
    short = address.split("?", maxsplit=1)[0].strip("/").replace("/", "_") or "home"
    suffix = "-none" if "?" in address else ""
    name = f"{person or 'anyone'}-{short}{suffix}-{width}"
    page.screenshot(path=DRAWN / f"{name}.png", full_page=True)
    if name in KEPT:
        shutil.copy(DRAWN / f"{name}.png", KEPT_FOLDER / f"{name}.png")
    return name if page.evaluate("document.documentElement.scrollWidth") > width else ""


if __name__ == "__main__":
    sys.exit(main())
