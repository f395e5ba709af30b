"""Surrender plan, carry-over, exposure, offsets, comparisons ⇄ their messages."""

from __future__ import annotations

from datetime import date

from services.kernel.errors import Language, Words
from services.runtime import wire
from services.trading.domain.account import ALLOCATION, Account
from services.trading.domain.carry_over import CarryOver
from services.trading.domain.comparison import Comparison
from services.trading.domain.differentiated import Count, Outcome
from services.trading.domain.ledger.transfer import INSTRUMENT
from services.trading.domain.obligation import Obligation
from services.trading.domain.offset import OffsetFacts
from services.trading.domain.penalty import ExposedStep, Exposure
from services.trading.domain.surrender import Line, Plan, Unusable
from services.trading.domain.versioned import Versioned
from services.trading.wire.position import from_basis, from_obligation
from services.trading.wire.price import from_price
from zonecarbon.trading.v1 import (
    carry_over_pb2,
    compliance_service_pb2,
    differentiated_issue_pb2,
    exposure_pb2,
    offset_pb2,
    rulebook_comparison_pb2,
    surrender_plan_pb2,
)

_NOTHING = Words(en="", zh="")


def from_plan(
    account: Account,
    plan: Plan,
    on: date,
    obligation: Versioned[Obligation] | None,
    language: Language,
) -> surrender_plan_pb2.SurrenderPlan:
    """Return the message of a plan."""
    missing = plan.missing or _NOTHING
    message = surrender_plan_pb2.SurrenderPlan(
        account=account.name,
        compliance_year=plan.compliance_year,
        date=wire.from_day(on),
        surrender_date=wire.from_day(plan.deadline),
        surrendered_count=plan.surrendered_count,
        to_surrender_count=plan.to_surrender_count,
        offset_limit_count=plan.offset_limit_count,
        offset_count=plan.offset_count,
        lines=[_from_line(each, language) for each in plan.lines],
        lacking_count=plan.lacking_count,
        arrears=[
            surrender_plan_pb2.Arrear(
                compliance_year=each.compliance_year,
                missing_count=each.missing_count,
                basis=from_basis(each.basis),
            )
            for each in plan.arrears
        ],
        arrear_lacking_count=plan.arrear_lacking_count,
        unusable=[_from_unusable(each, language) for each in plan.unusable],
        missing=missing.en,
        missing_zh=missing.zh,
    )
    if obligation is not None:
        message.obligation.CopyFrom(from_obligation(obligation))
    if plan.status is not None:
        message.status = wire.from_status(plan.status)
    return message


def from_carry_over(account: Account, found: CarryOver) -> carry_over_pb2.CarryOver:
    """Return the message of what may be carried over."""
    scheme, facts, refusal = found.scheme, found.facts, found.refusal or _NOTHING
    return carry_over_pb2.CarryOver(
        account=account.name,
        scheme_id=scheme.scheme,
        first_vintage_year=scheme.first_vintage_year,
        last_vintage_year=scheme.last_vintage_year,
        target_vintage_year=scheme.target_vintage_year,
        base_count=scheme.base_count,
        multiplier=wire.from_decimal(scheme.multiplier),
        sold_count=facts.sold_count,
        bought_count=facts.bought_count,
        net_sold_count=facts.net_sold_count,
        holding_count=facts.holding_count,
        cap_count=found.cap_count,
        most_count=found.most_count,
        carried_count=facts.carried_count,
        left_count=found.left_count,
        excess_count=found.excess_count,
        further_sale_count=found.further_sale_count,
        refusal=refusal.en,
        refusal_zh=refusal.zh,
        apply_until=wire.from_day(scheme.apply_until),
        steps=found.steps,
        source=wire.from_source(scheme.rule.source),
    )


def from_exposure(  # noqa: PLR0913, PLR0917 (what is shown beside it)
    account: Account,
    year: int,
    deadline: date,
    found: Exposure,
    reading: str,
    language: Language,
) -> exposure_pb2.Exposure:
    """Return the message of an exposure."""
    missing = found.missing or _NOTHING
    message = exposure_pb2.Exposure(
        account=account.name,
        compliance_year=year,
        surrender_date=wire.from_day(deadline),
        breach_date=wire.from_day(found.breach_date),
        missing_count=found.missing_count,
        penalty_id=found.rule.penalty,
        text=found.rule.text.said(language),
        source=wire.from_source(found.rule.rule.source),
        steps=[_from_step(each, language) for each in found.steps],
        price_reading=reading,
        cuts_allocation=found.rule.cuts_allocation,
        missing=missing.en,
        missing_zh=missing.zh,
    )
    if found.price is not None:
        message.price.CopyFrom(from_price(found.price))
    return message


def to_assumed(
    request: compliance_service_pb2.GetDifferentiatedIssueRequest,
) -> tuple[Count | None, Count | None]:
    """Return what is to be assumed as issued and as owed, where it is."""
    issued, owed = (
        Count(count=getattr(request, field), status=None) if request.HasField(field) else None
        for field in ("issued_count", "obligation_count")
    )
    return issued, owed


def from_differentiated(
    account: Account, year: int, outcome: Outcome, language: Language
) -> differentiated_issue_pb2.DifferentiatedIssue:
    """Return the message of what becomes of what the province's account is issued."""
    issued, owed, found = outcome.issued, outcome.obligation, outcome.found
    message = differentiated_issue_pb2.DifferentiatedIssue(
        account=account.name,
        compliance_year=year,
        missing=[each.en for each in outcome.missing],
        missing_zh=[each.zh for each in outcome.missing],
        text=outcome.rule.text.said(language),
        source=wire.from_source(outcome.rule.rule.source),
        steps_text=outcome.steps.text.said(language),
        steps_source=wire.from_source(outcome.steps.rule.source),
        status=wire.from_status(outcome.status),
    )
    if issued is not None:
        message.issued_count, message.issued_assumed = issued.count, issued.status is None
        if issued.status is not None:
            message.allocation = account.name_of(ALLOCATION, year)
    if owed is not None:
        message.obligation_count, message.obligation_assumed = owed.count, owed.status is None
        if owed.basis is not None:
            message.obligation_basis = from_basis(owed.basis)
    if found is not None:
        message.surrendered_count = found.surrendered_count
        message.released_count = found.released_count
        message.lacking_count = found.lacking_count
    return message


def to_offset(message: offset_pb2.OffsetRegistration) -> OffsetFacts:
    """Return what the registry of reductions says."""
    field = "offset_registration."
    return OffsetFacts(
        instrument=INSTRUMENT.parse(message.instrument, f"{field}instrument")["instrument"],
        registration_date=wire.to_day(message.registration_date, f"{field}registration_date"),
        under_allowance_management=message.under_allowance_management,
        evidence=message.evidence,
    )


def from_offset(stored: Versioned[OffsetFacts]) -> offset_pb2.OffsetRegistration:
    """Return the message of what the registry of reductions says."""
    facts = stored.value
    return offset_pb2.OffsetRegistration(
        instrument=INSTRUMENT.format(instrument=facts.instrument),
        registration_date=wire.from_day(facts.registration_date),
        under_allowance_management=facts.under_allowance_management,
        evidence=facts.evidence,
        resource_version=stored.version,
        revision=stored.revision,
    )


def from_comparison(found: Comparison) -> rulebook_comparison_pb2.AllocationComparison:
    """Return the message of a comparison."""
    return rulebook_comparison_pb2.AllocationComparison(
        account=found.account.name,
        enterprise=found.account.enterprise_name,
        before_count=found.before.allowance_count,
        after_count=found.after.allowance_count,
        difference_count=found.difference_count,
        before_status=wire.from_status(found.before.status),
        after_status=wire.from_status(found.after.status),
    )


def to_days(request: compliance_service_pb2.AssessReductionsRequest) -> dict[str, date]:
    """Return the days of a reduction period and its project."""
    return {
        "construction": wire.to_day(request.construction_date, "construction_date"),
        "application": wire.to_day(request.application_date, "application_date"),
        "start": wire.to_day(request.start_date, "start_date"),
        "end": wire.to_day(request.end_date, "end_date"),
    }


def _from_line(line: Line, language: Language) -> surrender_plan_pb2.SurrenderLine:
    return surrender_plan_pb2.SurrenderLine(
        compliance_year=line.compliance_year,
        instrument=INSTRUMENT.format(instrument=line.instrument),
        vintage_year=line.vintage_year,
        offset=line.offset,
        unit_count=line.count,
        reason=line.reason.said(language),
        source=wire.from_source(line.rule.source),
    )


def _from_unusable(each: Unusable, language: Language) -> surrender_plan_pb2.UnusableHolding:
    return surrender_plan_pb2.UnusableHolding(
        instrument=INSTRUMENT.format(instrument=each.instrument),
        vintage_year=each.vintage_year,
        unit_count=each.count,
        reason=each.reason.said(language),
        expires=each.expires,
    )


def _from_step(step: ExposedStep, language: Language) -> exposure_pb2.ExposureStep:
    rule = step.rule
    message = exposure_pb2.ExposureStep(
        step_id=rule.step,
        text=rule.text.said(language),
        source=wire.from_source(rule.rule.source),
    )
    if step.least_fen is not None and step.most_fen is not None:
        message.least.CopyFrom(wire.from_fen(step.least_fen))
        message.most.CopyFrom(wire.from_fen(step.most_fen))
    if rule.least_multiple is not None and rule.most_multiple is not None:
        message.least_multiple.CopyFrom(wire.from_decimal(rule.least_multiple))
        message.most_multiple.CopyFrom(wire.from_decimal(rule.most_multiple))
    return message
