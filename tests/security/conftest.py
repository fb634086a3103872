"""Fixtures of the attacks."""

from __future__ import annotations

import logging
import os
import runpy
from collections.abc import Iterator

import pytest
from django.test import override_settings

from tests.architecture.packages import ROOT
from tests.kept import Keep, Kept
from tests.personas import World
from tests.security.cities import Cities


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Each refusal would be logged with its way through the program."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="session")
def kept_cities(keep: Keep) -> Kept[Cities]:
    return keep(lambda: Cities(World().build()).build())


@pytest.fixture
def cities(db: None, kept_cities: Kept[Cities]) -> Cities:
    return kept_cities()


@pytest.fixture
def https(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The settings that an installation with BIANFANG_HTTPS has."""
    monkeypatch.setitem(os.environ, "BIANFANG_HTTPS", "true")
    monkeypatch.setitem(os.environ, "BIANFANG_PROXIES", "127.0.0.1")
    there = runpy.run_path(str(ROOT / "config" / "settings.py"))
    ours = ("SECURE_", "SESSION_COOKIE_", "CSRF_COOKIE_", "TRUSTED_")
    with override_settings(**{key: value for key, value in there.items() if key.startswith(ours)}):
        yield
