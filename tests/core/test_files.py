"""Files that people send in: what is kept is only what was meant."""

import hashlib
import io
import random
import struct
import zipfile
import zlib

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pytest_django.fixtures import Settings

from core import files
from core.files import DENSE_FROM, CheckedFile, check_upload

BROKEN = "图片打不开，可能已损坏，请重新选择。"
PIXELS = "图片像素过大，请缩小后再上传。"
KINDS = "只收图片（JPG、PNG）、PDF、Word(.docx)和 Excel(.xlsx)文件。"
ORIENTATION, MAKER, GPS = 0x112, 0x10F, 0x8825
SECRET = "SECRET-PHONE"


def check(name: str, content: bytes) -> CheckedFile:
    return check_upload(SimpleUploadedFile(name, content))


def refusal(name: str, content: bytes) -> str:
    with pytest.raises(ValidationError) as caught:
        check(name, content)
    return str(caught.value.messages[0])


def picture(width: int = 48, height: int = 32) -> Image.Image:
    return Image.radial_gradient("L").resize((width, height)).convert("RGB")


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def exif(orientation: int = 1) -> Image.Exif:
    made = Image.Exif()
    made[ORIENTATION] = orientation
    made[MAKER] = SECRET
    made.get_ifd(GPS).update({1: "N", 2: (36.0, 27.0, 0.0)})
    return made


### Pictures


def test_photo_loses_place_maker_comment_and_tail() -> None:
    tail = b"PK\x03\x04" + SECRET.encode()
    photo = encoded(picture(), "JPEG", exif=exif(), comment=SECRET.encode()) + tail
    assert photo.count(SECRET.encode()) == 3
    kept = check("现场.jpg", photo)
    with Image.open(io.BytesIO(kept.content)) as opened:
        assert (opened.format, opened.size) == ("JPEG", (48, 32))
        assert dict(opened.getexif()) == {}
        assert "comment" not in opened.info
    assert kept.content.count(SECRET.encode()) == 0
    assert kept.content.endswith(b"\xff\xd9")


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_every_picture_becomes_a_plain_jpeg(kind: str) -> None:
    options: dict[str, object] = {"exif": exif()}
    if kind == "PNG":
        texts = PngInfo()
        texts.add_text("Comment", SECRET)
        options["pnginfo"] = texts
    kept = check(f"图.{kind.lower()}", encoded(picture(), kind, **options))
    assert kept.name == "图.jpg"
    assert kept.content.startswith(b"\xff\xd8\xff")
    assert kept.content.count(SECRET.encode()) == 0


def test_picture_is_turned_upright_before_its_orientation_is_dropped() -> None:
    kept = check("a.jpg", encoded(picture(48, 32), "JPEG", exif=exif(orientation=6)))
    with Image.open(io.BytesIO(kept.content)) as opened:
        assert opened.size == (32, 48)


def test_hash_is_of_the_content_that_is_kept() -> None:
    kept = check("a.png", encoded(picture(), "PNG"))
    assert kept.sha256 == hashlib.sha256(kept.content).hexdigest()


def huge_png(width: int, height: int) -> bytes:
    """A few bytes that claim to be a picture of that size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 64)), (b"IEND", b"")]
    packed = [
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def test_pixel_bomb_is_refused_before_it_is_unpacked() -> None:
    assert refusal("a.png", huge_png(8_000, 6_000)) == PIXELS
    assert refusal("a.png", huge_png(60_000, 60_000)) == PIXELS


@pytest.mark.parametrize(
    "content",
    [
        b"<?php echo 1;",
        b"%PDF-1.7 not a picture",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        encoded(picture(), "TIFF"),
        encoded(picture(), "GIF"),
        encoded(picture(), "JPEG")[:200],
    ],
    ids=["script", "pdf", "eps", "tiff", "gif", "cut"],
)
def test_what_is_no_picture_of_the_three_kinds_is_refused(content: bytes) -> None:
    """Pillow would open more than these, and starts Ghostscript for one of them."""
    assert refusal("a.jpg", content) == BROKEN


def test_damaged_pictures_are_refused_never_an_error() -> None:
    """Whatever a decoder raises on damaged bytes, the person gets a sentence."""
    chance = random.Random(20250926)
    seeds = {
        "a.jpg": encoded(picture(), "JPEG", exif=exif(), comment=b"c"),
        "a.png": encoded(picture(), "PNG", exif=exif()),
        "a.webp": encoded(picture(), "WEBP", exif=exif()),
    }
    told: set[str] = set()
    for _ in range(600):
        name = chance.choice(sorted(seeds))
        content = bytearray(seeds[name])
        for _ in range(chance.choice([1, 2, 5])):
            content[chance.randrange(min(len(content), 300))] = chance.randrange(256)
        try:
            check(name, bytes(content))
        except ValidationError as error:
            told.update(error.messages)
    assert BROKEN in told
    assert told <= {BROKEN, PIXELS}


### Documents


def zipped(content: bytes = b"<w:document/>") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", content)
    return packed.getvalue()


PLAIN_ZIP = zipped()
DENSE = zipped(b" " * (DENSE_FROM + 1))


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx"])
def test_a_document_that_unpacks_beyond_all_measure_is_refused(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(DENSE) < 10_000
    with pytest.raises(ValidationError, match="文件解开后过大"):
        check(name, DENSE)
    monkeypatch.setattr(files, "MAX_RATIO", 10**6)  # the control switched off
    assert check(name, DENSE).content == DENSE
    monkeypatch.setattr(files, "UNPACKED_AT_MOST", DENSE_FROM)
    with pytest.raises(ValidationError, match="文件解开后过大"):
        check(name, DENSE)


def test_a_document_without_its_end_is_refused() -> None:
    with pytest.raises(ValidationError, match="可能没有传完"):
        check("a.docx", PLAIN_ZIP[:-30])


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.pdf", b"%PDF-1.7\n"), ("a.docx", PLAIN_ZIP), ("a.XLSX", PLAIN_ZIP)],
)
def test_documents_are_kept_as_they_are(name: str, content: bytes) -> None:
    kept = check(name, content)
    assert (kept.name, kept.content) == (name.lower(), content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"PK\x03\x04"),
        ("a.docx", b"%PDF-1.7"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("a.html", b"<script>alert(1)</script>"),
        ("a.svg", b"<svg onload=alert(1)>"),
        ("a.exe", b"MZ"),
        ("a.html", b"\0never<script>"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("noending", b"%PDF-1.7"),
        ("a.pdf.html", b"%PDF-1.7"),
        ("a.pdf", b"\xff\xd8\xff GIF89a %PDF-1.7"),
    ],
)
def test_content_and_suffix_must_agree_and_be_known(name: str, content: bytes) -> None:
    assert refusal(name, content) == KINDS


### Size and names


def test_empty_and_oversize_files_are_refused(settings: Settings) -> None:
    assert refusal("a.pdf", b"") == "文件是空的，请重新选择。"
    settings.UPLOAD_MAX_BYTES = 1024 * 1024
    assert check("a.pdf", b"%PDF-".ljust(1024 * 1024)).name == "a.pdf"
    assert refusal("a.pdf", b"%PDF-".ljust(1024 * 1024 + 1)) == (
        "文件超过 1 MB，请压缩或拆分后再上传。"
    )


def test_stored_names_are_random_and_keep_only_the_suffix() -> None:
    kept = check("张三的检讨.pdf", b"%PDF-1.7")
    first, second = kept.stored(), kept.stored()
    assert first.name != second.name
    assert str(first.name).endswith(".pdf")
    assert len(str(first.name)) == 36
    assert first.read() == b"%PDF-1.7"


def test_shown_name_is_cut_and_has_no_folder() -> None:
    kept = check("../../etc/" + "很" * 120 + ".pdf", b"%PDF-1.7")
    assert kept.name == "很" * 80 + ".pdf"
