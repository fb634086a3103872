"""Importing areas, and the other writes on the organisation."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from core.models import AuditEntry
from organisation.choices import AreaLevel, Role, UnitKind
from organisation.models import Area, User
from organisation.services import (
    AreaFileError,
    AreaImport,
    create_unit,
    create_user,
    grant,
    import_areas,
)
from tests.personas import World

REAL = Path(__file__).parents[2] / "data" / "areas" / "liaocheng-areas.csv"
HEAD = "code,name,level,parent\n"
SETTLED = "code,name,level,parent,settlement\n"
CITY = "371500000000,聊城市,city,\n"
COUNTY = "371524000000,东阿县,county,371500000000\n"
TOWNSHIP = "371524100000,刘集镇,township,371524000000\n"

pytestmark = pytest.mark.django_db


def load(text: str) -> AreaImport:
    return import_areas(io.StringIO(text))


def fault(text: str) -> str:
    with pytest.raises(AreaFileError) as caught:
        load(text)
    return str(caught.value)


### Areas


def test_the_real_city_is_read_whole_and_a_second_time_changes_nothing() -> None:
    text = REAL.read_text(encoding="utf-8-sig")
    assert load(text) == AreaImport(created=2553, renamed=0, unchanged=0)
    before = list(Area.objects.order_by("id").values())
    assert load(text) == AreaImport(created=0, renamed=0, unchanged=2553)
    assert list(Area.objects.order_by("id").values()) == before
    city = Area.objects.get(level=AreaLevel.CITY)
    assert Area.objects.under(city).count() == 2553
    county = Area.objects.get(code="371524000000")
    below = Area.objects.filter(code__startswith="371524").exclude(pk=county.pk).count()
    assert Area.objects.under(county).count() == below + 1


def test_order_of_rows_does_not_matter_and_paths_follow_the_tree() -> None:
    load(HEAD + TOWNSHIP + COUNTY + CITY)
    city, county, township = Area.objects.order_by("path")
    assert (city.path, county.path, township.path) == (
        f"/{city.pk}/",
        f"/{city.pk}/{county.pk}/",
        f"/{city.pk}/{county.pk}/{township.pk}/",
    )


def test_a_new_name_is_taken_and_counted() -> None:
    load(HEAD + CITY + COUNTY)
    kept = Area.objects.get(code="371524000000")
    assert load(HEAD + CITY + COUNTY.replace("东阿县", "东阿区")) == AreaImport(0, 1, 1)
    renamed = Area.objects.get(pk=kept.pk)
    assert (renamed.name, renamed.path) == ("东阿区", kept.path)


def test_urban_and_rural_are_kept_and_a_file_without_them_leaves_them() -> None:
    load(HEAD + CITY + COUNTY + TOWNSHIP)
    village = "371524100201,前关村,village,371524100000"
    assert load(f"{SETTLED}{village},220\n") == AreaImport(1, 0, 0)
    assert load(f"{SETTLED}{village},121\n") == AreaImport(0, 1, 0)
    assert load(f"{HEAD}{village}\n") == AreaImport(0, 0, 1)
    assert Area.objects.get(code="371524100201").settlement == "121"


def test_a_later_file_may_hang_below_what_is_there() -> None:
    load(HEAD + CITY + COUNTY)
    assert load(HEAD + TOWNSHIP) == AreaImport(1, 0, 0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("code,name\n1,a\n", "第 1 行缺少列：level、parent"),
        ("", "第 1 行缺少列：code、name、level、parent"),
        (
            HEAD + CITY + "37152400000,东阿县,county,371500000000\n",
            "第 3 行 code 列：「37152400000」不是 12 位或 15 位代码",
        ),
        (
            HEAD + CITY + "３７１５２４０００００0,东阿县,county,371500000000\n",
            "第 3 行 code 列：「３７１５２４０００００0」不是 12 位或 15 位代码",
        ),
        (HEAD + CITY + "\n371524000000\n", "第 4 行 name 列：名称要有 1 到 60 个字"),
        (
            HEAD + CITY + f"371524000000,{'东' * 61},county,371500000000\n",
            "第 3 行 name 列：名称要有 1 到 60 个字",
        ),
        (
            HEAD + CITY + "371524000000,东阿县,县,371500000000\n",
            "第 3 行 level 列：不认识层级「县」",
        ),
        (
            HEAD + CITY + TOWNSHIP,
            "第 3 行 parent 列：刘集镇的上级 371524000000 不在文件中，或层级不比它高",
        ),
        (
            HEAD + CITY + "371524000000,东阿县,county,\n",
            "第 3 行 parent 列：东阿县没有上级，只有市可以没有",
        ),
        (
            HEAD + CITY + COUNTY + "371525000000,冠县,county,371524000000\n",
            "第 4 行 parent 列：冠县的上级 371524000000 不在文件中，或层级不比它高",
        ),
        (HEAD + CITY + COUNTY + COUNTY, "第 4 行 code 列：371524000000 与第 3 行重复"),
        (
            HEAD + CITY + "371524000000001,东阿县,county,371500000000\n",
            "第 3 行 code 列：「371524000000001」的位数不对，网格是 15 位，其他是 12 位",
        ),
        (
            HEAD + CITY + COUNTY + "371524100201,一网格,grid,371524000000\n",
            "第 4 行 code 列：「371524100201」的位数不对，网格是 15 位，其他是 12 位",
        ),
        (
            SETTLED + "371500000000,聊城市,city,,199\n",
            "第 2 行 settlement 列：不认识城乡分类代码「199」",
        ),
    ],
)
def test_a_bad_file_is_refused_by_row_and_nothing_is_kept(text: str, expected: str) -> None:
    assert fault(text) == expected
    assert Area.objects.count() == 0


def test_a_file_may_not_move_an_area_elsewhere() -> None:
    load(HEAD + CITY + COUNTY + "371525000000,冠县,county,371500000000\n" + TOWNSHIP)
    moved = HEAD + TOWNSHIP.replace("刘集镇", "新名").replace("371524000000", "371525000000")
    assert fault(moved) == (
        "第 2 行：新名（371524100000）的层级或上级与系统中不同，导入不能移动区划"
    )
    assert Area.objects.get(code="371524100000").name == "刘集镇"


def test_command_counts_in_chinese_and_reads_a_file_with_a_mark(tmp_path: Path) -> None:
    file = tmp_path / "areas.csv"
    file.write_text(HEAD + CITY + COUNTY, encoding="utf-8-sig")
    said = io.StringIO()
    call_command("import_areas", str(file), stdout=said)
    assert said.getvalue() == "新增 2 个，改名 0 个，未变 0 个。\n"


def test_command_says_what_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "areas.csv"
    file.write_text(HEAD + COUNTY)
    with pytest.raises(CommandError, match=r"^没有导入：第 2 行 parent 列"):
        call_command("import_areas", str(file))
    with pytest.raises(CommandError, match=r"^没有导入："):
        call_command("import_areas", str(tmp_path / "none.csv"))


### Units, people, grants


def test_units_make_a_tree(world: World) -> None:
    child = create_unit(
        name="住建局一科", kind=UnitKind.DEPARTMENT, area=world.county, parent=world.unit
    )
    assert child.path == f"{world.unit.path}{child.pk}/"
    assert child.is_under(world.unit.path)
    assert not child.is_under(world.other_unit.path)


def test_a_password_is_kept_as_a_hash_only() -> None:
    user = create_user(username="a", name="甲", password="correct-horse-9")
    stored = User.objects.get(pk=user.pk)
    assert "correct-horse-9" not in stored.password
    assert stored.check_password("correct-horse-9")


def test_without_a_password_nobody_can_sign_in() -> None:
    user = create_user(username="a", name="甲")
    assert [user.check_password(word) for word in ("", "a", "correct-horse-9")] == [False] * 3


def test_grants_are_audited_with_who_gave_what_to_whom(world: World) -> None:
    made = grant(
        user=world.cadre,
        role=Role.LIAISON,
        since=world.today,
        unit=world.unit,
        granted_by=world.security_admin,
    )
    entry = AuditEntry.objects.filter(act="organisation.grant").latest("id")
    assert (entry.actor, entry.subject, entry.detail) == (
        world.security_admin,
        f"organisation.Grant:{made.pk}",
        {
            "to": world.cadre.pk,
            "role": "liaison",
            "unit": world.unit.pk,
            "area": None,
            "since": str(world.today),
            "until": None,
        },
    )
