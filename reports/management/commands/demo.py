"""Load the demo campaign: real areas, invented people; safe to repeat."""

import secrets
from argparse import ArgumentParser
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from campaign.blueprints import PLANS
from campaign.blueprints.plan import Entry, TermList
from campaign.choices import Blueprint, ListKind
from campaign.models import Campaign
from campaign.queries import units_with_a_head
from campaign.schedule import windows_from
from campaign.services import begin_campaign, see_tasks
from core import audit
from organisation.choices import AreaLevel
from organisation.models import Area, SecurityPolicy
from organisation.services import import_areas
from organisation.services.policy import change_policy
from reports.management.demo.appeals import build_appeals
from reports.management.demo.people import Cast, PeopleMaker
from reports.management.demo.problems import build_problems
from reports.management.demo.ratings import build_ratings
from reports.management.demo.register import build_register, build_teams, build_visits
from reports.management.demo.stages import build_stages
from reports.management.demo.unit_list import build_unit_list

CAMPAIGN = "聊城市“三遍访三评议三提升”干部作风整顿（演示）"
AREAS = "data/areas/liaocheng-areas.csv"
MAIN_ACCOUNTS = (
    *("ganbu", "lianluoyuan", "juzhang", "fuju", "zuofengban", "jiwei", "lingdao", "zuzhibu"),
    *("shizuofengban", "xitong", "anquan", "shenji"),
)
# A list of two levels, as a county brings its own; the words are examples.
FOUR_WINDS = TermList(
    "“四风”突出表现（示例）",
    ListKind.CHECKLIST,
    tuple(
        Entry(name, "", is_example=True, aspect=aspect)
        for aspect, names in (
            (
                "形式主义",
                ("以会议落实会议、以文件落实文件", "层层加码要材料、报数字", "只留痕迹、不见实绩"),
            ),
            ("官僚主义", ("高高在上、不下基层", "推诿扯皮、上推下卸", "门难进、脸难看、话难听")),
            ("享乐主义", ("贪图安逸、不愿到一线", "上班时间办私事")),
            ("奢靡之风", ("铺张浪费、讲排场", "接待超标准")),
        )
        for name in names
    ),
)
NO_SECOND_FACTOR = (
    "演示不要求动态口令，登录只用密码。正式使用前，请安全管理员（anquan）在“安全策略”里打开。"
)


class Command(BaseCommand):
    help = "载入演示专项行动：真实区划，虚构人员；可重复执行，不会重复载入。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--households", type=int, default=2000, help="户数")
        parser.add_argument("--enterprises", type=int, default=240, help="企业数")
        parser.add_argument("--issues", type=int, default=72, help="问题数")
        parser.add_argument("--seed", type=int, default=2020, help="随机种子")
        parser.add_argument("--today", type=date.fromisoformat, help="以哪天为今天")
        parser.add_argument("--password", default="", help="演示账号的密码；不填则随机生成")
        parser.add_argument("--if-empty", action="store_true", help="已有专项行动时不载入")

    def handle(self, **options: object) -> None:
        if Campaign.objects.exists():
            if options["verbosity"]:
                self.stdout.write("已有专项行动，没有重复载入。")
            return
        self.stdout.write("Loading the demo 载入演示数据 …")
        self.stdout.flush()
        password = str(options["password"]) or secrets.token_urlsafe(9)
        with audit.atomic():
            cast = build(options, password)
        lines = self._write_accounts(cast, password)
        if options["verbosity"]:
            self.stdout.write("\n".join(lines))

    def _write_accounts(self, cast: Cast, password: str) -> list[str]:
        lines = [f"演示账号（密码都是 {password}）："]
        lines += [
            f"  {username:<12} {name} {place}"
            for username, name, place in cast.accounts
            if username in MAIN_ACCOUNTS
        ]
        lines.append(NO_SECOND_FACTOR)
        path = settings.VAR_DIR / "demo_accounts.txt"
        path.touch(mode=0o600)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return lines


def build(options: dict[str, object], password: str) -> Cast:
    """Make the whole demo world; the same options give the same world."""
    random = Random(int(str(options["seed"])))  # noqa: S311 -- a demo, not a secret
    today = options["today"] if isinstance(options["today"], date) else timezone.localdate()
    if not SecurityPolicy.objects.exists():
        change_policy(values={"second_factor": False}, actor=None)
    with (settings.BASE_DIR / AREAS).open(encoding="utf-8", newline="") as source:
        import_areas(source)
    cast = PeopleMaker(random, password, since=today - timedelta(days=400)).build()
    campaign = _campaign(today)
    build_register(
        campaign, cast, random, int(str(options["households"])), int(str(options["enterprises"]))
    )
    build_visits(campaign, build_teams(campaign, cast), random, today)
    build_appeals(campaign, cast)
    build_stages(campaign, random)
    build_problems(campaign, cast, random, int(str(options["issues"])), today)
    build_unit_list(campaign, cast, today)
    build_ratings(campaign, cast, random)
    see_tasks(today)
    return cast


def _campaign(today: date) -> Campaign:
    """Four and a half months (domain §1.12), today in the middle of 自查自纠; two lists more."""
    plan = PLANS[Blueprint.THREE_VISITS]
    five = next(each for each in PLANS[Blueprint.YAMEN].lists if each.kind == ListKind.PROBLEM)
    plan = replace(plan, lists=(*plan.lists, five, FOUR_WINDS))
    city = Area.objects.get(level=AreaLevel.CITY)
    return begin_campaign(
        plan=plan,
        name=CAMPAIGN,
        area=city,
        organiser="聊城市干部作风整顿领导小组办公室",
        windows=windows_from(today - timedelta(days=45), plan.days),
        units=units_with_a_head(city),
        blueprint=Blueprint.THREE_VISITS,
        actor=None,
    )
