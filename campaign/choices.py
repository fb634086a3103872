"""Choices of a campaign, in the words of the seeds (domain §1)."""

from django.db.models import TextChoices


class StageKind(TextChoices):
    MOBILISATION = "mobilisation", "动员部署"
    SELF_EXAMINATION = "self_examination", "自查自纠"
    SUPERVISION = "supervision", "监督检查"
    SUMMARY = "summary", "总结提升"


class DecisionKind(TextChoices):
    """What is decided about a stage or a unit on the way."""

    ENDED = "ended", "结束"
    RESUMED = "resumed", "恢复"
    JOINED = "joined", "加入"
    LEFT = "left", "退出"


class Blueprint(TextChoices):
    """What a campaign was made from."""

    THREE_VISITS = "three_visits", "三遍访三评议三提升"
    YAMEN = "yamen", "机关病·衙门作风专项整治"
    EMPTY = "empty", "空白"


class ListKind(TextChoices):
    """What a list of a campaign is for; problems are written against the first two."""

    PROBLEM = "problem", "问题类别"
    CHECKLIST = "checklist", "对照清单"
    SOURCE = "source", "问题来源"
    EXPOSURE = "exposure", "被动暴露渠道"
    VISIT = "visit", "遍访对象"
    RATING = "rating", "评议主体"
    LIFT = "lift", "提升目标"
    TIER = "tier", "重点对象"
    METHOD = "method", "监督检查方式"
    FOCUS = "focus", "检查重点"


EXAMINED = (ListKind.PROBLEM, ListKind.CHECKLIST)


class Audience(TextChoices):
    """Who has a task to do: each unit, each person of a group, or the office once."""

    UNITS = "units", "各参与单位"
    CADRES = "cadres", "全体干部"
    LEADING = "leading", "关键少数"
    KEY_POST = "key_post", "关键岗位干部"
    ORDINARY = "ordinary", "普通党员干部"
    OFFICE = "office", "领导小组办公室"


GROUPS = frozenset({Audience.CADRES, Audience.LEADING, Audience.KEY_POST, Audience.ORDINARY})


class Watch(TextChoices):
    """How it is known that a task is done: told once, or seen by the software itself."""

    TOLD = "told", "办完后填一句话或传一份文件"
    FILE = "file", "上传一份文件"
    MOBILISED = "mobilised", "登记了动员大会"
    STUDIED = "studied", "登记了学习教育活动"
    OWN_LIST = "own_list", "本人提交了问题清单"
    CADRE_LISTS = "cadre_lists", "干部人人提交了问题清单"
    UNIT_LIST = "unit_list", "单位问题清单已备案"
    COVERAGE = "coverage", "走访覆盖达到要求"
    ROUND_CLOSED = "round_closed", "本单位的评议已结束"
    INSTITUTION = "institution", "登记了制度"


BY_HAND = frozenset({Watch.TOLD, Watch.FILE})


class DueFrom(TextChoices):
    """From what a deadline is reckoned; the working days after it are the task's."""

    DATE = "date", "指定日期"
    CAMPAIGN_START = "campaign_start", "专项行动启动"
    STAGE_START = "stage_start", "本阶段开始"
    STAGE_END = "stage_end", "本阶段结束"


class ActivityKind(TextChoices):
    """Mobilisation and study (domain §1.9)."""

    MOBILISATION = "mobilisation", "动员大会"
    STUDY = "study", "专题学习"
    WARNING = "warning", "警示教育"
    CULTURE = "culture", "廉政文化"
