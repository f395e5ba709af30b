"""An indicator system as it is written down: plain values, in data files and in the database."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from services.accounting.domain.indicator.expression import parse, parse_condition
from services.accounting.domain.indicator.requirement import Case, Comparison, Requirement
from services.accounting.domain.indicator.system import (
    Conclusion,
    Consequence,
    Direction,
    Group,
    Indicator,
    OpenPoint,
    Parameter,
    Part,
    Point,
    Scoring,
    System,
)
from services.kernel.errors import Words
from services.kernel.quantity import Quantity
from services.kernel.source import Source
from services.kernel.trust import Status

Plain = Mapping[str, Any]
"""What TOML and JSON can hold. A quantity is one text with its unit, "0.35 tce/10^4 CNY"."""


def system(data: Plain) -> System:
    """Return the system that `data` writes; one that lacks a rule is a defect."""
    left_out = data.get("not_applicable")
    return System(
        system_id=data["system"],
        version=data["version"],
        title=_words(data, "title"),
        note=_words(data, "note"),
        method_id=data.get("method", ""),
        scoring=Scoring(data["scoring"]),
        groups=tuple(
            Group(
                group_id=each["id"],
                name=_words(each, "name"),
                least_count=each.get("least_count", 0),
            )
            for each in data["groups"]
        ),
        indicators=tuple(_indicator(each) for each in data["indicators"]),
        parameters=tuple(_parameter(each) for each in data.get("parameters", [])),
        consequences={
            Conclusion(each["conclusion"]): Consequence(
                text=_words(each, "text"), clause=source(each["source"])
            )
            for each in data.get("consequences", [])
        },
        not_applicable_clause=source(left_out["source"]) if left_out else None,
        open_points=tuple(_open_point(each) for each in data.get("open_points", [])),
    )


def plain(written: System) -> dict[str, Any]:
    """Return a system as it is written down; `system` reads it back."""
    clause = written.not_applicable_clause
    data: dict[str, Any] = {
        "system": written.system_id,
        "version": written.version,
        **_two("title", written.title),
        **_two("note", written.note),
        "method": written.method_id,
        "scoring": written.scoring.value,
        "groups": [
            {"id": each.group_id, **_two("name", each.name), "least_count": each.least_count}
            for each in written.groups
        ],
        "indicators": [_of_indicator(each) for each in written.indicators],
        "parameters": [_of_parameter(each) for each in written.parameters],
        "consequences": [
            {
                "conclusion": conclusion.value,
                **_two("text", each.text),
                "source": of_source(each.clause),
            }
            for conclusion, each in written.consequences.items()
        ],
        "open_points": [_of_open_point(each) for each in written.open_points],
    }
    return data | ({"not_applicable": {"source": of_source(clause)}} if clause else {})


def source(data: Plain) -> Source:
    """Return the source that `data` writes."""
    return Source(**{**data, "status": Status(data["status"])})


def of_source(written: Source) -> dict[str, Any]:
    """Return a source as it is written down."""
    return {
        "title": written.title,
        "status": written.status.value,
        "document_no": written.document_no,
        "source_year": written.source_year,
        "locator": written.locator,
        "url": written.url,
        "licence": written.licence,
        "confidence": written.confidence,
        "note": written.note,
    }


def quantity(text: str) -> Quantity:
    """Return the quantity that is one text with its unit.

    >>> quantity("20 10^4 tce").unit
    '10^4 tce'
    """
    value, _, unit = text.partition(" ")
    return Quantity.parse(value, unit)


def _indicator(data: Plain) -> Indicator:
    clause = source(data["source"])
    formula = data.get("formula")
    return Indicator(
        indicator_id=data["id"],
        name=_words(data, "name"),
        group_id=data["group"],
        part=Part(data["part"]),
        unit=data["unit"],
        direction=Direction(data["direction"]),
        formula=parse(formula) if formula else None,
        formula_clause=source(data["formula_source"]) if "formula_source" in data else clause,
        cases=tuple(_case(each) for each in data.get("cases", [])),
        reference=_optional(data, "reference"),
        points=tuple(
            Point(value=quantity(each["value"]), score=Decimal(each["score"]))
            for each in data.get("points", [])
        ),
        weight=Decimal(data["weight"]) if "weight" in data else None,
        smallest=_optional(data, "smallest"),
        largest=_optional(data, "largest"),
        whole=data.get("whole", False),
        clause=clause,
    )


def _of_indicator(each: Indicator) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": each.indicator_id,
        **_two("name", each.name),
        "group": each.group_id,
        "part": each.part.value,
        "unit": each.unit,
        "direction": each.direction.value,
        "cases": [_of_case(case) for case in each.cases],
        "points": [{"value": str(at.value), "score": str(at.score)} for at in each.points],
        "whole": each.whole,
        "source": of_source(each.clause),
        "formula_source": of_source(each.formula_clause),
    }
    if each.formula is not None:
        data["formula"] = each.formula.text
    for key in ("reference", "weight", "smallest", "largest"):
        if getattr(each, key) is not None:
            data[key] = str(getattr(each, key))
    return data


def _case(data: Plain) -> Case:
    clause = source(data["source"])
    limit = _optional(data, "limit")
    return Case(
        case_id=data["id"],
        name=_words(data, "name"),
        when=parse_condition(data["when"]) if data.get("when") else None,
        requirement=Requirement(
            comparison=Comparison(data["comparison"]), limit=limit, clause=clause
        )
        if limit is not None
        else None,
        clause=clause,
    )


def _of_case(case: Case) -> dict[str, Any]:
    data: dict[str, Any] = {"id": case.case_id, **_two("name", case.name)}
    if case.when is not None:
        data["when"] = case.when.text
    if case.requirement is not None:
        data["comparison"] = case.requirement.comparison.value
        data["limit"] = str(case.requirement.limit)
    return data | {"source": of_source(case.clause)}


def _parameter(data: Plain) -> Parameter:
    return Parameter(
        parameter_id=data["id"],
        name=_words(data, "name"),
        usual=_optional(data, "usual"),
        unit=data["unit"],
        clause=source(data["source"]),
    )


def _of_parameter(each: Parameter) -> dict[str, Any]:
    usual = {"usual": str(each.usual)} if each.usual is not None else {}
    return {
        "id": each.parameter_id,
        **_two("name", each.name),
        **usual,
        "unit": each.unit,
        "source": of_source(each.clause),
    }


def _open_point(data: Plain) -> OpenPoint:
    return OpenPoint(
        open_point_id=data["id"],
        version=data["version"],
        text=_words(data, "text"),
        treatment=_words(data, "treatment"),
        clause=source(data["source"]),
    )


def _of_open_point(each: OpenPoint) -> dict[str, Any]:
    return {
        "id": each.open_point_id,
        "version": each.version,
        **_two("text", each.text),
        **_two("treatment", each.treatment),
        "source": of_source(each.clause),
    }


def _words(data: Plain, key: str) -> Words:
    return Words(en=data[f"{key}_en"], zh=data[f"{key}_zh"])


def _two(key: str, words: Words) -> dict[str, str]:
    return {f"{key}_en": words.en, f"{key}_zh": words.zh}


def _optional(data: Plain, key: str) -> Quantity | None:
    return quantity(data[key]) if key in data else None
