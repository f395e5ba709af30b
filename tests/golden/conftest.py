"""Fixtures of the golden tests."""

from __future__ import annotations

import pytest

from tests.accounting.world import DATA
from tests.fixtures.house import Running
from zonecarbon.cli import library


@pytest.fixture(scope="module")
def stocked_house(shared_house: Running) -> Running:
    """The services with the whole factor library, shared by the tests of one module."""
    for each in library.requests(DATA):
        shared_house.administrator.factors.ImportFactors(each)
    return shared_house
