"""Problem lists of a unit of thirty: from empty ones to a filed list, sign-offs and a relapse."""

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from django.utils import timezone
from openpyxl import load_workbook
from PIL import Image
from playwright.sync_api import Page, expect

from tests.conftest import DESKTOP, PHONE
from tests.journeys.people import (
    begin_campaign,
    choose_password,
    said,
    sign_in,
    take_in_roster,
)
from tests.stack import Stack, new_stack

pytestmark = pytest.mark.journey
NewPage = Callable[..., Page]
JOB_MILLISECONDS = 60_000
UNIT = "东阿县住房和城乡建设局"
KNOWN = ("ganbu", "ganbu2", "ganbu3", "ganbu4", "juzhang", "fuju", "lianluoyuan")
NEW = tuple(f"ZJ-{number:02}" for number in range(1, 24))
CADRES = (*KNOWN, *NEW)  # thirty
VAGUE = "进一步提高认识，加强学习，强化责任担当。"
OF_ONE = len(CADRES) // 3  # cadres' items in one of the unit
RECTIFIED = len(CADRES) // 2  # of the cadres' items; with two of the unit's half of all
OWN_PASSWORD = "秋收以后-去前关村-修路灯"
MATTERS = (
    "补办不动产权证", "申请公租房", "备案租赁合同", "咨询维修资金", "开具无房证明", "更正房屋面积",
    "办施工许可", "报修漏雨屋顶", "申报危房改造", "核对物业账目", "询问拆迁补偿", "注销抵押登记",
    "预约竣工验收", "反映消防通道被占", "申请加装电梯", "领取安置房钥匙", "变更业主姓名",
    "举报违建棚子", "催要农民工工资", "查阅小区图纸", "退还装修押金", "办理网签", "改正门牌号",
    "申请供热接入",
    "反映路灯不亮", "登记产权共有人", "询问购房补贴", "报送安全台账", "反映电梯困人",
    "核销商品房预售资金",
)  # fmt: skip

TITLES = tuple(f"群众{matter}，材料压了 {n} 天" for n, matter in enumerate(MATTERS, start=3))
MERGED = tuple(f"窗口收件不登记，第 {n} 组 10 件超过承诺时限" for n in (1, 2, 3))
OF_ITS_OWN = "一个月向乡镇要了 9 次危房台账"


@dataclass(frozen=True)
class Problem:
    """What somebody writes into the form."""

    title: str
    place: str
    event: str
    measures: str = "建一本收件登记本，每天下班前逐件核对，超过两天的当面说明原因。"


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A product of its own: what begins here would be everybody's latest campaign."""
    with new_stack() as running:
        running.start()
        yield running


class Desks:
    """The signed-in pages of a unit and its reviewers; all cadres take turns on one phone."""

    def __init__(self, stack: Stack, new_page: NewPage) -> None:
        self.stack = stack
        self.new_page = new_page
        self.phone = new_page(width=PHONE)
        self.phone.on("dialog", lambda dialog: dialog.accept())
        self.slips: dict[str, str] = {}  # first passwords of new people
        self.cookies: dict[str, list[object]] = {}
        self.pages: dict[str, Page] = {}

    def at(self, username: str) -> Page:
        """The desk of a reviewer."""
        if username not in self.pages:
            page = self.new_page(width=DESKTOP)
            page.on("dialog", lambda dialog: dialog.accept())
            self.pages[username] = sign_in(page, self.stack, username)
        return self.pages[username]

    def phone_of(self, username: str) -> Page:
        """The phone, in the hands of this cadre."""
        self.phone.goto("about:blank")
        self.phone.context.clear_cookies()
        if username in self.cookies:
            self.phone.context.add_cookies(self.cookies[username])  # type: ignore[arg-type]
            return self.phone
        if username in self.slips:
            self._first_sign_in(username)
        else:
            sign_in(self.phone, self.stack, username)
        self.cookies[username] = list(self.phone.context.cookies())
        return self.phone

    def _first_sign_in(self, username: str) -> None:
        page, password = self.phone, self.slips[username]
        page.goto("/login/")
        page.get_by_label("登录名").fill(username)
        page.locator("[name=password]").fill(password)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url("**/account/password/*")
        choose_password(page, password, OWN_PASSWORD)


def test_a_unit_of_thirty_from_empty_lists_to_sign_off_and_relapse(
    stack: Stack, new_page: NewPage
) -> None:
    desks = Desks(stack, new_page)
    begin_campaign(desks.at("shizuofengban"), "作风建设专项行动")
    desks.slips = take_in_roster(
        desks.at("lianluoyuan"),
        [[name, f"新同事{name[-2:]}", UNIT, "科员", "普通党员干部"] for name in NEW],
    )
    expect_share(desks.at("juzhang"), 0)
    items = {name: write(desks.phone_of(name), n) for n, name in enumerate(CADRES)}
    expect_share(desks.at("juzhang"), len(CADRES))
    agree_to_all(desks.at("juzhang"))
    agree_to_all(desks.at("fuju"))
    return_the_vague_one(desks, items["ganbu"])
    agree_to_all(desks.at("zuofengban"))
    of_unit = file_unit_list(desks)
    sign_off_half(desks, items, of_unit)
    relapse(desks, items["ganbu2"])
    numbers_agree(desks, items["ganbu2"])


def expect_share(head: Page, listed: int) -> None:
    """How many of the unit have a list, on the page of its own."""
    head.goto("/issues/lists/")
    card = head.locator(".card", has=head.get_by_role("heading", name="有清单的干部"))
    expect(card.locator(".share")).to_contain_text(f"{listed}/{len(CADRES)}")


### Written by thirty, reviewed in the unit


def write(cadre: Page, number: int) -> str:
    """A problem of one's own, handed in; the first of them promises nothing that can be seen."""
    matter = MATTERS[number]
    problem = Problem(
        TITLES[number],
        f"政务服务大厅 {number + 1} 号窗口",
        f"李某来{matter}，材料当天就齐了，我放进待办夹，压了 {number + 3} 天才录入，他跑了两趟。",
    )
    cadre.goto("/issues/new/")
    cadre.locator("label.category").nth(4).click()
    fill(cadre, problem if number else replace(problem, measures=VAGUE))
    if not number:
        live = cadre.locator(".check-list")
        expect(live).to_contain_text("进一步")
    cadre.get_by_role("button", name="提交单位审核").click()
    expect(cadre.get_by_role("heading", name=problem.title)).to_be_visible()
    expect(cadre.locator(".app-heading")).to_contain_text("待单位审核")
    return cadre.url


def fill(page: Page, problem: Problem) -> None:
    today = timezone.localdate()
    page.get_by_label("一句话说清问题").fill(problem.title)
    page.get_by_label("什么时候").fill((today - timedelta(days=20)).isoformat())
    page.get_by_label("在哪里").fill(problem.place)
    page.get_by_label("发生了什么事").fill(problem.event)
    page.get_by_label("作风上的原因").fill("觉得不急，想攒几件一起录。")
    page.get_by_label("根源").fill("把自己的方便看得比群众的等待重。")
    page.get_by_label("整改方向").fill("收一件录一件，当天的件当天录完。")
    page.get_by_label("整改措施").fill(problem.measures)
    page.get_by_label("整改时限").fill((today + timedelta(days=20)).isoformat())


def agree_to_all(reviewer: Page) -> None:
    """Look at what waits for the reviewer, page by page, and agree to all that can be."""
    while True:
        reviewer.goto("/issues/?waiting=on")
        ticks = reviewer.locator(".row-tick input")
        if not ticks.count():
            return
        for tick in ticks.all():
            tick.check()
        reviewer.get_by_role("button", name="批量同意…").click()
        expect(reviewer.get_by_role("heading", name="批量同意")).to_be_visible()
        agree = reviewer.get_by_role("button", name="同意勾选的问题")
        if not agree.count():
            return
        agree.click()
        expect(reviewer.get_by_role("heading", name="批量办理结果")).to_be_visible()


def return_the_vague_one(desks: Desks, address: str) -> None:
    """The office sends it back; its cadre reads which words, and why, and mends them."""
    office = desks.at("zuofengban")
    office.goto(address)
    expect(office.locator("#hints")).to_contain_text("进一步")
    office.locator("#moves summary", has_text="退回修改").click()
    expect(office.locator("#note-office_return")).to_have_value(
        re.compile("进一步.*是口号：.*谁来做")
    )
    office.locator("#moves button", has_text="确定退回修改").click()
    said(office, "已退回修改")

    cadre = desks.phone_of("ganbu")
    cadre.goto("/")
    expect(cadre.locator("main")).to_contain_text(TITLES[0])
    cadre.goto(address)
    why = cadre.locator(".alert-warning")
    expect(why).to_contain_text("退回修改")
    expect(why).to_contain_text("进一步")
    expect(why).to_contain_text("请写谁来做、什么时候做、做到什么样")
    expect(cadre.locator("#hints .check-field").first).to_have_text("整改措施")
    cadre.get_by_role("link", name="修改", exact=True).click()
    cadre.get_by_label("整改措施").fill(Problem("", "", "").measures)
    cadre.get_by_role("button", name="提交单位审核").click()
    expect(cadre.locator(".app-heading")).to_contain_text("待单位审核")
    agree_to_all(desks.at("juzhang"))


### The list of the unit


def file_unit_list(desks: Desks) -> list[str]:
    """Made of the cadres' items and one of its own; one comes back from the office."""
    keeper = desks.at("lianluoyuan")
    keeper.goto("/issues/lists/")
    address = keeper.url
    for number in range(len(MERGED)):
        keeper.goto(address)
        boxes = keeper.locator("#candidates input[type=checkbox]")
        for box in boxes.all()[:OF_ONE]:
            box.check()
        keeper.get_by_role("button", name=re.compile("合成一条单位问题|用勾选的问题")).click()
        write_of_unit(keeper, MERGED[number])
    keeper.goto(address)
    expect(keeper.locator("#candidates")).to_contain_text("干部提交的问题都用到了")
    keeper.get_by_role("link", name="写一条单位层面的问题").click()
    keeper.locator("label.category").nth(9).click()
    write_of_unit(keeper, OF_ITS_OWN, measures=VAGUE)
    version = freeze_and_confirm(desks, address)

    office = desks.at("zuofengban")
    office.goto(version)
    vague = office.locator("section.card", has_text=OF_ITS_OWN)
    vague.locator("summary", has_text="退回修改").click()
    expect(vague.locator("textarea")).to_have_value(re.compile("进一步.*是口号：.*谁来做"))
    vague.get_by_role("button", name="确定退回修改").click()
    said(office, "已退回修改")
    file_all(office, version)

    keeper.goto(address)
    keeper.get_by_role("link", name=OF_ITS_OWN).click()
    expect(keeper.locator(".alert-warning")).to_contain_text("是口号")
    keeper.get_by_role("link", name="修改", exact=True).click()
    keeper.get_by_label("整改措施").fill(
        "12 月 5 日前建一张共用台账，新表每月不超过一张，由办公室审。"
    )
    keeper.get_by_role("button", name="存入单位清单").click()
    file_all(office, freeze_and_confirm(desks, address))
    office.goto(address)
    expect(office.locator(".state", has_text="整改中")).to_have_count(4)
    keeper.goto(address)
    merged = keeper.locator(".rows a.row-link", has_text=f"来自 {OF_ONE} 条")
    return [str(link.get_attribute("href")) for link in merged.all()]


def write_of_unit(keeper: Page, title: str, **more: str) -> None:
    event = "抽查上季度收件，有 11 件当天没有登记，最长的压了 9 天，李某来电才补录。"
    fill(keeper, replace(Problem(title, "政务服务大厅住建窗口", event), **more))
    keeper.locator("[name=responsible]").select_option(label=_option(keeper, "ganbu3"))
    leader = keeper.locator("[name=leader]")
    leader.select_option(label=_option(keeper, "fuju", field="leader"))
    keeper.get_by_role("button", name="存入单位清单").click()
    said(keeper, "已存入单位清单")


def _option(page: Page, username: str, field: str = "responsible") -> str:
    labels = page.locator(f"[name={field}] option").all_inner_texts()
    return next(label for label in labels if f"（{username}）" in label)


def freeze_and_confirm(desks: Desks, address: str) -> str:
    """The next version, assented to by the head; its address."""
    keeper, head = desks.at("lianluoyuan"), desks.at("juzhang")
    keeper.goto(address)
    keeper.get_by_role("button", name=re.compile("定稿为第 . 版")).click()
    said(keeper, "等单位主要负责人确认")
    head.goto(keeper.url)
    head.get_by_role("button", name="确认这一版").click()
    said(head, "已确认")
    return keeper.url


def file_all(office: Page, version: str) -> None:
    office.goto(version)
    button = office.get_by_role("button", name="审核备案", exact=True)
    while button.count():
        button.first.click()
        said(office, "审核备案")
        office.goto(version)


### Sign-off, look-back, relapse


def sign_off_half(desks: Desks, items: dict[str, str], of_unit: list[str]) -> None:
    own = {name: items[name] for name in ("ganbu", "ganbu2", "ganbu4", *NEW)}
    todo = list(own.items())[:RECTIFIED] + [("ganbu3", address) for address in of_unit[:2]]
    for number, (name, address) in enumerate(todo):
        rectify(desks.phone_of(name), address, number)
    agree_to_all(desks.at("juzhang"))
    agree_to_all(desks.at("zuofengban"))
    for _, address in todo:
        sign(desks.at("jiwei"), address)


def rectify(cadre: Page, address: str, number: int) -> None:
    cadre.goto(address)
    cadre.get_by_label("佐证文件").set_input_files(
        {"name": "登记本.png", "mimeType": "image/png", "buffer": _picture(number)}
    )
    cadre.get_by_role("button", name="上传佐证").click()
    said(cadre, "佐证已上传")
    if not cadre.locator("#note-apply").is_visible():
        cadre.locator("#moves summary", has_text="申请销号").click()
    cadre.locator("#note-apply").fill("登记本用了三周，抽看 20 件都在当天录入。")
    cadre.locator("#moves button", has_text="申请销号").click()
    expect(cadre.locator(".app-heading")).to_contain_text("待单位审签")


def _picture(number: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (320, 200), (200, 210, number * 8)).save(buffer, "PNG")
    return buffer.getvalue()


def sign(discipline: Page, address: str) -> None:
    discipline.goto(address)
    discipline.get_by_role("link", name="核对并销号").click()
    discipline.locator("#sign").get_by_role("button", name="销号", exact=True).click()
    expect(discipline.locator(".app-heading")).to_contain_text("已销号")


def relapse(desks: Desks, address: str) -> None:
    """Found at the look-back: the same number is put right again, the old signature stays."""
    discipline = desks.at("jiwei")
    discipline.goto(address)
    number = discipline.locator(".app-crumbs").inner_text().split("/")[-1].strip()
    discipline.locator("#moves summary", has_text="反弹").click()
    discipline.locator("#note-relapse").fill("昨天到 2 号窗口抽看，有 3 件收了两天还没有录入。")
    again = timezone.localdate() + timedelta(days=25)
    discipline.locator("#due-relapse").fill(again.isoformat())
    discipline.locator("#moves button", has_text="反弹").click()
    heading = discipline.locator(".app-heading")
    expect(heading).to_contain_text("整改中")
    expect(heading).to_contain_text("反弹 1 次")
    expect(discipline.locator(".app-crumbs")).to_contain_text(number)
    signed = discipline.locator(".card", has=discipline.get_by_role("heading", name="销号签字"))
    expect(signed).to_contain_text("当时责任人")
    expect(signed).to_contain_text("反弹")
    cadre = desks.phone_of("ganbu2")
    cadre.goto(address)
    expect(cadre.locator(".history")).to_contain_text("3 件收了两天还没有录入")


def numbers_agree(desks: Desks, relapsed: str) -> None:
    """The ledger in Excel and the page of the book say the same as what was done."""
    office = desks.at("zuofengban")
    office.goto("/issues/")
    office.get_by_role("button", name="导出台账").click()
    link = office.get_by_role("link", name=re.compile("^下载"))
    expect(link.first).to_be_visible(timeout=JOB_MILLISECONDS)
    answer = office.request.get(str(link.first.get_attribute("href")))
    rows = _rows(answer.body())
    written = {*TITLES, *MERGED, OF_ITS_OWN}
    ours = [row for row in rows if written & set(map(str, row.values()))]
    states = [str(row["状态"]) for row in ours]
    assert len(ours) == len(written)
    assert states.count("已销号") == RECTIFIED + 2 - 1
    assert sum(int(str(row["反弹"] or 0)) for row in ours) == 1
    book = desks.phone_of("ganbu2")
    book.goto("/issues/book/")
    expect(book.locator("main")).to_contain_text("再犯 1 次")


def _rows(content: bytes) -> list[dict[str, object]]:
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    found = list(sheet.iter_rows(values_only=True))
    place = next(n for n, row in enumerate(found) if "状态" in row)
    heads = [str(each) for each in found[place]]
    return [dict(zip(heads, row, strict=True)) for row in found[place + 1 :] if any(row)]
