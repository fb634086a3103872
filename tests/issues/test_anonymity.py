"""Names are taken out whole, whatever lies around and across them; doubts are marked."""

import itertools

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from issues import anonymity
from issues.anonymity import (
    Kind,
    Name,
    forms_of_person,
    forms_of_place,
    forms_of_unit,
    left_in,
    mask,
    masked,
)

FEW = "甲乙丙丁"  # few signs, so that names overlap, touch and stand within one another
words = st.sampled_from(
    ["".join(each) for length in (2, 3) for each in itertools.product(FEW, repeat=length)]
)
names = st.lists(
    st.builds(Name, words, st.sampled_from(Kind), st.booleans()), min_size=1, max_size=6
)
texts = st.text(FEW + " \n，Ａa1", max_size=60)


def bare(text: str) -> str:
    return "".join(text.split())


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine
@given(texts, names)
def test_no_name_given_to_it_survives(text: str, names: list[Name]) -> None:
    left = masked(mask(text, names))
    assert [each.word for each in names if each.word in bare(left)] == []


def test_a_mask_that_stops_at_the_first_name_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The property above, with overlapping finds dropped instead of joined."""
    monkeypatch.setattr(anonymity, "_joined", lambda one, other: one)
    given = [Name("甲乙", Kind.PERSON), Name("乙丙丁", Kind.PLACE)]
    (_, rest) = mask("甲乙丙丁", given)
    assert (rest.text, rest.kind) == ("丙丁", None)  # half a name is left


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine
@given(texts, names)
def test_the_pieces_are_the_text(text: str, names: list[Name]) -> None:
    assert "".join(piece.text for piece in mask(text, names)) == text


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine
@given(texts, names)
def test_what_is_no_name_stays(text: str, names: list[Name]) -> None:
    folded = bare(text).lower()
    assume(not any(each.word in folded for each in names))
    assert masked(mask(text, names)) == text


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine
@given(texts, names)
def test_nothing_is_left_to_name_afterwards(text: str, names: list[Name]) -> None:
    assert left_in(masked(mask(text, names)), names) == []


def test_names_across_one_another_are_one_piece_and_a_doubt() -> None:
    given = [Name("王小明", Kind.PERSON), Name("明德村", Kind.PLACE)]
    (_, piece, _) = mask("找王小明德村里", given)
    assert (piece.text, piece.kind, piece.doubtful) == ("王小明德村", Kind.PERSON, True)


def test_a_name_within_a_longer_one_is_not_looked_at_apart() -> None:
    given = [Name("东阿县住建局", Kind.UNIT), Name("东阿县", Kind.PLACE)]
    assert masked(mask("东阿县住建局和东阿县", given)) == "某单位和某地"


def test_an_everyday_word_is_taken_out_and_marked() -> None:
    pieces = mask("群众很高兴", forms_of_person("高兴"))
    assert [(each.text, each.doubtful) for each in pieces] == [("群众很", False), ("高兴", True)]
    assert left_in("群众很高兴", forms_of_person("高兴")) == []


def test_of_those_who_had_to_do_with_it_short_names_are_no_doubt() -> None:
    assert left_in("高兴说", forms_of_person("高兴", sure=True)) == ["高兴"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("张三丰压了9天", "某某压了9天"),
        ("张 三丰压了9天", "某某压了9天"),
        ("三丰和老张找张局长", "某某和某某找某某"),
        ("电话13800001234", "电话某号码"),
        ("座机0635-3282345转", "座机某号码转"),
        ("身份证37152419900101123X", "身份证某号码"),
        ("１３８００００１２３４", "某号码"),
        ("见W000123", "见某号码"),
        ("9月3日，2026-09-03，压了9天，1200户", "9月3日，2026-09-03，压了9天，1200户"),
    ],
)
def test_how_people_write_names_and_numbers(text: str, shown: str) -> None:
    assert masked(mask(text, forms_of_person("张三丰"))) == shown


def test_width_and_case_do_not_save_a_name() -> None:
    assert masked(mask("问ＣＡＤＲＥ甲", [Name("cadre甲", Kind.PERSON)])) == "问某某"


def test_short_forms_of_units_and_places() -> None:
    unit = {each.word for each in forms_of_unit("东阿县住建局", ["聊城市", "东阿县"])}
    assert unit == {"东阿县住建局", "县住建局", "住建局"}
    assert [each.word for each in forms_of_place("前关村村委会")] == [
        "前关村村委会",
        "前关村",
        "前关",
    ]
    assert [each.word for each in forms_of_place("刘集镇")] == ["刘集镇", "刘集"]


def test_a_single_sign_is_no_name() -> None:
    assert list(forms_of_person("张")) == []
    assert masked(mask("张", [Name("张", Kind.PERSON)])) == "张"
