"""Good examples say nothing of whose they were, and are gone at once when taken down."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client

from core.models import AuditEntry, Notice
from issues.choices import Ending, State
from issues.models import EXAMPLE_TEXT, GoodExample, Issue
from issues.services import choose_example, examples, take_down_example
from issues.workflow import Refused
from organisation.models import Unit, User
from tests.issues.conftest import brought_to, people, put_in, take
from tests.personas import World
from tests.threads import together

OFFICES = {"office", "city_office"}
TEXT = {
    "title": "材料被搁置 9 天",
    "before": "某某来补办证明，压了 9 天没有录入。",
    "why": "觉得不是急件。",
    "how": "当天录入、三天办结。",
    "after": "已当天录入，窗口公示了时限。",
}
CHECKED = TEXT | {"is_checked": "on"}


@pytest.fixture
def closed(world: World) -> Issue:
    return brought_to(world, "sign_off")


def chosen(world: World, issue: Issue, **changes: str) -> GoodExample:
    return choose_example(issue=issue, actor=world.office, text=TEXT | changes)


def shown_to(client: Client) -> str:
    return client.get("/issues/examples/").content.decode()


def relapse(world: World, issue: Issue) -> None:
    take(world, issue, "relapse", world.discipline)


def test_the_office_alone_chooses(world: World, closed: Issue) -> None:
    may = set()
    for name, who in people(world).items():
        with transaction.atomic():
            try:
                choose_example(issue=closed, actor=who, text=TEXT)
                may.add(name)
            except PermissionDenied:
                pass
            transaction.set_rollback(True)
    assert may == OFFICES


def test_an_own_problem_is_not_chosen(world: World) -> None:
    own = world.issue(world.office)
    put_in(own, State.CLOSED, world.discipline)
    with pytest.raises(PermissionDenied):
        choose_example(issue=own, actor=world.office, text=TEXT)


def test_without_the_rule_anybody_would(
    world: World, closed: Issue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examples, "can_choose_example", lambda user, issue: True)
    assert choose_example(issue=closed, actor=world.colleague, text=TEXT).pk


@pytest.mark.parametrize("state", sorted(set(State) - {State.CLOSED, State.CONSOLIDATED}))
def test_only_what_is_signed_off(world: World, state: State) -> None:
    issue = world.issue()
    put_in(issue, state, world.discipline)
    with pytest.raises(PermissionDenied):
        chosen(world, issue)


def test_not_what_has_relapsed_once(world: World, closed: Issue) -> None:
    Issue.objects.filter(pk=closed.pk).update(relapse_count=1)
    with pytest.raises(Refused, match="情况已经变化"):
        chosen(world, closed)  # the page was older
    closed.refresh_from_db()
    with pytest.raises(PermissionDenied):
        chosen(world, closed)


def test_chosen_once(world: World, closed: Issue) -> None:
    chosen(world, closed)
    with pytest.raises(Refused, match="已经选作好示例"):
        chosen(world, closed)
    assert GoodExample.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        GoodExample.objects.create(issue=closed, chosen_by=world.office, **TEXT)


@pytest.mark.parametrize("field", EXAMPLE_TEXT)
def test_every_part_has_words(world: World, closed: Issue, field: str) -> None:
    with pytest.raises(Refused, match="每一栏都要填"):
        chosen(world, closed, **{field: " "})


@pytest.mark.parametrize("word", ["甲cadre", "甲 cadre", "甲head", "东阿县住建局", "县住建局"])
@pytest.mark.parametrize("field", ["title", "after"])
def test_a_name_that_still_stands_is_refused(
    world: World, closed: Issue, field: str, word: str
) -> None:
    with pytest.raises(Refused, match=f"还看得出是谁：「{word}」"):
        chosen(world, closed, **{field: f"请问{word}。"})


def test_without_the_question_it_would_stand_there(
    world: World, closed: Issue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examples, "still_named", lambda issue, words: [])
    chosen(world, closed, before="甲cadre压了 9 天。")
    assert "甲cadre压了" in shown_to(world.client(world.colleague))


def test_the_form_comes_without_the_names_and_shows_what_was_taken(world: World) -> None:
    issue = world.issue(
        event="9月3日群众到东阿县住建局找甲cadre，甲head让他去前关村，电话13800001234，压了 9 天。"
    )
    brought_to(world, "sign_off", issue)
    page = world.client(world.office).get(f"/issues/{issue.pk}/example/")
    form = page.context["form"]
    assert form.initial["before"] == (
        "9月3日群众到某单位找某某，某某让他去某地，电话某号码，压了 9 天。"
    )
    taken = [p.text for _, pieces in page.context["marked"] for p in pieces if p.kind]
    assert taken == ["东阿县住建局", "甲cadre", "甲head", "前关村", "13800001234"]
    assert "<del>甲cadre</del><ins>某某</ins>" in page.content.decode()


def test_it_is_chosen_only_when_it_was_checked(world: World, closed: Issue) -> None:
    client = world.client(world.office)
    address = f"/issues/{closed.pk}/example/"
    answer = client.post(address, TEXT)
    assert (answer.status_code, GoodExample.objects.count()) == (422, 0)
    assert "请逐栏核对" in answer.content.decode()
    assert client.post(address, CHECKED).status_code == 302
    assert GoodExample.objects.get().chosen_by == world.office


def test_readers_learn_nothing_of_whose_it_was(world: World) -> None:
    """Every name in the world, the item's number and its days stand in the item, none here."""
    people = list(User.objects.values_list("name", flat=True))
    units = list(Unit.objects.values_list("name", flat=True))
    near = [world.city.name, world.county.name, world.township.name, world.village.name]
    issue = world.issue(event=f"{'、'.join([*people, *units, *near])}压了 9 天。")
    brought_to(world, "sign_off", issue)
    office = world.client(world.office)
    draft = office.get(f"/issues/{issue.pk}/example/").context["form"].initial
    said = {name: words or "某某" for name, words in draft.items()}
    assert (
        office.post(f"/issues/{issue.pk}/example/", said | {"is_checked": "on"}).status_code == 302
    )
    page = world.client(world.other_head).get("/issues/examples/")
    (row,) = page.context["page"].rows
    words = "".join(getattr(row, name) for name in EXAMPLE_TEXT)
    assert [each for each in [*people, *units, *near] if each in words] == []
    main = page.content.decode().partition('<main id="main"')[2]
    told = [issue.number, f"/issues/{issue.pk}/", issue.author.name, issue.unit.name]
    assert [each for each in told if each in main] == []
    assert str(issue.pk) not in {*page.context["page"].first, *page.context["page"].following}


def test_who_takes_part_reads_them(world: World, closed: Issue) -> None:
    chosen(world, closed)
    readers = {
        name for name, who in people(world).items() if TEXT["before"] in shown_to(world.client(who))
    }
    assert readers == set(people(world)) - {"system_admin", "security_admin", "audit_admin"}


def test_of_another_campaign_one_reads_none(world: World, closed: Issue) -> None:
    chosen(world, closed)
    world.campaign.area = world.county
    world.campaign.save(update_fields=["area"])
    assert TEXT["before"] in shown_to(world.client(world.cadre))
    assert TEXT["before"] not in shown_to(world.client(world.stranger_office))


def test_an_archived_campaign_shows_none(world: World, closed: Issue) -> None:
    chosen(world, closed)
    assert GoodExample.objects.visible_to(world.cadre).exists()
    world.campaign.archived_at = closed.created_at
    world.campaign.save(update_fields=["archived_at"])
    assert not GoodExample.objects.visible_to(world.cadre).exists()


@pytest.mark.parametrize("who", ["cadre", "office", "city_office"])
def test_taken_down_it_is_gone_at_once(world: World, closed: Issue, who: str) -> None:
    chosen(world, closed)
    reader = world.client(world.colleague)
    assert TEXT["before"] in shown_to(reader)
    answer = world.client(getattr(world, who)).post(f"/issues/{closed.pk}/example/take-down/")
    assert answer.status_code == 302
    assert TEXT["before"] not in shown_to(reader)
    example = GoodExample.objects.get()
    expected = Ending.AUTHOR if who == "cadre" else Ending.OFFICE
    assert (example.ending, example.ended_by) == (expected, getattr(world, who))


def test_the_author_and_the_office_alone_take_it_down(world: World, closed: Issue) -> None:
    chosen(world, closed)
    for name, who in people(world).items():
        if name not in OFFICES | {"cadre"}:
            with pytest.raises(PermissionDenied):
                take_down_example(issue=closed, actor=who)
    assert GoodExample.objects.shown().count() == 1


def test_without_that_rule_anybody_would_take_it_down(
    world: World, closed: Issue, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen(world, closed)
    monkeypatch.setattr(examples, "can_take_down", lambda user, issue: True)
    take_down_example(issue=closed, actor=world.colleague)
    assert not GoodExample.objects.shown().exists()


def test_taken_down_twice_is_said(world: World, closed: Issue) -> None:
    chosen(world, closed)
    take_down_example(issue=closed, actor=world.office)
    with pytest.raises(Refused, match="已经撤下"):
        take_down_example(issue=closed, actor=world.cadre)
    assert AuditEntry.objects.filter(act="issues.take_down_example").count() == 1


def test_what_its_author_took_down_is_not_chosen_again(world: World, closed: Issue) -> None:
    chosen(world, closed)
    take_down_example(issue=closed, actor=world.cadre)
    with pytest.raises(Refused, match="本人已经撤下过"):
        chosen(world, closed)


def test_what_the_office_took_down_may_be_told_better(world: World, closed: Issue) -> None:
    chosen(world, closed)
    take_down_example(issue=closed, actor=world.office)
    chosen(world, closed, title="证明压了 9 天")
    assert GoodExample.objects.shown().get().title == "证明压了 9 天"


def test_a_relapse_takes_it_down_with_itself(world: World, closed: Issue) -> None:
    chosen(world, closed)
    relapse(world, closed)
    example = GoodExample.objects.get()
    assert (example.ending, example.ended_by) == (Ending.RELAPSE, world.discipline)
    assert TEXT["before"] not in shown_to(world.client(world.colleague))


def test_a_relapse_that_fails_leaves_it(
    world: World, closed: Issue, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen(world, closed)
    monkeypatch.setattr("issues.services.items._keep_event", lambda *args, **more: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        relapse(world, closed)
    assert GoodExample.objects.shown().count() == 1


def test_without_that_call_it_would_stand(
    world: World, closed: Issue, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen(world, closed)
    monkeypatch.setattr(examples, "end_with_relapse", lambda issue, move, actor: None)
    relapse(world, closed)
    assert TEXT["before"] in shown_to(world.client(world.colleague))


def test_the_author_is_told_once_and_who_chose_it_of_an_objection(
    world: World, closed: Issue
) -> None:
    chosen(world, closed)
    (told,) = Notice.objects.filter(event__startswith="issues.example")
    assert (told.person, told.url) == (world.cadre, f"/issues/{closed.pk}/")
    assert "撤下" in told.body
    take_down_example(issue=closed, actor=world.cadre)
    (heard,) = Notice.objects.filter(event__startswith="issues.example_down")
    assert heard.person == world.office


def test_words_and_category_narrow_the_list(world: World, closed: Issue) -> None:
    chosen(world, closed)
    client = world.client(world.colleague)
    found = client.post("/issues/examples/search/", {"words": "压了 9 天"}, follow=True)
    assert TEXT["before"] in found.content.decode()
    missed = client.post("/issues/examples/search/", {"words": "没有这个词"}, follow=True)
    assert "没有符合条件的示例" in missed.content.decode()
    mine = client.get("/issues/examples/", {"category": closed.category_id})
    assert TEXT["before"] in mine.content.decode()
    other = world.campaign.taxonomies.first().categories.exclude(pk=closed.category_id).first()
    assert (
        TEXT["before"]
        not in client.get("/issues/examples/", {"category": other.pk}).content.decode()
    )


def test_the_list_takes_the_same_queries_with_one_and_with_three(
    world: World, closed: Issue, django_assert_num_queries
) -> None:
    chosen(world, closed)
    client = world.client(world.colleague)
    client.get("/issues/examples/")
    with django_assert_num_queries(8):
        client.get("/issues/examples/")
    for _ in range(2):
        more = world.issue()
        put_in(more, State.CLOSED, world.discipline)
        chosen(world, more)
    with django_assert_num_queries(8):
        client.get("/issues/examples/")


@pytest.mark.usefixtures("shared_database")
def test_two_offices_at_once_choose_it_once(world: World, closed: Issue) -> None:
    outcomes = together(
        [
            lambda actor=actor: choose_example(issue=fresh(closed), actor=actor, text=TEXT)
            for actor in (world.office, world.city_office)
        ]
    )
    assert sorted(type(each).__name__ for each in outcomes) == ["GoodExample", "Refused"]
    assert GoodExample.objects.count() == 1


@pytest.mark.usefixtures("shared_database")
def test_a_relapse_at_the_same_moment_leaves_none(world: World, closed: Issue) -> None:
    together(
        [
            lambda: choose_example(issue=fresh(closed), actor=world.office, text=TEXT),
            lambda: relapse(world, fresh(closed)),
        ]
    )
    closed.refresh_from_db()
    assert closed.state == State.RECTIFYING
    assert not GoodExample.objects.shown().exists()


def fresh(issue: Issue) -> Issue:
    return Issue.objects.select_related("unit__area", "campaign").get(pk=issue.pk)
