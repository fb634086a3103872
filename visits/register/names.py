"""What people leave out of a name, or write in more than one way."""

from functools import reduce

# The database does the same to ``Target.alike``: a change here is a migration there.
LEFT_OUT = (
    "有限责任公司",
    "股份有限公司",
    "有限公司",
    "公司",
    "省",
    "市",
    "县",
    "区",
    "(",
    ")",
    "（",
    "）",
    "·",
    "•",
    "-",
    " ",
)
_SMALL = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def place_and_name(area_id: int, name: str) -> str:
    """Equal for entries of one area whose names are nearly the same."""
    folded = reduce(lambda text, part: text.replace(part, ""), LEFT_OUT, name.translate(_SMALL))
    return f"{area_id}:{folded}"
