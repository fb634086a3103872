"""Writes on the organisation: areas, units, people, postings, grants."""

from organisation.services.areas import AreaFileError, AreaImport, import_areas
from organisation.services.grants import grant
from organisation.services.people import create_user, post
from organisation.services.units import create_unit

__all__ = [
    "AreaFileError",
    "AreaImport",
    "create_unit",
    "create_user",
    "grant",
    "import_areas",
    "post",
]
