"""issues.concreteness: what is refused, what is warned of, and how much of it is right."""

from dataclasses import replace
from datetime import date

import pytest

from issues.concreteness import MISSING, NAMES, Finding, Span, Text, check
from issues.concreteness.reading import details, emptiness, sentences
from issues.concreteness.rulebook import FIELDS, RULES
from tests.issues.labelled import (
    HALVES,
    HELD_OUT,
    Item,
    Score,
    items,
    pairs,
    score_of_copies,
    score_of_items,
)

GOOD = Text(
    happened_on=date(2026, 3, 12),
    place="便民服务中心3号窗口",
    event="沟通不够：3月12日王庄村李某来问低保，我让他跑了三趟。",
    cause="嫌麻烦，没有把清单找出来。",
    root_cause="觉得群众多跑一趟不算什么。",
    direction="一次说清、一次办好。",
    measures="把清单印成一页纸放在窗口，每来一人发一张。",
    due_on=date(2026, 6, 30),
)
SPAN = Span(date(2026, 3, 1), date(2026, 8, 31))


def said(name: str, value: object, span: Span | None = SPAN) -> list[Finding]:
    """What is found in a good text when one field says something else."""
    return list(check(replace(GOOD, **{name: value}), span))


def test_of_a_long_sentence_the_words_in_question_are_quoted() -> None:
    event = "在工作里对自己的要求还是松了一些也没有把心思都放到为民服务上来，服务意识有待加强"
    (found,) = said("event", event)
    assert found.words == "…服务意识有待加强"
    (found,) = said("event", f"服务意识有待加强，{event}")
    assert found.words.startswith("服务意识有待加强，在工作里")
    assert found.words.endswith("…")


def test_a_stock_phrase_with_its_example_is_fine() -> None:
    assert check(GOOD, SPAN) == ()


@pytest.mark.parametrize("name", MISSING)
def test_each_gap_is_refused_in_the_words_of_the_rules(name: str) -> None:
    empty = None if name.endswith("_on") else ""
    gap = Finding(name, "", MISSING[name], refuses=True, is_gap=True)
    assert said(name, empty) == [gap]


@pytest.mark.parametrize("value", ["无", " 同上。", "见附件", "XXX", "……", "👍👍", "。"])
@pytest.mark.parametrize("name", ["place", "event", "cause", "measures"])
def test_what_only_fills_the_field_is_refused(name: str, value: str) -> None:
    assert [(f.field, f.refuses) for f in said(name, value)] == [(name, True)]


@pytest.mark.parametrize(
    ("day", "refused"),
    [
        (date(2026, 2, 28), True),
        (SPAN.first, False),
        (SPAN.last, False),
        (date(2026, 9, 1), True),
    ],
)
def test_a_deadline_lies_in_the_campaign(day: date, refused: bool) -> None:
    found = [f.say for f in said("due_on", day) if f.refuses]
    assert found == ["整改时限要在专项行动期间（2026-03-01至2026-08-31）。"] * refused
    assert said("due_on", day, None) == []


def test_an_event_of_nothing_but_appraisal_is_no_event() -> None:
    (found,) = said("event", "有时服务态度不够好，工作效率有待提高。")
    words = "有时服务态度不够好，工作效率有待提高"
    say = f"「{words}」没有写是哪一次：请补上哪一天、在哪里、对谁、做了什么。"
    assert found == Finding("event", words, say, refuses=True)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("event", "5月12日接待李某时，态度不够热情。", "5月12日接待李某时，态度不够热情"),
        ("event", "共查摆出3个方面8条问题，标准不高。", "共查摆出3个方面8条问题，标准不高"),
        ("event", "如果遇到群众来办事，可能会态度不好。", "如果遇到群众来办事，可能会态度不好"),
        ("cause", "人手少、任务重。", "人手少、任务重"),
        ("cause", "思想认识不到位，学习不够。", "思想认识不到位，学习不够"),
        ("root_cause", "宗旨意识淡薄。", "宗旨意识淡薄"),
        ("direction", "进一步改进作风。", "进一步改进作风"),
        ("measures", "加强学习，提高认识。", "加强学习，提高认识"),
        ("measures", "每天登记；长期坚持。", "长期坚持"),
        ("place", "单位", "单位"),
    ],
)
def test_a_warning_names_the_words(name: str, value: str, words: str) -> None:
    (found,) = said(name, value)
    assert (found.field, found.words) == (name, words)
    assert found.say.startswith(f"「{words}」")


def test_a_short_text_is_counted() -> None:
    (found,) = said("event", "压了 9 天。")
    assert found.say.startswith("只写了 4 个字")
    assert not found.refuses


def test_only_the_empty_sentence_is_named_and_a_long_one_is_cut() -> None:
    text = "切实" + "提高认识" * 20 + "。每天登记。"
    assert [f.words for f in said("measures", text)] == ["切实" + "提高认识" * 6 + "提高认…"]


def test_a_template_is_named_as_one() -> None:
    (found,) = said(
        "event", "对待群众态度冷漠，言语生硬，缺乏耐心和热情，甚至对群众耍威风、摆架子。"
    )
    assert "和常见的范文一样" in found.say


def test_long_term_with_its_reason_is_fine() -> None:
    assert said("measures", "每月10日前清一遍台账，长期坚持到诉讼结束。") == []


def test_spaces_width_and_line_breaks_change_nothing() -> None:
    assert said("event", "3 月 12 日\n李某来问低保，\n我让他跑了 ３ 趟。") == []
    assert details("３ 趟", ("number",)) == {"number"}


def test_the_pieces() -> None:
    assert sentences("甲。乙！\n；丙") == ["甲", "乙", "丙"]
    assert emptiness("加强学习！") == 1.0
    assert emptiness("👍。") == 0.0


def test_every_rule_is_complete() -> None:
    assert list(NAMES) == ["title", *MISSING] == list(Text.__dataclass_fields__)
    assert {name for row in RULES["phrases"] for name in row["fields"]} <= set(FIELDS)
    kinds = {kind for field in FIELDS.values() for kind in field.kinds}
    assert kinds == set(RULES["details"])
    says = [row["say"] for row in RULES["phrases"]] + [field.vague for field in FIELDS.values()]
    assert all("「{words}」" in say and say.endswith("。") for say in says)


# ---- the measure ----------------------------------------------------------------------------


def test_the_labelled_set_is_large_and_of_every_kind() -> None:
    rows = [item for half in HALVES for item in items(half)]
    compared = [pair for half in HALVES for pair in pairs(half)]
    kinds = (
        sum(not item.vague for item in rows),
        sum(bool(item.vague) for item in rows),
        sum(pair.is_copy for pair in compared),
        sum(not pair.is_copy for pair in compared),
    )
    assert kinds == (142, 134, 64, 16)


def _reaches(score: Score, least: float = 0.9) -> bool:
    return score.precision >= least and score.recall >= least


@pytest.mark.parametrize("half", HALVES)
def test_vague_items_are_told_from_concrete_ones(half: str) -> None:
    assert _reaches(score_of_items(half))


def test_copies_are_found() -> None:
    assert _reaches(score_of_copies(HELD_OUT))


def test_no_concrete_item_is_refused() -> None:
    """A wrong warning costs a glance, a wrong refusal an honest person's patience."""
    rows = [item for half in HALVES for item in items(half)]
    assert [item.key for item in rows if not item.vague and _refused(item)] == []
    assert sum(_refused(item) for item in rows) >= 40


def _refused(item: Item) -> bool:
    return any(finding.refuses for finding in check(item.text))


def test_the_measure_falls_without_the_check_of_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("issues.concreteness.checking._vague", lambda *_: [])
    assert not _reaches(score_of_items(HELD_OUT))


def test_a_title_of_stock_phrases_is_named() -> None:
    found = check(Text(title="有时工作不够扎实，有待加强"))
    (said,) = [each for each in found if each.field == "title"]
    assert (said.words, said.refuses) == ("有时工作不够扎实，有待加强", False)
    for title in ("群众申请低保材料被搁置9天", "春播补贴迟迟没有到户", ""):
        assert [each for each in check(Text(title=title)) if each.field == "title"] == []
