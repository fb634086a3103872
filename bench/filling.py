"""A database is filled once; with `--keep` it is measured again another day.

What one scenario fills another may build on: each part is kept by its name.
"""

import json
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

Figures = dict[str, float]


def filled_once(fill: Callable[[], Figures], part: str = "filled") -> Figures:
    """What filling found, now or when it was done; a half filled database is an error."""
    folder = Path(settings.VAR_DIR)
    done, begun = folder / f"{part}.json", folder / f"{part}-begun"
    if done.exists():
        return dict(json.loads(done.read_text()))
    if begun.exists():
        raise SystemExit(f"{begun.parent} was not filled to the end: remove it")
    begun.touch()
    figures = fill()
    done.write_text(json.dumps(figures))
    return figures
