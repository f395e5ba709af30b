"""The smallest valid value of each noun of accounting; keywords override."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any

from services.accounting import files
from services.accounting.domain import inventory as inventory_domain
from services.accounting.domain import line as line_domain
from services.accounting.domain import zone as zone_domain
from services.accounting.domain.activity import EmissionSource, Kind
from services.accounting.domain.binding import Binding, Need, bind
from services.accounting.domain.enterprise import Enterprise, Label
from services.accounting.domain.inventory import Edition, Gap, Inventory
from services.accounting.domain.line import ActivitySum, Entry, Grain, Line, Rate, Stamp, line_id
from services.accounting.domain.metering.steam import SteamTable
from services.accounting.domain.method import Method
from services.accounting.domain.need import Reporter, needs, needs_by_method
from services.accounting.domain.report import Books, Facts
from services.accounting.domain.row import Row
from services.accounting.domain.transfer import Member
from services.accounting.domain.zone import Snapshot, ZoneInventory
from services.kernel.names import HOME_METHOD
from services.kernel.period import Period
from services.kernel.quantity import Quantity
from services.kernel.source import Source
from services.kernel.trust import Status
from tests.accounting import library
from tests.accounting.library import COAL, Figures, Own

GRID_PARTNER = "enterprises/mill/counterparties/grid"
METER = "enterprises/mill/meters/main"


@cache
def methods() -> Mapping[str, Method]:
    return files.methods()


def method(method_id: str = HOME_METHOD) -> Method:
    return methods()[method_id]


@cache
def steam_table() -> SteamTable:
    return files.steam_table()


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


def source(
    kind: Kind = Kind.ELECTRICITY_PURCHASED,
    source_id: str = "intake",
    *,
    subject: str = "",
    partner: str = "grid",
    enterprise: str = "mill",
    **fields: Any,
) -> EmissionSource:
    return EmissionSource(
        source_id=source_id,
        kind=kind,
        subject=subject or kind.carrier or COAL,
        counterparty=f"enterprises/{enterprise}/counterparties/{partner}" if kind.carrier else "",
        **fields,
    )


def document(status: Status = Status.SECONDARY, title: str = "a notice") -> Source:
    return Source(title=title, status=status, locator="table 1")


def entry(text: str = "100 MWh", when: str = "2023-01", name: str = "r1", **fields: Any) -> Entry:
    return Entry(name=name, period=period(when), quantity=quantity(text), **fields)


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


def reporter(id_: str = "mill", industry: str = "1713", *, by: Sequence[str] = ()) -> Reporter:
    """Return an enterprise that reports by all methods, or by those named."""
    return Reporter(
        enterprise=enterprise(id_, industry),
        methods=tuple(methods()[each] for each in by) or tuple(methods().values()),
        steam=steam_table(),
    )


def need(
    of: EmissionSource | None = None,
    what: str = "100 MWh",
    when: str = "2023-01",
    *,
    by: str = HOME_METHOD,
    enterprise: str = "mill",
) -> Need:
    """Return what "ghgp", or its item "ghgp/heat_market", needs for a record of a source."""
    method_id, _, item = by.partition("/")
    whose, unit = of or source(), quantity(what).unit
    found = needs(method(method_id), whose, period(when), unit, reporter(enterprise))
    return next(each for each in found if item in {"", each.term.item.item_id})


def bound(wanted: Need, figures: Figures | None = None, own: Iterable[Own] = ()) -> Binding:
    """Return the binding of a need by the table; it has one."""
    found = bind(wanted, library.found([wanted], figures, own), year_field="period")
    assert isinstance(found, Binding), found
    return found


def line(
    entries: Sequence[Entry] = (),
    of: EmissionSource | None = None,
    figures: Figures | None = None,
    *,
    by: str = HOME_METHOD,
    enterprise: str = "mill",
) -> Line:
    """Return the line of `entries`, all of one binding, by "ghgp" or by one of its items."""
    entries = entries or [entry()]
    first, whose = entries[0], of or source()
    when = f"{first.period.start} {first.period.end}"
    wanted = need(whose, str(first.quantity), when, by=by, enterprise=enterprise)
    return line_of(whose, entries, bound(wanted, figures), enterprise=enterprise)


def line_of(
    of: EmissionSource, entries: Sequence[Entry], binding: Binding, *, enterprise: str = "mill"
) -> Line:
    """Return the line of `entries` with a binding."""
    grain = Grain(source_id=of.source_id, month=entries[0].period.one_month())
    id_ = line_id(grain, method_id=binding.method_id, item_id=binding.item_id)
    return line_domain.of(
        of,
        ActivitySum.of(entries),
        binding=binding,
        rate=Rate.of(method(binding.method_id), of, binding),
        stamp=Stamp(enterprise=enterprise, line_id=id_, version=1, revision=7, registry_revision=3),
    )


def year_of_lines(
    of: EmissionSource | None = None, text: str = "100 MWh", **fields: Any
) -> list[Line]:
    """Return twelve lines, one a month, each of the quantity `text`."""
    return [line([entry(text, f"2023-{month:02d}")], of, **fields) for month in range(1, 13)]


def inventory(
    lines: Sequence[Line] | None = None,
    of: Enterprise | None = None,
    *,
    by: str = HOME_METHOD,
    gaps: Sequence[Gap] = (),
) -> Inventory:
    lines = year_of_lines() if lines is None else lines
    year = lines[0].month.start.year if lines else 2023
    return inventory_domain.of(
        of or enterprise(),
        lines,
        gaps,
        method=method(by),
        edition=Edition(accounting_year=year, version=1, revision=7),
    )


def member(
    id_: str = "mill",
    lines: Sequence[Line] = (),
    partners: Mapping[str, str] | None = None,
    label: Label = Label.REPORTED,
    by: str = HOME_METHOD,
) -> Member:
    """Return a member; `partners` leads from the id of a counterparty to that of an enterprise."""
    whose = enterprise(id_, label=label)
    return Member(
        enterprise=whose,
        inventory=inventory(lines, whose, by=by) if lines else None,
        lines=tuple(lines),
        partners={
            f"enterprises/{id_}/counterparties/{partner}": f"enterprises/{behind}"
            for partner, behind in (partners or {}).items()
        },
    )


def zone(*members: Member, by: str = HOME_METHOD) -> ZoneInventory:
    return zone_domain.of(
        "home",
        2023,
        members,
        method=method(by),
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
        "counterparty": GRID_PARTNER,
        "evidence": "",
        "certificate": "",
        "corrects": "",
    }
    return Row(**(fields | overrides))


def fuel_row(number: int = 0, what: str = "10 t", **overrides: Any) -> Row:
    """Return a row of coal that was burnt."""
    fields: dict[str, Any] = {
        "source_id": "boiler-1",
        "kind": Kind.FUEL_COMBUSTION,
        "subject": COAL,
        "quantity": quantity(what),
        "counterparty": "",
    }
    return row(number, **fields | overrides)


def facts(
    rows: Iterable[Row],
    books: Books,
    figures: Figures | None = None,
    *,
    of: Reporter | None = None,
    own: Iterable[Own] = (),
) -> Facts:
    """Return what the registry says of the rows and of the records that stand beside them."""
    whose = of or reporter()
    wanted: list[Need] = []
    for each in rows:
        if each.source is not None and each.period is not None:
            unit = each.quantity.unit if each.quantity else ""
            wanted += chain(*needs_by_method(each.source, each.period, unit, whose))
    for grain, entries in books.current.items():
        for entry in entries:
            source, unit = books.sources[grain.source_id], entry.quantity.unit
            wanted += chain(*needs_by_method(source, entry.period, unit, whose))
    return Facts(
        reporter=whose,
        known=frozenset({GRID_PARTNER, METER}),
        found=library.found(wanted, figures, own),
    )
