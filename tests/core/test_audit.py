"""The audit trail goes with its act, or neither stays."""

import pytest

from core import audit
from core.models import AuditEntry
from organisation.models import User


@pytest.mark.django_db(transaction=True)
def test_refused_outside_a_transaction() -> None:
    user = User.objects.create(username="a", name="甲")
    with pytest.raises(RuntimeError):
        audit.record(actor=user, act="test.act", subject=user)
    assert AuditEntry.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_rolled_back_with_its_act() -> None:
    user = User.objects.create(username="a", name="甲")

    def rename() -> None:
        User.objects.filter(pk=user.pk).update(name="乙")
        audit.record(actor=user, act="test.rename", subject=user)
        raise RuntimeError

    with pytest.raises(RuntimeError), audit.atomic():
        rename()
    user.refresh_from_db()
    assert (user.name, AuditEntry.objects.count()) == ("甲", 0)


@pytest.mark.django_db(transaction=True)
def test_record_alone_brings_its_own_transaction() -> None:
    user = User.objects.create(username="a", name="甲")
    audit.record_alone(actor=user, act="test.fetch", subject=user, file="名单.xlsx")
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.act, entry.subject, entry.detail) == (
        user,
        "test.fetch",
        f"organisation.User:{user.pk}",
        {"file": "名单.xlsx"},
    )


def test_an_act_of_the_system_has_no_actor(person: User) -> None:
    audit.record_alone(actor=None, act="test.system", subject=person)
    assert AuditEntry.objects.get(act="test.system").actor is None
