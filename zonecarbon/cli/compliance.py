"""What the market asks of an account: what to surrender, carry over, do, and what lacking costs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from google.type import date_pb2

from zonecarbon.cli.terminal import say, services, show
from zonecarbon.trading.v1 import compliance_service_pb2, duty_pb2

app = typer.Typer(
    no_args_is_help=True,
    help="Duties in the market: ACCOUNT is accounts/{account}, dates are 2025-12-31.",
)

Day = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"])]
_STATE = "DUTY_STATE_"


@app.command()
def plan(account: str, year: int, *, on: Day) -> None:
    """Show how ACCOUNT can surrender for YEAR from what it holds; nothing is posted."""
    request = compliance_service_pb2.PlanSurrenderRequest(
        account=account, compliance_year=year, date=_day(on)
    )
    with services() as to:
        show(to.compliance.PlanSurrender(request))


@app.command("carry-over")
def carry_over(account: str, vintage: int, *, on: Day) -> None:
    """Show what ACCOUNT may carry over into VINTAGE."""
    request = compliance_service_pb2.GetCarryOverRequest(
        account=account, target_vintage_year=vintage, date=_day(on)
    )
    with services() as to:
        show(to.compliance.GetCarryOver(request))


@app.command()
def exposure(
    account: str,
    year: int,
    *,
    on: Day,
    missing: Annotated[
        int | None, typer.Option(help="tonnes to assume; without: what lacks")
    ] = None,
) -> None:
    """Show what lacking for YEAR can cost ACCOUNT."""
    request = compliance_service_pb2.GetExposureRequest(
        account=account, compliance_year=year, date=_day(on), missing_count=missing
    )
    with services() as to:
        show(to.compliance.GetExposure(request))


@app.command()
def differentiated(
    account: str,
    year: int,
    *,
    issued: Annotated[
        int | None, typer.Option(help="tonnes to assume; without: by the allocation")
    ] = None,
    owed: Annotated[
        int | None, typer.Option(help="tonnes to assume; without: the obligation")
    ] = None,
) -> None:
    """Show what becomes of ACCOUNT's allowances for YEAR where the province surrenders for it."""
    request = compliance_service_pb2.GetDifferentiatedIssueRequest(
        account=account, compliance_year=year, issued_count=issued, obligation_count=owed
    )
    with services() as to:
        show(to.compliance.GetDifferentiatedIssue(request))


@app.command()
def duties(
    account: Annotated[str, typer.Argument(help="accounts/- for all")],
    year: int,
    *,
    late: Annotated[bool, typer.Option(help="only those that are late")] = False,
) -> None:
    """Show what is due for YEAR, with the days left."""
    request = compliance_service_pb2.ListDutiesRequest(
        parent=account, compliance_year=year, late_only=late
    )
    with services() as to:
        for each in to.compliance.ListDuties(request).duties:
            due, state = each.due_date, duty_pb2.DutyState.Name(each.state).removeprefix(_STATE)
            say(
                f"{due.year}-{due.month:02d}-{due.day:02d} {each.account} {each.duty_id} {state} "
                f"({each.left_day_count} days): {each.text}"
            )


@app.command()
def done(
    account: str,
    duty: str,
    *,
    at: Annotated[str, typer.Option(help="2026-03-30T12:00:00+08:00; without: not done")] = "",
    evidence: Annotated[str, typer.Option(help="what proves it; it stays")],
) -> None:
    """Record that ACCOUNT did DUTY, or that it did not after all."""
    request = compliance_service_pb2.RecordDutyRequest(
        parent=account, duty_id=duty, evidence=evidence
    )
    if at:
        request.done_time.FromJsonString(at)
    with services() as to:
        show(to.compliance.RecordDuty(request))


@app.command()
def compare(
    rulebook: Annotated[str, typer.Argument(help="rulebooks/power-2025")],
    before: Annotated[int, typer.Argument(help="the older version")],
    after: Annotated[int, typer.Argument(help="the newer one; 0: the newest")] = 0,
) -> None:
    """Show which rules of RULEBOOK changed, and what that makes of each account."""
    request = compliance_service_pb2.CompareRulebookVersionsRequest(
        name=rulebook, before_version=before, after_version=after
    )
    with services() as to:
        while True:
            answer = to.compliance.CompareRulebookVersions(request)
            if not request.page_token:
                for rule in answer.changed_rules:
                    say(f"{rule.rule_id}: {rule.text}")
            for each in answer.comparisons:
                say(
                    f"{each.account}: {each.before_count} → {each.after_count} t "
                    f"({each.difference_count:+d})"
                )
            if not answer.next_page_token:
                return
            request.page_token = answer.next_page_token


def _day(moment: datetime) -> date_pb2.Date:
    return date_pb2.Date(year=moment.year, month=moment.month, day=moment.day)
