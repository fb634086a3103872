"""Reads the environment: each variable typed, each mistake named.

Everything has a default that works on one machine with nothing installed, so an
empty environment starts the product.
"""

import secrets
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvError

BASE_DIR = Path(__file__).resolve().parent.parent


class Environment:
    """The product's variables, ``BIANFANG_…``; a bad value raises ImproperlyConfigured."""

    def __init__(self) -> None:
        self._env = Env(prefix="BIANFANG_")
        try:
            self._read()
        except EnvError as error:
            raise ImproperlyConfigured(str(error)) from error

    def _read(self) -> None:
        self.var = Path(self._env.str("VAR", str(BASE_DIR / "var"))).resolve()
        self.debug = self._env.bool("DEBUG", False)
        self.https = self._env.bool("HTTPS", False)
        self.hosts = self._env.list("HOSTS", ["localhost", "127.0.0.1", "[::1]"])
        self.database_url = self._env.str("DATABASE_URL", f"sqlite:///{self.var}/bianfang.sqlite3")
        self.redis_url = self._checked_url("REDIS_URL", schemes=("redis", "rediss"))
        self.base_url = self._checked_url("BASE_URL", schemes=("http", "https"))
        self.secret_key = self._env.str("SECRET_KEY", "") or self._kept_secret()

    def database(self) -> dict[str, object]:
        """The Django database dictionary of ``BIANFANG_DATABASE_URL``."""
        scheme = urlsplit(self.database_url).scheme
        if scheme not in {"sqlite", "postgres", "postgresql"}:
            raise ImproperlyConfigured(
                "BIANFANG_DATABASE_URL 应以 sqlite:// 或 postgresql:// 开头,"
                f"现在是「{scheme or '空'}://」"
            )
        database = dict(dj_database_url.parse(self.database_url))
        if scheme == "sqlite":
            return database | {"OPTIONS": _SQLITE_OPTIONS}
        return database | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}

    def _checked_url(self, name: str, *, schemes: tuple[str, ...]) -> str:
        value = self._env.str(name, "")
        if value and urlsplit(value).scheme not in schemes:
            expected = " 或 ".join(f"{scheme}://" for scheme in schemes)
            raise ImproperlyConfigured(f"BIANFANG_{name} 应以 {expected} 开头，现在是「{value}」")
        return value.rstrip("/")

    def _kept_secret(self) -> str:
        """A secret of this installation, made at the first start and kept under ``var/``."""
        path = self.var / "secret_key"
        if not path.exists():
            self.var.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(50))
        return path.read_text().strip()


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
