"""A county with two townships, its neighbour, and the people of both."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from campaign.models import Campaign
from campaign.services import create_campaign
from organisation.choices import UNIT_ROLES, AreaLevel, Role, UnitKind
from organisation.models import Area, SecurityPolicy, User
from organisation.services import create_unit, grant
from tests.stages import four_stages
from visits.choices import TargetKind, TeamSource
from visits.models import RegisterUpload
from visits.services import create_team, upload_register
from visits.tasks import apply_register, check_register

VILLAGES = {
    "371502001001": "利民社区居委会",
    "371502001002": "向阳村村民委员会",
    "371502002001": "向阳村村委会",
    "371502002002": "双名村",
    "371502002003": "双名村村委会",
}


def area(code: str, name: str, level: AreaLevel, parent: Area | None = None) -> Area:
    """An area in its place in the tree."""
    made = Area.objects.create(code=code, name=name, level=level, parent=parent, path="")
    made.path = f"{parent.path if parent else '/'}{made.pk}/"
    made.save()
    return made


def person(name: str, role: Role | None = None, ground: Area | None = None) -> User:
    """Somebody without a usable password; tests sign in by force."""
    user = User.objects.create(username=name, name=name, password="!")
    if role in UNIT_ROLES and ground:
        unit = create_unit(name=f"{name}的单位", kind=UnitKind.DEPARTMENT, area=ground)
        grant(user=user, role=role, unit=unit, since=timezone.localdate())
    elif role:
        grant(user=user, role=role, area=ground, since=timezone.localdate())
    return user


@dataclass
class County:
    """The campaign covers the city; the office keeps the register of one county of it."""

    campaign: Campaign
    city: Area
    here: Area
    office: User
    neighbour: User
    villages: dict[str, Area]


@pytest.fixture
def county(db: None) -> County:
    SecurityPolicy.objects.create(second_factor=False)
    city = area("371500000000", "聊城市", AreaLevel.CITY)
    here = area("371502000000", "东昌府区", AreaLevel.COUNTY, city)
    there = area("371521000000", "阳谷县", AreaLevel.COUNTY, city)
    towns = {
        "371502001": area("371502001000", "柳园街道", AreaLevel.TOWNSHIP, here),
        "371502002": area("371502002000", "沙镇镇", AreaLevel.TOWNSHIP, here),
        "371521001": area("371521001000", "狮子楼街道", AreaLevel.TOWNSHIP, there),
    }
    named = VILLAGES | {"371521001001": "景阳社区居委会"}
    villages = {
        code: area(code, name, AreaLevel.VILLAGE, towns[code[:9]]) for code, name in named.items()
    }
    today = timezone.localdate()
    stages = four_stages(today - timedelta(9), today + timedelta(90))
    campaign = create_campaign(
        name="三遍访", area=city, organiser="市作风办", stages=stages, lists=[]
    )
    office = person("office", Role.OFFICE, here)
    neighbour = person("neighbour", Role.OFFICE, there)
    return County(campaign, city, here, office, neighbour, villages)


@pytest.fixture(autouse=True)
def files(settings, tmp_path: Path) -> Path:
    """Uploaded files of a test go with it."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


Upload = Callable[..., RegisterUpload]


@pytest.fixture
def upload(county: County) -> Upload:
    """Upload a workbook and let the background check it."""

    def send(
        content: bytes, kind: TargetKind = TargetKind.HOUSEHOLD, actor: User | None = None
    ) -> RegisterUpload:
        made = upload_register(
            campaign=county.campaign,
            kind=kind,
            name="登记册.xlsx",
            content=content,
            actor=actor or county.office,
        )
        check_register(job_id=str(made.job_id))
        made.refresh_from_db()
        return made

    return send


def run_apply(upload: RegisterUpload, job_id: object) -> RegisterUpload:
    """Let the background import a confirmed upload."""
    apply_register(job_id=str(job_id))
    upload.refresh_from_db()
    return upload


def team_of(county: County, *members: User, covers: Area) -> None:
    """A team of the members over an area."""
    create_team(
        campaign=county.campaign,
        name=f"{covers.name}服务队",
        areas=[covers],
        members={TeamSource.DEPARTMENT: members},
    )
