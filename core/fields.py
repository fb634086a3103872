"""Columns of personal data: encrypted in the database, masked wherever they are shown.

    phone = EncryptedField("联系电话", mask=mask_phone, blank=True, default="")
    phone_index = BlindIndexField(of="phone")

Reading gives a ``Sealed``: ``str()`` is the masked text, ``.open()`` the plain one. A model
with a blind index derives from ``SealedModel`` and its querysets from ``SealedQuerySet``,
which keep the index right on every way of writing; a system check says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from django.core import checks
from django.core.exceptions import FieldError
from django.db import models
from django.db.models import Q
from django.db.models.lookups import Exact, IsNull
from django.db.models.query_utils import DeferredAttribute

from core import crypto
from core.masking import mask_all

Mask = Callable[[str], str]
_Model = TypeVar("_Model", bound=models.Model)


class Sealed:
    """One personal value: masked to everybody who does not open it.

    Two are equal when what they hold is equal; none equals a plain text, so that a
    comparison which forgot to open one fails in the first test.
    """

    __slots__ = ("_label", "_mask", "_plain", "_stored")

    def __init__(
        self, label: str, mask: Mask, *, stored: str | None = None, plain: str | None = None
    ) -> None:
        self._label, self._mask = label, mask
        self._stored, self._plain = stored, plain

    def open(self) -> str:
        """The plain text. Raises CannotDecrypt."""
        if self._plain is None:
            self._plain = crypto.unseal(self._stored, self._label) if self._stored else ""
        return self._plain

    @property
    def stored(self) -> str:
        """The text for the database; empty stays empty."""
        if self._stored is None:
            self._stored = crypto.seal(self._plain, self._label) if self._plain else ""
        return self._stored

    def __str__(self) -> str:
        return self._mask(self.open())

    def __repr__(self) -> str:
        return f"<Sealed {self._label}>"

    def __format__(self, specification: str) -> str:
        return format(str(self), specification)

    def __bool__(self) -> bool:
        return bool(self._plain if self._stored is None else self._stored)

    def __eq__(self, other: object) -> bool:
        return self.open() == other.open() if isinstance(other, Sealed) else NotImplemented

    def __hash__(self) -> int:
        return hash((self._label, self.open()))

    def __copy__(self) -> Sealed:
        return self

    def __deepcopy__(self, memo: object) -> Sealed:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled as ciphertext, so that no cache or queue holds the plain text."""
        return _sealed_again, (self._label, self._mask, self.stored)


def _sealed_again(label: str, mask: Mask, stored: str) -> Sealed:
    return Sealed(label, mask, stored=stored)


class _SealedAttribute(DeferredAttribute):
    """Whatever is assigned is read back as a ``Sealed``."""

    field: EncryptedField

    def __set__(self, instance: models.Model, value: object) -> None:
        instance.__dict__[self.field.attname] = self.field.sealed(value)


class _OnlyEmpty(Exact):
    """``exact`` for the empty text: any other comparison would compare ciphertexts."""

    def get_prep_lookup(self) -> Any:
        if self.rhs != "":
            raise FieldError(_refusal(self.lhs.output_field))
        return self.rhs


if TYPE_CHECKING:
    _Sealed = models.Field[Sealed | str, Sealed]
    _Text = models.CharField[str, str]
else:
    _Sealed, _Text = models.Field, models.CharField


class EncryptedField(_Sealed):
    """Text kept encrypted. ``label`` is given only to keep it when a column is renamed."""

    descriptor_class = _SealedAttribute
    description = "Encrypted text"

    def __init__(self, *args: Any, mask: Mask = mask_all, label: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mask = mask
        self.label = self._given_label = label

    def get_internal_type(self) -> str:
        return "TextField"

    def contribute_to_class(
        self, cls: type[models.Model], name: str, private_only: bool = False
    ) -> None:
        super().contribute_to_class(cls, name, private_only)
        self.label = self._given_label or f"{cls._meta.label}.{name}"

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()  # the mask is no matter of the database
        return (
            name,
            path,
            args,
            kwargs | ({"label": self._given_label} if self._given_label else {}),
        )

    def sealed(self, value: object) -> Sealed:
        """The value as this column holds it; plain text and None are taken in."""
        if isinstance(value, Sealed):
            return value if value._label == self.label else self.sealed(value.open())
        if value is None or isinstance(value, str):
            return Sealed(self.label, self.mask, plain=value or "")
        raise TypeError(f"{self.label} takes text, not {type(value).__name__}")

    def from_db_value(self, value: str | None, expression: object, connection: object) -> Any:
        return None if value is None else Sealed(self.label, self.mask, stored=value)

    def to_python(self, value: Any) -> Sealed:
        return self.sealed(value)

    def get_prep_value(self, value: Any) -> Any:
        if hasattr(value, "resolve_expression"):
            return value
        return self.sealed(value).stored

    def value_to_string(self, obj: models.Model) -> str:
        raise FieldError(f"{self.label} is not dumped: back up the database with its key file")

    def formfield(self, *args: Any, **kwargs: Any) -> None:
        """No automatic form: it would show the mask, and save it over the value."""
        return

    def get_lookup(self, lookup_name: str) -> Any:
        allowed = {"exact": _OnlyEmpty, "isnull": IsNull}
        if lookup_name not in allowed:
            raise FieldError(_refusal(self))
        return allowed[lookup_name]

    def get_transform(self, lookup_name: str) -> None:
        return None


def _refusal(field: models.Field[Any, Any]) -> str:
    name = getattr(field, "label", field.name)
    return f"{name} is encrypted: find it by its BlindIndexField with matching(), or compare to ''"


class BlindIndexField(_Text):
    """The index of an encrypted column: equal values have equal indexes, nothing else shows."""

    def __init__(self, *args: Any, of: str, **kwargs: Any) -> None:
        fixed = {"max_length": 48, "default": "", "blank": True, "editable": False}
        super().__init__(*args, **({"db_index": True} | kwargs | fixed))
        self.of = of

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        for fixed in ("max_length", "default", "blank", "editable", "db_index"):
            kwargs.pop(fixed, None)
        return name, path, args, kwargs | {"of": self.of}

    @property
    def source(self) -> EncryptedField:
        field = self.model._meta.get_field(self.of)
        assert isinstance(field, EncryptedField)
        return field

    def index_of(self, value: Sealed | str | None) -> str:
        """The index that the value has now."""
        source = self.source
        return crypto.blind_index(source.sealed(value).open(), source.label)

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        index = self.index_of(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, index)
        return index

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        manager = self.model._default_manager
        kept = issubclass(self.model, SealedModel) and isinstance(manager.all(), SealedQuerySet)
        message = "a model with a blind index needs SealedModel and a manager of SealedQuerySet"
        faults = [] if kept else [checks.Error(message, obj=self, id="core.E001")]
        return [*super().check(**kwargs), *faults]


def matching(model: type[models.Model], index: str, value: str) -> Q:
    """Rows that hold exactly this value: ``filter(matching(Target, "phone_index", number))``."""
    field = model._meta.get_field(index)
    assert isinstance(field, BlindIndexField)
    return Q(**{f"{index}__in": crypto.blind_indexes(value, field.source.label)})


def _indexes(model: type[models.Model]) -> list[BlindIndexField]:
    return [field for field in model._meta.concrete_fields if isinstance(field, BlindIndexField)]


def _with_indexes(model: type[models.Model], names: Iterable[str]) -> list[str]:
    """The columns, and the indexes of those among them that have one."""
    names = list(names)
    return names + [
        index.name for index in _indexes(model) if index.of in names and index.name not in names
    ]


class SealedQuerySet(models.QuerySet[_Model]):
    """A queryset whose bulk writes take the blind indexes along."""

    def update(self, **kwargs: Any) -> int:
        for index in _indexes(self.model):
            if index.of in kwargs and index.name not in kwargs:
                value = kwargs[index.of]
                if hasattr(value, "resolve_expression"):
                    raise FieldError(f"{index.of} is encrypted: update() takes a text for it")
                kwargs[index.name] = index.index_of(value)
        return super().update(**kwargs)

    def bulk_update(self, objs: Iterable[Any], fields: Iterable[str], *args: Any, **kw: Any) -> int:
        objs = list(objs)
        names = _with_indexes(self.model, fields)
        for index in _indexes(self.model):
            if index.name in names:
                for each in objs:
                    index.pre_save(each, add=False)
        return super().bulk_update(objs, names, *args, **kw)

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("update_fields"):
            kwargs["update_fields"] = _with_indexes(self.model, kwargs["update_fields"])
        return super().bulk_create(objs, *args, **kwargs)


class SealedModel(models.Model):
    """A model whose blind indexes are saved with their columns, also by ``update_fields``."""

    class Meta:
        abstract = True

    def save(self, *, update_fields: Iterable[str] | None = None, **others: Any) -> None:
        if update_fields is not None:
            update_fields = _with_indexes(type(self), update_fields)
        super().save(update_fields=update_fields, **others)
