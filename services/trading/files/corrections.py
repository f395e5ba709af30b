"""The factors of a rulebook file → values of the domain."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from services.kernel.mass import Rounding
from services.trading.domain.correction import Cooling, CoolingFactor, HeatFactor
from services.trading.domain.peak_factor import (
    Curve,
    DoubleExponential,
    Line,
    PeakFactor,
    Power,
    Segment,
)
from services.trading.files.rules import Sources, Table, rule, words

_FULL_LOAD: Final = {"FRACTION": 1, "PERCENT": 100}
_COGENERATION_TOO: Final = {"ALL": True, "CONDENSING": False}
_FORMS: Final[dict[str, type[Power | DoubleExponential | Line]]] = {
    "POWER": Power,
    "DOUBLE_EXPONENTIAL": DoubleExponential,
    "LINE": Line,
}


def peak_factor(book: Table, sources: Sources) -> PeakFactor | None:
    """Return the factor for low load, or None."""
    table = book.get("peak_factor")
    if table is None:
        return None
    rounding = table["rounding"]
    return PeakFactor(
        symbol=table["symbol"],
        applies_to=frozenset(table["applies_to"]),
        cogeneration_too=_COGENERATION_TOO[table["scope"]],
        otherwise=Decimal(table["otherwise"]),
        segments=_segments(table),
        full_load=_FULL_LOAD[table["load_factor_scale"]],
        expression=table["expression"],
        decimals=rounding["decimals"],
        rounding=Rounding(rounding["mode"]),
        rule=rule(table, sources),
        rounding_rule=rule(rounding, sources),
    )


def cooling_factor(book: Table, sources: Sources) -> CoolingFactor | None:
    """Return the correction for the way of cooling, or None."""
    table = book.get("cooling_factor")
    if table is None:
        return None
    return CoolingFactor(
        symbol=table["symbol"],
        fuel_groups=frozenset(table["fuel_groups"]),
        factors={Cooling(name): Decimal(text) for name, text in table["factors"].items()},
        otherwise=Decimal(table["otherwise"]),
        text=words(table),
        rule=rule(table, sources),
        back_pressure_rule=rule(table["back_pressure"], sources),
    )


def heat_factors(book: Table, sources: Sources) -> tuple[HeatFactor, ...]:
    """Return the corrections for heat supplied, by fuel."""
    return tuple(
        HeatFactor(
            symbol=table["symbol"],
            fuel_groups=frozenset(table["fuel_groups"]),
            slope=Decimal(table["slope"]),
            expression=table["expression"],
            text=words(table),
            rule=rule(table, sources),
        )
        for table in book.get("heat_factors", ())
    )


def _segments(table: Table) -> tuple[Segment, ...]:
    if "segments" not in table:
        curve = _curve(table["form"], table["parameters"])
        return (Segment(below=Decimal(table["threshold"]), curve=curve),)
    return tuple(
        Segment(below=Decimal(each["below"]), curve=_curve(each["form"], each["parameters"]))
        for each in table["segments"]
    )


def _curve(form: str, table: Mapping[str, str]) -> Curve:
    return _FORMS[form](**{name: Decimal(value) for name, value in table.items()})
