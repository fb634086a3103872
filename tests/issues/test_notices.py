"""Who is told about a step: the author, and whoever can take the next one."""

from core.models import Notice
from core.notices import unread_count
from organisation.choices import Role
from organisation.models import User
from tests.issues.conftest import brought_to
from tests.personas import World


def titles(person: User) -> list[str]:
    return list(Notice.objects.filter(person=person).order_by("id").values_list("title", flat=True))


def test_each_step_tells_those_whom_it_concerns(world: World) -> None:
    issue = brought_to(world, "sign_off")
    waits = f"{world.cadre.name}的问题「{issue.title}」等您办理"
    assert titles(world.head) == [waits, waits]
    assert titles(world.office) == [waits]
    assert titles(world.discipline) == [waits]
    assert titles(world.deputy) == []
    done = ["单位负责人已确认", "作风办已审核备案", "单位负责人已审签同意", "纪委监委已销号"]
    assert titles(world.cadre) == [f"问题「{issue.title}」：{each}" for each in done]


def test_the_deputy_is_told_when_the_head_wrote_it(world: World) -> None:
    issue = world.issue(world.head)
    world.move(issue, "submit", world.head)
    assert titles(world.deputy) == [f"{world.head.name}的问题「{issue.title}」等您办理"]
    assert titles(world.head) == []


def test_a_signer_from_the_same_unit_is_not_asked(world: World) -> None:
    insider = world.person("insider", world.unit, Role.DISCIPLINE, area=world.county)
    brought_to(world, "unit_sign")
    assert (titles(insider), len(titles(world.discipline))) == ([], 1)


def test_what_somebody_has_done_waits_in_nobodys_box(world: World) -> None:
    """The news stays unread for whose item it is; what asked the reviewers is settled."""
    issue = world.issue(world.head)
    world.move(issue, "submit", world.head)
    assert unread_count(world.deputy) == 1
    world.move(issue, "return", world.deputy, "请写明是哪一天。")
    assert (unread_count(world.deputy), unread_count(world.head)) == (0, 1)
    world.move(issue, "submit", world.head)
    assert (unread_count(world.deputy), unread_count(world.head)) == (1, 1)
