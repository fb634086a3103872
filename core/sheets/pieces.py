"""A part of an .xlsx as it is unpacked: in pieces, cut behind the end of an item."""

import gc
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol
from xml.etree import ElementTree as ET
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from core.sheets.values import WorkbookError

PIECE = 512 * 1024  # bytes unpacked at a time
LONGEST_ROW = 4 * 1024 * 1024  # bytes of one row, or before the first
LARGEST_PLAIN = 1024 * 1024  # bytes that a pattern takes at once: of rubbish it makes 130 MB
LONGEST_SPACES = 16 * 1024  # of all names of XML name spaces
DAMAGED = "文件打不开，内容已损坏。请用 Excel 或 WPS 打开原文件，另存为 .xlsx 后再上传。"
BROKEN = (  # what a parser, or the zip, raises on a stranger's bytes
    ET.ParseError,
    expat.ExpatError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    KeyError,
    IndexError,
    ValueError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
)


class _Read(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Piece:
    """Some whole items of a part."""

    def __init__(self, begin: bytes, inner: bytes, end: bytes) -> None:
        self.begin, self.inner, self.end = begin, inner, end

    @property
    def is_ordinary(self) -> bool:
        """Whether it is small enough for a pattern: of rubbish that makes an object a byte."""
        return len(self.inner) <= LARGEST_PLAIN

    def tree(self) -> ET.Element:
        return ET.fromstring(self.begin + self.inner + self.end)  # noqa: S314 -- no doctype


def pieces(part: _Read, container: str, item: str) -> Iterator[Piece]:
    rest, prefix, spaces = _opened(part, container)
    begin = f"<{prefix}{container}{spaces}>".encode()
    end = f"</{prefix}{container}>".encode()
    last = f"</{prefix}{item}>".encode()
    piece = b"-"
    while rest is not None:
        closing = rest.find(end[:-1])
        cut = closing if closing >= 0 else rest.rfind(last) + len(last)
        if closing >= 0 or cut >= len(last):
            yield Piece(begin, rest[:cut], end)
            rest = rest[cut:]
        if closing >= 0:
            return
        if not piece:
            raise WorkbookError(DAMAGED)
        if len(rest) > LONGEST_ROW:
            raise WorkbookError("文件里有一行内容过大，没有读取。请把数据复制到新建的工作簿里。")
        piece = part.read(PIECE)
        rest += piece


def _opened(part: _Read, container: str) -> tuple[bytes | None, str, str]:
    """What follows the container's opening tag, its prefix and the name spaces known there."""
    parser = expat.ParserCreate()
    found = _Head(container, parser)
    head = b""
    while found.at is None:
        piece = part.read(PIECE)
        head += piece
        if not piece or len(head) > LONGEST_ROW + PIECE:
            raise WorkbookError(DAMAGED)
        parser.Parse(piece, False)
    close = head.index(b">", found.at)
    is_empty = head[close - 1 : close] == b"/"
    return None if is_empty else head[close + 1 :], found.prefix, found.spaces


class _Head:
    """Looks for the tag that opens the container."""

    def __init__(self, container: str, parser: Any) -> None:
        self.container, self.parser = container, parser
        self.at: int | None = None
        self.prefix = self.spaces = ""
        self._known: set[str] = set()
        parser.StartElementHandler = self.start
        parser.XmlDeclHandler = self.declared
        parser.StartDoctypeDeclHandler = _no_doctype

    def declared(self, version: str, encoding: str | None, standalone: int) -> None:
        if encoding and encoding.lower() not in {"utf-8", "us-ascii"}:
            raise WorkbookError(DAMAGED)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """The main name space stays unnamed: plain tags are read faster."""
        if self.at is not None:
            return
        for key, value in attributes.items():
            if key.startswith("xmlns:") and key not in self._known:
                self._known.add(key)
                self.spaces += f" {key}={quoteattr(value)}"
                if len(self.spaces) > LONGEST_SPACES:
                    raise WorkbookError(DAMAGED)
        prefix, _, name = tag.rpartition(":")
        if name == self.container:
            self.at = self.parser.CurrentByteIndex
            self.prefix = f"{prefix}:" if prefix else ""


def _no_doctype(*_: object) -> None:
    raise WorkbookError(DAMAGED)


def refuse_doctype(content: bytes) -> None:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _no_doctype
    parser.Parse(content, True)


@contextmanager
def uncollected() -> Iterator[None]:
    """While one piece is read: tens of thousands of new objects, none of them in a circle.

    The collector would go through all of them, and the rest of the process, again and again.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class telling_damage:  # noqa: N801 -- reads as a phrase: with telling_damage()
    """Turns what a broken file raises into words."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, BROKEN) and not isinstance(error, WorkbookError):
            raise WorkbookError(DAMAGED) from error
