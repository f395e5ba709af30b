"""The door before the toy, for the tests that need no real service."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.console import doors


@pytest.fixture
def toys() -> Iterator[doors.Toys]:
    """A service whose methods do what the test says, behind a door."""
    with doors.toys() as served:
        yield served
