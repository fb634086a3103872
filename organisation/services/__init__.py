"""Writes on the organisation: areas, units, people, postings, grants."""

from organisation.services.areas import AreaFileError, AreaImport, import_areas
from organisation.services.grants import grant, revoke
from organisation.services.people import correct_person, create_user, enrol, reinstate, retire
from organisation.services.postings import change_posting, move_person, post
from organisation.services.refused import Refused
from organisation.services.reveal import note_phone_search, reveal_phone
from organisation.services.units import change_unit, close_unit, create_unit, move_unit

__all__ = [
    "AreaFileError",
    "AreaImport",
    "Refused",
    "change_posting",
    "change_unit",
    "close_unit",
    "correct_person",
    "create_unit",
    "create_user",
    "enrol",
    "grant",
    "import_areas",
    "move_person",
    "move_unit",
    "note_phone_search",
    "post",
    "reinstate",
    "retire",
    "reveal_phone",
    "revoke",
]
