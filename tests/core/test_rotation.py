"""New keys for old rows: nothing is lost on the way, and a broken rotation goes on."""

import io
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import models
from pytest_django.fixtures import Settings

from core import crypto, keyring, rotation
from core.fields import BlindIndexField, EncryptedField
from core.keyring import FIELD, INDEX
from core.models import AuditEntry
from tests.personas import World
from visits.models import Target

PHONES = [f"1381234567{n}" for n in range(5)]


@pytest.fixture(autouse=True)
def keys(settings: Settings, tmp_path: Path) -> Path:
    settings.CRYPTO_SUITE = "international"
    settings.FIELD_KEYS_FILE = tmp_path / "keys.json"
    keyring.ensure(settings.FIELD_KEYS_FILE)
    return settings.FIELD_KEYS_FILE


@pytest.fixture
def targets(world: World) -> list[Target]:
    made = world.households(5)
    for target, phone in zip(made, PHONES, strict=True):
        target.phone, target.address = phone, "前关村 3 组"
        target.save()
    return made


def run(*options: str) -> str:
    said = io.StringIO()
    call_command("rotate_keys", *options, stdout=said)
    return said.getvalue()


def phones() -> list[str]:
    return [target.phone.open() for target in Target.objects.order_by("pk")]


def found() -> list[str]:
    return [Target.objects.with_phone(phone).get().phone.open() for phone in PHONES]


def later(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time() + rotation.HOLD_SECONDS + 60
    monkeypatch.setattr(rotation.time, "time", lambda: now)


def test_every_encrypted_column_of_every_model_takes_part() -> None:
    """A new field is found by walking the models; this list only shows that it is."""
    names = [f"{model._meta.label}.{field.name}" for model, field in rotation.columns(FIELD)]
    assert {"visits.Target.address", "visits.Target.phone"} <= set(names)
    assert "visits.Target.phone_index" in [
        f"{model._meta.label}.{field.name}" for model, field in rotation.columns(INDEX)
    ]


def test_rows_stand_under_the_new_key_and_read_the_same(targets: list[Target]) -> None:
    old = crypto.present().field.current
    said = run()
    new = crypto.present().field.current
    assert new != old
    assert rotation.prefixes(Target, "phone") == {f"aes.{new}": 5}
    assert rotation.prefixes(Target, "address") == {f"aes.{new}": 5}
    assert (phones(), found()) == (PHONES, PHONES)
    assert "visits.Target.phone：重写 5 行" in said
    entry = AuditEntry.objects.get(act="core.rotate_keys", subject="visits.Target:")
    assert (entry.detail["key"], entry.detail["rows"]["visits.Target.phone"]) == (new, 5)


def test_a_rotation_that_was_killed_goes_on_with_its_key(
    targets: list[Target], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 2)
    batches = rotation._batches

    def until_killed(model: type[models.Model], *rest: object) -> object:
        for number, batch in enumerate(batches(model, *rest)):
            if model is Target and number == 1:
                raise KeyboardInterrupt
            yield batch

    old = crypto.present().field.current
    monkeypatch.setattr(rotation, "_batches", until_killed)
    with pytest.raises(KeyboardInterrupt):
        run()
    half = crypto.present().field
    assert (half.is_rotating, half.current != old) == (True, True)
    assert rotation.prefixes(Target, "address") == {f"aes.{half.current}": 2, f"aes.{old}": 3}
    assert (phones(), found()) == (PHONES, PHONES)  # in the middle of it
    with pytest.raises(CommandError, match="上一次轮换没有做完"):
        run("--retire")

    monkeypatch.setattr(rotation, "_batches", batches)
    run()
    assert crypto.present().field.current == half.current
    assert not crypto.present().field.is_rotating
    assert rotation.prefixes(Target, "address") == {f"aes.{half.current}": 5}
    assert phones() == PHONES


def test_a_row_written_in_between_keeps_its_newer_value(
    targets: list[Target], monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = rotation._replace

    def with_somebody_writing(model: type[models.Model], name: str, rows: list) -> int:
        if (model, name) == (Target, "phone"):
            Target.objects.filter(pk=targets[0].pk).update(phone="0635-8241234")
        return replace(model, name, rows)

    monkeypatch.setattr(rotation, "_replace", with_somebody_writing)
    run()
    assert phones() == ["0635-8241234", *PHONES[1:]]


def test_index_keys_change_and_the_search_never_stops(
    targets: list[Target], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 2)
    old = crypto.present().index.current
    batches = rotation._batches

    def searched(model: type[models.Model], *rest: object) -> object:
        for batch in batches(model, *rest):
            assert found() == PHONES
            yield batch

    monkeypatch.setattr(rotation, "_batches", searched)
    run("--index")
    new = crypto.present().index.current
    assert new != old
    assert rotation.prefixes(Target, "phone_index") == {f"sha.{new}": 5}
    assert found() == PHONES


def test_the_national_suite_is_switched_in_by_a_rotation(
    targets: list[Target], settings: Settings
) -> None:
    settings.CRYPTO_SUITE = "sm"
    assert (phones(), found()) == (PHONES, PHONES)
    run()
    run("--index")
    ring = crypto.present()
    assert rotation.prefixes(Target, "phone") == {f"sm4.{ring.field.current}": 5}
    assert rotation.prefixes(Target, "phone_index") == {f"sm3.{ring.index.current}": 5}
    assert (phones(), found()) == (PHONES, PHONES)


@pytest.mark.parametrize(("purpose", "options"), [(FIELD, ()), (INDEX, ("--index",))])
def test_retiring_removes_what_no_row_uses_after_an_hour(
    targets: list[Target],
    monkeypatch: pytest.MonkeyPatch,
    purpose: str,
    options: tuple[str, ...],
) -> None:
    old = crypto.present().of(purpose).current
    run(*options)
    assert f"仍保留：{old}" in run("--retire", *options)  # somebody may still be writing under it
    later(monkeypatch)
    assert f"已删除旧密钥：{old}" in run("--retire", *options)
    assert set(crypto.present().of(purpose).keys) == {crypto.present().of(purpose).current}
    assert (phones(), found()) == (PHONES, PHONES)


@pytest.fixture
def late_row(targets: list[Target], keys: Path) -> None:
    """After a rotation a slow writer has still saved one row under the former key."""
    before = keyring.read(keys)
    run()
    after = keyring.read(keys)
    keyring.write(keys, before)
    Target.objects.filter(pk=targets[0].pk).update(phone=PHONES[0])
    keyring.write(keys, after)


@pytest.mark.usefixtures("late_row")
def test_retiring_first_rewrites_what_came_late(monkeypatch: pytest.MonkeyPatch) -> None:
    assert rotation.used_keys(FIELD) == set(crypto.present().field.keys)
    later(monkeypatch)
    run("--retire")
    assert len(crypto.present().field.keys) == 1
    assert phones() == PHONES


@pytest.mark.usefixtures("late_row")
def test_without_a_look_at_the_rows_retiring_would_lose_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    later(monkeypatch)
    monkeypatch.setattr(rotation, "used_keys", lambda purpose: set())
    monkeypatch.setattr(rotation, "sweep", lambda purpose: {})
    run("--retire")
    with pytest.raises(crypto.CannotDecrypt, match="里没有它"):
        phones()


def test_check_names_the_keys_that_a_restored_database_lacks(
    targets: list[Target], keys: Path
) -> None:
    assert run("--check") == "数据库用到的密钥都在密钥文件里\n"
    lost = crypto.present().field.current
    keys.unlink()
    keyring.ensure(keys)
    with pytest.raises(CommandError, match=f"密钥文件里缺少加密密钥 {lost}"):
        run("--check")
    with pytest.raises(CommandError, match=f"要用密钥 {lost} 打开"):
        run()


def test_columns_are_of_the_two_kinds() -> None:
    kinds: list[tuple[str, Callable[..., object]]] = [
        (FIELD, EncryptedField),
        (INDEX, BlindIndexField),
    ]
    for purpose, kind in kinds:
        assert all(isinstance(field, kind) for _, field in rotation.columns(purpose))
