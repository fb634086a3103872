"""What the tables say to each other, which no import shows."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q

from evaluations.models import Code, Round, RoundGroup, Tally
from tests.architecture.packages import ORDER

TIMES = (models.DateField, models.TimeField, models.DurationField)

# Fields with choices that no constraint guards, each with its reason.
UNGUARDED = {
    "issues.IssueEvent.from_state": "history: copied from Issue.state, which is guarded",
    "issues.IssueEvent.to_state": "history: copied from the table of moves",
    "visits.CoverageCount.kind": "copied from Target.kind, which is guarded",
    "visits.CoverageCount.locality": "copied from Target.locality, which is guarded",
}


def our_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.app_label in ORDER]


def relations(model: type[models.Model]) -> Iterator[models.Field]:
    for field in (*model._meta.fields, *model._meta.many_to_many):
        if field.remote_field:
            yield field


def test_foreign_keys_point_downwards() -> None:
    """Only core's rows on people point up, through the setting Django keeps for that."""
    upward = {
        f"{field} -> {field.related_model._meta.label}"
        for model in our_models()
        for field in relations(model)
        if field.related_model._meta.app_label in ORDER
        and ORDER.index(field.related_model._meta.app_label) > ORDER.index(model._meta.app_label)
        and not (model._meta.app_label == "core" and is_person(field))
    }
    assert upward == set()


def is_person(field: models.Field) -> bool:
    return field.related_model._meta.label == settings.AUTH_USER_MODEL


@pytest.mark.parametrize("model", [Code, Tally, RoundGroup])
def test_what_is_rated_knows_neither_person_nor_time(model: type[models.Model]) -> None:
    """Promise P5: no column, and no row elsewhere that points here, can name a rater."""
    own = {field.related_model for field in relations(model)}
    pointing = {relation.related_model for relation in model._meta.related_objects}
    assert own | pointing <= {Round, RoundGroup, Code, Tally}
    assert [f.name for f in model._meta.fields if isinstance(f, TIMES)] == []


def test_a_code_holds_its_hash_its_group_and_whether_it_is_used() -> None:
    """A new column of codes or counters has to be thought about here first."""
    assert {f.name for f in Code._meta.fields} == {"hash", "round_group", "batch", "used"}
    assert {f.name for f in Tally._meta.fields} == {
        "id",
        "round_group",
        "dimension",
        "grade",
        "count",
    }


def fields_with_choices() -> dict[str, models.Field]:
    return {
        f"{model._meta.label}.{field.name}": field
        for model in our_models()
        for field in model._meta.fields
        if field.choices
    }


def guarded_values(field: models.Field) -> set[object]:
    """The values that a constraint on this field alone lets through."""
    for constraint in field.model._meta.constraints:
        if isinstance(constraint, CheckConstraint) and isinstance(constraint.condition, Q):
            children = constraint.condition.children
            if len(children) == 1 and isinstance(children[0], tuple):
                name, values = children[0]
                if name == f"{field.name}__in":
                    return set(values)
                if name == field.name:
                    return {values}
    return set()


def test_the_database_knows_every_choice() -> None:
    """A choices field is only a form's check; the constraint is what holds for every writer."""
    unguarded = {
        name
        for name, field in fields_with_choices().items()
        if guarded_values(field) - ({""} if field.blank else set())
        != {value for value, _ in field.flatchoices}
    }
    assert unguarded == set(UNGUARDED)


def test_every_foreign_key_says_what_a_deletion_does_to_history() -> None:
    """People, units and areas are never deleted from under what they did."""
    cascading = {
        str(field)
        for model in our_models()
        for field in relations(model)
        if field.related_model._meta.app_label == "organisation"
        and not field.many_to_many
        and field.remote_field.on_delete is not models.PROTECT
    }
    assert cascading == {  # a person's own box and files, and what guards the sign-in
        "core.Channel.person",
        "core.Digest.person",
        "core.Job.owner",
        "core.Notice.person",
        "core.Reminder.person",
        "organisation.Authenticator.user",
        "organisation.RecoveryCode.user",
        "organisation.Session.user",
        "organisation.UsedPassword.user",
    }
