"""Rules for heat, calibration and coal equivalents, and the steam tables: `methods/metering`."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from services.accounting.domain.metering import steam
from services.accounting.domain.metering.calibration import (
    CalibrationRule,
    CalibrationRules,
    DataKind,
)
from services.accounting.domain.metering.coal_equivalent import EquivalentValue
from services.accounting.domain.metering.heat import (
    Choice,
    HeatRule,
    HeatRules,
    HotWaterRule,
    RuleName,
    SteamRule,
    UserCircuitRule,
)
from services.kernel import trust
from services.kernel.errors import Words
from services.kernel.source import Source
from services.kernel.trust import Status

FOLDER: Final = Path(__file__).parents[1] / "methods" / "metering"

_Table = Mapping[str, Any]


def heat_rules(folder: Path = FOLDER) -> HeatRules:
    """Return what each document says on heat, and which method takes which rule in which year."""
    data = _read(folder)
    rules = {RuleName(each["rule"]): _heat_rule(each, data) for each in data["heat_rules"]}
    return HeatRules(
        rules=rules,
        applicable={
            (each["method_id"], each["accounting_year"]): Choice(
                rule=rules[RuleName(each["rule"])],
                source=Source(
                    title=f"{each['method_id']} {each['accounting_year']}: {each['rule']}",
                    status=Status(each["status"]),
                    note=each["note"],
                ),
            )
            for each in data["heat_rule_applicability"]
        },
    )


def steam_table(folder: Path = FOLDER) -> steam.SteamTable:
    """Return the steam tables of GB/T 32151.34-2024, each figure as it is printed."""
    data = _read(folder)
    about = data["steam_table"]
    document = _document(about["document"], data)
    with (folder / about["file"]).open(encoding="utf-8", newline="") as lines:
        rows = [_row(row, document) for row in csv.DictReader(lines)]
    return steam.table(
        rows,
        source=_source(
            document, clause=about["interpolation_clause"], status=document["status"], note=""
        ),
        coarse=steam.Coarse(
            pressure_above_mpa=Decimal(about["coarse"]["pressure_above_mpa"]),
            temperature_below_c=Decimal(about["coarse"]["temperature_below_c"]),
            deviation_percent=Decimal(about["coarse"]["deviation_percent"]),
        ),
    )


def calibration_rules(folder: Path = FOLDER) -> CalibrationRules:
    """Return how the readings of each kind of data are corrected."""
    data = _read(folder)
    rules = [
        CalibrationRule(
            kind=DataKind(each["data_kind"]),
            sign=each["sign"],
            applies_from_year=each["applies_from_year"],
            source=_clause(each, _document(each["document"], data)),
        )
        for each in data["calibration_rules"]
    ]
    assert {rule.kind for rule in rules} == set(DataKind), "each kind of data has a rule"
    return {rule.kind: rule for rule in rules}


def equivalent_values(folder: Path = FOLDER) -> tuple[EquivalentValue, ...]:
    """Return the published coefficients of coal equivalent that declared ones are held against."""
    data = _read(folder)
    return tuple(
        EquivalentValue(
            name=Words(en=each["name_en"], zh=each["name_zh"]),
            value=each["value"],
            unit=each["unit"],
            source=_clause(each, _document(each["document"], data)),
        )
        for each in data["equivalent_values"]
    )


def _read(folder: Path) -> _Table:
    return tomllib.loads((folder / "rules.toml").read_text(encoding="utf-8"))


def _document(id_: str, data: _Table) -> _Table:
    found: list[_Table] = [each for each in data["documents"] if each["id"] == id_]
    assert len(found) == 1, id_
    return found[0]


def _clause(table: _Table, document: _Table) -> Source:
    return _source(document, clause=table["clause"], status=table["status"], note=table["note"])


def _source(document: _Table, *, clause: str, status: str, note: str) -> Source:
    """Return a place in a document, trusted no more than the document itself."""
    return Source(
        title=document["title_zh"],
        status=trust.lowest(Status(document["status"]), Status(status)),
        document_no=document["document_no"],
        source_year=document["source_year"],
        locator=clause,
        url=document["url"],
        confidence=document["confidence"],
        note=" ".join(filter(None, (note, document["note"]))),
    )


def _heat_rule(table: _Table, data: _Table) -> HeatRule:
    document = _document(table["document"], data)
    named = Words(en=table["enthalpies"], zh=table["enthalpies_zh"])
    return HeatRule(
        rule=RuleName(table["rule"]),
        enthalpies=named if named.en else None,
        steam=_steam(table.get("steam"), document),
        hot_water=_hot_water(table.get("hot_water"), document),
        user_circuit=_user_circuit(table.get("user_circuit"), document),
    )


def _steam(table: _Table | None, document: _Table) -> SteamRule | None:
    if table is None:
        return None
    base: str | None = table.get("base_enthalpy_kj_per_kg")
    return SteamRule(
        base_enthalpy_kj_per_kg=None if base is None else Decimal(base),
        formula=_formula(table),
        source=_clause(table, document),
    )


def _hot_water(table: _Table | None, document: _Table) -> HotWaterRule | None:
    if table is None:
        return None
    return HotWaterRule(
        base_temperature_c=Decimal(table["base_temperature_c"]),
        specific_heat_kj_per_kg_c=Decimal(table["specific_heat_kj_per_kg_c"]),
        formula=_formula(table),
        source=_clause(table, document),
    )


def _user_circuit(table: _Table | None, document: _Table) -> UserCircuitRule | None:
    if table is None:
        return None
    return UserCircuitRule(
        exchanger_efficiency=Decimal(table["exchanger_efficiency"]),
        formula=_formula(table),
        source=_clause(table, document),
    )


def _formula(table: _Table) -> Words:
    return Words(en=table["formula"], zh=table["formula_zh"])


def _row(row: Mapping[str, str], document: _Table) -> steam.Row:
    return steam.Row(
        row_id=row["id"],
        saturated=row["state"] == "saturated",
        pressure_mpa=Decimal(row["pressure_mpa"]),
        printed_pressure_mpa=Decimal(row["printed_pressure_mpa"] or row["pressure_mpa"]),
        temperature_c=Decimal(row["temperature_c"]),
        enthalpy_kj_per_kg=Decimal(row["enthalpy_kj_per_kg"]),
        iapws97_kj_per_kg=Decimal(row["iapws97_kj_per_kg"]),
        finding=steam.RowFinding(row["finding"]) if row["finding"] else None,
        source=_source(document, clause=row["locator"], status=row["status"], note=row["note"]),
    )
