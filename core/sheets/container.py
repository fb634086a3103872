"""A file is judged before a parser sees it: size, signature, the directory of its zip."""

import posixpath
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, cast

from django.conf import settings

from core.sheets.values import WorkbookError

MEGABYTE = 1024 * 1024
MAX_ENTRIES = 500  # parts of the zip; an ordinary workbook has a dozen
LARGEST_DIRECTORY = 2 * MEGABYTE  # of the zip; every part in it becomes an object
MAX_UNPACKED_BYTES = 64 * MEGABYTE  # 20,000 rows of twenty columns unpack to about 25 MB
MAX_RATIO = 150  # spreadsheets shrink to a tenth, repetitive ones to a fiftieth
RATIO_MATTERS_BYTES = 4 * MEGABYTE
REQUIRED_PARTS = ("[Content_Types].xml", "xl/workbook.xml")

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_ENCRYPTED_PART = "EncryptedPackage".encode("utf-16-le")
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"II*\0", b"MM\0*")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_UNWRITTEN = re.compile(rb"[\x01-\x08\x0e-\x19]")  # bytes that no text has, in any encoding
_INSTEAD = {
    True: "请上传 .xlsx 工作簿或 CSV，可以下载模板来填。",
    False: "请上传 .xlsx 工作簿，可以下载模板来填。",
}
_SYMLINK = 0o120000
_TOO_LARGE = "文件解开后过大，没有读取。请把要导入的数据复制到新建的工作簿里，再上传。"


@dataclass(frozen=True)
class Limits:
    """How much of one kind of upload is read at all."""

    packed: int
    unpacked: int
    csv: bool = False  # text is taken for CSV


def ordinary() -> Limits:
    """Of what people type by hand."""
    return Limits(settings.UPLOAD_MAX_BYTES, MAX_UNPACKED_BYTES)


def check(file: IO[bytes], limits: Limits) -> bool:
    """Whether the file is a workbook; text, where it is welcome, is not.

    Raises WorkbookError for everything else, and for what would unpack beyond all measure.
    """
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(4096)
    if size > limits.packed:
        raise WorkbookError(f"文件超过 {limits.packed // MEGABYTE} MB，请拆分成几个文件后再上传。")
    if not head.strip(b"\0"):
        raise WorkbookError("文件里没有内容（全是空字节），可能没有传完。请重新选择文件上传。")
    if head.startswith(_OLE):
        raise WorkbookError(_ole_text(file, head))
    if not head.startswith(_ZIP):
        return _check_text(head, limits)
    try:
        file.seek(0)
        with zipfile.ZipFile(cast(IO[bytes], _Frugal(file))) as archive:
            _check_parts(archive.infolist(), size, limits.unpacked)
            _check_kind(archive)
    except (zipfile.BadZipFile, UnicodeDecodeError, NotImplementedError, EOFError) as error:
        raise WorkbookError("文件不完整或已损坏，请重新保存后再上传。") from error
    return True


class _Frugal:
    """A file of which little is read at once: a zip's directory is, as a whole."""

    def __init__(self, file: IO[bytes]) -> None:
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable
        self._read = file.read

    def read(self, size: int = -1) -> bytes:
        if size > LARGEST_DIRECTORY:
            raise WorkbookError(_TOO_LARGE)
        return self._read(size)


def _check_text(head: bytes, limits: Limits) -> bool:
    """False for what may be CSV. Raises WorkbookError."""
    is_binary = b"\0" in head and not head.startswith(_UTF_16)
    is_boxed = is_binary and (head[4:8] == b"ftyp" or head[8:12] == b"WEBP")  # phones' formats
    if is_boxed or head.startswith(_PICTURES):
        raise WorkbookError(
            f"这是图片（照片）或视频，不是表格，也不是 Excel 工作簿。{_INSTEAD[limits.csv]}"
        )
    if is_binary and _UNWRITTEN.search(head):
        raise WorkbookError(f"这不是表格，也不是 Excel 工作簿。{_INSTEAD[limits.csv]}")
    if not limits.csv:
        raise WorkbookError("这不是 Excel 工作簿。请用 Excel 或 WPS 另存为 .xlsx 后再上传。")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"{", b"%PDF", b"\x89PNG", b"Rar!")):
        raise WorkbookError("这不是 Excel 工作簿，也不是 CSV。请另存为 .xlsx 后再上传。")
    return False


def _ole_text(file: IO[bytes], head: bytes) -> str:
    if _ENCRYPTED_PART in head + file.read(4 * MEGABYTE):
        return "文件设有打开密码。请在 Excel 里取消密码（文件→信息→保护工作簿）后再上传。"
    return "这是旧版 .xls 工作簿（或别的旧版文档），请另存为 .xlsx 后再上传。"


def _check_parts(parts: Sequence[zipfile.ZipInfo], packed: int, limit: int) -> None:
    names = {part.filename for part in parts}
    unpacked = sum(part.file_size for part in parts)
    if any(part.flag_bits & 1 for part in parts):
        raise WorkbookError("文件加了密码，请取消密码后再上传。")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise WorkbookError("文件带有宏。请另存为不含宏的「Excel 工作簿（.xlsx）」后再上传。")
    if any(part not in names for part in REQUIRED_PARTS):
        raise WorkbookError("文件不是 .xlsx 工作簿（可能只是改了后缀），请另存为 .xlsx 后再上传。")
    if len(names) < len(parts) or any(_is_strange(part) for part in parts):
        raise WorkbookError(
            "文件的内部结构不正常（有重名或越界的部件），没有读取。"
            "请用 Excel 或 WPS 打开，另存为新的 .xlsx 后再上传。"
        )
    if any(name.startswith("xl/externalLinks/") for name in names):
        raise WorkbookError(
            "文件引用了别的工作簿。请在 Excel 里「数据→编辑链接→断开链接」，保存后再上传。"
        )
    too_dense = unpacked > RATIO_MATTERS_BYTES and unpacked > packed * MAX_RATIO
    if len(parts) > MAX_ENTRIES or unpacked > limit or too_dense:
        raise WorkbookError(_TOO_LARGE)


def _is_strange(part: zipfile.ZipInfo) -> bool:
    """A name that leads out of the container, or a link."""
    name = part.filename
    leads_out = name.startswith("/") or "\\" in name or ":" in name or "\0" in part.orig_filename
    return (
        leads_out
        or posixpath.normpath(name).startswith("..")
        or (part.external_attr >> 16) & 0o170000 == _SYMLINK
    )


def _check_kind(archive: zipfile.ZipFile) -> None:
    """A workbook with macros calls itself so, whatever its suffix is."""
    with archive.open(REQUIRED_PARTS[0]) as part:
        kinds = part.read(MEGABYTE)
    if b"macroEnabled" in kinds:
        raise WorkbookError("文件带有宏。请另存为不含宏的「Excel 工作簿（.xlsx）」后再上传。")
