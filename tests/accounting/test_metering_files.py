"""The files of metering as they are read."""

from __future__ import annotations

import tomllib
from decimal import Decimal

from services.accounting import files
from services.accounting.domain.metering.calibration import DataKind
from services.accounting.domain.metering.heat import RuleName
from services.accounting.files.metering import FOLDER
from services.kernel.trust import Status
from tests.accounting.metering import rules, table

OFFICIAL = {RuleName.CETS_STEEL_2024, RuleName.CETS_POWER_2026}


def test_each_document_has_a_rule_and_only_what_it_says() -> None:
    said = {
        name: [rule.steam is not None, rule.hot_water is not None, rule.user_circuit is not None]
        for name, rule in rules().rules.items()
    }

    assert said == {
        RuleName.NDRC_2013_2015: [True, True, False],
        RuleName.CETS_STEEL_2024: [True, True, False],
        RuleName.CETS_POWER_2026: [True, True, True],
        RuleName.GBT32151_34_2024: [True, False, False],
    }


def test_the_constants_are_those_of_the_documents() -> None:
    power = rules().rules[RuleName.CETS_POWER_2026]

    assert power.steam is not None
    assert power.hot_water is not None
    assert power.user_circuit is not None
    assert power.steam.base_enthalpy_kj_per_kg == Decimal("83.74")
    assert power.hot_water.specific_heat_kj_per_kg_c == Decimal("4.1868")
    assert power.hot_water.base_temperature_c == 20
    assert power.user_circuit.exchanger_efficiency == Decimal("0.95")
    carbon = rules().rules[RuleName.GBT32151_34_2024].steam
    assert carbon is not None
    assert carbon.base_enthalpy_kj_per_kg is None


def test_a_clause_is_trusted_as_its_document_and_itself() -> None:
    for name, rule in rules().rules.items():
        assert rule.steam is not None
        wanted = Status.OFFICIAL if name in OFFICIAL else Status.SECONDARY
        assert rule.steam.source.status is wanted
        assert rule.steam.source.locator


def test_no_year_of_a_method_has_two_rules() -> None:
    data = tomllib.loads((FOLDER / "rules.toml").read_text("utf-8"))
    keys = [
        (each["method_id"], each["accounting_year"]) for each in data["heat_rule_applicability"]
    ]

    assert len(keys) == len(set(keys)) == len(rules().applicable)
    assert {method for method, _ in keys} <= set(files.methods())


def test_activity_and_production_are_corrected_in_opposite_ways() -> None:
    calibration = files.calibration_rules()

    assert {kind: rule.sign for kind, rule in calibration.items()} == {
        DataKind.ACTIVITY: 1,
        DataKind.PRODUCTION: -1,
    }


def test_the_steam_table_cites_the_standard_and_is_secondary() -> None:
    assert table().source.document_no == "GB/T 32151.34-2024"
    assert table().source.status is Status.SECONDARY
    rows = [*table().saturated, *(row for rows in table().isobars.values() for row in rows)]
    assert {row.source.status for row in rows} == {Status.SECONDARY}
    assert {row.source.locator for row in rows} == {"Table C.4", "Table C.5"}
