"""Who is told about a step: the author, and whoever can take the next one."""

from core.models import Notice
from core.notices import unread_count
from issues.services import STUCK
from organisation.choices import Role
from organisation.models import Grant, User
from tests.issues.conftest import brought_to, take
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


def test_the_office_hears_of_an_item_that_nobody_may_review(world: World) -> None:
    Grant.objects.filter(role__in=[Role.UNIT_HEAD, Role.DEPUTY]).exclude(user=world.head).delete()
    issue = world.issue(world.head)
    take(world, issue, "submit", world.head)
    (title,) = titles(world.office)
    assert title == f"问题「{issue.title}」没有人可以办理下一步，请安排"
    assert STUCK in world.client(world.head).get(f"/issues/{issue.pk}/").text


def test_where_somebody_may_review_it_the_office_hears_nothing(world: World) -> None:
    issue = world.issue(world.head)
    take(world, issue, "submit", world.head)
    assert titles(world.office) == []
    assert STUCK not in world.client(world.head).get(f"/issues/{issue.pk}/").text
