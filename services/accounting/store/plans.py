"""Data-quality plans: every version stays, the newest is current."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from services.accounting.domain.quality.plan import Determination, Entry, Plan, Version
from services.accounting.store.tables import metadata
from services.runtime.revision import Revision
from services.runtime.stored import Stored


class PlanColumns(Stored):
    """One row a version of a plan."""

    enterprise: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    version: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    entries: sa.Named[list[dict[str, Any]]] = sa.Column(sa.JSON)
    """In the order of the plan, decimals as written."""
    note: sa.Named[str] = sa.Column(sa.Text)
    author: sa.Named[str] = sa.Column(sa.Text)


plans = sa.Table("data_quality_plans", metadata, PlanColumns)


def add(
    connection: sa.Connection, plan: Plan, before: Version | None, author: str, revision: Revision
) -> Version:
    """Insert `plan` as the version after `before`; return it."""
    stored = Version(
        plan=plan,
        version=before.version + 1 if before else 1,
        author=author,
        revision=revision.number,
        create_time=revision.commit_time,
    )
    connection.execute(
        sa.insert(plans).values(
            enterprise=plan.enterprise,
            version=stored.version,
            entries=[_from_entry(entry) for entry in plan.entries],
            note=plan.note,
            author=author,
            create_time=stored.create_time,
            revision=stored.revision,
        )
    )
    return stored


def find(connection: sa.Connection, enterprise: str, version: int = 0) -> Version | None:
    """Return a version of an enterprise's plan, the current one for 0; None where there is none."""
    c = plans.c
    query = sa.select(plans).where(c.enterprise == enterprise).order_by(c.version.desc()).limit(1)
    if version:
        query = query.where(c.version == version)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _version(row)


def _version(row: sa.RowMapping) -> Version:
    return Version(
        plan=Plan(
            enterprise=row["enterprise"],
            entries=tuple(_to_entry(each) for each in row["entries"]),
            note=row["note"],
        ),
        version=row["version"],
        author=row["author"],
        revision=row["revision"],
        create_time=row["create_time"],
    )


def _from_entry(entry: Entry) -> dict[str, Any]:
    percent = entry.uncertainty_percent
    return {
        "source_id": entry.source_id,
        "determination": entry.determination.value,
        "meter": entry.meter,
        "facility": entry.facility,
        "frequency": entry.frequency,
        "uncertainty_percent": None if percent is None else str(percent),
        "responsible": entry.responsible,
        "note": entry.note,
    }


def _to_entry(data: Mapping[str, Any]) -> Entry:
    percent = data["uncertainty_percent"]
    return Entry(
        source_id=data["source_id"],
        determination=Determination(data["determination"]),
        meter=data["meter"],
        facility=data["facility"],
        frequency=data["frequency"],
        uncertainty_percent=None if percent is None else Decimal(percent),
        responsible=data["responsible"],
        note=data["note"],
    )
