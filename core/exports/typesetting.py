"""WeasyPrint behind one door: HTML in, PDF bytes out, nothing fetched but our fonts and pictures.

Import this module only where a page is really set: WeasyPrint takes seconds to load.
"""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings
from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from core.exports.pdf import FONT_SUFFIXES


class FontsOnly(URLFetcher):
    """Gives font files from ``var/fonts`` and the pictures it was made with; refuses all else.

    WeasyPrint's own fetcher follows links in people's text to the network and to local
    files (threats X48).
    """

    def __init__(self, pictures: Mapping[str, bytes] | None = None) -> None:
        super().__init__()
        self.pictures = pictures or {}

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        if url in self.pictures:
            return URLFetcherResponse(url, self.pictures[url])
        address = urlsplit(url)
        path = Path(unquote(address.path)).resolve()
        fonts = (settings.VAR_DIR / "fonts").resolve()
        allowed = address.scheme == "file" and path.suffix.lower() in FONT_SUFFIXES
        if not allowed or not path.is_relative_to(fonts):
            raise ValueError(f"address refused in a PDF: {address.scheme}")
        return URLFetcherResponse(url, path.read_bytes())


def typeset(page: str, pictures: Mapping[str, bytes]) -> bytes:
    """Set one HTML document; ``pictures`` by the addresses under which it shows them."""
    html = HTML(string=page, url_fetcher=FontsOnly(pictures))
    return bytes(html.write_pdf(font_config=FontConfiguration()) or b"")
