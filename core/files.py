"""Files that people send in: checked by content, images rebuilt, stored under random names."""

import hashlib
import io
import logging
import uuid
import zipfile
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.db.models.fields.files import FieldFile
from django.http import Http404
from PIL import Image, ImageOps

logger = logging.getLogger(__name__)

MAX_PIXELS = 40_000_000
TOO_MANY_PIXELS = "图片像素过大，请缩小后再上传。"
THUMBNAIL_PIXELS = 320  # of the longer side: a tile on a sharp screen
IMAGE_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
IMAGE_FORMATS = ("JPEG", "PNG", "WEBP")  # Pillow knows many more, and runs programs for some
UNPACKED_AT_MOST = 256 * 1024 * 1024  # of a Word or Excel file, by its own directory
DENSE_FROM = 4 * 1024 * 1024
MAX_RATIO = 150  # texts shrink to a tenth, repetitive ones to a fiftieth
DOCUMENT_SIGNATURES = {".pdf": b"%PDF-", ".xlsx": b"PK\x03\x04", ".docx": b"PK\x03\x04"}


@dataclass(frozen=True)
class CheckedFile:
    """A file fit to keep: its shown name, rebuilt content and SHA-256 (hex)."""

    name: str
    content: bytes
    sha256: str

    def stored(self) -> ContentFile:
        """The content under a random name that keeps only the suffix."""
        return ContentFile(self.content, name=f"{uuid.uuid4().hex}{PurePath(self.name).suffix}")


def check_upload(upload: UploadedFile) -> CheckedFile:
    """Check size and content, and rebuild images without their metadata.

    Raises ValidationError with a Chinese text that says what to do.
    """
    suffix = PurePath(upload.name or "").suffix.lower()
    if (upload.size or 0) > settings.UPLOAD_MAX_BYTES:
        limit = settings.UPLOAD_MAX_BYTES // (1024 * 1024)
        raise ValidationError(f"文件超过 {limit} MB，请压缩或拆分后再上传。")
    content = upload.read()
    if not content:
        raise ValidationError("文件是空的，请重新选择。")
    if suffix in IMAGE_SUFFIXES:
        content, suffix = _rebuilt_image(content), ".jpg"
    elif not _is_document(suffix, content):
        raise ValidationError("只收图片（JPG、PNG）、PDF、Word(.docx)和 Excel(.xlsx)文件。")
    elif suffix != ".pdf":
        _check_container(content)
    name = f"{PurePath(upload.name or '文件').stem[:80]}{suffix}"
    return CheckedFile(name, content, hashlib.sha256(content).hexdigest())


def _is_document(suffix: str, content: bytes) -> bool:
    signature = DOCUMENT_SIGNATURES.get(suffix)
    return signature is not None and content.startswith(signature)


def _check_container(content: bytes) -> None:
    """Refuse a zip that would swamp whoever opens it. Only its directory is read here."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, UnicodeDecodeError, NotImplementedError) as error:
        raise ValidationError("文件打不开，可能没有传完或已损坏，请重新保存后再上传。") from error
    is_dense = unpacked > DENSE_FROM and unpacked > len(content) * MAX_RATIO
    if is_dense or unpacked > UNPACKED_AT_MOST:
        raise ValidationError("文件解开后过大，没有收。请把有关的几页另存为 PDF 再上传。")


def _rebuilt_image(content: bytes) -> bytes:
    """Decode and paste into a new picture: drops EXIF, comments and anything appended."""
    try:
        with Image.open(io.BytesIO(content), formats=IMAGE_FORMATS) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise ValidationError(TOO_MANY_PIXELS)
            upright = ImageOps.exif_transpose(opened).convert("RGB")
    except ValidationError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValidationError(TOO_MANY_PIXELS) from error
    except Exception as error:  # a decoder on a stranger's bytes may raise anything
        raise ValidationError("图片打不开，可能已损坏，请重新选择。") from error
    clean = Image.new("RGB", upright.size)
    clean.paste(upright)
    buffer = io.BytesIO()
    clean.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def thumbnail_of(file: CheckedFile) -> ContentFile | None:
    """A small picture of a rebuilt photo under a random name; None for other files."""
    if not file.name.endswith(".jpg"):
        return None
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(file.content), formats=["JPEG"]) as picture:
        picture.draft("RGB", (THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
        picture.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
        picture.save(buffer, "JPEG", quality=80)
    return ContentFile(buffer.getvalue(), name=f"{uuid.uuid4().hex}.jpg")


class FileGone(Http404):
    """A row has a file and the storage has none: a disk was cleared, a backup came without it.

    Its text is a Chinese sentence that says what to do; a page that lets it through answers
    with that.
    """


def open_stored(file: FieldFile, *, of: models.Model, gone: str) -> IO[bytes]:
    """The file of a row, which the caller closes. Raises FileGone with ``gone``, and logs it."""
    try:
        opened: IO[bytes] = file.open("rb")
    except FileNotFoundError as error:
        logger.error("the file of %s:%s is not in the storage", of._meta.label, of.pk)
        raise FileGone(gone) from error
    return opened


def delete_with(row_file: FieldFile) -> None:
    """Delete a row's file once the transaction that deletes the row holds."""
    if row_file:
        storage, name = row_file.storage, str(row_file.name)
        transaction.on_commit(lambda: storage.delete(name))
