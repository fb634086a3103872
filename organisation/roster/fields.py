"""The columns of the roster and of the list of units."""

from core.columns import Field
from organisation.choices import Tier, UnitKind

MAX_ROWS = 5_000  # a file is written in one transaction, which on SQLite is alone
YES_OR_NO = ("是", "否")
IN_OFFICE, LEFT = "在职", "离职"

LOGIN = Field(
    "登录名（工号）",
    "必填：字母、数字和 . _ - @，2 至 40 位；同一个人始终用同一个",
    "371524-0001",
    width=20,
    longest=40,
)
NAME = Field("姓名", "必填", "张建国", longest=40)
UNIT = Field("单位（编号或全称）", "必填：系统里的单位编号，或单位全称", "东阿县住建局", width=28)
POSITION = Field("职务", "必填", "科员", width=18, longest=40)
TIER = Field(
    "人员类别",
    "必填：三类之一；有三种权力之一的不能是普通党员干部",
    Tier.ORDINARY.label,
    width=22,
    options=tuple(Tier.labels),
)
APPROVES = Field("审批权", "是 或 否，不填为否", "否", True, 9, YES_OR_NO)
ENFORCES = Field("执法权", "是 或 否，不填为否", "否", True, 9, YES_OR_NO)
ALLOCATES = Field("资金分配权", "是 或 否，不填为否", "否", True, 12, YES_OR_NO)
PHONE = Field("联系电话", "可不填；留空不改动原有号码", "", True, 16, longest=30)
SINCE = Field(
    "任职起",
    "新任职、调动、改职从哪天起，如 2026-03-01；不填按导入当天",
    "2026-03-01",
    True,
    14,
)
STATUS = Field("状态", "在职 或 离职，不填为在职", IN_OFFICE, True, 10, (IN_OFFICE, LEFT))
ROSTER_FIELDS = (
    LOGIN,
    NAME,
    UNIT,
    POSITION,
    TIER,
    APPROVES,
    ENFORCES,
    ALLOCATES,
    PHONE,
    SINCE,
    STATUS,
)
POWERS = {"approves": APPROVES, "enforces": ENFORCES, "allocates": ALLOCATES}

CODE = Field("单位编号", "必填：字母、数字或短横，不超过 20 位，不重复", "DE-012", longest=20)
UNIT_NAME = Field("单位名称", "必填：全称，不重复", "东阿县住建局", width=30)
KIND = Field("类别", "必填：三类之一", UnitKind.DEPARTMENT.label, False, 16, tuple(UnitKind.labels))
AREA = Field("所属区划", "必填：12 位区划代码", "371524000000", width=18, longest=15)
PARENT = Field("上级单位编号", "可不填：本表或系统里的单位编号", "", True, 16, longest=20)
UNIT_FIELDS = (CODE, UNIT_NAME, KIND, AREA, PARENT)


def as_written(text: str) -> str:
    """Brackets as Chinese text has them: reading a workbook makes them half-width."""
    return text.replace("(", "（").replace(")", "）")
