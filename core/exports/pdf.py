"""Turns a template into a PDF. Nothing outside the templates' fonts is ever fetched."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

FONT_SUFFIXES = (".otf", ".ttf")


class FontsOnly(URLFetcher):
    """Gives font files from ``var/fonts`` and refuses every other address.

    WeasyPrint's own fetcher follows links in people's text to the network and to local
    files (threats X48).
    """

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        address = urlsplit(url)
        path = Path(unquote(address.path)).resolve()
        fonts = (settings.VAR_DIR / "fonts").resolve()
        allowed = address.scheme == "file" and path.suffix.lower() in FONT_SUFFIXES
        if not allowed or not path.is_relative_to(fonts):
            raise ValueError(f"address refused in a PDF: {address.scheme}")
        return URLFetcherResponse(url, path.read_bytes())


def render_pdf(template: str, context: dict[str, object]) -> bytes:
    """Render a template of ``templates/exports/`` as PDF bytes.

    The template finds the installation's font files in ``fonts``: face name to address.
    """
    page = render_to_string(template, {"fonts": _fonts(), **context})
    html = HTML(string=page, url_fetcher=FontsOnly())
    return bytes(html.write_pdf(font_config=FontConfiguration()) or b"")


def _fonts() -> dict[str, str]:
    """Font faces of this installation, by file stem; missing ones fall back in the style."""
    folder = settings.VAR_DIR / "fonts"
    files = [path for path in sorted(folder.glob("*")) if path.suffix.lower() in FONT_SUFFIXES]
    return {path.stem.removesuffix("-Regular"): path.as_uri() for path in files}
