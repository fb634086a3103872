"""Telephone numbers as people write them, and the one way they are kept."""

import re
from unicodedata import normalize

_MOBILE = re.compile(r"1[3-9]\d{9}")
_SERVICE = re.compile(r"[48]00\d{7}")
_LANDLINE = re.compile(r"(0(?:10|2\d|[3-9]\d\d))?([2-8]\d{6,7})")
_SEPARATORS = re.compile(r"[\s\-—－–()（）.·]+")
_COUNTRY = re.compile(r"^(?:\+|00)86(?=[01])")


def parse_phone(text: str) -> str:
    """13812345678, 0635-8241234, 8241234 or 4001234567; raises ValueError for anything else."""
    digits = _COUNTRY.sub("", _SEPARATORS.sub("", normalize("NFKC", text)), count=1)
    if not digits.isascii():
        raise ValueError(_REFUSAL)
    if _MOBILE.fullmatch(digits) or _SERVICE.fullmatch(digits):
        return digits
    landline = _LANDLINE.fullmatch(digits)
    if not landline:
        raise ValueError(_REFUSAL)
    code, number = landline.groups()
    return f"{code}-{number}" if code else number


def phone_in(text: str) -> str:
    """The number that the text is, as a whole; empty when it is none."""
    try:
        return parse_phone(text)
    except ValueError:
        return ""


_REFUSAL = "应为 11 位手机号，或带区号的固定电话（如 0635-8241234）"
