"""What 910号 adds to the indicator system of zero-carbon parks, of the same data file."""

from __future__ import annotations

import tomllib
from pathlib import Path

from services.accounting.domain.indicator.requirement import Comparison, Requirement
from services.accounting.domain.indicator.written import quantity
from services.accounting.domain.park.rule import EqualValue, ParkRules, PrintedFigure
from services.accounting.files import indicators
from services.accounting.files.methods import clause_of
from services.kernel.errors import Words


def park_rules(path: Path = indicators.INDICATORS / "park910.toml") -> ParkRules:
    """Return the rules of the file; one that lacks a rule is a defect."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    documents = {each["id"]: each for each in data["documents"]}
    band, supply = data["electricity_equal_value"], data["direct_supply"]
    factor = data["fossil_power_factor"]
    return ParkRules(
        system=indicators.system(data),
        energy_clause=clause_of(data["energy"], documents),
        equal_value=EqualValue(
            equivalent=quantity(band["equivalent"]),
            smallest=quantity(band["smallest"]),
            largest=quantity(band["largest"]),
            clause=clause_of(band, documents),
        ),
        direct_supply=Requirement(
            comparison=Comparison(supply["comparison"]),
            limit=quantity(supply["limit"]),
            clause=clause_of(supply, documents),
        ),
        fossil_power_factor=PrintedFigure(
            parameter_id=factor["id"],
            version=factor["version"],
            name=Words(en=factor["name_en"], zh=factor["name_zh"]),
            value=quantity(factor["value"]),
            data_year=factor["data_year"],
            clause=clause_of(factor, documents),
        ),
    )
