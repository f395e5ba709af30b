"""The rulebook files of this release → values of the domain.

The files are our own and shipped with the code, so what is wrong in one is a defect and stops the
start; nothing is repaired and nothing is assumed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from services.kernel.errors import Words
from services.kernel.mass import Rounding
from services.kernel.source import Source
from services.kernel.trust import Status
from services.trading.domain.market import Market, Sector
from services.trading.domain.peak_factor import Curve, DoubleExponential, PeakFactor, Power
from services.trading.domain.rule import OmittedRule, Rule
from services.trading.domain.rulebook import (
    Benchmark,
    Formula,
    FuelGroup,
    QuotaRounding,
    Rulebook,
    Shelf,
    UnitClass,
)

FOLDER: Final = Path(__file__).parents[1] / "rulebooks"

_Table = Mapping[str, Any]
_Sources = Mapping[str, Source]
_FULL_LOAD: Final = {"FRACTION": 1, "PERCENT": 100}


def shelf(folder: Path = FOLDER) -> Shelf:
    """Return the rulebooks, by sector and year."""
    found = [rulebook(path) for path in folder.glob("*-[0-9][0-9][0-9][0-9].toml")]
    found.sort(key=lambda each: (each.sector, each.compliance_year))
    return Shelf(rulebooks=tuple(found))


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
        unit_classes=tuple(_unit_class(each, sources) for each in table["unit_classes"]),
        benchmarks=tuple(_benchmark(each, sources) for each in table["benchmarks"]),
        peak_factor=_peak_factor(table["peak_factor"], sources),
        quota_rounding=_quota_rounding(table["quota_rounding"], sources),
        surrender_date=table["surrender"].get("deadline"),
        omitted_rules=tuple(_omitted(each, sources) for each in table["not_in_this_release"]),
    )


def read(path: Path) -> _Table:
    """Return what a file of ours says."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def source(table: _Table) -> Source:
    """Return a document that rules stand in."""
    return Source(
        title=table["title_zh"],
        document_no=table["document_no"],
        source_year=table["date"].year,
        url=table["url"],
        status=Status(table["status"]),
        confidence=table["confidence"],
        note=f"Read as {table['read_at']}.",
    )


def rule(table: _Table, sources: _Sources) -> Rule:
    """Return where a rule stands: its document, its article, its own status."""
    return Rule(
        source=replace(
            sources[table["source"]],
            locator=table["article"],
            status=Status(table["status"]),
            confidence=table["confidence"],
            note=table.get("note", ""),
        ),
        house_rule=table.get("house_rule", False),
    )


def _unit_class(table: _Table, sources: _Sources) -> UnitClass:
    return UnitClass(
        unit_class=table["unit_class"],
        title=Words(en=table["name_en"], zh=table["name_zh"]),
        fuel_group=FuelGroup(table["fuel_group"]),
        rated_power_min_mw=_decimal(table, "rated_power_min_mw"),
        rated_power_below_mw=_decimal(table, "rated_power_below_mw"),
        definition=Words(en=table["definition_en"], zh=table["definition_zh"]),
        rule=rule(table, sources),
    )


def _benchmark(table: _Table, sources: _Sources) -> Benchmark:
    return Benchmark(
        unit_class=table["unit_class"],
        power_t_per_mwh=Decimal(table["power_tco2_per_mwh"]),
        heat_t_per_gj=Decimal(table["heat_tco2_per_gj"]),
        rule=rule(table, sources),
    )


def _peak_factor(table: _Table, sources: _Sources) -> PeakFactor:
    rounding = table["rounding"]
    return PeakFactor(
        symbol=table["symbol"],
        applies_to=frozenset(table["applies_to"]),
        otherwise=Decimal(table["otherwise"]),
        threshold=Decimal(table["threshold"]),
        full_load=_FULL_LOAD[table["load_factor_scale"]],
        curve=_curve(table["form"], table["parameters"]),
        expression=table["expression"],
        decimals=rounding["decimals"],
        rounding=Rounding(rounding["mode"]),
        rule=rule(table, sources),
        rounding_rule=rule(rounding, sources),
    )


def _curve(form: str, table: Mapping[str, str]) -> Curve:
    parameters = {name: Decimal(value) for name, value in table.items()}
    forms: dict[str, type[Power | DoubleExponential]] = {
        "POWER": Power,
        "DOUBLE_EXPONENTIAL": DoubleExponential,
    }
    return forms[form](**parameters)


def _quota_rounding(table: _Table, sources: _Sources) -> QuotaRounding:
    assert table["decimals"] == 0, "allowances are whole tonnes"
    return QuotaRounding(
        power=Rounding(table["power_quota"]),
        heat=Rounding(table["heat_quota"]),
        rule=rule(table, sources),
    )


def _omitted(table: _Table, sources: _Sources) -> OmittedRule:
    return OmittedRule(
        name=table["name"],
        text=Words(en=table["text"], zh=table["text_zh"]),
        effect=table["effect"],
        rule=rule(table, sources),
    )


def _decimal(table: _Table, key: str) -> Decimal | None:
    text = table.get(key)
    return None if text is None else Decimal(text)
