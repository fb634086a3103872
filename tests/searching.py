"""Addresses of lists as the search boxes make them."""

from urllib.parse import parse_qsl, urlencode

from core import crypto
from core.sought import LABEL

SEALED = ("words", "person", "unit")


def sealed(address: str) -> str:
    """The address with what was looked for sealed: ``"/visits/?words=户主"``."""
    path, mark, query = address.partition("?")
    given = dict(parse_qsl(query, keep_blank_values=True))
    hidden = {name: crypto.seal(given[name], LABEL) for name in SEALED if given.get(name)}
    return f"{path}{mark}{urlencode(given | hidden)}"
