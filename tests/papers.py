"""Where the text of a PDF stands on its paper."""

from pypdf import PageObject

MILLIMETRE = 72 / 25.4


def placed(page: PageObject) -> list[tuple[float, float, str]]:
    """Each piece of text with its start: millimetres from the left and from the top."""
    height = float(page.mediabox.height)
    found: list[tuple[float, float, str]] = []

    def visit(text: str, outer: list[float], inner: list[float], *_: object) -> None:
        if text.strip():
            x = inner[4] * outer[0] + inner[5] * outer[2] + outer[4]
            y = inner[4] * outer[1] + inner[5] * outer[3] + outer[5]
            found.append((x / MILLIMETRE, (height - y) / MILLIMETRE, text.strip()))

    page.extract_text(visitor_text=visit)
    return found
