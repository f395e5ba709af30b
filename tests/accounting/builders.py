"""The smallest valid value of each noun of accounting; keywords override."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from services.accounting import files
from services.accounting.domain import inventory as inventory_domain
from services.accounting.domain import line as line_domain
from services.accounting.domain import zone as zone_domain
from services.accounting.domain.activity import EmissionSource, Kind
from services.accounting.domain.binding import Binding, BoundFactor, Query, Unresolved
from services.accounting.domain.enterprise import Enterprise, Label
from services.accounting.domain.inventory import Inventory
from services.accounting.domain.line import Entry, Line, Stamp
from services.accounting.domain.method import Method, Role
from services.accounting.domain.row import Row
from services.accounting.domain.transfer import Member
from services.accounting.domain.zone import Snapshot, ZoneInventory
from services.kernel.period import Period
from services.kernel.quantity import Quantity
from services.kernel.source import Source
from services.kernel.trust import Status

GRID = "0.6451 tCO2/MWh"
HEAT = "0.11 tCO2/GJ"
COAL = {
    Role.NET_CALORIFIC_VALUE: "23.204 GJ(NCV)/t",
    Role.CARBON_CONTENT_PER_HEAT: "26.18 tC/TJ(NCV)",
    Role.OXIDATION_RATE: "93 %",
}


@cache
def method() -> Method:
    return files.methods()["gbt32150"]


def quantity(text: str) -> Quantity:
    """Read "12.5 10^4 Nm3"."""
    value, unit = text.split(maxsplit=1)
    return Quantity.parse(value, unit)


def period(text: str) -> Period:
    """Read "2023-01" or "2023-01-01 2023-01-15", the end excluded."""
    first, _, last = text.partition(" ")
    if last:
        return Period.parse(first, last)
    year, month = map(int, first.split("-"))
    return Period.month(year, month)


def document(status: Status = Status.SECONDARY, title: str = "a notice") -> Source:
    return Source(title=title, status=status, locator="table 1")


def factor(role: Role, text: str, status: Status = Status.SECONDARY) -> BoundFactor:
    return BoundFactor(
        role=role,
        quantity=quantity(text),
        status=status,
        name=f"factorSets/a/factors/{role.lower().replace('_', '-')}",
        version=1,
        region_level="NATION",
        region_code="CN",
        data_period="2021",
        source=document(status),
        rule_source=document(title="a rule"),
    )


def binding(factors: Mapping[Role, str] | None = None, year: int = 2023) -> Binding:
    given = {Role.GRID_AVERAGE: GRID} if factors is None else factors
    return Binding(
        method_id="gbt32150",
        gwp_set="gwp100-ar5",
        accounting_year=year,
        factors=tuple(factor(role, text) for role, text in given.items()),
    )


def source(
    kind: Kind = Kind.ELECTRICITY_PURCHASED,
    source_id: str = "intake",
    *,
    subject: str = "",
    partner: str = "grid",
    enterprise: str = "mill",
) -> EmissionSource:
    return EmissionSource(
        source_id=source_id,
        kind=kind,
        subject=subject or kind.carrier or "bituminous-coal",
        counterparty=f"enterprises/{enterprise}/counterparties/{partner}" if kind.carrier else "",
    )


def entry(text: str = "100 MWh", when: str = "2023-01", name: str = "r1") -> Entry:
    return Entry(name=name, period=period(when), quantity=quantity(text))


def factors_of(kind: Kind) -> dict[Role, str]:
    """Return the factors that an activity of `kind` takes."""
    match kind.carrier:
        case "electricity":
            return {Role.GRID_AVERAGE: GRID}
        case "heat":
            return {Role.HEAT_DEFAULT: HEAT}
        case _:
            return COAL


def line(
    entries: Sequence[Entry] = (),
    of: EmissionSource | None = None,
    factors: Mapping[Role, str] | None = None,
    *,
    enterprise: str = "mill",
    version: int = 1,
) -> Line:
    entries = entries or [entry()]
    whose = of or source()
    year = entries[0].period.start.year
    return line_domain.of(
        whose,
        entries,
        method=method(),
        binding=binding(factors or factors_of(whose.kind), year),
        stamp=Stamp(enterprise=enterprise, version=version, revision=7, registry_revision=3),
    )


def year_of_lines(
    of: EmissionSource | None = None, text: str = "100 MWh", *, enterprise: str = "mill"
) -> list[Line]:
    """Return twelve lines, one a month, each of the quantity `text`."""
    return [
        line([entry(text, f"2023-{month:02d}")], of, enterprise=enterprise)
        for month in range(1, 13)
    ]


def enterprise(
    id_: str = "mill", industry: str = "1713", label: Label = Label.REPORTED
) -> Enterprise:
    return Enterprise(
        name=f"enterprises/{id_}",
        display_name=id_.title(),
        industry_code=industry,
        region_code="CN-JS",
        label=label,
        revision=2,
    )


def inventory(lines: Sequence[Line] = (), of: Enterprise | None = None) -> Inventory:
    return inventory_domain.of(
        of or enterprise(), lines or year_of_lines(), method=method(), version=1, revision=7
    )


def member(
    id_: str = "mill",
    lines: Sequence[Line] = (),
    partners: Mapping[str, str] | None = None,
    label: Label = Label.REPORTED,
) -> Member:
    """Return a member; `partners` leads from the id of a counterparty to that of an enterprise."""
    whose = enterprise(id_, label=label)
    return Member(
        enterprise=whose,
        inventory=inventory(lines, whose) if lines else None,
        lines=tuple(lines),
        partners={
            f"enterprises/{id_}/counterparties/{partner}": f"enterprises/{behind}"
            for partner, behind in (partners or {}).items()
        },
    )


def zone(*members: Member) -> ZoneInventory:
    return zone_domain.of(
        "home",
        2023,
        members,
        method=method(),
        snapshot=Snapshot(revision=7, registry_revision=3),
    )


def row(number: int = 0, **overrides: Any) -> Row:
    """Return a row that nothing is wrong with."""
    fields: dict[str, Any] = {
        "path": f"records[{number}]",
        "content": f"row {number}".encode(),
        "source_id": "intake",
        "kind": Kind.ELECTRICITY_PURCHASED,
        "subject": "",
        "quantity": quantity("100 MWh"),
        "period": period("2023-01"),
        "facility": "",
        "meter": "",
        "counterparty": "enterprises/mill/counterparties/grid",
        "evidence": "",
        "corrects": "",
    }
    return Row(**(fields | overrides))


def found(
    subject: str = "electricity",
    factors: Mapping[Role, str | Unresolved] | None = None,
    year: int = 2023,
) -> dict[Query, BoundFactor | Unresolved]:
    """Return what the registry answers to the queries of a subject."""
    given = {Role.GRID_AVERAGE: GRID} if factors is None else factors
    return {
        Query(
            method_id="gbt32150",
            accounting_year=year,
            role=role,
            subject=subject,
            region_code="CN-JS",
        ): each if isinstance(each, Unresolved) else factor(role, each)
        for role, each in given.items()
    }
