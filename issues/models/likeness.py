"""By what like problems are found."""

from django.db import models

from issues.likeness import BANDS, bands
from issues.models.items import Issue


class LikenessKeys(models.Model):
    """By what items with a like ``event`` are found (``issues.likeness.bands``).

    Kept for items that are handed in, and for no other: who looks for likeness finds no draft.
    One row an item and a column for each place, since a row for each would be three times as big.
    """

    issue = models.OneToOneField(
        Issue, models.PROTECT, primary_key=True, related_name="likeness_keys"
    )
    band0 = models.BigIntegerField()
    band1 = models.BigIntegerField()
    band2 = models.BigIntegerField()
    band3 = models.BigIntegerField()
    band4 = models.BigIntegerField()
    band5 = models.BigIntegerField()
    band6 = models.BigIntegerField()
    band7 = models.BigIntegerField()
    band8 = models.BigIntegerField()
    band9 = models.BigIntegerField()
    band10 = models.BigIntegerField()
    band11 = models.BigIntegerField()

    class Meta:
        verbose_name = "问题的比对码"
        indexes = [
            models.Index(fields=[f"band{place}"], name=f"likeness_{place}")
            for place in range(BANDS)
        ]

    @classmethod
    def of(cls, issue: int, event: str) -> "LikenessKeys | None":
        """Not saved; None for a text that is too short to compare."""
        keys = {f"band{place}": key for place, key in enumerate(bands(event))}
        return cls(issue_id=issue, **keys) if keys else None
