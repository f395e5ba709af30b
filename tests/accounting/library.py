"""What the registry answers in a test: a small table of figures, and enterprises' own ones.

Only what a need asks for is answered, so that a binding that looks for more fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from services.accounting.domain.binding import (
    BoundFactor,
    Need,
    Origin,
    Query,
    Unresolved,
)
from services.accounting.domain.role import Role
from services.kernel.period import Period
from services.kernel.quantity import Quantity
from services.kernel.source import Source
from services.kernel.trust import Status

Figure = str | Unresolved
Figures = Mapping[Role | tuple[Role, str] | tuple[Role, str, str], Figure]
"""Of a role, of a role and subject, or of these and a method; the narrower goes first."""

MISSING = Unresolved(reason="FACTOR_MISSING", candidates=("factorSets/a",))
CONFLICT = Unresolved(reason="FACTOR_CONFLICT", candidates=("factorSets/a", "factorSets/b"))

GRID = "0.6451 tCO2/MWh"
HEAT = "0.11 tCO2/GJ"
COAL = "bituminous-coal"

FIGURES: Figures = {
    (Role.GRID_AVERAGE, "electricity"): GRID,
    (Role.GRID_RESIDUAL, "electricity"): "0.7 tCO2/MWh",
    (Role.GRID_FOSSIL, "electricity"): "0.8325 tCO2/MWh",
    (Role.ELECTRICITY_NONFOSSIL, "electricity-non-fossil"): "0 tCO2/MWh",
    (Role.HEAT_DEFAULT, "heat"): HEAT,
    (Role.HEAT_CONSTANT, "water-20c"): "83.74 kJ/kg",
    (Role.NET_CALORIFIC_VALUE, COAL): "23.204 GJ(NCV)/t",
    (Role.CARBON_CONTENT_PER_HEAT, COAL): "26.18 tC/TJ(NCV)",
    (Role.OXIDATION_RATE, COAL): "93 %",
    (Role.OXIDATION_RATE, "coal"): "99 %",
    (Role.NET_CALORIFIC_VALUE, "coal-unmeasured"): "26.7 GJ(NCV)/t",
    (Role.CARBON_CONTENT_PER_HEAT, "coal-unmeasured"): "0.03085 tC/GJ(NCV)",
    (Role.CO2_PER_HEAT, COAL): "94600 kgCO2/TJ(NCV)",
    (Role.CH4_PER_HEAT, COAL): "1 kgCH4/TJ(NCV)",
    (Role.N2O_PER_HEAT, COAL): "1.5 kgN2O/TJ(NCV)",
    (Role.CO2_FACTOR, "limestone"): "0.44 tCO2/t",
    (Role.CO2_FACTOR, "pig-iron"): "0.172 tCO2/t",
    (Role.CO2_FACTOR, "crude-steel"): "0.0154 tCO2/t",
}
"""By the shipped library where it has them; the residual factor is invented."""

POTENTIALS: Mapping[str, Mapping[str, str]] = {
    "gwp100-ar4": {"ch4": "25", "ch4-fossil": "25", "ch4-nonfossil": "25", "n2o": "298"},
    "gwp100-ar5": {
        "ch4": "28",
        "ch4-fossil": "30",
        "ch4-nonfossil": "28",
        "n2o": "265",
        "sf6": "23500",
        "cf4": "6630",
        "c2f6": "11100",
    },
    "gwp100-ar6": {"ch4": "27.9", "ch4-fossil": "29.8", "ch4-nonfossil": "27", "n2o": "273"},
    "gwp100-ets-aluminium-2024": {"cf4": "6630", "c2f6": "11100"},
}
"""Global warming potentials by set and gas, kgCO2e/kg."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """An active custom factor of whichever enterprise asks."""

    role: Role
    subject: str
    text: str
    period: Period
    name: str = "enterprises/mill/customFactors/own"


def found(
    needs: Iterable[Need], figures: Figures | None = None, own: Iterable[Own] = ()
) -> dict[Query, BoundFactor | Unresolved]:
    """Return the answers to all that `needs` ask: by month, then by the days where they must."""
    figures, own, needs = {**FIGURES, **(figures or {})}, list(own), list(needs)
    answers = {query: answer(query, figures, own) for each in needs for query in each.queries}
    days = {query for each in needs for query in each.queries_of_days(answers)}
    return {**answers, **{query: answer(query, figures, own) for query in days}}


def answer(query: Query, figures: Figures, own: Iterable[Own] = ()) -> BoundFactor | Unresolved:
    """Return the figure a query finds, as the registry's contract has it."""
    custom = _own(query, own)
    if custom is not None:
        return custom
    if query.role is Role.GWP100:
        potential = POTENTIALS[query.factor_set].get(query.subject)
        return factor(query.role, f"{potential} kgCO2e/kg", query.subject) if potential else MISSING
    for key in ((query.role, query.subject, query.method_id), (query.role, query.subject)):
        if key in figures:
            return _read(query, figures[key])
    return _read(query, figures[query.role]) if query.role in figures else MISSING


def factor(
    role: Role,
    text: str,
    subject: str,
    *,
    status: Status = Status.SECONDARY,
    origin: Origin = Origin.PUBLISHED,
) -> BoundFactor:
    """Return a factor with all that the registry says of one."""
    value, unit = text.split(maxsplit=1)
    return BoundFactor(
        role=role,
        subject=subject,
        quantity=Quantity.parse(value, unit),
        status=status,
        origin=origin,
        name=f"factorSets/a/factors/{subject}-{role.lower().replace('_', '-')}",
        version=1,
        region_level="ENTERPRISE" if origin is Origin.CUSTOM else "NATION",
        region_code="" if origin is Origin.CUSTOM else "CN",
        data_period="2021",
        source=document(status),
        rule_source=document(title="a rule"),
    )


def document(status: Status = Status.SECONDARY, title: str = "a notice") -> Source:
    """Return where a figure stands."""
    return Source(title=title, status=status, locator="table 1")


def _read(query: Query, figure: Figure) -> BoundFactor | Unresolved:
    if isinstance(figure, Unresolved):
        return figure
    return factor(query.role, figure, query.subject)


def _own(query: Query, own: Iterable[Own]) -> BoundFactor | Unresolved | None:
    if not query.enterprise or query.period is None:
        return None
    period = query.period
    touching = [
        each
        for each in own
        if (each.role, each.subject) == (query.role, query.subject) and each.period.overlaps(period)
    ]
    days = {day for each in touching for day in (each.period.start, each.period.end)}
    if inside := sorted(day for day in days if period.start < day < period.end):
        return Unresolved(reason="FACTOR_PERIOD_SPLIT", candidates=tuple(map(str, inside)))
    if len(touching) > 1:
        names = tuple(each.name for each in touching)
        return Unresolved(reason="FACTOR_CONFLICT", candidates=names)
    for each in touching:
        custom = factor(each.role, each.text, each.subject, origin=Origin.CUSTOM)
        return replace(custom, name=each.name)
    return None
