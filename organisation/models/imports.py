"""Rosters and lists of units on their way in (see ``core.uploads``)."""

from typing import ClassVar

from django.db import models

from core.uploads import Upload


class RosterUpload(Upload):
    """An uploaded roster of people.

    ``site`` is the address under which its uploader reached the product: the slips of new
    people say it.
    """

    site = models.CharField("网址", max_length=200, blank=True)

    writes: ClassVar[tuple[str, ...]] = ("created", "moved", "changed", "corrected", "retired")

    class Meta(Upload.Meta):
        verbose_name = "花名册上传"


class UnitUpload(Upload):
    """An uploaded list of units."""

    writes: ClassVar[tuple[str, ...]] = ("created", "moved", "changed")

    class Meta(Upload.Meta):
        verbose_name = "单位清单上传"
