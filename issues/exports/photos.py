"""Evidence photos made small, for a page and for paper."""

import io

from PIL import Image

from core.files import FileGone, open_stored
from issues.models import Evidence

EDGE = 640  # pixels: enough for half a sheet
GONE = "照片的文件不在了。请把文件名告诉系统管理员，从备份里找回。"


def thumbnail(evidence: Evidence) -> bytes:
    """A small JPEG of a photo. Raises FileGone.

    Reads it at a fraction of its size, so that a large one takes no more memory than a small.
    """
    made = io.BytesIO()
    with (
        open_stored(evidence.file, of=evidence, gone=GONE) as stored,
        Image.open(stored, formats=("JPEG",)) as image,
    ):
        image.draft("RGB", (EDGE, EDGE))
        image.thumbnail((EDGE, EDGE))
        image.convert("RGB").save(made, "JPEG", quality=75)
    return made.getvalue()


def thumbnail_or_none(evidence: Evidence) -> bytes | None:
    """The same; None of a photo whose file is gone."""
    try:
        return thumbnail(evidence)
    except FileGone:
        return None
