"""What of a person's data everybody may see (domain §7.5). Pure, and total on any text."""

import re

HIDDEN = "***"
_COMPOUND_SURNAME = re.compile(
    "欧阳|太史|端木|上官|司马|东方|独孤|南宫|万俟|闻人|夏侯|诸葛|尉迟|公羊|赫连|澹台|皇甫|宗政|濮阳|公冶"
    "|太叔|申屠|公孙|慕容|仲孙|钟离|长孙|宇文|司徒|鲜于|司空|闾丘|亓官|司寇|巫马|公西|颛孙|漆雕|乐正|宰父"
    "|谷梁|拓跋|轩辕|令狐|段干|百里|呼延|东郭|南门|羊舌|微生|梁丘|左丘|西门|第五|即墨|达奚|褚师|纳兰|完颜"
)


def mask_all(text: str) -> str:
    """Nothing but that there is something."""
    return HIDDEN if text else ""


def mask_phone(text: str) -> str:
    """138****5678; of a number shorter than a mobile's only the last two digits."""
    text = text.strip()
    if len(text) >= 11:
        return f"{text[:3]}****{text[-4:]}"
    return f"****{text[-2:]}" if len(text) >= 7 else "****"[: 4 * bool(text)]


def mask_name(text: str) -> str:
    """The family name: 张*, 欧阳*."""
    text = text.strip()
    if len(text) > 2 and _COMPOUND_SURNAME.match(text):
        return f"{text[:2]}*"
    return f"{text[:1]}*" if text else ""


# Each level at most once, from the province down to the village. A level's name holds no
# digit and no word of a road or a house; 小区, 市场 and the like are no level.
_NAME = r"[一-鿿]"
_ROAD = r"(?!街道)[路街道号巷弄组栋幢楼室户]"
_STEP = rf"(?:(?!{_ROAD}){_NAME}){{1,8}}?"
_LEVELS = (
    rf"(?:{_STEP}(?:省|自治区))?",
    rf"(?:{_STEP}(?:市(?!场)|自治州|地区))?",
    rf"(?:{_STEP}(?:县(?!城|医)|(?<![小厂校库社])区|市(?!场)|旗))?",
    rf"(?:{_STEP}(?:街道(?:办事处)?|镇|乡))?",
    rf"(?:{_STEP}(?:社区|村(?:民委员会|委会)?|居委会))?",
)
_TO_VILLAGE = re.compile("".join(_LEVELS))


def mask_address(text: str) -> str:
    """The address down to the village; what is finer, or cannot be told apart, is hidden."""
    text = text.strip()
    found = _TO_VILLAGE.match(text)
    shown = found.group() if found else ""
    return shown if shown == text else f"{shown}{HIDDEN}"
