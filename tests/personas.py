"""The people of the tests: each a different right, in two counties of one city.

``World.build`` makes them through the services. Names say the part: ``world.cadre`` wrote the
problem, ``world.head`` leads her unit, ``world.stranger_office`` is another county's office.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from campaign.blueprints import PLANS, TEN_ILLS
from campaign.choices import Blueprint, StageKind
from campaign.models import Campaign, Category
from campaign.schedule import Window
from campaign.services import begin_campaign
from issues.choices import Kind, LongReason, Nature, Source
from issues.milestones import Plan, Step
from issues.models import Issue
from issues.queries import shown_hash
from issues.services import make_move, write_issue
from organisation.choices import AreaLevel, Role, UnitKind
from organisation.models import Area, SecurityPolicy, Unit, User
from organisation.services import create_unit, create_user, grant, post
from tests.kept import Keep, Kept
from visits.choices import TargetKind, TeamSource
from visits.models import Target, Team
from visits.services import add_targets, create_team

PASSWORD = "correct-horse-9"
ADMINISTRATORS = {"system_admin", "security_admin", "audit_admin"}


def make_area(code: str, name: str, level: AreaLevel, parent: Area | None = None) -> Area:
    area = Area.objects.create(code=code, name=name, level=level, parent=parent)
    area.path = f"{parent.path if parent else '/'}{area.pk}/"
    area.save(update_fields=["path"])
    return area


@dataclass
class World:
    """A small city with one running campaign."""

    today: date = field(default_factory=timezone.localdate)

    def build(self) -> "World":
        SecurityPolicy.objects.create(second_factor=False)
        self.city = make_area("371500000000", "聊城市", AreaLevel.CITY)
        self.county = make_area("371524000000", "东阿县", AreaLevel.COUNTY, self.city)
        self.other_county = make_area("371525000000", "冠县", AreaLevel.COUNTY, self.city)
        self.township = make_area("371524100000", "刘集镇", AreaLevel.TOWNSHIP, self.county)
        self.village = make_area("371524100201", "前关村", AreaLevel.VILLAGE, self.township)
        self.village2 = make_area("371524100202", "后关村", AreaLevel.VILLAGE, self.township)
        self.other_township = make_area(
            "371525100000", "桑阿镇", AreaLevel.TOWNSHIP, self.other_county
        )
        self.other_village = make_area(
            "371525100201", "白塔村", AreaLevel.VILLAGE, self.other_township
        )
        self._people()
        self.campaign = self._campaign()
        self.team = self._team("民情书记服务1队", self.cadre, self.village)
        return self

    def _people(self) -> None:
        self.unit = self._unit("东阿县住建局", self.county)
        self.other_unit = self._unit("东阿县民政局", self.county)
        self.far_unit = self._unit("冠县住建局", self.other_county)
        self.office_unit = self._unit("东阿县作风办", self.county)
        self.discipline_unit = self._unit("东阿县纪委监委", self.county)
        self.cadre = self.person("cadre", self.unit, Role.CADRE, unit=self.unit)
        self.colleague = self.person("colleague", self.unit, Role.CADRE, unit=self.unit)
        self.liaison = self.person("liaison", self.unit, Role.LIAISON, unit=self.unit)
        self.head = self.person("head", self.unit, Role.UNIT_HEAD, unit=self.unit)
        self.deputy = self.person("deputy", self.unit, Role.DEPUTY, unit=self.unit)
        self.other_head = self.person(
            "other_head", self.other_unit, Role.UNIT_HEAD, unit=self.other_unit
        )
        self.office = self.person("office", self.office_unit, Role.OFFICE, area=self.county)
        self.discipline = self.person(
            "discipline", self.discipline_unit, Role.DISCIPLINE, area=self.county
        )
        self.organisation = self.person(
            "organisation", self.office_unit, Role.ORGANISATION, area=self.county
        )
        self.leader = self.person("leader", self.office_unit, Role.LEADER, area=self.county)
        self.city_leader = self.person("city_leader", self.office_unit, Role.LEADER, area=self.city)
        self.city_office = self.person("city_office", self.office_unit, Role.OFFICE, area=self.city)
        self.stranger_office = self.person(
            "stranger_office", self.far_unit, Role.OFFICE, area=self.other_county
        )
        self.system_admin = self.person(
            "system_admin", self.office_unit, Role.SYSTEM_ADMIN, area=self.county
        )
        self.security_admin = self.person(
            "security_admin", self.office_unit, Role.SECURITY_ADMIN, area=self.county
        )
        self.audit_admin = self.person(
            "audit_admin", self.office_unit, Role.AUDIT_ADMIN, area=self.county
        )

    def _unit(self, name: str, area: Area) -> Unit:
        return create_unit(name=name, kind=UnitKind.DEPARTMENT, area=area)

    def person(
        self,
        username: str,
        posted_in: Unit,
        role: Role,
        *,
        unit: Unit | None = None,
        area: Area | None = None,
    ) -> User:
        since = self.today - timedelta(days=365)
        user = create_user(username=username, name=f"甲{username}", password=PASSWORD)
        post(user=user, unit=posted_in, position="科员", since=since)
        grant(user=user, role=role, since=since, unit=unit, area=area)
        return user

    def _campaign(self) -> Campaign:
        start = self.today - timedelta(days=40)
        edges = [start + timedelta(days=n) for n in (0, 10, 70, 100, 130)]
        windows = {
            kind: Window(edges[n], edges[n + 1] - timedelta(days=1))
            for n, kind in enumerate(StageKind)
        }
        return begin_campaign(
            plan=PLANS[Blueprint.THREE_VISITS],
            name="干部作风整顿",
            area=self.city,
            organiser="领导小组办公室",
            windows=windows,
            units=[self.unit, self.other_unit, self.far_unit],
            blueprint=Blueprint.THREE_VISITS,
            actor=None,
        )

    def _team(self, name: str, member: User, area: Area) -> Team:
        return create_team(
            campaign=self.campaign,
            name=name,
            areas=[area],
            members={TeamSource.DEPARTMENT: [member]},
        )

    @property
    def category(self) -> Category:
        return Category.objects.get(taxonomy__campaign=self.campaign, name=TEN_ILLS[4][0])

    def households(self, number: int = 3, village: Area | None = None) -> list[Target]:
        """Put households into the register of a village."""
        area = village or self.village
        first = Target.objects.filter(area=area).count()
        targets = [
            Target(
                campaign=self.campaign,
                kind=TargetKind.HOUSEHOLD,
                code=f"{area.code}{first + n:04d}",
                name=f"户主{first + n}",
                area=area,
            )
            for n in range(number)
        ]
        add_targets(campaign=self.campaign, targets=targets, actor=self.office)
        return list(Target.objects.filter(area=area).order_by("pk")[first:])

    def text(self, **changes: object) -> dict[str, object]:
        """A concrete problem's text."""
        return {
            "title": "材料被搁置 9 天",
            "happened_on": self.today - timedelta(days=30),
            "place": "窗口受理台",
            "event": "群众来补办证明，我压了 9 天没有录入。",
            "affected": "",
            "cause": "觉得不是急件。",
            "root_cause": "没有限时办结的意识。",
            "direction": "当天录入、三天办结。",
            "measures": "每天下班前清一遍待办夹。",
            "kind": Kind.BY_DATE,
            "due_on": self.today + timedelta(days=20),
            "source": Source.SELF,
            "nature": Nature.INDIVIDUAL,
        } | changes

    def long_term(self, *days: int, **changes: object) -> dict[str, object]:
        """The text of a long-term item: its milestones in so many days, the last at its end."""
        days = days or (20, 45)
        steps = (
            Step(
                number, self.today + timedelta(days=n), f"已办结 {number * 10} 户，名单贴在公示栏。"
            )
            for number, n in enumerate(days, 1)
        )
        plan = Plan(LongReason.HISTORY, tuple(steps))
        due_on = self.today + timedelta(days=days[-1])
        return self.text(kind=Kind.LONG_TERM, due_on=due_on, plan=plan) | changes

    def issue(self, author: User | None = None, **changes: object) -> Issue:
        """A draft of the author."""
        return write_issue(
            campaign=self.campaign,
            author=author or self.cadre,
            category=self.category,
            text=self.text(**changes),
        )

    def a_month_on(self, issue: Issue) -> Issue:
        """The same item a month after its sign-off: it may be found to have lasted."""
        Issue.objects.filter(pk=issue.pk).update(closed_at=timezone.now() - timedelta(days=30))
        issue.refresh_from_db()
        return issue

    def move(self, issue: Issue, name: str, actor: User, note: str = "") -> Issue:
        """Take one step, having seen the present content; a new deadline is in twenty days."""
        return make_move(
            issue=issue,
            name=name,
            actor=actor,
            note=note,
            due_on=self.today + timedelta(days=20) if name == "relapse" else None,
            seen_hash=shown_hash(issue),
        )

    def client(self, user: User) -> Client:
        """A browser in which the person is signed in."""
        client = Client()
        client.force_login(user)
        return client


@pytest.fixture(scope="session")
def kept_world(keep: Keep) -> Kept[World]:
    return keep(lambda: World().build())


@pytest.fixture
def world(db: None, kept_world: Kept[World]) -> World:
    return kept_world()
