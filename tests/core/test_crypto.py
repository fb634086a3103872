"""Ciphertexts, the blind index and the key file: what opens, and what says why it does not."""

import json
import stat
import threading
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from core import crypto, keyring
from core.keyring import FIELD, INDEX, KeyringError, KeySet

LABEL = "visits.Target.phone"
PLAIN = "13812345678"
SUITES = ("international", "sm")


@pytest.fixture(autouse=True)
def keys(settings: Settings, tmp_path: Path) -> Path:
    """A key file of the test's own."""
    settings.CRYPTO_SUITE = "international"
    settings.FIELD_KEYS_FILE = tmp_path / "keys.json"
    keyring.ensure(settings.FIELD_KEYS_FILE)
    return settings.FIELD_KEYS_FILE


def refusal(stored: str, label: str = LABEL) -> str:
    with pytest.raises(crypto.CannotDecrypt) as caught:
        crypto.unseal(stored, label)
    return str(caught.value)


@pytest.mark.parametrize(("suite", "scheme"), [("international", "aes"), ("sm", "sm4")])
def test_a_value_opens_again(settings: Settings, suite: str, scheme: str) -> None:
    settings.CRYPTO_SUITE = suite
    stored = crypto.seal("利民路 12 号", LABEL)
    assert stored.startswith(f"{scheme}.{crypto.present().field.current}.")
    assert crypto.is_sealed(stored)
    assert crypto.unseal(stored, LABEL) == "利民路 12 号"
    assert crypto.seal("利民路 12 号", LABEL) != stored  # a nonce of its own each time


def test_both_suites_can_be_read_whichever_is_set(settings: Settings) -> None:
    stored = {}
    for suite in SUITES:
        settings.CRYPTO_SUITE = suite
        stored[suite] = crypto.seal(PLAIN, LABEL)
    assert [crypto.unseal(stored[suite], LABEL) for suite in SUITES] == [PLAIN, PLAIN]


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("place", [0, 11, 12, 20, -1])
def test_a_changed_text_does_not_open(settings: Settings, suite: str, place: int) -> None:
    settings.CRYPTO_SUITE = suite
    head, name, text = crypto.seal(PLAIN, LABEL).split(".")
    raw = bytearray(crypto.base64.urlsafe_b64decode(text))
    raw[place] ^= 1
    changed = f"{head}.{name}.{crypto.base64.urlsafe_b64encode(bytes(raw)).decode()}"
    assert refusal(changed).startswith("visits.Target.phone 的密文与密钥对不上：内容被改动过")


def test_a_text_moved_to_another_column_does_not_open() -> None:
    stored = crypto.seal(PLAIN, LABEL)
    assert "从别的列移来" in refusal(stored, "visits.Target.address")


def test_the_label_is_what_holds_it_in_its_column(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the control switched off the same move succeeds."""
    monkeypatch.setattr(crypto, "_bound", lambda *parts: b"")
    assert crypto.unseal(crypto.seal(PLAIN, LABEL), "visits.Target.address") == PLAIN


def test_a_text_taken_for_the_other_scheme_does_not_open() -> None:
    scheme, rest = crypto.seal(PLAIN, LABEL).split(".", 1)
    assert scheme == "aes"
    assert "对不上" in refusal(f"sm4.{rest}")


@pytest.mark.parametrize(
    "stored", ["13812345678", "aes.x", "aes.12345678.!", "x.12345678.AAAA", ""]
)
def test_what_is_no_ciphertext_is_told_as_such(stored: str) -> None:
    assert refusal(stored) == f"{LABEL} 里的内容不是密文。请从备份中核对数据库"


def test_a_missing_key_is_named_with_the_file(keys: Path) -> None:
    stored = crypto.seal(PLAIN, LABEL)
    name = crypto.present().field.current
    keys.unlink()
    keyring.ensure(keys)
    assert refusal(stored) == (
        f"{LABEL} 的密文要用密钥 {name} 打开，密钥文件「{keys}」里没有它。"
        "请恢复与这份数据库一起备份的密钥文件，再重新启动"
    )


def test_a_wrong_key_under_the_right_name(keys: Path) -> None:
    stored = crypto.seal(PLAIN, LABEL)
    ring = crypto.present()
    wrong = KeySet(ring.field.current, {ring.field.current: b"x" * 32}, {})
    keyring.write(keys, ring.put(FIELD, wrong))
    assert f"密钥文件「{keys}」不是原来那一份" in refusal(stored)


def test_a_lost_key_file_is_named(keys: Path) -> None:
    keys.unlink()
    with pytest.raises(KeyringError, match="找不到密钥文件"):
        crypto.seal(PLAIN, LABEL)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: "",
        lambda content: content[:-20],
        lambda content: content.replace('"current": "', '"current": "x'),
        lambda content: "[]",
        lambda content: json.dumps({FIELD: {}, INDEX: {}}),
    ],
)
def test_a_spoilt_key_file_is_named(keys: Path, spoil: object) -> None:
    keys.write_text(spoil(keys.read_text()))
    with pytest.raises(KeyringError, match="已损坏。请从备份中恢复它"):
        keyring.read(keys)


@pytest.mark.parametrize("suite", SUITES)
def test_equal_values_have_one_index_and_others_another(settings: Settings, suite: str) -> None:
    settings.CRYPTO_SUITE = suite
    index = crypto.blind_index(PLAIN, LABEL)
    assert crypto.blind_index("138-1234 5678", LABEL) == index
    assert len(index.rsplit(".", 1)[1]) == 32
    assert PLAIN not in index
    assert len({index, crypto.blind_index("13812345679", LABEL)}) == 2
    assert len({index, crypto.blind_index(PLAIN, "organisation.User.phone")}) == 2
    assert crypto.blind_index("", LABEL) == crypto.blind_index(" - ", LABEL) == ""


def test_an_index_is_found_under_former_keys_and_in_the_other_suite(
    settings: Settings, keys: Path
) -> None:
    before = crypto.blind_index(PLAIN, LABEL)
    keyring.write(keys, crypto.present().put(INDEX, crypto.present().index.with_new_key(0)))
    settings.CRYPTO_SUITE = "sm"
    now = crypto.blind_index(PLAIN, LABEL)
    assert now != before
    assert {before, now} <= set(crypto.blind_indexes(PLAIN, LABEL))
    assert crypto.blind_indexes("", LABEL) == []


def test_a_new_key_is_taken_up_without_a_restart(keys: Path) -> None:
    before = crypto.seal(PLAIN, LABEL)
    keyring.write(keys, crypto.present().put(FIELD, crypto.present().field.with_new_key(0)))
    after = crypto.seal(PLAIN, LABEL)
    assert before.split(".")[1] != after.split(".")[1]
    assert [crypto.unseal(text, LABEL) for text in (before, after)] == [PLAIN, PLAIN]


def test_only_the_owner_may_read_the_key_file(keys: Path) -> None:
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    keyring.write(keys, crypto.present())
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    assert list(keys.parent.iterdir()) == [keys]


def test_the_file_is_made_once_by_however_many_at_once(tmp_path: Path) -> None:
    path, found = tmp_path / "new" / "keys.json", set()
    barrier = threading.Barrier(8)

    def start() -> None:
        barrier.wait()
        keyring.ensure(path)
        found.add(keyring.read(path).field.current)

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1
    assert list(path.parent.iterdir()) == [path]


def test_two_rotations_do_not_change_the_keys_at_once(keys: Path) -> None:
    with (
        keyring.locked(keys),
        pytest.raises(KeyringError, match="另一个密钥轮换正在进行"),
        keyring.locked(keys),
    ):
        pass


@pytest.mark.parametrize("suite", ["international", "sm"])
@pytest.mark.parametrize("value", ["", "13800000000", "利民路 12 号", "０５３5-6", "--"])
def test_many_values_are_sealed_like_one(settings, suite: str, value: str) -> None:
    settings.CRYPTO_SUITE = suite
    sealed = crypto.sealer("a.B.c")(value)
    assert (crypto.unseal(sealed, "a.B.c") if sealed else "") == value
    assert crypto.indexer("a.B.c")(value) == crypto.blind_index(value, "a.B.c")


def test_two_sealed_texts_of_one_value_differ() -> None:
    sealed = crypto.sealer("a.B.c")
    assert sealed("13800000000") != sealed("13800000000")
