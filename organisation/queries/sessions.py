"""Where a person is signed in."""

from datetime import timedelta

from django.utils import timezone

from organisation.models import SecurityPolicy, Session, User


def open_sessions(*, user: User, policy: SecurityPolicy) -> list[Session]:
    """The sign-ins that still let somebody in, last used first."""
    now = timezone.now()
    rows = Session.objects.filter(
        user=user,
        expire_date__gt=now,
        seen_at__gt=now - timedelta(minutes=policy.idle_minutes),
        started_at__gt=now - timedelta(hours=policy.session_hours),
    )
    return list(rows.order_by("-seen_at"))
