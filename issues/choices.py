"""Choices of a problem item, in the words of the seeds (domain §1.6, §2)."""

from django.db.models import TextChoices


class Level(TextChoices):
    PERSONAL = "personal", "个人"
    UNIT = "unit", "单位"


class Source(TextChoices):
    """Where the problem came to light."""

    SELF = "self", "自己查找"
    SUPERIOR = "superior", "上级点出"
    INSPECTION = "inspection", "巡视巡察"
    COUNTRYSIDE = "countryside", "美丽宜居乡村建设"
    OPINION = "opinion", "负面舆情"
    TELEVISION = "television", "电视问政"
    VISITS = "visits", "三遍访"
    PETITION = "petition", "群众反映"


class Nature(TextChoices):
    INDIVIDUAL = "individual", "个性问题"
    COMMON = "common", "共性问题"
    SIGN = "sign", "苗头倾向"


class Kind(TextChoices):
    """How the problem is put right."""

    AT_ONCE = "at_once", "立行立改"
    BY_DATE = "by_date", "限期整改"
    LONG_TERM = "long_term", "长期坚持"


class LongReason(TextChoices):
    """Why it cannot be put right by one date; there is no other reason (domain §2.2)."""

    SYSTEM = "system", "体制机制不完善"
    HISTORY = "history", "历史遗留"
    LAWSUIT = "lawsuit", "司法诉讼"


class State(TextChoices):
    """Where an item stands (design §5)."""

    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "待单位审核"
    CONFIRMED = "confirmed", "待备案"
    RECTIFYING = "rectifying", "整改中"
    APPLIED = "applied", "待单位审签"
    UNIT_SIGNED = "unit_signed", "单位已审签"
    OFFICE_PASSED = "office_passed", "办公室已审核"
    CLOSED = "closed", "已销号"
    CONSOLIDATED = "consolidated", "已巩固"
    WITHDRAWN = "withdrawn", "已撤回"


class Decision(TextChoices):
    """On a request for more time."""

    GRANTED = "granted", "同意"
    REFUSED = "refused", "不同意"
    MOOT = "moot", "已申请销号，不再需要"


BY_SOMEBODY = (Decision.GRANTED, Decision.REFUSED)


class Assent(TextChoices):
    """Of the head, to a frozen version of the unit's list."""

    CONFIRMED = "confirmed", "确认"
    RETURNED = "returned", "退回"


class Verdict(TextChoices):
    """What a look back finds."""

    CONSOLIDATED = "consolidated", "巩固"
    RELAPSED = "relapsed", "反弹"


class SlipReason(TextChoices):
    """What a supervision slip was raised for (domain §2.4)."""

    OVERDUE = "overdue", "逾期未整改"
    RETURNED = "returned", "两次退回整改"
    DISSATISFIED = "dissatisfied", "回头看反弹，群众不满意"
    UNANSWERED = "unanswered", "诉求逾期未办结"
    NOT_HELPED = "not_helped", "诉求两次回访不满意"
    BY_HAND = "by_hand", "纪委监委交办"


class Pace(TextChoices):
    """How soon a supervision slip is to be answered."""

    URGENT = "urgent", "急件，5 个工作日"
    ORDINARY = "ordinary", "非急件，15 个工作日"


class SlipState(TextChoices):
    """Where a supervision slip stands."""

    ISSUED = "issued", "待签收"
    RECEIVED = "received", "办理中"
    ANSWERED = "answered", "待单位审签"
    SIGNED = "signed", "待审结"
    CLOSED = "closed", "已审结"
    WITHDRAWN = "withdrawn", "已撤销"


class Ending(TextChoices):
    """Why a good example is no longer shown."""

    AUTHOR = "author", "本人撤下"
    OFFICE = "office", "作风办撤下"
    RELAPSE = "relapse", "问题反弹"


APPLIED = frozenset({State.APPLIED, State.UNIT_SIGNED, State.OFFICE_PASSED})
SETTLED = frozenset({State.CLOSED, State.CONSOLIDATED})  # signed off, and not relapsed since
FILED = frozenset({State.RECTIFYING}) | APPLIED | SETTLED
RUNNING = frozenset({State.SUBMITTED, State.CONFIRMED, State.RECTIFYING})  # on the way there

NOT_HANDED_IN = frozenset({State.DRAFT, State.WITHDRAWN})

ALWAYS_LOOKED_AT = frozenset({Source.TELEVISION, Source.OPINION})  # domain §2.5
LOOK_BACK_DAYS = (30, 180)  # after the sign-off, domain §2.5
REDRESS_DAYS = 90  # at most, where a relapse is found when the campaign is nearly over, or after it

SUPERVISED = frozenset({State.RECTIFYING}) | APPLIED  # on file and not signed off
WITH_UNIT = frozenset({SlipState.ISSUED, SlipState.RECEIVED, SlipState.ANSWERED})
SLIP_OPEN = WITH_UNIT | {SlipState.SIGNED}
PACE_WORKDAYS = {Pace.URGENT: 5, Pace.ORDINARY: 15}  # domain §2.4
MILESTONE_DAYS = 30  # at most between two milestones, domain §2.2
MILESTONES = 6  # at most of one item
NEVER_ONLY_LONG_TERM = frozenset({Source.TELEVISION})
