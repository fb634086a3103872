"""The rules of signing in, changed by the security administrator."""

from collections.abc import Mapping
from dataclasses import dataclass

from core import audit
from organisation.models import SecurityPolicy, User


@dataclass(frozen=True)
class Change:
    """One rule that gets another value."""

    name: str
    label: str
    before: object
    after: object

    def __str__(self) -> str:
        return f"{self.label}：{_said(self.before)} → {_said(self.after)}"


def changes_to(policy: SecurityPolicy, values: Mapping[str, object]) -> list[Change]:
    """What these values would change, in the order of the rules."""
    return [
        Change(field.name, str(field.verbose_name), before, values[field.name])
        for field in SecurityPolicy._meta.fields
        if field.name in values
        if (before := getattr(policy, field.name)) != values[field.name]
    ]


@audit.atomic
def change_policy(*, values: Mapping[str, object], actor: User | None) -> list[Change]:
    """Put these rules in force; audited with old and new. Returns what changed."""
    SecurityPolicy.objects.get_or_create(pk=1)
    policy = SecurityPolicy.objects.select_for_update().get()
    changes = changes_to(policy, values)
    for change in changes:
        setattr(policy, change.name, change.after)
    policy.save()
    if changes:
        detail = {change.name: [change.before, change.after] for change in changes}
        audit.record(actor=actor, act="accounts.change_policy", subject=policy, changes=detail)
    return changes


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value)
