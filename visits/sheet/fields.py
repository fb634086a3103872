"""The columns of visits from paper: what the template fills in, and what people write."""

from core.columns import Field
from visits.choices import Handling, Matter, Outcome, TargetKind, Way

MAX_ROWS = 2_000  # a month of a whole team; written in one transaction, which on SQLite is alone

KIND = Field(
    "类别", "已填好，不要改", TargetKind.HOUSEHOLD.label, False, 8, tuple(TargetKind.labels)
)
CODE = Field("编号", "已填好，不要改", "371524100201001", width=22, longest=24)
NAME = Field("名称", "已填好，给人看的，不读取", "户*", True, 18)
PLACE = Field("村（社区）", "已填好，给人看的，不读取", "前关村", True, 16)
DAY = Field("走访日期", "必填：哪天去的，如 2026-03-03；没去的整行留空", "2026-03-03", width=14)
BEGAN = Field("几点", "可不填，如 9:30", "9:30", True, 8)
WAY = Field("方式", "不填为入户走访", Way.HOME.label, True, 12, tuple(Way.labels))
OUTCOME = Field("结果", "不填为有效走访", Outcome.EFFECTIVE.label, True, 12, tuple(Outcome.labels))
COMPANIONS = Field("同行人", "可不填，最多 60 字", "", True, 14, longest=60)
HEARD = Field("了解到的情况", "可不填，最多 1,000 字", "", True, 40, longest=1000)
LATE = Field("补录原因", "走访过了 3 天才录的必填", "当时没有信号", True, 18, longest=100)
APPEAL = Field("诉求", "没有就不填，最多 500 字", "", True, 36, longest=500)
CATEGORY = Field("诉求类别", "可不填", Matter.ROADS.label, True, 12, tuple(Matter.labels))
HANDLING = Field(
    "诉求怎么处理", "有诉求时必填", Handling.DISPATCH.label, True, 14, tuple(Handling.labels)
)
ANSWER = Field(
    "当场怎么答复的",
    "现场答复、做好解释的必填，最多 1,000 字；别的不填",
    "",
    True,
    36,
    longest=1000,
)

FIELDS = (
    KIND,
    CODE,
    NAME,
    PLACE,
    DAY,
    BEGAN,
    WAY,
    OUTCOME,
    COMPANIONS,
    HEARD,
    LATE,
    APPEAL,
    CATEGORY,
    HANDLING,
    ANSWER,
)
WRITTEN = FIELDS[4:]  # a row without any of these is a target nobody has been to
