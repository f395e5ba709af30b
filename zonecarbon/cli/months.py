"""Emissions of an enterprise or a zone month by month, and whether they are what the books say."""

from __future__ import annotations

import typer

from zonecarbon.accounting.v1 import monthly_emissions_pb2, rollup_service_pb2
from zonecarbon.cli.terminal import REFUSED, say, services

app = typer.Typer(
    no_args_is_help=True,
    help="Emissions month by month, of an enterprise or a zone.",
)

_G_PER_T = 1_000_000


@app.command("show")
def show_(name: str) -> None:
    """Show the months of NAME, as in zones/{zone}/monthlyEmissions/2024."""
    with services() as to:
        found = to.rollups.GetMonthlyEmissions(
            rollup_service_pb2.GetMonthlyEmissionsRequest(name=name)
        )
    say(f"{found.name}: {found.method_id}, {found.scope2_basis}, {found.gwp_set}")
    say(f"{'':7} {'direct':>18} {'indirect':>18} {'total':>18} tCO2e")
    for month in found.months:
        say(f"{found.accounting_year}-{month.month_number:02d} {_told(month)}")


@app.command()
def check(parent: str) -> None:
    """Add up the lines of PARENT, a zone or an enterprise, anew; end with 1 where months differ."""
    with services() as to:
        found = to.rollups.CheckMonthlyEmissions(
            rollup_service_pb2.CheckMonthlyEmissionsRequest(parent=parent)
        )
    for each in found.differences:
        say(
            f"{each.name} month {each.month_number} {each.item_id} {each.measure}: "
            f"kept {each.kept}, the lines add up to {each.recomputed}"
        )
    say(f"{found.figure_count} figures compared, {found.difference_count} differ")
    if found.difference_count:
        raise typer.Exit(REFUSED)


def _told(month: monthly_emissions_pb2.EmissionMonth) -> str:
    if not month.items:
        return f"{'nothing reported':>18}"
    totals = (month.direct, month.indirect, month.total)
    return " ".join(f"{each.co2e_g / _G_PER_T:18,.3f}" for each in totals)
