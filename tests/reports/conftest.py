"""A small city with two counties, made through the services, for the tests of reports."""

import io
import uuid
from dataclasses import dataclass
from datetime import date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from campaign.blueprints import TEN_ILLS, problem_list
from campaign.models import Campaign, Category
from campaign.services import create_campaign
from core.files import check_upload
from issues.choices import Kind
from issues.models import Issue
from issues.queries import shown_hash
from issues.services import add_evidence, make_move, write_issue
from organisation.choices import Role, UnitKind
from organisation.models import Area, Grant, SecurityPolicy, Unit, User
from organisation.services import create_unit, create_user, grant, import_areas, post
from tests.kept import Keep, Kept
from tests.stages import four_stages
from tests.visits.appeals import draft
from visits.choices import Handling, Outcome, TargetKind, Way
from visits.models import Target, Team
from visits.services import add_targets, record_visit

SINCE = date(2025, 8, 1)
PASSWORD = "a-long-enough-password"
AREAS = """code,name,level,parent
371500000000,聊城市,city,
371524000000,东阿县,county,371500000000
371521000000,阳谷县,county,371500000000
371524100000,铜城镇,township,371524000000
371524101000,刘集镇,township,371524000000
371521100000,侨润镇,township,371521000000
371524100201,前村,village,371524100000
371524100202,后村,village,371524100000
371524101201,西村,village,371524101000
371521100201,东村,village,371521100000
"""


@dataclass
class Prefecture:
    """The city, its people by short name, and verbs that fill it."""

    campaign: Campaign
    people: dict[str, User]
    units: dict[str, Unit]

    def area(self, name: str) -> Area:
        return Area.objects.get(name=name)

    def category(self, number: int) -> Category:
        return Category.objects.get(taxonomy__campaign=self.campaign, number=number)

    def register(self, area: str, kind: TargetKind, number: int) -> list[Target]:
        """Add targets to the register of a village, a township or a county."""
        targets = [
            Target(
                campaign=self.campaign,
                kind=kind,
                code=uuid.uuid4().hex[:12],
                name=f"{area}{kind.label}{n}",
                area=self.area(area),
            )
            for n in range(number)
        ]
        add_targets(campaign=self.campaign, targets=targets, actor=None)
        return targets

    def visit(self, target: Target, outcome: Outcome, handling: Handling | None = None) -> None:
        record_visit(
            token=uuid.uuid4(),
            target=target,
            author=self.people["cadre"],
            visited_on=date(2025, 9, 1),
            way=Way.HOME,
            outcome=outcome,
            late_reason="补录",
            appeals=[draft("路灯不亮", handling)] if handling else [],
        )

    def problem(
        self,
        *,
        unit: str = "东阿县住建局",
        category: int = 1,
        due_on: date = date(2025, 10, 10),
        title: str = "审批拖延",
        moves: tuple[str, ...] = ("submit", "confirm", "file"),
    ) -> Issue:
        """A problem of the unit's cadre, taken along the moves."""
        author = self.people[f"cadre of {unit}"]
        text = {
            "title": title,
            "happened_on": date(2025, 9, 1),
            "place": "政务大厅",
            "event": "申请人跑了三趟才办成",
            "cause": "嫌麻烦",
            "root_cause": "宗旨意识淡薄",
            "direction": "一次办好",
            "measures": "列出清单",
            "kind": Kind.BY_DATE,
            "due_on": date(2099, 1, 4),
        }
        issue = write_issue(
            campaign=self.campaign, author=author, category=self.category(category), text=text
        )
        for move in moves:
            if move == "apply":
                add_evidence(issue=issue, actor=author, file=picture())
            self._move(issue, move, unit)
        Issue.objects.filter(pk=issue.pk).update(due_on=due_on)  # handed in when it was to come
        issue.refresh_from_db()
        return issue

    def _move(self, issue: Issue, move: str, unit: str) -> None:
        who = {
            "submit": f"cadre of {unit}",
            "apply": f"cadre of {unit}",
            "confirm": f"head of {unit}",
            "unit_sign": f"head of {unit}",
            "file": "office",
            "sign_off": "discipline",
        }[move]
        issue.refresh_from_db()
        actor = self.people[who]
        make_move(issue=issue, name=move, actor=actor, note="已改正", seen_hash=shown_hash(issue))
        issue.refresh_from_db()


TO_CLOSED = ("submit", "confirm", "file", "apply", "unit_sign", "sign_off")


def picture() -> object:
    """A checked picture that differs from every other one."""
    content = io.BytesIO()
    shade = uuid.uuid4().int % 0xFFFFFF
    Image.new("RGB", (64, 64), shade).save(content, "JPEG")
    return check_upload(SimpleUploadedFile(f"{uuid.uuid4().hex}.jpg", content.getvalue()))


@pytest.fixture(scope="session")
def kept_prefecture(keep: Keep) -> Kept[Prefecture]:
    return keep(staffed)


@pytest.fixture
def prefecture(db: None, kept_prefecture: Kept[Prefecture]) -> Prefecture:
    return kept_prefecture()


def staffed() -> Prefecture:
    SecurityPolicy.objects.create(second_factor=False)
    import_areas(io.StringIO(AREAS))
    city = Area.objects.get(name="聊城市")
    stages = four_stages(SINCE, date(2099, 12, 31))
    campaign = create_campaign(
        name="“三遍访三评议三提升”专项行动",
        area=city,
        organiser="市委作风办",
        stages=stages,
        lists=[problem_list("作风十弊", TEN_ILLS)],
    )
    made = Prefecture(campaign, {}, {})
    for unit, area in {
        "东阿县住建局": "东阿县",
        "铜城镇政府": "铜城镇",
        "阳谷县住建局": "阳谷县",
    }.items():
        _staff(made, unit, made.area(area))
    _officials(made, city)
    return made


def _person(prefecture: Prefecture, key: str, name: str) -> User:
    user = create_user(username=f"u{len(prefecture.people)}", name=name, password=PASSWORD)
    prefecture.people[key] = user
    return user


def _staff(prefecture: Prefecture, name: str, area: Area) -> None:
    unit = create_unit(name=name, kind=UnitKind.DEPARTMENT, area=area)
    prefecture.units[name] = unit
    for key, role, position in (
        (f"cadre of {name}", Role.CADRE, "科员"),
        (f"head of {name}", Role.UNIT_HEAD, "局长"),
    ):
        user = _person(prefecture, key, key)
        post(user=user, unit=unit, position=position, since=SINCE)
        grant(user=user, role=role, unit=unit, since=SINCE)
    prefecture.people.setdefault("cadre", prefecture.people[f"cadre of {name}"])


def _officials(prefecture: Prefecture, city: Area) -> None:
    county = prefecture.area("东阿县")
    for key, role, area in (
        ("city leader", Role.LEADER, city),
        ("leader", Role.LEADER, county),
        ("office", Role.OFFICE, city),
        ("organisation", Role.ORGANISATION, county),
        ("discipline", Role.DISCIPLINE, city),
        ("system admin", Role.SYSTEM_ADMIN, city),
        ("security admin", Role.SECURITY_ADMIN, city),
        ("audit admin", Role.AUDIT_ADMIN, city),
    ):
        grant(user=_person(prefecture, key, f"张{key}"), role=role, area=area, since=SINCE)
    unit_leader = _person(prefecture, "leader of a unit", "单位领导")
    Grant.objects.create(  # as earlier versions gave it: now a leader's area is asked for
        user=unit_leader, role=Role.LEADER, unit=prefecture.units["东阿县住建局"], since=SINCE
    )
    team = Team.objects.create(campaign=prefecture.campaign, name="服务队")
    team.areas.add(city)
    team.members.add(prefecture.people["cadre"])


@pytest.fixture(scope="session")
def kept_register(keep: Keep, kept_prefecture: Kept[Prefecture]) -> Kept[None]:
    return keep(fill, upon=kept_prefecture)


@pytest.fixture
def filled(prefecture: Prefecture, kept_register: Kept[None]) -> Prefecture:
    """The city with targets in every state, appeals, and problems in several states."""
    kept_register(prefecture)
    return prefecture


def fill(prefecture: Prefecture) -> None:
    homes = prefecture.register("前村", TargetKind.HOUSEHOLD, 6)
    for target, outcome in zip(
        homes,
        [Outcome.EFFECTIVE, Outcome.EFFECTIVE, Outcome.ABSENT, Outcome.REFUSED, Outcome.EMPTY],
        strict=False,
    ):
        prefecture.visit(target, outcome)
    village = prefecture.register("前村", TargetKind.VILLAGE, 1)
    prefecture.visit(village[0], Outcome.EFFECTIVE, Handling.DISPATCH)
    prefecture.register("后村", TargetKind.HOUSEHOLD, 3)
    firm = prefecture.register("西村", TargetKind.ENTERPRISE, 2)
    prefecture.visit(firm[0], Outcome.EFFECTIVE, Handling.ANSWERED)
    prefecture.register("东村", TargetKind.HOUSEHOLD, 4)
    # An enterprise registered at the county itself, below no township.
    direct = prefecture.register("东阿县", TargetKind.ENTERPRISE, 1)
    prefecture.visit(direct[0], Outcome.GONE)
    prefecture.problem(category=3, due_on=date(2025, 9, 30), title="小事拖大")
    prefecture.problem(category=3, due_on=date(2099, 1, 4))
    prefecture.problem(category=5, moves=TO_CLOSED)
    prefecture.problem(
        unit="铜城镇政府",
        category=5,
        due_on=date(2025, 10, 13),
        moves=("submit", "confirm", "file", "apply"),
    )
    prefecture.problem(unit="阳谷县住建局", category=1)
    prefecture.problem(category=1, moves=("submit",))  # not filed: counts nowhere


@pytest.fixture
def now() -> datetime:
    """A Wednesday after the long holiday of October 2025."""
    return datetime(2025, 10, 15, 10, 5, tzinfo=timezone.get_current_timezone())
