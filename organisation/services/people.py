"""Writes on people and their postings."""

from collections.abc import Collection
from datetime import date

from core import audit
from organisation.choices import Tier
from organisation.models import Posting, Unit, User


@audit.atomic
def create_user(
    *,
    username: str,
    name: str,
    password: str = "",
    password_hash: str = "",
    actor: User | None = None,
) -> User:
    """Create a person who can sign in, with a password or a hash made before; audited."""
    user = User(username=username, name=name, password=password_hash)
    if password:
        user.set_password(password)
    user.save()
    audit.record(actor=actor, act="organisation.create_user", subject=user)
    return user


@audit.atomic
def post(
    *,
    user: User,
    unit: Unit,
    position: str,
    since: date,
    tier: Tier = Tier.ORDINARY,
    powers: Collection[str] = (),
    actor: User | None = None,
) -> Posting:
    """Begin a posting, audited. ``powers``: of approves, enforces, allocates."""
    posting = Posting.objects.create(
        user=user,
        unit=unit,
        position=position,
        since=since,
        tier=tier,
        **dict.fromkeys(powers, True),
    )
    user.unit = unit
    user.save(update_fields=["unit"])
    audit.record(actor=actor, act="organisation.post", subject=posting, to=user.pk)
    return posting
