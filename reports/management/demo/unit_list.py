"""The demo's list of one unit, and what else happens to problems: claims, more time, relapses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet

from campaign.models import Campaign, Category
from core.files import check_upload
from issues.choices import Kind, Level, LongReason, Nature, Source, State
from issues.milestones import Plan, Step
from issues.models import Issue
from issues.queries import shown_hash
from issues.queries.lists import fingerprint, items_of_cadres, items_of_list
from issues.services import (
    add_evidence,
    ask_for_time,
    choose_example,
    claim_item,
    confirm_list,
    freeze_list,
    make_move,
    raise_due_slips,
    report_milestone,
    write_unit_item,
)
from organisation.choices import Role
from organisation.models import Unit, User
from reports.management.demo.people import Cast
from reports.management.demo.problems import Case, photo
from reports.management.demo.stages import holder

RECEIVED = Case(
    5,
    "窗口收件不登记，11 件材料超过承诺时限",
    "政务服务大厅住建窗口",
    "抽查上季度收件，有 11 件当天没有登记，最长的压了 9 天，申请人来电才补录，承诺的 5 天时限无从算起。",
    "窗口和科室各管一段，收件晚一天登记没有人过问。",
    "单位看重办结率，没有把群众从递件开始的等待算进去。",
    "收一件登记一件，从递件当天起算时限。",
    "窗口当场出收件单；每天下班前科长核对登记；每周五公布超过 3 天未办的件和责任人。",
)
ASKED_AGAIN = Case(
    10,
    "一个月向乡镇要了 7 次危房改造数据",
    "局机关各科室",
    "上个月三个科室先后用 7 张表向乡镇要危房改造进度，其中 4 张内容相同，乡镇村镇办两名同志连续加班填报。",
    "各科室各要各的，没有人统一把关。",
    "只图自己汇报方便，没有替基层算时间账。",
    "同一项数据一个月只要一次。",
    "建一张共用台账；新表由办公室审，每月不超过一张；每季度请乡镇评一次。",
)
LEAKS = Case(
    3,
    "老旧小区漏雨反映 3 年，维修资金一直没有动用",
    "振兴小区 4 号楼",
    "4 号楼 12 户顶层漏雨，2023 年起反映 6 次，历次答复都是“等业主大会”，没有牵头召集过一次业主大会。",
    "事情跨几个科室，谁都怕牵头。",
    "把程序难当成不办的理由，没有首问负责到底的担当。",
    "先把雨堵住，再把维修资金用起来。",
    "先做应急防水；每月召集一次业主和社区会商；按程序申请动用维修资金，年底前完工。",
)
CLAIMED = Case(
    3,
    "对窗口积压失察，三次例会没有追问",
    "局务会议室",
    "三次局务例会的材料里都有窗口积压，我只听了汇报，没有追问件数和原因，也没有到窗口看过。",
    "满足于听汇报，没有往下看一层。",
    "觉得具体事有人管，自己把方向就行。",
    "每月到窗口一次，当场看、当场定。",
    "每月第一周到窗口半天；积压超过 3 天的逐件问原因；例会上点到件、点到人。",
)

EXAMPLE = {
    "title": "材料齐了没有录入，群众等了多天",
    "before": "群众来补办证明，材料当天已齐，件压在待办夹里没有录入，直到群众打电话来问才办。",
    "why": "按自己的方便安排工作，没有把群众的等待算进时限。",
    "how": "每天下班前清一遍待办夹；超过两天的件写明原因，科长每周抽看五件。",
    "after": "材料齐全的件当天录入、三天内办结，抽看两个月没有超时的。",
}


@dataclass
class UnitWork:
    """What the people of one unit do with its list."""

    campaign: Campaign
    unit: Unit
    cast: Cast
    today: date

    def __post_init__(self) -> None:
        self.keeper = holder(Role.LIAISON, unit=self.unit)
        self.deputy = holder(Role.DEPUTY, unit=self.unit)
        self.head = self.cast.heads[self.unit.pk]
        ills = Category.objects.filter(taxonomy__campaign=self.campaign, taxonomy__name="作风十弊")
        self.categories = {category.number: category for category in ills}

    def write(
        self,
        case: Case,
        responsible: User,
        *,
        origins: Sequence[Issue] = (),
        plan: Plan | None = None,
    ) -> Issue:
        """An item of the unit; with a plan a long-term one, due on its last day."""
        last = plan.steps[-1].day if plan else None
        text = self.text(case, Kind.LONG_TERM if plan else Kind.BY_DATE, last)
        text |= {"leader": self.deputy, "responsible": responsible}
        return write_unit_item(
            campaign=self.campaign,
            unit=self.unit,
            author=self.keeper,
            category=self.categories[case.category],
            text=text | ({"plan": plan} if plan else {}),
            origins=origins,
        )

    def text(self, case: Case, kind: Kind, due_on: date | None = None) -> dict[str, object]:
        return case.text() | {
            "happened_on": self.today - timedelta(days=60),
            "kind": kind,
            "due_on": due_on or self.today + timedelta(days=30),
            "source": Source.SELF,
            "nature": Nature.COMMON,
        }

    def plan(self) -> Plan:
        """What is put right first is due today; two milestones follow."""
        return Plan(
            LongReason.HISTORY,
            (
                Step(0, self.today, "4 号楼 12 户顶层做完应急防水，雨天入户看不漏"),
                Step(1, self.today + timedelta(days=25), "开过一次业主大会，三分之二业主签字同意"),
                Step(2, self.today + timedelta(days=50), "维修资金到账，防水工程进场施工"),
            ),
        )

    def freeze(self) -> None:
        """The list as it stands, confirmed by the head."""
        seen = fingerprint(list(items_of_list(self.campaign, self.unit)))
        version = freeze_list(campaign=self.campaign, unit=self.unit, actor=self.keeper, seen=seen)
        confirm_list(version=version, actor=self.head, seen=version.sha256)

    def claim(self, claimed: Issue) -> None:
        claim_item(
            claimed=claimed,
            actor=self.head,
            category=self.categories[CLAIMED.category],
            text=self.text(CLAIMED, Kind.BY_DATE),
        )


def build_unit_list(campaign: Campaign, cast: Cast, today: date) -> None:
    """One list, in two confirmed versions: one item signed off and relapsed, one with milestones,
    one that the office has sent back; a claim, a wish for more time, a good example.
    """
    unit = cast.departments[0]
    work = UnitWork(campaign, unit, cast, today)
    first, second = cast.cadres[unit.pk][:2]
    origins = list(items_of_cadres(campaign, unit).order_by("id")[:3])
    received = work.write(RECEIVED, second, origins=origins[:2])
    leaks = work.write(LEAKS, first, plan=work.plan())
    work.freeze()
    for item in (received, leaks):
        _step(item, "file", cast.office)
    asked_again = work.write(ASKED_AGAIN, second, origins=origins[2:])
    work.freeze()
    _step(asked_again, "office_return", cast.office, "措施里没有写哪一天建好台账，请写到日子。")
    work.claim(received)
    _relapse(received, second, work)
    report_milestone(
        milestone=leaks.versions.get(number=leaks.version).long_term.milestones.get(number=0),
        actor=first,
        result=f"12 户顶层的应急防水到 {today:%-m 月 %-d 日}全部做完，雨天入户看过，没有再漏。",
    )
    _more_time(campaign, cast, today)
    _good_example(campaign, cast)
    raise_due_slips(today)


def _relapse(item: Issue, responsible: User, work: UnitWork) -> None:
    """All the way to the sign-off, and back."""
    add_evidence(issue=item, actor=responsible, file=check_upload(photo(item)))
    _step(item, "apply", responsible, "收件单和登记台账都已用上，抽看 20 件没有超时的。")
    _step(item, "unit_sign", work.head)
    _step(item, "office_pass", work.cast.office)
    _step(item, "sign_off", work.cast.discipline)
    fact = "回头看当天到窗口，有 2 件收了 4 天没有登记，收件单也没有开。"
    due_on = work.today + timedelta(days=20)
    _step(item, "relapse", work.cast.discipline, fact, due_on=due_on)


def _more_time(campaign: Campaign, cast: Cast, today: date) -> None:
    """Somebody asks for more time; the office has not decided."""
    own = Issue.objects.filter(campaign=campaign, level=Level.PERSONAL)
    item = _first(own.filter(state=State.RECTIFYING, due_on__gte=today))
    assert item.due_on is not None
    ask_for_time(
        issue=item,
        actor=item.responsible,
        to_day=item.due_on + timedelta(days=10),
        reason="还差两户的材料要从外地寄来，已经约好下周寄出。",
    )


def _good_example(campaign: Campaign, cast: Cast) -> None:
    """The first item that was signed off, told without names."""
    own = Issue.objects.filter(campaign=campaign, level=Level.PERSONAL, relapse_count=0)
    choose_example(issue=_first(own.filter(state=State.CLOSED)), actor=cast.office, text=EXAMPLE)


def _first(found: QuerySet[Issue]) -> Issue:
    return found.select_related("unit__area", "campaign", "responsible", "author").order_by("id")[0]


def _step(item: Issue, name: str, actor: User, note: str = "", due_on: date | None = None) -> None:
    item.refresh_from_db()
    seen = shown_hash(item)
    make_move(issue=item, name=name, actor=actor, note=note, due_on=due_on, seen_hash=seen)
