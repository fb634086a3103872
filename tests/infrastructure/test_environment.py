"""The operator's variables: what is read, and the sentence that refuses a mistake."""

import os
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.environment import Environment
from core import keyring

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
    monkeypatch.setenv("BIANFANG_PROXIES", "127.0.0.1")
    assert getattr(Environment(), name.lower()) is True


@pytest.mark.parametrize("value", ["soon", "0", "-5", "1.5", "１０"])
def test_visibility_is_a_number_of_seconds(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    assert Environment().visibility_seconds == 3600
    monkeypatch.setenv("BIANFANG_VISIBILITY_SECONDS", "20")
    assert Environment().visibility_seconds == 20
    monkeypatch.setenv("BIANFANG_VISIBILITY_SECONDS", value)
    assert refusal() == f"BIANFANG_VISIBILITY_SECONDS 应为秒数，如 3600，现在是「{value}」"


def test_proxies_are_addresses_and_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Environment().proxies == []
    monkeypatch.setenv("BIANFANG_PROXIES", "127.0.0.1, 10.0.0.0/24,::1,")
    assert list(map(str, Environment().proxies)) == ["127.0.0.1/32", "10.0.0.0/24", "::1/128"]


@pytest.mark.parametrize("value", ["nginx", "10.0.0.1/24", "http://10.0.0.1"])
def test_a_proxy_that_is_no_address_is_named(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("BIANFANG_PROXIES", f"127.0.0.1,{value}")
    assert refusal().startswith("BIANFANG_PROXIES 写反向代理的 IP 地址或网段")
    assert refusal().endswith(f"现在有「{value}」")


def test_https_without_its_proxy_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody would be believed about the scheme: each page would lead to itself for ever."""
    monkeypatch.setenv("BIANFANG_HTTPS", "true")
    assert refusal().startswith("BIANFANG_HTTPS=true 时还要在 BIANFANG_PROXIES 写明")


def test_words_that_no_password_may_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIANFANG_PASSWORD_WORDS", "donge, liaocheng,")
    assert Environment().password_words == ["donge", "liaocheng"]


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


def test_the_keys_of_personal_data_are_made_once_for_their_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "var" / "field_keys.json"
    assert Environment().field_keys == path
    made = path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    assert Environment().field_keys.read_bytes() == made


def test_a_named_key_file_is_not_made_anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its disk may not be mounted yet."""
    path = tmp_path / "keys.json"
    monkeypatch.setenv("BIANFANG_KEYS", str(path))
    assert refusal() == (
        f"BIANFANG_KEYS 指定的密钥文件「{path}」不存在。请从备份中恢复它；"
        f"第一次安装时先运行 python -m core.keyring {path} 生成"
    )
    assert not path.exists()
    keyring.ensure(path)
    assert Environment().field_keys == path


def test_suite_is_one_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Environment().crypto == "international"
    monkeypatch.setenv("BIANFANG_CRYPTO", "sm")
    assert Environment().crypto == "sm"
    monkeypatch.setenv("BIANFANG_CRYPTO", "des")
    assert refusal().startswith("BIANFANG_CRYPTO 应为 international（AES、SHA-256）或 sm（国密")


def test_heads_of_the_audit_trail_lie_beside_the_database_or_where_one_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert Environment().audit_heads == tmp_path / "var" / "audit-heads.txt"
    monkeypatch.setenv("BIANFANG_AUDIT_HEADS", str(tmp_path / "heads.txt"))
    assert Environment().audit_heads == tmp_path / "heads.txt"
    monkeypatch.setenv("BIANFANG_AUDIT_HEADS", str(tmp_path))
    assert refusal() == (
        f"BIANFANG_AUDIT_HEADS 应是一个文件，现在「{tmp_path}」是文件夹。"
        "请在后面加上文件名，如 audit-heads.txt"
    )


@pytest.mark.parametrize("value", ["8-17", "17:30-08:30", "08:30", "早上-晚上", "08:30-08:30"])
def test_hours_of_telling_are_a_span(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("BIANFANG_TELLING_HOURS", value)
    with pytest.raises(ImproperlyConfigured, match=f"如 08:30-17:30.*「{value}」"):
        Environment()


def test_the_mail_server_is_read_from_one_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIANFANG_EMAIL_URL", "smtp+tls://office:a%40b@mail.example.cn:587")
    mail = Environment().mail()
    assert (mail.host, mail.port, mail.user, mail.password) == (
        "mail.example.cn",
        587,
        "office",
        "a@b",
    )


def test_a_wrong_address_of_the_mail_server_does_not_show_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BIANFANG_EMAIL_URL", "http://office:geheim@mail.example.cn")
    with pytest.raises(ImproperlyConfigured, match="「http」") as refused:
        Environment().mail()
    assert "geheim" not in str(refused.value)
