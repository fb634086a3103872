"""The audit trail: who did what, written with the act or not at all."""

from django.db import connection, models, transaction

from core.models import AuditEntry


def record(
    *, actor: models.Model | None, act: str, subject: models.Model, **detail: object
) -> None:
    """Write one audit row; must be called inside the transaction of the act.

    ``act`` is a verb such as ``"issues.sign_off"``; ``detail`` holds JSON values only.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("an audit row belongs into the transaction of its act")
    AuditEntry.objects.create(
        actor_id=actor.pk if actor else None,
        act=act,
        subject=f"{subject._meta.label}:{subject.pk}",
        detail=detail,
    )


def record_alone(
    *, actor: models.Model | None, act: str, subject: models.Model, **detail: object
) -> None:
    """Write an audit row for an act that changes no data, such as handing out a file."""
    with transaction.atomic():
        record(actor=actor, act=act, subject=subject, **detail)
