"""Turns a template into a PDF."""

from collections.abc import Mapping

from django.conf import settings
from django.template.loader import render_to_string

FONT_SUFFIXES = (".otf", ".ttf")


def render_pdf(
    template: str, context: dict[str, object], *, pictures: Mapping[str, bytes] | None = None
) -> bytes:
    """Render a template of ``templates/exports/`` as PDF bytes.

    ``pictures`` are those that it may show, by addresses of their own (``photo:12``).

    The template finds the installation's font files in ``fonts``: face name to address.
    """
    # Here and not above: it loads WeasyPrint, which web and clock never use.
    from core.exports.typesetting import typeset

    return typeset(render_to_string(template, {"fonts": _fonts(), **context}), pictures or {})


def _fonts() -> dict[str, str]:
    """Font faces of this installation, by file stem; missing ones fall back in the style."""
    folder = settings.VAR_DIR / "fonts"
    files = [path for path in sorted(folder.glob("*")) if path.suffix.lower() in FONT_SUFFIXES]
    return {path.stem.removesuffix("-Regular"): path.as_uri() for path in files}
