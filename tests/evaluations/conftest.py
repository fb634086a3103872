"""Two counties, their offices, and rounds ready to rate."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from campaign.models import Campaign
from campaign.services import create_campaign
from evaluations import services
from evaluations.choices import Dimension, Grade, RaterGroup
from evaluations.models import Round, RoundGroup
from organisation.choices import AreaLevel, Role, UnitKind
from organisation.models import Area, SecurityPolicy, Unit, User
from organisation.services import create_unit, grant
from tests.stages import four_stages

BATCH = "00000000-0000-0000-0000-000000000001"


def person(
    name: str, role: Role | None = None, area: Area | None = None, unit: Unit | None = None
) -> User:
    """Somebody without a usable password; tests sign in by force."""
    user = User.objects.create(username=name, name=name, password="!")
    if role:
        grant(user=user, role=role, area=area, unit=unit, since=timezone.localdate())
    return user


def area(code: str, name: str, level: AreaLevel, parent: Area | None = None) -> Area:
    made = Area.objects.create(code=code, name=name, level=level, parent=parent, path="")
    made.path = f"{parent.path if parent else '/'}{made.pk}/"
    made.save()
    return made


@dataclass
class County:
    """The people around one rated unit, and those who must not reach it."""

    campaign: Campaign
    unit: Unit
    office: User
    leader: User
    discipline: User
    cadre: User
    elsewhere: User
    system_admin: User


@pytest.fixture
def county(db: None) -> County:
    SecurityPolicy.objects.create(second_factor=False)
    city = area("371500000000", "聊城市", AreaLevel.CITY)
    here = area("371502000000", "东昌府区", AreaLevel.COUNTY, city)
    there = area("371521000000", "阳谷县", AreaLevel.COUNTY, city)
    today = timezone.localdate()
    stages = four_stages(today, today + timedelta(days=30))
    unit = create_unit(name="东昌府区行政审批服务局", kind=UnitKind.DEPARTMENT, area=here)
    return County(
        campaign=create_campaign(
            name="三遍访三评议三提升", area=city, organiser="领导小组办公室", stages=stages,
            lists=[],
        ),
        unit=unit,
        office=person("office", Role.OFFICE, here),
        leader=person("leader", Role.LEADER, here),
        discipline=person("discipline", Role.DISCIPLINE, here),
        cadre=person("cadre", Role.CADRE, unit=unit),
        elsewhere=person("elsewhere", Role.OFFICE, there),
        system_admin=person("sysadmin", Role.SYSTEM_ADMIN, city),
    )  # fmt: skip


@pytest.fixture
def draft(county: County) -> Round:
    return services.create_round(
        campaign=county.campaign, unit=county.unit, title="第三季度评议", actor=county.office
    )


@pytest.fixture
def opened(draft: Round, county: County) -> Round:
    services.open_round(rating=draft, actor=county.office)
    draft.refresh_from_db()
    return draft


@pytest.fixture
def shared_database(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """A database that several threads may use: SQLite's moves from memory into a file."""
    if connection.vendor != "sqlite":
        yield
        return
    names, in_memory = connections.settings["default"], connection.connection
    with sqlite3.connect(tmp_path / "shared.sqlite3") as target:
        in_memory.backup(target)
    before, names["NAME"] = names["NAME"], str(tmp_path / "shared.sqlite3")
    connection.connection = None
    yield
    connection.close()
    names["NAME"], connection.connection = before, in_memory


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def group_of(rating: Round, group: RaterGroup = RaterGroup.SERVED) -> RoundGroup:
    return RoundGroup.objects.select_related("round__unit").get(round=rating, group=group)


def codes_for(group: RoundGroup, number: int, batch: str = BATCH) -> list[str]:
    """Live codes of the group, the same ones in every run."""
    letters = services.ALPHABET
    codes = ["XY" + (letters[n % 32] + letters[n // 32]) * 12 for n in range(number)]
    services.add_codes(group=group, batch=batch, codes=codes)
    return codes


def cast(code: str, rectification: Grade, style: Grade | None = None) -> None:
    grades = {Dimension.RECTIFICATION: rectification, Dimension.STYLE: style or rectification}
    services.cast_ballot(typed=code, grades=grades)


def rate_all(rating: Round, grades: dict[RaterGroup, Sequence[Grade]]) -> None:
    """One ballot for each grade, both dimensions alike."""
    for number, (group, given) in enumerate(grades.items(), start=2):
        row = group_of(rating, group)
        batch = f"00000000-0000-0000-0000-{number:012}"
        letters = services.ALPHABET
        codes = [letters[number] + (letters[n % 32] + letters[n // 32]) * 12 + "Z"
                 for n in range(len(given))]  # fmt: skip
        services.add_codes(group=row, batch=batch, codes=codes)
        for code, grade in zip(codes, given, strict=True):
            cast(code, grade)
