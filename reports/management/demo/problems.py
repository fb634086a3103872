"""The demo's problem items, each an invented but concrete case, at every step of its way."""

import io
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from campaign.models import Campaign, Category
from core.files import check_upload
from issues.choices import FILED, Kind, Nature, Source
from issues.models import Issue
from issues.queries import shown_hash
from issues.services import add_evidence, make_move, raise_due_slips, write_issue
from organisation.models import User
from reports.management.demo.people import Cast


@dataclass(frozen=True)
class Case:
    """One concrete problem: category number and its texts."""

    category: int
    title: str
    place: str
    event: str
    cause: str
    root_cause: str
    direction: str
    measures: str

    def text(self) -> dict[str, object]:
        names = ("title", "place", "event", "cause", "root_cause", "direction", "measures")
        return {"affected": "", **{name: getattr(self, name) for name in names}}


CASES = (
    Case(
        5,
        "群众补办证明材料被搁置 9 天",
        "窗口受理台",
        "一位群众来补办证明，材料当天已齐。我把件压在待办夹里，没有录入系统，直到第 9 天他打电话来问才办。",
        "觉得不是急件，放一放没关系，没有把群众的等待当回事。",
        "习惯按自己的方便安排工作，没有限时办结的意识。",
        "材料齐全的件当天录入、三天内办结。",
        "每天下班前清一遍待办夹；超过两天的件在科室黑板上写明原因；每周五由科长抽看五件。",
    ),
    Case(
        2,
        "会议通知把时间写错，12 家企业白跑一趟",
        "局机关三楼会议室",
        "起草座谈会通知时把“下午三点”写成“上午三点半”，没有核对就发出，12 家企业负责人上午赶到后又折返。",
        "复制了上次的通知，只改了标题，没有逐字核对。",
        "总想着后面还有人把关，自己这一关就松了。",
        "发出的每份通知做到两人核对。",
        "通知发出前由起草人和科长各签一次；时间地点用红字标出；发出后半小时内电话确认三家。",
    ),
    Case(
        3,
        "小区消防通道被占，推给社区 3 次没有结果",
        "振兴小区",
        "居民反映消防通道被围挡占用，我三次答复“请找社区”，没有到现场看，也没有联系社区，问题拖了一个半月。",
        "怕牵头协调得罪施工方，能推就推。",
        "遇事先想自己担不担责，没有首问负责的担当。",
        "首问的事由首问人跟到底。",
        "当天到现场核实；两天内召集社区和施工方定拆除日期；办完回访反映人。",
    ),
    Case(
        7,
        "半年没有到过一次帮扶企业",
        "经济开发区",
        "我是一家纺织企业的帮扶联系人，上半年只在电话里问过两次情况，企业用工缺口 30 人我是看简报才知道的。",
        "觉得电话问问、材料看看就算联系了。",
        "坐惯办公室，把走访当成应付检查的事。",
        "每月至少到企业一次，当面问、现场办。",
        "固定每月第二周到企业半天；带回的事三天内给答复；答复不了的报分管领导。",
    ),
    Case(
        10,
        "一周向乡镇要了 4 次同一类数据",
        "局办公室",
        "为做一份汇报，我在一周内用四张不同的表向各乡镇要危房改造进度，其中三项数字完全相同，有的乡镇加班重填。",
        "没有先查已有报表，想到什么要什么。",
        "只图自己汇报方便，没有考虑基层的负担。",
        "已有的数据不再向基层要。",
        "建一张共用台账，各科室从台账取数；确需新表的由办公室统一审；每月最多一张。",
    ),
    Case(
        8,
        "整改报告写“已完成”，实际还差 2 户",
        "危房改造专班",
        "月底报表上 26 户危房改造我填了“全部完成”，实际有 2 户还没有封顶，被督查组入户时发现。",
        "怕影响排名，想着下月补上就行。",
        "把报表好看看得比群众住得安心还重。",
        "报一户、看一户，数字以现场为准。",
        "每户附封顶照片和户主签字；专班每周抽看两户；虚报一次在局务会检讨。",
    ),
    Case(
        1,
        "交办的信访件两次催办才启动",
        "局信访室",
        "分管局长批给我一件欠薪信访件，第一次催办我说在看，第二次催办才联系当事人，前后空了 11 天。",
        "上面不催就不动，总把难事往后放。",
        "缺少主动办事的劲头，满足于不出错。",
        "批转的件当天启动。",
        "收件当天给当事人打第一个电话；三天内书面报进展；在科室例会上逐件过。",
    ),
    Case(
        4,
        "以没有细则为由，拖了 20 天没办新政策",
        "政务服务大厅",
        "省里的创业补贴政策已明确条件，有 5 人来申请，我以县里没有细则为由让他们回去等，20 天没有请示。",
        "文件没有写到县一级就不敢办，怕办错。",
        "只求自己稳当，没有把政策尽快送到群众手里的想法。",
        "有上位文件的先请示、先受理。",
        "遇到没有细则的事当天书面请示；先收件登记；批复后一天内通知申请人。",
    ),
    Case(
        6,
        "窗口满意度排全县末位却写成“稳中有升”",
        "政务服务大厅",
        "二季度窗口满意度排名末位，我在总结里只写环比升了 0.3 个百分点，没有写排名，也没有分析 14 条差评。",
        "觉得有进步就可以交差。",
        "标准低，只和自己比，不和群众的要求比。",
        "差评逐条分析、逐条回访。",
        "每条差评三天内回访；每月公布差评和整改；满意度低于九成的窗口说明原因。",
    ),
    Case(
        9,
        "年休假优先安排自己，窗口两天没人顶岗",
        "社保窗口",
        "我排班时把自己的年休假连着周末排了，没有安排顶岗，社保窗口两天没人，11 位群众白跑。",
        "先想着自己方便，没有想到窗口不能空。",
        "把群众的事放在自己的事后面。",
        "窗口排班先保岗位。",
        "排班表提前一周公示；请假必须写明顶岗人；空岗一次当月考勤说明。",
    ),
)
STEPS = ("submit", "confirm", "file", "apply", "unit_sign", "sign_off")


def build_problems(
    campaign: Campaign, cast: Cast, random: Random, number: int, today: date
) -> None:
    """``number`` items spread over the cadres, from draft to signed off, some overdue and supervised."""
    categories = {
        category.number: category
        for category in Category.objects.filter(
            taxonomy__campaign=campaign, taxonomy__name="作风十弊"
        )
    }
    writers = [(unit, cadre) for unit in cast.departments for cadre in cast.cadres[unit.pk]]
    for n in range(number):
        unit, author = writers[n % len(writers)]
        case = CASES[(n + n // len(writers) * 3) % len(CASES)]
        issue, due_on = _write(campaign, author, case, categories[case.category], random, today)
        _advance(issue, author, cast.heads[unit.pk], cast, steps=_steps(n, random))
        Issue.objects.filter(pk=issue.pk, state__in=FILED).update(due_on=due_on)
    raise_due_slips(today)


def _write(
    campaign: Campaign, author: User, case: Case, category: Category, random: Random, today: date
) -> tuple[Issue, date]:
    """The draft, and the day on which it is due, which for some is over by now."""
    text: dict[str, object] = case.text() | {
        "happened_on": today - timedelta(days=random.randint(20, 200)),
        "kind": Kind.AT_ONCE if random.random() < 0.3 else Kind.BY_DATE,
    }
    due_on = min(today + timedelta(days=random.randint(-8, 40)), campaign.ends_on)
    text |= {
        "due_on": max(due_on, today),  # of what is handed in today
        "source": random.choice(list(Source)),
        "nature": random.choice(list(Nature)),
    }
    issue = write_issue(campaign=campaign, author=author, category=category, text=text)
    return issue, due_on


def _steps(n: int, random: Random) -> int:
    """How far the n-th item has come: the first ones show every step, the rest are mixed."""
    return n if n <= len(STEPS) else random.choice([1, 2, 3, 3, 3, 4, 5, 6, 6])


def _advance(issue: Issue, author: User, head: User, cast: Cast, *, steps: int) -> None:
    actors = (author, head, cast.office, author, head, cast.discipline)
    for name, actor in list(zip(STEPS, actors, strict=True))[:steps]:
        note = ""
        if name == "apply":
            add_evidence(issue=issue, actor=author, file=check_upload(photo(issue)))
            note = "措施已逐项落实，附整改后的台账照片；相关群众已回访，表示认可。"
        make_move(issue=issue, name=name, actor=actor, note=note, seen_hash=shown_hash(issue))


def photo(issue: Issue) -> SimpleUploadedFile:
    """A small picture that stands for a photographed ledger page, different for each item."""
    picture = Image.new("RGB", (640, 420), "#f4efe6")
    drawing = ImageDraw.Draw(picture)
    for row in range(8):
        drawing.line((40, 70 + row * 40, 600, 70 + row * 40), fill="#b9a98c", width=2)
    drawing.text((40, 30), f"No. {issue.number}", fill="#7a3b2e")
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return SimpleUploadedFile("整改台账.png", buffer.getvalue(), "image/png")
