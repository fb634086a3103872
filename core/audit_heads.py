"""The heads of the audit chain kept outside the database, in a file that only grows.

Who rewrites the whole chain in the database contradicts the lines written before. The file
is worth as much as the place it lies in: another machine, or a daily print.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from core.audit_chain import Fault, KeptHead, Kind
from core.models import AuditHead

_LINE = re.compile(r"(\d{4}-\d\d-\d\dT\S+) (\d{1,18}) ([0-9a-f]{64}|-)")


def keep_head() -> KeptHead:
    """Add a line with the present end of the chain: time, number, hash. On the disk when done."""
    head = AuditHead.objects.get()
    kept = KeptHead(timezone.localtime().isoformat(timespec="seconds"), head.number, head.hash)
    path = Path(settings.AUDIT_HEADS_FILE)
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        begin = "" if _ends_a_line(file) else "\n"
        os.write(file, f"{begin}{kept.day} {kept.number} {kept.hash or '-'}\n".encode())
        os.fsync(file)
    finally:
        os.close(file)
    return kept


def _ends_a_line(file: int) -> bool:
    """Whether the file is empty or whole; a power cut may have left half a line."""
    size = os.fstat(file).st_size
    return not size or os.pread(file, 1, size - 1) == b"\n"


def read_heads() -> tuple[list[KeptHead], list[Fault]]:
    """The lines kept so far, and a fault for each that is none. Without a file: nothing."""
    path = Path(settings.AUDIT_HEADS_FILE)
    if not path.exists():
        return [], []
    heads, faults = [], []
    for number, line in enumerate(_lines(path), start=1):
        found = _LINE.fullmatch(line)
        if found:
            day, at, digest = found.groups()
            heads.append(KeptHead(day[:10], int(at), digest.replace("-", "")))
        else:
            text = f"库外留存文件「{path}」第 {number} 行无法识别，应是「时间 编号 校验值」。"
            faults.append(Fault(Kind.OUTSIDE, 0, text))
    return heads, faults


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            yield line.rstrip("\n")
