"""The numbers under which targets are registered, and how a wrong one is told."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

from core.columns import Rejected
from visits.choices import Fault

CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: no I, O, S, V, Z
AUTHORITIES = "123456789ANY"  # first characters in use; new ones may come
CREDIT_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
IDENTITY_LENGTH = 18
HIDDEN = "（证件号码，已隐去）"
_APART = r"[\s\-\u2010-\u2015·.]*"  # what people write between the parts
_DIGIT = "[0-9０-９]"
_CENTURY = f"(?:[1１]{_APART}[9９]|[2２]{_APART}[0０])"
_IDENTITY = re.compile(  # six digits of a place, a day of birth, three digits and the check digit
    f"(?<!{_DIGIT})"
    + _APART.join(["[1-9１-９]", *[_DIGIT] * 5, _CENTURY, *[_DIGIT] * 9, "[0-9０-９XxＸｘ]"])
    + "(?![0-9０-９A-Za-z])"
)
_SIGN = re.compile("[0-9０-９XxＸｘ]")
_IDENTITY_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
_HOUSEHOLD_CODE = re.compile(r"[0-9A-Za-z-]{1,24}")


def check_household_code(text: str) -> str:
    if not _HOUSEHOLD_CODE.fullmatch(text):
        raise Rejected(Fault.FORMAT, f"「{text}」应为数字、字母或短横，不超过 24 位")
    return text


def check_credit_code(text: str) -> str:
    """The code in capitals if it holds the check digit of GB 32100-2015. Raises Rejected."""
    code = text.upper()
    if len(code) != 18:
        raise Rejected(Fault.CREDIT_CODE, f"「{text}」有 {len(code)} 位，应为 18 位")
    for place, letter in enumerate(code, start=1):
        if letter not in CREDIT_ALPHABET:
            raise Rejected(
                Fault.CREDIT_CODE,
                f"「{text}」第 {place} 位「{letter}」不会出现在信用代码里"
                "（没有字母 I、O、S、V、Z），请按执照核对",
            )
    if code[17] != credit_check_digit(code[:17]):
        raise Rejected(Fault.CREDIT_CODE, f"「{text}」校验位不对，可能抄错了某一位，请按执照核对")
    return code


def credit_check_digit(body: str) -> str:
    """The 18th character: (31 − ΣC·W mod 31) mod 31, as a letter of the alphabet."""
    pairs = zip(body, CREDIT_WEIGHTS, strict=True)
    total = sum(CREDIT_ALPHABET.index(letter) * weight for letter, weight in pairs)
    return CREDIT_ALPHABET[-total % 31]


def is_of_known_authority(code: str) -> bool:
    """Whether the first character of a credit code is one that is given out."""
    return code[0] in AUTHORITIES


def holds_identity(text: str) -> bool:
    """Whether a number of an identity card stands in the text, by its day and check digit.

    For codes: 18 digits of which a day could be read are as often a code.
    """
    return any(is_together and _has_check_digit(number) for number, is_together in _numbers(text))


def resembles_identity(text: str) -> bool:
    """Whether 18 signs with a possible day of birth stand in the text, together or apart.

    For names and addresses, where no number of that length has a place: a slip of the pen in
    one digit makes it no less somebody's number.
    """
    return any(_numbers(text))


def without_identity(text: str) -> str:
    """The text with such numbers left out."""
    return _IDENTITY.sub(_hidden, text)


def _numbers(text: str) -> Iterator[tuple[str, bool]]:
    """The numbers with a possible day, and whether nothing stands between their signs."""
    if len(text) < IDENTITY_LENGTH:
        return
    for found in _IDENTITY.finditer(text):
        if number := _number(found):
            yield number, len(found.group()) == IDENTITY_LENGTH


def _number(found: re.Match[str]) -> str:
    """The 18 signs without what stands between them; empty if no day of birth is in them."""
    number = unicodedata.normalize("NFKC", "".join(_SIGN.findall(found.group()))).upper()
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return ""
    return number


def _hidden(found: re.Match[str]) -> str:
    return HIDDEN if _number(found) else found.group()


def _has_check_digit(number: str) -> bool:
    """GB 11643: the last digit follows from the seventeen before it."""
    pairs = zip(number, _IDENTITY_WEIGHTS, strict=False)
    total = sum(int(digit) * weight for digit, weight in pairs)
    return number[17] == "10X98765432"[total % 11]
