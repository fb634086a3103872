"""Whether the database and the queue answer, asked before anything is started."""

import redis
from django.conf import settings
from django.core.management.base import CommandError
from django.db import DatabaseError, connection
from redis.backoff import NoBackoff
from redis.retry import Retry

REDIS_SECONDS = 3


def refuse_unreachable_database() -> None:
    """Raise CommandError, naming the variable, when no connection can be made."""
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        raise CommandError(_sentence("BIANFANG_DATABASE_URL", "数据库", error)) from error


def refuse_unreachable_redis() -> None:
    """Raise CommandError, naming the variable, when a Redis is set and does not answer."""
    address = settings.CELERY_BROKER_URL
    if not address.startswith("redis"):
        return
    try:
        with redis.Redis.from_url(
            address,
            socket_connect_timeout=REDIS_SECONDS,
            socket_timeout=REDIS_SECONDS,
            retry=Retry(NoBackoff(), 0),
        ) as client:
            client.ping()
    except (redis.RedisError, OSError, ValueError) as error:
        raise CommandError(_sentence("BIANFANG_REDIS_URL", " Redis", error)) from error


def _sentence(variable: str, what: str, error: Exception) -> str:
    """One line; the value stays out of it, it may hold a password."""
    reason = (str(error).strip() or type(error).__name__).splitlines()[0]
    return f"{variable}：连不上{what}，请检查地址并确认它已启动（{reason}）"
