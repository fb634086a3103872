"""Celery doors of the organisation."""

from celery import shared_task

from organisation.services.sessions import forget_old


@shared_task(name="organisation.forget_old_sign_ins")
def forget_old_sign_ins() -> None:
    """Delete sign-ins and counted failures whose time is over."""
    forget_old()
