"""How much of a person's data a mask leaves, for the usual values and for any others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.masking import HIDDEN, mask_address, mask_all, mask_name, mask_phone
from core.phones import parse_phone, phone_in


@pytest.mark.parametrize(
    ("plain", "masked"),
    [
        ("13812345678", "138****5678"),
        (" 13812345678 ", "138****5678"),
        ("0635-8241234", "063****1234"),
        ("4001234567", "****67"),
        ("8241234", "****34"),
        ("12345", "****"),
        ("1", "****"),
        ("", ""),
    ],
)
def test_phone(plain: str, masked: str) -> None:
    assert mask_phone(plain) == masked


@pytest.mark.parametrize(
    ("plain", "masked"),
    [
        ("张建国", "张*"),
        ("张三", "张*"),
        ("张", "张*"),
        ("欧阳修", "欧阳*"),
        ("司马相如", "司马*"),
        ("欧阳", "欧*"),
        ("阿卜杜拉·买买提", "阿*"),
        ("John Smith", "J*"),
        (" ", ""),
        ("", ""),
    ],
)
def test_name(plain: str, masked: str) -> None:
    assert mask_name(plain) == masked


@pytest.mark.parametrize(
    ("plain", "masked"),
    [
        ("东阿县刘集镇前关村3组12号", "东阿县刘集镇前关村***"),
        ("山东省聊城市东阿县刘集镇前关村", "山东省聊城市东阿县刘集镇前关村"),
        ("前关村村民委员会东邻", "前关村***"),
        ("柳园街道利民社区利民路 12 号", "柳园街道利民社区***"),
        ("柳园街道办事处", "柳园街道办事处"),
        ("柳园街道", "柳园街道"),
        ("利民路 12 号", "***"),
        ("黄河路前关村", "***"),
        ("阳光小区3号楼", "***"),
        ("东关市场12号", "***"),
        ("12号", "***"),
        ("", ""),
    ],
)
def test_address(plain: str, masked: str) -> None:
    assert mask_address(plain) == masked


def test_everything() -> None:
    assert (mask_all("甲"), mask_all("")) == (HIDDEN, "")


texts = st.text() | st.text("0123456789张欧阳省市县区镇乡街道村社路号-（） ", max_size=30)


@given(texts)
def test_a_phone_never_shows_more_than_seven_characters(text: str) -> None:
    masked = mask_phone(text)
    assert len(masked.replace("*", "")) <= 7
    assert len(text.strip()) < 11 or masked[3:7] == "****"


@given(texts)
def test_a_name_never_shows_more_than_two_characters_nor_all_of_three(text: str) -> None:
    shown = mask_name(text).removesuffix("*")
    assert len(shown) <= 2
    assert text.strip().startswith(shown)
    assert len(text.strip()) < 3 or len(shown) < len(text.strip())


@given(texts)
def test_an_address_shows_no_digit_and_nothing_behind_the_village(text: str) -> None:
    masked = mask_address(text)
    shown = masked.removesuffix(HIDDEN)
    assert text.strip().startswith(shown)
    assert not any(letter.isdigit() for letter in shown)
    assert not shown or shown[-1] in "省区市州县旗道处镇乡村会"
    assert len(shown) <= 5 * (8 + 5)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("13812345678", "13812345678"),
        ("13910086012", "13910086012"),
        (" 138 1234 5678", "13812345678"),
        ("138-1234-5678", "13812345678"),
        ("+86 13812345678", "13812345678"),
        ("００８６１３８１２３４５６７８", "13812345678"),
        ("0635-8241234", "0635-8241234"),
        ("（0635）8241234", "0635-8241234"),
        ("06358241234", "0635-8241234"),
        ("010-62345678", "010-62345678"),
        ("8241234", "8241234"),
        ("400-123-4567", "4001234567"),
    ],
)
def test_a_number_is_kept_in_one_way(written: str, kept: str) -> None:
    assert parse_phone(written) == kept
    assert parse_phone(kept) == kept


@pytest.mark.parametrize(
    "text",
    ["", "1381234567", "12812345678", "138123456789", "0635-1241234", "张三", "371524100201"],
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="应为 11 位手机号"):
        parse_phone(text)
    assert phone_in(text) == ""


@given(texts)
def test_a_parsed_number_stays_itself(text: str) -> None:
    number = phone_in(text)
    assert number == "" or parse_phone(number) == number
