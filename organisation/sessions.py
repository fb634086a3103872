"""Where sign-ins are kept, and when they are over.

A sign-in is a row that its owner and an administrator can see and end; it is gone on the
server when it ends, whatever a browser still holds.
"""

import re
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

from organisation.models import SecurityPolicy, Session

STARTED = "started_at"
SEEN_EVERY = timedelta(minutes=1)  # how often "last used" is written

# The first that fits: Edge and WeChat also call themselves Chrome, Chrome calls itself Safari.
BROWSERS = (
    ("MicroMessenger", "微信"),
    ("DingTalk", "钉钉"),
    ("QQBrowser", "QQ 浏览器"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Android", "安卓手机"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


class SessionStore(DatabaseStore):
    """Django's session in our table, with its person, address and browser.

    ``row`` is what was read, None for a session made in this request. ``client`` is set by
    the middleware.
    """

    row: Session | None = None
    client: tuple[str, str] = ("", "")

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _get_session_from_db(self) -> Session | None:
        self.row = super()._get_session_from_db()  # type: ignore[misc]
        return self.row

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """The row to save. A new key for the same sign-in keeps the time it began."""
        person = data.get(SESSION_KEY)
        now = timezone.now()
        if person:
            data.setdefault(STARTED, now.isoformat())
        row = super().create_model_instance(data)
        assert isinstance(row, Session)
        row.user_id = int(person) if person else None
        row.started_at = datetime.fromisoformat(data[STARTED]) if person else now
        row.seen_at = now if person else None
        row.address, row.agent = self.client
        return row


def why_over(row: Session, policy: SecurityPolicy, now: datetime) -> str:
    """Why this sign-in may not go on: "idle", "hours", or "" when it may."""
    if row.started_at + timedelta(hours=policy.session_hours) <= now:
        return "hours"
    idle_since = row.seen_at or row.started_at
    return "idle" if idle_since + timedelta(minutes=policy.idle_minutes) <= now else ""


def is_seen_long_ago(row: Session, now: datetime) -> bool:
    """Whether it is time to write "last used" again."""
    return row.seen_at is None or row.seen_at + SEEN_EVERY <= now


def agent_label(agent: str) -> str:
    """A short name for a browser that its owner recognises, such as "Chrome · Windows"."""
    browser = next((name for sign, name in BROWSERS if re.search(sign, agent)), "浏览器")
    system = next((name for sign, name in SYSTEMS if re.search(sign, agent)), "")
    return f"{browser} · {system}" if system else browser
