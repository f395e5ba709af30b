"""The rulebook files of this release → values of the domain.

The files are our own and shipped with the code, so what is wrong in one is a defect and stops the
start; nothing is repaired and nothing is assumed.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Final

from services.kernel.errors import Words
from services.kernel.mass import Rounding
from services.kernel.trust import Status
from services.trading.domain.market import Market, Sector
from services.trading.domain.plan import Vintages
from services.trading.domain.rulebook import (
    Benchmark,
    Formula,
    FuelGroup,
    QuotaRounding,
    Rulebook,
    Shelf,
    UnitClass,
)
from services.trading.files import corrections, plans
from services.trading.files.rules import (
    FOLDER,
    Sources,
    Table,
    omitted,
    optional_decimal,
    read,
    rule,
    source,
)

_FILES: Final = "*-[0-9][0-9][0-9][0-9]*.toml"
"""`power-2025.toml`; a later version of it is another file, such as `power-2025-v2.toml`."""


def shelf(*folders: Path) -> Shelf:
    """Return the rulebooks by sector and year: those of this release, and those in other `folders`.

    Of several versions of a rulebook the highest holds; a version that comes twice is a defect.
    """
    found: dict[str, dict[int, Rulebook]] = {}
    for folder in (FOLDER, *folders):
        for path in sorted(folder.glob(_FILES)):
            book = rulebook(path)
            versions = found.setdefault(book.rulebook, {})
            assert book.version not in versions, f"{path}: version {book.version} is there already"
            versions[book.version] = book
    newest = [versions[max(versions)] for versions in found.values()]
    newest.sort(key=lambda each: (each.sector, each.compliance_year))
    older = [each for versions in found.values() for each in versions.values()]
    return Shelf(
        rulebooks=tuple(newest), superseded=tuple(each for each in older if each not in newest)
    )


def market(folder: Path = FOLDER) -> Market:
    """Return what `market.toml` says of sectors and products."""
    table = read(folder / "market.toml")
    return Market(
        first_compliance_years={
            Sector[each["sector"].upper()]: each["first_compliance_year"]["year"]
            for each in table["sectors"]
        },
        products={
            year: each["product"] for each in table["products"] for year in each["vintage_years"]
        },
    )


def rulebook(path: Path) -> Rulebook:
    """Return the rulebook in the file `path`."""
    table = read(path)
    sources = {each["id"]: source(each) for each in table["sources"]}
    return Rulebook(
        rulebook=table["rulebook"],
        version=table["version"],
        sector=Sector[table["sector"].upper()],
        compliance_year=table["compliance_year"],
        title=Words(en=table["title_en"], zh=table["title_zh"]),
        source=replace(sources[table["plan"]], status=Status(table["status"]), note=table["note"]),
        formula=Formula(
            expression=table["formula"]["expression"],
            power_basis=table["formula"]["power_basis"],
            rule=rule(table["formula"], sources),
        ),
        unit_classes=tuple(_unit_class(each, sources) for each in table.get("unit_classes", ())),
        benchmarks=tuple(_benchmark(each, sources) for each in table.get("benchmarks", ())),
        peak_factor=corrections.peak_factor(table, sources),
        cooling_factor=corrections.cooling_factor(table, sources),
        heat_factors=corrections.heat_factors(table, sources),
        quota_rounding=_quota_rounding(table["quota_rounding"], sources),
        plan=plans.plan(table, sources),
        surrender_date=table["surrender"].get("deadline"),
        surrender_rule=rule(table["surrender"], sources),
        obligation_basis=table["surrender"]["obligation"]["basis"],
        vintages=_vintages(table["surrender"]["vintages"], sources),
        omitted_rules=tuple(omitted(each, sources) for each in table["not_in_this_release"]),
    )


def _unit_class(table: Table, sources: Sources) -> UnitClass:
    return UnitClass(
        unit_class=table["unit_class"],
        title=Words(en=table["name_en"], zh=table["name_zh"]),
        fuel_group=FuelGroup(table["fuel_group"]),
        rated_power_min_mw=optional_decimal(table, "rated_power_min_mw"),
        rated_power_below_mw=optional_decimal(table, "rated_power_below_mw"),
        definition=Words(en=table["definition_en"], zh=table["definition_zh"]),
        rule=rule(table, sources),
    )


def _benchmark(table: Table, sources: Sources) -> Benchmark:
    return Benchmark(
        unit_class=table["unit_class"],
        power_t_per_mwh=Decimal(table["power_tco2_per_mwh"]),
        heat_t_per_gj=Decimal(table["heat_tco2_per_gj"]),
        rule=rule(table, sources),
    )


def _quota_rounding(table: Table, sources: Sources) -> QuotaRounding:
    assert table["decimals"] == 0, "allowances are whole tonnes"
    return QuotaRounding(
        power=Rounding(table["power_quota"]),
        heat=Rounding(table["heat_quota"]),
        approved=Rounding(table["approved_quota"]),
        rule=rule(table, sources),
    )


def _vintages(table: Table, sources: Sources) -> Vintages:
    return Vintages(
        first_year=table["first_vintage_year"],
        last_year=table["last_vintage_year"],
        text=table["text"],
        rule=rule(table, sources),
    )
