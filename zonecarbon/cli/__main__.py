"""`zonecarbon`: what people ask of the services from a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, cast

import grpc
import typer
from google.type import date_pb2, decimal_pb2

from zonecarbon import client
from zonecarbon.accounting.v1 import (
    accounting_service_pb2,
    metering_service_pb2,
    zone_inventory_pb2,
)
from zonecarbon.cli import (
    admin,
    bundles,
    compliance,
    curves,
    custom_factors,
    declared,
    desk,
    evaluations,
    history,
    ledger,
    library,
    metering,
    months,
    park,
    periods,
    portfolio,
    prices,
    quality,
    quotes,
    report_files,
    statements,
    statistics,
    systems,
    trade,
    zone,
)
from zonecarbon.cli.terminal import (
    REFUSED,
    AsOf,
    as_of_moment,
    console,
    errors,
    language,
    lines,
    moment,
    services,
    show,
)
from zonecarbon.registry.v1 import unit_pb2
from zonecarbon.trading.v1 import trading_service_pb2
from zonecarbon.type.v1 import quantity_pb2, source_pb2

app = typer.Typer(no_args_is_help=True, help=__doc__, pretty_exceptions_enable=False)
app.add_typer(bundles.app, name="bundle")
app.add_typer(compliance.app, name="compliance")
app.add_typer(curves.app, name="curves")
app.add_typer(custom_factors.app, name="custom-factor")
app.add_typer(desk.app, name="desk")
app.add_typer(evaluations.app, name="evaluation")
app.add_typer(ledger.app, name="ledger")
app.add_typer(months.app, name="months")
app.add_typer(periods.app, name="period")
app.add_typer(portfolio.app, name="portfolio")
app.add_typer(quality.app, name="quality")
app.add_typer(quotes.app, name="quotes")
app.add_typer(report_files.app, name="files")
app.add_typer(statements.app, name="statements")
app.add_typer(statistics.app, name="statistics")
app.add_typer(systems.app, name="system")
app.add_typer(trade.app, name="trade")
app.add_typer(zone.app, name="zone")
app.command()(report_files.template)
app.command()(report_files.report)
app.command(context_settings=admin.HANDED_ON)(admin.admin)


@app.command("load-library")
def load_library(folder: Annotated[Path, typer.Argument(exists=True, file_okay=False)]) -> None:
    """Load the factor files of FOLDER; repeating it changes nothing."""
    with services() as to:
        for request in library.requests(folder):
            done = to.factors.ImportFactors(request)
            console.print(
                f"{done.created_count} new, {done.changed_count} changed, "
                f"{done.unchanged_count} unchanged"
            )


@app.command("load-prices")
def load_prices(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Load the published prices of FILE; repeating it changes nothing."""
    with services() as to:
        done = to.trading.ImportPrices(prices.request(file))
    console.print(
        f"{done.created_count} new, {done.changed_count} changed, {done.unchanged_count} unchanged"
    )


@app.command()
def convert(value: str, unit: str, to_unit: str) -> None:
    """Convert VALUE of UNIT into TO_UNIT and say how."""
    request = unit_pb2.ConvertQuantityRequest(
        quantity=quantity_pb2.Quantity(value=decimal_pb2.Decimal(value=value), unit_code=unit),
        unit_code=to_unit,
    )
    with services() as to:
        done = to.units.ConvertQuantity(request)
    for step in done.steps:
        console.print(step)
    about = "" if done.exact else "about "
    console.print(f"{value} {unit} = {about}{done.to.value.value} {done.to.unit_code}")


@app.command()
def heat(  # noqa: PLR0913 (an option each)
    carrier: metering.CarrierName,
    value: str,
    unit: str,
    *,
    pressure: Annotated[str, typer.Option(help="of steam, absolute, in MPa")] = "",
    temperature: Annotated[str, typer.Option(help="in °C; saturated steam needs none")] = "",
    enthalpy: Annotated[str, typer.Option(help="of steam, in kJ/kg, in place of its state")] = "",
    rule: Annotated[
        str, typer.Option(help="the document's rule: " + ", ".join(metering.rule_names()))
    ] = "",
    method: Annotated[str, typer.Option(help="a method in place of a rule; needs --year")] = "",
    year: Annotated[int, typer.Option(help="the accounting year of the method")] = 0,
) -> None:
    """Compute the heat of VALUE UNIT of steam, hot water or a user circuit, and say how."""
    _known(rule, metering.rule_names(), "--rule")
    given = {"--pressure": pressure, "--temperature": temperature, "--enthalpy": enthalpy}
    _fitting(carrier, given)
    request = metering.heat_of(
        carrier,
        metering.quantity(value, unit),
        pressure_mpa=pressure,
        temperature_c=temperature,
        enthalpy_kj_per_kg=enthalpy,
    )
    request.method_id, request.accounting_year = method, year
    request.heat_rule = metering.rule_of(rule)
    with services() as to:
        done = to.metering.ComputeHeat(request)
    lines(metering.lines(done.steps, done.findings))
    console.print(f"{metering.figure(done.heat)} ({metering.trusted(done.status)})")


@app.command("coal-equivalent")
def coal_equivalent(  # noqa: PLR0913 (an option each)
    value: str,
    unit: str,
    coefficient: str,
    coefficient_unit: str,
    *,
    base: Annotated[
        str, typer.Option(help="what it counts: " + ", ".join(metering.base_names()))
    ] = "",
    year: Annotated[int, typer.Option(help="the year of the coefficient")] = 0,
    source: Annotated[str, typer.Option(help="where the coefficient comes from")] = "",
    status: Annotated[
        str, typer.Option(help="how far it is trusted: official, draft, secondary, unverified")
    ] = "unverified",
    to_unit: Annotated[
        str, typer.Option("--to", help="the carrier's unit, to convert back from coal equivalent")
    ] = "",
) -> None:
    """Convert VALUE UNIT into tce by a declared coefficient, or back with --to."""
    _known(base, metering.base_names(), "--base")
    _known(status, ["official", "draft", "secondary", "unverified"], "--status")
    request = metering_service_pb2.ConvertCoalEquivalentRequest(
        coefficient=metering.coefficient(
            metering.quantity(coefficient, coefficient_unit),
            base=base,
            year=year,
            source=source,
            trust=status,
        ),
        unit_code=to_unit,
    )
    amount = metering.quantity(value, unit)
    (request.coal_equivalent if to_unit else request.carrier).CopyFrom(amount)
    with services() as to:
        done = to.metering.ConvertCoalEquivalent(request)
    lines(metering.lines(done.steps, done.findings))
    console.print(f"{metering.figure(done.converted)}, {base} ({metering.trusted(done.status)})")


@app.command()
def inventory(
    name: str,
    *,
    as_of: AsOf = "",
    above_scale: Annotated[
        bool, typer.Option("--above-scale", help="Of a zone: its industry above scale alone.")
    ] = False,
) -> None:
    """Show the inventory NAME of an enterprise, or zones/{zone}/inventories/{year} of a zone."""
    covered = "MEMBER_COVERAGE_ABOVE_SCALE" if above_scale else "MEMBER_COVERAGE_ALL"
    then = as_of_moment(as_of)
    with services() as to:
        if name.startswith("zones/"):
            of_zone = accounting_service_pb2.GetZoneInventoryRequest(
                name=name,
                as_of_time=then,
                member_coverage=zone_inventory_pb2.MemberCoverage.Value(covered),
            )
            show(to.accounting.GetZoneInventory(of_zone))
        else:
            of_enterprise = accounting_service_pb2.GetEnterpriseInventoryRequest(
                name=name, as_of_time=then
            )
            show(to.accounting.GetEnterpriseInventory(of_enterprise))


@app.command()
def versions(name: str) -> None:
    """List the versions of the inventory NAME of an enterprise, oldest first."""
    request = accounting_service_pb2.ListInventoryVersionsRequest(name=name)
    with services() as to:
        while True:
            page = to.accounting.ListInventoryVersions(request)
            lines(history.of_versions(page.versions))
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token


@app.command()
def compare(
    name: str,
    since: Annotated[str, typer.Argument(help="a version, or a moment as 2025-01-31T08:00")],
    until: Annotated[str, typer.Argument(help="the same; now if it is left out")] = "",
) -> None:
    """Say what became of the inventory NAME since a version or a moment, and why."""
    request = accounting_service_pb2.CompareInventoryRequest(name=name)
    if since.isdecimal():
        request.from_version = int(since)
    else:
        request.from_time.CopyFrom(moment(since, "SINCE"))
    if until.isdecimal():
        request.to_version = int(until)
    elif until:
        request.to_time.CopyFrom(moment(until, "UNTIL"))
    with services() as to:
        lines(history.of_report(to.accounting.CompareInventory(request), language()))


@app.command()
def explain(name: str, figure: str = "", *, as_of: AsOf = "") -> None:
    """Explain a FIGURE of the resource NAME down to the records and the published factors."""
    request = accounting_service_pb2.ExplainFigureRequest(
        name=name, figure=figure, as_of_time=as_of_moment(as_of)
    )
    with services() as to:
        console.print(to.accounting.ExplainFigure(request).text, soft_wrap=True)


@app.command()
def position(
    name: str,
    day: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="the day of the valuation, 2025-12-31")
    ],
) -> None:
    """Show where an account stands: NAME is accounts/{account}/positions/{year}."""
    request = trading_service_pb2.GetPositionRequest(
        name=name, valuation_date=date_pb2.Date(year=day.year, month=day.month, day=day.day)
    )
    with services() as to:
        show(to.trading.GetPosition(request))


@app.command()
def methods() -> None:
    """List the methods: whom they are for, on which bases, and how far they are trusted."""
    with services() as to:
        found = to.accounting.ListMethods(accounting_service_pb2.ListMethodsRequest()).methods
    for each in found:
        status = source_pb2.SourceStatus.Name(each.status).removeprefix("SOURCE_STATUS_").lower()
        whom = ", ".join(each.industry_codes) or "every industry"
        console.print(f"{each.method_id}: {each.display_name} {each.display_name_zh}")
        console.print(
            f"  for {whom}; {', '.join(each.scope2_bases)}; {', '.join(each.gwp_sets)}; {status}",
            soft_wrap=True,
        )


@app.command()
def reconcile(  # noqa: PLR0913 (an option each)
    enterprise: str,
    year: int,
    from_method: str,
    to_method: str,
    *,
    from_basis: Annotated[str, typer.Option(help="of bought energy; the method's own")] = "",
    to_basis: Annotated[str, typer.Option(help="of bought energy; the method's own")] = "",
) -> None:
    """Explain why two methods differ for ENTERPRISE, enterprises/{enterprise}, in YEAR."""
    side = accounting_service_pb2.ReconciledSide
    sides = {
        "from": side(method_id=from_method, scope2_basis=from_basis),
        "to": side(method_id=to_method, scope2_basis=to_basis),
    }
    request = accounting_service_pb2.ReconcileInventoriesRequest(
        parent=enterprise, accounting_year=year, **sides
    )
    with services() as to:
        console.print(to.accounting.ReconcileInventories(request).text, soft_wrap=True)


@app.command("park")
def evaluate_park(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Evaluate the zero-carbon park that FILE declares, TOML or JSON, and show its statement."""
    try:
        request = park.request(file)
    except declared.FileWrong as error:
        raise typer.BadParameter(str(error)) from None
    with services() as to:
        statement = to.park.EvaluatePark(request)
    lines(park.lines(statement, language()))


def main() -> None:
    """Run a command; what the services refuse is printed as they say it, with exit code 1."""
    try:
        app()
    except grpc.RpcError as error:
        status = client.status(error)
        told = status.message if status is not None else _no_answer(cast("grpc.Call", error))
        errors.print(told, soft_wrap=True)
        raise SystemExit(REFUSED) from None


def _known(given: str, known: Sequence[str], option: str) -> None:
    if given and given not in known:
        raise typer.BadParameter(f"{given} is none of {', '.join(known)}", param_hint=option)


def _fitting(carrier: metering.CarrierName, given: Mapping[str, str]) -> None:
    """Refuse what would be left out: an option that the carrier does not take, or one too many."""
    takes = {
        metering.CarrierName.STEAM: {"--pressure", "--temperature", "--enthalpy"},
        metering.CarrierName.HOT_WATER: {"--temperature"},
        metering.CarrierName.USER_CIRCUIT: set(),
    }[carrier]
    said = {option for option, value in given.items() if value}
    if over := said - takes:
        raise typer.BadParameter(f"{carrier} does not take it", param_hint=" ".join(sorted(over)))
    if "--enthalpy" in said and len(said) > 1:
        raise typer.BadParameter("it stands in place of the state", param_hint="--enthalpy")


def _no_answer(call: grpc.Call) -> str:
    return (
        f"no answer from the services ({call.code().name}): {call.details()}. "
        "See that they run, and where ZONECARBON_CLI_REGISTRY, _ACCOUNTING and _TRADING point."
    )


if __name__ == "__main__":
    main()
