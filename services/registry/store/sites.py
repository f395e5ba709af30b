"""Facilities, meters and counterparties in the database.

A query names the enterprise, since who may see it has been settled by `enterprises.see` before; or
it is of all that the caller may see.
"""

from __future__ import annotations

from typing import TypeVar

import sqlalchemy as sa

from services.kernel.errors import NotFound
from services.kernel.quantity import Quantity
from services.registry.domain.site import Counterparty, Facility, FacilityKind, Meter
from services.registry.store import enterprises
from services.registry.store.pick import Pick
from services.registry.store.tables import metadata
from services.runtime.auth import Caller
from services.runtime.revision import Revision
from services.runtime.stored import Stored

Noun = TypeVar("Noun")


class FacilityColumns(Stored):
    """One row a facility."""

    enterprise: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    facility: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    display_name: sa.Named[str] = sa.Column(sa.Text)
    kind: sa.Named[str] = sa.Column(sa.Text)
    rated_power_value: sa.Named[str | None] = sa.Column(sa.Text)
    rated_power_unit: sa.Named[str | None] = sa.Column(sa.Text)


class MeterColumns(Stored):
    """One row a meter."""

    enterprise: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    meter: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    display_name: sa.Named[str] = sa.Column(sa.Text)
    facility: sa.Named[str] = sa.Column(sa.Text)
    unit_code: sa.Named[str] = sa.Column(sa.Text)
    decimals_count: sa.Named[int] = sa.Column(sa.Integer)


class CounterpartyColumns(Stored):
    """One row a counterparty."""

    enterprise: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    counterparty: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    display_name: sa.Named[str] = sa.Column(sa.Text)
    credit_code: sa.Named[str] = sa.Column(sa.Text)


facilities = sa.Table("facilities", metadata, FacilityColumns)
meters = sa.Table("meters", metadata, MeterColumns)
counterparties = sa.Table("counterparties", metadata, CounterpartyColumns)


def add_facility(connection: sa.Connection, facility: Facility, revision: Revision) -> None:
    """Insert `facility`."""
    power = facility.rated_power
    connection.execute(
        sa.insert(facilities).values(
            enterprise=facility.enterprise,
            facility=facility.facility,
            display_name=facility.display_name,
            kind=facility.kind.value,
            rated_power_value=power and power.text,
            rated_power_unit=power and power.unit,
            create_time=revision.commit_time,
            revision=revision.number,
        )
    )


def add_meter(connection: sa.Connection, meter: Meter, revision: Revision) -> None:
    """Insert `meter`."""
    connection.execute(
        sa.insert(meters).values(
            enterprise=meter.enterprise,
            meter=meter.meter,
            display_name=meter.display_name,
            facility=meter.facility,
            unit_code=meter.unit,
            decimals_count=meter.decimals_count,
            create_time=revision.commit_time,
            revision=revision.number,
        )
    )


def add_counterparty(
    connection: sa.Connection, counterparty: Counterparty, revision: Revision
) -> None:
    """Insert `counterparty`."""
    connection.execute(
        sa.insert(counterparties).values(
            enterprise=counterparty.enterprise,
            counterparty=counterparty.counterparty,
            display_name=counterparty.display_name,
            credit_code=counterparty.credit_code,
            create_time=revision.commit_time,
            revision=revision.number,
        )
    )


def facility_page(
    connection: sa.Connection, enterprise: str, pick: Pick
) -> list[tuple[Facility, Revision]]:
    """Return facilities that `pick` picks, by id."""
    return [
        (
            Facility(
                enterprise=row["enterprise"],
                facility=row["facility"],
                display_name=row["display_name"],
                kind=FacilityKind(row["kind"]),
                rated_power=_power(row),
            ),
            _revision(row),
        )
        for row in _rows(connection, facilities, enterprise, pick)
    ]


def meter_page(
    connection: sa.Connection, enterprise: str, pick: Pick
) -> list[tuple[Meter, Revision]]:
    """Return meters that `pick` picks, by id."""
    return [
        (
            Meter(
                enterprise=row["enterprise"],
                meter=row["meter"],
                display_name=row["display_name"],
                facility=row["facility"],
                unit=row["unit_code"],
                decimals_count=row["decimals_count"],
            ),
            _revision(row),
        )
        for row in _rows(connection, meters, enterprise, pick)
    ]


def counterparty_page(
    connection: sa.Connection, enterprise: str, pick: Pick
) -> list[tuple[Counterparty, Revision]]:
    """Return counterparties that `pick` picks, by id."""
    return list(map(_counterparty, _rows(connection, counterparties, enterprise, pick)))


def counterparty_list(
    connection: sa.Connection, caller: Caller, enterprise: str, zone: str, pick: Pick
) -> list[tuple[Counterparty, Revision]]:
    """Return the counterparties of `enterprise`, or of every one that the caller may see, for "".

    Of members of `zone` alone, now or ever, where it is given; by enterprise and id, after the
    `counterparty_key` that `pick` has.
    """
    c = counterparties.c
    query = sa.select(counterparties).where(
        enterprises.are_visible(c.enterprise, caller, zone, pick.as_of)
    )
    if enterprise:
        query = query.where(c.enterprise == enterprise)
    if pick.after:
        of, _, after = pick.after.partition("/")
        query = query.where(sa.tuple_(c.enterprise, c.counterparty) > sa.tuple_(of, after))
    if pick.as_of is not None:
        query = query.where(c.revision <= pick.as_of)
    query = query.order_by(c.enterprise, c.counterparty).limit(pick.size)
    return list(map(_counterparty, connection.execute(query).mappings()))


def counterparty_key(counterparty: Counterparty) -> str:
    """Return the place of a counterparty in a list of those of many enterprises."""
    return f"{counterparty.enterprise}/{counterparty.counterparty}"


def only(found: list[tuple[Noun, Revision]], name: str) -> tuple[Noun, Revision]:
    """Return the one row that was found; raises NotFound for `name`."""
    if not found:
        raise NotFound(name=name)
    return found[0]


def _rows(
    connection: sa.Connection, table: sa.Table, enterprise: str, pick: Pick
) -> sa.MappingResult:
    id_column = list(table.primary_key.columns)[1]
    query = sa.select(table).where(table.c.enterprise == enterprise).order_by(id_column)
    query = query.where(id_column == pick.only if pick.only else id_column > pick.after)
    return connection.execute(query.limit(pick.size)).mappings()


def _counterparty(row: sa.RowMapping) -> tuple[Counterparty, Revision]:
    return (
        Counterparty(
            enterprise=row["enterprise"],
            counterparty=row["counterparty"],
            display_name=row["display_name"],
            credit_code=row["credit_code"],
        ),
        _revision(row),
    )


def _power(row: sa.RowMapping) -> Quantity | None:
    if row["rated_power_value"] is None:
        return None
    return Quantity.parse(row["rated_power_value"], row["rated_power_unit"])


def _revision(row: sa.RowMapping) -> Revision:
    return Revision(number=row["revision"], commit_time=row["create_time"])
