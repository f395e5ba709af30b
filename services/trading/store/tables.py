"""What the tables of trading share."""

from __future__ import annotations

from typing import TypeVar

import sqlalchemy as sa

from services.runtime.revision import Revision
from services.trading.domain.versioned import Versioned

metadata = sa.MetaData()

Value = TypeVar("Value")


def next_version(
    value: Value, before: Versioned[Value] | None, revision: Revision
) -> Versioned[Value]:
    """Return `value` as the version after `before`."""
    return Versioned(
        value=value,
        version=1 if before is None else before.version + 1,
        revision=revision.number,
        create_time=revision.commit_time,
    )


def from_version(stored: Versioned[Value]) -> dict[str, object]:
    """Return the columns that say which version a row is."""
    return {
        "version": stored.version,
        "create_time": stored.create_time,
        "revision": stored.revision,
    }


def to_version(value: Value, row: sa.RowMapping) -> Versioned[Value]:
    """Return `value` in the version that `row` says."""
    return Versioned(
        value=value,
        version=row["version"],
        revision=row["revision"],
        create_time=row["create_time"],
    )
