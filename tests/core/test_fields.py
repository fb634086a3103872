"""An encrypted column on every way in and out of the database; ``Target.phone`` stands for all."""

import copy
import pickle
from collections.abc import Callable

import pytest
from django.core import checks
from django.core.exceptions import FieldError
from django.db import connection, models
from django.db.models import F, Value
from django.forms import modelform_factory
from django.test.utils import isolate_apps

from core.crypto import CannotDecrypt
from core.fields import BlindIndexField, EncryptedField, Sealed, SealedModel, SealedQuerySet
from tests.personas import World
from visits.models import Target

PHONE, OTHER = "13812345678", "13987654321"


@pytest.fixture
def target(world: World) -> Target:
    (target,) = world.households(1)
    target.phone = PHONE
    target.save()
    return target


def stored(target: Target, column: str = "phone") -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM visits_target WHERE id = %s", [target.pk])
        return str(cursor.fetchone()[0])


def found(number: str) -> list[int]:
    return list(Target.objects.with_phone(number).values_list("pk", flat=True))


def test_read_back_masked_and_opened(target: Target) -> None:
    for phone in (
        target.phone,
        Target.objects.get(pk=target.pk).phone,
        Target.objects.values_list("phone", flat=True).get(pk=target.pk),
        Target.objects.values("phone").get(pk=target.pk)["phone"],
        Target.objects.defer("phone").get(pk=target.pk).phone,
        copy.deepcopy(target).phone,
        pickle.loads(pickle.dumps(target)).phone,
    ):
        assert (str(phone), f"{phone:>12}", phone.open()) == (
            "138****5678",
            " 138****5678",
            PHONE,
        )
    target.refresh_from_db()
    assert target.phone.open() == PHONE


def test_nothing_shows_the_plain_text_by_accident(target: Target) -> None:
    shown = [repr(target.phone), str(target.phone), f"{target.phone}", "%s" % target.phone]  # noqa: UP031
    assert [PHONE in text for text in shown] == [False] * 4
    assert PHONE.encode() not in pickle.dumps(target)
    assert target.phone != PHONE


def test_the_database_holds_a_ciphertext(target: Target) -> None:
    assert stored(target).startswith("aes.")
    assert PHONE not in stored(target) + stored(target, "phone_index")


def test_empty_stays_empty(world: World) -> None:
    (target,) = world.households(1)
    assert (stored(target), stored(target, "phone_index")) == ("", "")
    target.refresh_from_db()
    assert (str(target.phone), target.phone.open(), bool(target.phone)) == ("", "", False)
    assert Target.objects.filter(phone="", phone__isnull=False).count() == 1
    assert found("") == []
    target.phone = None
    target.save()
    assert stored(target) == ""


def bulk_update(target: Target) -> None:
    target.phone = OTHER
    Target.objects.bulk_update([target], ["phone"])


def save_one_column(target: Target) -> None:
    target.phone = OTHER
    target.save(update_fields=["phone"])


def save_everything(target: Target) -> None:
    target.phone = OTHER
    target.save()


def update_or_create(target: Target) -> None:
    key = {"campaign": target.campaign, "kind": target.kind, "code": target.code}
    Target.objects.update_or_create(**key, defaults={"phone": OTHER})


def upsert(target: Target) -> None:
    values = {f.attname: getattr(target, f.attname) for f in Target._meta.concrete_fields}
    Target.objects.bulk_create(
        [Target(**values | {"id": None, "phone": OTHER})],
        update_conflicts=True,
        unique_fields=["campaign", "kind", "code"],
        update_fields=["phone"],
    )


WAYS = [
    bulk_update,
    save_one_column,
    save_everything,
    update_or_create,
    upsert,
    lambda target: Target.objects.filter(pk=target.pk).update(phone=OTHER),
    lambda target: Target.objects.filter(pk=target.pk).update(phone=Sealed("x", str, plain=OTHER)),
]


@pytest.mark.parametrize("write", WAYS)
def test_every_way_of_writing_keeps_the_index_right(
    target: Target, write: Callable[[Target], None]
) -> None:
    assert found(PHONE) == [target.pk]
    write(target)
    assert (found(PHONE), found(OTHER)) == ([], [target.pk])
    assert Target.objects.get(pk=target.pk).phone.open() == OTHER


def test_without_the_queryset_the_index_would_lag_behind(target: Target) -> None:
    """What the system check below demands is what keeps the search right."""
    models.QuerySet(Target).filter(pk=target.pk).update(phone=OTHER)
    assert (found(PHONE), found(OTHER)) == ([target.pk], [])


def test_bulk_create_writes_ciphertexts_and_indexes(world: World) -> None:
    made = world.households(3)
    Target.objects.all().delete()
    Target.objects.bulk_create(
        [
            Target(
                campaign=each.campaign,
                kind=each.kind,
                code=each.code,
                name=each.name,
                area=each.area,
                phone=number,
            )
            for each, number in zip(made, (PHONE, OTHER, ""), strict=True)
        ]
    )
    codes = [Target.objects.get(pk=pk).code for number in (PHONE, OTHER) for pk in found(number)]
    assert codes == [made[0].code, made[1].code]


def test_search_is_exact(target: Target) -> None:
    assert found("138-1234-5678") == [target.pk]
    assert [found(text) for text in ("1381234567", "3812345678", "138", "138****5678", "%")] == [
        [],
        [],
        [],
        [],
        [],
    ]


@pytest.mark.parametrize(
    "lookup", ["phone", "phone__icontains", "phone__startswith", "phone__in", "phone__gt"]
)
def test_a_lookup_that_could_never_match_is_refused(target: Target, lookup: str) -> None:
    value = [PHONE] if lookup.endswith("in") else PHONE
    with pytest.raises(FieldError, match=r"visits\.Target\.phone is encrypted|phone is encrypted"):
        Target.objects.filter(**{lookup: value}).exists()


def test_a_column_cannot_be_filled_from_another(target: Target) -> None:
    with pytest.raises(FieldError, match="update\\(\\) takes a text"):
        Target.objects.update(phone=F("address"))
    with pytest.raises(FieldError, match="update\\(\\) takes a text"):
        Target.objects.update(phone=Value("x"))
    with pytest.raises(TypeError, match=r"visits\.Target\.phone takes text, not int"):
        target.phone = 13812345678


def test_a_ciphertext_moved_by_hand_does_not_open(target: Target) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE visits_target SET address = phone")
    with pytest.raises(CannotDecrypt, match=r"visits\.Target\.address 的密文与密钥对不上"):
        str(Target.objects.get(pk=target.pk).address)


def test_assigned_from_another_column_it_is_encrypted_anew(target: Target) -> None:
    target.address = target.phone
    target.save()
    assert Target.objects.get(pk=target.pk).address.open() == PHONE


def test_no_form_and_no_dump_is_made_of_it(target: Target) -> None:
    """A form would save the mask over the value, a dump would hold the mask."""
    form = modelform_factory(Target, fields=["name", "phone", "address"])
    assert list(form.base_fields) == ["name"]
    with pytest.raises(FieldError, match="back up the database with its key file"):
        Target._meta.get_field("phone").value_to_string(target)


def test_a_validated_instance_keeps_its_value(target: Target) -> None:
    empty = [each.name for each in Target._meta.fields if getattr(target, each.attname) is None]
    target.clean_fields(exclude=empty)
    assert target.phone.open() == PHONE


@isolate_apps("core")
def test_a_model_whose_index_could_lag_behind_is_reported() -> None:
    class Loose(models.Model):
        phone = EncryptedField()
        phone_index = BlindIndexField(of="phone")

        class Meta:
            app_label = "core"

    class Kept(SealedModel):
        phone = EncryptedField()
        phone_index = BlindIndexField(of="phone")
        objects = SealedQuerySet.as_manager()

        class Meta:
            app_label = "core"

    def errors(model: type[models.Model]) -> list[str | None]:
        field = model._meta.get_field("phone_index")
        return [each.id for each in field.check() if isinstance(each, checks.Error)]

    assert (errors(Loose), errors(Kept)) == (["core.E001"], [])
