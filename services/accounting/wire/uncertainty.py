"""The uncertainty of a total → its message."""

from __future__ import annotations

from services.accounting.domain.inventory import Inventory
from services.accounting.domain.quality.monte_carlo import Simulated
from services.accounting.domain.quality.uncertainty import (
    Contribution,
    Lack,
    Propagated,
    Question,
)
from zonecarbon.accounting.v1 import uncertainty_pb2 as pb


def from_estimate(
    inventory: Inventory,
    plan_version: int,
    asked: Question,
    propagated: Propagated | None,
    simulated: Simulated | None,
) -> pb.UncertaintyEstimate:
    """Return the answer."""
    return pb.UncertaintyEstimate(
        name=inventory.name,
        resource_version=inventory.version,
        plan_version=plan_version,
        gwp_set=asked.gwp_set,
        scope2_basis=asked.basis.value,
        total_co2e_g=asked.total_g,
        propagated=_from_propagated(propagated) if propagated else None,
        simulated=_from_simulated(simulated) if simulated else None,
        lacks=[_from_lack(lack) for lack in asked.lacks],
    )


def _from_propagated(propagated: Propagated) -> pb.PropagatedUncertainty:
    return pb.PropagatedUncertainty(
        half_width_co2e_g=propagated.half_width_g,
        half_width_ratio=propagated.half_width_ratio,
        contributions=[_from_contribution(each) for each in propagated.contributions],
    )


def _from_contribution(contribution: Contribution) -> pb.UncertaintyContribution:
    cause = contribution.cause
    return pb.UncertaintyContribution(
        kind=pb.UncertaintyCauseKind.Value(f"UNCERTAINTY_CAUSE_KIND_{cause.kind}"),
        subject=cause.name,
        source_ids=contribution.source_ids,
        effect_co2e_g=contribution.effect_g,
        variance_ratio=contribution.variance_ratio,
    )


def _from_simulated(simulated: Simulated) -> pb.SimulatedUncertainty:
    return pb.SimulatedUncertainty(
        mean_co2e_g=simulated.mean_g,
        deviation_co2e_g=simulated.deviation_g,
        lower_co2e_g=simulated.lower_g,
        upper_co2e_g=simulated.upper_g,
        sample_count=simulated.sample_count,
        seed_number=simulated.seed,
    )


def _from_lack(lack: Lack) -> pb.UncertaintyLack:
    return pb.UncertaintyLack(
        kind=pb.UncertaintyLackKind.Value(f"UNCERTAINTY_LACK_KIND_{lack.kind}"),
        subject=lack.subject,
        source_ids=lack.source_ids,
        lines=lack.lines,
        text=lack.text.en,
        text_zh=lack.text.zh,
    )
