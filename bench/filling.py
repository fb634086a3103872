"""A database is filled once; with `--keep` it is measured again another day."""

import json
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

Figures = dict[str, float]


def filled_once(fill: Callable[[], Figures]) -> Figures:
    """What filling printed, now or when it was done; a half filled database is an error."""
    done, begun = (Path(settings.VAR_DIR) / name for name in ("filled.json", "filling"))
    if done.exists():
        return dict(json.loads(done.read_text()))
    if begun.exists():
        raise SystemExit(f"{begun.parent} was not filled to the end: remove it")
    begun.touch()
    figures = fill()
    done.write_text(json.dumps(figures))
    return figures
