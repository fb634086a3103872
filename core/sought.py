"""What somebody looks for, sealed in the address of a list.

Names are typed into search boxes, and addresses are kept in histories and logs. So the box
is sent by POST, and the address it leads to holds the words encrypted; links to the next
page, the back button and a bookmark work as usual. What stands there in plain, or does not
open any more, is as if it had not been given.
"""

from collections.abc import Mapping

from django.http import HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from core import crypto

LABEL = "core.sought"
LONGEST = 80  # letters of one search


def to_list(route: str, asked: Mapping[str, str], *sealed: str) -> HttpResponseRedirect:
    """On to the list, narrowed to what is asked; the parameters ``sealed`` are encrypted."""
    given = closed(asked, *sealed)
    return redirect(f"{reverse(route)}?{urlencode(given)}" if given else route)


def closed(asked: Mapping[str, str], *sealed: str) -> dict[str, str]:
    """What is asked, without what is empty, the parameters ``sealed`` encrypted."""
    given = {name: text for name, value in asked.items() if (text := value.strip())}
    hidden = {name: crypto.seal(given[name][:LONGEST], LABEL) for name in sealed if name in given}
    return given | hidden


def opened(query: QueryDict, *sealed: str) -> QueryDict:
    """The parameters of a list's address, those that are ``sealed`` in plain."""
    plain = query.copy()
    for name in sealed:
        plain[name] = _words(str(query.get(name, "")))
        if not plain[name]:
            del plain[name]
    return plain


def opened_values(values: Mapping[str, object], *sealed: str) -> dict[str, object]:
    """The same of values that are kept, as those of a job."""
    return dict(values) | {name: _words(str(values.get(name, ""))) for name in sealed}


def _words(text: str) -> str:
    try:
        return crypto.unseal(text, LABEL)
    except crypto.CannotDecrypt:
        return ""
