"""What a writer is told of like problems, and what not."""

import pytest
from django.core.management import call_command

from issues.choices import NOT_HANDED_IN, SETTLED, State
from issues.likeness import BANDS
from issues.models import Issue, IssueQuerySet, LikenessKeys
from issues.queries import Like, like, like_items
from organisation.models import User
from tests.issues.conftest import take
from tests.issues.test_likeness import EVENT, NAMES_CHANGED, SAME_MATTER
from tests.personas import World

COPY = "这段经过与别人交的一个问题大同小异。请写自己遇到的那一次，不要照抄。"


@pytest.fixture
def theirs(world: World) -> Issue:
    """Handed in by a colleague of the cadre."""
    return handed_in(world, world.colleague)


def handed_in(world: World, author: User, event: str = EVENT, title: str = "跑三趟") -> Issue:
    return take(world, world.issue(author, event=event, title=title), "submit", author)


def told(reader: User, event: str = EVENT, **more: object) -> list[str]:
    return [each.text for each in like_items(event, reader=reader, **more)]


def test_an_own_draft_is_named(world: World) -> None:
    own = world.issue(event=EVENT, title="跑三趟")
    assert like_items(NAMES_CHANGED, reader=world.cadre) == [
        Like(own, pytest.approx(0.66, abs=0.01), is_own=True)
    ]
    assert told(world.cadre, NAMES_CHANGED) == [
        f"这段经过与您自己的 {own.number}「跑三趟」有 65% 相同。同一件事只写一次。"
    ]
    assert told(world.cadre, except_issue=own.pk) == told(world.cadre, SAME_MATTER) == []


def test_what_the_reader_may_open_is_named(world: World, theirs: Issue) -> None:
    """The head writes what one of the unit has handed in."""
    assert told(world.head) == [
        f"这段经过与{theirs.number}「跑三趟」有 100% 相同。请写自己遇到的那一次，不要照抄。"
    ]


@pytest.mark.parametrize("name", ["cadre", "other_head", "stranger_office"])
def test_of_what_the_reader_may_not_open_nothing_is_named(
    world: World, theirs: Issue, name: str
) -> None:
    assert like_items(EVENT, reader=getattr(world, name)) == [Like()]
    assert told(getattr(world, name)) == [COPY]


def test_without_that_question_it_would(
    world: World, theirs: Issue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(like, "_visible", lambda found, reader: {each.pk for _, each in found})
    assert theirs.number in told(world.cadre)[0]


def test_leaving_an_item_out_tells_nothing_of_its_number(world: World, theirs: Issue) -> None:
    assert told(world.cadre, except_issue=theirs.pk) == [COPY]
    assert told(world.head, except_issue=theirs.pk) == []


def test_how_like_it_is_is_not_told_so_that_no_name_can_be_tried_out(
    world: World, theirs: Issue
) -> None:
    for event in (EVENT, NAMES_CHANGED, EVENT.replace("王桂兰", "刘桂芳")):
        assert like_items(event, reader=world.cadre) == [Like()]


@pytest.mark.parametrize("step", [None, "return", "withdraw"])
def test_a_draft_of_others_counts_for_nothing(world: World, step: str | None) -> None:
    theirs = world.issue(world.colleague, event=EVENT)
    if step:
        take(world, theirs, "submit", world.colleague)
        take(world, theirs, step, world.head if step == "return" else world.colleague)
    assert (told(world.cadre), told(world.head)) == ([], [])
    assert LikenessKeys.objects.count() == 0


def test_a_key_left_behind_gives_no_draft_away(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = world.issue(world.colleague, event=EVENT)
    LikenessKeys.of(theirs.pk, EVENT).save()
    assert told(world.cadre) == []
    monkeypatch.setattr(IssueQuerySet, "handed_in", IssueQuerySet.all)
    assert told(world.cadre) == [COPY]


def test_what_one_has_taken_back_may_be_written_anew(world: World) -> None:
    take(world, handed_in(world, world.cadre), "withdraw", world.cadre)
    assert told(world.cadre) == []


def test_a_text_changed_after_a_return_is_found_by_its_new_words(
    world: World, theirs: Issue
) -> None:
    take(world, theirs, "return", world.head)
    Issue.objects.filter(pk=theirs.pk).update(event=SAME_MATTER)
    theirs.refresh_from_db()
    take(world, theirs, "submit", world.colleague)
    assert told(world.cadre) == []
    assert told(world.cadre, SAME_MATTER) == [COPY]


def test_it_stays_found_to_the_end_of_its_way(world: World, theirs: Issue) -> None:
    for state in set(State) - NOT_HANDED_IN - SETTLED:
        Issue.objects.filter(pk=theirs.pk).update(state=state)
        assert told(world.cadre) == [COPY]


def test_short_texts_are_not_compared(world: World) -> None:
    world.issue(event="压了九天")
    handed_in(world, world.colleague, "压了九天")
    assert told(world.cadre, "压了九天") == told(world.cadre, "") == []


def test_no_more_than_three_are_named_and_the_likest_first(world: World) -> None:
    own = [world.issue(event=event) for event in (EVENT, NAMES_CHANGED, EVENT, EVENT)]
    handed_in(world, world.colleague)
    found = like_items(EVENT, reader=world.cadre)
    assert [each.issue for each in found] == [own[3], own[2], own[0], None]


def test_a_text_that_many_handed_in_is_said_to_be_common(world: World) -> None:
    copies(world, like.MANY - 1)
    assert told(world.cadre) == [COPY]
    copies(world, 1)
    assert told(world.cadre) == [COPY.replace("别人交的一个问题", "不少人交的问题")]


def test_however_often_it_was_copied_a_few_are_read(
    world: World, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries
) -> None:
    monkeypatch.setattr(like, "PER_KEY", 3)
    copies(world, 60)
    assert len(like._candidates(EVENT)) <= BANDS * 3
    with django_assert_num_queries(5):  # own, keys, texts, rights, what may be opened
        assert len(like_items(EVENT, reader=world.cadre)) == 1
    monkeypatch.setattr(like, "PER_KEY", 1000)
    assert len(like._candidates(EVENT)) == 60


def test_the_command_makes_what_is_missing(world: World, theirs: Issue, capsys) -> None:
    kept = list(LikenessKeys.objects.values())
    world.issue(event=EVENT)
    LikenessKeys.objects.all().delete()
    for number in (1, 0):
        call_command("index_likeness")
        assert capsys.readouterr().out == f"完成：补建了 {number} 个问题的比对码。\n"
        assert list(LikenessKeys.objects.values()) == kept


def test_the_command_makes_all_afresh_and_takes_wrong_ones_away(
    world: World, theirs: Issue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("issues.services.likeness.AT_ONCE", 2)
    copies(world, 4)
    kept = list(LikenessKeys.objects.order_by("pk").values())
    LikenessKeys.objects.update(band3=0)
    LikenessKeys.of(world.issue().pk, EVENT).save()
    call_command("index_likeness")
    assert LikenessKeys.objects.filter(band3=0).count() == 5
    call_command("index_likeness", afresh=True)
    assert list(LikenessKeys.objects.order_by("pk").values()) == kept


def copies(world: World, number: int) -> None:
    """Problems of others with the same text."""
    draft = world.issue(world.colleague, event=EVENT)
    for _ in range(number):
        draft.pk, draft.state = None, State.SUBMITTED
        draft.save(force_insert=True)
        LikenessKeys.of(draft.pk, EVENT).save()
