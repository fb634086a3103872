"""Entries of a file that look like ones of the register: named, never refused."""

import pytest

from core.uploads import UploadState
from tests.visits.conftest import County, Upload, run_apply
from tests.visits.test_register_streams import applied, household, register
from visits.choices import TargetKind
from visits.models import Target
from visits.queries import likeness
from visits.services import request_apply, strike_target
from visits.services.reading import Reading


def warnings(upload) -> list[tuple[int, str, str]]:
    return [(line[0], line[1], line[2]) for line in upload.report.get("warnings", [])]


def test_they_are_named_by_row_and_kind(upload: Upload, county: County) -> None:
    applied(upload(register(household(1, name="张建国"), household(2))))
    made = upload(
        register(
            household(11, name="张 建国"),
            household(12, phone="138-0000-0002"),
            household(13),
        )
    )
    assert made.state == UploadState.CHECKED
    assert warnings(made) == [(2, "户主姓名", "known_name"), (3, "联系电话", "known_phone")]
    assert made.report["likenesses"] == {"known_name": 1, "known_phone": 1}
    told = made.report["warnings"][0][3]
    assert "「H-1」（张*）" in told
    assert "张建国" not in told
    assert made.report["new"] == 3
    assert made.job is not None
    assert made.job.file
    run_apply(made, request_apply(upload=made, actor=county.office).pk)
    assert Target.objects.count() == 5
    assert made.report["likenesses"] == {"known_name": 1, "known_phone": 1}


def test_a_slip_without_likeness_says_nothing(upload: Upload) -> None:
    applied(upload(register(household(1))))
    again = upload(register(household(1), household(2)))
    assert (warnings(again), again.report["new"]) == ([], 1)


def test_other_villages_and_those_struck_off_are_nobodys_likeness(
    upload: Upload, county: County
) -> None:
    applied(upload(register(household(1), household(2))))
    gone = Target.objects.get(code="H-2")
    strike_target(target=gone, reason="重复", actor=county.office, seen=0)
    first, second = household(1)[1], household(2)[1]
    made = upload(
        register(
            household(21, name=first, village="371502001002"),
            household(22, name=second),
        )
    )
    assert warnings(made) == []


def test_the_register_of_others_is_not_told(upload: Upload, county: County) -> None:
    applied(upload(register(household(1, village="371521001001")), actor=county.neighbour))
    made = upload(register(household(2, phone="13800000001")))
    assert warnings(made) == []


def test_without_the_scope_it_would_be(
    upload: Upload, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db.models import Q

    applied(upload(register(household(1, village="371521001001")), actor=county.neighbour))

    class Everything:
        def areas(self, roles: object) -> Q:
            return Q()

    monkeypatch.setattr(likeness, "scope_of", lambda user: Everything())
    made = upload(register(household(2, phone="13800000001")))
    assert warnings(made) == [(2, "联系电话", "known_phone")]


def test_an_empty_register_is_not_asked(upload: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("visits.services.reading.registered_alike", None)
    assert upload(register(household(1))).state == UploadState.CHECKED


@pytest.mark.parametrize("number", [1, 350])
def test_a_batch_asks_once_by_each_whatever_its_size(
    county: County, upload: Upload, django_assert_num_queries, number: int
) -> None:
    from visits.queries import gazetteer_for
    from visits.register.rows import Entry

    area = county.villages["371502001001"].pk
    places = gazetteer_for(county.office, county.campaign)
    entries = [Entry(n, f"N-{n}", f"张{n}", area, phone=f"139{n:08d}") for n in range(number)]
    likeness.registered_alike(county.office, county.campaign, TargetKind.HOUSEHOLD, entries, places)
    with django_assert_num_queries(2):  # by name, by telephone
        likeness.registered_alike(
            county.office, county.campaign, TargetKind.HOUSEHOLD, entries, places
        )


def test_one_row_is_told_a_few_likenesses(upload: Upload, county: County) -> None:
    applied(upload(register(*(household(n, name="张伟") for n in range(1, 8)))))
    made = upload(register(household(50, name="张伟")))
    assert made.report["likenesses"]["known_name"] == likeness.TOLD_OF_ONE


def test_the_first_reading_stops_looking_after_one(
    upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    applied(upload(register(household(1))))
    asked = []
    own = Reading._known_alike

    def counted(self, found):
        asked.append(len(found.new))
        return own(self, found)

    monkeypatch.setattr(Reading, "_known_alike", counted)
    monkeypatch.setattr("visits.services.reading.BATCH", 2)
    rows = [household(n, name=household(1)[1]) for n in range(10, 16)]
    made = upload(register(*rows))
    assert made.report["likenesses"]["known_name"] == 6
    # Once in the first reading, in each batch of the second; the headings are a line as well.
    assert asked == [1, 1, 2, 2, 1]
