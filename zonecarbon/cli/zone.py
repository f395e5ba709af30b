"""`zonecarbon zone`: what a zone's books say beyond their totals.

What was produced is read from a JSON file, a ComparableOutputs of the contract:

    {"price_year": 2023, "price_indices": [{"year": 2024, "index": {"value": "1.021"}}], "outputs":
     [{"year": 2023, "added_value": {"value": {"value": "900"}, "unit_code": "10^4 CNY"}}, …]}
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from google.protobuf import json_format
from google.type import decimal_pb2

from zonecarbon.accounting.v1 import (
    coal_equivalent_pb2,
    zone_drivers_pb2,
    zone_energy_pb2,
    zone_inventory_pb2,
    zone_outlook_pb2,
    zone_output_pb2,
    zone_trend_pb2,
)
from zonecarbon.accounting.v1 import zone_analysis_service_pb2 as pb
from zonecarbon.cli.terminal import say, services
from zonecarbon.registry.v1 import factor_pb2
from zonecarbon.type.v1 import quantity_pb2, source_pb2

app = typer.Typer(
    no_args_is_help=True,
    help="Energy, trends, drivers, targets, outlook, scenarios and tables of a zone.",
)

_G_PER_T = 1_000_000
_TOLD = 10
"""So many enterprises are told."""
Outputs = Annotated[
    Path | None,
    typer.Option("--outputs", exists=True, dir_okay=False, help="JSON of what was produced."),
]
AboveScale = Annotated[
    bool, typer.Option("--above-scale", help="Of industry above the designated scale alone.")
]
Method = Annotated[str, typer.Option("--method", help="The method; without, gbt32150.")]


@app.command()
def trend(
    zone: str, first_year: int, last_year: int, *, method: Method = "", outputs: Outputs = None
) -> None:
    """Show ZONE from FIRST_YEAR to LAST_YEAR."""
    request = pb.AnalyzeTrendRequest(
        parent=zone,
        method_id=method,
        first_year=first_year,
        last_year=last_year,
        outputs=_outputs(outputs),
    )
    with services() as to:
        found = to.zones.AnalyzeTrend(request)
    say(f"{found.zone}: {found.method_id}, {found.scope2_basis}, {_trust(found.status)}")
    for each in found.years:
        state = zone_trend_pb2.DecouplingState.Name(each.decoupling)
        energy = f"{each.energy_gj:18,.0f}" if each.HasField("energy_gj") else f"{'not known':>18}"
        line = f"{each.year} {_tonnes(each.net_co2e_g)} tCO2e {energy} GJ"
        if each.HasField("annual_decline_ratio"):
            line += f" {each.intensity.value.value[:12]} {each.intensity.unit_code}"
            line += (
                f" {-100 * each.annual_decline_ratio:+.2f} % {_short(state, 'DECOUPLING_STATE_')}"
            )
        say(line)
    if found.HasField("equivalent_annual_ratio"):
        say(f"equal annual decline {100 * found.equivalent_annual_ratio:.2f} %")
    if found.HasField("energy_elasticity_ratio"):
        say(f"elasticity of energy {found.energy_elasticity_ratio:.3f}")


@app.command()
def drivers(
    zone: str, from_year: int, to_year: int, *, method: Method = "", outputs: Outputs = None
) -> None:
    """Show what moved ZONE from FROM_YEAR to TO_YEAR, and who."""
    request = pb.DecomposeEmissionsRequest(
        parent=zone,
        method_id=method,
        from_year=from_year,
        to_year=to_year,
        outputs=_outputs(outputs),
    )
    with services() as to:
        found = to.zones.DecomposeEmissions(request)
    say(f"{found.zone}: {found.method_id}, {found.scope2_basis}, {_trust(found.status)}")
    say(f"{from_year:<14} {_tonnes(found.before_co2e_g)} tCO2e")
    for effect in found.effects:
        name = zone_drivers_pb2.EmissionDriver.Name(effect.driver)
        say(f"{_short(name, 'EMISSION_DRIVER_'):<14} {_tonnes(effect.effect_g, sign='+')}")
    say(f"{to_year:<14} {_tonnes(found.after_co2e_g)} tCO2e")
    if found.without_heat_content:
        say(f"of no known heat content: {', '.join(found.without_heat_content)}")
    for each in found.enterprises[:_TOLD]:
        moved = each.after_co2e_g - each.before_co2e_g
        say(f"{_tonnes(moved, sign='+')} {each.enterprise} {each.display_name}")


@app.command()
def target(
    zone: str,
    base_year: int,
    target_year: int,
    *,
    reduction: Annotated[float, typer.Option(help="By how much of the base, 0 to 1.")],
    geometric: Annotated[bool, typer.Option("--geometric", help="The same rate a year.")] = False,
) -> None:
    """Show how ZONE stands to a pathway from BASE_YEAR to TARGET_YEAR."""
    shape = zone_outlook_pb2.PATHWAY_SHAPE_LINEAR
    request = pb.TrackTargetRequest(
        parent=zone,
        base_year=base_year,
        target_year=target_year,
        reduction_ratio=reduction,
        shape=zone_outlook_pb2.PATHWAY_SHAPE_GEOMETRIC if geometric else shape,
    )
    with services() as to:
        found = to.zones.TrackTarget(request)
    for each in found.years:
        line = f"{each.year} planned {_tonnes(each.planned_co2e_g)}"
        if each.known:
            line += f" net {_tonnes(each.net_co2e_g)} off by {_tonnes(each.distance_g, sign='+')}"
        if each.HasField("ahead_month_count"):
            line += f", {each.ahead_month_count:+.1f} months ahead"
        say(f"{line} tCO2e" if not each.known else line)


@app.command()
def outlook(name: str, *, top: Annotated[int, typer.Option(help="So many.")] = 20) -> None:
    """Show what the year of NAME will come to, as in zones/{zone}/inventories/2025."""
    with services() as to:
        found = to.zones.ForecastYear(pb.ForecastYearRequest(name=name, page_size=top))
    say(f"how: {found.rule.title} ({_trust(found.rule.status)}, {found.rule.confidence})")
    for each in (found.whole, *found.enterprises):
        _tell_year(each)
    for late in found.late_enterprises:
        say(f"late: {late}")


@app.command()
def scenario(
    name: str,
    *,
    without: Annotated[list[str], typer.Option(help="A member that is gone; repeat it.")] = [],  # noqa: B006
    factor: Annotated[
        list[str], typer.Option(help="GRID_AVERAGE=0.5 tCO2/MWh, or ROLE:subject=…; repeat it.")
    ] = [],  # noqa: B006
    shift: Annotated[
        list[str], typer.Option(help="bituminous-coal:natural-gas=0.5; repeat it.")
    ] = [],  # noqa: B006
) -> None:
    """Show what NAME, as in zones/{zone}/inventories/2024, would have been; nothing is stored."""
    request = pb.SimulateZoneRequest(
        name=name,
        exits=without,
        factors=[_factor(each) for each in factor],
        shifts=[_shift(each) for each in shift],
    )
    with services() as to:
        found = to.zones.SimulateZone(request)
    for word, each in (("actual", found.actual), ("simulated", found.simulated)):
        say(f"{word:<10} net {_tonnes(each.net_co2e_g)} direct {_tonnes(each.direct_co2e_g)} tCO2e")
    say(f"{'difference':<14} {_tonnes(found.difference_g, sign='+')} tCO2e")
    for step in found.explanation.children:
        say(f"{'':<14} {_tonnes(int(step.value.value.value), sign='+')} tCO2e {step.title}")


@app.command()
def table(name: str, *, above_scale: AboveScale = False) -> None:
    """Show the table of NAME, as in zones/{zone}/inventories/2024, that may be published."""
    coverage = _coverage(above_scale=above_scale)
    with services() as to:
        found = to.zones.GetPublicTable(
            pb.GetPublicTableRequest(name=name, member_coverage=coverage)
        )
    say(f"{found.inventory}: {found.gwp_set}, {_trust(found.status)}")
    for each in found.cells:
        shown = f"{'hidden':>18}" if each.hidden else _tonnes(each.co2e_g)
        say(f"{each.division or 'all':<4} {each.item or 'all':<9} {shown} tCO2e")
    say(f"{found.hidden_count} cells hidden")


@app.command()
def energy(
    name: str,
    *,
    coefficient: Annotated[
        list[str],
        typer.Option(help="electricity=0.1229 kgce/kWh,EQUIVALENT,2020,GB/T 2589-2020; repeat it."),
    ] = [],  # noqa: B006
    feedstock: Annotated[str, typer.Option(help="COUNTED or LEFT_OUT.")] = "UNSPECIFIED",
) -> None:
    """Show the energy of NAME, as in zones/{zone}/inventories/2024, tce; all must be declared."""
    request = pb.ComputeZoneEnergyRequest(
        name=name,
        coefficients=[_coefficient(each) for each in coefficient],
        feedstock=_value(zone_energy_pb2.FeedstockEnergy, f"FEEDSTOCK_ENERGY_{feedstock}"),
    )
    with services() as to:
        found = to.zones.ComputeZoneEnergy(request)
    for line in found.lines:
        part = _short(zone_energy_pb2.EnergyPart.Name(line.part), "ENERGY_PART_")
        sign = "-" if line.deducted else "+"
        say(f"{sign} {line.coal_equivalent.value.value[:18]:>18} {part} {line.subject}")
    base = coal_equivalent_pb2.CoalEquivalentBase.Name(found.electricity_base)
    base = _short(base, "COAL_EQUIVALENT_BASE_")
    say(f"= {found.net.value.value[:18]:>18} tce, electricity by {base}, {_trust(found.status)}")


def _tell_year(each: zone_outlook_pb2.YearOutlook) -> None:
    if not each.told:
        say(f"{each.owner}: needs {each.needs}")
        return
    ends = f"{_tonnes(each.lower_co2e_g)} to {_tonnes(each.upper_co2e_g)}"
    say(f"{each.owner} {each.year}: {_tonnes(each.year_co2e_g)} ({ends}) tCO2e")
    for test in each.backtests:
        seasonal, naive = 100 * test.seasonal_error_ratio, 100 * test.naive_error_ratio
        say(f"  {test.year}: off by {seasonal:.1f} %, the year before repeated by {naive:.1f} %")


def _outputs(file: Path | None) -> zone_output_pb2.ComparableOutputs:
    message = zone_output_pb2.ComparableOutputs()
    if file is not None:
        try:
            json_format.Parse(file.read_text(encoding="utf-8"), message)
        except json_format.ParseError as wrong:
            raise typer.BadParameter(f"{file}: {wrong}") from wrong
    return message


def _factor(text: str) -> zone_outlook_pb2.OtherFactor:
    what, figure = _pair(text)
    role, _, subject = what.partition(":")
    value, _, unit = figure.partition(" ")
    return zone_outlook_pb2.OtherFactor(
        role=_value(factor_pb2.FactorRole, f"FACTOR_ROLE_{role}"),
        subject=subject,
        quantity=_quantity(value, unit),
    )


def _shift(text: str) -> zone_outlook_pb2.FuelShift:
    fuels, share = _pair(text)
    given_up, _, instead = fuels.partition(":")
    return zone_outlook_pb2.FuelShift(
        from_subject=given_up, to_subject=instead, share_ratio=float(share)
    )


def _coefficient(text: str) -> zone_energy_pb2.CarrierCoefficient:
    subject, said = _pair(text)
    figure, base, year, title = (*said.split(",", 3), "", "", "")[:4]
    value, _, unit = figure.partition(" ")
    return zone_energy_pb2.CarrierCoefficient(
        subject=subject,
        coefficient=coal_equivalent_pb2.CoalEquivalentCoefficient(
            quantity=_quantity(value, unit),
            base=_value(
                coal_equivalent_pb2.CoalEquivalentBase,
                f"COAL_EQUIVALENT_BASE_{base or 'UNSPECIFIED'}",
            ),
            year=int(year or 0),
            # What a person types was not read from the document here.
            source=source_pb2.Source(title=title, status=source_pb2.SOURCE_STATUS_UNVERIFIED),
        ),
    )


def _pair(text: str) -> tuple[str, str]:
    name, found, value = text.partition("=")
    if not found:
        raise typer.BadParameter(f"{text}: write NAME=VALUE")
    return name.strip(), value.strip()


def _quantity(value: str, unit: str) -> quantity_pb2.Quantity:
    return quantity_pb2.Quantity(value=decimal_pb2.Decimal(value=value), unit_code=unit.strip())


def _value(enum: Any, name: str) -> Any:
    """Return the value of a name; says which there are where there is none."""
    if name not in enum.keys():  # noqa: SIM118 (an enum of the contract is no mapping)
        raise typer.BadParameter(f"{name}: one of {', '.join(enum.keys())}")
    return enum.Value(name)


def _coverage(*, above_scale: bool) -> zone_inventory_pb2.MemberCoverage.ValueType:
    if above_scale:
        return zone_inventory_pb2.MEMBER_COVERAGE_ABOVE_SCALE
    return zone_inventory_pb2.MEMBER_COVERAGE_ALL


def _short(name: str, prefix: str) -> str:
    return name.removeprefix(prefix).lower()


def _trust(status: source_pb2.SourceStatus.ValueType) -> str:
    return _short(source_pb2.SourceStatus.Name(status), "SOURCE_STATUS_")


def _tonnes(grams: float, *, sign: str = "") -> str:
    return f"{grams / _G_PER_T:{sign}18,.3f}"
