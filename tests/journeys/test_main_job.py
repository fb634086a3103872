"""The main job from the browser to the database and back, as different people."""

import io
import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone
from openpyxl import load_workbook
from PIL import Image
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.conftest import DESKTOP, PHONE
from tests.journeys.people import covered, said, sign_in
from tests.stack import Stack

pytestmark = pytest.mark.journey
NewPage = Callable[..., Page]
JOB_MILLISECONDS = 60_000
# The clock tells in working hours only, and once a day; a test runs at any hour.
TELL = """
from datetime import timedelta
from django.utils import timezone
from core.notices import outbox, reminders
today = timezone.localdate()
reminders.put(today)
outbox.gather(today + timedelta(days=1))
outbox.send(today + timedelta(days=1))
"""


def test_a_cadre_visits_a_household_and_the_village_counts_it_once(
    stack: Stack, new_page: NewPage
) -> None:
    page = sign_in(new_page(width=PHONE), stack, "ganbu")
    page.goto("/visits/?kind=household")
    row = page.locator(".rows a.row-link").first
    name = row.locator(".row-title").inner_text()
    target_page = row.get_attribute("href")
    area = _area_of(page, row.locator(".row-note").inner_text())
    before = covered(page, area)

    row.click()
    expect(page.get_by_role("heading", name=f"走访：{name}")).to_be_visible()
    assert page.locator("form [name]:not([type=hidden]):visible").count() <= 8 + 8  # radios
    page.get_by_label("了解到的情况").fill("家里三口人，秋粮已收。")
    page.get_by_label("提了什么诉求").fill("村东头排水沟淤堵，雨天积水。")
    page.get_by_label("诉求怎么处理").select_option(label="转有关部门")
    page.get_by_role("button", name="保存走访").click()
    said(page, f"已保存对{name[0]}*")
    assert covered(page, area) == before + 1

    page.goto(str(target_page))
    page.get_by_role("button", name="保存走访").click()
    said(page, "已保存")
    assert covered(page, area) == before + 1

    page.goto("/visits/log/")
    expect(page.locator(".rows")).to_contain_text("村东头排水沟淤堵")


def test_a_problem_goes_from_the_cadre_to_sign_off(stack: Stack, new_page: NewPage) -> None:
    cadre = sign_in(new_page(width=PHONE), stack, "ganbu")
    address = _write_problem(cadre, "投诉件转办后 6 天没有回音")
    said(cadre, "已提交")
    expect(cadre.get_by_role("button", name="确认", exact=True)).to_have_count(0)

    head = sign_in(new_page(width=DESKTOP), stack, "juzhang")
    _return(head, address, "退回修改", "请写明是哪一天收到的投诉件。")
    cadre.goto(address)
    expect(cadre.locator(".history")).to_contain_text("请写明是哪一天收到的投诉件")
    cadre.get_by_role("button", name="提交单位审核").click()
    _press(head, address, "确认", "待备案")

    office = sign_in(new_page(width=DESKTOP), stack, "zuofengban")
    _press(office, address, "审核备案", "整改中")

    cadre.goto(address)
    cadre.get_by_label("佐证文件").set_input_files(
        {"name": "回访记录.png", "mimeType": "image/png", "buffer": _picture()}
    )
    cadre.get_by_role("button", name="上传佐证").click()
    said(cadre, "佐证已上传")
    if not cadre.locator("#note-apply").is_visible():
        cadre.locator("#moves summary", has_text="申请销号").click()
    cadre.locator("#note-apply").fill("已逐件回访，建立当日回音制度。")
    cadre.locator("#moves button", has_text="申请销号").click()
    expect(cadre.locator(".app-heading")).to_contain_text("待单位审签")

    _press(head, address, "审签同意", "单位已审签")
    discipline = sign_in(new_page(width=DESKTOP), stack, "jiwei")
    discipline.goto(address)
    discipline.get_by_role("link", name="核对并销号").click()
    discipline.locator("#sign").get_by_role("button", name="销号", exact=True).click()
    expect(discipline.locator(".app-heading")).to_contain_text("已销号")
    steps = discipline.locator(".history li b").all_inner_texts()
    assert steps == [
        "建立",
        "提交单位审核",
        "退回修改",
        "提交单位审核",
        "确认",
        "审核备案",
        "申请销号",
        "审签同意",
        "销号",
    ]


def test_nobody_signs_an_own_problem_by_button_or_by_post(stack: Stack, new_page: NewPage) -> None:
    head = sign_in(new_page(width=DESKTOP), stack, "juzhang")
    address = _write_problem(head, "分管工作半年没有到过一次现场")
    head.goto(address)
    expect(head.locator("#moves")).not_to_contain_text("确认")
    token = head.locator("[name=csrfmiddlewaretoken]").first.input_value()
    seen = head.locator("[name=seen_hash]").first.input_value()
    answer = head.request.post(
        f"{address}moves/confirm/",
        form={"csrfmiddlewaretoken": token, "seen_hash": seen, "note": ""},
        headers={"Referer": head.url},
    )
    assert "不能由本人审签" in answer.text()
    head.goto(address)
    expect(head.locator(".app-heading")).to_contain_text("待单位审核")


def test_a_leader_exports_what_the_screen_shows(stack: Stack, new_page: NewPage) -> None:
    leader = sign_in(new_page(width=DESKTOP), stack, "lingdao")
    leader.goto("/progress/")
    shown = leader.locator(".figure-card", has_text="群众覆盖").locator(".share small").inner_text()
    done, whole = (int(part.replace(",", "")) for part in shown.split("/"))

    book = load_workbook(io.BytesIO(_export(leader, "Excel")), read_only=True)
    numbers = {cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
    assert {done, whole} <= numbers

    reader = PdfReader(io.BytesIO(_export(leader, "PDF")))
    text = re.sub(r"\s", "", "".join(page.extract_text() for page in reader.pages))
    assert f"{done:,}/{whole:,}" in text or (f"{done}" in text and f"{whole}" in text)
    assert abs(float(reader.pages[0].mediabox.width) - 595.28) < 1


def test_three_groups_rate_a_unit_by_slip_without_login(stack: Stack, new_page: NewPage) -> None:
    office = sign_in(new_page(width=DESKTOP), stack, "zuofengban")
    office.goto("/rounds/new/")
    office.get_by_label("被评单位").select_option(label="东阿县民政局")
    office.get_by_label("名称").fill("旅程评议")
    office.get_by_role("button", name="创建评议").click()
    expect(office.get_by_role("heading", name="东阿县民政局")).to_be_visible()
    round_page = office.url
    codes = {group: _print_codes(office, group) for group in ("上级领导", "同级部门", "服务对象")}
    office.goto(round_page)
    office.get_by_role("link", name="开始评议").click()
    office.locator("main form button.btn-primary").click()

    phone = new_page(width=PHONE)
    for group in codes:
        for code in codes[group][:5]:
            _rate(phone, stack, code)
    _enter_code(phone, stack, codes["服务对象"][0])
    expect(phone.locator("main")).to_contain_text("用过")

    office.goto(round_page)
    office.get_by_role("link", name="结束评议").click()
    office.get_by_role("button", name="结束评议并公布结果").click()
    expect(office.locator("main")).to_contain_text("80.0")
    expect(office.locator("main")).not_to_contain_text("样本不足")


def test_a_problem_due_tomorrow_is_reminded_once(stack: Stack, new_page: NewPage) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    cadre = sign_in(new_page(width=PHONE), stack, "ganbu5")
    address = _write_problem(cadre, "催办件一周没有登记", due_on=tomorrow)
    _press(sign_in(new_page(), stack, "juzhang2"), address, "确认", "待备案")
    _press(sign_in(new_page(), stack, "zuofengban"), address, "审核备案", "整改中")
    for _ in range(3):
        stack.manage("shell", "-v0", "-c", TELL)
    cadre.goto("/inbox/")
    expect(cadre.locator(".digest-line", has_text="催办件一周没有登记")).to_have_count(1)


def _area_of(page: Page, note: str) -> str:
    """The code of the area card whose village the row names."""
    village = note.split("·")[1].strip()
    card = page.locator(".figure-card", has_text=village)
    return str(card.get_attribute("id")).removeprefix("area-")


def _write_problem(page: Page, title: str, due_on: date | None = None) -> str:
    today = timezone.localdate()
    page.goto("/issues/new/")
    page.locator("label.category").nth(4).click()
    page.get_by_label("一句话说清问题").fill(title)
    page.get_by_label("什么时候").fill((today - timedelta(days=20)).isoformat())
    page.get_by_label("在哪里").fill("局信访室")
    page.get_by_label("发生了什么事").fill("收到一份转办件，我压了 6 天没有联系当事人。")
    page.get_by_label("作风上的原因").fill("觉得不急，等人来催。")
    page.get_by_label("根源").fill("没有把群众的事当成自己的事。")
    page.get_by_label("整改方向").fill("当天登记、三天回音。")
    page.get_by_label("整改措施").fill("建立转办件登记本，每天下班前核对一遍。")
    page.get_by_label("整改时限").fill((due_on or today + timedelta(days=20)).isoformat())
    page.get_by_role("button", name="提交单位审核").click()
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    return page.url


def _press(page: Page, address: str, button: str, state: str) -> None:
    page.goto(address)
    page.locator("#moves").get_by_role("button", name=button, exact=True).click()
    expect(page.locator(".app-heading")).to_contain_text(state)


def _return(page: Page, address: str, button: str, reason: str) -> None:
    page.goto(address)
    page.locator("#moves summary", has_text=button).click()
    page.locator("#note-return").fill(reason)
    page.locator("#moves details button", has_text=button).click()
    said(page, "已退回修改")
    expect(page.get_by_role("heading", name="问题清单")).to_be_visible()


def _export(page: Page, kind: str) -> bytes:
    page.goto("/progress/")
    page.get_by_role("button", name=f"导出 {kind}").click()
    link = page.get_by_role("link", name=re.compile("^下载"))
    expect(link).to_be_visible(timeout=JOB_MILLISECONDS)
    return _download(page, str(link.get_attribute("href")))


def _download(page: Page, address: str) -> bytes:
    answer = page.request.get(address)
    assert answer.ok
    return answer.body()


def _print_codes(office: Page, group: str) -> list[str]:
    office.get_by_label(f"给{group}打印几个").fill("6")
    row = office.locator("li", has=office.get_by_label(f"给{group}打印几个"))
    row.get_by_role("button", name="打印评议码").click()
    link = office.get_by_role("link", name=re.compile(f"^下载.*{group}"))
    expect(link).to_be_visible(timeout=JOB_MILLISECONDS)
    pdf = PdfReader(io.BytesIO(_download(office, str(link.get_attribute("href")))))
    text = "\n".join(page.extract_text() for page in pdf.pages)
    codes = re.findall(r"(?:[0-9A-Z]{4,6}[-\s]){3,6}[0-9A-Z]{2,6}", text)
    assert len(codes) == 6, text
    return [re.sub(r"[-\s]", "", code) for code in codes]


def _enter_code(phone: Page, stack: Stack, code: str) -> None:
    """Scan the slip: the code fills itself in and leaves the address."""
    phone.goto("about:blank")
    phone.goto(f"{stack.url}/rate/#{code}")
    expect(phone.get_by_label("评议码")).not_to_have_value("")
    assert code not in phone.url
    phone.get_by_role("button", name="开始评议").click()


def _rate(phone: Page, stack: Stack, code: str) -> None:
    _enter_code(phone, stack, code)
    for question in ("rectification", "style"):
        phone.locator(f"label:has([name={question}][value='4'])").click()
    phone.get_by_role("button", name="提交评议").click()
    expect(phone.locator("main")).to_contain_text("谢谢")


def _picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (320, 200), "#dddddd").save(buffer, "PNG")
    return buffer.getvalue()
