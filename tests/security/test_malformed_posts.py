"""Whatever is posted, the answer is never 500, and nothing of it is written (IN06)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from typing import Any
from urllib.parse import quote

from django.test import Client

from tests.personas import World
from tests.security.attack import FORM, all_rows, changed, undone, writes
from tests.security.examples import Post, posts
from tests.security.malformed import LONG, MEGABYTE, NASTY, WORST, Sent, counts, send
from tests.security.test_extra_fields import TRACES

SHORT = {"a NUL byte", "one beyond 64 bits", "half a surrogate"}


def bodies(post: Post) -> Iterator[Sent]:
    """The example with one field after the other spoilt, and bodies that are no form."""
    good = {name: quote(str(value)) for name, value in post.example.data.items()}

    def form(**changes: str) -> bytes:
        return "&".join(f"{name}={value}" for name, value in (good | changes).items()).encode()

    unknown = "".join(f"&unknown={value}&{value}=1" for value in NASTY.values()).encode()
    yield Sent("unknown", "POST", post.address, body=form() + unknown)
    for name in NASTY.keys() - WORST if good else ():
        every = dict.fromkeys(good, NASTY[name])
        yield Sent(name, "POST", post.address, body=form(**every))
    for one in good:
        for name in SHORT:
            yield Sent(f"{one}={name}", "POST", post.address, body=form(**{one: NASTY[name]}))
    twice = form() + "".join(f"&{one}=2&{one}=3" for one in good).encode()
    yield Sent("thrice", "POST", post.address, body=twice)
    yield Sent("long", "POST", post.address, body=form(**dict.fromkeys(good, LONG)))
    yield Sent(
        "a megabyte", "POST", post.address, body=form(**{(list(good) or ["x"])[0]: MEGABYTE})
    )
    yield Sent("too much", "POST", post.address, body=b"x=" + b"a" * 3 * 10**6)
    yield Sent("5,000 fields", "POST", post.address, body=form() + b"&a=1" * 5_000)
    kind = next(_kinds)
    yield Sent(f"as {kind!r}", "POST", post.address, body=b"[" * 50_000, kind=kind)
    for name, (kind, body) in MULTIPARTS.items():
        if post.example.files or name == "a NUL in a name":
            yield Sent(name, "POST", post.address, body=body, kind=kind)


# What is no form at all is refused or read as an empty one: each address gets one of them.
_kinds = cycle(("application/json", "\x00", f"{FORM}; charset=utf-16-bogus"))
_PART = (
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n'
    b"Content-Type: %s\r\n\r\n%s\r\n"
)
MULTIPARTS = {
    "no boundary": ("multipart/form-data", b"--b\r\n"),
    "an empty boundary": ("multipart/form-data; boundary=", b"--b\r\n"),
    "a boundary that is none": ("multipart/form-data; boundary=\xe9", b"--b\r\n"),
    "cut off": (
        "multipart/form-data; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="a',
    ),
    "a NUL in a name": (
        "multipart/form-data; boundary=b",
        _PART % (b"a\x00.pdf", b"application/pdf", b"%PDF-") + b"--b--\r\n",
    ),
    "a path for a name": (
        "multipart/form-data; boundary=b",
        _PART % (b"../../../etc/passwd.pdf", b"a/b\x00", b"%PDF-1") + b"--b--\r\n",
    ),
    "a nameless file": (
        "multipart/form-data; boundary=b",
        _PART % (b"", b"x", b"%PDF-1") + b"--b--\r\n",
    ),
    "a long name": (
        "multipart/form-data; boundary=b",
        _PART % (b"a" * 5_000 + b".pdf", b"x", b"%PDF-1") + b"--b--\r\n",
    ),
    "a broken picture": (
        "multipart/form-data; boundary=b",
        _PART % (b"a.png", b"image/png", b"\x89PNG\r\n\x1a\n\x00\x00\xff") + b"--b--\r\n",
    ),
    "broken base64": (
        "multipart/form-data; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="a"\r\n%s\r\n\r\n=\xff=\r\n--b--\r\n'
        % b"Content-Transfer-Encoding: base64",
    ),
    "400 files": (
        "multipart/form-data; boundary=b",
        b"".join(_PART % (b"a.pdf", b"x", b"%PDF-") for _ in range(400)) + b"--b--\r\n",
    ),
}


def test_no_post_breaks_a_page_or_leaves_a_trace(world: World, objects: dict[str, Any]) -> None:
    sent_number, found = 0, {}
    for post in posts(world, objects):
        with undone():
            client = post.client()
            post.example.prepare()
            post.example.first(client)
            before = all_rows(*COUNTED)
            for sent in bodies(post):
                sent_number += 1
                if faults := _faults_of_post(client, sent, before):
                    found[f"{post.route} {sent.name}"] = faults
    assert found == {}
    assert sent_number > 500


# Refusals are written down, and a refused code is counted: the next one has to wait.
COUNTED = (*TRACES, "core.AuditEntry", "organisation.Authenticator")


def _faults_of_post(client: Client, sent: Sent, before: Any) -> list[str]:
    """A refused post must have left every row as it was."""
    with undone(client), writes() as statements:
        response = send(client, sent)
        wrote = any(counts(each) for each in statements)
        kept = response.status_code < 400 or not wrote or not changed(before, all_rows(*COUNTED))
    found = [str(response.status_code)] if response.status_code >= 500 else []
    return found + ([] if kept else [f"{response.status_code}, and yet rows were written"])
