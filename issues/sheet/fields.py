"""The columns of the ledger: what people write, and what the software reckons (domain §2.1)."""

from core.columns import Field
from issues.choices import Kind, Level, Nature, Source

MAX_ROWS = 5_000  # a file is written in one transaction, which on SQLite is alone


def _long(heading: str, hint: str, example: str, longest: int) -> Field:
    hint = f"{hint}，最多 {longest:,} 字"
    return Field(heading, hint, example, optional=True, width=36, longest=longest)


UNIT = Field("单位", "可不填；有同名的人时要填，写全称或编号", "东阿县住建局", True, 22)
TITLE = Field(
    "问题", "必填：一句话说清问题，最多 60 字", "群众申请低保材料被搁置 9 天", width=30, longest=60
)
HAPPENED = Field("时间", "哪一天的事，如 2026-03-03", "2026-03-03", True, 14)
PLACE = Field("地点", "在哪里，最多 60 字", "一楼窗口受理台", True, 16, longest=60)
EVENT = Field(
    "事情经过",
    "必填：写一件真实的事，最多 1,000 字",
    "3 月 3 日，张某来申请低保，材料已齐，我压了 9 天没有录入。",
    width=48,
    longest=1000,
)
AFFECTED = Field("涉及对象", "可不填；涉及的人和单位", "", True, 18, longest=100)
SOURCE = Field("来源", "不填为自己查找", Source.SELF.label, True, 12, tuple(Source.labels))
CATEGORY = Field("类别", "必填：类别的名称，或编号和名称", "", width=18)
NATURE = Field("性质", "不填为个性问题", Nature.INDIVIDUAL.label, True, 10, tuple(Nature.labels))
CAUSE = _long("作风上的原因", "从自己的工作态度、方法上找", "觉得不是急件。", 500)
ROOT_CAUSE = _long("根源", "再往下问一句为什么", "没有限时办结的意识。", 500)
DIRECTION = _long("整改方向", "要改成什么样", "当天录入、三天办结。", 200)
MEASURES = _long("整改措施", "写得出、做得到、查得着", "每天下班前清一遍待办夹。", 1000)
KIND = Field("整改类型", "不填为限期整改", Kind.BY_DATE.label, True, 12, tuple(Kind.labels))
DUE = Field("时限", "改到哪一天为止，如 2026-06-30", "2026-06-30", True, 14)
LEADER = Field("责任领导", "可不填；本单位班子成员的姓名", "", True, 12, longest=40)
PERSON = Field(
    "责任人", "谁的问题：姓名，同名的写登录名；只导入自己的可不填", "张建国", True, 14, longest=40
)

WRITTEN = (
    UNIT,
    TITLE,
    HAPPENED,
    PLACE,
    EVENT,
    AFFECTED,
    SOURCE,
    CATEGORY,
    NATURE,
    CAUSE,
    ROOT_CAUSE,
    DIRECTION,
    MEASURES,
    KIND,
    DUE,
    LEADER,
    PERSON,
)
TEXTS = {
    "title": TITLE,
    "place": PLACE,
    "event": EVENT,
    "affected": AFFECTED,
    "cause": CAUSE,
    "root_cause": ROOT_CAUSE,
    "direction": DIRECTION,
    "measures": MEASURES,
}
NUMBER = Field("问题编号", "系统编的号", optional=True)
LEVEL = Field("层级", "个人或单位", optional=True, options=tuple(Level.labels))
RECKONED = (
    NUMBER,
    LEVEL,
    *(
        Field(heading, "", optional=True)
        for heading in (
            "状态",
            "期限灯",
            "佐证数",
            "延期",
            "反弹",
            "申请销号日",
            "销号日期",
            "销号人",
            "备注",
        )
    ),
)
FIELDS = (*WRITTEN, *RECKONED)  # an exported ledger can be filled on and read back
READ = frozenset(field.heading for field in (*WRITTEN, NUMBER, LEVEL))
DAYS = {"happened_on": HAPPENED, "due_on": DUE}
HEADINGS = {name: field.heading for name, field in (TEXTS | DAYS).items()}
