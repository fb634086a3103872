"""issues.forms.items: what a draft may leave open, what a submission must say."""

import re
import uuid
from datetime import timedelta

import pytest

from campaign.choices import ListKind
from campaign.models import Category
from issues.choices import State
from issues.concreteness import MISSING
from issues.forms.evidence import EvidenceForm
from issues.forms.items import WRITTEN_ALREADY, IssueForm, MoveForm
from issues.models import Issue
from tests.issues.conftest import upload
from tests.personas import World


def sent(world: World, **changes: object) -> dict[str, object]:
    return world.text(category=world.category.pk) | changes


def form(world: World, *, submitting: bool = False, **changes: object) -> IssueForm:
    return IssueForm(sent(world, **changes), campaign=world.campaign, submitting=submitting)


def test_a_whole_text_is_taken(world: World) -> None:
    filled = form(world, submitting=True)
    assert filled.is_valid()
    assert filled.text() == world.text()


def test_what_was_written_already_is_not_saved_again(world: World) -> None:
    """As by going back in the browser and pressing the button once more."""
    issue = world.issue()

    def again(**changes: object) -> IssueForm:
        return IssueForm(sent(world, **changes), campaign=world.campaign, author=world.cadre)

    assert again().errors == {"event": [WRITTEN_ALREADY.format(number=issue.number)]}
    assert again(event="另一天又有一位群众来。").is_valid()
    assert form(world).is_valid()  # of nobody: the text of an item that is being changed
    Issue.objects.filter(pk=issue.pk).update(state=State.WITHDRAWN)
    assert again().is_valid()


def test_the_same_form_sent_twice_is_no_twin(world: World) -> None:
    token = uuid.uuid4()
    Issue.objects.filter(pk=world.issue().pk).update(token=token)
    twice = IssueForm(sent(world, token=token), campaign=world.campaign, author=world.cadre)
    assert twice.is_valid()


def test_a_draft_may_have_gaps(world: World) -> None:
    filled = form(world, **dict.fromkeys(MISSING, ""))
    assert filled.is_valid()
    assert (filled.text()["due_on"], filled.text()["place"]) == (None, "")


def test_a_draft_needs_a_name_and_a_category(world: World) -> None:
    assert set(form(world, title="", category="").errors) == {"title", "category"}


@pytest.mark.parametrize("name", MISSING)
def test_a_submission_names_the_gap(world: World, name: str) -> None:
    assert form(world, submitting=True, **{name: ""}).errors == {name: [MISSING[name]]}


@pytest.mark.parametrize("name", ["place", "event", "cause", "measures"])
def test_blanks_are_a_gap(world: World, name: str) -> None:
    assert form(world, submitting=True, **{name: " \r\n "}).errors == {name: [MISSING[name]]}


@pytest.mark.parametrize(
    ("name", "days", "error"),
    [
        ("happened_on", 0, None),
        ("happened_on", 1, "发生时间不能晚于今天。"),
        ("due_on", 0, None),
        ("due_on", -1, "整改时限不能早于今天。"),
        ("due_on", 89, None),
        ("due_on", 90, "整改时限要在专项行动结束（{end}）之前。"),
    ],
)
def test_dates_at_their_edges(world: World, name: str, days: int, error: str | None) -> None:
    """The campaign of the tests ends in 89 days."""
    filled = form(world, **{name: world.today + timedelta(days=days)})
    end = f"{world.campaign.ends_on:%Y-%m-%d}"
    assert filled.errors == ({name: [error.format(end=end)]} if error else {})


def test_a_wrong_date_is_not_also_called_missing(world: World) -> None:
    tomorrow = world.today + timedelta(days=1)
    assert form(world, submitting=True, happened_on=tomorrow).errors == {
        "happened_on": ["发生时间不能晚于今天。"]
    }


def test_input_stays_after_an_error(world: World) -> None:
    page = str(form(world, submitting=True, place="", event="独一无二的经过").as_p())
    assert "独一无二的经过" in page
    assert f'value="{world.text()["due_on"]:%Y-%m-%d}"' in page


def test_a_category_of_another_campaign_is_not_offered(world: World) -> None:
    assert form(world, category=10**6).errors.keys() == {"category"}
    assert form(world).categories.count() == 10


def test_line_breaks_count_once_as_in_the_browser(world: World) -> None:
    """A browser counts a break as one character and sends two."""
    text = "字\r\n" * 500
    filled = form(world, event=text)
    assert filled.is_valid()
    assert filled.cleaned_data["event"] == ("字\n" * 500).strip()
    assert not form(world, event="字" * 1001).is_valid()
    note = MoveForm({"note": text, "seen_hash": "0" * 64})
    assert note.is_valid()
    assert not MoveForm({"note": "字" * 1001, "seen_hash": "0" * 64}).is_valid()


def test_a_fresh_form_brings_its_own_number(world: World) -> None:
    one, two = (IssueForm(campaign=world.campaign).initial["token"] for _ in range(2))
    assert one != two


def test_evidence_is_a_file_of_a_known_kind(db: None) -> None:
    assert EvidenceForm({}, {"file": upload()}).is_valid()
    assert set(EvidenceForm({}, {"file": upload(name="公示栏.exe")}).errors) == {"file"}
    assert set(EvidenceForm({}, {}).errors) == {"file"}


def test_categories_stand_under_their_lists_and_aspects(world: World) -> None:
    added = world.campaign.taxonomies.create(name="八个方面", kind=ListKind.PROBLEM)
    rows = [("形式主义", "以会议落实会议"), ("形式主义", "层层加码"), ("官僚主义", "高高在上")]
    for number, (aspect, name) in enumerate(rows, start=1):
        added.categories.create(number=number, aspect=aspect, name=name)
    ills, aspects = IssueForm(campaign=world.campaign).lists
    assert (ills[0], [aspect for aspect, _ in ills[1]], len(ills[1][0][1])) == (
        "作风十弊",
        [""],
        10,
    )
    assert (aspects[0], [(a, [row.name for row in found]) for a, found in aspects[1]]) == (
        "八个方面",
        [("形式主义", ["以会议落实会议", "层层加码"]), ("官僚主义", ["高高在上"])],
    )


@pytest.mark.parametrize("lists", [1, 3])
def test_one_category_is_chosen_across_all_lists(world: World, lists: int) -> None:
    """Each row once, as a radio of one name: the browser itself lets only one be chosen."""
    for number in range(1, lists):
        added = world.campaign.taxonomies.create(name=f"清单{number}", kind=ListKind.PROBLEM)
        added.categories.create(number=1, aspect="方面", name=f"第{number}种")
    page = world.client(world.cadre).get("/issues/new/").text
    radios = re.findall(r'<input [^>]*type="radio" name="category" value="(\d+)"( checked)?>', page)
    examined = Category.objects.examined().filter(taxonomy__campaign=world.campaign)
    assert radios == [(str(row.pk), "") for row in examined]
    answer = world.client(world.cadre).post("/issues/new/", sent(world, title="", draft="1"))
    (chosen,) = re.findall(r'type="radio" name="category" value="(\d+)" checked', answer.text)
    assert chosen == str(world.category.pk)
    name = f"{world.category.number}. {world.category.name}"
    assert f"data-chosen>{name}</summary>" in answer.text


def test_without_a_category_the_lists_are_open_and_say_why(world: World) -> None:
    answer = world.client(world.cadre).post("/issues/new/", sent(world, category="", draft="1"))
    assert answer.context["form"].errors == {"category": ["请选择这个问题属于哪一类。"]}
    (field,) = re.findall(r"<fieldset class=\"categories.*?</fieldset>", answer.text, re.DOTALL)
    assert "<details open>" in field
    assert field.count("请选择这个问题属于哪一类。") == 1
    assert 'aria-describedby="error_category"' in field
