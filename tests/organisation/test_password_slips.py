"""The slips of new people: read back from the PDF, and the quick hash behind them."""

import io
import zipfile
from datetime import date

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher, check_password, identify_hasher
from pypdf import PdfReader

from core.hashers import InitialPasswordHasher, hash_of_initial
from organisation.exports import slips
from organisation.exports.slips import SLIPS_PER_PAGE, draw_slips
from organisation.passwords import READABLE
from organisation.services.imports import Slip
from organisation.services.imports.roster import new_password

UNTIL = date(2026, 12, 6)
SITE = "https://bf.example"


def slip(number: int) -> Slip:
    return Slip(
        f"张{number}", "东阿县住建局", f"N-{number:03}", f"abcd-efgh-jkmn-{number:04}", UNTIL
    )


def pages_of(content: bytes) -> list[str]:
    pages = (page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    return ["".join(page.split()) for page in pages]


def test_each_slip_has_what_its_owner_needs() -> None:
    handed = draw_slips([slip(n) for n in range(12)], SITE, lambda done, total: None)
    first, second = pages_of(handed.file.read())
    assert (first.count("登录名N-"), second.count("登录名N-")) == (SLIPS_PER_PAGE, 2)
    for word in ("张3", "东阿县住建局", "N-003", "abcd-efgh-jkmn-0003", "2026年12月6日"):
        assert first.count(word) >= 1
    assert f"{SITE}/login/" in first
    assert (handed.name, handed.keep_hours, handed.once) == ("初始密码条-12人.pdf", 24, True)


def test_many_slips_come_as_several_pdfs(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that setting them takes the memory of one part."""
    monkeypatch.setattr(slips, "SLIPS_PER_PDF", 10)
    done: list[tuple[int, int]] = []
    handed = draw_slips(
        [slip(n) for n in range(25)], SITE, lambda part, whole: done.append((part, whole))
    )
    with zipfile.ZipFile(handed.file) as archive:
        texts = ["".join(pages_of(archive.read(name))) for name in archive.namelist()]
    assert [text.count("登录名N-") for text in texts] == [10, 10, 5]
    assert (handed.name, done) == ("初始密码条-25人.zip", [(10, 25), (20, 25), (25, 25)])


def test_a_name_is_text_and_not_markup() -> None:
    nasty = Slip("<b>张</b>", "局<img src=x>", "N-1", "abcd", UNTIL)
    (page,) = pages_of(draw_slips([nasty], SITE, lambda done, total: None).file.read())
    assert "<b>张</b>" in page


def test_an_import_draws_eighty_bits() -> None:
    password = new_password()
    signs = password.replace("-", "")
    assert (len(signs), len(READABLE)) == (16, 32)
    assert set(signs) <= set(READABLE)
    assert new_password() != password


@pytest.fixture
def hashers(settings) -> None:
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher",
        "core.hashers.InitialPasswordHasher",
    ]


@pytest.mark.usefixtures("hashers")
def test_the_quick_hash_is_right_salted_and_to_be_replaced() -> None:
    first, second = hash_of_initial("abcd"), hash_of_initial("abcd")
    replaced: list[str] = []
    assert first != second
    assert isinstance(identify_hasher(first), InitialPasswordHasher)
    assert check_password("abcd", first, setter=replaced.append)
    assert replaced == ["abcd"]


@pytest.mark.usefixtures("hashers")
def test_a_wrong_password_costs_what_it_costs_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the time would tell which accounts wait for their first sign-in."""
    worked: list[str] = []
    real = MD5PasswordHasher.encode

    def encode(self: MD5PasswordHasher, password: str, salt: str) -> str:
        worked.append(password)
        return real(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", encode)
    assert not check_password("wrong", hash_of_initial("abcd"))
    assert worked == ["wrong"]
