"""No page, file or answer shows anything of a unit outside the reader's scope (AC03, AC07, X40).

Every text of every row carries the mark of its unit and of its column, so that one search
through an answer tells what leaked, and whose it is.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from urllib.parse import urlencode

import pytest
from celery import current_app
from django.db import models
from django.http import HttpResponse
from django.test import Client
from django.urls import resolve
from pypdf import PdfReader
from pytest_django.fixtures import Settings

from core.fields import EncryptedField
from core.models import Job
from issues.models import Issue, IssueQuerySet
from organisation.models import User
from tests.searching import SEALED, sealed
from tests.security.attack import FORM, Place, body_of, parameters_of, places, undone
from tests.security.cities import Cities, reached, text_columns, write_everywhere
from tests.security.examples import posts

MARK = re.compile(rb"QZ(\d)(\d{3})XQ|13955(\d)(\d{3})")
TEXTS = {f"{model._meta.label}.{each.name}": each for model, all in text_columns() for each in all}
COLUMNS = sorted({*TEXTS, "core.AuditEntry.detail"})
PHONES = {
    name for name, each in TEXTS.items() if isinstance(each, EncryptedField) and "phone" in name
}
# Public to the units of a county by design: who of its offices has acted upon their items.
# The numbers are those of ``Cities.units``: unit, neighbour, far unit, office, discipline, and
# the offices of the other county, where the far unit is.
FAR = {2, 5}
ACTING, ACTING_FAR = (3, 4), (5,)
PHONE = "13955"
LINKS = 10  # of one page: sorted otherwise, narrowed, the next page
PARTS = 4  # of the people, so that several processes share them
SELECT = re.compile(r'<select[^>]* name="(\w+)"[^>]*>(.*?)</select>', re.DOTALL)
FIXED_INPUT = re.compile(r'<input type="(?:checkbox|date)"[^>]* name="(\w+)"')
NOT_TRIED = {"after", "sort", "csrfmiddlewaretoken"}

_serial = count()


def mark(owner: int, column: str, row: models.Model) -> str:
    """A text of its own for each unit and column."""
    number = f"{owner}{COLUMNS.index(column):03d}"
    return f"{PHONE}{number}01" if column in PHONES else f"QZ{number}XQ{next(_serial)}"


def marks_in(content: bytes) -> set[tuple[int, str]]:
    """The unit and column of each mark in the text."""
    found = (match.groups() for match in MARK.finditer(content))
    return {(int(a or c), COLUMNS[int(b or d)]) for a, b, c, d in found}


def fixed_on(page: str) -> set[str]:
    """Fields of a page that hold one of a few words, or a day: nobody is named by them."""
    selects = {name for name, options in SELECT.findall(page) if not re.search(r'="\d', options)}
    return selects | set(FIXED_INPUT.findall(page))


@pytest.fixture
def marked(cities: Cities, settings: Settings) -> Cities:
    settings.PAGE_SIZE = 2
    write_everywhere(cities, mark)
    return cities


BY_SECRET = {"visits:answer"}  # tests/visits/test_answer_links.py asks what that shows


@dataclass
class Reader:
    """Somebody who tries everything; ``known`` are the units that a right of theirs reaches."""

    cities: Cities
    name: str
    asked: set[str] = field(default_factory=set)
    leaks: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.person: User = self.cities.people[self.name]
        self.known = reached(self.cities, self.person)
        places = [unit.pk for unit in self.cities.units()]
        acting = ACTING_FAR if places.index(self.person.unit_id) in FAR else ACTING
        self.public = {(number, "organisation.User.name") for number in acting}

    @cached_property
    def client(self) -> Client:
        return self.cities.world.client(self.person)

    def try_all(self) -> Reader:
        """Every address with the objects of each unit, and every question to a list."""
        for number, objects in enumerate(self.cities.objects):
            for place in places(objects):
                if (not number or place.on != "-") and self._may_come(place) and self._finds(place):
                    self._try(place)
        return self

    def _finds(self, place: Place) -> bool:
        """Not the page behind a secret that only its one holder has been given."""
        return place.route not in BY_SECRET

    def _may_come(self, place: Place) -> bool:
        """Whom the view refuses before it looks at the object, it refuses with any object."""
        return bool(resolve(place.address).func.permission(self.person))

    def _try(self, place: Place) -> None:
        page = self._ask(place.method, place.address)
        if (place.method, place.on, page.status_code) == ("GET", "-", 200) and not page.streaming:
            for address, echoed in self._questions(place.address, page):
                if f"GET {address}" not in self.asked:
                    self._ask("GET", address, echoed=echoed)

    def _ask(self, method: str, address: str, *, echoed: bool = False) -> HttpResponse:
        with undone(self.client):
            response = self.client.generic(method, address, content_type=FORM)
            content = body_of(response) + str(response.headers).encode()
        self.search(f"{method} {address}", content, echoed=echoed)
        return response

    def _questions(self, address: str, page: HttpResponse) -> Iterator[tuple[str, bool]]:
        """Wherever the page of a list leads to, and each of its parameters set to what is not
        one's own; and whether the question has a number in it."""
        links = dict.fromkeys(re.findall(r'(?:href|hx-get)="([^"]*\?[^"]+)"', page.text))
        for link in list(links)[:LINKS]:
            yield ("" if link[0] == "/" else address) + link.replace("&amp;", "&"), False
        for name in sorted(parameters_of(self.client, address) - NOT_TRIED - fixed_on(page.text)):
            for value in self._foreign(name):
                query = urlencode({name: value})
                yield sealed(f"{address}?{query}"), value.startswith(PHONE)

    def _foreign(self, parameter: str) -> list[str]:
        """What finds others: a part of every text and a telephone number, or key and code."""
        units = enumerate(self.cities.units())
        others = [(number, unit) for number, unit in units if number not in self.known]
        if not others:
            return []
        number, unit = others[0]
        phone = next(iter(PHONES), "core.Job.title")
        if parameter in SEALED:
            return ["QZ", f"{PHONE}{number}{COLUMNS.index(phone):03d}01"]
        return [str(unit.pk), unit.area.code]

    def search(self, what: str, content: bytes, *, echoed: bool = False) -> None:
        """Note the columns of others that show; ``echoed``: the question had a number in it."""
        self.asked.add(what)
        found = {
            f"{column} of unit {owner}"
            for owner, column in marks_in(content) - self.public
            if owner not in self.known and not (echoed and column in PHONES)
        }
        if found:
            self.leaks[f"{self.name}: {what}"] = found


@pytest.mark.parametrize("part", range(PARTS))
def test_nobody_sees_another_unit(marked: Cities, part: int) -> None:
    """Whoever there is: each right, from the unit, its neighbour and the other county."""
    asked, leaks = 0, {}
    some = list(marked.people)[part::PARTS]
    for name in some:
        reader = Reader(marked, name).try_all()
        leaks |= reader.leaks
        asked += len(reader.asked)
    assert leaks == {}
    assert asked > 100 * len(some) > 500


def test_every_column_is_marked(cities: Cities) -> None:
    """So that a page which shows a new column is searched for it as well."""
    written = write_everywhere(cities, mark)
    models_with_text = {model._meta.label for model, _ in text_columns()}
    assert models_with_text - set(written) == set()


def test_the_search_finds_a_leak(marked: Cities, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same attack, with the scope of problems switched off."""
    monkeypatch.setattr(IssueQuerySet, "visible_to", lambda issues, user: issues)
    leaks = Reader(marked, "neighbour_cadre").try_all().leaks
    pages = {what.partition("?")[0] for what in leaks}
    (issue,) = marked.objects[0]["issue"]
    assert f"neighbour_cadre: GET /issues/{issue}/" in pages
    shown = set().union(*leaks.values())
    assert {"issues.Issue.event of unit 0", "issues.Evidence.file of unit 2"} <= shown
    assert Issue.objects.exists()


### Files made in the background


def test_files_hold_nothing_of_others(marked: Cities) -> None:
    """Every post that asks for a file, from each standpoint, run by the real task."""
    files = 0
    for there, objects in zip(marked.standpoints, marked.objects, strict=True):
        for post in posts(there, objects):
            if post.example.by == "anonymous" or post.route == "core:channel-try":
                continue  # a trial makes no file, and its robot is not of this machine
            person = getattr(there, post.example.by)
            name = next(name for name, each in marked.people.items() if each.pk == person.pk)
            reader = Reader(marked, name)
            client = post.client()
            with undone():
                before = set(Job.objects.values_list("pk", flat=True))
                reader.search(str(post.route), body_of(post.send(client)))
                for job in Job.objects.exclude(pk__in=before):
                    current_app.tasks[job.kind].run(job_id=str(job.pk))
                    job.refresh_from_db()
                    assert job.state == Job.State.DONE, f"{post.route}: {job.message}"
                    if job.file:
                        files += 1
                        reader.search(f"the file of {post.route}", content_of(job))
            assert reader.leaks == {}
    assert files >= 9


def content_of(job: Job) -> bytes:
    """All text of a finished file."""
    with job.file.open("rb") as file:
        content = file.read()
    if content.startswith(b"%PDF"):
        pages = PdfReader(io.BytesIO(content)).pages
        return "".join(page.extract_text() for page in pages).encode()
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            return b"".join(parts.read(name) for name in parts.namelist())
    return content
