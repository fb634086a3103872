"""A campaign from its empty register to full coverage: registers, teams, visits, appeals."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
from django.utils import timezone
from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell
from playwright.sync_api import Locator, Page, expect

from reports.management.demo.names import credit_code
from tests.conftest import DESKTOP, PHONE
from tests.journeys.people import begin_campaign, said, sign_in
from tests.stack import Stack, new_stack

pytestmark = pytest.mark.journey
NewPage = Callable[..., Page]
JOB_MILLISECONDS = 60_000
AREAS = Path(__file__).resolve().parents[2] / "data/areas/liaocheng-areas.csv"
TOWNSHIP = "371524001000"  # 铜城街道, with 14 villages
NEXT = "371524103000"  # 大桥镇, with 5
HERE, THERE, ENTERPRISES, VILLAGES = 84, 10, 14, 81
HOUSEHOLDS = HERE + THERE
TOTAL = HOUSEHOLDS + ENTERPRISES + VILLAGES
BY_BROWSER, BY_EXCEL = 10, 90
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A product of its own: what begins here would be everybody's latest campaign."""
    with new_stack() as running:
        running.start()
        yield running


@pytest.fixture
def desk(stack: Stack, new_page: NewPage) -> Callable[[str], Page]:
    """The signed-in page of a person, the same each time."""
    pages: dict[str, Page] = {}

    def of(username: str) -> Page:
        if username not in pages:
            width = PHONE if username.startswith("ganbu") else DESKTOP
            page = new_page(width=width)
            page.on("dialog", lambda dialog: dialog.accept())
            pages[username] = sign_in(page, stack, username)
        return pages[username]

    return of


Desk = Callable[[str], Page]


def test_from_an_empty_register_to_the_same_totals_everywhere(
    stack: Stack, new_page: NewPage, desk: Desk
) -> None:
    begin_campaign(desk("shizuofengban"), "全覆盖遍访")
    import_registers(desk("zuofengban"))
    freeze(desk("shizuofengban"))
    make_team(desk("zuofengban"))
    log_visits_on_the_phone(desk("ganbu"))
    bring_in_visits_from_paper(desk("ganbu"))
    run_appeals(desk, new_page(width=PHONE))
    same_totals_everywhere(stack, desk("lingdao"), BY_BROWSER + BY_EXCEL)


### The register


def import_registers(office: Page) -> None:
    villages = _villages(TOWNSHIP)
    enterprises = [
        [credit_code(Random(n), "371524"), f"示范企业{n:02}", "铜城街道", name, "否", "是"]
        for n, (_, name) in enumerate(villages[:ENTERPRISES])
    ]
    head = ["统一社会信用代码", "企业名称", "乡镇（街道）", "村（社区）", "规上", "工业"]
    _import(office, "企业", "企业.xlsx", _workbook([head, *enterprises]), ENTERPRISES)
    lived_in = _evenly(villages, HERE) + _evenly(_villages(NEXT), THERE)
    rows = [
        [f"{code}-{n:04}", f"赵户{n:02}", code, 3] for n, (code, _) in enumerate(lived_in, start=1)
    ]
    text = io.StringIO()
    csv.writer(text).writerows([["户编号", "户主姓名", "村（社区）", "常住人口"], *rows])
    content = text.getvalue().encode("gb18030")
    _import(office, "群众", "群众.csv", content, HOUSEHOLDS)
    office.goto("/visits/register/")
    office.locator("form[action$='/villages/'] button").click()
    said(office, str(VILLAGES))


def _villages(township: str) -> list[tuple[str, str]]:
    with AREAS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [(row["code"], row["name"]) for row in rows if row["parent"] == township]


def _evenly(villages: list[tuple[str, str]], number: int) -> list[tuple[str, str]]:
    return villages * (number // len(villages))


def _workbook(rows: list[list[object]]) -> bytes:
    book = Workbook()
    assert book.active
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _import(office: Page, kind: str, name: str, content: bytes, number: int) -> None:
    office.goto("/visits/register/")
    office.get_by_text(kind, exact=True).first.click()
    _check(office, name, content)
    _confirm(office, f"确认导入 {number} 条", f"已导入 {number} 条")


def freeze(office: Page) -> None:
    office.goto("/visits/register/freeze/")
    expect(office.get_by_role("heading", name=f"登记数 {TOTAL}")).to_be_visible()
    office.get_by_role("button", name="核定分母").click()
    frozen = office.get_by_text(f"第 1 次 · {TOTAL} 个对象")
    expect(frozen).to_be_visible(timeout=JOB_MILLISECONDS)


### Teams and visits


def make_team(keeper: Page) -> None:
    keeper.goto("/visits/teams/new/")
    keeper.get_by_label("名称").fill("铜城街道民情书记服务一队")
    keeper.get_by_label("包联区域").fill(TOWNSHIP)
    keeper.get_by_label("部门选派").fill("ganbu\nganbu2")
    keeper.get_by_role("button", name="保存服务队").click()
    said(keeper, "已")


APPEALS = (
    ("路灯不亮。", "现场答复"),
    ("排水沟淤堵。", "本单位办理"),
    ("低保材料没有回音。", "转有关部门"),
    ("用地手续没有人管。", "转有关部门"),
    ("井盖坏了三个月。", "转有关部门"),
    ("水压低。", "上报12345"),
    ("暖气不热。", "上报12345"),
    ("孩子转学。", "转有关部门"),
    ("楼道堆杂物。", "转有关部门"),
    ("楼道里堆着杂物。", "转有关部门"),
)


def log_visits_on_the_phone(cadre: Page) -> None:
    for content, handling in APPEALS:
        cadre.goto("/visits/?kind=household")
        cadre.locator(".rows a.row-link").first.click()
        cadre.get_by_label("了解到的情况").fill(f"家里三口人，{content}")
        cadre.get_by_label("提了什么诉求").fill(content)
        cadre.get_by_label("诉求怎么处理").select_option(label=handling)
        if handling == "现场答复":
            cadre.get_by_label("当场怎么答复的").first.fill("电工明天来修，已当场告知。")
        cadre.get_by_role("button", name="保存走访").click()
        said(cadre, "已保存")


def bring_in_visits_from_paper(cadre: Page) -> None:
    """Of the team mate who has no phone: his table is filled and brought in by the cadre."""
    cadre.goto("/visits/paper/")
    mate = cadre.locator("a.row-link[href*='/template/']").last
    name = mate.locator(".row-title").inner_text()
    book = load_workbook(io.BytesIO(_fetched(cadre, mate)))
    rows = list(book.worksheets[0].iter_rows())
    heads = next(row for row in rows if "走访日期" in [cell.value for cell in row])
    code, day = (
        next(cell.column - 1 for cell in heads if cell.value == each)
        for each in ("编号", "走访日期")
    )
    to_visit = [row for row in rows if row[code].value and not row[day].value]
    for row in to_visit[:BY_EXCEL]:
        row[day].value = timezone.localdate().isoformat()
    filled = io.BytesIO()
    book.save(filled)
    author = cadre.locator("[name=author]")
    options = author.locator("option").all_inner_texts()
    author.select_option(label=next(each for each in options if each.startswith(name)))
    _check(cadre, "走访.xlsx", filled.getvalue())
    _confirm(cadre, f"确认补录 {BY_EXCEL} 次", f"已补录 {BY_EXCEL} 次走访")


def _fetched(page: Page, link: Locator) -> bytes:
    answer = page.request.get(str(link.get_attribute("href")))
    assert answer.ok
    return answer.body()


def _check(page: Page, name: str, content: bytes) -> None:
    mime = EXCEL if name.endswith(".xlsx") else "text/csv"
    file = {"name": name, "mimeType": mime, "buffer": content}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    page.locator("main form").get_by_role("button", name=re.compile("上传")).click()


def _confirm(page: Page, button: str, then: str) -> None:
    apply = page.get_by_role("button", name=button)
    expect(apply).to_be_visible(timeout=JOB_MILLISECONDS)
    apply.click()
    expect(page.get_by_text(then)).to_be_visible(timeout=JOB_MILLISECONDS)


### Appeals


class Case:
    """One appeal as several people open it, found by what was asked."""

    def __init__(self, desk: Desk, content: str) -> None:
        self.desk, self.content = desk, content
        office = desk("zuofengban")
        office.goto("/visits/appeals/")
        row = office.locator("a.row-link", has=office.get_by_text(content, exact=True))
        self.address = str(row.get_attribute("href"))

    def open(self, who: str) -> Page:
        page = self.desk(who)
        page.goto(self.address)
        return page

    def press(self, who: str, step: str, **values: str) -> "Case":
        """Take the step as this person, with what its form asks for."""
        page = self.open(who)
        form = page.locator(f"form[action$='/steps/{step}/']")
        fold = page.locator("details", has=form)
        if fold.count() and not form.is_visible():
            fold.first.locator("summary").first.click()
        for name, value in values.items():
            field = form.locator(f"[name={name}]")
            if name in {"unit", "category"}:
                field.select_option(label=value)
            else:
                field.fill(value)
        category = form.locator("[name=category]")
        if category.count() and not category.input_value():
            category.select_option(label="其他")
        form.locator("button[type=submit]").click()
        said(page, "已")
        return self

    def call(self, result: str, solved: str = "", said_words: str = "") -> "Case":
        page = self.open("zuzhibu")
        form = page.locator("#call form")
        for choice in filter(None, (result, solved)):
            form.get_by_text(choice, exact=True).click()
        form.locator("[name=said]").fill(said_words)
        form.get_by_role("button", name="保存回访").click()
        said(page, "已记录回访")
        return self

    def stands(self, state: str) -> None:
        expect(self.open("zuofengban").locator(".app-heading")).to_contain_text(state)


HOUSING, APPROVAL = "东阿县住房和城乡建设局", "东阿县行政审批服务局"
WORDS = {"note": "已到现场办好，请您再看看。"}


def run_appeals(desk: Desk, people: Page) -> None:
    """Ten appeals, each by another branch of the way."""
    cases = [Case(desk, content) for content, _ in APPEALS]
    _answered_on_the_spot(cases[0])
    cases[1].press("juzhang", "answer", **WORDS)
    _answered_on_a_link(cases[1], people)
    cases[1].stands("办结")
    _assigned(cases[2], APPROVAL).press("juzhang2", "answer", **WORDS)
    cases[2].call("基本满意", "已解决").stands("办结")
    _returned_and_designated(cases[3])
    _dissatisfied_and_done_again(cases[4])
    _by_12345(desk("zuofengban"), cases[5], cases[6])
    cases[5].call("满意", "已解决").stands("办结")
    _never_reached(cases[7])
    _more_time(cases[8])
    _merged(cases[9], into=cases[8])


def _answered_on_the_spot(case: Case) -> None:
    """One in ten is drawn for a call-back when it is recorded; any other somebody may open."""
    page = case.open("zuzhibu")
    if page.locator("form[action$='/steps/ask/']").count():
        case.stands("当场答复")
        case.press("zuzhibu", "ask")
    case.call("满意", "已解决").stands("办结")


def _assigned(case: Case, unit: str) -> Case:
    head = {HOUSING: "juzhang", APPROVAL: "juzhang2"}[unit]
    return case.press("zuofengban", "assign", unit=unit).press(head, "sign")


def _answered_on_a_link(case: Case, people: Page) -> None:
    caller = case.open("zuzhibu")
    caller.get_by_role("button", name="生成回访链接").click()
    people.goto(caller.locator(".app-secret").inner_text())
    people.get_by_text("解决了", exact=True).click()
    people.get_by_text("满意", exact=True).click()
    people.get_by_role("button", name="提交").click()
    expect(people.locator("main")).to_contain_text("谢谢")


def _by_12345(office: Page, done: Case, refused: Case) -> None:
    """Both are handed over by hand; what became of them comes back in one workbook."""
    for number, case in enumerate((done, refused), start=1):
        case.press("zuofengban", "hotline", number=f"20261123{number:05}")
    office.goto("/visits/appeals/hotline/")
    content = _fetched(office, office.get_by_role("link", name="导出 2 件"))
    book = load_workbook(io.BytesIO(content))
    rows = list(book.worksheets[0].iter_rows())
    heads = next(row for row in rows if "办理结果" in [cell.value for cell in row])
    place = {cell.value: cell.column - 1 for cell in heads}
    for case, column, words in (
        (done, "办理结果", "供水公司已调压。"),
        (refused, "退回理由", "属县住建局职责。"),
    ):
        (row,) = [row for row in rows if row[place["诉求"]].value == case.content]
        row[place[column]].value = words
    filled = io.BytesIO()
    book.save(filled)
    _check(office, "12345.xlsx", filled.getvalue())
    _confirm(office, "确认登记 2 件", "已登记 2 件")
    refused.stands("待分派")


def _returned_and_designated(case: Case) -> None:
    _assigned(case, APPROVAL)
    case.press("juzhang2", "return", note="用地由住建局承办，依据三定方案。").stands("待分派")
    _assigned(case, HOUSING)
    page = case.open("juzhang")
    expect(page.locator("form[action$='/steps/return/']")).to_have_count(0)
    case.press("juzhang", "answer", **WORDS).call("满意", "已解决").stands("办结")


def _dissatisfied_and_done_again(case: Case) -> None:
    _assigned(case, HOUSING).press("juzhang", "answer", **WORDS)
    case.call("不满意", "没有解决", "井盖还是坏的。").stands("办理中")
    case.press("juzhang", "answer", note="今天已换新井盖。")
    case.call("满意", "已解决").stands("办结")


def _never_reached(case: Case) -> None:
    _assigned(case, APPROVAL).press("juzhang2", "pause", note="请补充孩子的年级。")
    case.stands("等待群众补充")
    case.press("juzhang2", "resume").press("juzhang2", "answer", **WORDS)
    case.call("联系不上")
    page = case.open("zuzhibu")
    expect(page.locator("#call")).to_contain_text("下一次最早")
    page.locator("#call form").get_by_text("联系不上", exact=True).click()
    page.locator("#call form").get_by_role("button", name="保存回访").click()
    said(page, "一个工作日记一次")
    case.stands("待回访")


def _more_time(case: Case) -> None:
    _assigned(case, HOUSING)
    page = case.open("juzhang")
    page.locator("#days summary").click()
    page.get_by_label("延长几个工作日").fill("5")
    page.locator("#days [name=reason]").fill("要等物业交接。")
    page.get_by_role("button", name="申请延期", exact=True).click()
    said(page, "已申请延期")
    office = case.open("zuofengban")
    office.locator("#days").get_by_role("button", name="同意", exact=True).click()
    said(office, "已同意延期")


def _merged(case: Case, into: Case) -> None:
    page = case.open("zuofengban")
    page.locator("#merge summary").click()
    options = page.locator("#merge select option")
    other = next(text for text in options.all_inner_texts() if into.content in text)
    page.locator("#merge select").select_option(label=other)
    page.locator("#merge [name=reason]").fill("同一栋楼的同一件事。")
    page.locator("#merge").get_by_role("button", name="并入", exact=True).click()
    said(page, "已并入")


### Totals


AREAS_SHEET, STATES_SHEET, DAYS_SHEET = "下级区域覆盖情况", "走访对象状态", "逐日覆盖情况"
ON_PAGE_TOO = (AREAS_SHEET, "分类覆盖情况", STATES_SHEET)
KIND_COLUMNS = {"企业": 1, "村居": 4, "群众": 7, "合计": 10}  # covered, registered, share of each


def same_totals_everywhere(stack: Stack, leader: Page, visited: int) -> None:
    """The pages, the file by sheet, row and kind, and the counters against the register."""
    for address, name in (("/progress/", "全部覆盖"), ("/visits/coverage/", "全部")):
        leader.goto(address)
        figure = leader.locator(".figure-card", has_text=name).first.locator(".figure-value small")
        assert figure.inner_text() == f"{visited}/{TOTAL}", address
    book = _exported(leader)
    for title in ON_PAGE_TOO:
        assert _rows_of(book, title) == _rows_on(leader, title), title
    _by_area(_rows_of(book, AREAS_SHEET), visited)
    _by_state(_rows_of(book, STATES_SHEET), visited)
    newest = _rows_of(book, DAYS_SHEET)[0]
    assert newest[1:3] == [str(visited), str(TOTAL)]
    assert "都与登记册一致" in stack.manage("check_coverage")


def _exported(page: Page) -> Workbook:
    page.get_by_role("button", name="导出 Excel").click()
    link = page.get_by_role("link", name=re.compile("^下载"))
    expect(link).to_be_visible(timeout=JOB_MILLISECONDS)
    return load_workbook(io.BytesIO(_fetched(page, link)))


def _rows_of(book: Workbook, title: str) -> list[list[str]]:
    """The rows between the headings and the notes, as people read them."""
    title_and_headings = 2
    rows = list(book[title].iter_rows(min_row=title_and_headings + 1))
    return [[_read(cell) for cell in row] for row in rows if row[1].value is not None]


def _read(cell: Cell) -> str:
    if cell.value is None:
        return "—"
    if "%" in cell.number_format:
        return f"{cell.value:.1%}"
    return f"{cell.value:,}" if isinstance(cell.value, int) else str(cell.value)


def _rows_on(page: Page, title: str) -> list[list[str]]:
    rows = page.get_by_role("group", name=title, exact=True).locator("tbody tr, tfoot tr")
    return [row.locator("th, td").all_inner_texts() for row in rows.all()]


def _by_area(rows: list[list[str]], visited: int) -> None:
    """What was registered and visited stands in its own township, and all adds up."""
    places = {row[0]: row for row in rows}
    here, there, whole = places["铜城街道"], places["大桥镇"], places["合计"]
    registered = {kind: place + 1 for kind, place in KIND_COLUMNS.items()}
    for row, numbers in (
        (here, (ENTERPRISES, 14, HERE, ENTERPRISES + 14 + HERE)),
        (there, (0, 5, THERE, 5 + THERE)),
        (whole, (ENTERPRISES, VILLAGES, HOUSEHOLDS, TOTAL)),
    ):
        assert [row[place] for place in registered.values()] == [str(n) for n in numbers], row[0]
    assert (here[KIND_COLUMNS["合计"]], there[KIND_COLUMNS["合计"]]) == (str(visited), "0")
    for place in KIND_COLUMNS.values():
        assert sum(int(row[place]) for row in rows[:-1]) == int(whole[place])
        assert whole[place] == here[place]  # nobody went anywhere else


def _by_state(rows: list[list[str]], visited: int) -> None:
    """Each kind is the sum of its states; nothing but visits has happened."""
    for row in rows:
        registered, *states = map(int, row[1:])
        assert sum(states) == registered, row[0]
    *kinds, whole = rows
    assert [row[:2] for row in kinds] == [
        ["企业", str(ENTERPRISES)],
        ["村居", str(VILLAGES)],
        ["群众", str(HOUSEHOLDS)],
    ]
    assert sorted(map(int, whole[2:])) == [0, 0, 0, 0, TOTAL - visited, visited]
