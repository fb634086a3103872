"""What may be sent in place of a register: no crash, nothing half imported, a word that helps."""

import resource
import time

import pytest

from core.sheets.values import WorkbookError
from tests.core.hostile import CELLS, READ, REFUSED
from tests.visits.conftest import County, Upload, run_apply
from visits.models import Target
from visits.services import request_apply

SECONDS = 10
MEGABYTES = 512


def test_there_are_forty_of_them_and_more() -> None:
    assert len(REFUSED) + len(CELLS) + len(READ) >= 60
    assert len(REFUSED) >= 40


@pytest.fixture(autouse=True)
def modest():
    """Within ten seconds, and without the memory of a large file."""
    before, begin = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    yield
    assert time.process_time() - begin < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEGABYTES * 1024


def told(upload: Upload, content: bytes) -> str:
    """Why the file is refused, when it is sent or when it is read."""
    try:
        made = upload(content)
    except WorkbookError as error:
        return str(error)
    if made.awaits_columns:
        return str(made.report["unclear"])
    assert (made.state, made.report["new"]) == ("refused", 0)
    return str(made.report["problem"])


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_in_words(upload: Upload, name: str) -> None:
    make, words = REFUSED[name]
    assert words in told(upload, make())
    assert Target.objects.count() == 0


@pytest.mark.parametrize("name", CELLS)
def test_the_cell_is_named(upload: Upload, name: str) -> None:
    make, column, words = CELLS[name]
    made = upload(make())
    assert made.state == "refused"
    assert [(line[0], line[1]) for line in made.report["errors"]] == [(2, column)]
    assert words in made.report["errors"][0][3]
    assert Target.objects.count() == 0


@pytest.mark.parametrize("name", READ)
def test_it_is_read_for_what_it_means(upload: Upload, county: County, name: str) -> None:
    made = upload(READ[name]())
    assert made.report["new"] == 1, made.report
    run_apply(made, request_apply(upload=made, actor=county.office).pk)
    target = Target.objects.get()
    assert (target.code, target.name, target.area.code, target.members) == (
        "H-1",
        "张三",
        "371502001001",
        3,
    )
