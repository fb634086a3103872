"""Reads the environment: each variable typed, each mistake named.

Everything has a default that works on one machine with nothing installed, so an
empty environment starts the product.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import time
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvError

from core import keyring

BASE_DIR = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class MailServer:
    """Where e-mail is handed in; ``scheme`` says how it is kept secret on the way."""

    host: str
    port: int
    user: str
    password: str
    scheme: str


class Environment:
    """The product's variables, ``BIANFANG_…``; a bad value raises ImproperlyConfigured."""

    def __init__(self) -> None:
        self._env = Env(prefix="BIANFANG_")
        self.var = Path(self._env.str("VAR", "") or BASE_DIR / "var").resolve()
        self.debug = self._switch("DEBUG")
        self.https = self._switch("HTTPS")
        self.hosts = self._host_names() or ["localhost", "127.0.0.1", "[::1]"]
        self.proxies = [self._network(part) for part in self._words("PROXIES")]
        self.password_words = self._words("PASSWORD_WORDS")
        self.database_url = self._env.str("DATABASE_URL", f"sqlite:///{self.var}/bianfang.sqlite3")
        self.redis_url = self._checked_url("REDIS_URL", schemes=("redis", "rediss"))
        self.visibility_seconds = self._seconds("VISIBILITY_SECONDS", 3600)
        self.base_url = self._checked_url("BASE_URL", schemes=("http", "https"))
        self.secret_key = self._given_secret() or self._kept_secret()
        if self.https and not self.proxies:
            raise ImproperlyConfigured(
                "BIANFANG_HTTPS=true 时还要在 BIANFANG_PROXIES 写明由哪台反向代理处理 TLS，"
                "代理在本机就写 127.0.0.1；否则每个页面都会不停跳转"
            )
        self.field_keys = self._key_file()
        self.crypto = self._crypto_suite()
        self.audit_heads = self._audit_heads_file()
        self.webhooks_inside = self._switch("WEBHOOKS_INSIDE")
        self.telling_hours = self._hours("TELLING_HOURS", "08:30-17:30")
        self.email_from = self._env.str("EMAIL_FROM", "") or "bianfang@localhost"

    def database(self) -> dict[str, object]:
        """The Django database dictionary of ``BIANFANG_DATABASE_URL``."""
        scheme = urlsplit(self.database_url).scheme
        if scheme not in {"sqlite", "postgres", "postgresql"}:
            raise ImproperlyConfigured(
                "BIANFANG_DATABASE_URL 应以 sqlite:// 或 postgresql:// 开头，"
                f"现在是「{scheme or '空'}://」"
            )
        database: dict[str, Any] = dict(dj_database_url.parse(self.database_url))
        if scheme == "sqlite":
            return database | {"OPTIONS": _SQLITE_OPTIONS}
        options = {"connect_timeout": 5, **database.get("OPTIONS", {})}
        return database | {"OPTIONS": options, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}

    def mail(self) -> MailServer:
        """The server of ``BIANFANG_EMAIL_URL``; without one no e-mail is sent."""
        schemes = ("smtp", "smtp+tls", "smtps")
        parts = urlsplit(self._checked_url("EMAIL_URL", schemes=schemes))
        return MailServer(
            host=parts.hostname or "",
            port=parts.port or (465 if parts.scheme == "smtps" else 25),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            scheme=parts.scheme,
        )

    def _hours(self, name: str, default: str) -> tuple[time, time]:
        """The beginning and the end of a span of hours, such as 08:30-17:30."""
        value = self._env.str(name, "") or default
        try:
            begin, end = (time.fromisoformat(part.strip()) for part in value.split("-"))
        except ValueError as error:
            raise ImproperlyConfigured(_BAD_HOURS.format(name=name, value=value)) from error
        if begin >= end:
            raise ImproperlyConfigured(_BAD_HOURS.format(name=name, value=value))
        return begin, end

    def _switch(self, name: str) -> bool:
        try:
            return self._env.bool(name, False)
        except EnvError as error:
            value = self._env.str(name)
            raise ImproperlyConfigured(
                f"BIANFANG_{name} 应为 true 或 false，现在是「{value}」"
            ) from error

    def _seconds(self, name: str, default: int) -> int:
        value = self._env.str(name, "") or str(default)
        if not (value.isascii() and value.isdigit() and int(value)):
            raise ImproperlyConfigured(f"BIANFANG_{name} 应为秒数，如 {default}，现在是「{value}」")
        return int(value)

    def _host_names(self) -> list[str]:
        """Names as a browser sends them; any other would start and then answer 400."""
        names = [name.strip() for name in self._env.str("HOSTS", "").split(",")]
        for name in names:
            if name and not _HOST_NAME.fullmatch(name):
                raise ImproperlyConfigured(
                    "BIANFANG_HOSTS 只写主机名或 IP 地址，用逗号分隔，不带 http://、端口、斜杠和空格，"
                    f"现在有「{name}」"
                )
        return [name for name in names if name]

    def _words(self, name: str) -> list[str]:
        """The parts of a list with commas; empty ones are left out."""
        return [part.strip() for part in self._env.str(name, "").split(",") if part.strip()]

    def _network(self, value: str) -> IPv4Network | IPv6Network:
        try:
            return ip_network(value)
        except ValueError as error:
            raise ImproperlyConfigured(
                "BIANFANG_PROXIES 写反向代理的 IP 地址或网段，用逗号分隔，"
                f"例如 127.0.0.1,10.0.0.0/24，现在有「{value}」"
            ) from error

    def _checked_url(self, name: str, *, schemes: tuple[str, ...]) -> str:
        value = self._env.str(name, "")
        found = urlsplit(value).scheme  # the rest may hold a password, and is not shown
        if value and found not in schemes:
            expected = " 或 ".join(f"{scheme}://" for scheme in schemes)
            raise ImproperlyConfigured(
                f"BIANFANG_{name} 应以 {expected} 开头，现在以「{found or '空'}」开头"
            )
        return value.rstrip("/")

    def _given_secret(self) -> str:
        value = self._env.str("SECRET_KEY", "")
        if value and len(value) < _SECRET_LENGTH:
            raise ImproperlyConfigured(
                f"BIANFANG_SECRET_KEY 至少要 {_SECRET_LENGTH} 个字符，现在是 {len(value)} 个。"
                '可以这样生成：python3 -c "import secrets; print(secrets.token_urlsafe(50))"'
            )
        return value

    def _kept_secret(self) -> str:
        """A secret of this installation, made at the first start and kept under ``var/``."""
        path = self.var / "secret_key"
        try:
            if not path.exists():
                self.var.mkdir(parents=True, exist_ok=True)
                path.touch(mode=0o600)
                path.write_text(secrets.token_urlsafe(50))
            return path.read_text().strip()
        except OSError as error:
            raise ImproperlyConfigured(
                f"BIANFANG_VAR 应是可以读写的文件夹，现在是「{self.var}」（{error.strerror}）"
            ) from error

    def _key_file(self) -> Path:
        """The keys of personal data: a file the operator names, or one made under ``var/``.

        A named file that is missing is not made anew: it may be a disk not mounted yet, and
        what is encrypted in the meantime could not be read afterwards.
        """
        named = self._env.str("KEYS", "")
        path = Path(named).absolute() if named else self.var / "field_keys.json"
        if named and not path.exists():
            raise ImproperlyConfigured(
                f"BIANFANG_KEYS 指定的密钥文件「{path}」不存在。请从备份中恢复它；"
                f"第一次安装时先运行 python -m core.keyring {path} 生成"
            )
        try:
            keyring.ensure(path)
        except OSError as error:
            raise ImproperlyConfigured(f"写不了密钥文件「{path}」（{error.strerror}）") from error
        return path

    def _crypto_suite(self) -> str:
        suite = self._env.str("CRYPTO", "") or "international"
        if suite not in {"international", "sm"}:
            raise ImproperlyConfigured(
                f"BIANFANG_CRYPTO 应为 international（AES、SHA-256）或 sm（国密 SM4、SM3），"
                f"现在是「{suite}」"
            )
        return suite

    def _audit_heads_file(self) -> Path:
        """Where the ends of the audit chain are kept; another machine's disk is best."""
        path = Path(self._env.str("AUDIT_HEADS", "") or self.var / "audit-heads.txt").resolve()
        if path.is_dir():
            raise ImproperlyConfigured(
                f"BIANFANG_AUDIT_HEADS 应是一个文件，现在「{path}」是文件夹。"
                "请在后面加上文件名，如 audit-heads.txt"
            )
        return path


_BAD_HOURS = "BIANFANG_{name} 应为起止时间，如 08:30-17:30，起在止前，现在是「{value}」"
_SECRET_LENGTH = 40
_HOST_NAME = re.compile(r"\*|\.?[a-z0-9.-]+|\[[a-f0-9:.]+\]", re.IGNORECASE)

# WAL with FULL: an acknowledged write survives a power cut; NORMAL loses it.
# IMMEDIATE: a writer waits for its turn instead of failing half-way.
_SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL;"
        "PRAGMA synchronous=FULL;"
        "PRAGMA foreign_keys=ON;"
        "PRAGMA secure_delete=ON;"
        "PRAGMA cache_size=-8000;"
    ),
}
