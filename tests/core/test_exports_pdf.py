"""PDFs fetch nothing but our own fonts, and draw the characters they say."""

import http.server
import io
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.template import engines
from pypdf import PdfReader
from weasyprint import HTML
from weasyprint.urls import URLFetcher

from core.exports.pdf import render_pdf
from core.exports.typesetting import FontsOnly
from tests.papers import MILLIMETRE, placed

PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """A web server that remembers what was asked of it."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def page_asking_for(address: str, secret: Path) -> str:
    """A page with every way that WeasyPrint knows to fetch something."""
    return f"""<link rel=attachment href="{address}/attached">
    <link rel=stylesheet href="{address}/style">
    <link rel=attachment href="{secret.as_uri()}"><img src="{address}/picture">
    <img src="{PIXEL}"><a rel=attachment href="{secret.as_uri()}">附件</a>
    <style>@import url("{address}/import");
    @font-face {{ font-family: x; src: url("{address}/font"); }}
    p {{ font-family: x; background: url("{address}/background"); }}</style>
    <object data="{address}/object"></object><p>正文</p>"""


def attachments_of(pdf: bytes) -> list[str]:
    return list(PdfReader(io.BytesIO(pdf)).attachments)


def test_our_fetcher_asks_nobody(listener: tuple[str, list[str]], tmp_path: Path) -> None:
    address, asked = listener
    secret = tmp_path / "secret.txt"
    secret.write_text("机密")
    page = page_asking_for(address, secret)
    pdf = HTML(string=page, url_fetcher=FontsOnly()).write_pdf()
    assert (asked, attachments_of(pdf)) == ([], [])
    assert pdf.count(b"/Subtype /Image") == 0


def test_the_default_fetcher_would_have_asked(
    listener: tuple[str, list[str]], tmp_path: Path
) -> None:
    """With the control off the same page reaches the server and the file."""
    address, asked = listener
    secret = tmp_path / "secret.txt"
    secret.write_text("机密")
    pdf = HTML(string=page_asking_for(address, secret), url_fetcher=URLFetcher()).write_pdf()
    assert {"/attached", "/style", "/picture", "/import", "/font", "/background"} <= set(asked)
    assert attachments_of(pdf) == ["secret.txt"]


def test_people_s_text_is_text(listener: tuple[str, list[str]]) -> None:
    """Markup in a title is drawn, not obeyed."""
    address, asked = listener
    template = engines["django"].from_string("<p>{{ text }}</p>")
    text = f'<img src="{address}/x"><link rel=attachment href="file:///etc/passwd">'
    pdf = HTML(string=template.render({"text": text}), url_fetcher=FontsOnly()).write_pdf()
    assert asked == []
    assert "<imgsrc=" in "".join(PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split())


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/a.otf",
        "https://127.0.0.1/a.otf",
        "ftp://127.0.0.1/a.otf",
        "data:font/otf;base64,AAAA",
        "file:///etc/passwd",
        "file://{fonts}/../secret_key",
        "file://{fonts}/%2e%2e/secret.otf",
        "file://{fonts}/notes.txt",
        "FILE://{fonts}/../secret.otf",
        "",
    ],
)
def test_every_other_address_is_refused(settings: object, tmp_path: Path, address: str) -> None:
    settings.VAR_DIR = tmp_path
    fonts = tmp_path / "fonts"
    fonts.mkdir()
    (fonts / "notes.txt").write_text("机密")
    (tmp_path / "secret.otf").write_bytes(b"x")
    (tmp_path / "secret_key").write_text("x")
    with pytest.raises(ValueError, match="address refused"):
        FontsOnly().fetch(address.format(fonts=fonts))


def test_a_font_of_the_installation_is_given(settings: object, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    font = tmp_path / "fonts" / "仿宋_GB2312.ttf"
    font.parent.mkdir()
    font.write_bytes(b"font")
    assert FontsOnly().fetch(font.as_uri()).read() == b"font"


@pytest.fixture
def official(settings: object, tmp_path: Path) -> object:
    """Draw a body inside the official frame."""

    def draw(body: str) -> PdfReader:
        name = f"{uuid.uuid4().hex}.html"  # the loader keeps what it has read
        (tmp_path / name).write_text(
            '{% extends "exports/official.html" %}{% block body %}' + body + "{% endblock %}"
        )
        engine = engines["django"].engine
        loader = engine.template_loaders[0].loaders[0]
        before = loader.dirs
        loader.dirs = [*engine.dirs, tmp_path]
        try:
            return PdfReader(io.BytesIO(render_pdf(name, {"stamp": "张三"})))
        finally:
            loader.dirs = before

    return draw


needs_fangsong = pytest.mark.skipif(
    not (django_settings.VAR_DIR / "fonts" / "FandolFang-Regular.otf").exists(),
    reason="FandolFang is not installed in var/fonts",
)


def faces_of(reader: PdfReader) -> set[str]:
    return {
        str(font.get_object()["/BaseFont"]).split("+")[-1]
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()
    }


@needs_fangsong
def test_each_part_has_the_face_of_the_standard(official: object) -> None:
    faces = faces_of(
        official(
            '<h1>标题</h1><p class="heading-1">一、黑体</p>'
            '<p class="heading-2">（一）楷体</p><p>正文仿宋</p>'
        )
    )
    assert {
        "Noto-Serif-CJK-SC-Bold",
        "Noto-Sans-CJK-SC",
        "LXGW-WenKai",
        "FandolFang",
    } <= faces


@needs_fangsong
def test_names_outside_gb2312_fall_back_to_a_full_face(official: object) -> None:
    """FandolFang lacks these characters; without a second face they would be empty boxes."""
    reader = official("<p>昇喆珺玥旻祎</p>")
    assert "昇喆珺玥旻祎" in "".join(reader.pages[0].extract_text().split())
    assert "Noto-Serif-CJK-SC" in faces_of(reader)


def lines_of(reader: PdfReader, page: int) -> list[tuple[float, float, str]]:
    """Lines of the text block: baseline and left edge in mm from the paper's corner, and text."""
    rows: dict[float, tuple[float, str]] = {}
    for x, y, text in placed(reader.pages[page]):
        if "—" not in text and "张三" not in text:
            left, before = rows.get(round(y, 1), (x, ""))
            rows[round(y, 1)] = (min(left, x), before + text)
    return [(y, *rows[y]) for y in sorted(rows)]


def test_a_page_holds_22_lines_of_28_characters(official: object) -> None:
    """GB/T 9704-2012 §5.2.3, by counting the lines of a long paragraph."""
    reader = official("<p>" + "字" * 28 * 30 + "</p>")
    lines = lines_of(reader, 0)
    assert len(lines) == 22
    # The first line is set in by two characters.
    assert [len(text) for _, _, text in lines] == [26, *[28] * 21]
    assert [round(left) for _, left, _ in lines] == [39, *[28] * 21]
    assert lines[0][0] > 37
    assert lines[-1][0] < 37 + 225
    pitch = (lines[-1][0] - lines[0][0]) / 21 * MILLIMETRE
    assert pitch == pytest.approx(28.95, abs=0.02)


def test_page_numbers_stand_right_on_odd_and_left_on_even_pages(official: object) -> None:
    """Outside at one character from the edge of the text block, 7 mm below it."""
    reader = official("<p>" + "字" * 28 * 50 + "</p>")
    numbers = []
    for page in reader.pages:
        x, y, _ = next(each for each in placed(page) if "—" in each[2])
        numbers.append((round(x), round(y)))
    # The baseline lies 1.5 mm under the dash.
    assert numbers == [(165, 270), (31, 270), (165, 270)]
