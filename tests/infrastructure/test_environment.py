"""The operator's variables: what is read, and the sentence that refuses a mistake."""

import os
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.environment import Environment

LONG_ENOUGH = "s" * 40


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable but the data folder."""
    for name in [name for name in os.environ if name.startswith("BIANFANG_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("BIANFANG_VAR", str(tmp_path / "var"))


def refusal() -> str:
    with pytest.raises(ImproperlyConfigured) as caught:
        Environment()
    return str(caught.value)


def test_nothing_set_is_enough(tmp_path: Path) -> None:
    found = Environment()
    assert found.hosts == ["localhost", "127.0.0.1", "[::1]"]
    assert (found.debug, found.https, found.redis_url, found.base_url) == (False, False, "", "")
    assert found.secret_key == (tmp_path / "var" / "secret_key").read_text()
    assert Environment().secret_key == found.secret_key


def test_data_folder_that_cannot_be_written_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("BIANFANG_VAR", str(tmp_path / "file" / "x"))
    assert refusal().startswith(f"BIANFANG_VAR 应是可以读写的文件夹，现在是「{tmp_path}/file/x」")


@pytest.mark.parametrize("name", ["DEBUG", "HTTPS"])
def test_switch_is_true_or_false(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(f"BIANFANG_{name}", "maybe")
    assert refusal() == f"BIANFANG_{name} 应为 true 或 false，现在是「maybe」"
    monkeypatch.setenv(f"BIANFANG_{name}", "true")
    assert getattr(Environment(), name.lower()) is True


def test_hosts_are_names_and_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIANFANG_HOSTS", "192.168.1.20, zf.example,.b.example,[::1],*,")
    assert Environment().hosts == ["192.168.1.20", "zf.example", ".b.example", "[::1]", "*"]


@pytest.mark.parametrize("name", ["http://foo", "foo/", "foo bar", "foo:8000", "::1"])
def test_host_that_no_browser_sends_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("BIANFANG_HOSTS", f"localhost,{name}")
    sentence = refusal()
    assert sentence.startswith("BIANFANG_HOSTS 只写主机名或 IP 地址")
    assert sentence.endswith(f"现在有「{name}」")


def test_short_secret_is_refused_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIANFANG_SECRET_KEY", LONG_ENOUGH[1:])
    sentence = refusal()
    assert sentence.startswith("BIANFANG_SECRET_KEY 至少要 40 个字符，现在是 39 个。可以这样生成：")
    assert LONG_ENOUGH[1:] not in sentence
    monkeypatch.setenv("BIANFANG_SECRET_KEY", LONG_ENOUGH)
    assert Environment().secret_key == LONG_ENOUGH


def test_database_of_another_kind_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIANFANG_DATABASE_URL", "mysql://host/name")
    with pytest.raises(ImproperlyConfigured) as caught:
        Environment().database()
    expected = "BIANFANG_DATABASE_URL 应以 sqlite:// 或 postgresql:// 开头，现在是「mysql://」"
    assert str(caught.value) == expected
