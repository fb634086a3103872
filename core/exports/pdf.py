"""Turns a template into a PDF. Nothing outside the templates' fonts is ever fetched."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse


class FontsOnly(URLFetcher):
    """Gives font files from ``var/fonts`` and refuses every other address.

    WeasyPrint's own fetcher follows links in people's text to the network and to local
    files (threats X48).
    """

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        path = Path(unquote(urlsplit(url).path)).resolve()
        fonts = (settings.VAR_DIR / "fonts").resolve()
        if urlsplit(url).scheme != "file" or not path.is_relative_to(fonts):
            raise ValueError(f"address refused in a PDF: {urlsplit(url).scheme}")
        return URLFetcherResponse(url, path.read_bytes())


def render_pdf(template: str, context: dict[str, object]) -> bytes:
    """Render a template of ``templates/exports/`` as PDF bytes."""
    page = render_to_string(template, {"fonts": _fonts(), **context})
    html = HTML(string=page, url_fetcher=FontsOnly())
    return bytes(html.write_pdf(font_config=FontConfiguration()) or b"")


def _fonts() -> dict[str, str]:
    """Font faces of this installation, by file stem; missing ones fall back in the style."""
    folder = settings.VAR_DIR / "fonts"
    return {path.stem.split("-")[0]: path.as_uri() for path in sorted(folder.glob("*.[ot]tf"))}
