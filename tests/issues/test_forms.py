"""issues.forms.items: what a draft may leave open, what a submission must say."""

from datetime import timedelta

import pytest

from campaign.choices import ListKind
from issues.concreteness import MISSING
from issues.forms.evidence import EvidenceForm
from issues.forms.items import IssueForm, MoveForm
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


def test_categories_stand_under_their_lists_when_there_are_several(world: World) -> None:
    form = IssueForm(campaign=world.campaign)
    flat = list(form.fields["category"].choices)
    assert [label for _, label in flat][:2] == ["请选择", "1. 浑浑噩噩、混天度日"]
    added = world.campaign.taxonomies.create(name="八个方面", kind=ListKind.PROBLEM)
    added.categories.create(number=1, name="理论学习不深不实")
    several = list(IssueForm(campaign=world.campaign).fields["category"].choices)
    assert [name for name, _ in several] == ["", "作风十弊", "八个方面"]
    assert [label for _, label in several[2][1]] == ["1. 理论学习不深不实"]
