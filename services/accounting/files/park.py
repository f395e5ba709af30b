"""The indicators of zero-carbon parks, read from `methods/park910_indicators.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.accounting.domain.park.rule import (
    TCE,
    Acceptance,
    Comparison,
    Consequence,
    EqualValue,
    Guiding,
    IndicatorSet,
    OpenPoint,
    Parameter,
    Requirement,
    SizeClass,
)
from services.accounting.files.methods import METHODS, clause_of
from services.kernel.errors import Words
from services.kernel.quantity import Quantity


def park_indicators(path: Path = METHODS / "park910_indicators.toml") -> IndicatorSet:
    """Return the park indicators of the file; one that lacks a rule is a defect."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    documents = {each["id"]: each for each in data["documents"]}
    band, factor = data["electricity_equal_value"], data["fossil_power_factor"]
    return IndicatorSet(
        set_id=data["indicator_set"],
        version=data["version"],
        title=_words(data, "title"),
        method_id=data["method"],
        energy_clause=clause_of(data["energy"], documents),
        equal_value=EqualValue(
            equivalent=_quantity(band["equivalent"]),
            smallest=_quantity(band["smallest"]),
            largest=_quantity(band["largest"]),
            clause=clause_of(band, documents),
        ),
        size_classes=[_size_class(each, documents) for each in data["size_classes"]],
        direct_supply=_requirement(data["direct_supply"], documents),
        guiding=[_guiding(each, documents) for each in data["guiding"]],
        not_applicable_clause=clause_of(data["not_applicable"], documents),
        acceptance={
            Acceptance(each["state"]): Consequence(
                text=_words(each, "text"), clause=clause_of(each, documents)
            )
            for each in data["acceptance"]
        },
        fossil_power_factor=Parameter(
            parameter_id=factor["id"],
            version=factor["version"],
            name=_words(factor, "name"),
            value=_quantity(factor["value"]),
            data_year=factor["data_year"],
            clause=clause_of(factor, documents),
        ),
        open_points=[_open_point(each, documents) for each in data["open_points"]],
    )


def _size_class(data: Mapping[str, Any], documents: Mapping[str, Any]) -> SizeClass:
    rule = {**data, "comparison": Comparison.AT_MOST}
    return SizeClass(
        class_id=data["id"],
        name=_words(data, "name"),
        below_tce=_quantity(data["below"]).to(TCE) if "below" in data else None,
        requirement=_requirement(rule, documents) if "limit" in data else None,
        clause=clause_of(data, documents),
    )


def _guiding(data: Mapping[str, Any], documents: Mapping[str, Any]) -> Guiding:
    return Guiding(
        indicator_id=data["id"],
        name=_words(data, "name"),
        requirement=_requirement(data, documents),
        smallest=_quantity(data["smallest"]),
        largest=_quantity(data["largest"]),
        whole=data["whole"],
    )


def _requirement(data: Mapping[str, Any], documents: Mapping[str, Any]) -> Requirement:
    return Requirement(
        comparison=Comparison(data["comparison"]),
        limit=_quantity(data["limit"]),
        clause=clause_of(data, documents),
    )


def _open_point(data: Mapping[str, Any], documents: Mapping[str, Any]) -> OpenPoint:
    status = documents[data["document"]]["status"]
    return OpenPoint(
        open_point_id=data["id"],
        version=data["version"],
        text=_words(data, "text"),
        treatment=_words(data, "treatment"),
        clause=clause_of({"status": status, "note": "", **data}, documents),
    )


def _words(data: Mapping[str, Any], key: str) -> Words:
    return Words(en=data[f"{key}_en"], zh=data[f"{key}_zh"])


def _quantity(text: str) -> Quantity:
    value, _, unit = text.partition(" ")
    return Quantity.parse(value, unit)
