"""Choices of the visits, in the words of domain §1.3 and §4."""

from django.db.models import TextChoices


class TargetKind(TextChoices):
    """The three kinds of 三遍访."""

    ENTERPRISE = "enterprise", "企业"
    VILLAGE = "village", "村居"
    HOUSEHOLD = "household", "群众"


class TargetState(TextChoices):
    """Where one target stands; every target of the register is in exactly one state."""

    PENDING = "pending", "待走访"
    ABSENT = "absent", "无人待补访"
    REFUSED = "refused", "拒访待再访"
    EMPTY = "empty", "空挂"
    GONE = "gone", "失联注销"
    VISITED = "visited", "已走访"


COVERED = frozenset({TargetState.VISITED, TargetState.EMPTY, TargetState.GONE})
LEFT = (TargetState.PENDING, TargetState.ABSENT, TargetState.REFUSED)


class Outcome(TextChoices):
    """What came of one visit."""

    EFFECTIVE = "effective", "有效走访"
    ABSENT = "absent", "无人在家"
    REFUSED = "refused", "拒访"
    EMPTY = "empty", "空挂户"
    GONE = "gone", "失联或注销"


_MET_OR_NOT = (Outcome.EFFECTIVE, Outcome.ABSENT, Outcome.REFUSED)
OUTCOMES_OF = {  # a village is always there
    TargetKind.ENTERPRISE: (*_MET_OR_NOT, Outcome.GONE),
    TargetKind.VILLAGE: _MET_OR_NOT,
    TargetKind.HOUSEHOLD: (*_MET_OR_NOT, Outcome.EMPTY),
}


class Way(TextChoices):
    """How the visit was made."""

    HOME = "home", "入户走访"
    MEETING = "meeting", "座谈"
    APPOINTMENT = "appointment", "电话预约"
    OFF_HOURS = "off_hours", "错时走访"


class Size(TextChoices):
    LARGE = "large", "大型"
    MEDIUM = "medium", "中型"
    SMALL = "small", "小型"
    MICRO = "micro", "微型"


SMALL = frozenset({Size.SMALL, Size.MICRO})  # 小微; says nothing about 规上 (domain §4.2)


class EnterpriseStatus(TextChoices):
    """What the register says of an enterprise; what is true a visit finds out."""

    NORMAL = "normal", "正常"
    LOST = "lost", "失联"
    ZOMBIE = "zombie", "僵尸"
    CANCELLED = "cancelled", "注销"


class Locality(TextChoices):
    """城市 or 农村, by the 城乡分类 of the village (domain §4.4); empty where that is unknown."""

    URBAN = "urban", "城市"
    RURAL = "rural", "农村"


class TeamSource(TextChoices):
    """Where the members of a 民情书记服务队 come from."""

    DEPARTMENT = "department", "部门选派"
    POSTED = "posted", "下派工作队"
    GRID = "grid", "网格力量"


class Handling(TextChoices):
    """What is done with an appeal."""

    ANSWERED = "answered", "现场答复"
    OWN_UNIT = "own_unit", "本单位办理"
    DISPATCH = "dispatch", "转有关部门"
    HOTLINE = "hotline", "上报12345"
    EXPLAINED = "explained", "做好解释"


AT_ONCE = frozenset({Handling.ANSWERED, Handling.EXPLAINED})  # the visitor answered on the spot


class AppealState(TextChoices):
    """Where one appeal stands (domain §4.5)."""

    UNASSIGNED = "unassigned", "待分派"
    ISSUED = "issued", "待签收"
    HANDLING = "handling", "办理中"
    PAUSED = "paused", "等待群众补充"
    HOTLINE = "hotline", "已转12345"
    ANSWERED = "answered", "待回访"
    CLOSED = "closed", "办结"
    SETTLED = "settled", "当场答复"
    LAPSED = "lapsed", "无法回访办结"
    MERGED = "merged", "已并件"


RUNNING = frozenset(  # their clock runs; while waiting for the person or for 12345 none does
    {AppealState.UNASSIGNED, AppealState.ISSUED, AppealState.HANDLING, AppealState.ANSWERED}
)
WITH_UNIT = frozenset({AppealState.ISSUED, AppealState.HANDLING, AppealState.PAUSED})
TO_ANSWER = WITH_UNIT | {AppealState.UNASSIGNED, AppealState.HOTLINE}
CALLED_BACK = frozenset({AppealState.CLOSED, AppealState.LAPSED})
ENDED = CALLED_BACK  # only by what people said, or could not be asked
NOT_RATED = frozenset({AppealState.SETTLED, AppealState.MERGED})  # on neither side of a rate


class Matter(TextChoices):
    """What an appeal is about: of enterprises by domain §4.2, of households by §4.1 [D]."""

    FINANCE = "finance", "融资"
    LABOUR = "labour", "用工"
    LAND = "land", "用地"
    APPROVAL = "approval", "审批"
    POLICY = "policy", "政策"
    MARKET = "market", "市场"
    ROADS = "roads", "道路交通"
    UTILITIES = "utilities", "水电气暖"
    SANITATION = "sanitation", "环境卫生"
    HOUSING = "housing", "住房"
    HEALTH = "health", "医疗"
    SCHOOLS = "schools", "教育"
    WELFARE = "welfare", "就业社保"
    DISPUTE = "dispute", "矛盾纠纷"
    CONDUCT = "conduct", "服务态度和作风"
    OTHER = "other", "其他"


class CallResult(TextChoices):
    """What the person who raised it says at the call-back."""

    SATISFIED = "satisfied", "满意"
    BASICALLY = "basically", "基本满意"
    DISSATISFIED = "dissatisfied", "不满意"
    UNREACHABLE = "unreachable", "联系不上"


CONTENT = frozenset({CallResult.SATISFIED, CallResult.BASICALLY})
REACHED = CONTENT | {CallResult.DISSATISFIED}


class CallWay(TextChoices):
    """How somebody was asked; by the link he answers himself."""

    PHONE = "phone", "电话"
    VISIT = "visit", "上门"
    LINK = "link", "链接"


ASKED_BY_STAFF = (CallWay.PHONE, CallWay.VISIT)


class Decision(TextChoices):
    """What the office says to an application for more time."""

    GRANTED = "granted", "同意"
    REFUSED = "refused", "不同意"
    MOOT = "moot", "不再需要"  # answered or gone to another unit meanwhile: nobody decides


DECIDED = (Decision.GRANTED, Decision.REFUSED)  # by somebody


class ChangeKind(TextChoices):
    """What can happen to an entry of the register."""

    JOIN = "join", "新增"
    LEAVE = "leave", "移出"
    RETURN = "return", "恢复"
    SPLIT = "split", "分户"
    MOVE = "move", "迁移"
    MERGE = "merge", "合并"
    CORRECTION = "correction", "更正"


class Fault(TextChoices):
    """What kind of mistake a row of a register holds."""

    MISSING = "missing", "必填项没有填"
    FORMAT = "format", "填写不合要求"
    CREDIT_CODE = "credit_code", "信用代码不对"
    PLACE = "place", "找不到村（社区）"
    SCOPE = "scope", "不在管辖范围"
    REPEATED = "repeated", "文件内重复"
    CHANGED = "changed", "与登记册不一致"
    UNREADABLE = "unreadable", "单元格读不出"
    FORBIDDEN = "forbidden", "不该收集的内容"


class Likeness(TextChoices):
    """What to look at in a row that is not refused: mostly how it resembles another one."""

    SAME_NAME = "same_name", "同村同名"
    SAME_PHONE = "same_phone", "电话相同"
    LIKE_CODE = "like_code", "编号近似"
    KNOWN_NAME = "known_name", "与在册的同村同名"
    KNOWN_PHONE = "known_phone", "与在册的电话相同"
    STRANGE_CODE = "strange_code", "信用代码首位少见"


IN_FILE = (Likeness.SAME_NAME, Likeness.SAME_PHONE, Likeness.LIKE_CODE)


class PaperFault(TextChoices):
    """What kind of mistake a row of visits from paper holds."""

    MISSING = "missing", "必填项没有填"
    FORMAT = "format", "填写不合要求"
    UNREADABLE = "unreadable", "单元格读不出"
    TARGET = "target", "找不到走访对象"
    DAY = "day", "走访日期不对"
    OUTCOME = "outcome", "结果不合对象"
    LATE = "late", "补录没有写原因"
    REPEATED = "repeated", "文件内重复"


class FlagKind(TextChoices):
    """What does not fit together about visits. They hold no photos, so none can be the same."""

    OVERLAP = "overlap", "时间重叠"
    CROWDED = "crowded", "时间过密"
    SAME_TEXT = "same_text", "内容雷同"
    TEAM_TEXT = "team_text", "多人内容雷同"
    NIGHT = "night", "夜间成批录入"


class CheckResult(TextChoices):
    """What a visited person says of a visit at a call-back."""

    TRUE = "true", "属实"
    FALSE = "false", "不符"
    UNREACHABLE = "unreachable", "联系不上"
