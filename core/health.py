"""What the machine says about itself: clock, queues, background jobs, storage. Only reads."""

import shutil
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Min
from django.utils import timezone

from core import jobs, queue, uploads
from core.models import Job, Pulse
from core.notices import outbox

LATE_AFTER = timedelta(minutes=2)  # the clock beats four times a minute
FAULTS = (*jobs.FAULTS, uploads.GONE)
FAILED_WITHIN = timedelta(days=7)
FAILED_SHOWN = 20
SIZE = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}


@dataclass(frozen=True)
class Health:
    """Whether clock and worker go on, and what waits. None: never, nothing, or not to be seen."""

    at: datetime
    ticked_at: datetime | None
    queues: dict[str, int] | None
    unsent_since: datetime | None

    @property
    def is_late(self) -> bool:
        return self.ticked_at is None or self.at - self.ticked_at > LATE_AFTER


@dataclass(frozen=True)
class Failure:
    """A job that the machine failed at; whose it was and what it was about stays outside."""

    kind: str
    at: datetime
    message: str


@dataclass(frozen=True)
class Work:
    """The background jobs of everybody, as numbers, and what the machine failed at lately."""

    running: int
    waiting: int
    waiting_since: datetime | None
    failed: int
    failures: list[Failure] = field(default_factory=list)


@dataclass(frozen=True)
class Storage:
    """Where the data lies, and how much room is left."""

    database: str
    database_bytes: int
    free_bytes: int


def database_answers() -> bool:
    """Whether the database carries out a statement."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def look() -> Health:
    """How the machine is now. An installation without tables has no times yet."""
    try:
        ticked_at, unsent_since = _ticked_at(), outbox.oldest_waiting()
    except DatabaseError:
        ticked_at = unsent_since = None
    return Health(timezone.now(), ticked_at, queue.lengths(), unsent_since)


def _ticked_at() -> datetime | None:
    return Pulse.objects.filter(name=Pulse.CLOCK).values_list("at", flat=True).first()


def work() -> Work:
    """The jobs under way and those of the last days that failed through no fault of their owner.

    What an owner can mend (a wrong file, a right that has ended) is said to the owner, and may
    name people: it is not told here.
    """
    now = timezone.now()
    waiting = Job.objects.claimable(now)
    failed = Job.objects.filter(
        state=Job.State.FAILED, finished_at__gte=now - FAILED_WITHIN, message__in=FAULTS
    ).order_by("-finished_at")
    latest = failed.values_list("kind", "finished_at", "message")[:FAILED_SHOWN]
    return Work(
        running=Job.objects.filter(state=Job.State.RUNNING, lease_until__gte=now).count(),
        waiting=waiting.count(),
        waiting_since=waiting.aggregate(first=Min("queued_at"))["first"],
        failed=failed.count(),
        failures=[Failure(kind, at, message) for kind, at, message in latest if at],
    )


def storage() -> Storage:
    """The size of the database, and the room left on the disk of the data folder."""
    with connection.cursor() as cursor:
        cursor.execute(SIZE[connection.vendor])
        (size,) = cursor.fetchone()
    free = shutil.disk_usage(settings.VAR_DIR).free
    return Storage(connection.display_name, size, free)
