"""The statement of a park ⇄ its messages."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from services.accounting.domain.indicator.question import Answer
from services.accounting.domain.indicator.requirement import Comparison, Verdict
from services.accounting.domain.indicator.system import Conclusion, OpenPoint
from services.accounting.domain.park.electricity import Flow, Matching, Share
from services.accounting.domain.park.energy import Energy, Kind, Line
from services.accounting.domain.park.guiding import Judged
from services.accounting.domain.park.rule import (
    MWH,
    PERCENT,
    TCE,
    TCO2,
    TCO2_PER_TCE,
    PrintedFigure,
    requirement_of,
)
from services.accounting.domain.park.statement import (
    Core,
    Emissions,
    Finding,
    Question,
    Statement,
)
from services.accounting.wire.coal_equivalent import to_coefficient
from services.kernel.errors import within
from services.kernel.quantity import Quantity
from services.runtime import wire
from zonecarbon.accounting.v1 import park_pb2 as pb
from zonecarbon.accounting.v1 import park_service_pb2
from zonecarbon.type.v1 import quantity_pb2


def to_question(request: park_service_pb2.EvaluateParkRequest) -> Question:
    """Return what the park declares.

    Raises:
        QuantityInvalid, UnitUnknown, UnitAmbiguous: a quantity cannot be read; at its field.
    """
    emissions = request.emissions
    return Question(
        accounting_year=request.accounting_year,
        emissions=Emissions(
            quantity=_to_quantity(emissions.quantity, "emissions.quantity."),
            method_id=emissions.method_id,
            electricity_factor=_to_quantity(
                emissions.electricity_factor, "emissions.electricity_factor."
            )
            if emissions.HasField("electricity_factor")
            else None,
        ),
        energies=[_to_energy(each, f"energies[{at}].") for at, each in enumerate(request.energies)],
        flows=[
            (_to_flow(each.kind), _to_quantity(each.quantity, f"electricity_flows[{at}].quantity."))
            for at, each in enumerate(request.electricity_flows)
        ],
        answers=[
            _to_answer(each, f"guiding_answers[{at}].")
            for at, each in enumerate(request.guiding_answers)
        ],
    )


def from_statement(
    statement: Statement, request: park_service_pb2.EvaluateParkRequest
) -> pb.ParkStatement:
    """Return the statement, with what the request declared in its own digits and words."""
    rules = statement.rules
    return pb.ParkStatement(
        indicator_set_id=rules.system.system_id,
        indicator_set_version=rules.system.version,
        title=rules.system.title.en,
        title_zh=rules.system.title.zh,
        accounting_year=request.accounting_year,
        park=request.park,
        status=wire.from_status(statement.status),
        emissions=request.emissions,
        energy=pb.ParkEnergyTotal(
            quantity=wire.from_exact(statement.energy.tce, TCE),
            lines=_from_lines(statement.energy.lines, request.energies),
            source=wire.from_source(rules.energy_clause),
        ),
        core=_from_core(statement.core, statement.matching),
        direct_supply=_from_direct_supply(statement),
        guiding_indicators=[_from_judged(each) for each in statement.guiding],
        acceptance=_from_acceptance(statement),
        parameters=[_from_parameter(rules.fossil_power_factor)],
        open_points=[
            _from_open_point(each, statement.taken.get(each.open_point_id, ()))
            for each in rules.system.open_points
        ],
        findings=[_from_finding(each) for each in statement.findings],
    )


def _to_quantity(message: quantity_pb2.Quantity, path: str) -> Quantity:
    with within(path):
        return wire.to_quantity(message)


def _to_energy(message: pb.ParkEnergy, path: str) -> Energy:
    coefficient = None
    if message.coefficient.HasField("quantity"):
        with within(path):
            coefficient = to_coefficient(message.coefficient)
    kind = pb.ParkEnergyKind.Name(message.kind)
    return Energy(
        kind=Kind(kind.removeprefix("PARK_ENERGY_KIND_")),
        carrier=message.carrier,
        quantity=_to_quantity(message.quantity, f"{path}quantity."),
        coefficient=coefficient,
    )


def _to_flow(kind: pb.ParkElectricityKind.ValueType) -> Flow:
    return Flow(pb.ParkElectricityKind.Name(kind).removeprefix("PARK_ELECTRICITY_KIND_"))


def _to_answer(message: pb.ParkGuidingAnswer, path: str) -> Answer:
    value = (
        _to_quantity(message.value, f"{path}value.")
        if message.WhichOneof("answer") == "value"
        else None
    )
    return Answer(
        indicator_id=message.indicator_id, value=value, reason=message.not_applicable_reason
    )


def _from_lines(
    lines: Iterable[Line], energies: Iterable[pb.ParkEnergy]
) -> list[pb.ParkEnergyLine]:
    return [
        pb.ParkEnergyLine(
            energy=energy, coal_equivalent=wire.from_exact(line.coal_equivalent_tce, TCE)
        )
        for line, energy in zip(lines, energies, strict=True)
    ]


def _from_core(core: Core, matching: Matching | None) -> pb.ParkCoreIndicator:
    limit = core.size.requirement.limit if core.size.requirement else None
    shown = wire.shown(core.value)
    return pb.ParkCoreIndicator(
        value=quantity_pb2.Quantity(value=wire.from_decimal(shown), unit_code=TCO2_PER_TCE),
        value_exact=Fraction(shown) == core.value,
        size_class_id=core.size.case_id,
        size_class=core.size.name.en,
        size_class_zh=core.size.name.zh,
        limit=wire.from_quantity(limit) if limit else None,
        verdict=_from_verdict(core.verdict),
        limit_emissions=_from_optional(core.limit_tco2, TCO2),
        reduction=_from_optional(core.reduction_tco2, TCO2),
        matching=pb.ParkMatching(
            needed=wire.from_exact(matching.needed_mwh, MWH),
            available=wire.from_exact(matching.available_mwh, MWH),
            share_needed=_from_optional(matching.share_needed_percent, PERCENT),
            sufficient=matching.sufficient,
        )
        if matching
        else None,
        source=wire.from_source(core.size.clause),
    )


def _from_direct_supply(statement: Statement) -> pb.ParkDirectSupply | None:
    electricity, requirement = statement.electricity, statement.rules.direct_supply
    if electricity is None:
        return None
    return pb.ParkDirectSupply(
        intake=wire.from_exact(electricity.intake_mwh, MWH),
        on_site=wire.from_exact(electricity.on_site_mwh, MWH),
        exported=wire.from_exact(electricity.exported_mwh, MWH),
        shares=[_from_share(each) for each in statement.shares],
        requirement=wire.from_quantity(requirement.limit),
        source=wire.from_source(requirement.clause),
    )


def _from_share(share: Share) -> pb.ParkDirectShare:
    return pb.ParkDirectShare(
        reading_id=share.reading_id,
        reading=share.reading.en,
        reading_zh=share.reading.zh,
        direct=wire.from_exact(share.direct_mwh, MWH),
        whole=wire.from_exact(share.whole_mwh, MWH),
        share=_from_optional(share.percent, PERCENT),
        verdict=_from_verdict(share.verdict),
    )


def _from_judged(judged: Judged) -> pb.ParkGuidingIndicator:
    indicator = judged.indicator
    requirement = requirement_of(indicator)
    return pb.ParkGuidingIndicator(
        indicator_id=indicator.indicator_id,
        display_name=indicator.name.en,
        display_name_zh=indicator.name.zh,
        verdict=_from_verdict(judged.verdict),
        value=wire.from_quantity(judged.value) if judged.value else None,
        not_applicable_reason=judged.reason,
        requirement=wire.from_quantity(requirement.limit),
        at_most=requirement.comparison is Comparison.AT_MOST,
        source=wire.from_source(requirement.clause),
    )


def _from_acceptance(statement: Statement) -> pb.ParkAcceptance:
    consequence = statement.rules.system.consequences[statement.conclusion]
    verdicts = [each.verdict for each in statement.guiding]
    return pb.ParkAcceptance(
        state=_ACCEPTANCES[statement.conclusion],
        text=consequence.text.en,
        text_zh=consequence.text.zh,
        source=wire.from_source(consequence.clause),
        counted_indicator_ids=[
            each.indicator.indicator_id
            for each in statement.guiding
            if each.verdict is not Verdict.NOT_APPLICABLE_WITH_REASON
        ],
        met_count=verdicts.count(Verdict.MET),
        not_met_count=verdicts.count(Verdict.NOT_MET),
        missing_count=verdicts.count(Verdict.MISSING),
        not_applicable_count=verdicts.count(Verdict.NOT_APPLICABLE_WITH_REASON),
    )


_ACCEPTANCES = {
    Conclusion.VETOED: pb.PARK_ACCEPTANCE_STATE_CORE_NOT_MET,
    Conclusion.NO_THRESHOLD: pb.PARK_ACCEPTANCE_STATE_NO_THRESHOLD,
    Conclusion.OPEN: pb.PARK_ACCEPTANCE_STATE_GUIDING_OPEN,
    Conclusion.PASSED: pb.PARK_ACCEPTANCE_STATE_ALL_MET,
}


def _from_parameter(parameter: PrintedFigure) -> pb.ParkParameter:
    return pb.ParkParameter(
        parameter_id=parameter.parameter_id,
        version=parameter.version,
        display_name=parameter.name.en,
        display_name_zh=parameter.name.zh,
        quantity=wire.from_quantity(parameter.value),
        data_year=parameter.data_year,
        source=wire.from_source(parameter.clause),
    )


def _from_open_point(point: OpenPoint, taken: Iterable[Quantity]) -> pb.ParkOpenPoint:
    return pb.ParkOpenPoint(
        open_point_id=point.open_point_id,
        version=point.version,
        text=point.text.en,
        text_zh=point.text.zh,
        treatment=point.treatment.en,
        treatment_zh=point.treatment.zh,
        quantities=[wire.from_quantity(each) for each in taken],
        source=wire.from_source(point.clause),
    )


def _from_finding(finding: Finding) -> pb.ParkFinding:
    return pb.ParkFinding(
        kind=pb.ParkFindingKind.Value(f"PARK_FINDING_KIND_{finding.kind.value}"),
        field=finding.field,
        text=finding.text.en,
        text_zh=finding.text.zh,
    )


def _from_verdict(verdict: Verdict) -> pb.ParkVerdict.ValueType:
    return pb.ParkVerdict.Value(f"PARK_VERDICT_{verdict.value}")


def _from_optional(value: Fraction | None, unit: str) -> quantity_pb2.Quantity | None:
    return None if value is None else wire.from_exact(value, unit)
