"""How good the data is, as QualityService answers it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated

import typer
from google.type import decimal_pb2

from zonecarbon.accounting.v1 import (
    data_quality_pb2,
    evidence_pb2,
    quality_service_pb2,
    uncertainty_pb2,
)
from zonecarbon.cli.metering import trusted
from zonecarbon.cli.terminal import language, lines, services

app = typer.Typer(
    no_args_is_help=True,
    help="How good the data is: uncertainty, what is missing or odd, the monthly evidence.",
)
_G_PER_T = 1_000_000


@app.command()
def uncertainty(
    name: str,
    *,
    basis: Annotated[str, typer.Option(help="of bought energy; the method's own if none")] = "",
    seed: Annotated[int | None, typer.Option(help="draw too, with this seed", min=0)] = None,
    samples: Annotated[int, typer.Option(help="how many to draw; 0: 10,000", min=0)] = 0,
) -> None:
    """Show how well the total of NAME is known: enterprises/{enterprise}/inventories/{id}."""
    request = quality_service_pb2.EstimateUncertaintyRequest(name=name, scope2_basis=basis)
    if seed is not None:
        request.monte_carlo.CopyFrom(
            quality_service_pb2.MonteCarloOptions(seed_number=seed, sample_count=samples)
        )
    with services() as to:
        done = to.quality.EstimateUncertainty(request)
    lines(of_estimate(done, language()))


@app.command()
def assess(enterprise: str, year: int) -> None:
    """Show what is missing or odd in the reports of ENTERPRISE in YEAR."""
    request = quality_service_pb2.AssessDataQualityRequest(parent=enterprise, accounting_year=year)
    with services() as to:
        done = to.quality.AssessDataQuality(request)
    lines(of_assessment(done, language()))


@app.command()
def evidence(name: str) -> None:
    """Show the monthly evidence NAME: enterprises/{enterprise}/evidencePacks/2026-10."""
    with services() as to:
        done = to.quality.GetEvidencePack(quality_service_pb2.GetEvidencePackRequest(name=name))
    lines(of_pack(done, language()))


@app.command()
def shares(total: str, parts: list[str]) -> None:
    """Tell whether PARTS make up their stated TOTAL."""
    request = quality_service_pb2.CheckSharesRequest(
        shares=[decimal_pb2.Decimal(value=part) for part in parts],
        stated_total=decimal_pb2.Decimal(value=total),
    )
    with services() as to:
        done = to.quality.CheckShares(request)
    lines(of_shares(done, language()))


def of_assessment(
    assessment: data_quality_pb2.DataQualityAssessment, language: str
) -> Iterator[str]:
    """Yield how complete each source is, then what a person must settle."""
    for each in assessment.sources:
        days = f"{each.reported_day_count} of {each.due_day_count} days"
        yield f"{each.source_id}: {days} ({each.completeness_ratio:.1%})"
    yield from _findings(assessment.findings, language)


def of_estimate(estimate: uncertainty_pb2.UncertaintyEstimate, language: str) -> Iterator[str]:
    """Yield the total with its uncertainty and what it is made of; or what it lacks."""
    total_t = estimate.total_co2e_g / _G_PER_T
    found = estimate.propagated
    if estimate.HasField("propagated"):
        share = f" = {found.half_width_ratio:.2%}" if found.HasField("half_width_ratio") else ""
        half_t = found.half_width_co2e_g / _G_PER_T
        yield f"{total_t:,.3f} ± {half_t:,.3f} tCO2e{share} ({estimate.scope2_basis}, 95 %)"
    else:
        yield f"{total_t:,.3f} tCO2e ({estimate.scope2_basis}), uncertainty not known"
    for each in found.contributions:
        effect_t = each.effect_co2e_g / _G_PER_T
        yield f"  {each.variance_ratio:6.1%}  {effect_t:+,.3f} t  {each.subject}"
    if estimate.HasField("simulated"):
        drawn = estimate.simulated
        lower, upper, mean = (
            grams / _G_PER_T
            for grams in (drawn.lower_co2e_g, drawn.upper_co2e_g, drawn.mean_co2e_g)
        )
        yield (
            f"Monte Carlo, {drawn.sample_count} samples, seed {drawn.seed_number}: "
            f"{lower:,.3f} to {upper:,.3f} t, mean {mean:,.3f} t"
        )
    for lack in estimate.lacks:
        yield f"! {lack.text_zh if language == 'zh' else lack.text}"


def of_pack(pack: evidence_pb2.EvidencePack, language: str) -> Iterator[str]:
    """Yield when the pack is due, then each item with what is filed."""
    day = pack.due_date
    due = f"{day.year:04}-{day.month:02}-{day.day:02}"
    rule = trusted(pack.due_date_source.status)
    late = ", overdue" if pack.overdue else ""
    yield f"{pack.name} ({pack.method_id}): due by {due} ({rule}){late}"
    if not pack.items_known:
        yield "! the list of items is not known: one stands for all documents"
    for item in pack.items:
        name = item.display_name_zh if language == "zh" else item.display_name
        filed = item.filings[0].document if item.filings else None
        told = f"{filed.title}, SHA-256 {filed.sha256}" if filed else "missing"
        yield f"{item.item_id} ({name}, {trusted(item.source.status)}): {told}"


def of_shares(checked: quality_service_pb2.CheckSharesResponse, language: str) -> Iterator[str]:
    """Yield what the parts add up to, then what is odd."""
    yield f"sum {checked.sum.value}, difference {checked.difference.value}"
    yield from _findings(checked.findings, language)


def _findings(findings: Iterable[data_quality_pb2.QualityFinding], language: str) -> Iterator[str]:
    for each in findings:
        kind = data_quality_pb2.QualityFindingKind.Name(each.kind)
        text = each.text_zh if language == "zh" else each.text
        yield f"! {kind.removeprefix('QUALITY_FINDING_KIND_')}: {text}"
