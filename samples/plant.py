"""The CHP plant: what its neighbours buy decides its heat, its hours decide its power."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from samples import flows
from samples.flows import COMBUSTION, GRID, Flow, Habit, Month, habit_of
from samples.members import PLANT, Member

COAL_NOISE_RATIO = 0.006
"""How far a month's coal strays from the unit's rates, either way."""
LOAD_NOISE_RATIO = 0.03
FOSSIL = "electricity-fossil"
"""What the plant sells: it burns coal, and says so, for a method that credits exports by kind."""
POWER, STEAM = Habit(unit="MWh", decimals=3), Habit(unit="GJ", decimals=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitMonth:
    """What a generating unit did in a month."""

    hours: int
    gross_mwh: Decimal
    heat_gj: Decimal
    coal_t: Decimal


UnitMonths = Mapping[str, Mapping[Month, UnitMonth]]


def sales(bought: Iterable[Flow], *, line_losses: Mapping[str, float]) -> list[Flow]:
    """The plant's side of what its neighbours buy from it, month by month.

    It equals the buyer's side exactly, except that an enterprise with a line loss reads that much
    less electricity on its own meter than the plant's feeder sends.
    """
    result = []
    for flow in bought:
        loss_ratio = line_losses.get(flow.enterprise, 0.0) if flow.subject == "electricity" else 0.0
        amounts = {month: flow.in_base_unit(month) for month in flow.amounts}
        if loss_ratio:
            amounts = {
                month: POWER.write(float(amount) / (1 - loss_ratio))
                for month, amount in amounts.items()
            }
        is_heat = flow.subject == "heat"
        habit, word = (STEAM, "steam") if is_heat else (POWER, "power")
        result.append(
            Flow(
                enterprise=PLANT,
                source=f"{word}-to-{flow.enterprise}",
                subject=flow.subject if is_heat else FOSSIL,
                kind=flows.kind_of(flow.subject, direction="sold"),
                unit=habit.unit,
                amounts={
                    month: amount.quantize(Decimal(1).scaleb(-habit.decimals))
                    for month, amount in amounts.items()
                },
                partner=flow.enterprise,
                meter=f"feeder-{flow.enterprise}" if loss_ratio else "",
            )
        )
    return result


def production(spec: Mapping[str, Any], sold: Iterable[Flow]) -> dict[str, dict[Month, UnitMonth]]:
    """What each unit did in each month, by unit.

    Heat is dealt to the units by their hours and weights; the last one takes the remainder, so that
    the units' heat is what was sold, to the hundredth of a GJ.
    """
    sold = list(sold)
    units = spec["chp"]["units"]
    result: dict[str, dict[Month, UnitMonth]] = {unit["id"]: {} for unit in units}
    randoms = {unit["id"]: flows.random_of(spec["seed"], unit["id"]) for unit in units}
    for year in spec["accounting_years"]:
        for month in [(year, number) for number in range(1, 13)]:
            left_gj = sum((f.amounts[month] for f in sold if f.subject == "heat"), Decimal())
            heat_gj = float(left_gj)
            pull = {u["id"]: u["heat_weight"] * u["hours"][str(year)][month[1] - 1] for u in units}
            for unit in units:
                part = pull[unit["id"]] / sum(pull.values())
                unit_gj = left_gj if unit is units[-1] else STEAM.write(heat_gj * part)
                left_gj -= unit_gj
                throws = [2 * float(throw) - 1 for throw in randoms[unit["id"]].random(2)]
                result[unit["id"]][month] = _unit_month(spec["chp"], unit, month, unit_gj, throws)
    return result


def _unit_month(
    plant: Mapping[str, Any],
    unit: Mapping[str, Any],
    month: Month,
    heat_gj: Decimal,
    throws: list[float],
) -> UnitMonth:
    """Power from hours and load, coal from power and heat at the unit's rates."""
    year, number = month
    hours = unit["hours"][str(year)][number - 1]
    load_ratio = unit["load"][str(year)] * (1 + LOAD_NOISE_RATIO * throws[0])
    gross_mwh = POWER.write(unit["rated_power_mw"] * hours * load_ratio)
    coal_tce = (
        float(gross_mwh) * unit["coal_g_per_kwh"] + float(heat_gj) * unit["coal_kg_per_gj"]
    ) / 1000
    coal_t = coal_tce * plant["coal_equivalent_gj_per_t"] / plant["coal_gj_per_t"]
    return UnitMonth(
        hours=hours,
        gross_mwh=gross_mwh,
        heat_gj=heat_gj,
        coal_t=Habit(unit="t", decimals=2).write(coal_t * (1 + COAL_NOISE_RATIO * throws[1])),
    )


def member(spec: Mapping[str, Any], sold: list[Flow], units: UnitMonths) -> Member:
    """The plant with all its flows: coal, ignition oil, power bought, power and steam sold."""
    plant = spec["chp"]
    return Member(
        id=PLANT,
        name=plant["name"],
        industry_code=plant["industry_code"],
        facilities={unit["id"]: unit["name"] for unit in plant["units"]},
        flows=(
            *(_coal(unit, months) for unit, months in units.items()),
            _steady(spec, source="ignition-oil", subject="diesel", amount=plant["diesel_t"]),
            _steady(
                spec, source="grid-power", subject="electricity", amount=plant["grid_power_mwh"]
            ),
            *sold,
            _to_grid(plant, sold, units),
        ),
    )


def _coal(unit: str, months: Mapping[Month, UnitMonth]) -> Flow:
    return Flow(
        enterprise=PLANT,
        source=f"{unit}-coal",
        subject="bituminous-coal",
        kind=COMBUSTION,
        unit="t",
        amounts={month: done.coal_t for month, done in months.items()},
        facility=unit,
    )


def _steady(spec: Mapping[str, Any], *, source: str, subject: str, amount: str) -> Flow:
    habit = habit_of(spec, {}, subject)
    return Flow(
        enterprise=PLANT,
        source=source,
        subject=subject,
        kind=flows.kind_of(subject, direction="bought"),
        unit=habit.unit,
        amounts=flows.by_month(
            flows.random_of(spec["seed"], f"{PLANT}/{source}"),
            annual_amount=float(amount),
            growth_ratio=1.0,
            season=spec["season"]["flat"],
            habit=habit,
        ),
        partner=GRID if subject == "electricity" else "",
    )


def _to_grid(plant: Mapping[str, Any], sold: list[Flow], units: UnitMonths) -> Flow:
    """What is left of the power after the plant's own use and its neighbours."""
    months = next(iter(units.values()))
    amounts = {}
    for month in months:
        gross_mwh = sum((done[month].gross_mwh for done in units.values()), Decimal())
        own_mwh = POWER.write(float(gross_mwh) * plant["station_use_ratio"])
        inside_mwh = sum(
            (flow.amounts[month] for flow in sold if flow.subject == FOSSIL), Decimal()
        )
        amounts[month] = gross_mwh - own_mwh - inside_mwh
        assert amounts[month] > 0, f"{month}: the neighbours buy more than the plant makes"
    return Flow(
        enterprise=PLANT,
        source="power-to-grid",
        subject=FOSSIL,
        kind=flows.kind_of("electricity", direction="sold"),
        unit=POWER.unit,
        amounts=amounts,
        partner=GRID,
    )
